//! Many claimers at once: every workspace goes to one of them, by a history that is checked afterwards,
//! and whoever listens hears of it.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use serde_json::Value;

use super::{STRAY_JOBS, answers, line, start_batch};
use crate::support::database::{Database, Session};
use crate::support::process::{Output, Running, prebuildctl};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{
    ACTIVE, ADA, GRACE, Prebuilt, SMALL, add_preset, batch, id, postgres, sqlite,
};

/// Finishes every build that is queued, as a provisioner would.
fn provision(session: &mut Session) {
    let queued =
        "SELECT j.id FROM provisioner_jobs AS j JOIN workspace_builds AS b ON b.job_id = j.id
                  WHERE j.job_status = 'pending'";
    session.execute(&format!(
        "BEGIN;
         CREATE TEMPORARY TABLE work ON COMMIT DROP AS {queued};
         UPDATE provisioner_jobs SET started_at = now(), completed_at = now()
         WHERE id IN (SELECT id FROM work);
         INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
         SELECT gen_random_uuid(), now(), id, 'start', 'docker', 'main' FROM work;
         INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
                                       architecture, operating_system, lifecycle_state)
         SELECT gen_random_uuid(), now(), now(), 'main', id, gen_random_uuid(), 'amd64', 'linux',
                'ready'
         FROM workspace_resources WHERE job_id IN (SELECT id FROM work);
         UPDATE workspaces SET deleted = true WHERE id IN (
             SELECT workspace_id FROM workspace_builds
             WHERE transition = 'delete' AND job_id IN (SELECT id FROM work));
         COMMIT"
    ));
}

/// Tells threads to end when it goes away, also where a test fails: a scope waits for its threads then as well.
struct Ending<'a>(&'a AtomicBool);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[test]
fn a_crowd_of_claimers_gets_every_workspace_once() {
    const BATCHES: usize = 16;
    const REQUESTS: usize = 36;
    const SINGLES: usize = 8;

    let Some(database) = postgres() else { return };
    let mut sql = "BEGIN;".to_owned();
    add_preset(&mut sql, 101, ACTIVE, "many", "120", &[("cores", "2")]);
    add_preset(&mut sql, 102, ACTIVE, "more", "120", &[("cores", "3")]);
    sql.push_str("DELETE FROM template_version_preset_parameters WHERE value = '3';");
    for number in 0..500 {
        Prebuilt::new(10_000 + number, 101 + number % 2).write(&mut sql, &database);
    }
    sql.push_str("COMMIT; ANALYZE");
    database.execute(&sql);

    let done = AtomicBool::new(false);
    let mut asked = BTreeSet::new();
    let outputs: Vec<Output> = std::thread::scope(|scope| {
        let _ending = Ending(&done);
        scope.spawn(|| {
            while !done.load(Ordering::Relaxed) {
                prebuildctl(["reconcile-once"]).on(&database).run().ok();
            }
        });
        scope.spawn(|| {
            let mut session = database.session();
            while !done.load(Ordering::Relaxed) {
                provision(&mut session);
            }
        });
        let mut running = Vec::new();
        for number in 0..BATCHES {
            let mut lines = String::new();
            for request in 0..REQUESTS {
                let preset = ["many", "more"][request % 2];
                let user = ["ada", "grace"][number % 2];
                let name = format!("box-{number}-{request}");
                lines.push_str(&line(preset, user, &name));
                asked.insert(name);
            }
            running.push(start_batch(&database, "4", lines));
        }
        for number in 0..SINGLES {
            let name = format!("one-{number}");
            let arguments = [
                "claim", "--preset", "many", "--user", "ada", "--name", &name,
            ];
            running.push(
                prebuildctl(["--format", "json"].iter().chain(&arguments))
                    .on(&database)
                    .spawn(),
            );
            asked.insert(name);
        }
        running.into_iter().map(Running::wait).collect()
    });

    let mut claimed = Vec::new();
    let mut none = 0;
    for (number, output) in outputs.iter().enumerate() {
        if number >= BATCHES {
            match output.code {
                4 => none += 1,
                _ => claimed.push(output.json()["workspace_id"].as_str().unwrap().to_owned()),
            }
            continue;
        }
        output.ok();
        let answers = answers(output);
        assert_eq!(answers.len(), REQUESTS);
        for answer in answers {
            match answer["status"].as_str().unwrap() {
                "claimed" => claimed.push(answer["workspace_id"].as_str().unwrap().to_owned()),
                "none_claimable" => none += 1,
                other => panic!("{other}: {answer}"),
            }
        }
    }
    assert_eq!(claimed.len() + none, BATCHES * REQUESTS + SINGLES);
    let given: BTreeSet<String> = claimed.iter().cloned().collect();
    assert_eq!(given.len(), claimed.len(), "a workspace was given twice");
    let owned = database.rows(&format!(
        "SELECT id, name FROM workspaces WHERE owner_id IN ('{}', '{}') AND NOT deleted",
        id(ADA),
        id(GRACE)
    ));
    let owned_ids: BTreeSet<String> = owned.iter().flat_map(|row| row[0].clone()).collect();
    assert_eq!(owned_ids, given, "answers and database differ");
    assert!(
        owned
            .iter()
            .all(|row| asked.contains(row[1].as_ref().unwrap()))
    );
    // Each was a workspace without any deletion, and has one claim build right after its first.
    for (wrong, sql) in [
        (
            "claim builds that are not the second",
            "SELECT count(*) FROM workspace_builds AS b JOIN provisioner_jobs AS j ON j.id = b.job_id
             WHERE (j.input ->> 'prebuilt_workspace_stage' = '2') <> (b.build_number = 2
                 AND b.transition = 'start')",
        ),
        (
            "claimed workspaces with another number of builds than two",
            "SELECT count(*) FROM workspaces AS w WHERE owner_id <> :prebuilds AND 2 <>
                 (SELECT count(*) FROM workspace_builds AS b WHERE b.workspace_id = w.id)",
        ),
        (
            "builds of claims with wrong initiators",
            "SELECT count(*) FROM workspaces AS w JOIN workspace_builds AS b ON b.workspace_id = w.id
             WHERE w.owner_id <> :prebuilds AND b.build_number = 2 AND b.initiator_id <> w.owner_id",
        ),
        (
            "jobs without builds",
            STRAY_JOBS,
        ),
    ] {
        let sql = sql.replace(":prebuilds", &format!("'{PREBUILDS_USER}'"));
        assert_eq!(database.count(&sql), 0, "{wrong}");
    }
}

#[test]
fn claimers_share_an_sqlite_file() {
    let database = sqlite();
    let mut sql = "BEGIN;".to_owned();
    for number in 0..40 {
        Prebuilt::new(10_000 + number, SMALL).write(&mut sql, &database);
    }
    sql.push_str("COMMIT");
    database.execute(&sql);
    let running: Vec<Running> = (0..4)
        .map(|number| {
            let lines =
                (0..15).map(|request| line("small", "ada", &format!("box-{number}-{request}")));
            start_batch(&database, "1", lines.collect())
        })
        .collect();
    prebuildctl(["reconcile-once"]).on(&database).run().ok();
    let outputs: Vec<Output> = running.into_iter().map(Running::wait).collect();
    let all: Vec<Value> = outputs.iter().flat_map(answers).collect();
    let claimed: Vec<&str> = all
        .iter()
        .filter_map(|answer| answer["workspace_id"].as_str())
        .collect();
    let none = all
        .iter()
        .filter(|answer| answer["status"] == "none_claimable")
        .count();
    assert_eq!((all.len(), claimed.len() + none), (60, 60), "{outputs:?}");
    let given: BTreeSet<&str> = claimed.iter().copied().collect();
    assert_eq!(given.len(), claimed.len());
    let owned = format!(
        "SELECT count(*) FROM workspaces WHERE owner_id = '{}'",
        id(ADA)
    );
    assert_eq!(usize::try_from(database.count(&owned)), Ok(claimed.len()));
}

#[test]
fn a_claim_gets_its_turn_beside_a_writer_that_never_rests() {
    let database = sqlite();
    for number in 2001..=2005 {
        Prebuilt::new(number, SMALL).add(&database);
    }
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let _ending = Ending(&is_over);
        scope.spawn(|| {
            let mut writer = database.session();
            writer.execute("PRAGMA busy_timeout = 10000");
            while !is_over.load(Ordering::Relaxed) {
                writer.execute("BEGIN IMMEDIATE");
                std::thread::sleep(Duration::from_millis(20));
                writer.execute("COMMIT");
            }
        });
        let outputs: Vec<Output> = (0..5)
            .map(|number| batch(&database, &line("small", "ada", &format!("box-{number}"))))
            .collect();
        for output in outputs {
            assert_eq!(answers(&output)[0]["status"], "claimed", "{output:?}");
        }
    });
}

#[test]
fn batches_passes_and_loops_on_one_file_never_answer_that_it_is_locked() {
    let database = sqlite();
    let mut sql = "BEGIN;".to_owned();
    add_preset(&mut sql, 101, ACTIVE, "many", "400", &[("cores", "2")]);
    for number in 0..400 {
        Prebuilt::new(10_000 + number, 101).write(&mut sql, &database);
    }
    sql.push_str("COMMIT");
    database.execute(&sql);
    let refilling = prebuildctl(["loop", "--interval", "100ms"])
        .on(&database)
        .spawn();
    let provisioning = prebuildctl(["provision", "--simulate", "--build-time", "10ms"])
        .on(&database)
        .spawn();
    let batches: Vec<Running> = (0..3)
        .map(|number| {
            let lines =
                (0..400).map(|request| line("many", "ada", &format!("box-{number}-{request}")));
            start_batch(&database, "1", lines.collect())
        })
        .collect();
    for _ in 0..3 {
        prebuildctl(["reconcile-once"]).on(&database).run().ok();
    }
    for batch in batches {
        let output = batch.wait();
        let answers = answers(&output);
        assert_eq!(answers.len(), 400, "{}", output.stderr);
        for answer in answers {
            assert_ne!(answer["status"], "error", "{answer}");
        }
    }
    for worker in [refilling, provisioning] {
        worker.signal("TERM");
        let output = worker.wait();
        output.expect_code(0);
        assert!(!output.stderr.contains("locked by another"), "{output:?}");
    }
}

#[test]
fn listeners_hear_of_claims() {
    let Some(database) = postgres() else { return };
    Prebuilt::new(2001, SMALL).add(&database);
    let received = hear(&database, || {
        batch(&database, &line("small", "ada", "x")).ok();
    });
    assert_eq!(received[0].0, "provisioner_job_posted");
    let posting: Value = serde_json::from_str(&received[0].1).unwrap();
    let expected = serde_json::json!({
        "organization_id": id(1), "type": "terraform",
        "tags": { "cluster": "eu", "scope": "organization", "owner": "" },
    });
    assert_eq!(posting, expected);
    assert_eq!(
        received[1],
        ("prebuildctl_changed".to_owned(), "claim".to_owned())
    );
    assert_eq!(received.len(), 2);
}

/// What is notified on the two channels while something is done.
fn hear(database: &Database, what: impl FnOnce()) -> Vec<(String, String)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let listener = runtime.block_on(async {
        let mut listener = sqlx::postgres::PgListener::connect(&database.url)
            .await
            .unwrap();
        let channels = ["provisioner_job_posted", "prebuildctl_changed", "end"];
        listener.listen_all(channels).await.unwrap();
        listener
    });
    what();
    database.rows("SELECT pg_notify('end', '')");
    // It goes away in here as well: doing so takes the runtime.
    runtime.block_on(async move {
        let mut listener = listener;
        let mut received = Vec::new();
        loop {
            let heard = listener.recv().await.unwrap();
            if heard.channel() == "end" {
                return received;
            }
            received.push((heard.channel().to_owned(), heard.payload().to_owned()));
        }
    })
}
