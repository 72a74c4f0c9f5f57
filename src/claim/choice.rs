//! Which workspace each recipient gets: the oldest of the pool whose own values make a claim possible.
//!
//! Pools are read without locks, several workspaces ahead; those chosen are then taken, by conditions that
//! hold when their rows are locked. A workspace whose own values make a claim impossible is passed over
//! for the next one: it would keep every claim of its pool from all others.

use std::collections::{BTreeMap, VecDeque};

use uuid::Uuid;

use crate::builds::NewBuild;
use crate::claim::known::{Given, Known};
use crate::claim::recipient::Recipient;
use crate::model::Time;
use crate::store::{Candidate, ClaimSession, LastBuild, StoreError, Wanted};

/// How many workspaces of a pool are read for each that is wanted: reading goes through the pool from
/// its oldest one on, and on Coder's databases through the whole template.
const READ_AHEAD: usize = 16;

/// Takes a workspace for each recipient, and works its build out. Those without one are short or
/// refused.
pub(super) async fn choose<'a, 'r>(
    session: &mut ClaimSession,
    recipients: Vec<Recipient<'a, 'r>>,
    known: &Known,
    given: &mut Given<'_>,
    now: Time,
) -> Result<(Vec<Recipient<'a, 'r>>, Vec<NewBuild>), StoreError> {
    let mut candidates = Vec::new();
    let mut builds = Vec::new();
    let mut waiting = recipients;
    while !waiting.is_empty() {
        let mut free = take(session, &waiting, known, given, now).await?;
        let mut left = Vec::new();
        for mut recipient in waiting {
            let Some(of_pool) = free.get_mut(&recipient.pool.preset_id) else {
                recipient.pending.is_short = true;
                continue;
            };
            match recipient.choose(of_pool) {
                Ok(Some(build)) => {
                    builds.push(build);
                    candidates.push(recipient);
                }
                Ok(None) => left.push(recipient),
                Err(refusal) => recipient.pending.refuse(refusal),
            }
        }
        waiting = left;
    }
    Ok((candidates, builds))
}

/// Takes as many workspaces as there are recipients, the oldest of each pool first. A pool that has none
/// left is not among the keys.
async fn take(
    session: &mut ClaimSession,
    waiting: &[Recipient<'_, '_>],
    known: &Known,
    given: &mut Given<'_>,
    now: Time,
) -> Result<BTreeMap<Uuid, VecDeque<LastBuild>>, StoreError> {
    let mut wanted: BTreeMap<Uuid, Wanted> = BTreeMap::new();
    for recipient in waiting {
        let preset_id = recipient.pool.preset_id;
        let of_pool = wanted.entry(preset_id).or_insert(Wanted {
            preset_id,
            template_id: recipient.pool.template_id,
            count: 0,
        });
        of_pool.count += 1;
    }
    let mut free: BTreeMap<Uuid, VecDeque<LastBuild>> = BTreeMap::new();
    while !wanted.is_empty() {
        let mut candidates = Vec::new();
        let mut short = Vec::new();
        for it in wanted.values() {
            let missing = it.count - give(it, it.count, given, &mut candidates, now);
            if missing > 0 {
                short.push((*it, missing));
            }
        }
        find(session, &short, known, now).await?;
        for (it, missing) in short {
            if give(&it, missing, given, &mut candidates, now) < missing {
                wanted.remove(&it.preset_id);
            }
        }
        let taken = session.take(&candidates).await?;
        let mut taken: BTreeMap<Uuid, LastBuild> =
            taken.into_iter().map(|it| (it.workspace_id, it)).collect();
        for candidate in candidates {
            if let Some(last) = taken.remove(&candidate.workspace_id) {
                if let Some(of_pool) = wanted.get_mut(&candidate.preset_id) {
                    of_pool.count -= 1;
                }
                free.entry(candidate.preset_id).or_default().push_back(last);
            }
        }
        wanted.retain(|_, it| it.count > 0);
    }
    Ok(free)
}

/// Gives out the next workspaces of a pool. Returns how many there are.
fn give(
    pool: &Wanted,
    count: usize,
    given: &mut Given<'_>,
    candidates: &mut Vec<Candidate>,
    now: Time,
) -> usize {
    let ids = given.next(pool.preset_id, count, now);
    candidates.extend(ids.iter().map(|id| Candidate {
        preset_id: pool.preset_id,
        template_id: pool.template_id,
        workspace_id: *id,
    }));
    ids.len()
}

/// Reads which workspaces of pools can be claimed, so many of each as are missing and some more: those in
/// contact with their agents first, the others only where too few are.
async fn find(
    session: &mut ClaimSession,
    short: &[(Wanted, usize)],
    known: &Known,
    now: Time,
) -> Result<(), StoreError> {
    let mut left_out = known.left_out(short.iter().map(|(it, _)| it.preset_id));
    let mut found: BTreeMap<Uuid, Vec<Uuid>> = BTreeMap::new();
    for out_of_contact in [false, true] {
        let missing = |(it, missing): &&(Wanted, usize)| {
            let is_short = found.get(&it.preset_id).map_or(0, Vec::len) < *missing;
            is_short && (out_of_contact || !known.takes_any(it.preset_id, now))
        };
        let pools = short.iter().filter(missing).map(|(it, missing)| Wanted {
            count: missing * READ_AHEAD,
            ..*it
        });
        let pools: Vec<Wanted> = pools.collect();
        if pools.is_empty() {
            continue;
        }
        for (preset, workspace) in session.find(&pools, &left_out, out_of_contact, now).await? {
            left_out.push(workspace);
            found.entry(preset).or_default().push(workspace);
        }
        if !out_of_contact {
            for (it, missing) in short {
                if found.get(&it.preset_id).map_or(0, Vec::len) < *missing {
                    known.note_none_in_contact(it.preset_id, now);
                }
            }
        }
    }
    for (preset, workspaces) in found {
        known.add(preset, workspaces, now);
    }
    Ok(())
}
