//! What long-running programs have in common: when the next run is due, signals, and the service
//! manager.
//!
//! Knows nothing of pools; whatever runs is an argument.

pub(crate) mod backoff;
pub(crate) mod driver;
pub(crate) mod signals;
pub(crate) mod systemd;

use std::time::Duration;

use tokio::time::{Interval, MissedTickBehavior, interval};

/// Ticks at once and then at every period; ticks don't pile up while the program is busy.
pub(crate) fn ticks(period: Duration) -> Interval {
    let mut ticks = interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}
