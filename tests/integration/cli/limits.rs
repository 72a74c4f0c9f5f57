//! Limits that the system sets to the process: each is told, and nothing is half done.

use serde_json::{Value, json};

use super::{assert_error, document};
use crate::support::process::{TestDir, prebuildctl_after};
use crate::support::scene::claims::{self, Prebuilt, SMALL};
use crate::support::scene::id;
use crate::support::service::{WORKSPACES, declare};
use crate::support::{both, sqlite};

#[test]
fn too_few_open_files_are_told_instead_of_a_panic() {
    both(|database| {
        for limit in 5..=16 {
            let setup = format!("ulimit -n {limit}");
            let output = prebuildctl_after(&setup, ["snapshot"]).on(database).run();
            let told = format!("may have only {limit} files open");
            assert_error(&output, 1, &[&told, "ulimit -n"]);
        }
        prebuildctl_after("ulimit -n 32", ["snapshot"])
            .on(database)
            .run()
            .ok();
    });
}

#[test]
fn a_pass_beyond_the_limit_on_file_sizes_is_told_and_undone() {
    let mut outcomes = Vec::new();
    for kilobytes in (200..=2600).step_by(400) {
        let database = sqlite();
        declare(&database.url, 900);
        let setup = format!("ulimit -f {kilobytes}");
        let output = prebuildctl_after(&setup, ["reconcile-once"])
            .on(&database)
            .run();
        let made = database.count(WORKSPACES);
        match output.code {
            0 => assert!(
                output.stdout.contains("900 created") && made == 900,
                "{output:?}"
            ),
            _ => {
                assert_error(&output, 1, &["ulimit -f"]);
                assert_eq!(made, 0);
            }
        }
        outcomes.push(output.code);
    }
    assert!(
        outcomes.contains(&0) && outcomes.contains(&1),
        "{outcomes:?}"
    );
}

/// The workspaces of which a batch says that they are claimed.
fn claims_told(answers: &str) -> Vec<String> {
    let answers = answers
        .lines()
        .map(|line| -> Value { serde_json::from_str(line).unwrap() });
    answers
        .filter(|answer| answer["status"] == "claimed")
        .map(|answer| answer["workspace_id"].as_str().unwrap().to_owned())
        .collect()
}

/// SQLite undoes a whole transaction by itself where a disk fails. What a batch went on with on the same
/// session was then committed statement by statement: a build without its values, of a workspace that
/// stayed the pool's.
#[test]
fn a_disk_that_fails_at_any_moment_of_a_batch_leaves_no_half_of_a_claim() {
    let line = |number: u32| format!(r#"{{"preset":"small","user":"ada","name":"w{number}"}}"#);
    let lines: Vec<String> = (0..8).map(line).collect();
    let lines = lines.join("\n");
    let mut claimed = Vec::new();
    // A page of the log of writes is 4 kB.
    for kilobytes in (0..=240).step_by(4) {
        let database = claims::sqlite();
        Prebuilt::new(2001, SMALL).add(&database);
        let setup = format!("ulimit -f {kilobytes}");
        let output = prebuildctl_after(&setup, ["claim", "--batch", "-", "--parallel", "1"])
            .on(&database)
            .stdin(lines.clone())
            .run();
        let told = claims_told(&output.stdout);
        // Without any error one of the eight has got it.
        let is_told = match output.code {
            0 => told == [claims::id(2001)],
            code => code == 1,
        };
        assert!(is_told, "{kilobytes} kB: {output:?}");
        let of_ada = format!(
            "SELECT id FROM workspaces WHERE owner_id = '{}'",
            claims::id(claims::ADA)
        );
        let of_ada = database.column(&of_ada);
        assert!(
            told.iter().all(|id| of_ada.contains(id)),
            "{kilobytes} kB: {output:?}"
        );
        let owned = "SELECT count(*) FROM workspaces WHERE owner_id <> (SELECT id FROM users \
                     WHERE username = 'prebuilds')";
        let whole = "SELECT count(DISTINCT b.id) FROM workspace_builds AS b \
                     JOIN workspace_build_parameters AS p ON p.workspace_build_id = b.id \
                     WHERE b.build_number = 2";
        let builds = "SELECT count(*) FROM workspace_builds WHERE build_number = 2";
        let rows = [owned, builds, whole].map(|sql| database.count(sql));
        assert!(
            matches!(rows, [0, 0, 0] | [1, 1, 1]),
            "{kilobytes} kB: {rows:?}"
        );
        claimed.push(rows[0]);
    }
    assert!(claimed.contains(&0) && claimed.contains(&1), "{claimed:?}");
}

#[test]
fn a_report_that_can_not_be_written_is_an_error() {
    let mut document = document();
    let preset = document["presets"][0].clone();
    for number in 0..100 {
        let mut preset = preset.clone();
        preset["id"] = json!(id());
        preset["name"] = json!(format!("pool-{number}"));
        document["presets"].as_array_mut().unwrap().push(preset);
    }
    let dir = TestDir::new();
    let plan = ["plan", "--format=json", "--snapshot=-"];
    let output = prebuildctl_after("ulimit -f 1; exec >small", plan).within(&dir);
    let output = output.stdin(document.to_string()).run();
    assert_error(
        &output,
        1,
        &[
            "can't write to standard output",
            "what was done before stands",
        ],
    );
}
