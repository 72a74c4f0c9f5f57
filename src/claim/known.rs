//! What is known of the workspaces of pools from one set of claims to the next, for sessions that work
//! side by side.
//!
//! Only says what to ask for: taking a workspace asks for all conditions again. None is given out to
//! two sets at once; and the oldest comes first, since a pool is read again as soon as one that was
//! given out was not claimed, and after a while in any case.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use uuid::Uuid;

use crate::claim::recent::is_recent;
use crate::model::Time;

/// What is known of pools, by preset.
#[derive(Default)]
pub(super) struct Known(Mutex<BTreeMap<Uuid, Workspaces>>);

/// What is known of the workspaces of a pool.
#[derive(Default)]
struct Workspaces {
    /// Those that can be claimed, in the order in which they are to be.
    claimable: VecDeque<Uuid>,
    /// When that was read.
    read_at: Option<Time>,
    /// When it turned out that no more are in contact with their agents.
    none_in_contact_at: Option<Time>,
    /// Those that are given out to sets of claims.
    given: BTreeSet<Uuid>,
}

impl Known {
    fn pools(&self) -> MutexGuard<'_, BTreeMap<Uuid, Workspaces>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether workspaces of a pool whose agents are out of contact are to be taken as well.
    pub(super) fn takes_any(&self, preset: Uuid, now: Time) -> bool {
        let pools = self.pools();
        let at = pools.get(&preset).and_then(|it| it.none_in_contact_at);
        is_recent(at, now)
    }

    /// Notes that no more workspaces of a pool are in contact with their agents.
    pub(super) fn note_none_in_contact(&self, preset: Uuid, now: Time) {
        let mut pools = self.pools();
        pools.entry(preset).or_default().none_in_contact_at = Some(now);
    }

    /// Notes the workspaces of a pool that can be claimed, unless another session has read them
    /// meanwhile.
    pub(super) fn add(&self, preset: Uuid, claimable: Vec<Uuid>, now: Time) {
        let mut pools = self.pools();
        let of_pool = pools.entry(preset).or_default();
        if of_pool.claimable.is_empty() {
            let free = claimable
                .into_iter()
                .filter(|id| !of_pool.given.contains(id));
            of_pool.claimable = free.collect();
            of_pool.read_at = Some(now);
        }
    }

    /// Workspaces of pools that are not to be read, because they are given out already.
    pub(super) fn left_out(&self, presets: impl Iterator<Item = Uuid>) -> Vec<Uuid> {
        let pools = self.pools();
        let known = presets.filter_map(|preset| pools.get(&preset));
        known.flat_map(|it| &it.given).copied().collect()
    }

    /// Forgets which workspaces of a pool can be claimed.
    pub(super) fn forget(&self, preset: Uuid) {
        if let Some(of_pool) = self.pools().get_mut(&preset) {
            let given = std::mem::take(&mut of_pool.given);
            *of_pool = Workspaces {
                given,
                ..Workspaces::default()
            };
        }
    }
}

/// The workspaces that are given out to a set of claims, until it ends, however it does.
pub(super) struct Given<'k> {
    known: &'k Known,
    /// Those of each pool, and whether they were claimed.
    workspaces: BTreeMap<Uuid, BTreeMap<Uuid, bool>>,
}

impl<'k> Given<'k> {
    pub(super) fn new(known: &'k Known) -> Self {
        Self {
            known,
            workspaces: BTreeMap::new(),
        }
    }

    /// Gives out the next workspaces of a pool, as many as are known.
    pub(super) fn next(&mut self, preset: Uuid, count: usize, now: Time) -> Vec<Uuid> {
        let mut pools = self.known.pools();
        let of_pool = pools.entry(preset).or_default();
        if !is_recent(of_pool.read_at, now) {
            of_pool.claimable.clear();
        }
        let count = count.min(of_pool.claimable.len());
        let ids: Vec<Uuid> = of_pool.claimable.drain(..count).collect();
        of_pool.given.extend(&ids);
        let given = self.workspaces.entry(preset).or_default();
        given.extend(ids.iter().map(|id| (*id, false)));
        ids
    }

    /// Notes that a workspace was claimed.
    pub(super) fn note_claimed(&mut self, preset: Uuid, workspace: Uuid) {
        let of_pool = self.workspaces.entry(preset).or_default();
        of_pool.insert(workspace, true);
    }
}

impl Drop for Given<'_> {
    fn drop(&mut self) {
        let mut pools = self.known.pools();
        for (preset, given) in &self.workspaces {
            let of_pool = pools.entry(*preset).or_default();
            of_pool.given.retain(|id| !given.contains_key(id));
            if given.values().any(|is_claimed| !is_claimed) {
                of_pool.claimable.clear();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;

    const PRESET: Uuid = Uuid::nil();

    fn at(seconds: i64) -> Time {
        Time::UNIX_EPOCH + TimeDelta::seconds(seconds)
    }

    fn ids() -> [Uuid; 4] {
        [1, 2, 3, 4].map(Uuid::from_u128)
    }

    #[test]
    fn no_workspace_is_given_out_to_two_sets() {
        let [a, b, c, d] = ids();
        let known = Known::default();
        let (mut one, mut other) = (Given::new(&known), Given::new(&known));
        known.add(PRESET, vec![a, b], at(0));
        assert_eq!(one.next(PRESET, 1, at(0)), [a]);
        assert_eq!(other.next(PRESET, 2, at(1)), [b]);
        assert_eq!(known.left_out([PRESET].into_iter()), [a, b]);
        // What was read before they were given out.
        known.add(PRESET, vec![a, b, c, d], at(1));
        known.add(PRESET, vec![a, b], at(1));
        assert_eq!(one.next(PRESET, 9, at(2)), [c, d]);
    }

    #[test]
    fn a_pool_is_read_again_when_one_of_its_workspaces_was_not_claimed_and_after_a_while() {
        let [a, b, c, d] = ids();
        let known = Known::default();
        known.add(PRESET, vec![a, b, c, d], at(0));
        let mut given = Given::new(&known);
        assert_eq!(given.next(PRESET, 2, at(0)), [a, b]);
        given.note_claimed(PRESET, a);
        given.note_claimed(PRESET, b);
        drop(given);
        let mut given = Given::new(&known);
        assert_eq!(given.next(PRESET, 1, at(14)), [c]);
        drop(given);
        assert!(known.left_out([PRESET].into_iter()).is_empty());
        assert!(Given::new(&known).next(PRESET, 1, at(14)).is_empty());
        known.add(PRESET, vec![c, d], at(14));
        assert!(Given::new(&known).next(PRESET, 1, at(29)).is_empty());
    }
}
