//! How many builds of no length a worker runs in a second, with a short queue and with a long one.

use crate::bare;
use crate::measure::{prebuildctl, run};
use crate::support::database::Database;
use crate::support::scene::Scene;
use crate::support::{postgres, sqlite};
use crate::table::Table;

const BUILDS: i64 = 10_000;
const WAITING: &str =
    "SELECT count(*) FROM provisioner_jobs WHERE started_at IS NULL AND type = 'workspace_build'";

pub fn measure(table: &mut Table) {
    for waiting in [BUILDS, 10 * BUILDS] {
        let postgres = postgres().expect("PostgreSQL is here");
        for (name, database) in [("PostgreSQL", postgres), ("SQLite", sqlite())] {
            fill(&database, waiting - BUILDS);
            drain(table, name, waiting, &database);
        }
    }
}

/// Queues builds for a worker, and others before them that it can't run.
fn fill(database: &Database, others: i64) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    for (site, builds) in [("elsewhere", others), ("here", BUILDS)] {
        if builds == 0 {
            continue;
        }
        scene.preset(&web, site, builds);
        let pass = ["reconcile-once", "--database-url", &database.url];
        run(&mut prebuildctl(&pass), &[]);
        database.execute(&format!(
            r#"UPDATE provisioner_jobs
               SET tags = '{{"owner": "", "scope": "organization", "site": "{site}"}}'
               WHERE started_at IS NULL AND CAST(tags AS text) NOT LIKE '%site%'"#
        ));
    }
    database.execute("ANALYZE");
    assert_eq!(database.count(WAITING), others + BUILDS);
}

fn drain(table: &mut Table, name: &str, waiting: i64, database: &Database) {
    let lock = bare::lock(database);
    let touch = format!(
        "UPDATE provisioner_jobs SET updated_at = created_at
         WHERE id = (SELECT id FROM provisioner_jobs
                     WHERE started_at IS NULL AND type = 'workspace_build' LIMIT 1 {lock})"
    );
    let bare = bare::rate(database, &touch, 800);
    let simulation = ["provision", "--simulate", "--build-time=0s", "--drain"];
    let mut provision = prebuildctl(&simulation);
    provision.args(["--tag=site=here", "--database-url", &database.url]);
    let run = run(&mut provision, &[]);
    assert_eq!(database.count(WAITING), waiting - BUILDS);
    let what = format!("builds drained a second with {waiting} waiting, {name}");
    let rate = BUILDS as f64 / run.seconds;
    table.rate(&what, rate, "a bare `UPDATE`", bare);
}
