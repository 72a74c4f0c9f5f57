//! How long a preset rests after failed builds.
//!
//! For passes, timetables and replays alike. As coderd: failures of a look-back add up, and the rest counts from the
//! last one.

use chrono::TimeDelta;

use crate::model::settings::Tuning;
use crate::model::text::count;
use crate::model::{Time, time};

/// A preset backs off when any of its newest builds, as many as its desired instances outside schedules, failed
/// within the look-back. All failures within the look-back count, but only those newest ones say when the
/// last one was. Builds are the newest first: when each was created, and whether it failed. Gives the number of failures
/// and the last one.
pub(crate) fn failures(
    builds: impl Iterator<Item = (Time, bool)> + Clone,
    newest: i64,
    now: Time,
    tuning: &Tuning,
) -> Option<(i64, Time)> {
    // A look-back that reaches beyond the calendar reaches everything.
    let since = now
        .checked_sub_signed(tuning.backoff_lookback)
        .unwrap_or(Time::MIN_UTC);
    let counts = |(created_at, failed): &(Time, bool)| *failed && *created_at >= since;
    let newest = builds.clone().take(usize::try_from(newest).unwrap_or(0));
    let last = newest.filter(counts).map(|(created_at, _)| created_at);
    let last = last.max()?;
    Some((count(builds.filter(counts).count()), last))
}

/// The last instant of the rest that failures earn; none when nothing failed.
pub(crate) fn end(num_failed: i64, last_build_at: Time, tuning: &Tuning) -> Option<Time> {
    if num_failed <= 0 {
        return None;
    }
    let interval = tuning.backoff_interval.max(TimeDelta::zero());
    let interval = interval.num_microseconds().unwrap_or(i64::MAX);
    let until = i128::from(last_build_at.timestamp_micros())
        + i128::from(num_failed) * i128::from(interval);
    Some(time::nearest(i64::try_from(until).unwrap_or(i64::MAX)))
}
