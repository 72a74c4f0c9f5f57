//! The published schemas: real documents fit them, and they refuse what reading refuses.

use std::collections::BTreeSet;

use jsonschema::{Draft, Validator};
use prebuildctl::{read_plan, read_snapshot};
use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::report::json_of;
use crate::support::scene::{Job, Scene, id};
use crate::support::service::hold_lock;
use crate::support::{everywhere, pass, random_scenes, sqlite};

/// The schema of a document, as the binary prints it.
pub fn schema(document: &str) -> Validator {
    let schema = prebuildctl(["schema", document]).run().json();
    jsonschema::options()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .build(&schema)
        .unwrap()
}

#[track_caller]
pub fn assert_fits(schema: &Validator, document: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(document)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert_eq!(errors, Vec::<String>::new(), "{document:#}");
}

fn read(command: &str, database: &Database) -> Value {
    let command = prebuildctl([command, "--format=json"]).on(database);
    command.run().json()
}

/// Presets in every state that a plan tells apart, and workspaces in every list of a snapshot.
fn set_every_scene(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let web = scene.template("web");
    scene.preset(&web, "grown", 2);
    let shrunk = scene.preset(&web, "shrunk", 1);
    for age in [60, 70] {
        scene.prebuild(&web, &shrunk, Job::Succeeded, age);
    }
    scene.prebuild(&web, &shrunk, Job::Running, 20);
    let expiring = scene.preset(&web, "expiring", 1);
    scene.prebuild(&web, &expiring, Job::Succeeded, 3600);
    database.execute(&format!(
        "UPDATE template_version_presets SET invalidate_after_secs = 60 WHERE id = '{expiring}'"
    ));
    if database.knows_invalidation() {
        database.execute(&format!(
            "UPDATE template_version_presets SET last_invalidated_at = '{}'
             WHERE id = '{expiring}'",
            scene.ago(3000)
        ));
    }
    let given_up = scene.preset(&web, "given-up", 1);
    for age in [7200, 7300, 7400] {
        scene.prebuild(&web, &given_up, Job::Failed, age);
    }
    scene.of_person(&web, &given_up, Job::Failed, 60);
    let invalid = scene.preset(&web, "invalid", 1);
    database.execute(&format!(
        "UPDATE template_version_presets SET prebuild_status = 'validation_failed'
         WHERE id = '{invalid}'"
    ));
    let resting = scene.preset(&web, "resting", 1);
    scene.prebuild(&web, &resting, Job::Failed, 30);
    for (name, zone, wanted) in [("misread", "Europe/Paris", 1), ("negative", "", -1)] {
        let preset = scene.preset(&web, name, wanted);
        database.execute(&format!(
            "UPDATE template_version_presets SET scheduling_timezone = '{zone}'
             WHERE id = '{preset}';
             INSERT INTO template_version_preset_prebuild_schedules
                (id, preset_id, cron_expression, desired_instances)
             VALUES ('{}', '{preset}', 'whenever', 1)",
            id()
        ));
    }
    let stray = scene.prebuild(&web, &shrunk, Job::Succeeded, 90);
    database.execute(&format!(
        "DELETE FROM workspace_build_parameters WHERE workspace_build_id = '{0}';
         DELETE FROM workspace_builds WHERE id = '{0}'",
        stray.build
    ));

    let data = scene.template("data");
    let outdated = scene.preset(&data, "outdated", 1);
    scene.prebuild(&data, &outdated, Job::Pending, 60);
    scene.prebuild(&data, &outdated, Job::Succeeded, 60);
    let newer = scene.version(&data.template, "v2");
    scene.activate(&newer);
    scene
}

/// Every text under this key, wherever it is.
fn texts(value: &Value, key: &str, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(keys) => {
            if let Some(text) = keys.get(key) {
                found.insert(text.as_str().unwrap_or("null").to_owned());
            }
            keys.values().for_each(|value| texts(value, key, found));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, key, found)),
        _ => {}
    }
}

#[track_caller]
fn assert_texts(document: &Value, key: &str, expected: &[&str]) {
    let mut found = BTreeSet::new();
    texts(document, key, &mut found);
    let expected: BTreeSet<String> = expected.iter().map(|text| (*text).to_owned()).collect();
    assert_eq!(found, expected, "{key}");
}

#[test]
fn snapshots_and_plans_fit_their_schemas_whatever_is_in_them() {
    let (snapshots, plans) = (schema("snapshot"), schema("plan"));
    everywhere(|database| {
        assert_fits(&snapshots, &read("snapshot", database));
        assert_fits(&plans, &read("plan", database));

        set_every_scene(database);
        let snapshot = read("snapshot", database);
        for (list, rows) in snapshot.as_object().unwrap() {
            let is_empty = rows.as_array().is_some_and(Vec::is_empty);
            let is_empty = is_empty && (list != "claimed" || database.migration().is_none());
            assert!(!is_empty, "{list} is empty and shows nothing");
        }
        assert_fits(&snapshots, &snapshot);

        let plan = read("plan", database);
        let actions = plan["presets"].as_array().unwrap().iter();
        let actions: Value = actions.map(|entry| entry["actions"].clone()).collect();
        for (key, expected) in [
            (
                "action",
                &["backoff", "cancel_pending", "create", "delete"][..],
            ),
            ("reason", &["expired", "extraneous", "inactive"]),
            ("blocked_by", &["hard_limited", "null", "validation_failed"]),
        ] {
            assert_texts(&actions, key, expected);
        }
        assert_texts(&plan, "severity", &["error", "warning"]);
        assert_fits(&plans, &plan);
    });
    for database in random_scenes(71, 60) {
        assert_fits(&snapshots, &read("snapshot", &database));
        assert_fits(&plans, &read("plan", &database));
    }
}

#[test]
fn reports_fit_their_schema_whatever_came_of_the_pass() {
    let reports = schema("report");
    let report = |database: &Database, outcome: &str, arguments: &[&str]| {
        let output = pass(database, arguments);
        let report = json_of(&output.stdout);
        assert_eq!(report["outcome"], outcome, "{output:?}");
        assert_fits(&reports, &report);
        report
    };
    everywhere(|database| {
        report(database, "nothing_to_do", &[]);
        let holder = hold_lock(database);
        report(database, "locked", &["--fail-if-locked"]);
        drop(holder);

        let scene = set_every_scene(database);
        prebuildctl(["pause"]).on(database).run().ok();
        report(database, "paused", &[]);
        prebuildctl(["resume"]).on(database).run().ok();

        let broken = scene.template("broken");
        scene.preset(&broken, "pool", 9);
        database.execute(&format!(
            "UPDATE provisioner_jobs SET error = 'no' WHERE id = '{}'",
            broken.import_job
        ));
        let partial = report(database, "partial", &["--max-in-flight=8"]);
        assert!(partial["deferred"].as_i64().unwrap() > 0, "{partial}");
        let applied = report(database, "applied", &[]);
        assert!(applied["created"].as_i64().unwrap() > 0, "{applied}");
    });
}

/// Every place in a document, as JSON pointers.
fn places(value: &Value, place: &str, found: &mut Vec<String>) {
    found.push(place.to_owned());
    match value {
        Value::Object(keys) => keys
            .iter()
            .for_each(|(key, value)| places(value, &format!("{place}/{key}"), found)),
        Value::Array(values) => values
            .iter()
            .enumerate()
            .for_each(|(at, value)| places(value, &format!("{place}/{at}"), found)),
        _ => {}
    }
}

/// The document with something else at one place.
fn with(document: &Value, place: &str, value: Value) -> Value {
    let mut changed = document.clone();
    *changed.pointer_mut(place).unwrap() = value;
    changed
}

/// Every way in which one place of the document can be of another kind, lack a key or have one that
/// nobody knows, each with what it is.
fn mutations(document: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    places(document, "", &mut found);
    let mut mutations = Vec::new();
    for place in found {
        for other in [
            json!(null),
            json!(true),
            json!("text"),
            json!(1.5),
            json!(2),
            json!(99_999_999_999_999_999_999_f64),
            json!({}),
            json!([]),
            json!([1]),
        ] {
            let name = format!("{other} at {place}");
            mutations.push((name, with(document, &place, other)));
        }
        let Some(keys) = document.pointer(&place).unwrap().as_object() else {
            continue;
        };
        let mut more = keys.clone();
        more.insert("unheard_of".to_owned(), json!(null));
        mutations.push((
            format!("one more key in {place}"),
            with(document, &place, more.into()),
        ));
        for key in keys.keys() {
            let mut fewer = keys.clone();
            fewer.remove(key);
            mutations.push((
                format!("no {key} in {place}"),
                with(document, &place, fewer.into()),
            ));
        }
    }
    mutations
}

/// Compares the schema with what reading says about every mutation; returns how many are accepted
/// and how many refused.
fn compare(
    schema: &Validator,
    document: &Value,
    read: impl Fn(&[u8]) -> Result<(), String>,
) -> (usize, usize) {
    let (mut accepted, mut refused) = (0, 0);
    for (name, mutation) in mutations(document) {
        match read(mutation.to_string().as_bytes()) {
            Ok(()) => {
                assert!(schema.is_valid(&mutation), "{name} is read");
                accepted += 1;
            }
            // What rows say of each other is beyond a schema.
            Err(error) if error.contains("is not in presets") => {}
            Err(error) => {
                assert!(!schema.is_valid(&mutation), "{name}: {error}");
                refused += 1;
            }
        }
    }
    (accepted, refused)
}

/// A snapshot and its plan with something of everything.
fn documents() -> (Value, Value) {
    let database = sqlite();
    set_every_scene(&database);
    (read("snapshot", &database), read("plan", &database))
}

fn reads_snapshot(bytes: &[u8]) -> Result<(), String> {
    let result = read_snapshot(bytes);
    result.map(drop).map_err(|error| error.to_string())
}

fn reads_plan(bytes: &[u8]) -> Result<(), String> {
    let result = read_plan(bytes);
    result.map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_schema_refuses_what_reading_refuses_and_nothing_else() {
    let (snapshot, plan) = documents();
    for (name, document, read) in [
        ("snapshot", snapshot, reads_snapshot as fn(&[u8]) -> _),
        ("plan", plan, reads_plan),
    ] {
        let (accepted, refused) = compare(&schema(name), &document, read);
        assert!(accepted > 100, "{name}: {accepted} of {refused}");
        assert!(refused > 1_000, "{name}: {refused} of {accepted}");
    }
}

#[test]
fn another_version_and_a_negative_count_are_refused_by_both() {
    let (snapshot, plan) = documents();
    let (snapshots, plans) = (schema("snapshot"), schema("plan"));
    for (place, value) in [
        ("/version", json!(0)),
        ("/version", json!("1")),
        ("/taken_at", json!("2026-03-04")),
        ("/taken_at", json!("2026-03-04T12:00:00")),
        ("/presets/0/id", json!("11111111-1111-4111-8111")),
        ("/in_progress/0/count", json!(-1)),
        ("/pending/0/count", json!(-1)),
        ("/backoffs/0/num_failed", json!(-1)),
    ] {
        let document = with(&snapshot, place, value);
        assert!(
            reads_snapshot(document.to_string().as_bytes()).is_err(),
            "{place}"
        );
        assert!(!snapshots.is_valid(&document), "{place}");
    }
    let twice = ["11111111-1111-4111-8111-111111111111"; 2];
    for actions in [
        json!([{ "action": "create", "count": -1, "blocked_by": null }]),
        json!([{ "action": "create", "count": 1, "blocked_by": "weather" }]),
        json!([{ "action": "cancel_pending", "count": -1 }]),
        json!([{ "action": "backoff", "until": "2026-03-04T12:00:00Z", "failed": -1 }]),
        json!([{ "action": "delete", "reason": "expired", "workspace_ids": twice }]),
        json!([{ "action": "delete", "reason": "boredom", "workspace_ids": [] }]),
        json!([{ "action": "explode" }]),
    ] {
        let document = with(&plan, "/presets/0/actions", actions.clone());
        assert!(
            reads_plan(document.to_string().as_bytes()).is_err(),
            "{actions}"
        );
        assert!(!plans.is_valid(&document), "{actions}");
    }
}

#[test]
fn a_snapshot_without_its_optional_keys_is_accepted_by_both() {
    let id = "11111111-1111-4111-8111-111111111111";
    let time = "2026-03-04T13:30:00.5+01:30";
    let schema = schema("snapshot");
    for document in [
        json!({ "version": 1, "taken_at": time }),
        json!({
            "version": 1, "taken_at": time,
            "presets": [{
                "id": id, "name": "", "organization_id": id, "organization_name": "",
                "template_id": id, "template_name": "", "template_version_id": id,
                "template_version_name": "", "using_active_version": false,
                "desired_instances": -5,
            }],
            "running": [{
                "id": id, "name": "", "template_id": id, "template_version_id": id,
                "ready": false, "created_at": time,
            }],
            "in_progress": [{
                "template_id": id, "template_version_id": id, "transition": "stop", "count": 0,
            }],
        }),
        json!({
            "version": 1, "taken_at": time,
            "leftovers": [{ "id": id, "name": "", "template_id": id, "created_at": time }],
        }),
    ] {
        assert_eq!(reads_snapshot(document.to_string().as_bytes()), Ok(()));
        assert_fits(&schema, &document);
    }
}

#[test]
fn a_schema_is_asked_for_by_name() {
    for document in ["snapshot", "plan", "report"] {
        let schema = prebuildctl(["schema", document]).run().json();
        let draft = "https://json-schema.org/draft/2020-12/schema";
        assert_eq!(schema["$schema"], draft);
        assert_eq!(schema["properties"]["version"]["const"], 1);
        let title = schema["title"].as_str().unwrap();
        assert!(title.contains(document), "{title}");
    }
    let schema = prebuildctl(["schema", "render"]).run().json();
    let version = &schema["$defs"]["Rendering"]["properties"]["version"];
    assert_eq!(version["const"], 1);
    prebuildctl(["schema", "claim"]).run().expect_code(64);
    prebuildctl(["schema"]).run().expect_code(64);
}
