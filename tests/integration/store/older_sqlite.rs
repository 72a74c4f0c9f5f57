//! The embedded database under the SQLite of Debian: sound there, and whole after a dump.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::service::declare;

/// What the shell of the system says to a command; none without one.
fn shell(path: &Path, command: &str) -> Option<String> {
    let output = Command::new("sqlite3").arg(path).arg(command).output();
    let Ok(output) = output else {
        let required = std::env::var_os("PREBUILDCTL_TEST_REQUIRE_POSTGRES").is_some();
        assert!(!required, "sqlite3 is not installed");
        eprintln!("skipped: sqlite3 is not installed");
        return None;
    };
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
    Some(String::from_utf8(output.stdout).unwrap())
}

/// A pool with a build that succeeded, and with it rows of every kind.
fn fill(database: &Database) {
    declare(&database.url, 2);
    prebuildctl(["reconcile-once"]).on(database).run().ok();
    let provision = ["provision", "--simulate", "--build-time=0s", "--drain"];
    prebuildctl(provision).on(database).run().ok();
}

/// Takes the schema back to what it was before its checks knew of nulls.
fn take_back(database: &Database) {
    let mut session = database.session();
    session.execute(
        "PRAGMA writable_schema = ON;
         UPDATE sqlite_schema SET sql = replace(replace(replace(replace(replace(replace(sql,
             'trace_metadata IS NULL OR ', ''), 'environment_variables IS NULL OR ', ''),
             'instance_metadata IS NULL OR ', ''), 'resource_metadata IS NULL OR ', ''),
             'subsystems IS NULL OR ', ''), 'display_apps IS NULL OR ', '');
         PRAGMA writable_schema = RESET;
         DROP TABLE prebuildctl_history;
         DROP TABLE prebuildctl_misses;
         DELETE FROM _sqlx_migrations WHERE version >= 5",
    );
}

#[test]
fn an_older_sqlite_finds_the_database_sound_and_restores_its_dump_whole() {
    for is_old in [false, true] {
        let database = Database::sqlite(TestDir::new());
        fill(&database);
        if is_old {
            take_back(&database);
            prebuildctl(["snapshot"]).on(&database).run().expect_code(6);
            prebuildctl(["init"]).on(&database).run().ok();
        }
        let Some(check) = shell(&database.path(), "PRAGMA integrity_check") else {
            return;
        };
        assert_eq!(check, "ok\n");
        // A row with nulls can be changed there.
        shell(
            &database.path(),
            "UPDATE workspace_agents SET directory = '/x'",
        );

        let before = database.dump();
        let dump = shell(&database.path(), ".dump").unwrap();
        let dir = TestDir::new();
        let text = dir.write("dump.sql", &dump);
        let restored = Database::sqlite(dir);
        let status = Command::new("sqlite3")
            .arg(restored.path())
            .stdin(std::fs::File::open(text).unwrap())
            .stderr(Stdio::inherit())
            .status();
        assert!(status.unwrap().success());
        assert!(restored.dump() == before);
        prebuildctl(["plan", "--detailed-exitcode"])
            .on(&restored)
            .run()
            .ok();
    }
}
