//! The time that a session goes by.
//!
//! A server's database is shared by hosts whose clocks differ: what is written there, and what is worked
//! out from what is written there, goes by the server's clock. It is asked as each transaction begins, and counted
//! on from there. An embedded database belongs to one host, whose clock holds.

use chrono::TimeDelta;
use tokio::time::Instant;

use crate::clock;
use crate::model::Time;

/// The clock of a session.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::store) struct SessionClock {
    /// What the server's clock said, when, and how much later that is than this host's clock; none for
    /// an embedded database.
    server: Option<(Time, Instant, TimeDelta)>,
}

/// How far what the server says may be from what was counted on. What takes longer on its way is no time that
/// jumps back.
const DRIFT: TimeDelta = TimeDelta::seconds(1);

impl SessionClock {
    /// Takes in the time that the server, asked at `asked_at` by this host's clock, has just answered.
    ///
    /// A session that claims or works for days outlives suspended hosts, which count no time, and server clocks
    /// that are set.
    pub(super) fn answered(&mut self, time: Option<Time>, asked_at: Time) {
        let Some(time) = time else { return };
        let is_known = self.server.is_some();
        if is_known && time.signed_duration_since(self.now()).abs() < DRIFT {
            return;
        }
        let between = asked_at + clock::now().signed_duration_since(asked_at) / 2;
        self.server = Some((time, Instant::now(), time.signed_duration_since(between)));
    }

    /// The present instant, cut to the microsecond.
    pub(in crate::store) fn now(&self) -> Time {
        let Some((time, at, _)) = self.server else {
            return clock::now();
        };
        let passed = i64::try_from(at.elapsed().as_micros()).unwrap_or(i64::MAX);
        time.checked_add_signed(TimeDelta::microseconds(passed))
            .unwrap_or(time)
    }

    /// How far the server's clock is ahead of this host's; none for an embedded database.
    pub(in crate::store) fn difference(&self) -> Option<TimeDelta> {
        self.server.map(|(_, _, difference)| difference)
    }
}
