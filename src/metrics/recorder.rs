//! What a loop has done since it began, and whether it is ready.
//!
//! Ready means that the pools are looked after: the last pass went well, and not long ago. A pass
//! that found the lock taken says nothing either way. Nobody waits here for more than a copy.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use prometheus::core::Collector as _;
use prometheus::proto::MetricType;
use prometheus::{Histogram, HistogramOpts};
use tokio::time::Instant;

use super::families::{View, encode, families, family, outcomes, pair, seconds, work};
use super::pass::LastPass;
use crate::metrics::pools::Pools;
use crate::metrics::timings::Timings;
use crate::model::Time;
use crate::model::report::PassOutcome;

/// After so many intervals without a pass that went well a loop is not ready.
const MISSED_INTERVALS: u32 = 3;

/// A loop with a short interval gets at least this long: a pass can take a while.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(60);

/// Keeps what a loop has done.
pub(crate) struct Recorder {
    /// After this time a pass that went well no longer counts.
    patience: Duration,
    durations: Histogram,
    timings: Timings,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pools: Option<Pools>,
    paused: Option<bool>,
    last: Option<(LastPass, Instant)>,
    /// When a pass went well last, by the calendar and by the stopwatch.
    last_success: Option<(Time, Instant)>,
    passes: BTreeMap<&'static str, u64>,
    workspaces: BTreeMap<&'static str, usize>,
    lost_races: i64,
}

impl Recorder {
    /// A recorder of passes at this interval.
    pub(crate) fn new(interval: Duration) -> Result<Self> {
        let durations = HistogramOpts::new(
            "coderd_prebuilds_reconciliation_duration_seconds",
            "How long passes took, whatever came of them.",
        );
        Ok(Self {
            patience: interval
                .saturating_mul(MISSED_INTERVALS)
                .max(SHORTEST_PATIENCE),
            durations: Histogram::with_opts(durations)?,
            timings: Timings::new()?,
            state: Mutex::default(),
        })
    }

    /// Takes note of a pass.
    pub(crate) fn record(&self, pass: LastPass) {
        self.durations.observe(pass.elapsed.as_secs_f64());
        let now = Instant::now();
        let mut state = self.state();
        *state.passes.entry(pass.outcome()).or_default() += 1;
        if let Some(report) = pass.report() {
            state.lost_races += report.lost_races;
            for (action, number) in work(report) {
                *state.workspaces.entry(action).or_default() += number;
            }
        }
        if pass.is_success() {
            state.last_success = Some((pass.ended_at, now));
        }
        state.paused = pass.paused().or(state.paused);
        state.last = Some((pass, now));
    }

    /// Replaces the numbers of the pools.
    pub(crate) fn set_pools(&self, pools: Pools) {
        let mut state = self.state();
        state.paused = Some(pools.paused);
        state.pools = Some(pools);
    }

    /// Where jobs are taken note of.
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }

    /// All metrics.
    pub(crate) fn render(&self) -> Result<String> {
        let state = self.state();
        let mut all = families(&View {
            pools: state.pools.as_ref(),
            paused: state.paused,
            last: state.last.as_ref().map(|last| &last.0),
            last_success: state.last_success.map(|(at, _)| seconds(at)),
        });
        let passes = |outcome| state.passes.get(outcome).copied().unwrap_or(0) as f64;
        let counter = |name: &str, help: &str, value: f64| {
            let row = std::iter::once((Vec::new(), value));
            family(name, help, MetricType::COUNTER, row)
        };
        all.extend([
            family(
                "prebuildctl_passes_total",
                "Passes by outcome.",
                MetricType::COUNTER,
                outcomes().map(|outcome| (vec![pair("outcome", outcome)], passes(outcome))),
            ),
            family(
                "prebuildctl_workspaces_total",
                "Workspaces that were created, deleted or whose job was cancelled.",
                MetricType::COUNTER,
                ["created", "deleted", "cancelled"]
                    .into_iter()
                    .map(|action| {
                        let number = state.workspaces.get(action).copied().unwrap_or(0);
                        (vec![pair("action", action)], number as f64)
                    }),
            ),
            counter(
                "prebuildctl_lost_races_total",
                "Steps that no longer applied when they were to be written.",
                state.lost_races as f64,
            ),
            counter(
                "prebuildctl_lock_contention_total",
                "Passes that found the lock taken.",
                passes(PassOutcome::Locked.label()),
            ),
            family(
                "prebuildctl_build_info",
                "1, labelled with the version of the program.",
                MetricType::GAUGE,
                std::iter::once((vec![pair("version", env!("CARGO_PKG_VERSION"))], 1.0)),
            ),
        ]);
        drop(state);
        all.extend(self.durations.collect());
        all.extend(self.timings.collect());
        encode(&all)
    }

    /// Whether the pools are looked after, in words: why, or why not.
    pub(crate) fn readiness(&self) -> Result<String, String> {
        let now = Instant::now();
        let state = self.state();
        let Some((last, last_at)) = &state.last else {
            return Err("no pass has ended yet".to_owned());
        };
        if let Err(error) = &last.result {
            return Err(format!(
                "the last pass, {} ago, failed: {error}",
                age(now, *last_at)
            ));
        }
        let locked = match last.outcome() == PassOutcome::Locked.label() {
            true => "; another process holds the lock",
            false => "",
        };
        let Some((_, success_at)) = state.last_success else {
            return Err(format!("no pass has gone well yet{locked}"));
        };
        let age_of_success = age(now, success_at);
        if now.duration_since(success_at) > self.patience {
            return Err(format!(
                "the last pass that went well was {age_of_success} ago{locked}"
            ));
        }
        let paused = match state.paused {
            Some(true) => "; reconciliation is paused",
            _ => "",
        };
        Ok(format!(
            "a pass went well {age_of_success} ago{paused}{locked}"
        ))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Whatever was written before a panic is as good as any other state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time since an instant, in whole seconds.
fn age(now: Instant, then: Instant) -> humantime::FormattedDuration {
    let seconds = now.duration_since(then).as_secs();
    humantime::format_duration(Duration::from_secs(seconds))
}
