//! Claims and passes beside coderd, whose claim statement locks nothing while it looks for a workspace and
//! changes whichever it has found by its id alone.

use serde_json::Value;

use super::{answers, line, start_batch};
use crate::support::database::{Database, Session};
use crate::support::process::{Output, Running, prebuildctl};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{ACTIVE, Build, GRACE, Prebuilt, SMALL, coderd_databases, id};
use crate::support::{Coder, wait_until};

/// coderd's claim of a workspace for Grace: its id.
fn claim_as_coderd(session: &mut Session, name: &str) -> Option<String> {
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
        id(SMALL)
    ));
    rows.into_iter().next().and_then(|mut row| row.remove(0))
}

/// The number that stands for an id.
fn number(id: &str) -> u64 {
    id.rsplit('-').next().unwrap().parse().unwrap()
}

/// A claim of a coderd that makes the build in the same transaction, and undoes both where it finds
/// another one that has not ended.
fn claim_and_build(session: &mut Session, database: &Database, name: &str) {
    session.execute("BEGIN");
    let claimed = claim_as_coderd(session, name).is_some_and(|workspace| {
        let builds = session.value(&format!(
            "SELECT count(*) FROM workspace_builds WHERE workspace_id = '{workspace}'"
        ));
        let build = Build {
            number: 2,
            version: ACTIVE,
            preset: Some(SMALL),
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
    const CLAIMS: usize = 3;
    for (release, database) in coderd_databases() {
        let mut sql = "BEGIN;".to_owned();
        for number in 2001..=2120 {
            Prebuilt::new(number, SMALL).write(&mut sql, &database);
        }
        sql.push_str("COMMIT; ANALYZE");
        database.execute(&sql);
        let outputs: Vec<Output> = std::thread::scope(|scope| {
            for n in 0..CLAIMERS {
                let database = &database;
                scope.spawn(move || {
                    let mut session = database.session();
                    for m in 0..CLAIMS {
                        let name = format!("theirs-{n}-{m}");
                        match release {
                            Coder::At343 => {
                                claim_as_coderd(&mut session, &name);
                            }
                            _ => claim_and_build(&mut session, database, &name),
                        }
                    }
                });
            }
            let running: Vec<Running> = (0..CLAIMERS)
                .map(|n| {
                    let lines = (0..CLAIMS).map(|m| line("small", "ada", &format!("ours-{n}-{m}")));
                    start_batch(&database, "1", lines.collect())
                })
                .collect();
            running.into_iter().map(Running::wait).collect()
        });
        let answers: Vec<Value> = outputs.iter().flat_map(answers).collect();
        assert_eq!(answers.len(), CLAIMERS * CLAIMS);
        for answer in answers {
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

/// Keeps passes from writing jobs until a row of the table `gate` lets them.
fn add_gate(database: &Database) {
    database.execute(
        "CREATE TABLE gate (opened boolean);
         CREATE FUNCTION wait_at_gate() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             WHILE current_setting('application_name') = 'prebuildctl'
                 AND NOT EXISTS (SELECT 1 FROM gate) LOOP
                 PERFORM pg_sleep(0.02);
             END LOOP;
             RETURN NULL;
         END $$;
         CREATE TRIGGER gate BEFORE INSERT ON provisioner_jobs
         FOR EACH STATEMENT EXECUTE FUNCTION wait_at_gate()",
    );
}

/// A pass that deletes the workspaces from 2001 on, and what is done while it holds their rows.
fn pass_and_meanwhile(database: &Database, size: u64, meanwhile: impl FnOnce()) -> Value {
    for number in 1..=size {
        Prebuilt::new(2000 + number, SMALL).add(database);
    }
    database.execute("UPDATE template_version_presets SET desired_instances = 0");
    add_gate(database);
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

#[test]
fn a_pass_keeps_no_claim_of_coderd_waiting() {
    for (release, database) in coderd_databases() {
        let mut session = database.session();
        session.execute("SET lock_timeout = '100ms'");
        let mut claimed = None;
        let report = pass_and_meanwhile(&database, 20, || {
            claimed = claim_as_coderd(&mut session, "theirs");
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
        let report = pass_and_meanwhile(&database, 5, || {
            let mut sql = "BEGIN;".to_owned();
            let build = Build {
                number: 2,
                version: ACTIVE,
                preset: Some(SMALL),
                transition: "delete",
                status: "pending",
                initiator: &id(GRACE),
            };
            build.write(&mut sql, &database, 2003, "2026-03-03T00:00:00Z");
            session.execute(&sql);
            session.execute(&format!(
                "UPDATE workspaces SET updated_at = now() WHERE id = '{}'",
                id(2003)
            ));
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
