//! A PgBouncer that pools transactions before the private server, for tests; it stops when the value goes
//! away.

use std::process::{Child, Stdio};
use std::time::Duration;

use super::cluster::{self, Cluster, as_server_user, free_port, run};
use super::database::{Database, Session};
use super::wait_until;

/// A running PgBouncer.
pub struct Bouncer {
    process: Child,
    port: u16,
    folder: String,
    /// How many sessions it has with a database.
    pub sessions: usize,
}

impl Bouncer {
    /// Starts one with this many sessions for a database. None where there is no PgBouncer or no server of our
    /// own, which fails where PostgreSQL is required.
    pub fn start(sessions: usize) -> Option<Self> {
        let cluster = cluster::postgres().filter(|it| it.is_private())?;
        Self::before(cluster, sessions, Duration::from_secs(120))
    }

    /// Starts one in front of a server of our own, where statements wait for a session for so many seconds.
    pub fn before(cluster: &Cluster, sessions: usize, patience: Duration) -> Option<Self> {
        if run(as_server_user(program()).arg("--version")).is_err() {
            let required = cluster::is_required();
            assert!(
                !required,
                "no PgBouncer here, and PREBUILDCTL_TEST_REQUIRE_POSTGRES is set"
            );
            eprintln!("skipped: no PgBouncer here");
            return None;
        }
        let pattern = std::env::temp_dir().join("prebuildctl-bouncer-XXXXXX");
        let folder = run(as_server_user("mktemp").arg("-d").arg(pattern)).expect("a folder");
        let folder = folder.trim().to_owned();
        // Somebody else can take the free port before it does.
        for _ in 0..5 {
            let port = free_port();
            cluster::write(
                &format!("{folder}/ini"),
                &settings(cluster, port, sessions, patience),
            );
            let process = as_server_user(program())
                .arg(format!("{folder}/ini"))
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .expect("it was there a moment ago");
            let mut bouncer = Self {
                process,
                port,
                folder: folder.clone(),
                sessions,
            };
            let url = bouncer.url_of("postgres");
            wait_until("PgBouncer answers", || {
                Session::try_open(&url).is_ok() || bouncer.is_over()
            });
            if !bouncer.is_over() {
                return Some(bouncer);
            }
        }
        panic!("PgBouncer doesn't start");
    }

    /// The URL of a database by way of it.
    pub fn url(&self, database: &Database) -> String {
        self.url_of(database.name())
    }

    pub fn url_of(&self, database: &str) -> String {
        format!("postgresql://postgres@127.0.0.1:{}/{database}", self.port)
    }

    fn is_over(&mut self) -> bool {
        self.process.try_wait().is_ok_and(|status| status.is_some())
    }

    /// Runs a query in every session that it has with the database, all at once.
    pub fn in_every_session(&self, database: &Database, query: &str) -> Vec<Vec<String>> {
        let clients = (0..self.sessions).map(|_| {
            let mut client = Session::open(&self.url(database));
            client.execute("BEGIN");
            client
        });
        let mut clients: Vec<Session> = clients.collect();
        let rows = clients.iter_mut().map(|client| {
            let rows = client.rows(query);
            let texts = rows.into_iter().flatten().map(Option::unwrap_or_default);
            texts.collect()
        });
        rows.collect()
    }
}

/// What it is told. Of the settings that clients ask for it takes only the one that our own test sessions
/// do.
fn settings(cluster: &Cluster, port: u16, sessions: usize, patience: Duration) -> String {
    let patience = patience.as_secs();
    let server = cluster.port().expect("a private server");
    format!(
        "[databases]\n* = host=127.0.0.1 port={server} user=postgres\n\
         [pgbouncer]\nlisten_addr=127.0.0.1\nlisten_port={port}\nunix_socket_dir=\nauth_type=any\n\
         pool_mode=transaction\ndefault_pool_size={sessions}\nmax_client_conn=300\n\
         server_idle_timeout=3600\nquery_wait_timeout={patience}\nignore_startup_parameters=extra_float_digits\n"
    )
}

impl Drop for Bouncer {
    fn drop(&mut self) {
        // runuser hands the signal on.
        let pid = self.process.id().to_string();
        let _over = run(std::process::Command::new("kill").arg(pid));
        let _over = self.process.wait();
        let _removed = run(as_server_user("rm").args(["-rf", &self.folder]));
    }
}

/// Debian installs it where only administrators look.
fn program() -> &'static str {
    let path = "/usr/sbin/pgbouncer";
    if std::path::Path::new(path).exists() {
        path
    } else {
        "pgbouncer"
    }
}
