//! `init`, and schemas that are missing, older, newer or somebody else's.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{COMMANDS, DECLARING, assert_all_fail, assert_error, assert_fail};
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl, prebuildctl_after};
use crate::support::scene::{Scene, random};
use crate::support::{Coder, RELEASES, both, cluster, coder, everywhere, wait_until};

#[test]
fn init_makes_a_private_file_once() {
    let dir = TestDir::new();
    let path = dir.join("deep/er/pools.db");
    let url = format!("sqlite:{}", path.display());
    let first = prebuildctl(["init", "--database-url", &url]).run();
    first.ok();
    assert!(first.stderr.contains("is ready"), "{first:?}");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    let second = prebuildctl(["init", "--database-url", &url]).run();
    second.ok();
    assert!(second.stderr.contains("was already ready"), "{second:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn apply_and_demo_make_a_private_file_as_well() {
    let dir = TestDir::new();
    let url = format!("sqlite:{}", dir.join("applied.db").display());
    prebuildctl_after("umask 0", ["apply", "-", "--database-url", &url])
        .stdin("[[organizations]]\nname = \"acme\"\n")
        .run()
        .ok();
    prebuildctl_after("umask 0", ["demo", "tour"])
        .within(&dir)
        .run()
        .ok();
    for file in ["applied.db", "tour/prebuilds.db"] {
        let mode = fs::metadata(dir.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
}

#[test]
fn nobody_else_reads_the_file_its_side_files_and_its_folder_whatever_the_umask() {
    let dir = TestDir::new();
    let url = format!("sqlite:{}", dir.join("data/deep/pools.db").display());
    let run = |arguments: &[&str]| {
        let all = arguments.iter().copied().chain(["--database-url", &url]);
        prebuildctl_after("umask 0", all)
    };
    run(&["init"]).run().ok();
    let worker = run(&["provision", "--simulate"]).spawn();
    let mode = |name: &str| {
        let file = fs::metadata(dir.join("data").join(name));
        file.map(|file| file.permissions().mode() & 0o777).ok()
    };
    wait_until("the worker has written", || {
        mode("deep/pools.db-wal").is_some() && mode("deep/pools.db-shm").is_some()
    });
    let modes = [
        "",
        "deep",
        "deep/pools.db",
        "deep/pools.db-wal",
        "deep/pools.db-shm",
    ]
    .map(mode);
    let [folder, file] = [Some(0o700), Some(0o600)];
    assert_eq!(modes, [folder, folder, file, file, file]);
    worker.kill_unless_over();
}

#[test]
fn init_twice_changes_nothing() {
    both(|database| {
        Scene::new(database);
        let before = database.dump();
        prebuildctl(["init"]).on(database).run().ok();
        assert!(before == database.dump());
    });
}

#[test]
fn init_at_the_same_time_makes_one_schema() {
    let Some(database) = empty() else { return };
    let runs = [(); 4].map(|()| prebuildctl(["init"]).on(&database).spawn());
    for run in runs {
        run.wait().ok();
    }
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
    let dir = TestDir::new();
    let url = format!("sqlite:{}", dir.join("pools.db").display());
    let runs = [(); 6].map(|()| prebuildctl(["init", "--database-url", &url]).spawn());
    for run in runs {
        run.wait().ok();
    }
}

/// A PostgreSQL database with nothing in it.
fn empty() -> Option<Database> {
    cluster::postgres().map(|cluster| cluster.create_database("empty"))
}

#[test]
fn init_never_touches_what_is_not_its_own() {
    for release in RELEASES.into_iter().chain([Coder::Newer]) {
        let Some(database) = coder(release) else {
            return;
        };
        let before = database.dump();
        let output = prebuildctl(["init"]).on(&database).run();
        assert_error(&output, 6, &["refused", "Coder manages this database"]);
        assert!(before == database.dump());
        assert_eq!(before.get("_sqlx_migrations"), None);
    }
    let foreign = |database: &Database| {
        database.execute("CREATE TABLE things (id integer)");
        let output = prebuildctl(["init"]).on(database).run();
        assert_error(&output, 6, &["refused", "something else"]);
        assert_eq!(database.dump().len(), 1);
        let texts = ["holds no pools", "other tables"];
        assert_fail(COMMANDS.iter().copied(), &database.url, 1, &texts);
        let texts = ["refused", "something else"];
        assert_fail(DECLARING.iter().copied(), &database.url, 6, &texts);
    };
    foreign(&empty().unwrap());
    let lite = Database::sqlite(TestDir::new());
    foreign(&lite);
    // Ours have another one, which would stay.
    let mode = lite.value("PRAGMA journal_mode");
    assert_eq!(mode.as_deref(), Some("delete"));
}

#[test]
fn an_empty_database_asks_for_init() {
    let Some(database) = empty() else { return };
    assert_all_fail(&database.url, 1, &["holds no pools", "it is empty", "init"]);
    assert!(database.dump().is_empty());
}

#[test]
fn a_schema_of_a_later_version_is_refused_and_left_alone() {
    both(|database| {
        let time = if database.is_sqlite() {
            "CURRENT_TIMESTAMP"
        } else {
            "now()"
        };
        let checksum = if database.is_sqlite() {
            "X'00'"
        } else {
            "'\\x00'"
        };
        database.execute(&format!(
            "INSERT INTO _sqlx_migrations
                (version, description, installed_on, success, checksum, execution_time)
             VALUES (999, 'later', {time}, true, {checksum}, 1)"
        ));
        let before = database.dump();
        assert_all_fail(
            &database.url,
            6,
            &["refused", "version 999", "update prebuildctl"],
        );
        let output = prebuildctl(["init"]).on(database).run();
        assert_error(&output, 6, &["refused", "999", "update prebuildctl"]);
        assert!(before == database.dump());
    });
}

#[test]
fn a_schema_of_an_earlier_version_asks_for_init_and_is_brought_up_to_date() {
    both(|database| {
        let up_to_date = database.dump();
        database.execute(
            "DROP INDEX provisioner_jobs_completed_at_idx;
             DROP INDEX provisioner_jobs_heartbeat_idx;
             DROP INDEX provisioner_jobs_waiting_idx;
             DROP INDEX workspaces_unclaimed_idx;
             DROP TABLE prebuildctl_history;
             DROP TABLE prebuildctl_misses;
             DELETE FROM _sqlx_migrations WHERE version > 1",
        );
        assert_all_fail(
            &database.url,
            6,
            &["refused", "version 1", "prebuildctl init"],
        );
        prebuildctl(["init"]).on(database).run().ok();
        prebuildctl(["snapshot"]).on(database).run().ok();
        let versions =
            |dump: &std::collections::BTreeMap<String, Vec<_>>| dump["_sqlx_migrations"].len();
        assert_eq!(versions(&database.dump()), versions(&up_to_date));
    });
}

#[test]
fn a_column_that_nobody_can_fill_stops_passes_and_not_snapshots() {
    let Some(database) = coder(Coder::Newer) else {
        return;
    };
    random::fill(&database, 1, 30);
    let before = database.dump();
    prebuildctl(["snapshot"]).on(&database).run().ok();
    prebuildctl(["plan"]).on(&database).run().ok();
    let output = prebuildctl(["reconcile-once"]).on(&database).run();
    assert_error(
        &output,
        6,
        &["workspace_builds.placement_pool", "update prebuildctl"],
    );
    assert!(before == database.dump());

    everywhere(|database| {
        if database.is_sqlite() {
            return;
        }
        for (table, column) in [
            ("workspaces", "a"),
            ("provisioner_jobs", "b"),
            ("workspace_build_parameters", "c"),
        ] {
            database.execute(&format!(
                "ALTER TABLE {table} ADD COLUMN {column} text NOT NULL"
            ));
            let output = prebuildctl(["reconcile-once"]).on(database).run();
            assert_error(&output, 6, &[&format!("{table}.{column}")]);
            // A default is as good as knowing.
            database.execute(&format!(
                "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ''"
            ));
            prebuildctl(["reconcile-once"]).on(database).run().ok();
        }
        database.execute("ALTER TABLE workspaces RENAME COLUMN automatic_updates TO updates");
        let output = prebuildctl(["reconcile-once"]).on(database).run();
        assert_error(&output, 6, &["workspaces.automatic_updates"]);
    });
}
