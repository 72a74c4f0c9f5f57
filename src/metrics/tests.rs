//! Tests of the text and of the readiness that follow from passes and pools.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use uuid::Uuid;

use super::pools::Pool;
use super::*;
use crate::model::Time;
use crate::model::report::{PassOutcome, Report};
use crate::store::{ReplacementCount, Totals};

const MINUTE: Duration = Duration::from_secs(60);

fn time() -> Time {
    "2026-03-04T12:00:00.5Z".parse().unwrap()
}

fn pass(outcome: PassOutcome) -> LastPass {
    let result = Ok(Report::new(outcome, time(), Vec::new()));
    LastPass::new(&result, Duration::from_millis(20), time())
}

fn failed_pass() -> LastPass {
    let result = Err(anyhow::anyhow!("no route"));
    LastPass::new(&result, Duration::from_millis(20), time())
}

fn pools() -> Pools {
    Pools {
        read_at: time(),
        paused: false,
        pools: vec![Pool {
            preset_id: Uuid::nil(),
            template: "web".into(),
            preset: "with \"quotes\"".into(),
            organization: "acme".into(),
            desired: 3,
            running: 2,
            eligible: 1,
            hard_limited: true,
            validation_failed: false,
        }],
        totals: vec![Totals {
            organization: "acme".into(),
            template: "web".into(),
            preset: "small".into(),
            created: 9,
            failed: 2,
            claimed: 4,
        }],
        replacements: vec![ReplacementCount {
            organization_name: "acme".into(),
            template_name: "web".into(),
            preset_name: "small".into(),
            count: 1,
        }],
        recent_replacements: BTreeMap::new(),
    }
}

/// What is shown of pools.
fn text(pools: Option<&Pools>) -> String {
    let mut families = Families::default();
    families.add_pools(pools);
    families.encode().unwrap()
}

/// The lines without explanations.
fn samples(text: &str) -> Vec<&str> {
    text.lines().filter(|line| !line.starts_with('#')).collect()
}

#[test]
fn pools_are_shown_as_coder_shows_them() {
    let text = text(Some(&pools()));
    assert_eq!(
        samples(&text),
        [
            r#"coderd_prebuilt_workspaces_metrics_last_updated 1772625600"#,
            r#"coderd_prebuilt_workspaces_created_total{template_name="web",preset_name="small",organization_name="acme"} 9"#,
            r#"coderd_prebuilt_workspaces_failed_total{template_name="web",preset_name="small",organization_name="acme"} 2"#,
            r#"coderd_prebuilt_workspaces_claimed_total{template_name="web",preset_name="small",organization_name="acme"} 4"#,
            r#"coderd_prebuilt_workspaces_resource_replacements_total{template_name="web",preset_name="small",organization_name="acme"} 1"#,
            r#"coderd_prebuilt_workspaces_desired{template_name="web",preset_name="with \"quotes\"",organization_name="acme"} 3"#,
            r#"coderd_prebuilt_workspaces_running{template_name="web",preset_name="with \"quotes\"",organization_name="acme"} 2"#,
            r#"coderd_prebuilt_workspaces_eligible{template_name="web",preset_name="with \"quotes\"",organization_name="acme"} 1"#,
            r#"coderd_prebuilt_workspaces_preset_hard_limited{template_name="web",preset_name="with \"quotes\"",organization_name="acme"} 1"#,
        ]
    );
    assert!(text.contains("# TYPE coderd_prebuilt_workspaces_created_total counter\n"));
    assert!(text.contains("# TYPE coderd_prebuilt_workspaces_desired gauge\n"));
}

#[test]
fn without_numbers_of_pools_only_their_age_is_shown() {
    let text = text(None);
    assert_eq!(
        samples(&text),
        ["coderd_prebuilt_workspaces_metrics_last_updated 0"]
    );
}

#[test]
fn a_file_keeps_the_time_of_the_last_success() {
    let success = |text: &str| value_of(text, LAST_SUCCESS);
    let first = render(None, &failed_pass(), "").unwrap();
    assert_eq!(success(&first), None);
    let second = render(Some(&pools()), &pass(PassOutcome::NothingToDo), &first).unwrap();
    assert_eq!(success(&second), Some(1_772_625_600.5));
    let third = render(None, &failed_pass(), &second).unwrap();
    assert_eq!(success(&third), Some(1_772_625_600.5));
    assert!(third.contains("prebuildctl_last_pass_outcome{outcome=\"failed\"} 1\n"));
    assert!(!third.contains("no route"));
}

#[test]
fn no_family_is_shown_twice() {
    let recorder = Recorder::new(MINUTE).unwrap();
    recorder.record(pass(PassOutcome::Applied));
    recorder.set_pools(pools());
    let text = recorder.render().unwrap();
    let names: Vec<_> = text
        .lines()
        .filter(|line| line.starts_with("# TYPE"))
        .collect();
    let distinct: BTreeSet<_> = names.iter().collect();
    assert_eq!(names.len(), distinct.len(), "{text}");
}

#[test]
fn passes_are_counted_whatever_came_of_them() {
    let recorder = Recorder::new(MINUTE).unwrap();
    recorder.record(pass(PassOutcome::Locked));
    recorder.record(failed_pass());
    recorder.record(pass(PassOutcome::Paused));
    let text = recorder.render().unwrap();
    for line in [
        "coderd_prebuilds_reconciliation_duration_seconds_count 3",
        "coderd_prebuilds_reconciliation_duration_seconds_bucket{le=\"0.025\"} 3",
        "coderd_prebuilt_workspaces_reconciliation_paused 1",
        "prebuildctl_passes_total{outcome=\"failed\"} 1",
        "prebuildctl_passes_total{outcome=\"applied\"} 0",
        "prebuildctl_lock_contention_total 1",
        "prebuildctl_last_success_timestamp_seconds 1772625600.5",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} in:\n{text}");
    }
}

#[tokio::test(start_paused = true)]
async fn ready_means_that_pools_are_looked_after() {
    let recorder = Recorder::new(MINUTE).unwrap();
    let not = |why: &str| assert_eq!(recorder.readiness(), Err(why.to_owned()));
    let ready = |why: &str| assert_eq!(recorder.readiness(), Ok(why.to_owned()));
    not("no pass has ended yet");
    recorder.record(pass(PassOutcome::Locked));
    not("no pass has gone well yet; another process holds the lock");
    recorder.record(pass(PassOutcome::Applied));
    tokio::time::advance(MINUTE).await;
    ready("a pass went well 1m ago");
    recorder.record(pass(PassOutcome::Locked));
    ready("a pass went well 1m ago; another process holds the lock");
    tokio::time::advance(MINUTE * 3).await;
    not("the last pass that went well was 4m ago; another process holds the lock");
    recorder.record(failed_pass());
    not("the last pass, 0s ago, failed: no route");
    recorder.record(pass(PassOutcome::Paused));
    ready("a pass went well 0s ago; reconciliation is paused");
}
