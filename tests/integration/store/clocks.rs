//! Hosts and servers whose clocks differ, and marks that a clock which was ahead has left.

use super::assert_error;
use crate::ops::doctor::findings;
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::report::{counts, planned_at};
use crate::support::scene::{Job, Scene};
use crate::support::{both, pass, postgres, servers};

/// A pool of two with one ready member, an hour old, that expires after two hours.
fn pool(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let web = scene.template("web");
    let preset = scene.preset(&web, "pool", 2);
    scene.prebuild(&web, &preset, Job::Succeeded, 3600);
    scene.execute("UPDATE template_version_presets SET invalidate_after_secs = 7200");
    scene
}

fn check(database: &Database, name: &str) -> Option<[String; 3]> {
    let doctor = prebuildctl(["doctor", "--format=json"]).on(database).run();
    findings(&doctor)
        .into_iter()
        .find(|[check, ..]| check == name)
}

#[test]
fn a_pass_of_a_host_whose_clock_is_wrong_is_refused() {
    for database in servers() {
        pool(&database);
        for (by, said) in [("-10 hours", "36000 s ahead of"), ("90 s", "90 s behind")] {
            database.shift_clock(by);
            let before = database.dump();
            let output = prebuildctl(["reconcile-once"]).on(&database).run();
            let seconds = said.split_once(' ').unwrap().1;
            assert_error(&output, 6, &["clock is", seconds, "--any-clock"]);
            let once = ["loop", "--max-passes=1"];
            prebuildctl(once).on(&database).run().expect_code(6);
            assert!(before == database.dump());
            let [_, level, _] = check(&database, "clock").unwrap();
            assert_eq!(level, "warning");
        }
        database.shift_clock("30 s");
        pass(&database, &[]).ok();
    }
}

#[test]
fn what_is_written_bears_the_time_of_the_server() {
    for database in servers() {
        let scene = pool(&database);
        database.shift_clock("-10 hours");
        let newest = "SELECT max(created_at) < now() - interval '9 hours' FROM provisioner_jobs
                      WHERE type = 'workspace_build' AND id NOT IN (SELECT id FROM seen)";
        scene.execute("CREATE TABLE seen AS SELECT id FROM provisioner_jobs");
        let report = pass(&database, &["--any-clock"]).json();
        // By the host's clock it would be the same: the member is not older by the server's.
        assert_eq!(counts(&report)[..2], [1, 0]);
        assert_eq!(database.value(newest).as_deref(), Some("1"));
        let planned = database.count(&format!(
            "SELECT count(*) FROM workspace_builds WHERE created_at = '{}'",
            planned_at(&report)
        ));
        assert_eq!(planned, 1);
        scene.execute("INSERT INTO seen SELECT id FROM provisioner_jobs");
        let claim = ["claim", "--preset=pool", "--user=ann", "--name=box"];
        prebuildctl(claim).on(&database).run().ok();
        assert_eq!(database.value(newest).as_deref(), Some("1"));
        if !database.knows_invalidation() {
            continue;
        }
        prebuildctl(["invalidate", "pool", "--yes"])
            .on(&database)
            .run()
            .ok();
        let mark = "SELECT last_invalidated_at < now() - interval '9 hours'
                    FROM template_version_presets";
        assert_eq!(database.value(mark).as_deref(), Some("1"));
    }
}

#[test]
fn every_command_writes_the_time_of_the_server() {
    let Some(database) = postgres() else { return };
    database.shift_clock("-10 hours");
    let dir = TestDir::new();
    let pools = "[[organizations]]\nname = 'acme'\n[[users]]\nusername = 'ada'\norganizations = ['acme']\n\
                 [[templates]]\norganization = 'acme'\nname = 'web'\n\
                 [[templates.presets]]\nname = 'pool'\ninstances = 3\n";
    dir.write("pools.toml", pools);
    for command in [
        "apply pools.toml",
        "reconcile-once --any-clock",
        "provision --drain --exec echo said",
        "claim --preset pool --user ada --name box",
        "invalidate pool --yes",
        "pause",
        "resume",
        "loop --max-passes 1 --any-clock",
        "provision --drain --simulate --build-time 0s --failure-rate 1",
        "cleanup --yes",
        "reset-limit pool --yes --failure-hard-limit 1",
        "provision --drain --simulate --build-time 0s",
    ] {
        let run = prebuildctl(command.split(' '))
            .on(&database)
            .within(&dir)
            .run();
        assert!(
            run.code == 0 || command.starts_with("reset-limit"),
            "{command}: {run:?}"
        );
    }
    let said = "SELECT count(*) FROM provisioner_job_logs WHERE output = 'said'";
    assert_eq!(database.count(said), 3);
    // The list of migrations is written by a library.
    let columns = database.rows(
        "SELECT table_name, column_name FROM information_schema.columns
         WHERE table_schema = 'public' AND data_type = 'timestamp with time zone'
           AND table_name <> '_sqlx_migrations'",
    );
    assert!(columns.len() >= 40, "{}", columns.len());
    for column in columns {
        let [table, column] = [0, 1].map(|at| column[at].clone().unwrap());
        let later =
            format!("SELECT count(*) FROM {table} WHERE {column} > now() - interval '9 hours'");
        assert_eq!(database.count(&later), 0, "{table}.{column}");
    }
}

#[test]
fn a_mark_that_is_still_to_come_is_shown_and_can_be_set_back() {
    both(|database| {
        let scene = pool(database);
        let future = scene.ago(-7200);
        scene.execute(&format!(
            "UPDATE template_version_presets SET desired_instances = 1, last_invalidated_at = '{future}'"
        ));
        let [_, level, message] = check(database, "invalidation").unwrap();
        assert_eq!(level, "error");
        let beginning = "1 preset was invalidated at a time that is still to come: acme/web/pool; ";
        assert!(message.starts_with(beginning), "{message}");
        if database.is_sqlite() {
            // No other program believes it there.
            let report = pass(database, &[]).json();
            assert_eq!(counts(&report), [0; 5]);
        }
        prebuildctl(["invalidate", "pool", "--yes"])
            .on(database)
            .run()
            .ok();
        assert_eq!(check(database, "invalidation"), None);
        for replaced in [1, 0] {
            let report = pass(database, &[]).json();
            assert_eq!(counts(&report)[..2], [replaced, replaced]);
            scene.finish_builds();
        }
    });
}
