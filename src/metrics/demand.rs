//! What people asked of pools since a loop began: claims, and requests that found nothing.
//!
//! Classified as in `demand`, one interval of time after the other, each of them once, when what was written in it
//! can be seen. Without a clock and without a database.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::demand::history::histories;
use crate::model::Time;
use crate::model::demand::DemandFacts;
use crate::model::text::count;

/// Rows become visible a while after the time in them. One that takes longer is not counted.
const SETTLED: TimeDelta = TimeDelta::seconds(15);

/// What was asked of a pool.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Asked {
    pub claims: i64,
    /// Requests that found no member.
    pub misses: i64,
}

/// What was asked of each pool by names of organization, template and preset.
pub(super) type AskedByName = BTreeMap<[String; 3], Asked>;

/// Counts what was asked.
#[derive(Debug)]
pub(super) struct Counter {
    /// Until then all is counted.
    until: Time,
    pub asked: AskedByName,
}

impl Counter {
    /// Nothing before `begin` counts.
    pub(super) fn new(begin: Time) -> Self {
        Self {
            until: begin,
            asked: BTreeMap::new(),
        }
    }

    /// Since when facts are needed.
    pub(super) fn since(&self) -> Time {
        self.until
    }

    /// Counts what is new in facts that were read at `now`. Pools in use that nobody has asked are there, with
    /// nothing: a counter that begins at its first event hides that from Prometheus.
    pub(super) fn add(&mut self, facts: &DemandFacts, now: Time) {
        let until = now.checked_sub_signed(SETTLED).unwrap_or(now);
        let until = until.max(self.until);
        for history in histories(facts, self.until, until) {
            let preset = history.preset;
            let names = [
                &preset.organization_name,
                &preset.template_name,
                &preset.name,
            ];
            let asked = self.asked.entry(names.map(Clone::clone)).or_default();
            asked.claims += count(history.claims.len());
            asked.misses += count(history.misses.len());
        }
        self.until = until;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{at, preset};
    use crate::model::JobStatus;
    use crate::model::demand::{PastMember, RecordedMiss, Request};

    /// What is counted of the only pool after looks at these times.
    fn counted(facts: &DemandFacts, looks: &[&str]) -> Vec<(i64, i64)> {
        let mut counter = Counter::new(at("2026-03-04T12:00:00Z"));
        let looks = looks.iter().map(|look| {
            counter.add(facts, at(look));
            let asked = counter.asked.values().copied().next().unwrap();
            (asked.claims, asked.misses)
        });
        looks.collect()
    }

    #[test]
    fn each_claim_and_miss_is_counted_once_and_only_since_the_beginning() {
        let preset = preset(1, 1);
        let member = |created_at: &str, left_at: &str| PastMember {
            preset_id: preset.id,
            created_at: at(created_at),
            job_status: JobStatus::Succeeded,
            completed_at: Some(at(created_at)),
            agents_ready_at: Some(at(created_at)),
            claimed: true,
            deleted: false,
            left_at: Some(at(left_at)),
        };
        let request = |created_at: &str| Request {
            preset_id: Some(preset.id),
            created_at: at(created_at),
            completed_at: None,
        };
        let miss = |asked_at: &str| RecordedMiss {
            preset_id: preset.id,
            asked_at: at(asked_at),
            created_at: at(asked_at),
        };
        let facts = DemandFacts {
            members: vec![
                member("2026-03-04T11:00:00Z", "2026-03-04T11:59:59Z"),
                member("2026-03-04T11:00:00Z", "2026-03-04T12:00:10Z"),
                member("2026-03-04T12:02:00Z", "2026-03-04T12:03:00Z"),
            ],
            requests: vec![
                // While there is a member, and while there is none.
                request("2026-03-04T12:00:05Z"),
                request("2026-03-04T12:00:11Z"),
            ],
            misses: vec![miss("2026-03-04T12:00:30Z")],
            presets: vec![preset.clone()],
            ..DemandFacts::default()
        };
        let looks = [
            "2026-03-04T12:00:00Z",
            "2026-03-04T12:00:25Z",
            "2026-03-04T12:00:26Z",
            "2026-03-04T12:00:27Z",
            "2026-03-04T12:01:00Z",
            "2026-03-04T12:00:30Z",
            "2026-03-04T13:00:00Z",
        ];
        let expected = [(0, 0), (0, 0), (1, 0), (1, 1), (1, 2), (1, 2), (2, 2)];
        assert_eq!(counted(&facts, &looks), expected);
    }
}
