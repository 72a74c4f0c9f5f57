//! What a claim changes, row by row, and what it leaves alone.

use serde_json::{Value, json};

use super::{claim_small, contents, parameters};
use crate::support::scene::claims::{
    ACTIVE, ADA, DORA_DORMANT, Prebuilt, SMALL, claim, everywhere, id,
};

fn text(value: &str) -> Option<String> {
    Some(value.to_owned())
}

#[test]
fn a_claim_changes_these_rows_and_no_others() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        Prebuilt::new(2002, SMALL).add(database);
        database.execute(&format!(
            "UPDATE workspaces SET dormant_at = '2026-03-02T00:00:00.000000Z',
                 deleting_at = '2026-03-02T00:00:00.000000Z' WHERE id = '{}'",
            id(2001)
        ));
        let before = contents(database);
        let arguments = [
            "--preset",
            "acme/backend/small",
            "--user",
            "ADA",
            "--name",
            "My-Box",
            "--autostart-schedule",
            "CRON_TZ=Europe/Berlin 30 9 * * 1-5",
            "--next-start-at",
            "2030-01-01T09:30:00+01:00",
            "--ttl",
            "1h30m",
        ];
        let answer = claim(database, &arguments).json();
        assert_eq!(answer["workspace_id"], id(2001));
        assert_eq!(answer["name"], "My-Box");
        assert_eq!(answer["preset_id"], id(SMALL));
        let (build, job) = (
            answer["build_id"].as_str().unwrap(),
            answer["job_id"].as_str().unwrap(),
        );
        let row = database.rows(&format!(
            "SELECT owner_id, name, template_id, organization_id, created_at, autostart_schedule,
                    next_start_at, ttl, dormant_at, deleting_at, deleted, automatic_updates,
                    updated_at = last_used_at, updated_at > '2026-04-01T00:00:00.000000Z'
             FROM workspaces WHERE id = '{}'",
            id(2001)
        ));
        let expected = [
            text(&id(ADA)),
            text("My-Box"),
            text(&id(21)),
            text(&id(1)),
            text(&Prebuilt::new(2001, SMALL).created_at()),
            text("CRON_TZ=Europe/Berlin 30 9 * * 1-5"),
            text("2030-01-01T08:30:00.000000Z"),
            text("5400000000000"),
            None,
            None,
            text("0"),
            text("never"),
            text("1"),
            text("1"),
        ];
        assert_eq!(row, [expected]);
        let row = database.rows(&format!(
            "SELECT workspace_id, template_version_id, build_number, transition, initiator_id,
                    provisioner_state, job_id, reason, template_version_preset_id,
                    created_at = updated_at, deadline, max_deadline
             FROM workspace_builds WHERE id = '{build}'"
        ));
        let never = "0001-01-01T00:00:00.000000Z";
        let expected = [
            &id(2001),
            &id(ACTIVE),
            "2",
            "start",
            &id(ADA),
            "\\x7b7d",
            job,
            "initiator",
            &id(SMALL),
            "1",
            never,
            never,
        ];
        assert_eq!(row, [expected.map(text)]);
        let row = database.rows(&format!(
            "SELECT job_status, type, initiator_id, organization_id, provisioner, storage_method,
                    file_id, started_at, worker_id
             FROM provisioner_jobs WHERE id = '{job}'"
        ));
        let expected = [
            text("pending"),
            text("workspace_build"),
            text(&id(ADA)),
            text(&id(1)),
            text("terraform"),
            text("file"),
            text(&id(99)),
            None,
            None,
        ];
        assert_eq!(row, [expected]);
        let json_of = |column: &str| -> Value {
            let sql = format!("SELECT {column} FROM provisioner_jobs WHERE id = '{job}'");
            serde_json::from_str(&database.value(&sql).unwrap()).unwrap()
        };
        assert_eq!(
            json_of("input"),
            json!({ "workspace_build_id": build, "dry_run": false, "prebuilt_workspace_stage": 2 })
        );
        assert_eq!(
            json_of("tags"),
            json!({ "cluster": "eu", "scope": "organization", "owner": "" })
        );
        assert_eq!(parameters(database, build), "cores=2 note=made region=eu");
        let added: Vec<usize> = contents(database)
            .iter()
            .zip(&before)
            .map(|(now, before)| now.iter().filter(|row| !before.contains(row)).count())
            .collect();
        assert_eq!(added, [1, 1, 3, 1, 0, 0], "rows that are new or changed");
    });
}

#[test]
fn without_a_ttl_the_template_decides_and_a_person_can_be_dormant() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        Prebuilt::new(2002, SMALL).add(database);
        let output = claim(
            database,
            &[
                "--preset",
                &id(SMALL),
                "--user",
                &id(DORA_DORMANT),
                "--name",
                "x",
            ],
        );
        let workspace = output.json()["workspace_id"].clone();
        let ttl = format!(
            "SELECT ttl, autostart_schedule, next_start_at FROM workspaces WHERE id = {workspace}"
        )
        .replace('"', "'");
        assert_eq!(database.rows(&ttl), [[text("3600000000000"), None, None]]);
        database.execute("UPDATE templates SET default_ttl = 0");
        let workspace = claim_small(database, "y").json()["workspace_id"].clone();
        let ttl = format!("SELECT ttl FROM workspaces WHERE id = {workspace}").replace('"', "'");
        assert_eq!(database.value(&ttl), None);
    });
}

#[test]
fn a_table_is_a_sentence() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        let output = crate::support::process::prebuildctl([
            "claim", "--preset", "small", "--user", "ada", "--name", "x",
        ])
        .on(database)
        .run();
        assert_eq!(
            output.ok(),
            format!("Claimed workspace x ({}) for ada.\n", id(2001))
        );
    });
}
