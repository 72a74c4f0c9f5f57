//! Snapshot documents that are wrong, odd or huge.

use serde_json::{Value, json};

use super::{assert_error, document, plan_of};
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::id;

/// The document with one value put in, by JSON pointer.
fn with(pointer: &str, value: impl Into<Value>) -> String {
    let mut document = document();
    let (parent, key) = pointer.rsplit_once('/').unwrap();
    document.pointer_mut(parent).unwrap()[key] = value.into();
    document.to_string()
}

#[test]
fn a_document_that_is_none_is_refused_with_the_reason() {
    assert_eq!(
        plan_of(document().to_string()).json()["summary"]["create"],
        2
    );
    let whole = document().to_string();
    assert_error(&plan_of(""), 1, &["standard input", "empty"]);
    assert_error(&plan_of(" \n\t"), 1, &["empty"]);
    assert_error(
        &plan_of(&whole[..whole.len() / 2]),
        1,
        &["not valid JSON", "line 1"],
    );
    assert_error(&plan_of(&whole[..whole.len() - 1]), 1, &["not valid JSON"]);
    assert_error(
        &plan_of(format!("{whole} x")),
        1,
        &["not valid JSON", "trailing"],
    );
    assert_error(&plan_of(format!("{whole}{whole}")), 1, &["not valid JSON"]);
    assert_error(&plan_of(b"\xff\xfe\x00".to_vec()), 1, &["not valid JSON"]);
    assert_error(&plan_of("[]"), 1, &["top level"]);
    assert_error(&plan_of("null"), 1, &["top level"]);
    assert_error(&plan_of("{}"), 1, &["version"]);
}

#[test]
fn a_document_is_read_strictly_and_errors_name_the_key() {
    let first = "presets[0]";
    for (document, texts) in [
        (with("/version", 2), vec!["version", "2"]),
        (with("/version", "1"), vec!["version"]),
        (with("/extra", 1), vec!["unknown field `extra`"]),
        (
            with("/presets/0/extra", 1),
            vec![first, "unknown field `extra`"],
        ),
        (
            with("/presets/0/ttl_secs", "1"),
            vec!["presets[0].ttl_secs"],
        ),
        (
            with("/presets/0/ttl_secs", 1.5),
            vec!["presets[0].ttl_secs"],
        ),
        (with("/presets/0/id", "x"), vec!["presets[0].id"]),
        (
            with("/presets/0/desired_instances", Value::Null),
            vec!["presets[0].desired_instances"],
        ),
        (
            with("/presets/0/prebuild_status", "ill"),
            vec!["presets[0].prebuild_status", "ill"],
        ),
        (with("/taken_at", "yesterday"), vec!["taken_at"]),
        (with("/taken_at", "2026-03-04T12:00:00"), vec!["taken_at"]),
        (
            with("/pending", json!([{ "preset_id": id(), "count": -1 }])),
            vec!["pending[0].count"],
        ),
        (
            with(
                "/schedules",
                json!([{
                    "id": id(), "preset_id": id(), "cron_expression": "", "desired_instances": 1,
                }]),
            ),
            vec!["schedules[0].preset_id", "not in presets"],
        ),
    ] {
        assert_error(&plan_of(document.as_str()), 1, &texts);
        let dir = TestDir::new();
        let file = dir.write("snap\u{1b}shot.json", &document);
        let output = prebuildctl(["plan", "--snapshot"]).arg(file).run();
        assert_error(&output, 1, &texts);
        assert!(!output.stderr.contains('\u{1b}'), "{:?}", output.stderr);
    }
    let mut twice = document();
    let preset = twice["presets"][0].clone();
    twice["presets"].as_array_mut().unwrap().push(preset);
    assert_error(
        &plan_of(twice.to_string()),
        1,
        &["presets[1].id", "second time"],
    );
}

#[test]
fn negative_and_huge_counts_are_calculated_with() {
    for (desired, created) in [(-5, 0), (i64::MIN, 0), (0, 0), (i64::MAX, i64::MAX)] {
        let plan = plan_of(with("/presets/0/desired_instances", desired)).json();
        assert_eq!(plan["summary"]["create"], created, "{desired}");
    }
    // Sums stay within bounds as well.
    let mut huge = document();
    huge["presets"][0]["desired_instances"] = i64::MAX.into();
    let mut second = huge["presets"][0].clone();
    second["id"] = id().into();
    huge["presets"].as_array_mut().unwrap().push(second);
    let preset = &huge["presets"][0];
    let (template, version, preset) = (
        &preset["template_id"],
        &preset["template_version_id"],
        &preset["id"],
    );
    huge["in_progress"] = json!([{
        "template_id": template, "template_version_id": version, "preset_id": preset,
        "transition": "start", "count": i64::MAX,
    }]);
    let plan = plan_of(huge.to_string()).json();
    assert_eq!(plan["summary"]["create"], i64::MAX);
    // Times at the ends of the calendar.
    for time in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z"] {
        let mut document = document();
        document["taken_at"] = time.into();
        document["presets"][0]["ttl_secs"] = i64::MAX.into();
        let preset = document["presets"][0].clone();
        document["running"] = json!([{
            "id": id(), "name": "w", "template_id": preset["template_id"],
            "template_version_id": preset["template_version_id"], "preset_id": preset["id"],
            "ready": true, "created_at": "2026-03-04T12:00:00Z",
        }]);
        document["backoffs"] = json!([{
            "template_version_id": preset["template_version_id"], "preset_id": preset["id"],
            "num_failed": i64::MAX, "last_build_at": "9999-12-31T23:59:59Z",
        }]);
        let output = plan_of(document.to_string());
        assert!(matches!(output.code, 0 | 1), "{output:?}");
        assert!(!output.stderr.contains("panicked"), "{output:?}");
    }
}

#[test]
fn an_endlessly_nested_document_is_refused_without_reading_to_its_end() {
    let nested = vec![b'['; 100_000_000];
    assert_error(&plan_of(nested), 1, &[]);
    let mut hidden = br#"{"version": 1, "taken_at": "#.to_vec();
    hidden.extend(vec![b'['; 10_000_000]);
    assert_error(&plan_of(hidden), 1, &["taken_at"]);
}

#[test]
fn a_snapshot_file_that_can_not_be_read_is_named() {
    let dir = TestDir::new();
    let missing = prebuildctl(["plan", "--snapshot", "no-such-file"])
        .within(&dir)
        .run();
    assert_error(&missing, 1, &["no-such-file"]);
    let folder = prebuildctl(["plan", "--snapshot", "."]).within(&dir).run();
    assert_error(&folder, 1, &["folder"]);
    let unwritable = prebuildctl(["plan", "--snapshot=-", "--out=no/such/folder"])
        .within(&dir)
        .stdin(document().to_string())
        .run();
    assert_error(&unwritable, 1, &["no/such/folder"]);
}
