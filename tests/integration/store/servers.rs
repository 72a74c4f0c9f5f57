//! Servers that are out of reach, and sessions that may not do everything.

use std::net::TcpListener;

use super::{assert_all_fail, assert_error, commands, on_url};
use crate::support::cluster::{self, Cluster};
use crate::support::database::Session;
use crate::support::postgres;
use crate::support::process::prebuildctl;
use crate::support::scene::Scene;

#[test]
fn a_server_that_is_not_there_is_named_without_the_password() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let url = format!("postgres://me:s3cr3t-word@127.0.0.1:{port}/pools");
    for arguments in [&[][..], &["-vvv"], &["--format=json"]] {
        for command in commands().chain(["init"]) {
            let output = on_url(command, &url).args(arguments).run();
            assert_error(
                &output,
                1,
                &[&format!("127.0.0.1:{port}"), "check host and port"],
            );
            assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
        }
    }
    for command in commands() {
        let logging = ["-vvv", "--log-format=json"];
        let output = on_url(command, &url).args(&logging).run();
        output.expect_code(1);
        assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
    }
    for bad in [
        "postgres://me:s3cr3t-word@[::1/x",
        "postgres://me:s3cr3t-word@h:99999/x",
        "mysql://me:s3cr3t-word@h/x",
        "s3cr3t-word",
    ] {
        for flag in [true, false] {
            let run = prebuildctl(["snapshot", "-vvv"]);
            let run = if flag {
                run.arg(format!("--database-url={bad}"))
            } else {
                run.env("DATABASE_URL", bad)
            };
            let output = run.run();
            assert!(matches!(output.code, 1 | 64), "{bad}: {output:?}");
            assert!(!output.stderr.contains("s3cr3t"), "{bad}: {output:?}");
        }
    }
}

#[test]
fn a_host_that_never_answers_is_given_up_in_time() {
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let url = format!("postgres://me:s3cr3t-word@127.0.0.1:{port}/pools");
    // All at once, since each of them waits.
    let runs: Vec<_> = commands()
        .chain(["init"])
        .map(|command| on_url(command, &url).arg("--connect-timeout=300ms").spawn())
        .collect();
    for run in runs {
        let output = run.wait();
        assert_error(&output, 1, &["no answer within 300ms"]);
        assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
    }
}

#[test]
fn a_database_or_role_that_does_not_exist_is_named() {
    let Some(cluster) = cluster::postgres() else {
        return;
    };
    assert_all_fail(
        &cluster.url("no_such_database"),
        1,
        &["no_such_database", "create the database"],
    );
    let Some(database) = postgres() else { return };
    let nobody = database.url.replace("//postgres", "//no_such_role");
    if nobody != database.url {
        assert_all_fail(&nobody, 1, &["no_such_role"]);
    }
}

#[test]
fn a_wrong_password_is_refused_and_never_shown() {
    let Some(server) = Cluster::private() else {
        return;
    };
    let admin = server.url("postgres");
    prebuildctl(["init", "--database-url", &admin]).run().ok();
    Session::open(&admin).execute(
        "CREATE ROLE reader LOGIN PASSWORD 'right-w0rd';
         GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader;
         INSERT INTO site_configs (key, value) VALUES ('prebuilds_settings', '{}')",
    );
    server.require_passwords();
    let url = |password: &str| admin.replace("postgres@", &format!("reader:{password}@"));
    assert_all_fail(
        &url("s3cr3t-word"),
        1,
        &["password authentication failed", "user and password"],
    );
    for command in commands() {
        let output = on_url(command, &url("s3cr3t-word")).arg("-vvv").run();
        assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
    }
    // The right one may read and, without more rights, not write.
    let right = url("right-w0rd");
    prebuildctl(["snapshot", "--database-url", &right])
        .run()
        .ok();
    prebuildctl(["plan", "-vvv", "--database-url", &right])
        .run()
        .ok();
    let output = prebuildctl(["reconcile-once", "-vvv", "--database-url", &right]).run();
    assert_error(
        &output,
        6,
        &["the database role lacks", "INSERT on workspaces"],
    );
    assert!(!output.stderr.contains("right-w0rd"), "{output:?}");
    // The server goes away.
    server.stop("fast");
    let output = prebuildctl(["snapshot", "-vvv", "--database-url", &right]).run();
    assert_error(&output, 1, &["cannot connect"]);
    assert!(!output.stderr.contains("right-w0rd"), "{output:?}");
}

#[test]
fn a_role_without_rights_is_told_which_it_lacks() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.preset(&web, "pool", 1);
    let role = format!("role_{}", database.name());
    database.execute(&format!(
        "CREATE ROLE {role} LOGIN; GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}"
    ));
    let url = database.url.replace("//postgres", &format!("//{role}"));
    if url == database.url {
        return;
    }
    prebuildctl(["plan", "--database-url", &url]).run().ok();
    let output = prebuildctl(["reconcile-once", "--format=json", "--database-url", &url]).run();
    assert_error(
        &output,
        6,
        &[
            "the database role lacks",
            "INSERT on workspaces",
            "docs/coder.md",
        ],
    );
    assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
    database.execute(&format!("DROP OWNED BY {role}; DROP ROLE {role}"));
}

#[test]
fn a_transaction_that_the_server_ends_for_idleness_is_told_from_a_shutdown() {
    let Some(database) = postgres() else { return };
    let scene = Scene::new(&database);
    scene.preset(&scene.template("web"), "pool", 1);
    // What the server says when the program goes on after the limit.
    database.execute(
        "CREATE FUNCTION idle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             RAISE EXCEPTION 'terminating connection due to idle-in-transaction timeout'
             USING ERRCODE = '25P03'; END $$;
         CREATE TRIGGER idle BEFORE INSERT ON workspaces FOR EACH ROW EXECUTE FUNCTION idle()",
    );
    let url = ["--database-url", &database.url];
    let output = prebuildctl(["reconcile-once"].iter().chain(&url)).run();
    let parts = ["idle-in-transaction timeout", "did nothing for too long"];
    assert_error(&output, 1, &parts);
    assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
}
