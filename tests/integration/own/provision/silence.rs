//! Connections that fall silent: nobody is told, and what was asked may have been done.

use super::takeover::{WAITER, await_heartbeat};
use super::*;
use crate::support::proxy::{Harm, Limit, Proxy};
use crate::support::wait_until_blocked;

/// A proxy before the server, and what leads to the database through it.
fn proxied(database: &Database) -> (Proxy, String) {
    let (address, name) = database
        .url
        .split_once('@')
        .and_then(|(_, rest)| rest.split_once('/'))
        .expect("a URL of a server");
    let limit = Limit {
        to_server: true,
        bytes: u64::MAX,
        harm: Harm::Note,
    };
    let proxy = Proxy::start(address.parse().expect("an address"), limit);
    let url = format!(
        "--database-url=postgresql://postgres@{}/{name}",
        proxy.address
    );
    (proxy, url)
}

#[test]
fn a_connection_that_falls_silent_costs_no_build() {
    let Some(database) = postgres() else { return };
    queue(&database, &one());
    let (proxy, url) = proxied(&database);
    let out = TestDir::new();
    let options = ["--drain", "--stale-after=12s", "--heartbeat=2s", &url];
    let worker = by_script(&database, &out, &options, WAITER).spawn();
    wait_for(&out.join("started"));
    await_heartbeat(&database);
    let other = ["--simulate", "--stale-after=12s", "--heartbeat=2s"];
    let other = provision(&database, &other).spawn();
    let row = "SELECT worker_id FROM provisioner_jobs WHERE type = 'workspace_build'";
    let owner = database.value(row);
    proxy.freeze();
    worker.await_stderr("trying again");
    worker.await_stderr("the database answers again");
    out.write("go", "");
    let output = worker.wait();
    output.ok();
    let told = "1 build succeeded, 0 failed, 0 cancelled.";
    assert!(output.stderr.contains(told), "{output:?}");
    other.signal("TERM");
    other.wait().ok();
    assert_eq!(database.value(row), owner);
}

#[test]
fn an_idle_worker_whose_connection_fell_silent_ends_when_it_is_told_to() {
    let Some(database) = postgres() else { return };
    apply(&database, POOLS);
    for (signals, code) in [(1, 0), (2, 143)] {
        let (proxy, url) = proxied(&database);
        let worker = provision(&database, &["--simulate", "--poll-interval=20ms", &url]).spawn();
        until(&database, "SELECT count(*) FROM provisioner_daemons", 1);
        proxy.freeze();
        // By now it waits for an answer.
        std::thread::sleep(Duration::from_millis(300));
        for _ in 0..signals {
            worker.signal("TERM");
            std::thread::sleep(Duration::from_millis(100));
        }
        worker.wait().expect_code(code);
        database.execute("DELETE FROM provisioner_daemons");
    }
}

#[test]
fn a_commit_whose_answer_is_lost_costs_neither_build_nor_job() {
    for time in ["started_at", "completed_at"] {
        let Some(database) = postgres() else { return };
        queue(&database, &one());
        database.execute(&format!(
            "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql
                 AS $$ BEGIN PERFORM pg_advisory_xact_lock(99); RETURN NULL; END $$;
             CREATE CONSTRAINT TRIGGER wait AFTER UPDATE ON provisioner_jobs
                 DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
                 WHEN (OLD.{time} IS NULL AND NEW.{time} IS NOT NULL) EXECUTE FUNCTION wait()"
        ));
        let mut holder = database.session();
        holder.execute("SELECT pg_advisory_lock(99)");
        let (proxy, url) = proxied(&database);
        let out = TestDir::new();
        let options = ["--drain", "--timeout=3s", &url];
        let script = r#"echo >> "$OUT/begun""#;
        let worker = by_script(&database, &out, &options, script).spawn();
        wait_until_blocked(&database);
        proxy.freeze();
        holder.execute("SELECT pg_advisory_unlock(99)");
        let output = worker.wait();
        output.ok();
        let told = "1 build succeeded, 0 failed, 0 cancelled.";
        assert!(output.stderr.contains(told), "{time}: {output:?}");
        assert_eq!(statuses(&database), ["succeeded"]);
        let begun = std::fs::read_to_string(out.join("begun")).expect("it began");
        assert_eq!(begun, "\n");
        let resources = "SELECT count(*) FROM workspace_resources";
        assert_eq!(database.count(resources), 1);
    }
}
