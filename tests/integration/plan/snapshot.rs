//! `snapshot` and `plan` against the independent account of what is in a database.

use std::fs;

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::random;
use crate::support::{Coder, coder, copy, everywhere, postgres, random_scenes, reference, sqlite};

/// Runs a command at the moment of random scenes, with its look-back and failure limit.
fn at_now(database: &Database, command: &str, arguments: &[&str]) -> Output {
    let tuning = [
        command,
        "--format=json",
        "--at",
        random::NOW,
        "--backoff-lookback=1h",
        "--failure-hard-limit=3",
    ];
    prebuildctl(tuning.iter().chain(arguments))
        .on(database)
        .run()
}

/// Makes sure that the snapshot is the reference's; returns it as it was printed.
#[track_caller]
fn assert_agrees(database: &Database, context: &str) -> String {
    let output = at_now(database, "snapshot", &[]);
    let found = output.json();
    let expected = reference::snapshot(
        database,
        random::NOW,
        random::LOOKBACK_SECS,
        random::HARD_LIMIT,
    );
    for (part, rows) in expected.as_object().unwrap() {
        assert_eq!(&found[part], rows, "{part} of {context}");
    }
    assert_eq!(found, expected, "{context}");
    output.stdout
}

#[test]
fn a_snapshot_of_a_database_of_our_own_agrees_with_the_reference_and_with_sqlite() {
    for seed in [11, 12, 13] {
        let Some(database) = postgres() else { return };
        random::fill(&database, seed, 120);
        let text = assert_agrees(&database, &format!("seed {seed}"));

        let lite = sqlite();
        copy::copy(&database, &lite);
        assert_eq!(at_now(&lite, "snapshot", &[]).ok(), text, "seed {seed}");
    }
}

#[test]
fn a_snapshot_of_a_coder_database_agrees_with_the_reference() {
    for (release, seeds) in [
        (Coder::Current, 21..23),
        (Coder::At343, 31..32),
        (Coder::At369, 32..33),
        (Coder::At401, 33..34),
        (Coder::Newer, 41..42),
    ] {
        for seed in seeds {
            let Some(database) = coder(release) else {
                return;
            };
            random::fill(&database, seed, 120);
            let context = format!("{release:?}, seed {seed}");
            let text = assert_agrees(&database, &context);

            let lite = sqlite();
            copy::copy(&database, &lite);
            // Of people's workspaces only a database of our own has an account.
            let pools = |text: &str| {
                let mut document: serde_json::Value = serde_json::from_str(text).expect("JSON");
                let claimed = document["claimed"].take();
                (document, claimed != serde_json::json!([]))
            };
            let (expected, of_people) = pools(&text);
            let (found, _) = pools(at_now(&lite, "snapshot", &[]).ok());
            assert_eq!(found, expected, "{context}");
            assert!(!of_people, "{context}");
        }
    }
}

#[test]
fn look_back_and_failure_limit_decide_about_failures() {
    let Some(database) = postgres() else { return };
    random::fill(&database, 14, 120);
    for (lookback, limit) in [(0, 0), (60, 1), (3600, 2), (864_000, 4)] {
        let output = prebuildctl(["snapshot", "--format=json", "--at", random::NOW])
            .env(
                "CODER_WORKSPACE_PREBUILDS_RECONCILIATION_BACKOFF_LOOKBACK_PERIOD",
                format!("{lookback}s"),
            )
            .env(
                "CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT",
                limit.to_string(),
            )
            .on(&database)
            .run();
        let expected = reference::snapshot(&database, random::NOW, lookback, limit);
        assert_eq!(
            output.json(),
            expected,
            "look-back {lookback}, limit {limit}"
        );
    }
}

#[test]
fn a_plan_of_a_saved_snapshot_is_the_plan_of_the_database() {
    for seed in [51, 52] {
        for database in random_scenes(seed, 120) {
            let dir = TestDir::new();
            let saved = dir.write("snapshot.json", at_now(&database, "snapshot", &[]).ok());
            let direct = at_now(&database, "plan", &[]);
            let presets = direct.json()["presets"].as_array().unwrap().len();
            assert!(presets > 5, "{presets} presets");

            let from_file = prebuildctl(["plan", "--format=json", "--snapshot"])
                .arg(&saved)
                .run();
            assert_eq!(from_file.ok(), direct.stdout);
            let from_stdin = prebuildctl(["plan", "--format=json", "--snapshot=-"])
                .stdin(fs::read(&saved).unwrap())
                .run();
            assert_eq!(from_stdin.ok(), direct.stdout);
            // The tables tell the same, whatever database it was.
            let table = |source: &[&str]| {
                let run = prebuildctl(["plan", "-v"].iter().chain(source)).on(&database);
                run.run().ok().to_owned()
            };
            let file = saved.to_str().unwrap();
            assert_eq!(table(&["--snapshot", file]), table(&["--at", random::NOW]));
        }
    }
}

#[test]
fn a_plan_is_written_to_a_file_as_it_is_printed() {
    for database in random_scenes(54, 60) {
        let dir = TestDir::new();
        let file = dir.join("plan.json");
        let output = at_now(&database, "plan", &["--out", file.to_str().unwrap()]);
        assert_eq!(fs::read_to_string(&file).unwrap(), output.ok());
    }
}

#[test]
fn the_detailed_exit_code_tells_whether_a_plan_has_changes() {
    for database in random_scenes(55, 60) {
        let output = at_now(&database, "plan", &["--detailed-exitcode"]);
        let plan: Value = serde_json::from_str(&output.stdout).unwrap();
        let paused = plan["reconciliation_paused"] == true;
        assert_eq!(
            plan["has_changes"], !paused,
            "a random scene is never in order"
        );
        output.expect_code(if paused { 0 } else { 2 });
    }
    everywhere(|database| {
        at_now(database, "plan", &["--detailed-exitcode"]).expect_code(0);
    });
}

#[test]
fn snapshot_and_plan_change_nothing() {
    for database in random_scenes(56, 60) {
        let before = database.dump();
        let bytes = || {
            database
                .is_sqlite()
                .then(|| fs::read(database.path()).unwrap())
        };
        let file = bytes();
        for command in ["snapshot", "plan"] {
            at_now(&database, command, &[]).ok();
            prebuildctl([command]).on(&database).run().ok();
        }
        assert_eq!(file, bytes());
        assert!(before == database.dump(), "rows have changed");
    }
}

#[test]
fn filters_keep_what_they_name() {
    for database in random_scenes(57, 120) {
        let all = at_now(&database, "snapshot", &[]).json();
        let presets = all["presets"].as_array().unwrap();
        let wanted = presets.last().unwrap();
        let text = |key: &str| wanted[key].as_str().unwrap();
        let names = |snapshot: &Value, key: &str| -> Vec<String> {
            let presets = snapshot["presets"].as_array().unwrap();
            presets
                .iter()
                .map(|preset| preset[key].as_str().unwrap().to_owned())
                .collect()
        };
        for command in ["snapshot", "plan"] {
            let found = at_now(&database, command, &["--preset", text("id")]).json();
            let rows = found["presets"].as_array().unwrap();
            assert_eq!(rows.len(), 1);
        }
        let one = at_now(&database, "snapshot", &["--preset", text("id")]).json();
        assert_eq!(names(&one, "id"), [text("id")]);
        for row in one["running"].as_array().unwrap() {
            assert_eq!(row["preset_id"], wanted["id"]);
        }
        let organization = text("organization_name");
        let some = at_now(&database, "snapshot", &["--organization", organization]).json();
        let expected = presets
            .iter()
            .filter(|preset| preset["organization_name"] == organization)
            .count();
        assert_eq!(
            names(&some, "organization_name"),
            vec![organization; expected]
        );
        let template = format!("{organization}/{}", text("template_name"));
        let some = at_now(&database, "snapshot", &["--template", &template]).json();
        assert!(names(&some, "id").contains(&text("id").to_owned()));
        assert!(
            names(&some, "template_name")
                .iter()
                .all(|it| it == text("template_name"))
        );
    }
}
