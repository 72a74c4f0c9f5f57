//! Requests that find nothing to claim, on databases of our own: what is recorded of them, and that no answer depends on it.

use super::{answers, line};
use crate::support::both;
use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};

const MISSES: &str = "SELECT count(*) FROM prebuildctl_misses";

fn claim(database: &Database, preset: &str, user: &str, name: &str, more: &[&str]) -> Output {
    let command = ["claim", "--preset", preset, "--user", user, "--name", name];
    prebuildctl(command.iter().chain(more)).on(database).run()
}

/// A pool of this number of members.
fn scene(database: &Database, members: usize) -> (Scene, String) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "small", 3);
    for _ in 0..members {
        scene.prebuild(&web, &pool, Job::Succeeded, 60);
    }
    (scene, pool)
}

#[test]
fn a_request_that_finds_nothing_is_recorded_once() {
    both(|database| {
        let (scene, pool) = scene(database, 1);
        claim(database, "small", "ann", "a", &[]).ok();
        claim(database, "none", "ann", "b", &[]).expect_code(4);
        claim(database, "small", "nobody", "b", &[]).expect_code(1);
        claim(database, "small", "ann", "a", &[]).expect_code(1);
        assert_eq!(database.count(MISSES), 0);
        // Asked for again and again, and waited for.
        for more in [&[][..], &[], &["--wait-available=500ms"]] {
            claim(database, "small", "ann", "b", more).expect_code(4);
        }
        let row = database.row("SELECT preset_id, user_id, workspace_name FROM prebuildctl_misses");
        assert_eq!(row, [pool, scene.person.clone(), "b".to_owned()]);
        claim(database, "small", "ann", "c", &["--wait-available=500ms"]).expect_code(4);
        assert_eq!(database.count(MISSES), 2);
        let waited = "SELECT count(*) FROM prebuildctl_misses WHERE workspace_name = 'c' AND asked_at < created_at";
        assert_eq!(database.count(waited), 1);
    });
}

#[test]
fn each_line_of_a_batch_that_finds_nothing_is_recorded() {
    both(|database| {
        scene(database, 2);
        let lines: String = (0..100)
            .map(|n| line("small", "ann", &format!("w{n}")))
            .collect();
        let batch = prebuildctl(["claim", "--batch", "-"])
            .on(database)
            .stdin(lines);
        let output = batch.run();
        output.ok();
        let answers = answers(&output);
        let of = |status: &str| answers.iter().filter(|it| it["status"] == status).count();
        assert_eq!((of("claimed"), of("none_claimable")), (2, 98));
        assert_eq!(database.count(MISSES), 98);
        let distinct = "SELECT count(DISTINCT workspace_name) FROM prebuildctl_misses";
        assert_eq!(database.count(distinct), 98);
    });
}

#[test]
fn an_answer_stands_where_it_cannot_be_recorded() {
    both(|database| {
        scene(database, 1);
        database.execute("DROP TABLE prebuildctl_misses");
        claim(database, "small", "ann", "a", &[]).ok();
        let refused = claim(database, "small", "ann", "b", &[]);
        refused.expect_code(4);
        assert!(refused.stderr.contains("nothing to claim: "), "{refused:?}");
        assert!(refused.stderr.contains("not recorded"), "{refused:?}");
        let batch = prebuildctl(["claim", "--batch", "-"]).on(database);
        let output = batch.stdin(line("small", "ann", "c")).run();
        assert_eq!(
            answers(&output)[0]["status"],
            "none_claimable",
            "{output:?}"
        );
    });
}

#[test]
fn what_is_recorded_stays_small_and_says_how_far_back_it_goes() {
    both(|database| {
        let (_, pool) = scene(database, 0);
        let (series, at) = if database.is_sqlite() {
            (
                "WITH RECURSIVE n (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM n WHERE n < 100999)",
                "strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', (n - 101000) || ' seconds')",
            )
        } else {
            (
                "WITH n (n) AS (SELECT nextval('prebuildctl_misses_id_seq') FROM generate_series(1, 100999))",
                "now() + (n - 101000) * interval '1 s'",
            )
        };
        database.execute(&format!(
            "{series}
             INSERT INTO prebuildctl_misses (id, created_at, asked_at, preset_id, user_id, workspace_name)
             SELECT n, {at}, {at}, p.id, p.id, 'w' FROM n, template_version_presets AS p WHERE p.id = '{pool}'"
        ));
        database.execute(
            "UPDATE _sqlx_migrations SET installed_on = '2020-01-01 00:00:00' WHERE version = 7",
        );
        claim(database, "small", "ann", "a", &[]).expect_code(4);
        let ids = database.row("SELECT count(*), min(id), max(id) FROM prebuildctl_misses");
        assert_eq!(ids, ["100000", "1001", "101000"]);
        let demand = ["demand", "--since=7d", "-o", "json"];
        let document = prebuildctl(demand).on(database).run().json();
        let oldest = database
            .value("SELECT min(created_at) FROM prebuildctl_misses")
            .unwrap();
        let from = document["misses_from"].as_str().unwrap();
        assert_eq!(from[..19].replace('T', " "), oldest[..19].replace('T', " "));
        assert_eq!(document["pools"][0]["misses"], 100_000);
    });
}
