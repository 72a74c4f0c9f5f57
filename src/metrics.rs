//! Metrics in the text form that Prometheus reads.
//!
//! The names that begin with `coderd_` are coderd's own, with its labels and meaning, so that
//! dashboards and alerts made for coderd work. Rendering is pure: what is shown was read before, and
//! a scrape never reaches a database.

mod demand;
mod families;
mod pass;
mod pools;
mod recorder;
mod server;
#[cfg(test)]
mod tests;
mod timings;
mod watch;

pub(crate) use pass::LastPass;
pub(crate) use pools::read_pools;
pub(crate) use recorder::Recorder;
pub(crate) use server::Server;
#[cfg(any(test, fuzzing))]
pub(crate) use server::answer_bytes;
pub(crate) use watch::{watch_creations, watch_demand, watch_jobs, watch_pools};

use families::{Families, LAST_SUCCESS, View, seconds};
use pools::Pools;

/// The text of one pass, for a collector that reads files. `before` is the text of the pass before,
/// which knows when one went well last.
pub(crate) fn render(
    pools: Option<&Pools>,
    last: &LastPass,
    before: &str,
) -> anyhow::Result<String> {
    let last_success = if last.is_success() {
        Some(seconds(last.ended_at))
    } else {
        value_of(before, LAST_SUCCESS)
    };
    Families::new(&View {
        pools,
        paused: last.paused().or(pools.map(|pools| pools.paused)),
        last: Some(last),
        last_success,
    })
    .encode()
}

/// The value of a metric without labels in a text.
fn value_of(text: &str, name: &str) -> Option<f64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}
