//! What the integration tests, the storms and the benchmarks share: databases to work on, scenes to fill them
//! with, an independent account of what is in them, and a way to run the binary.
//!
//! Databases are ready in some ten milliseconds: PostgreSQL ones are copied from a template that is
//! made once per process. Nothing here may use the code under test, apart from `init`, which makes
//! the databases of our own.

pub mod bouncer;
pub mod browser;
pub mod cluster;
pub mod copy;
pub mod database;
pub mod gate;
pub mod host;
pub mod process;
pub mod proxy;
pub mod reference;
pub mod report;
pub mod scene;
pub mod service;
pub mod statements;

use std::collections::HashMap;
use std::iter;
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use database::Database;
use process::{Output, TestDir, prebuildctl};

/// Which release a stand-in Coder database imitates, by the number of its last migration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coder {
    /// Coder 2.24, the oldest that passes work on.
    At343,
    /// Between 2.26 and 2.27: workspaces have access lists, deadlines are checked.
    At369,
    /// Coder 2.29, with long support: the first that keeps times of invalidation.
    At401,
    /// The one that prebuildctl knows best, 579.
    Current,
    /// One to come, with a column that nobody but its own coderd can fill.
    Newer,
}

/// The releases that passes and claims work on.
pub const RELEASES: [Coder; 4] = [Coder::Current, Coder::At401, Coder::At369, Coder::At343];

/// What makes the database of a release out of that of the next later one.
const STEPS: [(Coder, &str); 3] = [
    (Coder::At401, include_str!("../fixtures/coder/401.sql")),
    (Coder::At369, include_str!("../fixtures/coder/369.sql")),
    (Coder::At343, include_str!("../fixtures/coder/343.sql")),
];

/// Takes the status of a failed validation from a stand-in Coder database, which some release might
/// not know.
pub const WITHOUT_FAILED_VALIDATION: &str =
    "ALTER TYPE prebuild_status RENAME VALUE 'validation_failed' TO 'unheard_of'";

/// A stand-in Coder database with the rows that every deployment has; none without PostgreSQL.
pub fn coder(release: Coder) -> Option<Database> {
    from_template(&format!("{release:?}").to_lowercase(), |database| {
        let mut session = database.session();
        session.execute(include_str!("../fixtures/coder/current.sql"));
        if release == Coder::Newer {
            session.execute(include_str!("../fixtures/coder/newer.sql"));
        }
        if let Some(last) = STEPS.iter().position(|(of, _)| *of == release) {
            session.execute(include_str!("../fixtures/coder/tools.sql"));
            for (_, step) in &STEPS[..=last] {
                session.execute(step);
            }
        }
    })
}

/// A stand-in Coder database of every release that passes and claims work on.
pub fn coder_releases() -> impl Iterator<Item = (Coder, Database)> {
    RELEASES.into_iter().filter_map(|release| {
        let database = coder(release)?;
        eprintln!("--- on Coder's database, {release:?}");
        Some((release, database))
    })
}

/// A database of our own on PostgreSQL, and all of [`coder_releases`].
pub fn servers() -> impl Iterator<Item = Database> {
    let ours = postgres().inspect(|_| eprintln!("--- on PostgreSQL"));
    ours.into_iter()
        .chain(coder_releases().map(|(_, database)| database))
}

/// A database of our own on PostgreSQL, fresh; none without PostgreSQL.
pub fn postgres() -> Option<Database> {
    from_template("pools", init)
}

/// A database of our own on SQLite, fresh.
pub fn sqlite() -> Database {
    let database = Database::sqlite(TestDir::new());
    init(&database);
    database
}

fn init(database: &Database) {
    prebuildctl(["init"]).on(database).run().ok();
}

/// A database of our own on SQLite, and all of [`servers`].
pub fn databases() -> impl Iterator<Item = Database> {
    eprintln!("--- on SQLite");
    iter::once(sqlite()).chain(servers())
}

/// Runs the test body on a fresh database of our own on SQLite, and on one on PostgreSQL.
pub fn both(body: impl Fn(&Database)) {
    eprintln!("--- on SQLite");
    body(&sqlite());
    if let Some(database) = postgres() {
        eprintln!("--- on PostgreSQL");
        body(&database);
    }
}

/// As [`both`], and on every release of Coder as well.
pub fn everywhere(body: impl Fn(&Database)) {
    databases().for_each(|database| body(&database));
}

/// The same random scene in a stand-in Coder database, in a PostgreSQL database of our own and in
/// SQLite; nothing without PostgreSQL.
pub fn random_scenes(seed: u64, size: usize) -> Vec<Database> {
    let (Some(theirs), Some(ours)) = (coder(Coder::Current), postgres()) else {
        return Vec::new();
    };
    scene::random::fill(&theirs, seed, size);
    scene::random::fill(&ours, seed, size);
    let lite = sqlite();
    copy::copy(&ours, &lite);
    vec![theirs, ours, lite]
}

/// Runs one pass with more arguments, its report as JSON.
pub fn pass(database: &Database, arguments: &[&str]) -> Output {
    let command = ["reconcile-once", "--format", "json"];
    prebuildctl(command.iter().chain(arguments))
        .on(database)
        .run()
}

/// Waits until somebody waits for a lock of somebody else.
pub fn wait_until_blocked(database: &Database) {
    let mut session = database.session();
    wait_until("somebody is blocked", || {
        session.value(
            "SELECT count(*) FROM pg_stat_activity
             WHERE datname = current_database() AND cardinality(pg_blocking_pids(pid)) > 0",
        ) != Some("0".to_owned())
    });
}

/// Waits until a server has noticed that all runs of the binary on this database have ended.
#[track_caller]
pub fn wait_for_goodbye(database: &Database) {
    if database.is_sqlite() {
        return;
    }
    let sessions = "SELECT count(*) FROM pg_stat_activity
        WHERE datname = current_database() AND application_name = 'prebuildctl'";
    wait_until("the server has noticed", || database.count(sessions) == 0);
}

/// Waits until the condition holds, which it must within half a minute.
#[track_caller]
pub fn wait_until(what: &str, condition: impl FnMut() -> bool) {
    wait_for(Duration::from_secs(30), what, condition);
}

/// Waits until the condition holds, which it must within `patience`.
#[track_caller]
pub fn wait_for(patience: Duration, what: &str, mut condition: impl FnMut() -> bool) {
    let deadline = Instant::now() + patience;
    while !condition() {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        thread::sleep(Duration::from_millis(5));
    }
}

/// A new database that holds what `fill` makes.
fn from_template(name: &str, fill: impl Fn(&Database)) -> Option<Database> {
    static TEMPLATES: Mutex<Option<HashMap<String, Database>>> = Mutex::new(None);

    let cluster = cluster::postgres()?;
    if !cluster.is_private() {
        // A template would outlive this process there: statics are not dropped.
        let database = cluster.create_database(name);
        fill(&database);
        return Some(database);
    }
    let mut templates = TEMPLATES.lock().unwrap_or_else(PoisonError::into_inner);
    let template = templates
        .get_or_insert_default()
        .entry(name.to_owned())
        .or_insert_with(|| {
            let template = cluster.create_database("template");
            fill(&template);
            template
        });
    Some(cluster.create_from(template))
}
