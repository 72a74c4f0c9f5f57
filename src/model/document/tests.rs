//! What documents are accepted, and what is said about the others.

mod order_and_plans;
mod streams;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::testing::parse_mutated;
use crate::model::time;

const PRESET: &str = "11111111-1111-4111-8111-111111111111";
const OTHER: &str = "22222222-2222-4222-8222-222222222222";

fn preset() -> Value {
    json!({
        "id": PRESET, "name": "small",
        "organization_id": OTHER, "organization_name": "acme",
        "template_id": OTHER, "template_name": "docker",
        "template_version_id": OTHER, "template_version_name": "v1",
        "using_active_version": true, "desired_instances": 2,
    })
}

fn running() -> Value {
    json!({
        "id": OTHER, "name": "w", "template_id": OTHER, "template_version_id": OTHER,
        "ready": true, "created_at": "2026-03-04T12:00:00Z",
    })
}

fn leftover() -> Value {
    json!({ "id": OTHER, "name": "w", "template_id": OTHER, "created_at": "2026-03-04T12:00:00Z" })
}

fn schedule() -> Value {
    json!({
        "id": OTHER, "preset_id": PRESET, "cron_expression": "* * * * *", "desired_instances": -1,
    })
}

fn document() -> Value {
    json!({ "version": 1, "taken_at": "2026-03-04T12:00:00Z", "presets": [preset()] })
}

/// Reads the document with one key set.
fn with(key: &str, value: Value) -> Result<Snapshot, DocumentError> {
    let mut document = document();
    document[key] = value;
    read_snapshot(document.to_string().as_bytes())
}

/// The path and the problem of a refused document.
fn refused<T: fmt::Debug>(result: Result<T, DocumentError>) -> (String, String) {
    match result.unwrap_err() {
        DocumentError::Invalid { path, problem, .. } => (path, problem),
        other => panic!("{other:?}"),
    }
}

fn with_preset(key: &str, value: Value) -> Result<Snapshot, DocumentError> {
    let mut preset = preset();
    preset[key] = value;
    with("presets", json!([preset]))
}

#[test]
fn optional_keys_have_their_defaults() {
    let snapshot = with("reconciliation_paused", json!(false)).unwrap();
    assert!(!snapshot.reconciliation_paused && snapshot.running.is_empty());
    let preset = &snapshot.presets[0];
    assert_eq!(
        (preset.ttl_secs, preset.scheduling_timezone.as_str()),
        (None, "")
    );
    assert!(preset.is_active());
}

#[test]
fn an_empty_document_has_an_error_of_its_own() {
    for text in ["", " \r\n\t"] {
        assert_eq!(
            read_snapshot(text.as_bytes()).unwrap_err().to_string(),
            "the snapshot document is empty; write one with \
             `prebuildctl snapshot --format json`"
        );
    }
    assert_eq!(
        read_plan(b""),
        Err(DocumentError::Empty { kind: Kind::Plan })
    );
}

#[test]
fn a_document_cut_off_anywhere_is_refused_with_line_and_column() {
    let text = serde_json::to_string_pretty(&document()).unwrap();
    for end in 1..text.len() {
        let error = read_snapshot(&text.as_bytes()[..end]).unwrap_err();
        assert!(
            matches!(error, DocumentError::Syntax { .. }),
            "{end}: {error}"
        );
    }
    let error = read_snapshot(b"{\n  \"version\": 1,").unwrap_err();
    assert_eq!(
        error.to_string(),
        "the snapshot document is not valid JSON: EOF while parsing a value at line 2 column 15; \
         write it again with `prebuildctl snapshot --format json`"
    );
}

#[test]
fn nothing_may_follow_the_document() {
    let text = format!("{} {{}}", document());
    let error = read_snapshot(text.as_bytes()).unwrap_err().to_string();
    assert!(error.contains("trailing characters at line 1"), "{error}");
    assert!(read_snapshot(format!("{}\n\n", document()).as_bytes()).is_ok());
}

#[test]
fn bytes_that_are_no_text_are_refused() {
    assert!(read_snapshot(b"\xff\xfe{\x00}\x00").is_err());
    let mut text = document().to_string().into_bytes();
    let name = text.windows(5).position(|bytes| bytes == b"small").unwrap();
    text[name] = 0xff;
    assert!(matches!(
        read_snapshot(&text),
        Err(DocumentError::Syntax { .. })
    ));
}

#[test]
fn errors_name_the_path_of_the_key() {
    for (result, path, problem) in [
        (
            with("version", json!(2)),
            "version",
            "version 2 is not known",
        ),
        (
            with("version", json!("1")),
            "version",
            "invalid type: string \"1\"",
        ),
        (
            with("taken_at", json!("yesterday")),
            "taken_at",
            "not an RFC 3339 time",
        ),
        (
            with("taken_at", json!("2026-03-04T12:00:00")),
            "taken_at",
            "not an RFC 3339 time",
        ),
        (
            with("preset", json!([])),
            "preset",
            "unknown field `preset`",
        ),
        (
            with("presets", json!(null)),
            "presets",
            "invalid type: null",
        ),
        (
            with_preset("ttl_secs", json!("60")),
            "presets[0].ttl_secs",
            "invalid type: string",
        ),
        (
            with_preset("ttl_secs", json!(1.5)),
            "presets[0].ttl_secs",
            "invalid type: floating",
        ),
        (
            with_preset("ttl_secs", json!(1e300)),
            "presets[0].ttl_secs",
            "invalid type: floating",
        ),
        (
            with_preset("ttl_secs", json!(u64::MAX)),
            "presets[0].ttl_secs",
            "invalid value",
        ),
        (with_preset("id", json!("x")), "presets[0].id", "UUID"),
        (
            with_preset("ttl", json!(1)),
            "presets[0].ttl",
            "unknown field `ttl`",
        ),
        (
            with_preset("prebuild_status", json!("ill")),
            "presets[0].prebuild_status",
            "`ill`",
        ),
        (
            with("running", json!([{}])),
            "running[0]",
            "missing field `id`",
        ),
        (
            with("hard_limited", json!([[PRESET, OTHER]])),
            "line 1",
            "an array stands where",
        ),
    ] {
        let (found_path, found) = refused(result);
        assert_eq!(found_path, path, "{found}");
        assert!(found.contains(problem), "{problem:?} is not in {found:?}");
    }
    let (path, problem) = refused(read_snapshot(b"{}"));
    assert_eq!(
        (path.as_str(), problem.as_str()),
        ("top level", "missing field `version` (line 1)")
    );
}

#[test]
fn an_integer_beyond_64_bits_is_an_error() {
    let text = document().to_string().replace(
        "\"desired_instances\":2",
        "\"desired_instances\":99999999999999999999999",
    );
    let (path, _) = refused(read_snapshot(text.as_bytes()));
    assert_eq!(path, "presets[0].desired_instances");
}

#[test]
fn a_key_given_twice_is_refused() {
    let text = document()
        .to_string()
        .replace("\"version\":1", "\"version\":1,\"version\":1");
    assert!(
        refused(read_snapshot(text.as_bytes()))
            .1
            .contains("duplicate field `version`")
    );
}

#[test]
fn arrays_never_stand_for_objects() {
    for text in [
        "[]",
        "[1,\"2026-03-04T12:00:00Z\"]",
        " \n[1, \"2026-03-04T12:00:00Z\", false]",
    ] {
        assert!(read_snapshot(text.as_bytes()).is_err(), "{text}");
    }
    // Brackets and quotes within text are only text.
    assert!(with_preset("name", json!("a\"],[[\\")).is_ok());
}

#[test]
fn rows_must_not_contradict_each_other() {
    let twice = |row: Value| json!([row.clone(), row]);
    let limited = json!({ "template_version_id": OTHER, "preset_id": PRESET });
    let mut backoff = limited.clone();
    backoff["num_failed"] = json!(1);
    backoff["last_build_at"] = json!("2026-03-04T12:00:00Z");
    let pending = json!({ "preset_id": PRESET, "count": 1 });
    for (key, value, path) in [
        ("presets", twice(preset()), "presets[1].id"),
        ("schedules", twice(schedule()), "schedules[1].id"),
        ("running", twice(running()), "running[1].id"),
        ("leftovers", twice(leftover()), "leftovers[1].id"),
        ("pending", twice(pending), "pending[1].preset_id"),
        ("backoffs", twice(backoff), "backoffs[1].preset_id"),
        ("hard_limited", twice(limited), "hard_limited[1].preset_id"),
    ] {
        let (found, problem) = refused(with(key, value));
        assert_eq!(found, path);
        assert!(problem.contains("occurs a second time"), "{problem}");
    }
    let mut both = document();
    both["running"] = json!([running()]);
    both["leftovers"] = json!([leftover()]);
    let (path, _) = refused(read_snapshot(both.to_string().as_bytes()));
    assert_eq!(path, "leftovers[0].id");
}

#[test]
fn schedules_belong_to_presets_of_the_document_and_other_rows_need_not() {
    let mut stray = schedule();
    stray["preset_id"] = json!(OTHER);
    let (path, problem) = refused(with("schedules", json!([stray])));
    assert_eq!(path, "schedules[0].preset_id");
    assert_eq!(problem, format!("preset {OTHER} is not in presets"));

    let mut workspace = running();
    workspace["preset_id"] = json!(OTHER);
    assert!(with("running", json!([workspace])).is_ok());
    assert!(with("pending", json!([{ "preset_id": OTHER, "count": 1 }])).is_ok());
}

#[test]
fn counts_are_not_negative_and_wanted_numbers_may_be() {
    let builds = json!({
        "template_id": OTHER, "template_version_id": OTHER, "transition": "start", "count": -1,
    });
    assert_eq!(
        refused(with("in_progress", json!([builds]))).0,
        "in_progress[0].count"
    );
    let pending = json!({ "preset_id": PRESET, "count": -1 });
    assert_eq!(
        refused(with("pending", json!([pending]))).0,
        "pending[0].count"
    );
    let backoff = json!({
        "template_version_id": OTHER, "preset_id": PRESET, "num_failed": -1,
        "last_build_at": "2026-03-04T12:00:00Z",
    });
    assert_eq!(
        refused(with("backoffs", json!([backoff]))).0,
        "backoffs[0].num_failed"
    );
    assert!(with_preset("desired_instances", json!(-5)).is_ok());
    assert!(with_preset("ttl_secs", json!(-5)).is_ok());
    assert!(with("schedules", json!([schedule()])).is_ok());
}

#[test]
fn times_are_read_with_any_offset_and_written_in_utc_cut_to_the_microsecond() {
    let snapshot = with("taken_at", json!("2026-03-04T13:30:00.1234567+01:30")).unwrap();
    assert_eq!(
        time::format(&snapshot.taken_at),
        "2026-03-04T12:00:00.123456Z"
    );
    // The offset leads into the year 10000, which could not be written back.
    assert_eq!(
        refused(with("taken_at", json!("9999-12-31T23:59:59-01:00"))).0,
        "taken_at"
    );
    assert_eq!(
        refused(with("taken_at", json!("0000-01-01T00:00:00+01:00"))).0,
        "taken_at"
    );
}

#[test]
fn deep_nesting_neither_overflows_the_stack_nor_takes_long() {
    let deep = vec![b'['; 100_000_000];
    assert!(read_snapshot(&deep).is_err());
    for prefix in [
        "{\"presets\":",
        "{\"version\":1,\"x\":",
        "{\"presets\":[{\"id\":",
    ] {
        let text = [prefix.as_bytes(), &deep[..1_000_000]].concat();
        assert!(read_snapshot(&text).is_err());
        assert!(read_plan(&text).is_err());
    }
    let action = [
        &b"{\"presets\":[{\"actions\":[{\"x\":"[..],
        &deep[..1_000_000],
    ]
    .concat();
    assert!(read_plan(&action).is_err());
}

#[test]
fn errors_show_no_control_characters_and_stay_short() {
    let error = with(&format!("\u{1b}[2J\u{202e}{}", "x".repeat(9_999)), json!(1)).unwrap_err();
    let text = error.to_string();
    assert!(text.contains("\\u{1b}[2J\\u{202e}xxx"), "{text}");
    assert!(text.len() < 1_000 && !text.contains('\u{202e}'), "{text}");
}

#[test]
fn documents_that_are_changed_at_random_do_no_harm() {
    let snapshot = json!({
        "version": 1, "taken_at": "2026-03-04T12:00:00Z", "presets": [preset()], "running": [running()],
    });
    let actions = json!([{"action": "create", "count": 1, "blocked_by": null}]);
    let (snapshot, plan) = (
        snapshot.to_string(),
        order_and_plans::plan_document(&actions),
    );
    parse_mutated(&[snapshot.as_bytes(), plan.as_bytes()], |input| {
        let _read = read_snapshot(input);
        let _read = read_plan(input);
    });
}
