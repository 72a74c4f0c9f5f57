//! Claims and passes beside coderd, whose claim statement locks nothing while it looks for a workspace and
//! changes whichever it has found by its id alone.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::Value;

use super::{answers, line, start_batch};
use crate::support::database::{Database, Session};
use crate::support::process::{Output, Running, prebuildctl};
use crate::support::scene::claims::{
    ACTIVE, ADA, Build, GRACE, LARGE, Prebuilt, SMALL, coderd_databases, id,
};
use crate::support::scene::{PREBUILDS_USER, copies};
use crate::support::{RELEASES, wait_until};

/// coderd's claim of a workspace of the preset for Grace: its id.
fn claim_as_coderd(session: &mut Session, preset: u64, name: &str) -> Option<String> {
    let rows = session.rows(&format!(
        "UPDATE workspaces SET owner_id = '{}', name = '{name}', updated_at = now()
         WHERE id IN (
             SELECT p.id
             FROM workspace_prebuilds AS p
             JOIN workspace_latest_builds AS b ON b.workspace_id = p.id
             JOIN templates AS t ON t.id = p.template_id
             WHERE b.transition = 'start'
               AND b.job_status = 'succeeded'
               AND b.template_version_id = t.active_version_id
               AND p.current_preset_id = '{}'
               AND p.ready
               AND NOT t.deleted
             LIMIT 1
             FOR UPDATE OF p SKIP LOCKED)
         RETURNING id",
        id(GRACE),
        id(preset)
    ));
    rows.into_iter().next().and_then(|mut row| row.remove(0))
}

/// The number that stands for an id.
fn number(id: &str) -> u64 {
    id.rsplit('-').next().unwrap().parse().unwrap()
}

/// A claim of a coderd that makes the build in the same transaction, and undoes both where it finds
/// another one that has not ended.
fn claim_and_build(session: &mut Session, database: &Database, preset: u64, name: &str) {
    session.execute("BEGIN");
    let claimed = claim_as_coderd(session, preset, name).is_some_and(|workspace| {
        let builds = session.value(&format!(
            "SELECT count(*) FROM workspace_builds WHERE workspace_id = '{workspace}'"
        ));
        let build = Build {
            number: 2,
            version: ACTIVE,
            preset: Some(preset),
            transition: "start",
            status: "pending",
            initiator: &id(GRACE),
        };
        let mut sql = String::new();
        build.write(
            &mut sql,
            database,
            number(&workspace),
            "2026-03-03T00:00:00Z",
        );
        builds.as_deref() == Some("1") && session.try_execute(&sql).is_ok()
    });
    session.execute(if claimed { "COMMIT" } else { "ROLLBACK" });
}

#[test]
fn every_claim_that_is_answered_stays_whatever_coderd_claims_beside_it() {
    const CLAIMERS: usize = 16;
    // As many claims of each side as this says, and those of one small round at least.
    let wanted = std::env::var("PREBUILDCTL_TEST_RACED_CLAIMS").ok();
    let wanted: Option<usize> = wanted.and_then(|it| it.parse().ok());
    let each = if wanted.is_some() { 12 } else { 3 };
    let of_round = CLAIMERS * each;
    let rounds = wanted.unwrap_or(1).div_ceil(RELEASES.len() * of_round);
    for (release, database) in (0..rounds).flat_map(|_| coderd_databases()) {
        let mut sql = "BEGIN;".to_owned();
        for number in (2000..).take(2 * of_round + 25) {
            Prebuilt::new(number, LARGE).write(&mut sql, &database);
        }
        // All but the oldest are in the preset's region, which no claim may change.
        write!(
            sql,
            "UPDATE workspace_build_parameters SET value = 'us'
             WHERE name = 'region' AND workspace_build_id <> '{}';
             COMMIT; ANALYZE",
            Prebuilt::new(2000, LARGE).rows().build
        )
        .unwrap();
        database.execute(&sql);
        // Those before Coder 2.30 leave the workspace theirs, whatever becomes of its build.
        let is_undone = database.migration() >= Some(412);
        let outputs: Vec<Output> = std::thread::scope(|scope| {
            for n in 0..CLAIMERS {
                let database = &database;
                scope.spawn(move || {
                    let mut session = database.session();
                    for m in 0..each {
                        let name = format!("theirs-{n}-{m}");
                        if is_undone {
                            claim_and_build(&mut session, database, LARGE, &name);
                        } else {
                            claim_as_coderd(&mut session, LARGE, &name);
                        }
                    }
                });
            }
            let running: Vec<Running> = (0..CLAIMERS)
                .map(|n| {
                    let lines = (0..each).map(|m| line("large", "ada", &format!("ours-{n}-{m}")));
                    start_batch(&database, "1", lines.collect())
                })
                .collect();
            running.into_iter().map(Running::wait).collect()
        });
        let answers: Vec<Value> = outputs.iter().flat_map(answers).collect();
        assert_eq!(answers.len(), of_round);
        let given: BTreeSet<&str> = answers
            .iter()
            .filter_map(|answer| answer["workspace_id"].as_str())
            .collect();
        assert_eq!(given.len(), answers.len(), "{release:?}");
        assert!(!given.contains(id(2000).as_str()), "{release:?}");
        for answer in &answers {
            assert_eq!(answer["status"], "claimed", "{release:?}: {answer}");
            let kept = format!(
                "SELECT count(*) FROM workspaces AS w JOIN users AS u ON u.id = w.owner_id
                 WHERE w.id = '{}' AND u.username = 'ada' AND w.name LIKE 'ours-%'",
                answer["workspace_id"].as_str().unwrap()
            );
            assert_eq!(database.count(&kept), 1, "{release:?}: {answer}");
        }
    }
}

#[test]
fn a_claim_that_an_older_coderd_takes_over_is_answered_with_another_workspace() {
    for (release, database) in coderd_databases() {
        if database.migration() >= Some(412) {
            continue;
        }
        Prebuilt::new(2001, SMALL).add(&database);
        Prebuilt::new(2002, SMALL).add(&database);
        // coderd's statement has begun, so that it may have found its workspace already.
        let mut theirs = database.session();
        theirs.execute("BEGIN; UPDATE workspaces SET updated_at = updated_at WHERE false");
        let claim = start_batch(&database, "1", line("small", "ada", "ours"));
        let ours = format!("SELECT id FROM workspaces WHERE owner_id = '{}'", id(ADA));
        wait_until("the claim is committed", || database.value(&ours).is_some());
        let first = database.value(&ours).unwrap();
        theirs.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}', name = 'theirs' WHERE id = '{first}'; COMMIT",
            id(GRACE)
        ));
        let answer = answers(&claim.wait()).remove(0);
        assert_eq!(answer["status"], "claimed", "{release:?}: {answer}");
        let second = database.value(&ours).unwrap();
        assert_ne!(second, first, "{release:?}");
        assert_eq!(answer["workspace_id"], second, "{release:?}");
    }
}

/// Where passes wait: before they write their jobs, when they hold the rows of workspaces.
const BEFORE_JOBS: &str = "CREATE TRIGGER gate BEFORE INSERT ON provisioner_jobs
    FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate()";
/// Where passes wait: at their commit, when all is written.
const AT_COMMIT: &str = "CREATE CONSTRAINT TRIGGER gate AFTER INSERT ON workspace_builds
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait_at_gate()";

/// Keeps passes waiting until a row of the table `gate` lets them go on, provided that they give way to
/// whoever holds what they want.
fn add_gate(database: &Database, place: &str) {
    database.execute(&format!(
        "CREATE TABLE gate (opened boolean);
         CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF current_setting('application_name') = 'prebuildctl' THEN
                 IF current_setting('lock_timeout') <> '500ms' THEN
                     RAISE EXCEPTION 'this would wait until the server looks for a deadlock';
                 END IF;
                 WHILE NOT EXISTS (SELECT 1 FROM gate) LOOP
                     PERFORM pg_sleep(0.02);
                 END LOOP;
             END IF;
             RETURN NULL;
         END $$;
         {place}"
    ));
}

/// A pass that deletes all workspaces of the pool, and what is done while it waits.
fn pass_and_meanwhile(database: &Database, place: &str, meanwhile: impl FnOnce()) -> Value {
    database.execute("UPDATE template_version_presets SET desired_instances = 0");
    add_gate(database, place);
    let pass = prebuildctl(["reconcile-once", "--format=json"])
        .on(database)
        .spawn();
    wait_until("the pass holds its rows", || {
        let waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'
            AND datname = current_database()";
        database.count(waiting) == 1
    });
    meanwhile();
    database.execute("INSERT INTO gate VALUES (true)");
    pass.wait().json()
}

/// Members of the pool `small`, from 2001 on.
fn add_members(database: &Database, size: u64) {
    for number in 1..=size {
        Prebuilt::new(2000 + number, SMALL).add(database);
    }
}

/// A person's delete, in the order of coderd: the build, then the workspace.
fn delete_as_person(session: &mut Session, database: &Database, workspace: u64) {
    let mut sql = String::new();
    let build = Build {
        number: 2,
        version: ACTIVE,
        preset: Some(SMALL),
        transition: "delete",
        status: "pending",
        initiator: &id(GRACE),
    };
    build.write(&mut sql, database, workspace, "2026-03-03T00:00:00Z");
    session.execute(&sql);
    session.execute(&format!(
        "UPDATE workspaces SET updated_at = now() WHERE id = '{}'",
        id(workspace)
    ));
}

#[test]
fn ten_thousand_deletes_before_their_commit_keep_nobody_waiting() {
    const MEMBERS: i64 = 10_000;
    let Some((_, database)) = coderd_databases().next() else {
        return;
    };
    let model = Prebuilt::new(2001, SMALL);
    model.add(&database);
    copies::copy(&database, &model.rows(), MEMBERS - 1);
    let mut of_grace = Prebuilt::new(3001, SMALL);
    of_grace.owner = id(GRACE);
    of_grace.add(&database);
    database.execute("ANALYZE");
    // Whoever waits for a lock fails.
    let [mut claimer, mut person] = [(); 2].map(|()| database.session());
    claimer.execute("SET lock_timeout = '100ms'; BEGIN");
    person.execute("SET lock_timeout = '100ms'; BEGIN");
    let mut claimed = None;
    let report = pass_and_meanwhile(&database, AT_COMMIT, || {
        claimed = claim_as_coderd(&mut claimer, SMALL, "theirs");
        delete_as_person(&mut person, &database, 3001);
        person.execute("COMMIT");
    });
    assert_eq!(report["deleted"], MEMBERS, "{report:#}");
    let deletes = "SELECT count(DISTINCT workspace_id) FROM workspace_builds
                   WHERE transition = 'delete'";
    assert_eq!(database.count(deletes), MEMBERS + 1);
    // The claim finds that the number of its build is taken, and is undone with it.
    let build = format!(
        "INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id, build_number,
            template_version_id, transition, initiator_id, job_id)
         SELECT gen_random_uuid(), now(), now(), workspace_id, 2, template_version_id, 'start',
            '{}', gen_random_uuid()
         FROM workspace_builds WHERE workspace_id = '{}' AND build_number = 1",
        id(GRACE),
        claimed.expect("a workspace")
    );
    let refused = claimer.try_execute(&build).expect_err("a number of one");
    assert!(refused.to_string().contains("build_number"), "{refused}");
}

#[test]
fn a_pass_keeps_no_claim_of_coderd_waiting() {
    for (release, database) in coderd_databases() {
        let mut session = database.session();
        session.execute("SET lock_timeout = '100ms'");
        let mut claimed = None;
        add_members(&database, 20);
        let report = pass_and_meanwhile(&database, BEFORE_JOBS, || {
            claimed = claim_as_coderd(&mut session, SMALL, "theirs");
        });
        let claimed = claimed.expect("a workspace");
        assert_eq!(report["deleted"], 19, "{release:?}: {report:#}");
        assert_eq!(report["lost_races"], 1);
        let builds =
            format!("SELECT count(*) FROM workspace_builds WHERE workspace_id = '{claimed}'");
        assert_eq!(
            database.count(&builds),
            1,
            "nothing of a person's is deleted"
        );
    }
}

#[test]
fn a_delete_by_a_person_meets_no_deadlock_with_a_pass() {
    for (release, database) in coderd_databases() {
        let mut session = database.session();
        session.execute("SET lock_timeout = '100ms'");
        add_members(&database, 5);
        let report = pass_and_meanwhile(&database, BEFORE_JOBS, || {
            session.execute("BEGIN");
            delete_as_person(&mut session, &database, 2003);
        });
        // The pass waits for the build, and doesn't wait for long.
        assert_eq!(report["outcome"], "applied", "{release:?}: {report:#}");
        assert_eq!([&report["deleted"], &report["lost_races"]], [0, 5]);
        session.execute("COMMIT");
        let report = prebuildctl(["reconcile-once", "--format=json"])
            .on(&database)
            .run()
            .json();
        assert_eq!(report["deleted"], 4, "{report:#}");
        let theirs = format!(
            "SELECT count(*) FROM workspaces AS w WHERE owner_id = '{PREBUILDS_USER}' AND
             1 <> (SELECT count(*) FROM workspace_builds AS b
                   WHERE b.workspace_id = w.id AND transition = 'delete')"
        );
        assert_eq!(database.count(&theirs), 0);
    }
}
