//! `claim`: what it changes and what it leaves alone.
//!
//! Rule by rule and row by row, on every kind of database. Refusals, races and crowds have files of
//! their own.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::Output;
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{
    ACTIVE, ADA, Build, DORA_DORMANT, GRACE, LARGE, OLD, OLD_SMALL, PLAIN, Prebuilt, SMALL, agents,
    claim, everywhere, id,
};

pub fn claim_small(database: &Database, name: &str) -> Output {
    claim(
        database,
        &["--preset", "small", "--user", "ada", "--name", name],
    )
}

/// Everything that a claim could change.
pub fn contents(database: &Database) -> Vec<Vec<Vec<Option<String>>>> {
    [
        "workspaces",
        "workspace_builds",
        "workspace_build_parameters",
        "provisioner_jobs",
        "workspace_agents",
        "template_version_presets",
    ]
    .iter()
    .map(|table| {
        let mut rows = database.rows(&format!("SELECT * FROM {table}"));
        rows.sort();
        rows
    })
    .collect()
}

/// Runs a claim that must fail and change nothing.
#[track_caller]
pub fn refused(database: &Database, arguments: &[&str], code: i32, parts: &[&str]) {
    let before = contents(database);
    let output = claim(database, arguments);
    output.expect_code(code);
    for part in parts {
        assert!(output.stderr.contains(part), "no {part:?} in {output:?}");
    }
    assert_eq!(output.stdout, "");
    assert!(
        contents(database) == before,
        "{arguments:?} changed something"
    );
}

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

fn parameters(database: &Database, build: &str) -> String {
    let rows = database.rows(&format!(
        "SELECT name, value FROM workspace_build_parameters
         WHERE workspace_build_id = '{build}' ORDER BY name"
    ));
    let pair = |row: Vec<Option<String>>| {
        let mut row = row.into_iter().flatten();
        format!("{}={}", row.next().unwrap(), row.next().unwrap())
    };
    rows.into_iter().map(pair).collect::<Vec<_>>().join(" ")
}

#[test]
fn the_oldest_goes_first_until_none_is_left() {
    everywhere(|database| {
        for number in [2003, 2001, 2002] {
            Prebuilt::new(number, SMALL).add(database);
        }
        for (number, name) in [(2001, "a"), (2002, "b"), (2003, "c")] {
            let answer = claim_small(database, name).json();
            assert_eq!(answer["workspace_id"], id(number));
        }
        let output = claim_small(database, "d");
        output.expect_code(4);
        assert!(
            output.stderr.contains("no prebuilt workspace"),
            "{output:?}"
        );
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
fn what_is_not_claimable_is_passed_over() {
    everywhere(|database| {
        let base = |number| Prebuilt::new(number, SMALL);
        let all = [
            Prebuilt {
                agents: &[],
                ..base(2001)
            },
            Prebuilt {
                agents: &["starting"],
                ..base(2002)
            },
            Prebuilt {
                agents: &["ready", "start_error"],
                ..base(2003)
            },
            Prebuilt {
                status: "failed",
                ..base(2004)
            },
            Prebuilt {
                status: "pending",
                ..base(2005)
            },
            Prebuilt {
                status: "running",
                ..base(2006)
            },
            Prebuilt {
                status: "canceled",
                ..base(2007)
            },
            Prebuilt {
                transition: "stop",
                ..base(2008)
            },
            Prebuilt {
                transition: "delete",
                ..base(2009)
            },
            Prebuilt {
                deleted: true,
                ..base(2010)
            },
            Prebuilt {
                owner: id(GRACE),
                ..base(2011)
            },
            Prebuilt {
                preset: LARGE,
                ..base(2012)
            },
            Prebuilt {
                version: OLD,
                ..base(2013)
            },
            Prebuilt {
                version: OLD,
                preset: OLD_SMALL,
                ..base(2014)
            },
        ];
        let mut sql = String::new();
        for prebuilt in &all {
            prebuilt.write(&mut sql, database);
        }
        // Latest builds other than the first: a stop, and a start that names another preset.
        for (workspace, preset, transition) in
            [(2015, Some(SMALL), "stop"), (2016, Some(LARGE), "start")]
        {
            let prebuilt = base(workspace);
            prebuilt.write(&mut sql, database);
            let build = Build {
                number: 2,
                version: ACTIVE,
                preset,
                transition,
                status: "succeeded",
                initiator: PREBUILDS_USER,
            };
            build.write(&mut sql, database, workspace, &prebuilt.created_at());
            agents(
                &mut sql,
                workspace + 500_000,
                workspace * 1000 + 100_000_002,
                &["ready"],
            );
        }
        // A sub-agent alone, and an agent that is deleted, are no agents.
        for workspace in [2017, 2018] {
            base(workspace).write(&mut sql, database);
        }
        sql.push_str(&format!(
            "UPDATE workspace_agents SET deleted = true WHERE id = '{0}';
             UPDATE workspace_agents SET parent_id = '{0}' WHERE id = '{1}';",
            id(20170),
            id(20180)
        ));
        database.execute(&sql);
        refused(
            database,
            &["--preset", "small", "--user", "ada", "--name", "x"],
            4,
            &["none of them ready yet", "2 are starting"],
        );

        // A restarted one that names no preset of its own is still its preset's, and neither a
        // sub-agent that starts nor a deleted agent speaks against it.
        let mut sql = String::new();
        let prebuilt = base(2020);
        prebuilt.write(&mut sql, database);
        let build = Build {
            number: 2,
            version: ACTIVE,
            preset: None,
            transition: "start",
            status: "succeeded",
            initiator: &id(ADA),
        };
        build.write(&mut sql, database, 2020, &prebuilt.created_at());
        agents(
            &mut sql,
            700_000,
            2020 * 1000 + 100_000_002,
            &["ready", "starting", "off"],
        );
        sql.push_str(&format!(
            "UPDATE workspace_agents SET parent_id = '{}' WHERE id = '{}';
             UPDATE workspace_agents SET deleted = true WHERE id = '{}';",
            id(7_000_000),
            id(7_000_001),
            id(7_000_002)
        ));
        database.execute(&sql);
        let answer = claim_small(database, "x").json();
        assert_eq!(answer["workspace_id"], id(2020));
        let number = format!(
            "SELECT build_number FROM workspace_builds WHERE id = '{}'",
            answer["build_id"].as_str().unwrap()
        );
        assert_eq!(database.count(&number), 3);
    });
}

#[test]
fn parameters_choose_the_largest_preset_that_they_contain() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        Prebuilt::new(2003, PLAIN).add(database);
        let by = |params: &[&str], name: &str| {
            let mut arguments = vec!["--template", "backend", "--user", "ada", "--name", name];
            for param in params {
                arguments.extend(["--param", *param]);
            }
            claim(database, &arguments)
        };
        let before = contents(database);
        // The large preset fits best, and has no workspaces: the others are no substitute.
        by(&["cores=16", "region=us"], "a").expect_code(4);
        // Immutable values of the workspace can't be changed; neither can rules be broken.
        let output = by(&["cores=2", "region=us"], "a");
        output.expect_code(1);
        assert!(output.stderr.contains("immutable"), "{output:?}");
        let output = by(&["cores=33"], "a");
        output.expect_code(1);
        assert!(output.stderr.contains("above the maximum"), "{output:?}");
        assert!(contents(database) == before);

        let answer = by(&["cores=2", "note=mine", "unknown=x"], "a").json();
        assert_eq!(answer["preset_id"], id(SMALL));
        let build = answer["build_id"].as_str().unwrap();
        assert_eq!(parameters(database, build), "cores=2 note=mine region=eu");
        // No parameters fit the preset that has none.
        let answer = by(&["cores=3"], "b").json();
        assert_eq!(answer["preset_id"], id(PLAIN));
        let build = answer["build_id"].as_str().unwrap();
        assert_eq!(parameters(database, build), "cores=3 note=made region=eu");

        database.execute(&format!(
            "DELETE FROM template_version_presets WHERE id = '{}'",
            id(PLAIN)
        ));
        let output = by(&["cores=3"], "c");
        output.expect_code(4);
        assert!(
            output.stderr.contains(
                "no preset of the template's active version is contained in the given \
                 parameters; its presets are \"large\" (\"cores\"=\"16\", \"region\"=\"us\"), \
                 \"small\" (\"cores\"=\"2\")"
            ),
            "{output:?}"
        );
    });
}

#[test]
fn a_paused_reconciliation_and_a_pass_in_progress_are_no_obstacle() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        database.execute(
            "INSERT INTO site_configs (key, value)
             VALUES ('prebuilds_settings', '{\"reconciliation_paused\": true}')",
        );
        let mut session = database.session();
        if !database.is_sqlite() {
            session.rows("SELECT pg_advisory_lock(7)");
        }
        claim_small(database, "x").ok();
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
