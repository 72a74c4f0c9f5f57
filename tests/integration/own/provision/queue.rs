//! The queue: its order, workers that take from it at once, and builds that are recorded together.

use super::*;

/// Pools of templates with tags of their own, each in the order of its name: what is declared later
/// waits for a shorter time.
fn tagged(cluster: &str, instances: u32) -> String {
    POOLS
        .replace("instances = 3", &format!("instances = {instances}"))
        .replace("\"backend\"", &format!("\"of-{cluster}\""))
        .replace(
            &format!("name = \"of-{cluster}\""),
            &format!("name = \"of-{cluster}\"\ntags = {{ cluster = \"{cluster}\" }}"),
        )
}

fn parallel(database: &Database, number: &str) -> Output {
    let simulate = ["--simulate", "--build-time", "0s", "--drain"];
    provision(
        database,
        &[&simulate[..], &["--parallel", number, "--format", "json"]].concat(),
    )
    .run()
}

#[test]
fn jobs_of_many_tags_are_taken_in_one_order() {
    both(|database| {
        for cluster in ["eu", "us", "asia"] {
            queue(database, &tagged(cluster, 2));
        }
        // Mixed up: the ages are not in the order of the tags.
        let (now, seconds) = if database.is_sqlite() {
            (
                "'2026-01-01T00:00:'",
                "|| substr('0' || n, -2) || '.000000Z'",
            )
        } else {
            ("timestamptz '2026-01-01'", "+ n * interval '1 second'")
        };
        database.execute(&format!(
            "UPDATE provisioner_jobs SET created_at = (
                 SELECT {now} {seconds} FROM (
                     SELECT id, row_number() OVER (ORDER BY id) AS n FROM provisioner_jobs) AS o
                 WHERE o.id = provisioner_jobs.id)
             WHERE type = 'workspace_build'"
        ));
        let ada = database.value("SELECT id FROM users WHERE username = 'ada'");
        let persons = queue_build(database, "start", 0, &ada.expect("ada"));
        let expected = database.rows(&format!(
            "SELECT id FROM provisioner_jobs WHERE type = 'workspace_build'
             ORDER BY id <> '{persons}', created_at"
        ));
        let expected: Vec<String> = expected.into_iter().flatten().flatten().collect();
        let out = TestDir::new();
        let script = r#"echo "$PREBUILDCTL_JOB_ID" >> "$OUT/order""#;
        by_script(database, &out, &["--drain", "--parallel", "1"], script)
            .run()
            .ok();
        let order = std::fs::read_to_string(out.join("order")).expect("an order");
        assert_eq!(order.lines().collect::<Vec<_>>(), expected);
    });
}

#[test]
fn tags_of_any_length_are_served() {
    both(|database| {
        // Nothing that a compression would make short.
        let cluster: String = (0..200).map(|_| uuid::Uuid::new_v4().to_string()).collect();
        let declaration =
            tagged("eu", 2).replace("cluster = \"eu\"", &format!("cluster = \"{cluster}\""));
        queue(database, &declaration);
        assert_eq!(parallel(database, "2").json()["succeeded"], 2);
    });
}

#[test]
fn builds_that_end_together_are_recorded_together() {
    both(|database| {
        queue(database, &POOLS.replace("instances = 3", "instances = 40"));
        assert_eq!(parallel(database, "40").json()["succeeded"], 40);
        let count = |what: &str| database.count(&format!("SELECT count({what})"));
        let builds = "FROM provisioner_jobs WHERE type = 'workspace_build'";
        assert_eq!(
            count(&format!("DISTINCT completed_at) {builds} AND (1 = 1")),
            1
        );
        assert_eq!(
            count("DISTINCT job_id) FROM workspace_resources WHERE (1 = 1"),
            40
        );
        assert_eq!(
            count("DISTINCT resource_id) FROM workspace_agents WHERE (1 = 1"),
            40
        );
        assert_eq!(
            count("DISTINCT job_id) FROM provisioner_job_logs WHERE (1 = 1"),
            40
        );
    });
}

#[test]
fn an_outcome_that_the_database_refuses_costs_no_other() {
    both(|database| {
        queue(database, POOLS);
        let job =
            "SELECT min(CAST(id AS text)) FROM provisioner_jobs WHERE type = 'workspace_build'";
        let job = database.value(job).expect("a job");
        database.execute(&if database.is_sqlite() {
            format!(
                "CREATE TRIGGER refuse BEFORE INSERT ON workspace_resources
                 WHEN NEW.job_id = '{job}' BEGIN SELECT raise(ABORT, 'no room'); END"
            )
        } else {
            format!(
                "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                     AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
                 CREATE TRIGGER refuse BEFORE INSERT ON workspace_resources
                     FOR EACH ROW WHEN (NEW.job_id = '{job}') EXECUTE FUNCTION refuse()"
            )
        });
        let summary = parallel(database, "3").json();
        assert_eq!(summary["succeeded"], 2);
        assert_eq!(summary["failed"], 1);
        assert!(error(database, &job).contains("no room"));
        assert_eq!(
            database.count("SELECT count(*) FROM workspace_resources"),
            2
        );
    });
}

#[test]
fn a_worker_that_ends_leaves_the_jobs_waiting_that_it_has_not_begun() {
    both(|database| {
        queue(database, &POOLS.replace("instances = 3", "instances = 30"));
        let out = TestDir::new();
        // The first ten take no time, so that jobs are taken ahead.
        let script = r#"
            echo >> "$OUT/begun"
            test $(wc -l < "$OUT/begun") -lt 10 && exit
            touch "$OUT/started"; while ! test -e "$OUT/go"; do sleep 0.02; done"#;
        let worker = by_script(database, &out, &["--parallel", "1"], script).spawn();
        wait_for(&out.join("started"));
        worker.signal("TERM");
        let waiting = "SELECT count(*) FROM provisioner_jobs
                       WHERE job_status = 'pending' AND worker_id IS NULL";
        until(database, waiting, 20);
        out.write("go", "");
        worker.wait().ok();
        let statuses = statuses(database);
        let succeeded = statuses.iter().filter(|status| *status == "succeeded");
        assert_eq!(succeeded.count(), 10);
        assert_eq!(database.count(waiting), 20);
    });
}

#[test]
fn taking_jobs_reads_no_others_however_many_wait() {
    let Some(database) = postgres() else { return };
    queue(&database, &POOLS.replace("instances = 3", "instances = 4"));
    // As many that wait for a worker with other tags as behind the four.
    database.execute(
        "WITH one AS MATERIALIZED (
             SELECT j.*, b.workspace_id, b.template_version_id
             FROM provisioner_jobs AS j JOIN workspace_builds AS b ON b.job_id = j.id LIMIT 1
         ), jobs AS (
             INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id,
                 initiator_id, provisioner, storage_method, file_id, type, input, tags)
             SELECT gen_random_uuid(), now() + interval '1 day', now(), organization_id,
                 initiator_id, provisioner, storage_method, file_id, type, input,
                 CASE WHEN n % 2 = 0 THEN tags ELSE tags || '{\"cluster\": \"eu\"}' END
             FROM one, generate_series(1, 20000) AS n
             RETURNING id, created_at, initiator_id
         )
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
             template_version_id, build_number, transition, initiator_id, job_id)
         SELECT gen_random_uuid(), jobs.created_at, jobs.created_at, one.workspace_id,
             one.template_version_id, 1 + row_number() OVER (), 'start', jobs.initiator_id, jobs.id
         FROM one, jobs",
    );
    // What a session has read is counted by the time it has ended.
    let others = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
                  AND backend_type = 'client backend' AND pid <> pg_backend_pid()";
    until(&database, others, 0);
    let before = tuples_read(&database);
    let arguments = ["--simulate", "--build-time", "1h", "--parallel", "4"];
    let worker = provision(&database, &arguments).spawn();
    let begun = "SELECT count(*) FROM provisioner_job_logs";
    until(&database, begun, 4);
    worker.signal("KILL");
    worker.wait().expect_code(128 + 9);
    let sessions = "SELECT count(*) FROM pg_stat_activity
                    WHERE datname = current_database() AND application_name = 'prebuildctl'";
    until(&database, sessions, 0);
    let read = tuples_read(&database) - before;
    assert!((4..1000).contains(&read), "{read} rows were read");
}

/// The jobs that were read in all sessions that have ended, from the table and from its indexes.
fn tuples_read(database: &Database) -> i64 {
    database.count(
        "SELECT CAST(t.seq_tup_read + sum(i.idx_tup_read) AS bigint)
         FROM pg_stat_user_tables AS t JOIN pg_stat_user_indexes AS i USING (relid)
         WHERE t.relname = 'provisioner_jobs' GROUP BY t.seq_tup_read",
    )
}
