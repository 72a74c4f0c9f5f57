//! The only reader of the clock.
//!
//! Everything else takes the time as an argument, so that plans can be calculated for any instant
//! and tests don't depend on when they run.

use crate::model::Time;

/// The present instant in UTC, cut to the microsecond, as databases store it.
#[expect(
    clippy::disallowed_methods,
    reason = "this is the one place that reads the clock"
)]
pub(crate) fn now() -> Time {
    let now = chrono::Utc::now();
    // Microseconds of the present always fit; keeping the finer instant would be harmless.
    Time::from_timestamp_micros(now.timestamp_micros()).unwrap_or(now)
}
