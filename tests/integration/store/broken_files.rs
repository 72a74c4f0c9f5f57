//! SQLite files that no further attempt can use: services end and say what to do.

use std::fs;
use std::os::unix::fs::FileExt as _;

use super::assert_error;
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::service::{declare, stop, until_workspaces};
use crate::support::{sqlite, wait_until};

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

/// Moves the file and what belongs to it away, as a backup that is put back does.
fn move_away(database: &Database) -> TestDir {
    let away = TestDir::new();
    let path = database.path();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap().path();
        if entry.is_file() {
            fs::rename(&entry, away.path().join(entry.file_name().unwrap())).unwrap();
        }
    }
    away
}

#[test]
fn services_go_on_in_the_file_that_takes_the_place_of_theirs() {
    let database = sqlite();
    declare(&database.url, 1);
    let worker = "provision --simulate --build-time 0s --poll-interval 50ms";
    let worker = prebuildctl(worker.split(' ')).on(&database).spawn();
    let service = prebuildctl(["loop", "--interval=50ms"])
        .on(&database)
        .spawn();
    let built = || {
        database.count("SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build' AND completed_at IS NOT NULL")
    };
    wait_until("a workspace is built", || built() == 1);
    let services = [&worker, &service];
    services.iter().for_each(|it| it.signal("STOP"));
    let _away = move_away(&database);
    declare(&database.url, 2);
    services.iter().for_each(|it| it.signal("CONT"));
    wait_until("two are built in the new file", || built() == 2);
    stop(worker).ok();
    stop(service).ok();
}

#[test]
fn a_worker_whose_file_is_gone_ends() {
    let database = sqlite();
    declare(&database.url, 0);
    let worker = "provision --simulate --poll-interval 50ms";
    let worker = prebuildctl(worker.split(' ')).on(&database).spawn();
    let is_at_work = "SELECT count(*) FROM provisioner_daemons";
    wait_until("the worker is there", || database.count(is_at_work) == 1);
    let _away = move_away(&database);
    assert_error(&worker.wait(), 1, &["does not exist"]);
}
