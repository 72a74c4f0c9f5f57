//! How long nothing takes: the start of the program, and a plan on an empty embedded database.

use std::process::Command;

use crate::measure::{middle, prebuildctl, run};
use crate::support;
use crate::table::Table;

const RUNS: usize = 31;

pub fn measure(table: &mut Table) {
    let nothing = middle(RUNS, || run(&mut Command::new("true"), &[])).seconds;
    let version = middle(RUNS, || run(&mut prebuildctl(&["--version"]), &[])).seconds;
    table.time("`--version`", version, "`true`", nothing);
    let database = support::sqlite();
    let plan = ["plan", "--database-url", &database.url];
    let plan = middle(RUNS, || run(&mut prebuildctl(&plan), &[])).seconds;
    table.time(
        "`plan` of an empty SQLite database",
        plan,
        "`true`",
        nothing,
    );
}
