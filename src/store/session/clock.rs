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
use crate::store::StoreError;
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;

statements! {
    /// On PostgreSQL only.
    TIME: "asking the server for its time", sql "SELECT clock_timestamp()";
}

/// The clock of a session.
#[derive(Clone, Copy, Debug)]
pub(in crate::store) struct SessionClock {
    /// What the server's clock said, when, and how much later that is than this host's clock.
    server: Option<(Time, Instant, TimeDelta)>,
}

impl SessionClock {
    /// Asks the server.
    pub(in crate::store) async fn read(connection: &mut Connection) -> Result<Self, StoreError> {
        if let Connection::Sqlite(_) = connection {
            return Ok(Self { server: None });
        }
        let before = clock::now();
        let time: Option<Time> = connection.fetch_first(&TIME, &[]).await?;
        let between = before + clock::now().signed_duration_since(before) / 2;
        let server = time.map(|time| (time, Instant::now(), time.signed_duration_since(between)));
        Ok(Self { server })
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
