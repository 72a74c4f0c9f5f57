//! Metric families and their text form, from numbers that were worked out elsewhere.

use prometheus::TextEncoder;
use prometheus::proto::{Counter, Gauge, LabelPair, Metric, MetricFamily, MetricType};

use super::demand::{Asked, AskedByName};
use super::pass::{FAILED, LastPass};
use super::pools::{Pool, Pools};
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};
use crate::store::{Creations, Totals};

/// The name of the metric from which a later run takes over the time of the last success.
pub(super) const LAST_SUCCESS: &str = "prebuildctl_last_success_timestamp_seconds";

/// How many workspaces a pass created, deleted, or cancelled the job of.
pub(super) fn work(report: &Report) -> [usize; 3] {
    [report.created, report.deleted, report.cancelled]
}

pub(super) fn outcomes() -> impl Iterator<Item = &'static str> {
    let reported = PassOutcome::ALL.into_iter().map(PassOutcome::label);
    reported.chain([FAILED])
}

/// Everything that is known of the pools and of the last pass.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct View<'a> {
    pub pools: Option<&'a Pools>,
    pub paused: Option<bool>,
    pub last: Option<&'a LastPass>,
    /// When a pass went well last, in seconds since 1970.
    pub last_success: Option<f64>,
}

/// Metric families in the order in which they are shown.
#[derive(Debug, Default)]
pub(super) struct Families(Vec<MetricFamily>);

impl Families {
    pub(super) fn new(view: &View<'_>) -> Self {
        let mut families = Self::default();
        families.add_pools(view.pools);
        let paused = view.paused.map(f64::from);
        families.gauge(
            "coderd_prebuilt_workspaces_reconciliation_paused",
            "Whether reconciliation is paused.",
            paused,
        );
        families.gauge(
            LAST_SUCCESS,
            "When a pass went well last, in seconds since 1970.",
            view.last_success,
        );
        if let Some(last) = view.last {
            families.add_pass(last);
        }
        families
    }

    /// The text form; empty families are left out.
    pub(super) fn encode(&self) -> anyhow::Result<String> {
        let mut text = String::new();
        for family in &self.0 {
            if !family.get_metric().is_empty() {
                TextEncoder::new().encode_utf8(std::slice::from_ref(family), &mut text)?;
            }
        }
        Ok(text)
    }

    /// Adds families of metrics that count by themselves.
    pub(super) fn extend(&mut self, families: Vec<MetricFamily>) {
        self.0.extend(families);
    }

    /// Adds a gauge without labels, empty where there is no value.
    fn gauge(&mut self, name: &str, help: &str, value: impl Into<Option<f64>>) {
        let sample = value.into().map(|value| (Vec::new(), value));
        self.add(MetricType::GAUGE, name, help, sample);
    }

    pub(super) fn counter(&mut self, name: &str, help: &str, value: f64) {
        self.add(MetricType::COUNTER, name, help, [(Vec::new(), value)]);
    }

    pub(super) fn add(
        &mut self,
        kind: MetricType,
        name: &str,
        help: &str,
        samples: impl IntoIterator<Item = (Vec<LabelPair>, f64)>,
    ) {
        let metric = |(labels, value): (Vec<LabelPair>, f64)| {
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
        };
        let mut family = MetricFamily::default();
        family.set_name(name.to_owned());
        family.set_help(help.to_owned());
        family.set_metric(samples.into_iter().map(metric).collect());
        family.set_field_type(kind);
        self.0.push(family);
    }

    pub(super) fn add_pools(&mut self, pools: Option<&Pools>) {
        let name = |name: &str| format!("coderd_prebuilt_workspaces_{name}");
        let read_at = pools.map_or(0.0, |pools| seconds(pools.read_at).trunc());
        self.gauge(
            &name("metrics_last_updated"),
            "When the numbers of the pools were read, in seconds since 1970; 0 before.",
            read_at,
        );
        let Some(pools) = pools else { return };
        let mut total = |suffix, help, number: fn(&Totals) -> i64| {
            let samples = pools.totals.iter().map(|it| {
                let labels = preset(&it.template, &it.preset, &it.organization);
                (labels, number(it) as f64)
            });
            self.add(MetricType::COUNTER, &name(suffix), help, samples);
        };
        total("created_total", "Prebuilt workspaces created.", |it| {
            it.created
        });
        total(
            "failed_total",
            "Prebuilt workspaces whose first build failed.",
            |it| it.failed,
        );
        total(
            "claimed_total",
            "Prebuilt workspaces that were claimed.",
            |it| it.claimed,
        );
        let replacements = pools.replacements.iter().map(|it| {
            let labels = preset(&it.template_name, &it.preset_name, &it.organization_name);
            (labels, it.count as f64)
        });
        self.add(
            MetricType::COUNTER,
            &name("resource_replacements_total"),
            "Claims whose build replaced resources, and so lost the benefit of the pool.",
            replacements,
        );
        let mut gauge = |suffix, help, number: fn(&Pool) -> Option<i64>| {
            let samples = pools.pools.iter().filter_map(|it| {
                let labels = preset(&it.template, &it.preset, &it.organization);
                Some((labels, number(it)? as f64))
            });
            self.add(MetricType::GAUGE, &name(suffix), help, samples);
        };
        gauge("desired", "Desired prebuilt workspaces now.", |it| {
            Some(it.desired)
        });
        gauge("running", "Prebuilt workspaces running.", |it| {
            Some(it.running)
        });
        gauge(
            "eligible",
            "Prebuilt workspaces that can be claimed.",
            |it| Some(it.eligible),
        );
        gauge(
            "preset_hard_limited",
            "Presets that are given up after too many failed builds.",
            |it| it.hard_limited.then_some(1),
        );
        gauge(
            "preset_validation_failed",
            "Presets that can't make a valid build.",
            |it| it.validation_failed.then_some(1),
        );
        self.add_recent_replacements(pools);
    }

    fn add_recent_replacements(&mut self, pools: &Pools) {
        let samples = pools.pools.iter().filter_map(|it| {
            let number = pools.recent_replacements.get(&it.preset_id)?;
            let labels = preset(&it.template, &it.preset, &it.organization);
            Some((labels, *number as f64))
        });
        self.add(
            MetricType::GAUGE,
            "prebuildctl_recent_resource_replacements",
            "Claims of the last week whose build replaced resources.",
            samples,
        );
    }

    pub(super) fn add_creations(&mut self, creations: &[Creations]) {
        let samples = creations.iter().map(|it| {
            let labels = preset(&it.template, &it.preset, &it.organization);
            (labels, it.workspaces as f64)
        });
        self.add(
            MetricType::COUNTER,
            "coderd_workspace_creation_total",
            "Workspaces created without a pool.",
            samples,
        );
    }

    pub(super) fn add_asked(&mut self, asked: &AskedByName) {
        let mut counter = |name, help, number: fn(&Asked) -> i64| {
            let samples = asked.iter().map(|([organization, template, name], asked)| {
                let labels = preset(template, name, organization);
                (labels, number(asked) as f64)
            });
            self.add(MetricType::COUNTER, name, help, samples);
        };
        counter(
            "prebuildctl_preset_claims_total",
            "Prebuilt workspaces that were claimed, since the loop began.",
            |it| it.claims,
        );
        counter(
            "prebuildctl_preset_misses_total",
            "Requests that found no prebuilt workspace to claim, since the loop began.",
            |it| it.misses,
        );
    }

    fn add_pass(&mut self, last: &LastPass) {
        let name = |name: &str| format!("prebuildctl_last_pass_{name}");
        self.gauge(
            &name("timestamp_seconds"),
            "When the last pass ended, in seconds since 1970.",
            seconds(last.ended_at),
        );
        self.gauge(
            &name("duration_seconds"),
            "How long the last pass took.",
            last.elapsed.as_secs_f64(),
        );
        let outcomes = outcomes().map(|outcome| {
            let is_it = f64::from(outcome == last.outcome());
            (label("outcome", outcome), is_it)
        });
        self.add(
            MetricType::GAUGE,
            &name("outcome"),
            "1 for the outcome of the last pass, 0 for the others.",
            outcomes,
        );
        let Some(report) = last.report() else { return };
        let work = by_action(work(report));
        self.add(
            MetricType::GAUGE,
            &name("workspaces"),
            "Workspaces that the last pass created, deleted or whose job it cancelled.",
            work,
        );
        self.gauge(
            &name("lost_races"),
            "Steps of the last pass that no longer applied.",
            report.lost_races as f64,
        );
        self.gauge(
            &name("deferred_creates"),
            "Creates that the last pass put off.",
            report.deferred as f64,
        );
        let failed = report.presets.iter().filter(|it| it.error.is_some());
        self.gauge(
            &name("failed_presets"),
            "Presets that the last pass could not reconcile.",
            failed.count() as f64,
        );
    }
}

/// Numbers of workspaces by what was done to them, in the order of [`work`].
pub(super) fn by_action(work: [usize; 3]) -> impl Iterator<Item = (Vec<LabelPair>, f64)> {
    let actions = ["created", "deleted", "cancelled"].into_iter().zip(work);
    actions.map(|(action, number)| (label("action", action), number as f64))
}

pub(super) fn label(name: &str, value: &str) -> Vec<LabelPair> {
    vec![pair(name, value)]
}

/// The labels of a preset, in coderd's order.
fn preset(template: &str, preset: &str, organization: &str) -> Vec<LabelPair> {
    vec![
        pair("template_name", template),
        pair("preset_name", preset),
        pair("organization_name", organization),
    ]
}

fn pair(name: &str, value: &str) -> LabelPair {
    let mut pair = LabelPair::default();
    pair.set_name(name.to_owned());
    pair.set_value(value.to_owned());
    pair
}

/// Seconds since 1970.
pub(super) fn seconds(time: Time) -> f64 {
    time.timestamp_micros() as f64 / 1e6
}
