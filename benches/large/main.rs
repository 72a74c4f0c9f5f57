//! What prebuildctl does on large databases, each beside a yardstick that is measured in the same run.
//!
//! `cargo bench --bench large` makes its data in private databases (some minutes), runs the release binary as
//! an operator would, start-up and connection included, and prints one table. Arguments that name parts
//! (`start`, `reading`, `document`, `render`, `passes`, `claims`, `queue`) run those only. It starts a private
//! PostgreSQL server, or uses that of `PREBUILDCTL_BENCH_POSTGRES_URL` (a superuser's URL), and needs the
//! programs of PostgreSQL's installation. It judges nothing but that everything was done.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking and tells its figures on standard output"
)]

#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
#[path = "../../tests/support/mod.rs"]
mod support;

mod bare;
mod claims;
mod coderd;
mod measure;
mod passes;
mod queue;
mod reading;
mod render;
mod start;
mod table;

use support::database::Database;
use support::{Coder, cluster};
use table::Table;

/// Measures, and adds what it finds.
type Part = fn(&mut Table, &Large);

/// The parts by name. Those that read the large database only come before those that copy it.
const PARTS: &[(&str, Part)] = &[
    ("start", |table, _| start::measure(table)),
    ("document", |table, _| reading::measure_document(table)),
    ("render", |table, _| render::measure(table)),
    ("queue", |table, _| queue::measure(table)),
    ("reading", reading::measure),
    ("claims", claims::measure),
    ("passes", passes::measure),
];

fn main() {
    // Cargo's own flag, and those of other benchmark harnesses, mean nothing here.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let all = !PARTS.iter().any(|(name, _)| named(name));
    if cluster::postgres().is_none() {
        return;
    }
    let mut table = Table::default();
    let large = Large::default();
    for (name, part) in PARTS {
        if all || named(name) {
            eprintln!("--- {name}");
            part(&mut table, &large);
        }
    }
    table.print();
}

/// The large database, made when a part first asks for it.
#[derive(Default)]
struct Large(std::cell::OnceCell<Database>);

impl Large {
    /// The database itself, for parts that only read.
    fn database(&self) -> &Database {
        self.0.get_or_init(|| {
            eprintln!(
                "filling a database of Coder's with 250,000 workspaces and a million builds ..."
            );
            let database = support::coder(Coder::Current).expect("PostgreSQL is here");
            let mut session = database.session();
            let statements = include_str!("large.sql").split(";\n");
            for statement in statements.filter(|sql| !sql.trim().is_empty()) {
                session.execute(statement);
            }
            drop(session);
            database
        })
    }

    /// A copy, for parts that write.
    fn copy(&self) -> Database {
        let server = cluster::postgres().expect("PostgreSQL is here");
        server.create_from(self.database())
    }
}
