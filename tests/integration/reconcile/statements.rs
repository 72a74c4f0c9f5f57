//! The number of statements of a pass grows with presets, never with workspaces.

use crate::support::database::Database;
use crate::support::scene::{Job, Scene};
use crate::support::statements::statements_of;
use crate::support::{Coder, coder, pass, postgres};

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
