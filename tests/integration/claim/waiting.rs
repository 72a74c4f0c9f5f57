//! Claims whose builds are waited for: the claim is told, whatever comes of the wait.

use super::answers;
use crate::support::database::Database;
use crate::support::process::{Running, prebuildctl};
use crate::support::scene::claims::{ADA, Prebuilt, SMALL, everywhere, id, postgres};
use crate::support::wait_until;

const JOBS: &str = "FROM provisioner_jobs WHERE type = 'workspace_build' AND completed_at IS NULL";

/// A claim that waits for its build, once it is made.
fn claim_and_wait(database: &Database, more: &[&str]) -> Running {
    Prebuilt::new(2001, SMALL).add(database);
    let words = ["claim", "--preset", "small", "--user", "ada", "--name", "x"];
    let claim = prebuildctl(words.iter().chain(more)).arg("--wait");
    let claim = claim.on(database).spawn();
    wait_until("it is claimed", || {
        database.count(&format!("SELECT count(*) {JOBS}")) == 1
    });
    claim
}

#[test]
fn a_claim_is_told_when_its_build_can_not_be_waited_for() {
    everywhere(|database| {
        let claim = claim_and_wait(database, &["--format", "json"]);
        database.execute("ALTER TABLE provisioner_jobs RENAME error TO mistake");
        let output = claim.wait();
        output.expect_code(1);
        let answer = &answers(&output)[0];
        assert_eq!(answer["workspace_id"], id(2001), "{output:?}");
        assert_eq!(answer["build_status"], "running", "{output:?}");
        let said = "workspace \"x\" is claimed, but its build can't be waited for";
        assert!(output.stderr.contains(said), "{output:?}");
        let owner = format!("SELECT owner_id FROM workspaces WHERE id = '{}'", id(2001));
        assert_eq!(database.value(&owner), Some(id(ADA)));
    });
}

#[test]
fn a_lost_session_does_not_end_the_wait() {
    let Some(database) = postgres() else { return };
    let claim = claim_and_wait(&database, &["--format", "json"]);
    // Only the session of the wait reads how jobs have ended.
    wait_until("the session of the wait is lost", || {
        database.count(
            "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
             WHERE datname = current_database() AND application_name = 'prebuildctl'
                AND query LIKE 'SELECT id, CAST(job_status AS text) AS status%'",
        ) > 0
    });
    database.execute(
        "UPDATE provisioner_jobs SET started_at = now(), completed_at = now()
         WHERE type = 'workspace_build' AND completed_at IS NULL",
    );
    let output = claim.wait();
    output.ok();
    assert_eq!(answers(&output)[0]["build_status"], "succeeded");
    assert!(output.stderr.contains("a new session"), "{output:?}");
}

#[test]
fn an_error_of_a_build_does_nothing_to_the_terminal() {
    everywhere(|database| {
        let claim = claim_and_wait(database, &["-v"]);
        let now = "2026-03-01T00:00:00.000000Z";
        let session = &mut database.session();
        session.execute_with(
            &format!(
                "UPDATE provisioner_jobs SET started_at = '{now}', completed_at = '{now}', error = $1
                 WHERE type = 'workspace_build' AND completed_at IS NULL"
            ),
            "disk\u{9b}31m full\u{202e}\rall is well",
        );
        let output = claim.wait();
        output.expect_code(1);
        let escaped = r"disk\u{9b}31m full\u{202e}\rall is well";
        assert!(output.stderr.contains(escaped), "{output:?}");
        assert!(!output.stderr.contains(['\u{9b}', '\u{202e}', '\r']));
    });
}
