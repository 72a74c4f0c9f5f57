//! Metric families and their text form, from numbers that were worked out elsewhere.

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use super::pass::{FAILED, LastPass};
use super::pools::{Pool, Pools, PresetLabels};
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};

/// The name of the metric from which a later run takes over the time of the last success.
pub(super) const LAST_SUCCESS: &str = "prebuildctl_last_success_timestamp_seconds";

/// Everything that is known of the pools and of the last pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct View<'a> {
    /// The numbers of the pools.
    pub pools: Option<&'a Pools>,
    /// Whether reconciliation is paused.
    pub paused: Option<bool>,
    pub last: Option<&'a LastPass>,
    /// When a pass went well last, in seconds since 1970.
    pub last_success: Option<f64>,
}

/// The text of metric families; the empty ones are left out.
pub(super) fn encode(families: &[MetricFamily]) -> anyhow::Result<String> {
    let mut text = String::new();
    for family in families {
        if !family.get_metric().is_empty() {
            TextEncoder::new().encode_utf8(std::slice::from_ref(family), &mut text)?;
        }
    }
    Ok(text)
}

pub(super) fn families(view: &View<'_>) -> Vec<MetricFamily> {
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

pub(super) fn pool_families(pools: Option<&Pools>) -> Vec<MetricFamily> {
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
    type Number = fn(&Pool) -> Option<i64>;
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
pub(super) fn outcomes() -> impl Iterator<Item = &'static str> {
    let reported = PassOutcome::ALL.into_iter().map(PassOutcome::label);
    reported.chain([FAILED])
}

/// What a pass did, by action.
pub(super) fn work(report: &Report) -> impl Iterator<Item = (&'static str, usize)> {
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
pub(super) fn family(
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

pub(super) fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

/// Seconds since 1970.
pub(super) fn seconds(time: Time) -> f64 {
    time.timestamp_micros() as f64 / 1e6
}

impl PresetLabels {
    /// The labels in coderd's order.
    pub(super) fn pairs(&self) -> Vec<LabelPair> {
        vec![
            pair("template_name", &self.template),
            pair("preset_name", &self.preset),
            pair("organization_name", &self.organization),
        ]
    }
}
