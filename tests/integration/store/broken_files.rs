//! SQLite files that no further attempt can use: services end and say what to do.

use std::fs;
use std::os::unix::fs::FileExt as _;

use super::assert_error;
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::service::{declare, until_workspaces};
use crate::support::sqlite;

/// Overwrites the jobs and the workspaces, and leaves everything else as it is.
fn damage(database: &Database) {
    let mut session = database.session();
    session.execute("PRAGMA wal_checkpoint(TRUNCATE)");
    let size: u64 = session.value("PRAGMA page_size").unwrap().parse().unwrap();
    let pages = session.rows(
        "SELECT rootpage FROM sqlite_schema WHERE tbl_name IN ('provisioner_jobs', 'workspaces') AND rootpage",
    );
    drop(session);
    let file = fs::OpenOptions::new()
        .write(true)
        .open(database.path())
        .unwrap();
    for page in pages.into_iter().flatten().flatten() {
        let page: u64 = page.parse().unwrap();
        let start = (page - 1) * size;
        file.write_all_at(&[0xa5; 512], start).unwrap();
    }
}

#[test]
fn services_end_on_a_damaged_file() {
    for command in [
        "provision --simulate",
        "provision --simulate --drain",
        "loop",
        "loop --max-passes 9",
    ] {
        let database = sqlite();
        declare(&database.url, 1);
        damage(&database);
        let output = prebuildctl(command.split(' ')).on(&database).run();
        let name = database.path().display().to_string();
        assert_error(
            &output,
            1,
            &["malformed", &name, "PRAGMA integrity_check", "backup"],
        );
    }
}

#[test]
fn a_loop_that_has_worked_ends_on_a_damaged_or_missing_file() {
    let damages: [fn(&Database); 2] =
        [damage, |database| fs::remove_file(database.path()).unwrap()];
    for damage in damages {
        let database = sqlite();
        declare(&database.url, 1);
        let arguments = ["loop", "--interval=50ms", "--database-url", &database.url];
        let running = prebuildctl(arguments).spawn();
        until_workspaces(&database, 1);
        damage(&database);
        running.wait().expect_code(1);
    }
}
