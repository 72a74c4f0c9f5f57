//! A pass that is cut off at any moment has happened as a whole or not at all.

use std::thread;
use std::time::Instant;

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::{Coder, coder, gate, pass, postgres, sqlite, wait_for_goodbye, wait_until};

/// Rows that a pass adds to.
fn rows(database: &Database) -> Vec<i64> {
    let tables = [
        "workspaces",
        "workspace_builds",
        "provisioner_jobs",
        "workspace_build_parameters",
    ];
    tables
        .iter()
        .map(|table| database.count(&format!("SELECT count(*) FROM {table}")))
        .collect()
}

/// Makes sure that every build is whole.
#[track_caller]
fn assert_whole(database: &Database) {
    for (what, sql) in [
        (
            "workspaces without a first build",
            "SELECT count(*) FROM workspaces AS w WHERE NOT EXISTS (
                SELECT 1 FROM workspace_builds WHERE workspace_id = w.id AND build_number = 1)",
        ),
        (
            "gaps in build numbers",
            "SELECT count(*) FROM (
                SELECT workspace_id FROM workspace_builds GROUP BY workspace_id
                HAVING count(*) <> max(build_number)
                    OR count(DISTINCT build_number) <> count(*)) AS gaps",
        ),
        (
            "jobs without a build",
            "SELECT count(*) FROM provisioner_jobs AS j WHERE type = 'workspace_build'
             AND (SELECT count(*) FROM workspace_builds WHERE job_id = j.id) <> 1",
        ),
        (
            "builds without their parameter",
            "SELECT count(*) FROM workspace_builds AS b
             WHERE (SELECT count(*) FROM workspace_build_parameters
                    WHERE workspace_build_id = b.id) <> 1",
        ),
        (
            "cancelled jobs whose workspace was not removed",
            "SELECT count(*) FROM provisioner_jobs AS j
             JOIN workspace_builds AS b ON b.job_id = j.id
             WHERE j.job_status = 'canceled' AND NOT EXISTS (
                SELECT 1 FROM workspace_builds WHERE workspace_id = b.workspace_id
                    AND build_number = 2 AND transition = 'delete')",
        ),
    ] {
        assert_eq!(database.count(sql), 0, "{what}");
    }
}

/// Adds work of every kind to a database: creates, deletes and cancellations.
fn add_work(scene: &Scene, round: usize, size: i64) {
    for part in ["a", "b"] {
        let web = scene.template(&format!("{part}{round}"));
        scene.parameter(&web, "region", Some("eu"));
        scene.preset(&web, "pool", size);
        let full = scene.preset(&web, "full", 0);
        let gone = scene.preset(&web, "gone", 0);
        let old = scene.version(&web.template, "old");
        scene.parameter(&old, "region", Some("eu"));
        scene.execute(&format!(
            "UPDATE template_version_presets SET template_version_id = '{}' WHERE id = '{gone}'",
            old.id
        ));
        for _ in 0..3 {
            let running = scene.prebuild(&web, &full, Job::Succeeded, 60);
            let pending = scene.prebuild(&old, &gone, Job::Pending, 60);
            for workspace in [running, pending] {
                scene.execute(&format!(
                    "INSERT INTO workspace_build_parameters VALUES ('{}', 'region', 'eu')",
                    workspace.build
                ));
            }
        }
    }
}

/// What a pass over [`add_work`] adds to the tables that [`rows`] counts.
fn added(size: i64) -> [i64; 4] {
    let builds = 2 * (size + 3 + 3);
    [2 * size, builds, builds, builds]
}

/// Kills passes at many moments between their beginning and their end.
fn kill_at_random(database: &Database, size: i64, kills: u32) {
    let scene = Scene::new(database);
    add_work(&scene, 0, size);
    let begun = Instant::now();
    let before = rows(database);
    pass(database, &[]).ok();
    let whole = begun.elapsed();
    let full: Vec<i64> = before.iter().zip(added(size)).map(|(a, b)| a + b).collect();
    assert_eq!(rows(database), full);
    assert_whole(database);

    let mut rng = fastrand::Rng::with_seed(u64::from(kills));
    let (mut done, mut undone) = (0, 0);
    add_work(&scene, 1, size);
    let mut round = 1;
    for kill in 0..kills {
        let before = rows(database);
        let run = prebuildctl(["reconcile-once"]).on(database).spawn();
        // Spread evenly, and beyond the usual end as well.
        let part = (f64::from(kill) + rng.f64()) / f64::from(kills) * 1.15;
        thread::sleep(whole.mul_f64(part));
        run.kill_unless_over();
        wait_for_goodbye(database);
        let after = rows(database);
        if after == before {
            undone += 1;
        } else {
            let full: Vec<i64> = before.iter().zip(added(size)).map(|(a, b)| a + b).collect();
            assert_eq!(after, full, "half a pass, killed after {part} of {whole:?}");
            done += 1;
            round += 1;
            add_work(&scene, round, size);
        }
        assert_whole(database);
    }
    eprintln!("{undone} of {kills} passes undone, {done} done, within {whole:?}");
    assert!(undone > 0, "every pass was over before it was killed");
    // Nothing keeps the next pass from its work.
    let before = rows(database);
    pass(database, &["--fail-if-locked"]).ok();
    let full: Vec<i64> = before.iter().zip(added(size)).map(|(a, b)| a + b).collect();
    assert_eq!(rows(database), full);
    assert_whole(database);
}

#[test]
fn a_pass_on_sqlite_killed_at_any_moment_leaves_all_or_nothing() {
    kill_at_random(&sqlite(), 150, 30);
}

#[test]
fn a_pass_on_postgres_killed_at_any_moment_leaves_all_or_nothing() {
    let Some(database) = postgres() else { return };
    kill_at_random(&database, 150, 20);
}

#[test]
fn a_pass_on_a_coder_database_killed_at_any_moment_leaves_all_or_nothing() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    kill_at_random(&database, 60, 15);
}

/// Puts a gate in the middle of the creates of the second template, when the first one's are written.
fn block_second_template(database: &Database) {
    let second = database
        .value("SELECT active_version_id FROM templates WHERE name = 'b0'")
        .unwrap();
    let creates = format!("NEW.template_version_id = '{second}' AND NEW.transition = 'start'");
    gate::build(database, "workspace_builds", &creates);
}

#[test]
fn a_pass_cut_off_between_two_presets_leaves_nothing() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    add_work(&scene, 0, 5);
    block_second_template(&database);
    let shut = gate::shut(&database);
    let before = database.dump();

    for signal in ["KILL", "TERM", "INT"] {
        let run = prebuildctl(["reconcile-once"]).on(&database).spawn();
        gate::wait_for_comer(&database);
        run.signal(signal);
        let code = run.wait().code;
        assert_eq!(
            code,
            if signal == "INT" {
                130
            } else if signal == "TERM" {
                143
            } else {
                137
            }
        );
        // The server notices when it next has something to say.
        database.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'prebuildctl'",
        );
        wait_for_goodbye(&database);
        assert!(before == database.dump(), "{signal}");
    }

    // The server ends the session instead.
    let run = prebuildctl(["reconcile-once"]).on(&database).spawn();
    let pid = gate::wait_for_comer(&database);
    database.execute(&format!("SELECT pg_terminate_backend({pid})"));
    let output = run.wait();
    output.expect_code(1);
    assert!(output.stderr.contains("what to do"), "{output:?}");
    wait_for_goodbye(&database);
    assert!(before == database.dump());

    drop(shut);
    pass(&database, &["--fail-if-locked"]).ok();
    assert_whole(&database);
    let grown: Vec<i64> = rows(&database);
    assert_eq!(grown[0], 12 + 10);
}

#[test]
fn a_pass_killed_while_the_server_works_for_it_soon_frees_the_lock() {
    let Some(database) = postgres() else { return };
    if database.count("SELECT current_setting('server_version_num')::bigint") < 140_000 {
        eprintln!("skipped: the server doesn't look after its clients");
        return;
    }
    let scene = Scene::new(&database);
    add_work(&scene, 0, 1);
    // Longer than anybody waits here, and no lock that a time limit would end the wait for.
    database.execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN PERFORM pg_sleep(200); RETURN NEW; END $$;
         CREATE TRIGGER slow BEFORE INSERT ON workspace_builds FOR EACH ROW
         EXECUTE FUNCTION dawdle()",
    );
    let working = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'
        AND datname = current_database() AND application_name = 'prebuildctl'";
    let run = prebuildctl(["reconcile-once"]).on(&database).spawn();
    wait_until("the server works for the pass", || {
        database.count(working) == 1
    });
    run.signal("KILL");
    run.wait().expect_code(137);
    wait_for_goodbye(&database);
    database.execute("DROP TRIGGER slow ON workspace_builds");
    pass(&database, &["--fail-if-locked"]).ok();
    assert_whole(&database);
}

#[test]
fn a_crash_of_the_server_in_the_middle_of_a_pass_leaves_all_or_nothing() {
    use crate::support::cluster::Cluster;

    let Some(server) = Cluster::private() else {
        return;
    };
    let url = server.url("postgres");
    prebuildctl(["init", "--database-url", &url]).run().ok();
    let database = Database::borrowed(&url);
    let scene = Scene::new(&database);
    add_work(&scene, 0, 50);
    block_second_template(&database);
    drop(scene);
    let before = database.dump();
    let shut = gate::shut(&database);
    let run = prebuildctl(["reconcile-once", "--database-url", &url]).spawn();
    gate::wait_for_comer(&database);
    server.stop("immediate");
    let output = run.wait();
    output.expect_code(1);
    assert!(output.stderr.contains("what to do"), "{output:?}");
    drop(shut);
    server.restart();
    assert!(before == database.dump());
    let output = prebuildctl(["reconcile-once", "--database-url", &url]).run();
    output.ok();
    assert_whole(&database);
    assert_eq!(rows(&database)[0], 12 + 100);
}
