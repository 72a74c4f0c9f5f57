//! What a loop serves about the time that builds take and jobs wait, against the rows it saw. On
//! Coder's database that is coderd's part.

use std::collections::BTreeMap;

use crate::support::copy::copy;
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{PREBUILDS_USER, random};
use crate::support::service::{address, get, sample, start_loop, stop};
use crate::support::{both, coder_releases, postgres, sqlite, wait_until};

pub const CLAIM: &str = "coderd_prebuilt_workspace_claim_duration_seconds";
const CREATION: &str = "coderd_workspace_creation_duration_seconds";
pub const QUEUE_WAIT: &str = "coderd_provisioner_job_queue_wait_seconds";
const ENQUEUED: &str = "coderd_workspace_builds_enqueued_total";

/// A pool of two and a person.
const POOL: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "web"
    [[templates.presets]]
    name = "small"
    instances = 2
"#;

/// Numbers of samples, sums of seconds and counts by the name of the series.
type Series = BTreeMap<String, f64>;

/// Moves everything twelve years on, after whatever looks at it has begun, and gives every job times
/// and a purpose that follow from its id. Twelve, so that leap days stay valid.
const MOVE_ON: &str = "
    UPDATE provisioner_jobs SET
        created_at = created_at + interval '12 years',
        started_at = CASE WHEN started_at IS NOT NULL THEN
            created_at + interval '12 years'
                + get_byte(uuid_send(id), 0) % 50 * interval '1 second' END,
        completed_at = CASE WHEN completed_at IS NOT NULL THEN
            created_at + interval '12 years 1 minute'
                + get_byte(uuid_send(id), 1) * interval '1 second' END,
        input = CASE get_byte(uuid_send(id), 2) % 4
            WHEN 0 THEN input || '{\"prebuilt_workspace_stage\": 1}'
            WHEN 1 THEN input || '{\"prebuilt_workspace_stage\": 2}'
            WHEN 2 THEN input || '{\"prebuilt_workspace_stage\": \"odd\"}'
            ELSE input END;
    UPDATE workspace_builds SET reason = 'autostart' WHERE get_byte(uuid_send(id), 0) % 2 = 0";

/// How many things were observed.
fn total(series: &Series) -> f64 {
    let counts = series.iter().filter(|(name, _)| !name.contains("_sum{"));
    counts.map(|(_, count)| count).sum()
}

/// What the jobs in the database come to.
fn expected(database: &Database) -> Series {
    let rows = database.rows(&format!(
        "SELECT jobs.provisioner, jobs.type, CAST(jobs.initiator_id = '{PREBUILDS_USER}' AS integer),
                CAST(jobs.worker_id IS NOT NULL AS integer), jobs.job_status,
                extract(epoch FROM jobs.started_at - jobs.created_at),
                extract(epoch FROM jobs.completed_at - jobs.started_at),
                jobs.input ->> 'prebuilt_workspace_stage', builds.transition, builds.reason,
                builds.build_number, organizations.name, templates.name, presets.name
         FROM provisioner_jobs AS jobs
         LEFT JOIN workspace_builds AS builds ON builds.job_id = jobs.id
         LEFT JOIN workspaces ON workspaces.id = builds.workspace_id
         LEFT JOIN templates ON templates.id = workspaces.template_id
         LEFT JOIN organizations ON organizations.id = workspaces.organization_id
         LEFT JOIN template_version_presets AS presets
            ON presets.id = builds.template_version_preset_id
         WHERE jobs.completed_at IS NOT NULL
            OR jobs.job_status IN ('pending', 'running', 'canceling')"
    ));
    let mut series = Series::new();
    for row in rows {
        let text = |column: usize| row[column].as_deref().unwrap_or("");
        let seconds = |column: usize| row[column].as_ref().map(|it| it.parse::<f64>().unwrap());
        let is_true = |column: usize| text(column) == "1";
        let (provisioner, transition, stage) = (text(0), text(8), text(7));
        let is_build = !transition.is_empty();
        let mut observe = |name: &str, labels: &str, seconds: f64| {
            *series.entry(format!("{name}_count{labels}")).or_default() += 1.0;
            *series.entry(format!("{name}_sum{labels}")).or_default() += seconds;
        };
        if let (Some(wait), true) = (seconds(5), is_true(3)) {
            let reason = if is_true(2) { "prebuild" } else { text(9) };
            let labels = format!(
                "{{build_reason=\"{reason}\",job_type=\"{}\",provisioner_type=\"{provisioner}\",\
                 transition=\"{transition}\"}}",
                text(1)
            );
            observe(QUEUE_WAIT, &labels, wait.max(0.001));
        }
        if let (Some(duration), "succeeded", "start") = (seconds(6), text(4), transition) {
            let labels = format!(
                "organization_name=\"{}\",preset_name=\"{}\",template_name=\"{}\"",
                escaped(text(11)),
                escaped(text(13)),
                escaped(text(12))
            );
            match (stage, text(10)) {
                ("1", _) => observe(
                    CREATION,
                    &format!("{{{labels},type=\"prebuild\"}}"),
                    duration,
                ),
                ("2", _) => observe(CLAIM, &format!("{{{labels}}}"), duration),
                (_, "1") => observe(
                    CREATION,
                    &format!("{{{labels},type=\"regular\"}}"),
                    duration,
                ),
                _ => {}
            }
        }
        if is_build {
            let reason = if stage == "1" { "prebuild" } else { text(9) };
            let labels = format!(
                "{{build_reason=\"{reason}\",provisioner_type=\"{provisioner}\",\
                 status=\"success\",transition=\"{transition}\"}}"
            );
            *series.entry(format!("{ENQUEUED}{labels}")).or_default() += 1.0;
        }
    }
    series
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

/// What is served of it.
fn served(text: &str) -> Series {
    let of_jobs = |line: &&str| {
        [CLAIM, CREATION, QUEUE_WAIT, ENQUEUED]
            .iter()
            .any(|name| line.starts_with(name))
            && !line.contains("_bucket{")
    };
    text.lines()
        .filter(of_jobs)
        .map(|line| {
            let (series, value) = line.rsplit_once(' ').unwrap();
            (series.to_owned(), value.parse().unwrap())
        })
        .collect()
}

#[test]
fn every_job_counts_once_as_what_it_is_for() {
    let Some(ours) = postgres() else { return };
    random::fill(&ours, 61, 200);
    ours.execute(MOVE_ON);
    let expected = expected(&ours);
    for name in [CLAIM, CREATION, QUEUE_WAIT, ENQUEUED] {
        let series = expected.keys().filter(|series| series.starts_with(name));
        assert!(series.count() > 2, "{name}");
    }
    let lite = sqlite();
    copy(&ours, &lite);
    for database in [ours, lite] {
        prebuildctl(["pause"]).on(&database).run().ok();
        let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        let mut found = Series::new();
        // A scrape can come while jobs are being counted.
        wait_until("the jobs were looked at", || {
            found = served(&get(&address, "/metrics").1);
            total(&found) >= total(&expected)
        });
        let is_as_expected = |(name, value): &(&String, &f64)| {
            let found = found.get(*name);
            found.is_some_and(|found| (found - *value).abs() < 1e-6)
        };
        let missed = expected.iter().find(|series| !is_as_expected(series));
        assert_eq!(missed, None, "{}", database.url);
        assert_eq!(found.len(), expected.len(), "{}", database.url);
        let output = stop(running);
        assert!(!output.stderr.contains("stay as they were"), "{output:?}");
    }
}

#[test]
fn on_the_database_of_coder_jobs_are_left_to_coderd() {
    for (_, database) in coder_releases() {
        random::fill(&database, 61, 200);
        database.execute(MOVE_ON);
        prebuildctl(["pause"]).on(&database).run().ok();
        let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        let mut text = String::new();
        wait_until("the pools were read", || {
            text = get(&address, "/metrics").1;
            sample(&text, "coderd_prebuilt_workspaces_metrics_last_updated") > Some(0.0)
        });
        assert_eq!(served(&text), Series::new());
        let output = stop(running);
        assert!(!output.stderr.contains("stay as they were"), "{output:?}");
    }
}

#[test]
fn what_happens_beside_a_loop_is_seen_by_it() {
    both(|database| {
        let dir = TestDir::new();
        let file = dir.write("pools.toml", POOL);
        prebuildctl(["apply".as_ref(), file.as_os_str()])
            .on(database)
            .run()
            .ok();
        // What ends before the loop first looks at jobs is not counted: nothing happens until it looks.
        prebuildctl(["pause"]).on(database).run().ok();
        let running = start_loop(&database.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        wait_until("the pools were read", || {
            let text = get(&address, "/metrics").1;
            sample(&text, "coderd_prebuilt_workspaces_metrics_last_updated") > Some(0.0)
        });
        prebuildctl(["resume"]).on(database).run().ok();
        let builds = ["provision", "--simulate", "--build-time", "10ms"];
        let builds = prebuildctl(builds).on(database).spawn();
        wait_until("there is something to claim", || {
            let claim = ["claim", "--preset", "acme/web/small", "--name", "mine"];
            let claim = prebuildctl(claim.iter().chain(&["--user", "ada"]));
            let output = claim.on(database).run();
            assert!(matches!(output.code, 0 | 4), "{output:?}");
            output.code == 0
        });
        let mut text = String::new();
        let labels = r#"organization_name="acme",preset_name="small",template_name="web""#;
        let claims = format!("{CLAIM}_count{{{labels}}}");
        let creations = format!("{CREATION}_count{{{labels},type=\"prebuild\"}}");
        wait_until("the builds were looked at", || {
            text = get(&address, "/metrics").1;
            sample(&text, &claims) == Some(1.0) && sample(&text, &creations) == Some(3.0)
        });
        for (reason, count) in [("prebuild", 3.0), ("initiator", 1.0)] {
            let wait = format!(
                "{QUEUE_WAIT}_count{{build_reason=\"{reason}\",job_type=\"workspace_build\",\
                 provisioner_type=\"echo\",transition=\"start\"}}"
            );
            assert_eq!(sample(&text, &wait), Some(count), "{wait}");
        }
        stop(builds);
        stop(running);
    });
}
