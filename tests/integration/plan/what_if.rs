//! `plan --promote` and `plan --set-desired` through the binary, against databases in which the
//! change was really made.

mod random;

use std::fs;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::random::NOW;
use crate::support::scene::{Job, Scene, Version, id};
use crate::support::{both, everywhere, pass, random_scenes};

/// Plans for the moment of random scenes.
const AT_NOW: &[&str] = &["--format=json", "--at", NOW];

/// Plans with these flags.
fn plan(database: &Database, flags: &[&str]) -> Output {
    prebuildctl(["plan"].iter().chain(flags)).on(database).run()
}

/// The presets of a plan without the diagnostics that only what-if flags give.
fn presets(output: &Output) -> Vec<Value> {
    let mut plan = output.json();
    let presets = plan["presets"].as_array_mut().unwrap();
    for preset in presets.iter_mut() {
        let diagnostics = preset["diagnostics"].as_array_mut().unwrap();
        diagnostics
            .retain(|it| it["code"] != "below_target" && it["code"] != "set_desired_overridden");
    }
    presets.clone()
}

/// The messages with this code, each with its preset's name.
fn messages(plan: &Value, code: &str) -> Vec<String> {
    let of_preset = |entry: &Value| {
        let diagnostics = entry["diagnostics"].as_array().unwrap().clone();
        let name = entry["preset"]["name"].as_str().unwrap().to_owned();
        diagnostics
            .into_iter()
            .filter(|it| it["code"] == code)
            .map(move |it| format!("{name}: {}", it["message"].as_str().unwrap()))
    };
    let presets = plan["presets"].as_array().unwrap();
    presets.iter().flat_map(of_preset).collect()
}

/// Makes sure that the run failed in this way, and that nothing of it moves a cursor.
#[track_caller]
fn assert_error(output: &Output, code: i32, texts: &[&str]) {
    output.expect_code(code);
    assert_eq!(output.stdout, "");
    for text in texts {
        assert!(output.stderr.contains(text), "no {text:?}: {output:?}");
    }
    let controls = |c: char| c.is_control() && c != '\n';
    assert!(!output.stderr.contains(controls), "{output:?}");
}

/// A pool of two whose template has a second version with the same pool and a build under way.
/// Builds of the first version took so many seconds from asking to ready agents.
fn two_versions(scene: &Scene, seconds: i64) -> (Version, Version) {
    let first = scene.template("docker");
    let second = scene.version(&first.template, "v2");
    let old = scene.preset(&first, "small", 2);
    let new = scene.preset(&second, "small", 2);
    for _ in 0..2 {
        let workspace = scene.prebuild(&first, &old, Job::Succeeded, 3600);
        let (completed, ready) = (scene.ago(3590), scene.ago(3600 - seconds));
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET completed_at = '{completed}' WHERE id = '{0}';
             UPDATE workspace_agents SET ready_at = '{ready}' WHERE resource_id = '{0}'",
            workspace.job
        ));
    }
    scene.prebuild(&first, &old, Job::Pending, 60);
    scene.prebuild(&second, &new, Job::Running, 60);
    (first, second)
}

#[test]
fn a_promotion_is_planned_as_it_is_once_it_is_real() {
    for database in random_scenes(61, 120) {
        let inactive = database.rows(
            "SELECT t.id, o.name, t.name, v.id, v.name
             FROM templates AS t
             JOIN organizations AS o ON o.id = t.organization_id
             JOIN template_versions AS v ON v.template_id = t.id AND v.id <> t.active_version_id
             WHERE NOT t.deleted AND EXISTS (
                SELECT 1 FROM template_version_presets AS p
                WHERE p.template_version_id = v.id AND p.desired_instances IS NOT NULL)
             ORDER BY t.id, v.id",
        );
        let mut mattered = 0;
        let some = inactive.len().div_ceil(6);
        for (number, row) in inactive.into_iter().step_by(some).enumerate() {
            let row: Vec<String> = row.into_iter().flatten().collect();
            let [template, organization, name, id, version] = row.as_slice() else {
                panic!("five values expected: {row:?}");
            };
            let version = if number % 2 == 0 { id } else { version };
            let flag = format!("--promote={organization}/{name}={version}");
            let before = database.dump();
            let present = plan(&database, AT_NOW);
            let imagined = plan(&database, &[AT_NOW, &[&flag]].concat());
            assert!(before == database.dump(), "rows have changed");
            database.execute(&format!(
                "UPDATE templates SET active_version_id = '{id}' WHERE id = '{template}'"
            ));
            let real = plan(&database, AT_NOW);
            assert_eq!(presets(&imagined), presets(&real), "{flag}");
            assert_eq!(imagined.json()["summary"], real.json()["summary"]);
            mattered += i32::from(presets(&present) != presets(&real));
        }
        assert!(mattered > 2, "{mattered} promotions mattered");
    }
}

#[test]
fn a_wanted_number_is_planned_as_it_is_once_it_is_real() {
    for database in random_scenes(63, 120) {
        let all = plan(&database, AT_NOW).json();
        let in_use = |entry: &&Value| entry["preset"]["using_active_version"] == true;
        let entries = all["presets"].as_array().unwrap().iter().filter(in_use);
        let mut done = 0;
        for (number, entry) in (0..8).zip(entries) {
            let preset = entry["preset"]["id"].as_str().unwrap();
            let flag = format!("--set-desired={preset}={number}");
            let imagined = plan(&database, &[AT_NOW, &[&flag]].concat());
            if imagined.code == 1 {
                assert_error(&imagined, 1, &["fits no preset in use", "deprecated"]);
                continue;
            }
            database.execute(&format!(
                "UPDATE template_version_presets SET desired_instances = {number}
                 WHERE id = '{preset}'"
            ));
            let real = plan(&database, AT_NOW);
            assert_eq!(presets(&imagined), presets(&real), "{flag}");
            done += 1;
        }
        assert!(done > 3, "{done} presets");
    }
}

#[test]
fn a_promotion_counts_what_is_deleted_and_for_how_long_the_pool_is_short() {
    everywhere(|database| {
        let scene = Scene::new(database);
        two_versions(&scene, 245);
        let flags = ["--promote", "docker=v2", "--detailed-exitcode"];
        let output = plan(database, &flags);
        output.expect_code(2);
        let warned = "warning: docker/small: runs below its target for about 4m";
        assert!(output.stderr.starts_with(warned), "{output:?}");
        assert_eq!(output.stderr.lines().count(), 1, "{output:?}");
        let end = "What if: acme/docker=v2 promoted; 2 deleted, 1 created, 1 cancelled.\n\
            acme/docker/small runs below its target for about 4m.\n";
        assert!(output.stdout.ends_with(end), "{}", output.stdout);
        let markdown = plan(database, &["--promote=docker=v2", "--format=markdown"]);
        let line = "What if: acme/docker=v2 promoted; 2 deleted, 1 created, 1 cancelled.\n\n";
        assert!(markdown.ok().contains(line), "{}", markdown.stdout);

        let document = plan(database, &["--promote=acme/docker=v2", "--format=json"]).json();
        assert_eq!(
            messages(&document, "below_target"),
            [
                "small: runs below its target for about 4m: 0 of 2 ready until the new ones are \
                 built (median of 2 builds lately)"
            ]
        );
        let ordinary = plan(database, &["--format=json"]).json();
        assert_eq!(messages(&ordinary, "below_target"), [""; 0]);
        let keys = |plan: &Value| -> Vec<String> {
            let keys = plan.as_object().unwrap().keys();
            keys.cloned().collect()
        };
        assert_eq!(keys(&document), keys(&ordinary));
    });
}

#[test]
fn both_kinds_of_change_work_together_and_filters_come_after_them() {
    both(|database| {
        let scene = Scene::new(database);
        let (_, second) = two_versions(&scene, 60);
        scene.preset(&second, "large", 1);
        let flags = [
            "--promote=docker=v2",
            "--set-desired=docker/small=5",
            "--preset=small",
            "--format=json",
        ];
        let document = plan(database, &flags).json();
        let summary = &document["summary"];
        let numbers = ["presets", "create", "delete", "cancel_pending"].map(|key| &summary[key]);
        assert_eq!(numbers, [2, 4, 2, 1], "one of five is being built");
        let wanted: Vec<_> = document["presets"]
            .as_array()
            .unwrap()
            .iter()
            .map(|entry| entry["state"]["desired"].as_i64().unwrap())
            .collect();
        assert_eq!(wanted, [0, 5]);
        let table = plan(database, &["--set-desired=small=0"]);
        let end = "What if: acme/docker/small=0 desired; 2 deleted, 0 created, 0 cancelled.\n\
            No pool runs below its target.\n";
        assert!(table.ok().ends_with(end), "{}", table.stdout);
    });
}

#[test]
fn a_schedule_overrides_a_wanted_number_and_says_so() {
    both(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 1);
        let schedule = id();
        scene.execute(&format!(
            "UPDATE template_version_presets SET scheduling_timezone = 'UTC';
             INSERT INTO template_version_preset_prebuild_schedules
                (id, preset_id, cron_expression, desired_instances)
             VALUES ('{schedule}', '{preset}', '* 9-18 * * *', 4)"
        ));
        let at = |time: &str| {
            let flags = ["--set-desired=pool=2", "--format=json", "--at", time];
            let document = plan(database, &flags).json();
            let desired = document["presets"][0]["state"]["desired"].clone();
            (desired, messages(&document, "set_desired_overridden"))
        };
        let message = format!(
            "pool: schedule {schedule} (\"* 9-18 * * *\") overrides --set-desired at this time: \
             4 desired, not 2"
        );
        assert_eq!(at("2026-03-04T12:00:00Z"), (4.into(), vec![message]));
        assert_eq!(at("2026-03-04T20:00:00Z"), (2.into(), vec![]));
    });
}

#[test]
fn a_version_without_pools_can_be_promoted_and_an_active_one_changes_nothing() {
    both(|database| {
        let scene = Scene::new(database);
        let (first, _) = two_versions(&scene, 60);
        let bare = scene.version(&first.template, "bare");
        let output = plan(
            database,
            &["--format=json", "--promote", &format!("docker={}", bare.id)],
        );
        let document = output.json();
        assert_eq!(document["summary"]["delete"], 2);
        assert_eq!(document["summary"]["cancel_pending"], 1);
        assert_eq!(document["summary"]["create"], 0);

        let now = ["--format=json", "--at=2026-03-04T12:00:00Z"];
        let output = plan(database, &[now[0], now[1], "--promote=docker=v1"]);
        assert!(
            output
                .stderr
                .contains("version \"v1\" is the active one already")
        );
        assert_eq!(presets(&output), presets(&plan(database, &now)));
    });
}

#[test]
fn an_imagined_plan_is_refused_when_it_is_to_be_carried_out() {
    both(|database| {
        let scene = Scene::new(database);
        two_versions(&scene, 60);
        let dir = TestDir::new();
        let file = dir.join("plan.json");
        let out = file.to_str().unwrap();
        for flag in ["--promote=docker=v2", "--set-desired=small=4"] {
            let output = plan(database, &["--format=json", "--out", out, flag]);
            assert_eq!(output.ok(), fs::read_to_string(&file).unwrap());
            let before = database.dump();
            let refused = pass(database, &["--plan", out]);
            assert_error(&refused, 6, &["no longer matches", "acme/docker/small"]);
            assert!(before == database.dump(), "rows have changed");
        }
        // What would be done anyway can be.
        plan(database, &["--out", out, "--set-desired=small=2"]).ok();
        pass(database, &["--plan", out]).ok();
    });
}

#[test]
fn numbers_can_be_set_in_a_saved_snapshot_and_versions_can_not_be_promoted() {
    both(|database| {
        let scene = Scene::new(database);
        two_versions(&scene, 60);
        let dir = TestDir::new();
        let snapshot = prebuildctl(["snapshot", "--format=json"])
            .on(database)
            .run();
        let file = dir.write("snapshot.json", snapshot.ok());
        let flags = [
            "plan",
            "--format=json",
            "--set-desired=docker/small=4",
            "--snapshot",
        ];
        let output = prebuildctl(flags).arg(&file).run();
        let summary = output.json()["summary"].clone();
        let numbers = ["create", "delete", "cancel_pending"].map(|key| &summary[key]);
        assert_eq!(numbers, [1, 0, 0], "two run and one starts");
        assert!(output.stderr.contains("holds no build times"), "{output:?}");
        assert_eq!(
            messages(&output.json(), "below_target"),
            [
                "small: runs below its target for an unknown time: 2 of 4 ready until the new \
                 ones are built (no build times are known)"
            ]
        );
        let from_stdin = prebuildctl(flags)
            .arg("-")
            .stdin(snapshot.stdout.clone())
            .run();
        assert_eq!(from_stdin.ok(), output.stdout);
        let promoted = prebuildctl(["plan", "--promote=docker=v2", "--snapshot"])
            .arg(&file)
            .run();
        let reason = "a snapshot doesn't hold a template's other versions";
        assert_error(&promoted, 64, &["--promote needs a database", reason]);
    });
}

#[test]
fn values_that_are_none_are_refused_before_anything_is_read() {
    for (flag, value, text) in [
        ("--set-desired", "", "is not of the form PRESET=N"),
        ("--set-desired", "small", "is not of the form PRESET=N"),
        ("--set-desired", "=3", "is not of the form PRESET=N"),
        (
            "--set-desired",
            "x=-1",
            "\"-1\" is not a number from 0 to 2147483647",
        ),
        ("--set-desired", "x=", "\"\" is not a number"),
        ("--set-desired", "x=1.5", "is not a number"),
        ("--set-desired", "x=99999999999999999999", "is not a number"),
        (
            "--set-desired",
            "\u{1b}[2J\u{202e}",
            "\"\\u{1b}[2J\\u{202e}\"",
        ),
        (
            "--promote",
            "docker",
            "is not of the form [ORG/]TEMPLATE=VERSION",
        ),
        ("--promote", "=v2", "is not of the form"),
        ("--promote", "docker=", "is not of the form"),
        ("--promote", "\u{9b}31m=", "\\u{9b}31m"),
    ] {
        let output = prebuildctl(["plan", "--database-url=sqlite:none.db", flag, value]).run();
        assert_error(&output, 64, &[flag, text]);
    }
}

#[test]
fn names_that_fit_nothing_or_too_much_are_refused_with_what_is_known() {
    both(|database| {
        let scene = Scene::new(database);
        let (_, second) = two_versions(&scene, 60);
        scene.preset(&second, "only=new", 1);
        let other = scene.template("kube");
        scene.preset(&other, "small", 1);
        for (flags, code, texts) in [
            (
                &["--promote=dokcer=v2"][..],
                1,
                &["\"dokcer\" names nothing", "\"acme/docker\", \"acme/kube\""][..],
            ),
            (
                &["--promote=docker=v\u{1b}3"],
                1,
                &["has no version \"v\\u{1b}3\"", "\"v1\", \"v2\""],
            ),
            (
                &["--promote=docker=v2", "--promote=acme/docker=v1"],
                64,
                &["names \"acme/docker\" twice"],
            ),
            (
                &["--set-desired=small=1"],
                1,
                &["is ambiguous", "\"acme/docker/small\", \"acme/kube/small\""],
            ),
            (
                &["--set-desired=only=new=1"],
                1,
                &["fits no preset in use", "\"acme/docker/only=new (v2)\""],
            ),
            (
                &["--set-desired=none\u{202e}=1"],
                1,
                &["\"none\\u{202e}\" names nothing", "\"acme/kube/small\""],
            ),
            (
                &[
                    "--set-desired=kube/small=1",
                    "--set-desired=acme/kube/small=2",
                ],
                64,
                &["names \"acme/kube/small\" twice"],
            ),
        ] {
            assert_error(&plan(database, flags), code, texts);
        }
        let flags = [
            "--promote=docker=v2",
            "--set-desired=only=new=3",
            "--format=json",
        ];
        let document = plan(database, &flags).json();
        assert_eq!(
            document["summary"]["create"], 5,
            "3 + 1 of docker, 1 of kube"
        );
    });
}
