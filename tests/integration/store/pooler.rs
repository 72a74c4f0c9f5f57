//! Behind a proxy that pools transactions nothing is done, and nothing is left behind.
//!
//! The proxy is made here: it has a few sessions with the server, which transactions of its clients
//! get in turn, each for as long as it lasts.

use std::collections::BTreeSet;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;

use super::assert_error;
use crate::ops::doctor::findings;
use crate::support::cluster;
use crate::support::database::{Database, Session};
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::{Coder, coder, postgres};

/// The version of the protocol that a client begins with, and its request for encryption.
const PROTOCOL: u32 = 196_608;
const ENCRYPTION: u32 = 80_877_103;

/// A message with its kind.
struct Message {
    kind: u8,
    body: Vec<u8>,
}

impl Message {
    fn read(from: &mut impl Read) -> std::io::Result<Self> {
        let mut kind = [0];
        from.read_exact(&mut kind)?;
        let body = read_body(from)?;
        Ok(Self {
            kind: kind[0],
            body,
        })
    }

    fn write(&self, to: &mut impl Write) -> std::io::Result<()> {
        let mut bytes = vec![self.kind];
        bytes.extend(with_length(&self.body));
        to.write_all(&bytes)
    }
}

fn read_body(from: &mut impl Read) -> std::io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = vec![0; u32::from_be_bytes(length) as usize - 4];
    from.read_exact(&mut body)?;
    Ok(body)
}

fn with_length(body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len() + 4).expect("a short message");
    [&length.to_be_bytes(), body].concat()
}

/// The session with the server.
struct Upstream {
    stream: TcpStream,
    /// What the server said when it began: its settings, and the key to cancel by.
    greeting: Vec<Message>,
}

impl Upstream {
    fn connect(address: &str, database: &str) -> std::io::Result<Self> {
        let mut stream = TcpStream::connect(address)?;
        let mut startup = PROTOCOL.to_be_bytes().to_vec();
        for text in [
            "user",
            "postgres",
            "database",
            database,
            "client_encoding",
            "UTF8",
            "TimeZone",
            "UTC",
            "application_name",
            "proxy",
            "",
        ] {
            startup.extend(text.as_bytes());
            startup.push(0);
        }
        stream.write_all(&with_length(&startup))?;
        let mut greeting = Vec::new();
        loop {
            let message = Message::read(&mut stream)?;
            match message.kind {
                b'R' => assert_eq!(message.body, [0; 4], "the server trusts us"),
                b'S' | b'K' => greeting.push(message),
                b'Z' => return Ok(Self { stream, greeting }),
                kind => panic!("{:?} of the server", char::from(kind)),
            }
        }
    }

    /// Hands on what the server says until it is ready, to the end even if the client is gone: the
    /// next one must not get the rest. Gives whether no transaction is open.
    fn answer(&mut self, client: &mut impl Write) -> std::io::Result<bool> {
        loop {
            let message = Message::read(&mut self.stream)?;
            let _gone = message.write(client);
            if message.kind == b'Z' {
                return Ok(message.body == *b"I");
            }
        }
    }
}

/// The sessions with the server, which are handed out in turn.
struct Pool {
    sessions: Vec<Mutex<Upstream>>,
    handed_out: AtomicUsize,
}

impl Pool {
    fn take(&self) -> MutexGuard<'_, Upstream> {
        let turn = self.handed_out.fetch_add(1, Ordering::Relaxed);
        lock(&self.sessions[turn % self.sessions.len()])
    }
}

/// The proxy; it stops when this value goes away.
struct Proxy {
    address: SocketAddr,
    stopping: Arc<AtomicBool>,
    pool: Arc<Pool>,
}

impl Proxy {
    fn new(database: &Database, sessions: usize) -> Self {
        let (_, rest) = database.url.split_once('@').expect("a user");
        let (server, name) = rest.split_once('/').expect("a database");
        let session = |_| Mutex::new(Upstream::connect(server, name).expect("the server is there"));
        let pool = Arc::new(Pool {
            sessions: (0..sessions).map(session).collect(),
            handed_out: AtomicUsize::new(0),
        });
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let stopping = Arc::new(AtomicBool::new(false));
        let (stop, shared) = (Arc::clone(&stopping), Arc::clone(&pool));
        thread::spawn(move || {
            for client in listener.incoming() {
                if stop.load(Ordering::Relaxed) {
                    break;
                }
                let (client, pool) = (client.expect("a client"), Arc::clone(&shared));
                // A client that goes away ends with an error, and is no concern of others.
                thread::spawn(move || serve(client, &pool));
            }
        });
        Self {
            address,
            stopping,
            pool,
        }
    }

    fn url(&self, database: &Database) -> String {
        format!("postgresql://postgres@{}/{}", self.address, database.name())
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.stopping.store(true, Ordering::Relaxed);
        // The listener looks up when somebody comes.
        let _ignored = TcpStream::connect(self.address);
        for session in &self.pool.sessions {
            let _ignored = lock(session).stream.shutdown(Shutdown::Both);
        }
    }
}

fn lock(upstream: &Mutex<Upstream>) -> MutexGuard<'_, Upstream> {
    upstream.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Serves a client to its end. It has a session from the first message after a transaction to the end
/// of the next.
fn serve(mut client: TcpStream, pool: &Pool) -> std::io::Result<()> {
    loop {
        let startup = read_body(&mut client)?;
        if startup[..4] == PROTOCOL.to_be_bytes() {
            break;
        }
        assert_eq!(startup, ENCRYPTION.to_be_bytes());
        client.write_all(b"N")?;
    }
    let message = |kind, body: &[u8]| Message {
        kind,
        body: body.to_owned(),
    };
    message(b'R', &[0; 4]).write(&mut client)?;
    for settings in &lock(&pool.sessions[0]).greeting {
        settings.write(&mut client)?;
    }
    message(b'Z', b"I").write(&mut client)?;

    let mut session: Option<MutexGuard<'_, Upstream>> = None;
    loop {
        let request = Message::read(&mut client);
        let over = match &request {
            Ok(request) => request.kind == b'X',
            Err(_) => true,
        };
        if over {
            if let Some(mut upstream) = session {
                // It left in the middle.
                message(b'Q', b"ROLLBACK\0").write(&mut upstream.stream)?;
                upstream.answer(&mut std::io::sink())?;
            }
            return Ok(());
        }
        let request = request?;
        let mut upstream = session.take().unwrap_or_else(|| pool.take());
        request.write(&mut upstream.stream)?;
        let is_free = matches!(request.kind, b'Q' | b'S') && upstream.answer(&mut client)?;
        if !is_free {
            session = Some(upstream);
        }
    }
}

/// A database of our own and one of Coder's, each with work for a pass and for a claim.
fn databases() -> Vec<Database> {
    if !cluster::postgres().is_some_and(cluster::Cluster::is_private) {
        return Vec::new(); // the proxy knows no passwords
    }
    let databases = [postgres(), coder(Coder::Current)].into_iter().flatten();
    databases
        .inspect(|database| {
            let scene = Scene::new(database);
            let web = scene.template("web");
            let pool = scene.preset(&web, "pool", 2);
            scene.prebuild(&web, &pool, Job::Succeeded, 600);
        })
        .collect()
}

/// The settings of a session that passes and snapshots change.
fn settings(session: &mut Session) -> [String; 5] {
    [
        "default_transaction_read_only",
        "statement_timeout",
        "lock_timeout",
        "idle_in_transaction_session_timeout",
        "jit",
    ]
    .map(|name| session.value(&format!("SHOW {name}")).unwrap())
}

#[test]
fn clients_of_the_proxy_take_turns_in_one_session() {
    for database in databases() {
        let proxy = Proxy::new(&database, 1);
        let [mut one, mut other] = [(); 2].map(|()| Session::open(&proxy.url(&database)));
        let pid = "SELECT pg_backend_pid()";
        assert_eq!(one.value(pid), other.value(pid));
        assert_ne!(one.value(pid), database.value(pid));
        // What one sets, the other has, which is what the tests below are about.
        one.execute("SET statement_timeout = '5min'; SELECT pg_advisory_lock(7)");
        assert_eq!(settings(&mut other)[1], "5min");
        assert_eq!(database.count(LOCKS), 1);
        one.execute("BEGIN; DELETE FROM workspace_builds");
        let gone = thread::spawn(move || other.value("SELECT count(*) FROM workspace_builds"));
        one.execute("ROLLBACK");
        assert_eq!(gone.join().unwrap().as_deref(), Some("1"));
    }
}

/// Advisory locks of the database, whoever holds them.
const LOCKS: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

#[test]
fn no_command_works_behind_a_proxy_that_pools_transactions() {
    let commands: [&[&str]; 12] = [
        &["snapshot"],
        &["plan"],
        &["reconcile-once"],
        &["reconcile-once", "--format=json", "--wait-lock=1s"],
        &["loop", "--max-passes=1"],
        &["claim", "--preset=pool", "--user=ann", "--name=mine"],
        &["cleanup", "--yes"],
        &["invalidate", "pool"],
        &["reset-limit", "pool", "--yes"],
        &["pause"],
        &["resume"],
        &["init"],
    ];
    for database in databases() {
        let before = database.dump();
        let proxy = Proxy::new(&database, 1);
        let url = proxy.url(&database);
        let mut client = Session::open(&url);
        let pid = client.value("SELECT pg_backend_pid()");
        let defaults = settings(&mut client);
        assert_eq!(defaults[..2], ["off", "0"]);
        let assert_untouched = |client: &mut Session, command: &[&str]| {
            assert_eq!(client.value("SELECT pg_backend_pid()"), pid);
            assert_eq!(settings(client), defaults, "{command:?}");
            let prepared = "SELECT count(*) FROM pg_prepared_statements";
            assert_eq!(client.value(prepared).as_deref(), Some("0"), "{command:?}");
            assert_eq!(database.count(LOCKS), 0, "{command:?}");
            assert!(before == database.dump(), "{command:?}");
        };
        for command in commands {
            let output = prebuildctl(command)
                .arg(format!("--database-url={url}"))
                .run();
            assert_error(&output, 6, &["pools transactions", "session mode"]);
            assert_untouched(&mut client, command);
        }
        let command = ["doctor", "--format=json", "--database-url", &url];
        let output = prebuildctl(command).run();
        let found = findings(&output);
        let [[check, level, message]] = &found[..] else {
            panic!("{found:?}");
        };
        assert_eq!([check.as_str(), level], ["connection", "error"]);
        assert!(message.contains("pools transactions"), "{message}");
        output.expect_code(1);
        assert_untouched(&mut client, &command);
        // The same work is done where nothing is in between.
        prebuildctl(["reconcile-once"]).on(&database).run().ok();
        assert_eq!(database.count("SELECT count(*) FROM workspaces"), 2);
    }
}

#[test]
fn a_proxy_is_recognised_however_many_sessions_it_has() {
    let commands: [&[&str]; 3] = [
        &["snapshot"],
        &["reconcile-once"],
        &["claim", "--preset=pool", "--user=ann", "--name=mine"],
    ];
    for database in databases() {
        let before = database.dump();
        for sessions in 2..=5 {
            let proxy = Proxy::new(&database, sessions);
            let url = proxy.url(&database);
            for command in commands {
                let output = prebuildctl(command)
                    .arg(format!("--database-url={url}"))
                    .run();
                assert_error(&output, 6, &["pools transactions"]);
            }
            let mut client = Session::open(&url);
            let mut pids = BTreeSet::new();
            for _ in 0..sessions {
                let row = "SELECT pg_backend_pid(), current_setting('statement_timeout'),
                    current_setting('default_transaction_read_only')";
                let row = client.rows(row).remove(0);
                assert_eq!(row[1..], ["0", "off"].map(|it| Some(it.to_owned())));
                pids.insert(row[0].clone());
            }
            assert_eq!(pids.len(), sessions);
            assert_eq!(database.count(LOCKS), 0);
            assert!(before == database.dump());
        }
    }
}
