//! Snapshots and plans of so many prebuilt workspaces that two sessions read them.

use crate::support::cluster::{self, Cluster};
use crate::support::database::Database;
use crate::support::process::{Prebuildctl, prebuildctl};
use crate::support::scene::{self, random};
use crate::support::{Coder, coder, postgres, wait_until};

/// Sessions that wait for a table that somebody else has locked.
const WAITING: &str = "SELECT count(*) FROM pg_stat_activity
     WHERE wait_event_type = 'Lock' AND datname = current_database()";

/// Puts thousands of live prebuilt workspaces in every state into the database.
fn fill(database: &Database) {
    random::fill(database, 71, 3000);
    let live = format!(
        "SELECT count(*) FROM workspaces WHERE owner_id = '{}' AND NOT deleted",
        scene::PREBUILDS_USER
    );
    let live = database.count(&live);
    assert!(live > 2000, "{live} are read in one session");
}

fn snapshot(url: &str) -> Prebuildctl {
    run("snapshot", url)
}

fn run(command: &str, url: &str) -> Prebuildctl {
    let arguments = [command, "--format=json", "--at", random::NOW];
    prebuildctl(arguments).arg("--database-url").arg(url)
}

#[test]
fn two_sessions_see_one_state() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    fill(&database);
    let before = snapshot(&database.url).run();
    // The first session fixes its state, and waits before it can ask for a second one.
    let mut writer = database.session();
    writer.execute("BEGIN; LOCK TABLE workspaces IN ACCESS EXCLUSIVE MODE");
    // Both will wait here, on a table that doesn't change.
    let mut holder = database.session();
    holder.execute("BEGIN; LOCK TABLE workspace_agents IN ACCESS EXCLUSIVE MODE");
    let running = snapshot(&database.url).spawn();
    wait_until("the first session waits", || database.count(WAITING) == 1);
    writer.execute(
        "UPDATE provisioner_jobs SET completed_at = created_at, error = 'late'
         WHERE completed_at IS NULL;
         UPDATE workspaces SET deleted = true WHERE name LIKE '%7';
         COMMIT",
    );
    wait_until("both sessions wait", || database.count(WAITING) == 2);
    holder.execute("COMMIT");
    let meanwhile = running.wait();
    assert!(meanwhile.ok() == before.ok(), "the states differ");
    let after = snapshot(&database.url).run();
    assert!(after.ok() != before.ok(), "nothing was changed");
}

#[test]
fn a_role_that_may_connect_once_reads_everything_in_one_session() {
    if !cluster::postgres().is_some_and(Cluster::is_private) {
        return;
    }
    let Some(database) = postgres() else { return };
    fill(&database);
    let role = format!("single_{}", database.name());
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN CONNECTION LIMIT 1;
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let url = database.url.replace("//postgres", &format!("//{role}"));
    // A plan reads the builds of the workspaces that it deletes as well.
    database.execute(
        "UPDATE template_version_presets SET desired_instances = 0;
         DELETE FROM template_version_preset_prebuild_schedules;
         UPDATE site_configs SET value = '{}' WHERE key = 'prebuilds_settings'",
    );
    let plan = run("plan", &database.url).run().json();
    let deletes = plan["summary"]["delete"].as_i64().expect("a number");
    assert!(deletes > 500, "{deletes} are read in one session");
    for command in ["snapshot", "plan"] {
        let single = run(command, &url).run();
        let double = run(command, &database.url).run();
        assert!(single.ok() == double.ok(), "{command} reads differently");
    }
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}
