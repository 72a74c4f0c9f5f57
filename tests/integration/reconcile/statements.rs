//! The number of statements of a pass grows neither with presets nor with workspaces.

use std::cmp::Reverse;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::scene::{Job, Scene};
use crate::support::statements::statements_of;
use crate::support::{Coder, coder, everywhere, pass, postgres};

/// How many statements a pass sends.
fn statements(database: &Database) -> Option<i64> {
    statements_of(database, || {
        pass(database, &["--fail-if-locked"]).ok();
    })
}

#[test]
fn a_thousand_creates_take_as_many_statements_as_ten() {
    for make in [postgres, || coder(Coder::Current)] {
        let count = |size: i64| {
            let database = make()?;
            let scene = Scene::new(&database);
            let web = scene.template("web");
            scene.parameter(&web, "region", Some("eu"));
            scene.preset(&web, "pool", size);
            let count = statements(&database)?;
            assert_eq!(database.count("SELECT count(*) FROM workspaces"), size);
            Some(count)
        };
        let few = count(10);
        assert_eq!(few, count(1000));
        eprintln!("{few:?} statements");
    }
}

#[test]
fn as_many_deletes_as_there_are_take_as_many_statements_as_ten() {
    let count = |size: i64| {
        let database = postgres()?;
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let preset = scene.preset(&web, "pool", 0);
        for _ in 0..size {
            scene.prebuild(&web, &preset, Job::Succeeded, 60);
        }
        let count = statements(&database)?;
        let deletes = "SELECT count(*) FROM workspace_builds WHERE transition = 'delete'";
        assert_eq!(database.count(deletes), size);
        Some(count)
    };
    assert_eq!(count(10), count(60));
}

/// Pools with a create, a delete and a cancel each.
fn add_pools(scene: &Scene, pools: usize) {
    for n in 0..pools {
        let web = scene.template(&format!("web-{n}"));
        let outdated = scene.preset(&web, "pool", 1);
        scene.prebuild(&web, &outdated, Job::Pending, 60);
        scene.prebuild(&web, &outdated, Job::Succeeded, 60);
        let next = scene.version(&web.template, "v2");
        scene.preset(&next, "pool", 1);
        scene.activate(&next);
    }
}

#[test]
fn work_for_fifty_pools_takes_as_many_statements_as_for_one() {
    for make in [postgres, || coder(Coder::Current)] {
        let count = |pools: usize| {
            let database = make()?;
            let scene = Scene::new(&database);
            add_pools(&scene, pools);
            let mut report = Value::Null;
            let count = statements_of(&database, || report = pass(&database, &[]).json())?;
            let done = ["created", "deleted", "cancelled"].map(|key| report[key].as_u64());
            assert_eq!(done, [Some(pools as u64); 3], "{report:#}");
            Some(count)
        };
        let Some(one) = count(1) else { return };
        assert!(one <= 40, "{one}");
        assert_eq!(count(50), Some(one));
    }
}

#[test]
fn steps_that_fail_stand_alone_at_last() {
    everywhere(|database| {
        let scene = Scene::new(database);
        add_pools(&scene, 11);
        // Nothing can be written for two of the templates.
        for (n, name) in ["web-3", "web-7"].into_iter().enumerate() {
            let template =
                database.value(&format!("SELECT id FROM templates WHERE name = '{name}'"));
            break_template(database, &template.unwrap(), n);
        }
        let output = pass(database, &[]);
        output.expect_code(3);
        let report: Value = serde_json::from_str(&output.stdout).unwrap();
        let done = ["created", "deleted", "cancelled"].map(|key| report[key].as_u64());
        assert_eq!(done, [Some(9); 3], "{report:#}");
        assert_eq!(report["lost_races"], 0);
        let failed = report["presets"].as_array().unwrap().iter();
        let failed: Vec<(&str, usize)> = failed
            .filter_map(|it| {
                let errors = it["error"].as_str()?.matches("frozen").count();
                Some((it["preset"]["template_name"].as_str()?, errors))
            })
            .collect();
        // The outdated version's cancel and delete, and the active one's create.
        let expected = ["web-3", "web-7"].map(|name| [(name, 2), (name, 1)]);
        let mut failed = failed;
        failed.sort_by_key(|(name, errors)| (name.to_owned(), Reverse(*errors)));
        assert_eq!(failed, expected.concat());
        let jobs = "SELECT count(*) FROM provisioner_jobs AS j WHERE type = 'workspace_build'
            AND NOT EXISTS (SELECT 1 FROM workspace_builds AS b WHERE b.job_id = j.id)";
        assert_eq!(database.count(jobs), 0, "no job without a build");
    });
}

/// Makes new builds on a template fail.
fn break_template(database: &Database, template: &str, number: usize) {
    let of_template = format!(
        "(SELECT w.template_id FROM workspaces AS w WHERE w.id = NEW.workspace_id) = '{template}'"
    );
    if database.is_sqlite() {
        database.execute(&format!(
            "CREATE TRIGGER frozen{number} BEFORE INSERT ON workspace_builds WHEN {of_template}
             BEGIN SELECT RAISE(ABORT, 'frozen'); END"
        ));
    } else {
        database.execute(&format!(
            "CREATE FUNCTION frozen{number}() RETURNS trigger LANGUAGE plpgsql AS $$
             BEGIN IF {of_template} THEN RAISE EXCEPTION 'frozen'; END IF; RETURN NEW; END $$;
             CREATE TRIGGER frozen{number} BEFORE INSERT ON workspace_builds
             FOR EACH ROW EXECUTE FUNCTION frozen{number}()"
        ));
    }
}

#[test]
fn a_pass_without_work_writes_nothing() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let preset = scene.preset(&web, "pool", 1);
    scene.prebuild(&web, &preset, Job::Succeeded, 60);
    // The prebuilds user joins the organization.
    pass(&database, &[]).ok();
    let Some(_) = statements(&database) else {
        return;
    };
    let writes = database.column(
        "SELECT query FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND query ~* '^(insert|update|delete|savepoint)'",
    );
    assert_eq!(writes, Vec::<String>::new());
}
