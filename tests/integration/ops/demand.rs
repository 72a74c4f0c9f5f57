//! `demand` and `recommend`: what was asked of pools, and the sizes that serve it.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, Version};
use crate::support::{both, coder_releases, everywhere};

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
        let is_own = database.migration().is_none();
        // On Coder's database coderd has made a workspace of that request, an hour before there was a member.
        let second = ["claim", "--preset=small", "--user=ann", "--name=second"];
        run(database, &second).expect_code(4);
        let pools = pools(database, &["demand"]);
        assert_eq!(pools.len(), 1);
        let pool = &pools[0];
        assert_eq!(pool["preset"]["name"], "small");
        let passed_by = json!(i64::from(!is_own));
        assert_eq!(
            (&pool["claims"], &pool["passed_by"]),
            (&json!(1), &passed_by)
        );
        assert_eq!(
            (&pool["misses"], &pool["hit_rate"]),
            (&json!(1), &json!(0.5))
        );
        let idle = pool["idle_member_hours"].as_f64().unwrap();
        assert!((1.99..2.1).contains(&idle), "{idle}");
        assert_eq!(pool["build"]["number"], 1);
        assert_eq!(pool["failed_builds"], 1);
        let days = pool["by_hour"].as_array().unwrap().iter();
        let hours = days.flat_map(|day| day["claims"].as_array().unwrap().clone());
        assert_eq!(hours.filter_map(|it| it.as_i64()).sum::<i64>(), 1);
        assert_eq!(codes(pool), ["little_history"]);
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
        run(database, &["demand", "--since=6y"]).expect_code(64);
        run(database, &["demand", "--preset=none"]).expect_code(1);
    });
}

#[test]
fn misses_are_unknown_only_before_the_tool_recorded_them() {
    both(|database| {
        asked(database);
        // As on a database that was made by an earlier version and brought up to date an hour ago.
        let hour = match database.is_sqlite() {
            true => "datetime('now', '-1 hour')",
            false => "now() - interval '1 hour'",
        };
        database.execute(&format!(
            "UPDATE _sqlx_migrations SET installed_on = {hour} WHERE version = 7"
        ));
        let known = pools(database, &["demand"]);
        assert_eq!(
            (&known[0]["misses"], &known[0]["hit_rate"]),
            (&json!(0), &json!(1.0))
        );
        let until = |ago: &str| {
            let arguments = ["demand", "--since=1d", &format!("--until={ago}")];
            pools(database, &arguments).remove(0)
        };
        assert_eq!(until("90m ago")["misses"], Value::Null);
        assert_eq!(until("1s ago")["misses"], 0);
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
        let advised = self::pools(database, &["recommend"]);
        let advised: Vec<&Value> = advised.iter().map(|it| &it["recommended"]).collect();
        assert_eq!(advised, [&Value::Null]);
    });
}

/// Nine weeks of a request each weekday at nine and a quarter past, an hour ahead of UTC, each built within
/// two minutes.
fn weekdays(database: &Database) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "small", 1);
    scene.execute(&format!(
        "UPDATE template_version_presets SET scheduling_timezone = 'Africa/Lagos' WHERE id = '{pool}'"
    ));
    let made = scene.of_person(&web, &pool, Job::Succeeded, 5_400_000);
    let series = "SELECT n, CAST(n / 2 AS integer) AS day FROM generate_series(0, 127) AS n";
    let (build, workspace, job) = (&made.build, &made.id, &made.job);
    let at = "date_trunc('day', now()) - day * interval '1 d' + interval '8 h' + n % 2 * interval '15 min'";
    scene.execute(&format!(
        "CREATE TEMPORARY TABLE made AS
         SELECT gen_random_uuid() AS id, n, {at} AS at FROM ({series}) AS s
         WHERE extract(isodow FROM {at}) < 6 AND {at} < now();
         INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id, name,
                                 last_used_at)
         SELECT m.id, m.at, m.at, w.owner_id, w.organization_id, w.template_id, 'w' || m.n, m.at
         FROM made AS m, workspaces AS w WHERE w.id = '{workspace}';
         INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at, organization_id,
                                       initiator_id, provisioner, storage_method, type, input, file_id, tags)
         SELECT m.id, m.at, m.at, m.at, m.at + interval '2 min', j.organization_id, j.initiator_id,
                j.provisioner, j.storage_method, j.type, j.input, m.id, j.tags
         FROM made AS m, provisioner_jobs AS j WHERE j.id = '{job}';
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, template_version_id,
                                       build_number, transition, initiator_id, provisioner_state, job_id,
                                       template_version_preset_id)
         SELECT m.id, m.at, m.at, m.id, b.template_version_id, 1, 'start', b.initiator_id,
                b.provisioner_state, m.id, b.template_version_preset_id
         FROM made AS m, workspace_builds AS b WHERE b.id = '{build}'"
    ));
}

#[test]
fn sizes_are_recommended_in_every_form_with_what_they_would_have_done() {
    for (_, database) in coder_releases() {
        weekdays(&database);
        let pools = pools(&database, &["recommend", "--since=8w"]);
        let pool = &pools[0];
        assert_eq!(
            pool["now"],
            json!({"instances": 1, "timezone": "Africa/Lagos", "schedules": []})
        );
        assert_eq!(pool["arrivals"], 80);
        assert_eq!(pool["now_replayed"]["hits"], 80);
        assert_eq!(pool["replayed"]["hits"], 80);
        let schedules = json!([{"cron": "* 8-9 * * 1-5", "instances": 1}]);
        let kept = json!({"instances": 0, "timezone": "Africa/Lagos", "schedules": schedules});
        assert_eq!(pool["recommended"], kept);
        assert_eq!(
            (&pool["reached"], &pool["error"]),
            (&json!(true), &json!(0.0))
        );
        let terraform = run(&database, &["recommend", "--since=8w", "--as=terraform"]);
        let block = "# acme/web/small\nprebuilds {\n  instances = 0\n  scheduling {\n    \
            timezone = \"Africa/Lagos\"\n    schedule {\n      cron      = \"* 8-9 * * 1-5\"\n      \
            instances = 1\n    }\n  }\n}\n";
        assert_eq!(terraform.ok(), block);
        let toml = run(&database, &["recommend", "--since=8w", "--as=toml"]);
        let lines = "# acme/web/small\ninstances = 0\ntimezone = \"Africa/Lagos\"\nschedules = [\n  \
            { cron = \"* 8-9 * * 1-5\", instances = 1 },\n]\n";
        assert_eq!(toml.ok(), lines);
        let markdown = run(&database, &["recommend", "--since=8w", "-o", "markdown"]);
        assert!(
            markdown
                .ok()
                .contains(&format!("```terraform\n{block}```\n")),
            "{markdown:?}"
        );
        // What is no more than a miss an hour isn't worth a member, and no idle hours have none.
        for goal in [
            &["--cost-per-hour=1", "--cost-of-a-miss=0.1"][..],
            &["--max-idle-hours=0"],
        ] {
            let cheap = self::pools(&database, &[&["recommend"], goal].concat());
            assert_eq!(cheap[0]["recommended"]["instances"], 0, "{goal:?}");
            assert_eq!(cheap[0]["replayed"]["idle_member_hours"], 0.0);
        }
        let folder = TestDir::new();
        for command in ["demand", "recommend"] {
            let file = folder.join(command);
            let html = format!("--html={}", file.display());
            let told = run(&database, &[command, "--since=8w", &html]);
            assert!(told.ok().contains("web/small"), "{told:?}");
            assert!(told.stderr.contains("The page is in "), "{told:?}");
            let page = std::fs::read_to_string(file).unwrap();
            assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
            assert!(page.contains("<h2>acme/web/small</h2>"), "{page}");
        }
        let zone = ["recommend", "--since=8w", "--timezone=UTC"];
        let utc = self::pools(&database, &zone);
        assert_eq!(
            utc[0]["recommended"]["schedules"][0]["cron"],
            "* 7-8 * * 1-5"
        );
        let limited = run(&database, &["recommend", "--since=8w", "--provisioners=1"]);
        let told = "at most 1 build of a pool at once";
        assert!(limited.ok().contains(told), "{limited:?}");
        run(&database, &["recommend", "--provisioners=0"]).expect_code(64);
        run(&database, &["recommend", "--hit-rate=0%"]).expect_code(64);
        run(&database, &["recommend", "--cost-per-hour=1"]).expect_code(64);
        run(
            &database,
            &["recommend", "--cost-per-hour=0", "--cost-of-a-miss=1"],
        )
        .expect_code(64);
    }
}

#[test]
fn nothing_is_recommended_where_nothing_was_asked() {
    both(|database| {
        let scene = Scene::new(database);
        scene.preset(&scene.template("web"), "small", 3);
        let pools = pools(database, &["recommend"]);
        assert_eq!(pools[0]["recommended"], Value::Null);
        assert_eq!(pools[0]["now"]["instances"], 3);
        assert!(codes(&pools[0]).contains(&"little_history"));
        assert_eq!(run(database, &["recommend", "--as=toml"]).ok(), "");
    });
}
