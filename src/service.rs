//! What services have in common: when the next run is due, changes, signals, and systemd.
//!
//! Knows nothing of pools; what runs is an argument.

mod backoff;
mod changes;
pub(crate) mod driver;
pub(crate) mod foreign;
pub(crate) mod hook;
pub(crate) mod limits;
pub(crate) mod signals;
pub(crate) mod systemd;

pub(crate) use backoff::{jitter, next_delay};
pub(crate) use changes::wake_at_changes;

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// Ticks at once and then at every period; ticks don't pile up while the program is busy.
pub(crate) fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
