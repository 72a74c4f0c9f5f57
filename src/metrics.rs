//! Metrics in the text form that Prometheus reads.
//!
//! The names that begin with `coderd_` are coderd's own, with its labels and meaning, so that
//! dashboards and alerts made for coderd work. Rendering is pure: what is shown was read before, and
//! a scrape never reaches a database.
//!
//! | module | what it knows |
//! |---|---|
//! | [`pools`] | the numbers of all pools, read now and then |
//! | [`recorder`] | what a loop has done, and whether it is ready |
//! | [`server`] | answering over HTTP |
//! | [`timings`] | how long builds took and jobs waited since a loop began |

use std::time::Duration;

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use crate::error::explain;
use crate::metrics::pools::{Pools, PresetLabels};
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};

pub(crate) mod pools;
pub(crate) mod recorder;
pub(crate) mod server;
pub(crate) mod timings;

/// The name of the metric from which a later run takes over the time of the last success.
const LAST_SUCCESS: &str = "prebuildctl_last_success_timestamp_seconds";

/// The outcome of a pass that gave an error.
const FAILED: &str = "failed";

/// What came of a pass.
#[derive(Clone, Debug)]
pub(crate) struct LastPass {
    /// When it ended.
    pub ended_at: Time,
    /// How long it took.
    pub elapsed: Duration,
    /// The report, or the error in words.
    pub result: Result<Report, String>,
}

impl LastPass {
    /// Takes down how a pass went.
    pub(crate) fn new(result: &anyhow::Result<Report>, elapsed: Duration, ended_at: Time) -> Self {
        Self {
            ended_at,
            elapsed,
            result: match result {
                Ok(report) => Ok(report.clone()),
                Err(error) => Err(explain(error)),
            },
        }
    }

    /// Whether it looked after the pools, or was told not to. A pass that found the lock taken did
    /// neither.
    pub(crate) fn is_success(&self) -> bool {
        self.report()
            .is_some_and(|report| report.outcome != PassOutcome::Locked)
    }

    fn report(&self) -> Option<&Report> {
        self.result.as_ref().ok()
    }

    /// Name of the outcome.
    fn outcome(&self) -> &'static str {
        self.report()
            .map_or(FAILED, |report| report.outcome.label())
    }

    /// Whether reconciliation is paused, as far as the pass found out.
    fn paused(&self) -> Option<bool> {
        match self.report()?.outcome {
            PassOutcome::Locked => None,
            outcome => Some(outcome == PassOutcome::Paused),
        }
    }
}

/// Everything that is known of the pools and of the last pass.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct View<'a> {
    /// The numbers of the pools.
    pub pools: Option<&'a Pools>,
    /// Whether reconciliation is paused.
    pub paused: Option<bool>,
    pub last: Option<&'a LastPass>,
    /// When a pass went well last, in seconds since 1970.
    pub last_success: Option<f64>,
}

/// The text of one pass, for a collector that reads files. `before` is the text of the pass before,
/// which knows when one went well last.
pub(crate) fn render(
    pools: Option<&Pools>,
    last: &LastPass,
    before: &str,
) -> anyhow::Result<String> {
    let view = View {
        pools,
        paused: last.paused().or(pools.map(|pools| pools.paused)),
        last: Some(last),
        last_success: if last.is_success() {
            Some(seconds(last.ended_at))
        } else {
            value_of(before, LAST_SUCCESS)
        },
    };
    encode(&families(&view))
}

/// The text of metric families; the empty ones are left out.
fn encode(families: &[MetricFamily]) -> anyhow::Result<String> {
    let mut text = String::new();
    for family in families {
        if !family.get_metric().is_empty() {
            TextEncoder::new().encode_utf8(std::slice::from_ref(family), &mut text)?;
        }
    }
    Ok(text)
}

/// The value of a metric without labels in a text.
fn value_of(text: &str, name: &str) -> Option<f64> {
    let mut lines = text.lines();
    lines.find_map(|line| line.strip_prefix(name)?.trim().parse().ok())
}

fn families(view: &View<'_>) -> Vec<MetricFamily> {
    let mut families = pool_families(view.pools);
    families.push(gauge(
        "coderd_prebuilt_workspaces_reconciliation_paused",
        "Whether reconciliation is paused.",
        view.paused.map(f64::from),
    ));
    families.push(gauge(
        LAST_SUCCESS,
        "When a pass went well last, in seconds since 1970.",
        view.last_success,
    ));
    if let Some(last) = view.last {
        families.extend(pass_families(last));
    }
    families
}

fn pool_families(pools: Option<&Pools>) -> Vec<MetricFamily> {
    let name = |name: &str| format!("coderd_prebuilt_workspaces_{name}");
    let mut families = vec![gauge(
        &name("metrics_last_updated"),
        "When the numbers of the pools were read, in seconds since 1970; 0 before.",
        Some(pools.map_or(0.0, |pools| seconds(pools.read_at).trunc())),
    )];
    let Some(pools) = pools else {
        return families;
    };
    let totals = [
        (
            "created_total",
            "Prebuilt workspaces created.",
            pools.totals.iter().map(|totals| totals.created).collect(),
        ),
        (
            "failed_total",
            "Prebuilt workspaces whose first build failed.",
            pools.totals.iter().map(|totals| totals.failed).collect(),
        ),
        (
            "claimed_total",
            "Prebuilt workspaces that were claimed.",
            pools.totals.iter().map(|totals| totals.claimed).collect(),
        ),
    ];
    for (suffix, help, values) in totals {
        let values: Vec<i64> = values;
        let labels = pools.totals.iter().map(PresetLabels::from);
        let rows = labels.zip(values).map(|(of, n)| (of.pairs(), n as f64));
        families.push(family(&name(suffix), help, MetricType::COUNTER, rows));
    }
    let replacements = pools.replacements.iter();
    let rows = replacements.map(|of| (PresetLabels::from(of).pairs(), of.count as f64));
    let help = "Claims whose build replaced resources, and so lost the benefit of the pool.";
    let replaced = name("resource_replacements_total");
    families.push(family(&replaced, help, MetricType::COUNTER, rows));
    type Number = fn(&pools::Pool) -> Option<i64>;
    let numbers: [(&str, &str, Number); 5] = [
        ("desired", "Prebuilt workspaces wanted now.", |pool| {
            Some(pool.desired)
        }),
        ("running", "Prebuilt workspaces running.", |pool| {
            Some(pool.running)
        }),
        (
            "eligible",
            "Prebuilt workspaces that can be claimed.",
            |pool| Some(pool.eligible),
        ),
        (
            "preset_hard_limited",
            "Presets that are given up after too many failed builds.",
            |pool| pool.hard_limited.then_some(1),
        ),
        (
            "preset_validation_failed",
            "Presets that can't make a valid build.",
            |pool| pool.validation_failed.then_some(1),
        ),
    ];
    for (suffix, help, number) in numbers {
        let rows = pools
            .pools
            .iter()
            .filter_map(|pool| Some((pool.labels.pairs(), number(pool)? as f64)));
        families.push(family(&name(suffix), help, MetricType::GAUGE, rows));
    }
    families
}

fn pass_families(last: &LastPass) -> Vec<MetricFamily> {
    let ours = |name: &str, help: &str, value: f64| {
        gauge(&format!("prebuildctl_last_pass_{name}"), help, Some(value))
    };
    let outcomes = outcomes().map(|outcome| {
        let is_it = f64::from(outcome == last.outcome());
        (vec![pair("outcome", outcome)], is_it)
    });
    let mut families = vec![
        ours(
            "timestamp_seconds",
            "When the last pass ended, in seconds since 1970.",
            seconds(last.ended_at),
        ),
        ours(
            "duration_seconds",
            "How long the last pass took.",
            last.elapsed.as_secs_f64(),
        ),
        family(
            "prebuildctl_last_pass_outcome",
            "1 for the outcome of the last pass, 0 for the others.",
            MetricType::GAUGE,
            outcomes,
        ),
    ];
    let Some(report) = last.report() else {
        return families;
    };
    let failed = report.presets.iter().filter(|it| it.error.is_some());
    families.extend([
        family(
            "prebuildctl_last_pass_workspaces",
            "Workspaces that the last pass created, deleted or whose job it cancelled.",
            MetricType::GAUGE,
            work(report).map(|(action, number)| (vec![pair("action", action)], number as f64)),
        ),
        ours(
            "lost_races",
            "Steps of the last pass that no longer applied.",
            report.lost_races as f64,
        ),
        ours(
            "deferred_creates",
            "Creates that the last pass put off.",
            report.deferred as f64,
        ),
        ours(
            "failed_presets",
            "Presets that the last pass could not reconcile.",
            failed.count() as f64,
        ),
    ]);
    families
}

/// The names of all outcomes.
fn outcomes() -> impl Iterator<Item = &'static str> {
    let reported = PassOutcome::ALL.into_iter().map(PassOutcome::label);
    reported.chain([FAILED])
}

/// What a pass did, by action.
fn work(report: &Report) -> impl Iterator<Item = (&'static str, usize)> {
    [
        ("created", report.created),
        ("deleted", report.deleted),
        ("cancelled", report.cancelled),
    ]
    .into_iter()
}

/// A gauge without labels, empty where there is no value.
fn gauge(name: &str, help: &str, value: Option<f64>) -> MetricFamily {
    let rows = value.into_iter().map(|value| (Vec::new(), value));
    family(name, help, MetricType::GAUGE, rows)
}

/// A family of counters or gauges with values that were worked out elsewhere.
fn family(
    name: &str,
    help: &str,
    kind: MetricType,
    rows: impl Iterator<Item = (Vec<LabelPair>, f64)>,
) -> MetricFamily {
    let metrics = rows.map(|(labels, value)| {
        let mut metric = Metric::from_label(labels);
        if kind == MetricType::COUNTER {
            let mut counter = Counter::default();
            counter.set_value(value);
            metric.set_counter(counter);
        } else {
            let mut gauge = Gauge::default();
            gauge.set_value(value);
            metric.set_gauge(gauge);
        }
        metric
    });
    let mut family = MetricFamily::default();
    family.set_name(name.to_owned());
    family.set_help(help.to_owned());
    family.set_metric(metrics.collect());
    family.set_field_type(kind);
    family
}

fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

/// Seconds since 1970.
fn seconds(time: Time) -> f64 {
    time.timestamp_micros() as f64 / 1e6
}

#[cfg(test)]
mod tests;
