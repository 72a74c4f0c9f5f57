//! Claims that meet each other, passes, deletions and other people's workspaces at the same moment.
//!
//! The races are forced by sessions that hold locks. Nothing here depends on how long anything takes.

use serde_json::Value;

use super::{answers, assert_untouched, begin_workspace, line, start, start_batch};
use crate::support::database::{Database, Session};
use crate::support::process::prebuildctl;
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{ACTIVE, ADA, Build, Prebuilt, SMALL, claim, id, postgres};
use crate::support::wait_until;
use crate::support::wait_until_blocked;

/// The second build of a workspace, in a transaction of the session, made by somebody who does not
/// lock the workspace. (With foreign keys in force the row would be locked, and passed over.)
fn begin_delete(session: &mut Session, database: &Database, workspace: u64) {
    let mut sql = "BEGIN; SET LOCAL session_replication_role = replica;".to_owned();
    let build = Build {
        number: 2,
        version: ACTIVE,
        preset: Some(SMALL),
        transition: "delete",
        status: "pending",
        initiator: PREBUILDS_USER,
    };
    build.write(&mut sql, database, workspace, "2026-03-03T00:00:00Z");
    session.execute(&sql);
}

#[test]
fn a_workspace_that_is_being_deleted_is_passed_over() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    let mut holder = database.session();
    holder.execute(&format!(
        "BEGIN; SELECT 1 FROM workspaces WHERE id = '{}' FOR UPDATE",
        id(2001)
    ));
    let arguments = ["--preset", "small", "--user", "ada", "--name", "x"];
    let output = claim(&database, &arguments);
    output.expect_code(4);
    assert!(
        output.stderr.contains("being claimed or deleted"),
        "{output:?}"
    );
    Prebuilt::new(2002, SMALL).add(&database);
    let answer = claim(&database, &arguments).json();
    assert_eq!(answer["workspace_id"], id(2002));
    holder.execute("ROLLBACK");
    assert_untouched(&database, 2001);
}

#[test]
fn a_build_that_comes_first_costs_the_claim_that_workspace_only() {
    let Some(database) = postgres() else { return };
    for number in [2001, 2002] {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let mut other = database.session();
    begin_delete(&mut other, &database, 2001);
    let claim = start(&database, "x");
    wait_until_blocked(&database);
    other.execute("COMMIT");
    assert_eq!(claim.wait().json()["workspace_id"], id(2002));
    let kept = format!(
        "SELECT count(*) FROM workspaces WHERE id = '{}' AND owner_id = '{PREBUILDS_USER}'",
        id(2001)
    );
    assert_eq!(database.count(&kept), 1);
    let orphans = "SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build'
                   AND id NOT IN (SELECT job_id FROM workspace_builds)";
    assert_eq!(database.count(orphans), 0);
}

#[test]
fn a_build_that_is_taken_back_costs_nothing() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    let mut other = database.session();
    begin_delete(&mut other, &database, 2001);
    let claim = start(&database, "x");
    wait_until_blocked(&database);
    other.execute("ROLLBACK");
    assert_eq!(claim.wait().json()["workspace_id"], id(2001));
}

#[test]
fn a_pass_does_not_delete_what_is_being_claimed() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    database.execute("UPDATE template_version_presets SET desired_instances = 0");
    let mut other = database.session();
    begin_workspace(&mut other, "x");
    let claim = start(&database, "x");
    wait_until_blocked(&database);
    let report = prebuildctl(["reconcile-once", "--format", "json"])
        .on(&database)
        .run()
        .json();
    assert_eq!(report["deleted"], 0, "{report}");
    assert_eq!(report["lost_races"], 1, "{report}");
    other.execute("ROLLBACK");
    assert_eq!(claim.wait().json()["workspace_id"], id(2001));
}

#[test]
fn a_name_that_is_lost_in_a_race_leaves_the_workspace_claimable() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    let mut other = database.session();
    begin_workspace(&mut other, "X");
    let claim = start(&database, "x");
    wait_until_blocked(&database);
    other.execute("COMMIT");
    let output = claim.wait();
    output.expect_code(1);
    assert!(
        output.stderr.contains("has a workspace \"x\" already"),
        "{output:?}"
    );
    assert_untouched(&database, 2001);
}

#[test]
fn a_name_that_is_lost_in_a_race_costs_only_its_own_line_of_a_batch() {
    let Some(database) = postgres() else { return };
    for number in 2001..=2003 {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let mut other = database.session();
    begin_workspace(&mut other, "b");
    let lines: String = ["a", "b", "c"]
        .iter()
        .map(|name| line("small", "ada", name))
        .collect();
    let claims = start_batch(&database, "1", lines);
    wait_until_blocked(&database);
    other.execute("COMMIT");
    let output = claims.wait();
    output.expect_code(1);
    let statuses: Vec<Value> = answers(&output)
        .iter()
        .map(|answer| answer["status"].clone())
        .collect();
    assert_eq!(statuses, ["claimed", "error", "claimed"]);
    assert_untouched(&database, 2003);
}

#[test]
fn what_a_set_has_committed_stays_claimed_when_the_rest_of_it_fails() {
    let Some(database) = postgres() else { return };
    for number in 2001..=2003 {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let (mut builder, mut namesake) = (database.session(), database.session());
    begin_delete(&mut builder, &database, 2001);
    begin_workspace(&mut namesake, "a");
    let lines = line("small", "ada", "a") + &line("small", "ada", "b");
    let claims = start_batch(&database, "1", lines);
    wait_until_blocked(&database);
    // The first loses its workspace and goes again, while the second is claimed ...
    builder.execute("COMMIT");
    let b = format!(
        "SELECT count(*) FROM workspaces WHERE owner_id = '{}' AND name = 'b'",
        id(ADA)
    );
    wait_until("the second is claimed", || database.count(&b) == 1);
    wait_until_blocked(&database);
    // ... and then loses its name.
    namesake.execute("COMMIT");
    let output = claims.wait();
    output.expect_code(1);
    let answers = answers(&output);
    assert_eq!(answers[0]["status"], "error", "{answers:?}");
    assert_eq!(answers[1]["status"], "claimed", "{answers:?}");
    assert_untouched(&database, 2003);
}

#[test]
fn a_promotion_in_the_middle_of_a_batch_is_followed() {
    let Some(database) = postgres() else { return };
    let mut sql = String::new();
    // The old version's preset has the same name: its workspaces count once that is promoted.
    for number in 2001..=2004 {
        let mut prebuilt = Prebuilt::new(number, SMALL);
        if number > 2002 {
            prebuilt.version = crate::support::scene::claims::OLD;
            prebuilt.preset = crate::support::scene::claims::OLD_SMALL;
        }
        prebuilt.write(&mut sql, &database);
    }
    database.execute(&sql);
    let mut other = database.session();
    begin_workspace(&mut other, "b");
    // The last line wants the same by another name, and so has a transaction of its own.
    let lines =
        line("small", "ada", "a") + &line("small", "ada", "b") + &line("backend/small", "ada", "c");
    let claims = start_batch(&database, "1", lines);
    wait_until_blocked(&database);
    database.execute(&format!(
        "UPDATE templates SET active_version_id = '{}'",
        id(crate::support::scene::claims::OLD)
    ));
    other.execute("ROLLBACK");
    let output = claims.wait();
    output.ok();
    let ids: Vec<Value> = answers(&output)
        .iter()
        .map(|answer| answer["workspace_id"].clone())
        .collect();
    assert_eq!(ids, [id(2001), id(2002), id(2003)]);
}
