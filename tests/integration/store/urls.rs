//! Database URLs as people write them: what is understood, and that a mistake is named with where it
//! stands, before anything is opened or made.

use std::fs;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use super::assert_error;
use crate::ops::doctor::findings;
use crate::support::cluster::{self, Cluster};
use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::Scene;
use crate::support::{pass, postgres, servers, sqlite};

const VARIABLES: [&str; 3] = [
    "PREBUILDCTL_DATABASE_URL",
    "CODER_PG_CONNECTION_URL",
    "DATABASE_URL",
];

fn snapshot(url: &str) -> Output {
    prebuildctl(["snapshot", "--database-url", url]).run()
}

/// What comes after the `@` of a database's URL, without the name of the database.
fn address(database: &Database) -> String {
    let (_, rest) = database.url.split_once('@').expect("a user");
    rest.split_once('/').expect("a database").0.to_owned()
}

/// Hands connections at `listener` on to `server`, at most so many at a time; others wait.
fn forward(listener: TcpListener, server: String, sessions: usize) {
    let free = Arc::new((Mutex::new(sessions), Condvar::new()));
    thread::spawn(move || {
        for client in listener.incoming() {
            let (client, server, free) = (client.unwrap(), server.clone(), Arc::clone(&free));
            thread::spawn(move || {
                let (count, changed) = &*free;
                let lock = || count.lock().unwrap_or_else(PoisonError::into_inner);
                let wait = |count| changed.wait_while(count, |free| *free == 0);
                *wait(lock()).unwrap_or_else(PoisonError::into_inner) -= 1;
                let copied = relay(&client, &server);
                *lock() += 1;
                changed.notify_all();
                copied
            });
        }
    });
}

/// Copies in both directions until both ends are done.
fn relay(client: &TcpStream, server: &str) -> io::Result<()> {
    let server = TcpStream::connect(server)?;
    let copy = |mut from: TcpStream, mut to: TcpStream| {
        // An end that is gone ends the other one as well.
        let _ended = io::copy(&mut from, &mut to);
        let _gone = to.shutdown(Shutdown::Both);
    };
    let (there, back) = (client.try_clone()?, server.try_clone()?);
    let up = thread::spawn(move || copy(there, back));
    copy(server, client.try_clone()?);
    up.join().map_err(|_| io::ErrorKind::Other.into())
}

#[test]
fn an_empty_url_is_a_mistake_that_names_where_it_stands() {
    let output = prebuildctl(["snapshot", "--database-url="]).run();
    assert_error(
        &output,
        64,
        &["the database URL of --database-url is empty"],
    );
    for variable in VARIABLES {
        let output = prebuildctl(["snapshot"]).env(variable, "").run();
        assert_error(
            &output,
            64,
            &[&format!("the database URL of {variable} is empty")],
        );
    }
}

#[test]
fn an_error_about_the_database_names_the_flag_or_variable_that_named_it() {
    for variable in VARIABLES {
        let run = |url: &str| prebuildctl(["snapshot"]).env(variable, url).run();
        assert_error(
            &run("mysql://h/d"),
            64,
            &[&format!("URL of {variable} begins with")],
        );
        assert_error(
            &run("postgres://127.0.0.1:1/d"),
            1,
            &[&format!("(from {variable})")],
        );
    }
    let output = snapshot("postgres://u:s3cr3t@127.0.0.1:1/d");
    assert_error(&output, 1, &["(from --database-url)"]);
    assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
}

#[test]
fn the_database_worked_on_is_told_with_v() {
    let database = sqlite();
    let output = prebuildctl(["snapshot", "-v"]).on(&database).run();
    output.ok();
    let told = format!("working on SQLite database {:?}", database.path());
    assert!(output.stderr.contains(&told), "{output:?}");
    let origin = "from PREBUILDCTL_DATABASE_URL";
    assert!(output.stderr.contains(origin), "{output:?}");
}

#[test]
fn paths_that_are_not_meant_as_they_stand_are_refused_and_nothing_is_made() {
    let dir = TestDir::new();
    fs::create_dir(dir.join("d")).unwrap();
    for (url, code, part) in [
        ("sqlite:file:q.db", 64, "file:"),
        ("sqlite:r.db?mode=ro", 64, "parameters"),
        ("sqlite:~/x.db", 64, "begins with ~"),
        ("sqlite://u:s3cr3t@h/x.db", 64, "names a user"),
        ("sqlite:", 64, "names no file"),
        ("sqlite:d", 1, "it is a folder"),
    ] {
        for command in ["init", "snapshot"] {
            let run = prebuildctl([command, "--database-url", url]).within(&dir);
            let output = run.run();
            assert_error(&output, code, &[part]);
            assert!(!output.stderr.contains("server"), "{output:?}");
            assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
        }
    }
    let made: Vec<_> = fs::read_dir(dir.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(made, ["d"]);
}

#[test]
fn parameters_that_would_be_ignored_are_refused() {
    let dir = TestDir::new();
    let text = dir.write("notes.txt", "no certificate");
    let text = text.display();
    for (query, part) in [
        ("sslmod=verify-full".to_owned(), "the parameter \"sslmod\""),
        ("sslmode=verify".to_owned(), "sslmode is \"verify\""),
        ("service=prod".to_owned(), "service files are not read"),
        ("host=a,b".to_owned(), "several hosts"),
        (
            "sslrootcert=/no/ca.pem".to_owned(),
            "sslrootcert, \"/no/ca.pem\", can't be read: No such",
        ),
        (
            format!("sslrootcert={text}"),
            "notes.txt\", holds no certificate",
        ),
        (
            format!("sslcert={text}"),
            "notes.txt\", holds no certificate",
        ),
    ] {
        let url = format!("postgres://u:s3cr3t@127.0.0.1:1/d?{query}");
        let output = snapshot(&url);
        assert_error(&output, 64, &["the database URL of --database-url", part]);
        assert!(!output.stderr.contains("s3cr3t"), "{output:?}");
    }
    let run = prebuildctl(["snapshot"]).env("PGSSLMODE", "verify-ful");
    let output = run.env("DATABASE_URL", "postgres://127.0.0.1:1/d").run();
    assert_error(&output, 64, &["PGSSLMODE is \"verify-ful\""]);
}

#[test]
fn a_server_is_reached_by_the_forms_that_coderd_and_psql_take() {
    let Some(database) = postgres() else { return };
    if !cluster::postgres().is_some_and(Cluster::is_private) {
        return; // its passwords are not known
    }
    let (server, name) = (address(&database), database.name());
    for password in ["pa#ss", "pa/ss", "pa?ss", "pa%23ss"] {
        let url = format!("postgres://postgres:{password}@{server}/{name}?connect_timeout=5");
        let run = prebuildctl(["snapshot"]).env("CODER_PG_CONNECTION_URL", url);
        run.run().ok();
    }
    let socket = cluster::postgres().unwrap().socket_url(name);
    snapshot(&socket).ok();
    let (folder, port) = socket
        .split_once('@')
        .and_then(|(_, rest)| rest.split_once('/')?.0.split_once(':'))
        .unwrap();
    snapshot(&format!("postgres://postgres@:{port}/{name}?host={folder}")).ok();
    snapshot(&format!(
        "postgres:///{name}?host={folder}&port={port}&user=postgres"
    ))
    .ok();

    let Ok(listener) = TcpListener::bind("[::1]:0") else {
        return; // no IPv6 here
    };
    let port = listener.local_addr().unwrap().port();
    forward(listener, server, 10);
    snapshot(&format!("postgres://postgres@[::1]:{port}/{name}")).ok();
    snapshot(&format!("postgres://postgres@x:{port}/{name}?host=::1")).ok();
    let output = snapshot("postgres://postgres@[::1]:1/d");
    assert_error(&output, 1, &["at [::1]:1"]);
}

#[test]
fn a_pool_of_sessions_needs_one_free_session_only() {
    let Some(database) = postgres() else { return };
    for (sessions, commands) in [(1, 1), (2, 6)] {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let pool = listener.local_addr().unwrap();
        forward(listener, address(&database), sessions);
        let url = database.url.replace(&address(&database), &pool.to_string());
        let run = || {
            let command = ["plan", "--connect-timeout=1m", "--database-url", &url];
            prebuildctl(command).spawn()
        };
        let running: Vec<_> = (0..commands).map(|_| run()).collect();
        for run in running {
            run.wait().ok();
        }
    }
}

#[test]
fn a_server_that_answers_no_statement_is_not_called_out_of_reach() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    // As a pool without a free session: it greets, and then has nobody to ask.
    thread::spawn(move || {
        let mut clients = Vec::new();
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut head = [0; 8];
            client.read_exact(&mut head).unwrap();
            if head[4..] == 80_877_103_u32.to_be_bytes() {
                client.write_all(b"N").unwrap();
                client.read_exact(&mut head).unwrap();
            }
            let greeting = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I";
            client.write_all(greeting).unwrap();
            clients.push(client);
        }
    });
    let url = format!("postgres://u@127.0.0.1:{port}/d?sslmode=disable");
    let command = [
        "snapshot",
        "--connect-timeout=300ms",
        "--database-url",
        &url,
    ];
    let output = prebuildctl(command).run();
    assert_error(
        &output,
        1,
        &["answered no statement within 300ms", "a pool"],
    );
    assert!(!output.stderr.contains("firewall"), "{output:?}");
}

#[test]
fn a_database_that_is_read_only_by_default_is_read_and_not_written_to() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 1);
        let name = database.name();
        scene.execute(&format!(
            "ALTER DATABASE \"{name}\" SET default_transaction_read_only = on"
        ));
        let before = database.dump();
        let refused = ["read-only by default", "default_transaction_read_only"];
        for command in [&["reconcile-once"][..], &["pause"], &["resume"]] {
            let output = prebuildctl(command).on(&database).run();
            assert_error(&output, 6, &refused);
        }
        let claim = ["claim", "--preset=pool", "--user=ann", "--name=x"];
        assert_error(&prebuildctl(claim).on(&database).run(), 6, &refused);
        assert!(before == database.dump());
        prebuildctl(["plan"]).on(&database).run().ok();
        let doctor = prebuildctl(["doctor", "--format=json"]).on(&database).run();
        let found = findings(&doctor);
        let rights = found.iter().find(|[check, ..]| check == "read_only");
        assert_eq!(rights.unwrap()[1], "error");
        scene.execute(&format!(
            "ALTER DATABASE \"{name}\" RESET default_transaction_read_only"
        ));
        pass(&database, &[]).ok();
    }
}

#[test]
fn a_certificate_that_is_not_accepted_is_told_from_a_server_that_is_away() {
    let Some(cluster) = Cluster::private() else {
        return;
    };
    if !cluster.serve_tls() {
        return;
    }
    let url = cluster.url("postgres");
    let output = snapshot(&format!("{url}?sslmode=require"));
    assert_error(&output, 1, &["holds no pools"]);
    let output = snapshot(&format!("{url}?sslmode=verify-full"));
    assert_error(&output, 1, &["TLS: ", "certificate", "sslrootcert"]);
    assert!(!output.stderr.contains("server runs"), "{output:?}");
}
