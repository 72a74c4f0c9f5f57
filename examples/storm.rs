//! Long storms: `cargo run --release --example storm -- --seed 1 --steps 200 --seeds 1000 --database sqlite`.
//!
//! Lets storms of consecutive seeds rage and prints what happened in them; `tests/storm/mod.rs` says what
//! a storm is. Builds the program first, unless `--program` names one. `--only 3,17` leaves out all other
//! steps, as what is printed of a failure says. Exits with 1 when a storm failed.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "the tests' tool box fails by panicking, and this prints"
)]

#[path = "../tests/storm/mod.rs"]
mod storm;
#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
#[path = "../tests/support/mod.rs"]
mod support;

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use clap::{Parser, ValueEnum};
use storm::Storm;
use storm::script::{Drill, Fault, Kind, Program, WRITING};

#[derive(Parser)]
struct Arguments {
    /// The first seed
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How many seeds from there on
    #[arg(long, default_value_t = 1)]
    seeds: u64,
    /// Steps of each storm
    #[arg(long, default_value_t = 200)]
    steps: usize,
    /// With postgres, seeds are by turns for a database of our own and for one of Coder
    #[arg(long, value_enum, default_value = "sqlite")]
    database: Databases,
    /// Take these steps only, by their numbers
    #[arg(long, value_delimiter = ',')]
    only: Option<Vec<usize>>,
    /// Let hosts vanish as well, where this is root and there is `ip`; each keeps its storm for half a minute
    #[arg(long)]
    hosts: bool,
    /// Let a third of the steps be runs of this program that are struck, such as claim:kill or pass:cut, and
    /// the others deeds of the world
    #[arg(long, value_parser = read_drill)]
    drill: Option<Drill>,
    /// Storms at once
    #[arg(long, default_value_t = 2)]
    workers: usize,
    /// After how many storms to print totals
    #[arg(long, default_value_t = 100)]
    totals: usize,
    /// The program, if it isn't to be built
    #[arg(long)]
    program: Option<PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Databases {
    Sqlite,
    Postgres,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let program = arguments.program.unwrap_or_else(build);
    support::process::BINARY.set(program).expect("set once");
    let kinds = match arguments.database {
        Databases::Sqlite => &[Kind::Sqlite][..],
        Databases::Postgres => &[Kind::Postgres, Kind::Coder],
    };
    let drill = arguments.drill;
    let only = arguments.only.map(|only| only.into_iter().collect());
    let storms: Vec<Storm> = (arguments.seed..arguments.seed + arguments.seeds)
        .map(|seed| Storm {
            kind: storm::kind(kinds, seed, drill),
            seed,
            steps: arguments.steps,
            hosts: arguments.hosts,
            drill,
            only: only.clone(),
        })
        .collect();
    let begun = Instant::now();
    let Some((tally, failures)) =
        storm::rage(&storms, arguments.workers, arguments.totals, &|line| {
            println!("{line}")
        })
    else {
        eprintln!("there is no PostgreSQL here");
        return ExitCode::FAILURE;
    };
    println!(
        "seeds {} to {} of {} steps on {kinds:?}, {} s: {tally}{} failed",
        arguments.seed,
        arguments.seed + arguments.seeds - 1,
        arguments.steps,
        begun.elapsed().as_secs(),
        failures.len()
    );
    let counted = match drill {
        Some(drill) => vec![drill.counted()],
        None => Fault::counted(kinds[0]),
    };
    for fault in tally.missing(counted) {
        println!("never {fault}, so that this proves nothing about it");
    }
    failures.iter().for_each(|failure| println!("\n{failure}"));
    if failures.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

fn read_drill(text: &str) -> Result<Drill, &'static str> {
    let (name, fault) = text.split_once(':').ok_or("no colon")?;
    let is_named = |program: &&Program| program.name().eq_ignore_ascii_case(name);
    let program = WRITING.iter().find(is_named).ok_or("no such program")?;
    let cuts = match fault {
        "kill" => false,
        "cut" => true,
        _ => return Err("neither kill nor cut"),
    };
    Ok(Drill {
        program: *program,
        cuts,
    })
}

/// Builds the program as this was built: Cargo builds none for an example.
fn build() -> PathBuf {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--quiet", "--locked", "--bin", "prebuildctl"]);
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(
        cargo.status().expect("cargo is there").success(),
        "the program can't be built"
    );
    let example = std::env::current_exe().expect("a path");
    let folder = example
        .parent()
        .and_then(std::path::Path::parent)
        .expect("a folder of builds");
    folder.join("prebuildctl")
}
