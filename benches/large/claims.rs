//! How many claims are made in a second: from one pool, from 500 pools, and by a process of its own.

use std::fmt::Write as _;
use std::process::Command;

use crate::measure::{middle, prebuildctl, run};
use crate::support::cluster;
use crate::support::database::Database;
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{self, BACKEND, Prebuilt, SMALL};
use crate::table::Table;
use crate::{Large, bare};

/// Claims from one pool, which holds twice as many.
const CLAIMS: u64 = 20_000;
const POOLS: usize = 500;
const PER_POOL: usize = 4;
const SINGLE_RUNS: usize = 21;

pub fn measure(table: &mut Table, large: &Large) {
    let postgres = claims::postgres().expect("PostgreSQL is here");
    for (name, database) in [("PostgreSQL", postgres), ("SQLite", claims::sqlite())] {
        one_pool(table, name, &database);
    }
    many_pools(table, &large.copy());
}

fn one_pool(table: &mut Table, name: &str, database: &Database) {
    let numbers: Vec<u64> = (0..2 * CLAIMS).collect();
    // SQLite's driver copies what is left of a text for each statement in it.
    for numbers in numbers.chunks(100) {
        let mut sql = String::from("BEGIN;");
        for number in numbers {
            Prebuilt::new(10_000 + number, SMALL).write(&mut sql, database);
        }
        sql.push_str("COMMIT");
        database.execute(&sql);
    }
    database.execute("ANALYZE");
    let mut lines = String::new();
    for number in 0..CLAIMS {
        line(&mut lines, "backend/small", "ada", number);
    }
    let rate = batch(database, &lines);
    let template = format!("'{}'", claims::id(BACKEND));
    let bare = bare::rate(database, &bare_claim(database, &template), 4_000);
    let what = format!("claims from one pool a second, {name}");
    table.rate(&what, rate, "a bare `UPDATE`", bare);
}

fn many_pools(table: &mut Table, database: &Database) {
    let presets = database.column(&format!(
        "SELECT CAST(preset AS text)
         FROM (SELECT b.template_version_preset_id AS preset
               FROM workspaces AS w
               JOIN templates AS t ON t.id = w.template_id
               CROSS JOIN LATERAL (SELECT * FROM workspace_builds WHERE workspace_id = w.id
                                   ORDER BY build_number DESC LIMIT 1) AS b
               JOIN provisioner_jobs AS j ON j.id = b.job_id
               JOIN workspace_resources AS r ON r.job_id = j.id
               JOIN workspace_agents AS a ON a.resource_id = r.id
               WHERE w.owner_id = '{PREBUILDS_USER}' AND NOT w.deleted
                 AND b.template_version_id = t.active_version_id
                 AND j.job_status = 'succeeded' AND a.lifecycle_state = 'ready') AS ready
         GROUP BY preset HAVING count(*) > {PER_POOL} ORDER BY preset LIMIT {POOLS}"
    ));
    assert_eq!(presets.len(), POOLS);
    let mut lines = String::new();
    for number in 0..POOLS * PER_POOL {
        line(
            &mut lines,
            &presets[number % POOLS],
            "user-1",
            number as u64,
        );
    }
    let rate = batch(database, &lines);
    let template = "CAST(md5('template ' || :n) AS uuid)";
    let update = bare_claim(database, template);
    let update = format!("\\set n random(1, 1000)\n{update}");
    let bare = bare::rate(database, &update, 2_000);
    let what = format!("claims from {POOLS} pools a second, large database");
    table.rate(&what, rate, "a bare `UPDATE` of a template", bare);

    let mut presets = presets.iter().zip(0..);
    let single = middle(SINGLE_RUNS, || {
        let (preset, number) = presets.next().expect("a preset");
        let name = format!("single-{number}");
        let arguments = ["claim", "--preset", preset, "--user", "user-1", "--name"];
        let mut claim = prebuildctl(&arguments);
        run(claim.args([&name, "--database-url", &database.url]), &[])
    });
    let update = bare_claim(database, "CAST(md5('template 7') AS uuid)");
    let psql = middle(SINGLE_RUNS, || {
        let mut psql = Command::new(cluster::program("psql"));
        run(psql.args([&database.url, "-c", &update]), &[])
    });
    let what = "a process that claims once, large database";
    let yardstick = "the bare `UPDATE` by psql";
    table.time(what, single.seconds, yardstick, psql.seconds);
}

fn line(lines: &mut String, preset: &str, user: &str, number: u64) {
    let line = format!(r#"{{"preset":"{preset}","user":"{user}","name":"box-{number}"}}"#);
    writeln!(lines, "{line}").expect("a text takes it");
}

/// Claims what the lines ask for; returns how many a second.
fn batch(database: &Database, lines: &str) -> f64 {
    let arguments = ["claim", "--batch", "-", "--parallel", "8"];
    let mut claim = prebuildctl(&arguments);
    let run = run(
        claim.args(["--database-url", &database.url]),
        lines.as_bytes(),
    );
    let claimed = run.output.matches(r#""status":"claimed""#).count();
    assert_eq!(claimed, lines.lines().count());
    claimed as f64 / run.seconds
}

/// Takes a workspace of a template away from the prebuilds user and does nothing else.
fn bare_claim(database: &Database, template: &str) -> String {
    let lock = bare::lock(database);
    format!(
        "UPDATE workspaces SET name = 'bare-' || id, updated_at = created_at,
                owner_id = (SELECT id FROM users WHERE username IN ('ada', 'user-1'))
         WHERE id = (SELECT id FROM workspaces
                     WHERE owner_id = '{PREBUILDS_USER}' AND NOT deleted AND template_id = {template}
                     ORDER BY created_at, id LIMIT 1 {lock})"
    )
}
