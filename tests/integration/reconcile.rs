//! Passes: pools are read, a plan is made and carried out.

mod approved;
mod blocked;
mod failures;
mod invariants;
mod keep_until_ready;
mod killed;
mod limits;
mod lock;
mod membership;
mod overtaken;
mod rows;
mod run_loop;
mod scope;
mod settling;
mod slow_templates;
mod statements;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::random_scenes;

pub fn plan(database: &Database) -> Value {
    prebuildctl(["plan", "--format=json"])
        .on(database)
        .run()
        .json()
}

/// Scenes in which reconciliation goes on.
pub fn busy_scenes(seed: u64) -> Vec<Database> {
    let databases = random_scenes(seed, 120);
    for database in &databases {
        database.execute("DELETE FROM site_configs WHERE key = 'prebuilds_settings'");
    }
    databases
}
