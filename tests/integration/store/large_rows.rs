//! Cells and documents of a hundred megabytes, and cells that are nothing of their kind: commands end, within
//! bounds of memory, and say what they can't read.

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl_after};
use crate::support::report::counts;
use crate::support::scene::{Job, Scene};
use crate::support::{Coder, coder, sqlite};

const SIZE: usize = 100 << 20;

/// Kilobytes of address space: forty times what such a cell is.
const MEMORY: &str = "ulimit -v 4000000";

fn run(database: &Database, arguments: &[&str]) -> Output {
    prebuildctl_after(MEMORY, arguments).on(database).run()
}

#[test]
fn cells_of_a_hundred_megabytes_are_read_written_and_shown_as_far_as_they_can_be() {
    with_large_cells(&sqlite());
}

#[test]
fn cells_of_a_hundred_megabytes_in_coders_database_are_as_well() {
    coder(Coder::Current).iter().for_each(with_large_cells);
}

fn with_large_cells(database: &Database) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    scene.parameter(&web, "note", Some(""));
    let pool = scene.preset(&web, "pool", 1);
    let old = scene.prebuild(&web, &pool, Job::Succeeded, 600);
    scene.prebuild(&web, &pool, Job::Succeeded, 60);
    let failed = scene.prebuild(&web, &pool, Job::Failed, 7200);
    let large = if database.is_sqlite() {
        format!("hex(zeroblob({}))", SIZE / 2)
    } else {
        format!("repeat('x', {SIZE})")
    };
    scene.execute(&format!(
        "DELETE FROM workspace_build_parameters WHERE workspace_build_id = '{build}';
             INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{build}', 'note', {large});
             UPDATE provisioner_jobs SET error = {large} WHERE id = '{job}'",
        build = old.build,
        job = failed.job
    ));
    for arguments in [&["plan", "--explain"][..], &["doctor"], &["cleanup"]] {
        let output = run(database, arguments);
        assert!(output.code <= 1, "{arguments:?}: {}", output.code);
        let length = output.stdout.len() + output.stderr.len();
        assert!(length < 100_000, "{arguments:?}: {length} bytes");
    }
    let report = run(database, &["reconcile-once", "--format=json"]).json();
    assert_eq!(counts(&report), [0, 1, 0, 0, 0], "{report:#}");
    let kept = format!(
        "SELECT length(p.value) FROM workspace_build_parameters AS p
             JOIN workspace_builds AS b ON b.id = p.workspace_build_id
             WHERE b.workspace_id = '{}' AND b.build_number = 2",
        old.id
    );
    assert_eq!(database.count(&kept), i64::try_from(SIZE).unwrap());
}

#[test]
fn a_snapshot_of_a_hundred_megabytes_is_planned_on() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    scene.prebuild(&web, &pool, Job::Succeeded, 60);
    let mut snapshot = run(&database, &["snapshot", "--format=json"]).json();
    let running = snapshot["running"][0].to_string();
    let id = snapshot["running"][0]["id"].as_str().unwrap();
    let count = SIZE / running.len();
    let rows = (0..count).map(|n| running.replace(id, &format!("00000000-0000-0000-0000-{n:012}")));
    let rows: Vec<String> = rows.collect();
    snapshot["running"] = "ROWS".into();
    let text = snapshot.to_string();
    let text = text.replace("\"ROWS\"", &format!("[{}]", rows.join(",")));
    let dir = TestDir::new();
    let file = dir.write("snapshot.json", &text);
    let file = format!("--snapshot={}", file.display());
    let output = prebuildctl_after(MEMORY, ["plan", "--format=json", &file]).run();
    let surplus = i64::try_from(count).unwrap() - 1;
    assert_eq!(output.json()["summary"]["delete"], surplus);
}

#[test]
fn a_cell_that_is_nothing_of_its_kind_is_named() {
    for (column, value) in [
        ("desired_instances", "'NaN'"),
        ("desired_instances", "9e999"),
        ("invalidate_after_secs", "x'00ff'"),
        ("last_invalidated_at", "'+292277-12-31T00:00:00.000000Z'"),
        ("last_invalidated_at", "'NaN'"),
    ] {
        let database = sqlite();
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        let sql =
            format!("UPDATE template_version_presets SET {column} = {value} WHERE id = '{pool}'");
        if database.session().try_execute(&sql).is_err() {
            continue; // The database has no such thing.
        }
        for command in ["snapshot", "plan", "reconcile-once"] {
            let output = run(&database, &[command, "--format=json"]);
            let text = format!("{}{}", output.stdout, output.stderr);
            assert!(
                output.code <= 1 && text.contains(column),
                "{value}: {output:?}"
            );
        }
        assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
    }
}
