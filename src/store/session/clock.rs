//! The time that a session goes by.
//!
//! A server's database is shared by hosts whose clocks differ: what is written there, and what is worked
//! out from what is written there, goes by the server's clock. It is asked once, when the session opens,
//! and counted on from there, so that a clock that is set meanwhile moves nothing. An embedded database
//! belongs to one host, whose clock holds.

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

/// A question for the time that is on its way to the server.
pub(super) struct Asking {
    since: Time,
}

impl Asking {
    /// What the server answered has just come.
    pub(super) fn answered(self, time: Option<Time>) -> SessionClock {
        let between = self.since + clock::now().signed_duration_since(self.since) / 2;
        SessionClock {
            server: time.map(|time| (time, Instant::now(), time.signed_duration_since(between))),
        }
    }
}

impl SessionClock {
    /// Notes that the server is asked now.
    pub(super) fn ask() -> Asking {
        Asking {
            since: clock::now(),
        }
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
