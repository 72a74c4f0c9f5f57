//! `demand`: what was asked of pools.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene, Version};
use crate::support::{coder_releases, everywhere};

fn run(database: &Database, arguments: &[&str]) -> Output {
    prebuildctl(arguments).on(database).run()
}

/// The pools of a document.
fn pools(database: &Database, arguments: &[&str]) -> Vec<Value> {
    let document = run(database, &[arguments, &["-o", "json"]].concat()).json();
    assert_eq!(document["version"], 1);
    document["pools"].as_array().unwrap().clone()
}

fn codes(pool: &Value) -> Vec<&str> {
    let notes = pool["notes"].as_array().unwrap().iter();
    notes.map(|it| it["code"].as_str().unwrap()).collect()
}

/// A pool with a member that ann claims after two hours, a request an hour before it was there, and one that
/// left it alone.
fn asked(database: &Database) -> (Scene, Version, String) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "small", 2);
    scene.of_person(&web, &pool, Job::Succeeded, 10_800);
    scene.prebuild(&web, &pool, Job::Succeeded, 7200);
    scene.prebuild(&web, &pool, Job::Failed, 7000);
    scene.of_person(&web, &pool, Job::Succeeded, 3600);
    run(
        database,
        &["claim", "--preset=small", "--user=ann", "--name=mine"],
    )
    .ok();
    (scene, web, pool)
}

#[test]
fn claims_misses_and_idle_members_are_told_on_every_database() {
    everywhere(|database| {
        asked(database);
        let keeps_misses = database.migration().is_some();
        let pools = pools(database, &["demand"]);
        assert_eq!(pools.len(), 1);
        let pool = &pools[0];
        assert_eq!(pool["preset"]["name"], "small");
        assert_eq!(
            (&pool["claims"], &pool["passed_by"]),
            (&json!(1), &json!(1))
        );
        let (misses, rate) = if keeps_misses {
            (json!(1), json!(0.5))
        } else {
            (Value::Null, Value::Null)
        };
        assert_eq!((&pool["misses"], &pool["hit_rate"]), (&misses, &rate));
        let idle = pool["idle_member_hours"].as_f64().unwrap();
        assert!((1.99..2.1).contains(&idle), "{idle}");
        assert_eq!(pool["build"]["number"], 1);
        assert_eq!(pool["failed_builds"], 1);
        let days = pool["by_hour"].as_array().unwrap().iter();
        let hours = days.flat_map(|day| day["claims"].as_array().unwrap().clone());
        assert_eq!(hours.filter_map(|it| it.as_i64()).sum::<i64>(), 1);
        let expected = match keeps_misses {
            true => vec!["little_history"],
            false => vec!["little_history", "misses_unknown"],
        };
        assert_eq!(codes(pool), expected);
        let table = run(database, &["demand"]);
        assert!(table.ok().contains("web/small"), "{table:?}");
        assert!(table.stderr.contains("[little_history]"), "{table:?}");
        let by_hour = run(database, &["demand", "--by-hour", "-o", "csv"]);
        assert_eq!(by_hour.ok().lines().count(), 1 + 168);
        assert_eq!(
            by_hour.stdout.lines().next(),
            Some("preset,day,hour,claims,misses")
        );
        // Before anything happened, and in a time to come.
        assert_eq!(
            self::pools(database, &["demand", "--since=30m"])[0]["passed_by"],
            0
        );
        run(database, &["demand", "--since=in 1h"]).expect_code(64);
        run(database, &["demand", "--preset=none"]).expect_code(1);
    });
}

#[test]
fn a_request_without_a_preset_counts_for_the_largest_one_whose_values_it_has() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let small = scene.preset(&web, "small", 1);
        scene.preset_value(&small, "cores", "2");
        let large = scene.preset(&web, "large", 1);
        scene.preset_value(&large, "cores", "2");
        scene.preset_value(&large, "region", "eu");
        for (values, age) in [
            (&[("cores", "2")][..], 600),
            (&[("cores", "2"), ("region", "eu")], 500),
            (&[("cores", "4")], 400),
        ] {
            let made = scene.of_person(&web, &small, Job::Succeeded, age);
            let build = &made.build;
            scene.execute(&format!(
                "UPDATE workspace_builds SET template_version_preset_id = NULL WHERE id = '{build}'"
            ));
            for (name, value) in values {
                scene.execute(&format!(
                    "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
                     VALUES ('{build}', '{name}', '{value}')"
                ));
            }
        }
        let misses = pools(&database, &["demand"]);
        let misses = misses
            .iter()
            .map(|it| (it["preset"]["name"].clone(), it["misses"].clone()));
        let expected = [(json!("large"), json!(1)), (json!("small"), json!(1))];
        assert_eq!(misses.collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_renamed_preset_and_claims_of_deleted_workspaces_are_told() {
    everywhere(|database| {
        let (scene, web, _) = asked(database);
        scene.execute("UPDATE workspaces SET deleted = true WHERE name = 'mine'");
        let next = scene.version(&web.template, "v2");
        scene.preset(&next, "tiny", 1);
        scene.activate(&next);
        let pools = pools(database, &["demand"]);
        let found = pools
            .iter()
            .map(|it| (it["preset"]["name"].as_str().unwrap(), codes(it)));
        let expected = [
            ("small", vec!["out_of_use"]),
            ("tiny", vec!["little_history", "renamed"]),
        ];
        let found: Vec<_> = found.collect();
        assert_eq!(found[0], expected[0]);
        assert_eq!(found[1].1[..2], expected[1].1);
        assert_eq!(
            (&pools[0]["claims"], &pools[0]["deleted"]),
            (&json!(1), &json!(1))
        );
    });
}
