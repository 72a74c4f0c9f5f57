//! What a pass writes, row by row, on any database. Whole records, held against those of Coder's own
//! loop, are in the folder about Coder.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::report::{counts, ids, json_of, planned_at};
use crate::support::scene::{Job, PREBUILDS_USER, STATE, Scene, TAGS};
use crate::support::service::WORKSPACES;
use crate::support::{Coder, coder, everywhere, pass};

const NO_TIME: &str = "0001-01-01T00:00:00.000000Z";

/// The parameters of a build.
fn parameters(database: &Database, build: &str) -> BTreeMap<String, String> {
    let rows = database.rows(&format!(
        "SELECT name, value FROM workspace_build_parameters WHERE workspace_build_id = '{build}'"
    ));
    rows.into_iter()
        .map(|row| (row[0].clone().unwrap(), row[1].clone().unwrap()))
        .collect()
}

/// A job's columns by name.
fn job(database: &Database, id: &str) -> BTreeMap<&'static str, String> {
    let names = [
        "created_at",
        "updated_at",
        "started_at",
        "canceled_at",
        "completed_at",
        "error",
        "error_code",
        "organization_id",
        "initiator_id",
        "provisioner",
        "storage_method",
        "type",
        "worker_id",
        "file_id",
        "job_status",
    ];
    let columns = names.join(", ");
    let row = database.row(&format!(
        "SELECT {columns} FROM provisioner_jobs WHERE id = '{id}'"
    ));
    names.into_iter().zip(row).collect()
}

/// A job's JSON column.
fn job_json(database: &Database, id: &str, column: &str) -> Value {
    let sql = format!("SELECT {column} FROM provisioner_jobs WHERE id = '{id}'");
    json_of(&database.value(&sql).unwrap())
}

#[test]
fn a_created_workspace_has_the_rows_that_coder_would_write() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        scene.parameter(&version, "region", None);
        scene.parameter(&version, "size", Some("small"));
        let preset = scene.preset(&version, "pool", 2);
        scene.preset_value(&preset, "region", "eu");

        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [2, 0, 0, 0, 0]);
        let now = planned_at(&report);
        let created = ids(&report["presets"][0]["created"]);
        assert_eq!(created.len(), 2);
        assert_eq!(database.count(WORKSPACES), 2);
        assert_eq!(database.count("SELECT count(*) FROM workspace_builds"), 2);

        // Each has a time of its own, for invalidations to tell them apart.
        let times = database.column("SELECT created_at FROM workspaces ORDER BY created_at");
        assert_eq!(times[0], now);
        assert!(times[1] > now, "{times:?}");

        for workspace in created {
            let row = database.row(&format!(
                "SELECT owner_id, organization_id, template_id, updated_at = created_at,
                    last_used_at = created_at, deleted, automatic_updates, autostart_schedule, ttl,
                    next_start_at, dormant_at, deleting_at, favorite
                 FROM workspaces WHERE id = '{workspace}'"
            ));
            let expected = [
                PREBUILDS_USER,
                &scene.organization,
                &version.template,
                "1",
                "1",
                "0",
                "never",
                "",
                "",
                "",
                "",
                "",
                "0",
            ];
            assert_eq!(row, expected);
            let name = database.value(&format!(
                "SELECT name FROM workspaces WHERE id = '{workspace}'"
            ));
            let name = name.unwrap();
            let suffix = name.strip_prefix("prebuild-").unwrap();
            assert_eq!(suffix.len(), 15, "{name}");
            assert!(
                suffix.chars().all(|c| matches!(c, 'a'..='z' | '2'..='7')),
                "{name}"
            );

            let row = database.row(&format!(
                "SELECT created_at, updated_at, template_version_id, build_number, transition,
                    initiator_id, length(provisioner_state), deadline, max_deadline, reason,
                    template_version_preset_id, daily_cost, has_ai_task
                 FROM workspace_builds WHERE workspace_id = '{workspace}'"
            ));
            let expected = [
                &now,
                &now,
                &version.id,
                "1",
                "start",
                PREBUILDS_USER,
                "0",
                NO_TIME,
                NO_TIME,
                "initiator",
                &preset,
                "0",
                "",
            ];
            assert_eq!(row, expected);
            let row = database.row(&format!(
                "SELECT id, job_id FROM workspace_builds WHERE workspace_id = '{workspace}'"
            ));
            let [build, job_id] = [&row[0], &row[1]];
            assert_ne!(build, job_id);
            let values = [("region", "eu"), ("size", "small")];
            let values = values.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(parameters(database, build), BTreeMap::from(values));

            let job = job(database, job_id);
            let expected = BTreeMap::from([
                ("created_at", now.as_str()),
                ("updated_at", &now),
                ("started_at", ""),
                ("canceled_at", ""),
                ("completed_at", ""),
                ("error", ""),
                ("error_code", ""),
                ("organization_id", &scene.organization),
                ("initiator_id", PREBUILDS_USER),
                ("provisioner", "terraform"),
                ("storage_method", "file"),
                ("type", "workspace_build"),
                ("worker_id", ""),
                ("file_id", &version.file),
                ("job_status", "pending"),
            ]);
            assert!(
                job.iter()
                    .map(|(key, value)| (*key, value.as_str()))
                    .eq(expected),
                "{job:?}"
            );
            assert_eq!(job_json(database, job_id, "tags"), json_of(TAGS));
            assert_eq!(job_json(database, job_id, "trace_metadata"), json!({}));
            let input = json!({
                "workspace_build_id": build, "dry_run": false, "prebuilt_workspace_stage": 1,
            });
            assert_eq!(job_json(database, job_id, "input"), input);
        }
    });
}

#[test]
fn a_deleted_workspace_gets_a_build_that_carries_on_from_its_last_one() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        scene.parameter(&version, "region", None);
        let preset = scene.preset(&version, "pool", 1);
        scene.preset_value(&preset, "region", "eu");
        let old = scene.prebuild(&version, &preset, Job::Succeeded, 7200);
        let young = scene.prebuild(&version, &preset, Job::Succeeded, 3600);
        for workspace in [&old, &young] {
            scene.execute(&format!(
                "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
                 VALUES ('{}', 'region', 'eu')",
                workspace.build
            ));
        }
        let before = database.dump();

        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [0, 1, 0, 0, 0]);
        assert_eq!(ids(&report["presets"][0]["deleted"]), [old.id.as_str()]);
        let now = planned_at(&report);
        let after = database.dump();
        assert_eq!(before["workspaces"], after["workspaces"]);

        let row = database.row(&format!(
            "SELECT created_at, updated_at, template_version_id, build_number, transition,
                initiator_id, provisioner_state, deadline, max_deadline, reason,
                template_version_preset_id
             FROM workspace_builds WHERE workspace_id = '{}' AND build_number > 1",
            old.id
        ));
        let expected = [
            &now,
            &now,
            &version.id,
            "2",
            "delete",
            PREBUILDS_USER,
            STATE,
            NO_TIME,
            NO_TIME,
            "initiator",
            &preset,
        ];
        assert_eq!(row, expected);
        let row = database.row(&format!(
            "SELECT id, job_id FROM workspace_builds
             WHERE workspace_id = '{}' AND build_number = 2",
            old.id
        ));
        assert_eq!(parameters(database, &row[0])["region"], "eu");
        let job = job(database, &row[1]);
        assert_eq!(job["job_status"], "pending");
        assert_eq!(job["file_id"], version.file);
        let input = json!({
            "workspace_build_id": row[0], "dry_run": false, "prebuilt_workspace_stage": 1,
        });
        assert_eq!(job_json(database, &row[1], "input"), input);
        let builds = format!(
            "SELECT count(*) FROM workspace_builds WHERE workspace_id = '{}'",
            young.id
        );
        assert_eq!(database.count(&builds), 1);
    });
}

/// An outdated version whose preset has one job that nobody has begun.
fn outdated(scene: &Scene) -> (crate::support::scene::Workspace, String) {
    let old = scene.template("web");
    let preset = scene.preset(&old, "pool", 1);
    let new = scene.version(&old.template, "v2");
    scene.activate(&new);
    (scene.prebuild(&old, &preset, Job::Pending, 60), preset)
}

#[test]
fn a_cancelled_job_leaves_an_orphan_delete_to_a_living_provisioner() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (workspace, preset) = outdated(&scene);
        scene.daemon(TAGS, 80);
        let queued = job(database, &workspace.job);

        let report = pass(database, &[]).json();
        assert_eq!(counts(&report), [0, 0, 1, 0, 0]);
        assert_eq!(
            ids(&report["presets"][0]["cancelled"]),
            [workspace.job.as_str()]
        );
        let now = planned_at(&report);
        let cancelled = job(database, &workspace.job);
        assert_eq!(cancelled["job_status"], "canceled");
        assert_eq!(
            [&cancelled["canceled_at"], &cancelled["completed_at"]],
            [&now, &now]
        );
        assert_eq!(cancelled["updated_at"], queued["updated_at"]);
        // Else the coderd of an old release would hand it to a provisioner.
        let is_started = database.migration().is_some_and(|last| last < 421);
        let started = if is_started { now.as_str() } else { "" };
        assert_eq!(cancelled["started_at"], started);

        let row = database.row(&format!(
            "SELECT build_number, transition, length(provisioner_state),
                template_version_preset_id, job_id
             FROM workspace_builds WHERE workspace_id = '{}' AND id <> '{}'",
            workspace.id, workspace.build
        ));
        assert_eq!(row[..4], ["2", "delete", "0", preset.as_str()]);
        assert_eq!(job(database, &row[4])["job_status"], "pending");
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE deleted"),
            0
        );
    });
}

#[test]
fn a_cancelled_job_is_none_that_an_old_release_would_hand_to_a_provisioner() {
    for (migration, is_started) in [(343, true), (420, true), (421, false)] {
        let Some(database) = coder(Coder::Current) else {
            return;
        };
        let scene = Scene::new(&database);
        let (workspace, _) = outdated(&scene);
        scene.execute(&format!(
            "UPDATE schema_migrations SET version = {migration}"
        ));
        let now = planned_at(&pass(&database, &[]).json());
        let cancelled = job(&database, &workspace.job);
        assert_eq!(cancelled["job_status"], "canceled");
        let started = if is_started { now.as_str() } else { "" };
        assert_eq!(cancelled["started_at"], started, "{migration}");
    }
}

#[test]
fn an_orphan_delete_that_nobody_would_run_completes_at_once() {
    // No provisioner, one that went silent, and one that serves other jobs.
    let other = r#"{"scope": "organization", "owner": "", "zone": "elsewhere"}"#;
    for daemon in [None, Some((TAGS, 95)), Some((other, 0))] {
        everywhere(|database| {
            let scene = Scene::new(database);
            let (workspace, _) = outdated(&scene);
            if let Some((tags, seen)) = daemon {
                scene.daemon(tags, seen);
            }
            let report = pass(database, &[]).json();
            assert_eq!(counts(&report), [0, 0, 1, 0, 0], "{daemon:?}");
            let now = planned_at(&report);
            let id = database.value(&format!(
                "SELECT job_id FROM workspace_builds
                 WHERE workspace_id = '{}' AND build_number = 2",
                workspace.id
            ));
            let job = job(database, &id.unwrap());
            assert_eq!(job["job_status"], "succeeded", "{daemon:?}");
            for column in ["updated_at", "started_at", "completed_at"] {
                assert_eq!(job[column], now, "{column}");
            }
            let row = database.row("SELECT deleted, owner_id FROM workspaces");
            assert_eq!(row, ["1", PREBUILDS_USER]);
            pass(database, &["--fail-if-locked"]).ok();
            assert_eq!(database.count("SELECT count(*) FROM workspace_builds"), 2);
        });
    }
}
