//! Passes and coderd's loop take turns by the lock: whoever comes next sees what was written before.

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;
use crate::support::{Coder, coder, wait_until};

/// Enough for the moments to fall between any two steps of a pass.
const ROUNDS: usize = 48;

/// Whether a pass is connected, with a statement that was like this.
fn has_come(database: &Database, statement: &str) -> bool {
    let sessions = format!(
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
         AND application_name = 'prebuildctl' AND query LIKE '{statement}'"
    );
    database.count(&sessions) > 0
}

#[test]
fn a_pass_that_starts_the_very_moment_another_loop_commits_sees_what_it_wrote() {
    for database in [Coder::Current, Coder::Older].into_iter().filter_map(coder) {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        for round in 0..ROUNDS {
            let preset = scene.preset(&web, &format!("pool {round}"), 2);
            // As coderd does: the lock goes with the transaction that creates.
            scene.execute("BEGIN; SELECT pg_advisory_xact_lock(7)");
            for job in [Job::Succeeded, Job::Pending] {
                scene.prebuild(&web, &preset, job, 1);
            }
            let arguments = ["reconcile-once", "--format=json", "--wait-lock=40s"];
            let run = prebuildctl(arguments).on(&database).spawn();
            match round % 3 {
                0 => {}
                1 => wait_until("the pass is connected", || has_come(&database, "%")),
                _ => wait_until("the pass asks for the lock", || {
                    has_come(&database, "%pg_try_advisory_lock%")
                }),
            }
            // A little later each time.
            for _ in 0..round * 2 {
                scene.execute("SELECT 1");
            }
            scene.execute("COMMIT");
            let report = run.wait().json();
            assert_eq!(report["outcome"], "nothing_to_do", "{round}: {report:#}");
            let made = 2 * i64::try_from(round + 1).unwrap();
            assert_eq!(database.count(WORKSPACES), made, "{round}");
        }
    }
}
