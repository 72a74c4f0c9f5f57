//! What a loop has done since it began, and whether it is ready.
//!
//! Ready means that the pools are looked after: the last pass went well, and not long ago. A pass
//! that found the lock taken says nothing either way. No caller waits for more than a copy.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use anyhow::Result;
use prometheus::core::Collector as _;
use prometheus::proto::MetricType;
use prometheus::{Histogram, HistogramOpts};
use tokio::time::Instant;

use super::demand::AskedByName;
use super::families::{Families, View, by_action, label, outcomes, seconds, work};
use super::pass::LastPass;
use crate::metrics::pools::Pools;
use crate::metrics::timings::Timings;
use crate::model::Time;
use crate::model::report::PassOutcome;
use crate::store::Creations;

/// A loop is not ready after this many intervals without a pass that went well.
const MISSED_INTERVALS: u32 = 3;

/// Minimum for loops with a short interval: a pass can take a while.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Recorder {
    /// How long a pass that went well counts.
    patience: Duration,
    durations: Histogram,
    timings: Timings,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    pools: Option<Pools>,
    creations: Vec<Creations>,
    asked: AskedByName,
    paused: Option<bool>,
    last: Option<(LastPass, Instant)>,
    /// When a pass went well last, by the calendar and by the monotonic clock.
    last_success: Option<(Time, Instant)>,
    passes: BTreeMap<&'static str, u64>,
    /// Workspaces created and deleted, and whose job was cancelled.
    work: [usize; 3],
    lost_races: i64,
}

impl Recorder {
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

    pub(crate) fn record(&self, pass: LastPass) {
        self.durations.observe(pass.elapsed.as_secs_f64());
        let now = Instant::now();
        let mut state = self.state();
        *state.passes.entry(pass.outcome()).or_default() += 1;
        if let Some(report) = pass.report() {
            state.lost_races += report.lost_races;
            for (total, number) in state.work.iter_mut().zip(work(report)) {
                *total += number;
            }
        }
        if pass.is_success() {
            state.last_success = Some((pass.ended_at, now));
        }
        state.paused = pass.paused().or(state.paused);
        state.last = Some((pass, now));
    }

    pub(crate) fn set_pools(&self, pools: Pools) {
        let mut state = self.state();
        state.paused = Some(pools.paused);
        state.pools = Some(pools);
    }

    pub(super) fn set_creations(&self, creations: Vec<Creations>) {
        self.state().creations = creations;
    }

    pub(super) fn set_asked(&self, asked: AskedByName) {
        self.state().asked = asked;
    }

    /// Where jobs are counted.
    pub(crate) fn timings(&self) -> &Timings {
        &self.timings
    }

    pub(crate) fn render(&self) -> Result<String> {
        let state = self.state();
        let mut families = Families::new(&View {
            pools: state.pools.as_ref(),
            paused: state.paused,
            last: state.last.as_ref().map(|last| &last.0),
            last_success: state.last_success.map(|(at, _)| seconds(at)),
        });
        families.add_creations(&state.creations);
        families.add_asked(&state.asked);
        let passes = |outcome| state.passes.get(outcome).copied().unwrap_or(0) as f64;
        let outcomes = outcomes().map(|outcome| (label("outcome", outcome), passes(outcome)));
        families.add(
            MetricType::COUNTER,
            "prebuildctl_passes_total",
            "Passes by outcome.",
            outcomes,
        );
        families.add(
            MetricType::COUNTER,
            "prebuildctl_workspaces_total",
            "Workspaces that were created, deleted or whose job was cancelled.",
            by_action(state.work),
        );
        families.counter(
            "prebuildctl_lost_races_total",
            "Steps that no longer applied when they were to be written.",
            state.lost_races as f64,
        );
        families.counter(
            "prebuildctl_lock_contention_total",
            "Passes that found the lock taken.",
            passes(PassOutcome::Locked.label()),
        );
        let version = label("version", env!("CARGO_PKG_VERSION"));
        families.add(
            MetricType::GAUGE,
            "prebuildctl_build_info",
            "1, labelled with the version of the program.",
            [(version, 1.0)],
        );
        drop(state);
        families.extend(self.durations.collect());
        families.extend(self.timings.collect());
        families.encode()
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
        // What was written before a panic is as good as any other state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The time since an instant, in whole seconds.
fn age(now: Instant, then: Instant) -> humantime::FormattedDuration {
    let seconds = now.duration_since(then).as_secs();
    humantime::format_duration(Duration::from_secs(seconds))
}
