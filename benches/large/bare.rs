//! The yardstick of whatever takes rows from a crowd: a bare statement that takes one, again and again.

use std::process::Command;
use std::time::Instant;

use crate::measure::run;
use crate::support::cluster;
use crate::support::database::Database;
use crate::support::process::TestDir;

/// How many sessions run the statement on PostgreSQL, as many as a batch of claims has.
const SESSIONS: usize = 8;

/// How often a second the statement, perhaps after a line for pgbench, runs, each time in a transaction of its own: by pgbench, prepared; on
/// SQLite in one session, since only one at a time can write.
pub fn rate(database: &Database, statement: &str, times: usize) -> f64 {
    if database.is_sqlite() {
        let mut session = database.session();
        let started = Instant::now();
        for _ in 0..times {
            assert_eq!(session.execute(statement), 1, "{statement}");
        }
        return times as f64 / started.elapsed().as_secs_f64();
    }
    let folder = TestDir::new();
    let script = folder.write("script.sql", &format!("{statement};\n"));
    let mut pgbench = Command::new(cluster::program("pgbench"));
    pgbench
        .args(["--no-vacuum", "--protocol=prepared", "--jobs=2"])
        .arg(format!("--client={SESSIONS}"))
        .arg(format!("--transactions={}", times / SESSIONS))
        .arg("--file")
        .arg(script)
        .arg(&database.url);
    let output = run(&mut pgbench, &[]).output;
    let rate = output.lines().find_map(|line| {
        let (rate, _) = line.strip_prefix("tps = ")?.split_once(' ')?;
        rate.parse().ok()
    });
    rate.unwrap_or_else(|| panic!("no rate in {output}"))
}

/// What passes over rows that another session has taken; on SQLite there is none.
pub fn lock(database: &Database) -> &'static str {
    if database.is_sqlite() {
        ""
    } else {
        "FOR UPDATE SKIP LOCKED"
    }
}
