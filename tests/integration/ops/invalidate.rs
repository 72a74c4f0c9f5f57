//! Invalidations and resets of limits: what they mark, and what passes make of it.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::hold_lock;
use crate::support::{
    Coder, coder, databases, everywhere, pass, postgres, wait_until, wait_until_blocked,
};

const MARK: &str = "SELECT last_invalidated_at FROM template_version_presets";

fn run(database: &Database, command: &str, arguments: &[&str]) -> Output {
    let first = [command, "--format", "json"];
    let yes: &[&str] = match command {
        "invalidate" => &["--yes"],
        _ => &[],
    };
    prebuildctl(first.iter().chain(yes).chain(arguments))
        .on(database)
        .run()
}

/// Runs the test body on every database whose presets have times of invalidation.
fn where_it_is_known(body: impl Fn(&Database)) {
    databases()
        .filter(Database::knows_invalidation)
        .for_each(|database| body(&database));
}

/// A report's numbers: made to expire, being replaced, to be done.
fn numbers(report: &Value) -> [i64; 3] {
    ["invalidated", "replacing", "remaining"].map(|key| report[key].as_i64().unwrap())
}

fn done(report: &Value) -> [i64; 2] {
    ["created", "deleted"].map(|key| report[key].as_i64().unwrap())
}

#[test]
fn without_yes_an_invalidation_is_shown_and_nothing_is_changed() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 3);
        for age in [60, 50, 40] {
            scene.prebuild(&web, &pool, Job::Succeeded, age);
        }
        let before = database.dump();
        let shown = prebuildctl(["invalidate", "pool"]).on(database).run();
        let sentence =
            "Nothing was changed; --yes marks 3 workspaces, which the next passes replace.";
        assert!(shown.ok().contains(sentence), "{shown:?}");
        let step = ["invalidate", "pool", "--max-unavailable=2", "--format=json"];
        let step = prebuildctl(step).on(database).run().json();
        assert_eq!(
            (&step["dry_run"], numbers(&step)),
            (&json!(true), [2, 2, 1])
        );
        let wait = ["invalidate", "pool", "--wait"];
        prebuildctl(wait).on(database).run().expect_code(64);
        assert!(before == database.dump());
    });
}

#[test]
fn all_running_workspaces_are_replaced_by_the_next_passes() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 3);
        let other = scene.preset(&web, "other", 1);
        for (preset, age) in [(&pool, 60), (&pool, 50), (&pool, 40), (&other, 30)] {
            scene.prebuild(&web, preset, Job::Succeeded, age);
        }
        let before = database.dump();
        let report = run(database, "invalidate", &["web/pool"]).json();
        assert_eq!(numbers(&report), [3, 3, 0]);
        let mut after = database.dump();
        let marks = database.rows(&format!("{MARK} WHERE id = '{pool}'"));
        assert!(marks[0][0].is_some());
        assert_eq!(
            database.value(&format!("{MARK} WHERE id = '{other}'")),
            None
        );
        // Nothing else was written.
        after.insert(
            "template_version_presets".to_owned(),
            before["template_version_presets"].clone(),
        );
        assert!(before == after);

        assert_eq!(done(&pass(database, &[]).json()), [3, 3]);
        scene.finish_builds();
        assert_eq!(pass(database, &[]).json()["outcome"], "nothing_to_do");
        // Once more by template, and as of the same time: nothing is old enough.
        let time = report["before"].as_str().unwrap();
        let again = run(
            database,
            "invalidate",
            &["--template", "web", "--before", time],
        )
        .json();
        assert_eq!(numbers(&again), [1, 1, 0]);
    });
}

#[test]
fn a_mark_never_goes_back_and_never_lies_in_the_future() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 1);
        run(database, "invalidate", &["pool"]).ok();
        let mark = database.value(MARK);
        run(
            database,
            "invalidate",
            &["pool", "--before", &scene.ago(60)],
        )
        .ok();
        assert_eq!(database.value(MARK), mark);
        run(
            database,
            "invalidate",
            &["pool", "--before", &scene.ago(-600)],
        )
        .expect_code(64);
        run(database, "invalidate", &["none"]).expect_code(1);
        run(database, "invalidate", &[]).expect_code(64);
        run(database, "invalidate", &["pool", "--max-unavailable", "0"]).expect_code(64);
        assert_eq!(database.value(MARK), mark);
    });
}

#[test]
fn an_invalidation_that_another_one_overtakes_keeps_the_later_mark() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 3);
    for age in [60, 50, 40] {
        scene.prebuild(&web, &pool, Job::Succeeded, age);
    }
    let mut other = database.session();
    other.execute(&format!(
        "BEGIN; UPDATE template_version_presets SET last_invalidated_at = '{}'",
        scene.ago(10)
    ));
    let before = scene.ago(30);
    let command = ["invalidate", "--format=json", "--yes", "--before"];
    let command = command.into_iter().chain([before.as_str(), "pool"]);
    let running = prebuildctl(command).on(&database).spawn();
    wait_until_blocked(&database);
    other.execute("COMMIT");
    let later = database.value(MARK);
    let output = running.wait();
    output.ok();
    assert_eq!(output.json()["presets"][0]["error"], Value::Null);
    assert_eq!(database.value(MARK), later);
}

#[test]
fn presets_of_other_versions_are_not_marked() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let old = scene.preset(&web, "pool", 1);
        let next = scene.version(&web.template, "v2");
        scene.activate(&next);
        run(database, "invalidate", &["pool"]).expect_code(1);
        scene.preset(&next, "pool", 1);
        run(database, "invalidate", &["pool"]).ok();
        assert_eq!(database.value(&format!("{MARK} WHERE id = '{old}'")), None);
        let marked = "SELECT count(last_invalidated_at) FROM template_version_presets";
        assert_eq!(database.count(marked), 1);
    });
}

#[test]
fn a_rolling_invalidation_spares_the_pool() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 5);
        // Made in one pass, and yet of five ages.
        pass(database, &[]).ok();
        scene.finish_builds();
        let first = run(database, "invalidate", &["pool", "--max-unavailable", "2"]).json();
        assert_eq!(numbers(&first), [2, 2, 3]);
        let time = first["before"].as_str().unwrap().to_owned();
        let step = || {
            let arguments = ["pool", "--max-unavailable", "2", "--before", &time];
            numbers(&run(database, "invalidate", &arguments).json())
        };
        // Nothing moves until replacements are ready.
        assert_eq!(step(), [0, 2, 3]);
        assert_eq!(done(&pass(database, &[]).json()), [2, 2]);
        assert_eq!(step(), [0, 0, 3]);
        scene.finish_builds();
        assert_eq!(step(), [2, 2, 1]);
        pass(database, &[]).ok();
        scene.finish_builds();
        assert_eq!(step(), [1, 1, 0]);
        pass(database, &[]).ok();
        scene.finish_builds();
        assert_eq!(step(), [0, 0, 0]);
        assert_eq!(pass(database, &[]).json()["outcome"], "nothing_to_do");
        assert_eq!(database.count("SELECT count(*) FROM workspaces"), 10);
    });
}

#[test]
fn waiting_takes_all_steps() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        pass(database, &[]).ok();
        scene.finish_builds();
        let command = [
            "invalidate",
            "pool",
            "--yes",
            "--max-unavailable",
            "2",
            "--wait",
            "--format",
            "json",
        ];
        let mut run = prebuildctl(command).on(database).spawn();
        let old = "SELECT count(*) FROM workspaces WHERE NOT deleted";
        wait_until("all are replaced", || {
            pass(database, &["--wait-lock", "1s"]).ok();
            scene.finish_builds();
            let live = database.count(old);
            assert!(live >= 1, "two of three at the most");
            !run.is_running()
        });
        let report = run.wait().json();
        assert_eq!(numbers(&report), [3, 0, 0]);
        // Without anybody who replaces them it ends by itself.
        let arguments = ["pool", "--wait", "100ms"];
        let output = super::invalidate::run(database, "invalidate", &arguments);
        output.expect_code(3);
    });
}

#[test]
fn workspaces_of_one_instant_can_not_be_told_apart() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 3);
        for _ in 0..3 {
            scene.prebuild(&web, &pool, Job::Succeeded, 60);
        }
        let output = run(database, "invalidate", &["pool", "--max-unavailable", "2"]);
        output.expect_code(1);
        assert!(output.stdout.contains("--max-unavailable 3"), "{output:?}");
        assert_eq!(database.value(MARK), None);
        let output = run(database, "invalidate", &["pool", "--max-unavailable", "3"]);
        assert_eq!(numbers(&output.json()), [3, 3, 0]);
    });
}

#[test]
fn older_releases_and_roles_without_the_right_are_refused() {
    for database in [Coder::At343, Coder::At369].into_iter().filter_map(coder) {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 1);
        let output = run(&database, "invalidate", &["pool"]);
        output.expect_code(6);
        assert!(output.stderr.contains("last_invalidated_at"), "{output:?}");
        assert!(output.stderr.contains("what to do"), "{output:?}");
    }
    if let Some(database) = postgres() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 1);
        let role = format!("reader_{}", std::process::id());
        database.execute(&format!(
            "CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
        ));
        let url = database.url.replace("postgres@", &format!("{role}@"));
        let output = prebuildctl(["invalidate", "pool", "--database-url", &url]).run();
        if url != database.url {
            output.expect_code(6);
            assert!(
                output.stderr.contains("UPDATE on template_version_presets"),
                "{output:?}"
            );
            assert!(!output.stderr.contains("INSERT"), "{output:?}");
        }
        database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
    }
}

#[test]
fn a_name_that_fits_several_presets_is_refused() {
    where_it_is_known(|database| {
        let scene = Scene::new(database);
        let other = scene.organization("other");
        for (template, organization) in [("web", None), ("site", Some(&other))] {
            let version = scene.template(template);
            let pool = scene.preset(&version, "pool", 1);
            scene.prebuild(&version, &pool, Job::Succeeded, 60);
            if let Some(organization) = organization {
                scene.execute(&format!(
                    "UPDATE templates SET name = 'web', organization_id = '{organization}'
                     WHERE id = '{}'",
                    version.template
                ));
            }
        }
        let before = database.dump();
        for arguments in [
            &["invalidate", "pool"][..],
            &["invalidate", "web/pool"],
            &["invalidate", "--template", "web"],
            &["reset-limit", "web/pool", "--yes"],
        ] {
            let output = prebuildctl(arguments).on(database).run();
            output.expect_code(1);
            assert!(output.stderr.contains("is ambiguous"), "{output:?}");
            assert!(output.stderr.contains("other/web"), "{output:?}");
        }
        assert!(before == database.dump());
        let report = run(database, "invalidate", &["other/web/pool"]).json();
        assert_eq!(numbers(&report), [1, 1, 0]);
        let marked = format!("{MARK} WHERE last_invalidated_at IS NOT NULL");
        assert_eq!(database.rows(&marked).len(), 1);
    });
}

#[test]
fn a_hard_limited_preset_is_tried_again() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 2);
        let other = scene.preset(&web, "other", 0);
        for age in [600, 500, 400, 300] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        scene.prebuild(&web, &other, Job::Failed, 300);
        let status = "SELECT prebuild_status FROM template_version_presets WHERE name = 'pool'";
        let rest = ["--backoff-interval", "1s"];
        assert_eq!(done(&pass(database, &rest).json()), [0, 0]);
        assert_eq!(database.value(status).unwrap(), "hard_limited");

        let before = database.dump();
        let report = run(database, "reset-limit", &["pool"]).json();
        assert_eq!(report["dry_run"], true);
        assert_eq!(report["workspaces"].as_array().unwrap().len(), 4);
        let entry = &report["presets"][0];
        assert_eq!(entry["hard_limited"], true);
        assert_eq!(entry["failed_workspaces"], 4);
        assert_eq!(entry["reset"], false);
        let table = prebuildctl(["reset-limit", "pool"]).on(database).run();
        assert!(
            table.ok().contains("--yes deletes 4 failed workspaces"),
            "{table:?}"
        );
        assert!(before == database.dump());

        let report = run(database, "reset-limit", &["web/pool", "--yes"]).json();
        assert_eq!(report["queued"], 4);
        assert_eq!(report["presets"][0]["reset"], true);
        assert_eq!(database.value(status).unwrap(), "healthy");
        // Neither limited nor backing off.
        assert_eq!(done(&pass(database, &[]).json()), [2, 0]);
        let failed = "SELECT count(*) FROM workspace_builds WHERE transition = 'delete'";
        assert_eq!(database.count(failed), 4, "others are left alone");
        let report = run(database, "reset-limit", &["pool", "--yes"]).json();
        assert_eq!(report["workspaces"], json!([]));
    });
}

#[test]
fn a_reset_that_does_not_get_the_lock_in_time_changes_nothing() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 2);
        for age in [600, 500, 400] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        scene.execute("UPDATE template_version_presets SET prebuild_status = 'hard_limited'");
        let before = database.dump();
        let lock = hold_lock(database);
        let output = run(
            database,
            "reset-limit",
            &["pool", "--yes", "--wait-lock", "0s"],
        );
        output.expect_code(5);
        assert_eq!(output.stdout, "");
        assert!(output.stderr.contains("nothing was done"), "{output:?}");
        assert!(before == database.dump());
        drop(lock);
        let report = run(database, "reset-limit", &["pool", "--yes"]).json();
        assert_eq!(report["presets"][0]["reset"], true);
    });
}

#[test]
fn a_preset_that_failed_validation_is_tried_again() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 2);
        scene.execute("UPDATE template_version_presets SET prebuild_status = 'validation_failed'");
        assert_eq!(done(&pass(database, &[]).json()), [0, 0]);
        let before = database.dump();
        run(database, "reset-limit", &["pool"]).ok();
        assert!(before == database.dump());
        let report = run(database, "reset-limit", &["pool", "--yes"]).json();
        assert_eq!(report["presets"][0]["prebuild_status"], "validation_failed");
        assert_eq!(report["presets"][0]["reset"], true);
        assert_eq!(done(&pass(database, &[]).json()), [2, 0]);
        run(database, "reset-limit", &["none", "--yes"]).expect_code(1);
        let table = prebuildctl(["reset-limit", "pool"]).on(database).run();
        assert_eq!(table.ok(), "None of these presets is limited.\n");
    });
}

#[test]
fn a_preset_whose_failures_can_not_be_deleted_stays_limited() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 2);
        for age in [600, 500, 400] {
            scene.prebuild(&web, &pool, Job::Failed, age);
        }
        scene.execute(&format!(
            "UPDATE template_version_presets SET prebuild_status = 'hard_limited';
             UPDATE provisioner_jobs SET error = 'syntax' WHERE id = '{}'",
            web.import_job
        ));
        let output = run(database, "reset-limit", &["pool", "--yes"]);
        output.expect_code(1);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        assert_eq!(report["presets"][0]["reset"], false);
        let status = "SELECT prebuild_status FROM template_version_presets";
        assert_eq!(database.value(status).unwrap(), "hard_limited");
    });
}
