//! Clean-ups of many workspaces: few statements, and nothing lost when they are cut off.

use std::thread;
use std::time::Instant;

use super::{DELETES, cleanup, counts};
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, copies};
use crate::support::statements::statements_of;
use crate::support::{Coder, coder, postgres, sqlite, wait_for_goodbye, wait_until};

/// Many failed workspaces, made by copying one.
fn crowd(database: &Database, scene: &Scene, size: i64) {
    let web = scene.template("web");
    scene.parameter(&web, "region", Some("eu"));
    let pool = scene.preset(&web, "pool", 0);
    let model = scene.prebuild(&web, &pool, Job::Failed, 3600);
    scene.execute(&format!(
        "INSERT INTO workspace_build_parameters VALUES ('{}', 'region', 'eu')",
        model.build
    ));
    copies::copy(database, &model, size - 1);
}

/// Every workspace is deleted by exactly one build with one job and one parameter.
#[track_caller]
fn assert_cleaned_up(database: &Database, size: i64) {
    for (table, expected) in [
        ("workspaces", size),
        ("workspace_builds", 2 * size),
        ("workspace_build_parameters", 2 * size),
    ] {
        let count = format!("SELECT count(*) FROM {table}");
        assert_eq!(database.count(&count), expected, "{table}");
    }
    let whole = "SELECT count(*) FROM workspaces AS w
        JOIN workspace_builds AS b ON b.workspace_id = w.id AND b.build_number = 2
            AND b.transition = 'delete'
        JOIN provisioner_jobs AS j ON j.id = b.job_id AND j.job_status = 'pending'
        JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id";
    assert_eq!(database.count(whole), size);
    let jobs = "SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build'";
    assert_eq!(database.count(jobs), 2 * size);
}

#[test]
fn a_thousand_leftovers_take_hardly_more_statements_than_ten() {
    let count = |size: i64| {
        let database = postgres()?;
        let scene = Scene::new(&database);
        crowd(&database, &scene, size);
        let statements = statements_of(&database, || {
            let report = cleanup(&database, &["--yes"]).json();
            assert_eq!(counts(&report), [size, 0, 0, 0]);
        });
        drop(scene);
        assert_cleaned_up(&database, size);
        statements
    };
    let (Some(few), Some(half), Some(many)) = (count(10), count(500), count(1000)) else {
        return;
    };
    eprintln!("{few} statements for 10, {half} for 500, {many} for 1000");
    assert_eq!(few, half);
    // One more transaction, which takes the lock anew.
    assert!(many - few <= 13, "{few}, then {many}");
}

/// Keeps clean-ups for good from what comes after their first chunk.
fn hold_second_chunk(database: &Database) {
    let deletes = format!("({DELETES}) >= 500");
    database.execute(&if database.is_sqlite() {
        format!(
            "CREATE TRIGGER held BEFORE INSERT ON workspace_builds
             WHEN NEW.transition = 'delete' AND {deletes} BEGIN
                 SELECT count(*) FROM (
                     WITH RECURSIVE endless (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM endless)
                     SELECT n FROM endless);
             END"
        )
    } else {
        format!(
            "CREATE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF {deletes} THEN PERFORM pg_sleep(200); END IF; RETURN NEW; END $$;
             CREATE TRIGGER held BEFORE INSERT ON workspace_builds FOR EACH ROW
             WHEN (NEW.transition = 'delete') EXECUTE FUNCTION hold()"
        )
    });
}

/// Kills clean-ups at many moments, one of them between two chunks: whole chunks have happened, and in the
/// end all of it.
fn kill_and_run_again(make: impl Fn() -> Option<Database>) {
    const SIZE: i64 = 1200;
    let Some(database) = make() else { return };
    let scene = Scene::new(&database);
    crowd(&database, &scene, SIZE);
    let begun = Instant::now();
    cleanup(&database, &["--yes"]).ok();
    let whole = begun.elapsed();
    assert_cleaned_up(&database, SIZE);

    let mut rng = fastrand::Rng::with_seed(7);
    for round in 0..5 {
        let Some(database) = make() else { return };
        let scene = Scene::new(&database);
        crowd(&database, &scene, SIZE);
        let held = round == 4;
        if held {
            hold_second_chunk(&database);
        }
        let run = prebuildctl(["cleanup", "--yes"]).on(&database).spawn();
        if held {
            wait_until("a chunk is done", || database.count(DELETES) > 0);
        } else {
            thread::sleep(whole.mul_f64((f64::from(round) + rng.f64()) / 4.0));
        }
        run.kill_unless_over();
        if held && !database.is_sqlite() {
            // The server of an early version looks after its clients only when it has something to say.
            database.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'prebuildctl'",
            );
        }
        wait_for_goodbye(&database);
        let done = database.count(DELETES);
        if held {
            assert_eq!(done, 500);
            let table = if database.is_sqlite() {
                ""
            } else {
                "ON workspace_builds"
            };
            database.execute(&format!("DROP TRIGGER held {table}"));
        }
        assert!(
            [0, 500, 1000, SIZE].contains(&done),
            "{done} are no whole chunks"
        );
        let report = cleanup(&database, &["--yes"]).json();
        assert_eq!(counts(&report), [SIZE - done, 0, 0, 0]);
        assert_cleaned_up(&database, SIZE);
    }
}

#[test]
fn a_cleanup_killed_in_the_middle_is_finished_by_another() {
    kill_and_run_again(|| Some(sqlite()));
    kill_and_run_again(postgres);
    kill_and_run_again(|| coder(Coder::Current));
}
