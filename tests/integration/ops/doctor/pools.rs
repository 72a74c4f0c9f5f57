//! What `doctor` finds to be wrong with pools.

use super::{Healthy, NOTHING, assert_well, examine, wrong};
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, PREBUILDS_USER, id};
use crate::support::{databases, pass};

#[test]
fn what_is_wrong_with_pools_is_found_and_nothing_else() {
    /// What is done, and what is found then.
    type Case<'a> = (fn(&Healthy), &'a [[&'a str; 3]]);
    let [one_failed, three_failed, kinds] = [
        "1 failed",
        "3 failed",
        "1 failed, 1 stopped, 1 without a build",
    ]
    .map(|kinds| format!("prebuilt workspaces that no pool counts: {kinds}"));
    let [limited, resting, odd] = ["hard limited", "backing off", "not configured as meant"]
        .map(|what| format!("1 preset {what}: acme/web/pool"));
    let cases: [Case<'_>; 7] = [
        (
            |healthy| {
                healthy.scene.execute(
                    r#"INSERT INTO site_configs (key, value)
                       VALUES ('prebuilds_settings', '{"reconciliation_paused": true}')"#,
                );
            },
            &[["paused", "warning", "reconciliation is paused"]],
        ),
        (
            |healthy| {
                for age in [6900, 7000, 7100] {
                    healthy.prebuild(Job::Failed, age);
                }
            },
            &[
                ["hard_limited", "error", &limited],
                ["leftovers", "warning", &three_failed],
            ],
        ),
        (
            |healthy| {
                healthy.desire(2);
                healthy.prebuild(Job::Failed, 30);
            },
            &[
                ["backing_off", "warning", &resting],
                ["leftovers", "warning", &one_failed],
            ],
        ),
        (
            |healthy| {
                healthy.prebuild(Job::Failed, 7300);
                let stopped = healthy.prebuild(Job::Succeeded, 7300);
                let bare = healthy.prebuild(Job::Pending, 7300);
                healthy.scene.execute(&format!(
                    "UPDATE workspace_builds SET transition = 'stop' WHERE id = '{}';
                     DELETE FROM workspace_builds WHERE id = '{}';
                     DELETE FROM provisioner_jobs WHERE id = '{}'",
                    stopped.build, bare.build, bare.job
                ));
            },
            &[["leftovers", "warning", &kinds]],
        ),
        (
            |healthy| {
                healthy.scene.execute(&format!(
                    "UPDATE workspace_agents SET lifecycle_state = 'starting'
                     WHERE resource_id = '{}'",
                    healthy.workspace.job
                ));
            },
            &[[
                "stuck_agents",
                "warning",
                "1 running for over 30 min and not ready, such as made-1",
            ]],
        ),
        // Its build has waited for long: its agent has just begun.
        (
            |healthy| {
                healthy.scene.execute(&format!(
                    "UPDATE workspace_agents SET lifecycle_state = 'starting'
                     WHERE resource_id = '{job}';
                     UPDATE provisioner_jobs SET completed_at = '{}' WHERE id = '{job}'",
                    healthy.scene.ago(60),
                    job = healthy.workspace.job
                ));
            },
            &[],
        ),
        (
            |healthy| {
                healthy.scene.execute(&format!(
                    "INSERT INTO template_version_preset_prebuild_schedules
                        (id, preset_id, cron_expression, desired_instances)
                     VALUES ('{}', '{}', 'no cron', 1);
                     UPDATE template_version_presets SET scheduling_timezone = 'UTC'",
                    id(),
                    healthy.preset
                ));
            },
            &[["configuration", "warning", &odd]],
        ),
    ];
    for (spoil, rows) in cases {
        eprintln!("------ {rows:?}");
        for database in databases() {
            let healthy = Healthy::new(&database);
            assert_well(&database);
            spoil(&healthy);
            let found = wrong(examine(&database, &["--backoff-interval=10m"]));
            assert_eq!(found, rows);
            let table = prebuildctl(["doctor", "--backoff-interval=10m"])
                .on(&database)
                .run();
            table.expect_code(i32::from(!rows.is_empty()));
            assert_eq!(table.stdout.matches("to do:").count(), rows.len());
        }
    }
}

#[test]
fn a_failed_validation_is_found() {
    for database in databases() {
        let healthy = Healthy::new(&database);
        healthy
            .scene
            .execute("UPDATE template_version_presets SET prebuild_status = 'validation_failed'");
        let message = "1 preset failing validation: acme/web/pool";
        assert_eq!(
            wrong(examine(&database, &[])),
            [["validation_failed", "error", message]]
        );
    }
}

#[test]
fn people_who_wait_are_told_apart_from_pools_that_wait() {
    for database in databases() {
        let healthy = Healthy::new(&database);
        let (scene, version) = (&healthy.scene, &healthy.version);
        let mine = scene.of_person(version, &healthy.preset, Job::Pending, 60);
        assert_well(&database);
        scene.of_person(version, &healthy.preset, Job::Pending, 9000);
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET input = '{{\"prebuilt_workspace_stage\": 2}}' WHERE id = '{}'",
            mine.job
        ));
        let people = "2 builds of people wait (1 is a claim), the oldest for 2h 30m";
        assert_eq!(
            wrong(examine(&database, &[])),
            [["people", "warning", people]]
        );
        healthy.desire(3);
        healthy.prebuild(Job::Pending, 20 * 60);
        healthy.prebuild(Job::Pending, 60);
        let found = wrong(examine(&database, &[]));
        let [[check, level, message], [others, ..]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!(
            [check.as_str(), level, others],
            ["queue", "warning", "people"]
        );
        assert!(
            message.starts_with("2 jobs wait, the oldest for 20m"),
            "{message}"
        );
        assert!(
            message.ends_with(", and no provisioner is alive"),
            "{message}"
        );
        scene.daemon("{}", 5);
        let found = wrong(examine(&database, &[]));
        let queue = found.iter().find(|[check, ..]| check == "queue");
        let message = &queue.unwrap()[2];
        assert!(!message.contains("no provisioner"), "{message}");
    }
}

#[test]
fn work_that_no_pass_has_done_for_a_while_is_found() {
    for database in databases() {
        let healthy = Healthy::new(&database);
        healthy.desire(3);
        let message = "1 preset is below its target with nothing under way, and no pass has built \
                       anything for 2h: acme/web/pool";
        assert_eq!(
            wrong(examine(&database, &[])),
            [["passes", "warning", message]]
        );
        prebuildctl(["pause"]).on(&database).run().ok();
        let paused = wrong(examine(&database, &[]));
        let checks: Vec<&str> = paused.iter().map(|[check, ..]| check.as_str()).collect();
        assert_eq!(checks, ["paused"]);
        prebuildctl(["resume"]).on(&database).run().ok();
        pass(&database, &[]).ok();
        assert_well(&database);
    }
}

#[test]
fn a_quota_of_zero_under_costs_is_found() {
    for database in databases() {
        let _healthy = Healthy::new(&database);
        pass(&database, &[]).ok();
        assert_well(&database);
        database.execute("UPDATE workspace_builds SET daily_cost = 5");
        let found = wrong(examine(&database, &[]));
        if database.migration().is_none() {
            // Nobody keeps accounts there.
            assert_eq!(found, NOTHING);
            continue;
        }
        let [[check, level, message]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!([check.as_str(), level], ["quota", "warning"]);
        assert!(message.contains("\"acme\""), "{message}");
        assert!(message.contains("coderprebuiltworkspaces"), "{message}");
        database.execute(&format!(
            "UPDATE groups SET quota_allowance = 9 WHERE id IN
             (SELECT group_id FROM group_members WHERE user_id = '{PREBUILDS_USER}')"
        ));
        assert_well(&database);
    }
}
