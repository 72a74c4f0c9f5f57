//! How long passes take that create and delete thousands of workspaces, beside coderd's statements for each.

use serde_json::Value;

use crate::measure::{prebuildctl, run};
use crate::support::database::Database;
use crate::support::scene::PREBUILDS_USER;
use crate::table::Table;
use crate::{Large, coderd};

/// How many workspaces coderd's statements are run for.
const SAMPLE: usize = 300;

pub fn measure(table: &mut Table, large: &Large) {
    let sample = large.copy();
    let create = coderd::create(&sample, SAMPLE);
    let delete = coderd::delete(&sample, SAMPLE);
    drop(sample);
    let no_expiry = "UPDATE template_version_presets SET invalidate_after_secs = 0";
    for (what, setup) in [
        ("everything expired", String::new()),
        (
            "creates only",
            format!(
                "{no_expiry}, desired_instances = 9;
                 UPDATE workspaces AS w SET deleted = true
                 FROM workspace_builds AS b, templates AS t
                 WHERE b.workspace_id = w.id AND t.id = w.template_id
                   AND w.owner_id = '{PREBUILDS_USER}'
                   AND b.template_version_id <> t.active_version_id"
            ),
        ),
        (
            "deletes only",
            format!("{no_expiry}, desired_instances = 0"),
        ),
    ] {
        let database = large.copy();
        database.execute(&format!("{setup}; ANALYZE"));
        pass(table, what, &database, [create, delete]);
    }
}

/// Runs a pass; `others` are the seconds that coderd's statements take for a create and a delete.
fn pass(table: &mut Table, what: &str, database: &Database, others: [f64; 2]) {
    let arguments = ["reconcile-once", "--format", "json", "--database-url"];
    let run = run(prebuildctl(&arguments).arg(&database.url), &[]);
    let report: Value = serde_json::from_str(&run.output).expect("a report");
    let count = |key: &str| report[key].as_u64().expect("a number");
    let done = [count("created"), count("deleted")];
    let other = done[0] as f64 * others[0] + done[1] as f64 * others[1];
    let what = format!(
        "a pass, {what}: {} creates, {} deletes, {} cancels, {} MB",
        done[0],
        done[1],
        count("cancelled"),
        run.megabytes
    );
    let yardstick = "coderd's statements for each create and delete";
    table.time(&what, run.seconds, yardstick, other);
}
