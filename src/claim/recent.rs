//! What was read, as long as it is believed: for so long as agents take to report, so that nothing is worked
//! with that has been otherwise for longer.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;

use crate::model::Time;

/// How often agents report.
const CONTACT_INTERVAL: TimeDelta = TimeDelta::seconds(15);

/// Whether what was read then is still believed.
pub(super) fn is_recent(at: Option<Time>, now: Time) -> bool {
    at.is_some_and(|at| now.signed_duration_since(at) < CONTACT_INTERVAL)
}

/// What was read, with its time.
pub(super) struct Recent<K, V>(Mutex<BTreeMap<K, (Time, V)>>);

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Ord, V: Clone> Recent<K, V> {
    fn read(&self) -> MutexGuard<'_, BTreeMap<K, (Time, V)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn get(&self, key: &K, now: Time) -> Option<V> {
        let read = self.read();
        let (at, value) = read.get(key)?;
        is_recent(Some(*at), now).then(|| value.clone())
    }

    pub(super) fn add(&self, key: K, value: V, now: Time) {
        self.read().insert(key, (now, value));
    }

    pub(super) fn forget(&self, key: &K) {
        self.read().remove(key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_read_is_believed_for_a_while() {
        let at = |seconds| Time::UNIX_EPOCH + TimeDelta::seconds(seconds);
        let recent = Recent::default();
        recent.add("small", 1, at(0));
        assert_eq!(recent.get(&"small", at(14)), Some(1));
        assert_eq!(recent.get(&"small", at(15)), None);
        recent.add("small", 2, at(15));
        assert_eq!(recent.get(&"small", at(20)), Some(2));
        recent.forget(&"small");
        assert_eq!(recent.get(&"small", at(20)), None);
    }
}
