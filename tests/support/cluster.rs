//! PostgreSQL for tests: a private server of this process, started when a test first asks for it.
//!
//! It lives in a temporary folder and goes away with this process, however that ends: a watchdog
//! holds the other end of a pipe that only this process keeps open. Set
//! `PREBUILDCTL_TEST_POSTGRES_URL`, or `PREBUILDCTL_BENCH_POSTGRES_URL`, (a superuser's URL) to use a
//! server that runs already, and `PREBUILDCTL_TEST_REQUIRE_POSTGRES=1` to make the absence of
//! PostgreSQL a failure.

use std::io::Write as _;
use std::net::TcpListener;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{ChildStdin, Command, Stdio};
use std::sync::OnceLock;

use uuid::Uuid;

use super::database::{Database, Session};
use super::host::Host;

/// Settings that trade the safety of data, which tests don't need, for speed. The time zone is one
/// that nobody can mistake for UTC. Commits stay synchronous, which costs little without fsync: a
/// test that crashes the server must find what it committed.
const SETTINGS: &[&str] = &[
    "fsync=off",
    "full_page_writes=off",
    "max_connections=300",
    "timezone=Asia/Kathmandu",
];

/// The server that all tests of this process share, or none when there is no PostgreSQL here.
pub fn postgres() -> Option<&'static Cluster> {
    static SHARED: OnceLock<Option<Cluster>> = OnceLock::new();

    let shared = SHARED.get_or_init(|| match server_url() {
        Ok(url) => Some(Cluster { url, server: None }),
        Err(_) => Cluster::listening("127.0.0.1".to_owned()),
    });
    if shared.is_none() {
        assert!(
            !is_required(),
            "no PostgreSQL here, and PREBUILDCTL_TEST_REQUIRE_POSTGRES is set"
        );
        eprintln!("skipped: no PostgreSQL here");
    }
    shared.as_ref()
}

/// Whether tests fail that would be skipped without PostgreSQL and what belongs to it.
pub(super) fn is_required() -> bool {
    std::env::var("PREBUILDCTL_TEST_REQUIRE_POSTGRES").is_ok_and(|it| it == "1")
}

/// The server to use instead of a private one, for tests or for benchmarks.
fn server_url() -> Result<String, std::env::VarError> {
    std::env::var("PREBUILDCTL_TEST_POSTGRES_URL")
        .or_else(|_| std::env::var("PREBUILDCTL_BENCH_POSTGRES_URL"))
}

/// A PostgreSQL server.
pub struct Cluster {
    /// The URL of a superuser's connection, with any database.
    url: String,
    /// The server itself, when it is our own.
    server: Option<Server>,
}

impl Cluster {
    /// Starts one more server of our own, for tests that stop it; none without PostgreSQL.
    pub fn private() -> Option<Self> {
        postgres()?;
        Self::listening("127.0.0.1".to_owned())
    }

    /// Starts one that programs on the host reach as well.
    pub fn private_for(host: &Host) -> Option<Self> {
        postgres()?;
        let cluster = Self::listening(format!("127.0.0.1,{}", host.gateway))?;
        let own = "local all all trust\nhost all all 127.0.0.1/32 trust\n";
        let rules = format!("{own}host all all {}/30 trust\n", host.gateway);
        cluster.set_rules(&rules);
        Some(cluster)
    }

    fn listening(addresses: String) -> Option<Self> {
        let server = Server::start(addresses)?;
        let url = format!("postgresql://postgres@127.0.0.1:{}/postgres", server.port);
        Some(Self {
            url,
            server: Some(server),
        })
    }

    /// Whether the server is our own and goes away with this process.
    pub fn is_private(&self) -> bool {
        self.server.is_some()
    }

    /// The port of the private server.
    pub fn port(&self) -> Option<u16> {
        self.server.as_ref().map(|server| server.port)
    }

    /// The URL of a database.
    pub fn url(&self, database: &str) -> String {
        let (base, query) = self.url.split_once('?').unwrap_or((&self.url, ""));
        let authority = base.find("://").map_or(0, |at| at + 3);
        let end = base[authority..]
            .find('/')
            .map_or(base.len(), |at| authority + at);
        let mark = if query.is_empty() { "" } else { "?" };
        format!("{}/{database}{mark}{query}", &base[..end])
    }

    /// The URL of a database by way of the private server's unix socket.
    pub fn socket_url(&self, database: &str) -> String {
        let server = self.own();
        let folder = server.root.replace('/', "%2F");
        format!("postgresql://postgres@{folder}:{}/{database}", server.port)
    }

    /// Creates an empty database; its name begins with the prefix.
    pub fn create_database(&'static self, prefix: &str) -> Database {
        self.create(prefix, "template0")
    }

    /// Creates a database that equals another one, to which nobody may be connected.
    pub fn create_from(&'static self, template: &Database) -> Database {
        self.create("test", template.name())
    }

    fn create(&'static self, prefix: &str, template: &str) -> Database {
        let name = format!("{prefix}_{}", Uuid::new_v4().simple());
        Session::open(&self.url).execute(&format!(
            r#"CREATE DATABASE "{name}" TEMPLATE "{template}""#
        ));
        Database::postgres(self, name)
    }

    /// Drops a database, connections to it included.
    pub fn try_drop_database(&self, name: &str) -> sqlx::Result<u64> {
        let drop = format!(r#"DROP DATABASE IF EXISTS "{name}" WITH (FORCE)"#);
        Session::try_open(&self.url)?.try_execute(&drop)
    }

    /// Stops the private server: `smart`, `fast` or `immediate`, which is a crash.
    pub fn stop(&self, mode: &str) {
        let server = self.own();
        server
            .pg_ctl(&["stop", "--wait", "--mode", mode])
            .expect("the server stops");
    }

    /// Starts the private server again, at the same address.
    pub fn restart(&self) {
        self.own().launch().expect("the server starts again");
    }

    /// Starts the private server again as a standby, which no primary feeds.
    pub fn restart_as_standby(&self) {
        write(&format!("{}/standby.signal", self.own().data()), "");
        self.restart();
    }

    /// Makes a standby the primary.
    pub fn promote(&self) {
        let promote = ["promote", "--wait"];
        self.own()
            .pg_ctl(&promote)
            .expect("the standby is promoted");
    }

    /// Makes the private server ask for passwords from now on.
    pub fn require_passwords(&self) {
        self.set_rules("local all all trust\nhost all all all scram-sha-256\n");
        // A reload is only asked for; by now it may or may not have happened.
        let socket = self.socket_url("postgres");
        let loaded = "SELECT count(*) FROM pg_hba_file_rules WHERE auth_method = 'scram-sha-256'";
        assert_eq!(Session::open(&socket).value(loaded).as_deref(), Some("1"));
        super::wait_until("the server asks for passwords", || {
            Session::try_open(&self.url("postgres")).is_err()
        });
    }

    /// Says who may connect to the private server, and how.
    fn set_rules(&self, rules: &str) {
        write(&format!("{}/pg_hba.conf", self.own().data()), rules);
        self.own().pg_ctl(&["reload"]).expect("the server reloads");
    }

    /// Lets the private server speak TLS with a certificate that no authority signed. Says whether it
    /// does: making one takes openssl.
    pub fn serve_tls(&self) -> bool {
        let data = self.own().data();
        let mut openssl = as_server_user("openssl");
        openssl.args([
            "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=db",
        ]);
        openssl.args(["-keyout", &format!("{data}/server.key")]);
        openssl.args(["-out", &format!("{data}/server.crt")]);
        if let Err(error) = run(&mut openssl) {
            eprintln!("skipped: {error}");
            return false;
        }
        Session::open(&self.url).execute("ALTER SYSTEM SET ssl = on");
        self.own().pg_ctl(&["reload"]).expect("the server reloads");
        super::wait_until("the server speaks TLS", || {
            Session::open(&self.url).value("SHOW ssl").as_deref() == Some("on")
        });
        true
    }

    fn own(&self) -> &Server {
        self.server.as_ref().expect("a private server")
    }
}

/// A server process and its folder.
struct Server {
    bin: PathBuf,
    root: String,
    addresses: String,
    port: u16,
    /// Closed when this process ends, which is what the watchdog waits for.
    _leash: ChildStdin,
}

impl Server {
    fn start(addresses: String) -> Option<Self> {
        let bin = installation()?;
        let pattern = std::env::temp_dir().join("prebuildctl-pg-XXXXXX");
        // mktemp, so that the folder belongs to the user that the server runs as.
        let root = run(as_server_user("mktemp").arg("-d").arg(pattern))
            .expect("the user of the server can make a folder in the one for temporary files")
            .trim()
            .to_owned();
        let leash = watchdog(&bin, &root);
        let mut server = Self {
            bin,
            root,
            addresses,
            port: 0,
            _leash: leash,
        };

        let mut initdb = as_server_user(server.bin.join("initdb"));
        initdb.args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-sync",
        ]);
        initdb
            .args(["--locale=C.UTF-8", "--pgdata"])
            .arg(server.data());
        run(&mut initdb).expect("initdb works");

        // Somebody else can take the free port before the server does.
        let mut attempts = 0;
        loop {
            server.port = free_port();
            match server.launch() {
                Ok(_) => return Some(server),
                Err(error) if attempts == 5 => panic!("the server doesn't start: {error}"),
                Err(_) => attempts += 1,
            }
        }
    }

    fn data(&self) -> String {
        format!("{}/data", self.root)
    }

    fn launch(&self) -> Result<String, String> {
        let mut options = format!(
            "-c port={} -c unix_socket_directories={} -c listen_addresses={}",
            self.port, self.root, self.addresses
        );
        for setting in SETTINGS {
            options.push_str(" -c ");
            options.push_str(setting);
        }
        if self.has_statement_statistics() {
            // Enough for all databases of a run: what is displaced would not be counted.
            options.push_str(" -c shared_preload_libraries=pg_stat_statements");
            options.push_str(" -c pg_stat_statements.max=50000");
        }
        let log = format!("{}/log", self.root);
        self.pg_ctl(&["start", "--wait", "--log", &log, "--options", &options])
    }

    fn has_statement_statistics(&self) -> bool {
        run(Command::new(self.bin.join("pg_config")).arg("--pkglibdir")).is_ok_and(|folder| {
            Path::new(folder.trim())
                .join("pg_stat_statements.so")
                .exists()
        })
    }

    fn pg_ctl(&self, arguments: &[&str]) -> Result<String, String> {
        let mut command = as_server_user(self.bin.join("pg_ctl"));
        run(command.args(arguments).arg("--pgdata").arg(self.data()))
    }
}

/// Starts the process that stops the server and removes its folder once the pipe closes.
fn watchdog(bin: &Path, root: &str) -> ChildStdin {
    const SCRIPT: &str = r#"
        read -r _
        "$1/pg_ctl" stop --wait --mode immediate --pgdata "$2/data"
        rm -rf "$2"
    "#;
    as_server_user("sh")
        .args(["-c", SCRIPT, "watchdog"])
        .arg(bin)
        .arg(root)
        .stdin(Stdio::piped())
        // With our own output in its hands, who reads that would wait for the watchdog.
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        // Ctrl-C in a terminal is for the tests alone.
        .process_group(0)
        .spawn()
        .expect("sh is there")
        .stdin
        .expect("a pipe")
}

/// A program of the PostgreSQL installation, such as `pgbench`.
pub fn program(name: &str) -> PathBuf {
    installation().map_or_else(|| name.into(), |bin| bin.join(name))
}

/// The folder with initdb and pg_ctl: that of PATH, else the newest of a Debian installation. None
/// as well when we are root and there is no user to run a server, which refuses to be root.
fn installation() -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let on_path = std::env::split_paths(&path).find_map(|folder| {
        let initdb = folder.join("initdb").canonicalize().ok()?;
        Some(initdb.parent()?.to_owned())
    });
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let newest = || {
        let bins = installed.filter_map(|version| {
            let number: u32 = version.file_name().to_str()?.parse().ok()?;
            Some((number, version.path().join("bin")))
        });
        bins.filter(|(_, bin)| bin.join("initdb").exists())
            .max()
            .map(|(_, bin)| bin)
    };
    let bin = on_path
        .or_else(newest)
        .filter(|bin| bin.join("pg_ctl").exists())?;
    run(as_server_user(bin.join("initdb")).arg("--version"))
        .is_ok()
        .then_some(bin)
}

/// A command of the user that the server runs as: we ourselves, or `postgres` when we are root.
pub(super) fn as_server_user(program: impl AsRef<std::ffi::OsStr>) -> Command {
    static ROOT: OnceLock<bool> = OnceLock::new();

    let root =
        ROOT.get_or_init(|| run(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0"));
    let mut command = if *root {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--"]).arg(program);
        command
    } else {
        Command::new(program)
    };
    // That user need not have access to our own folder.
    command.current_dir("/").stdin(Stdio::null());
    command
}

/// Writes a file of the user that the server runs as.
pub(super) fn write(path: &str, text: &str) {
    let mut tee = as_server_user("tee")
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("tee is there");
    let mut pipe = tee.stdin.take().expect("a pipe");
    pipe.write_all(text.as_bytes()).expect("a file");
    drop(pipe);
    assert!(tee.wait().expect("a child of ours").success());
}

/// Runs to the end; gives standard output, or all output when the command fails.
pub(super) fn run(command: &mut Command) -> Result<String, String> {
    let output = command
        .output()
        .map_err(|error| format!("{command:?}: {error}"))?;
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(stdout);
    }
    Err(format!(
        "{command:?}: {stdout}{}",
        String::from_utf8_lossy(&output.stderr)
    ))
}

pub(super) fn free_port() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    listener.local_addr().expect("an address").port()
}
