//! Tests of the tools themselves: a tool that is wrong makes every test that uses it worthless.

use std::collections::BTreeSet;

use crate::support::scene::{self, random};
use crate::support::{
    Coder, RELEASES, both, cluster, coder, copy, postgres, process, reference, sqlite,
};

/// Columns of every table, as `table.column`.
fn columns(rows: Vec<Vec<Option<String>>>) -> BTreeSet<String> {
    rows.into_iter()
        .map(|row| row.into_iter().flatten().collect::<Vec<_>>().join("."))
        .collect()
}

const POSTGRES_COLUMNS: &str = "
    SELECT table_name, column_name, CASE is_nullable WHEN 'NO' THEN 'required' ELSE 'optional' END
    FROM information_schema.columns
    WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'";

#[test]
fn both_schemas_have_the_same_columns() {
    let Some(postgres) = postgres() else { return };
    let ours = columns(postgres.rows(POSTGRES_COLUMNS));
    let lite = columns(sqlite().rows(
        "SELECT tables.name, columns.name, iif(columns.\"notnull\", 'required', 'optional')
         FROM sqlite_schema AS tables, pragma_table_xinfo(tables.name) AS columns
         WHERE tables.type = 'table' AND tables.name <> '_sqlx_migrations'",
    ));
    assert_eq!(ours, lite);
}

#[test]
fn our_schema_is_part_of_the_one_of_coder() {
    let (Some(ours), Some(theirs)) = (postgres(), coder(Coder::Current)) else {
        return;
    };
    for query in [
        "SELECT table_name, column_name, udt_name, is_nullable, coalesce(column_default, ''),
            coalesce(generation_expression, ''), coalesce(character_maximum_length, 0)
         FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name <> '_sqlx_migrations'
            AND table_name NOT LIKE 'prebuildctl%'",
        "SELECT tablename, indexdef FROM pg_indexes WHERE schemaname = 'public'
            AND tablename <> '_sqlx_migrations' AND tablename NOT LIKE 'prebuildctl%'
            AND indexname NOT IN ('provisioner_keys_organization_id_name_idx',
                'provisioner_job_logs_replacement_idx', 'provisioner_jobs_completed_at_idx',
                'provisioner_jobs_heartbeat_idx', 'provisioner_jobs_waiting_idx',
                'workspaces_unclaimed_idx')",
        "SELECT conrelid::regclass, conname, pg_get_constraintdef(oid) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
            AND conrelid <> coalesce(to_regclass('_sqlx_migrations')::oid, 0)
            AND CAST(conrelid::regclass AS text) NOT LIKE 'prebuildctl%'",
        "SELECT enumtypid::regtype, string_agg(enumlabel, ',' ORDER BY enumsortorder)
         FROM pg_enum GROUP BY enumtypid",
    ] {
        let (ours, theirs) = (columns(ours.rows(query)), columns(theirs.rows(query)));
        let extra: Vec<_> = ours.difference(&theirs).collect();
        assert!(extra.is_empty(), "not in a Coder database: {extra:#?}");
    }
}

#[test]
fn values_read_alike_on_both_databases() {
    both(|database| {
        let rows = database.rows(
            "SELECT id, is_system, hashed_password, created_at, github_com_user_id FROM users",
        );
        let expected = [
            Some(scene::PREBUILDS_USER),
            Some("1"),
            Some("\\x6e6f6e65"),
            Some("2025-01-01T00:00:00.000000Z"),
            None,
        ];
        assert_eq!(rows, [expected.map(|value| value.map(ToOwned::to_owned))]);
        assert_eq!(
            database.execute("UPDATE users SET name = 'x'; UPDATE users SET name = 'y'"),
            2
        );
        assert_eq!(database.value("SELECT name FROM users WHERE deleted"), None);
    });
}

#[test]
fn job_status_is_the_same_on_both_databases() {
    let query = "SELECT job_status, count(*) FROM provisioner_jobs GROUP BY 1 ORDER BY 1";
    let Some(from) = postgres() else { return };
    let to = sqlite();
    random::fill(&from, 1, 100);
    copy::copy(&from, &to);
    let by_name = |mut rows: Vec<Vec<Option<String>>>| {
        rows.sort();
        rows
    };
    assert_eq!(by_name(from.rows(query)), by_name(to.rows(query)));
}

#[test]
fn a_copy_has_every_row_of_any_release() {
    for release in RELEASES.into_iter().chain([Coder::Newer]) {
        let (Some(from), to) = (coder(release), sqlite()) else {
            return;
        };
        random::fill(&from, 2, 60);
        copy::copy(&from, &to);
        for table in copy::tables(&mut to.session()) {
            let count = format!("SELECT count(*) FROM {table}");
            assert!(to.count(&count) > 0, "nothing in {table}");
            assert_eq!(
                from.count(&count),
                to.count(&count),
                "{table} of {release:?}"
            );
        }
        let build =
            "SELECT created_at, provisioner_state, deadline FROM workspace_builds ORDER BY id";
        assert_eq!(from.rows(build), to.rows(build));
    }
}

#[test]
fn a_random_scene_has_something_in_every_part_of_a_snapshot() {
    let Some(database) = postgres() else { return };
    random::fill(&database, 3, 300);
    let snapshot = reference::snapshot(
        &database,
        random::NOW,
        random::LOOKBACK_SECS,
        random::HARD_LIMIT,
    );
    for (part, rows) in snapshot.as_object().unwrap() {
        let Some(rows) = rows.as_array() else {
            continue;
        };
        assert!(rows.len() > 2, "{part} has {} rows", rows.len());
    }
    let off = reference::snapshot(&database, random::NOW, 0, 0);
    assert_eq!(off["hard_limited"], serde_json::json!([]));
    assert_eq!(off["backoffs"], serde_json::json!([]));
    assert_eq!(off["leftovers"], snapshot["leftovers"]);
}

#[test]
fn a_private_server_can_be_stopped_and_started() {
    let Some(server) = cluster::Cluster::private() else {
        return;
    };
    let session = |url: &str| crate::support::database::Session::try_open(url);
    session(&server.url("postgres"))
        .unwrap()
        .execute("CREATE TABLE kept ()");
    server.stop("immediate");
    assert!(session(&server.url("postgres")).is_err());
    server.restart();
    let count = "SELECT count(*) FROM kept";
    assert_eq!(
        session(&server.socket_url("postgres"))
            .unwrap()
            .value(count)
            .unwrap(),
        "0"
    );
}

#[test]
fn a_run_of_the_binary_is_observed() {
    let output = process::prebuildctl(["--version"]).stdin("ignored").run();
    let version = concat!("prebuildctl ", env!("CARGO_PKG_VERSION"), " (");
    assert!(output.ok().starts_with(version), "{output:?}");
    assert_eq!(output.stderr, "");

    let output = process::prebuildctl(["no-such-command"]).run();
    output.expect_code(64);
    assert_eq!(output.stdout, "");
    assert!(output.stderr.contains("no-such-command"), "{output:?}");
}

#[test]
fn a_signal_that_ends_a_run_shows_in_its_code() {
    // Waits for a snapshot that never comes.
    let mut run = process::prebuildctl(["plan", "--snapshot", "-"]).spawn_with_open_stdin();
    assert!(run.is_running());
    run.signal("KILL");
    run.wait().expect_code(128 + 9);
}

#[test]
fn a_dump_shows_every_change() {
    both(|database| {
        let before = database.dump();
        assert_eq!(before, database.dump());
        database.execute("UPDATE users SET name = 'x'");
        let after = database.dump();
        assert_eq!(before["users"].len(), 1);
        assert_ne!(before["users"], after["users"]);
    });
}
