//! Timetables against plans of their steps.

use proptest::prelude::*;

use super::*;
use crate::actions::plan;
use crate::actions::testing::{
    TUNING, at, backoff, hard_limited, id, pending, preset, running, schedule, snapshot,
};
use crate::model::document::to_json;
use crate::model::{Action, PresetPlan, time};

fn span(from: &str, to: &str, step: TimeDelta) -> Span {
    Span::new(at(from), at(to), step).unwrap()
}

const MINUTE: TimeDelta = TimeDelta::minutes(1);

/// A preset in Berlin with 1 desired instance, and 5 during working hours.
fn working_hours() -> Snapshot {
    let mut preset = preset(1, 1);
    preset.scheduling_timezone = "Europe/Berlin".to_owned();
    let schedules = vec![schedule(10, &preset, "* 9-18 * * *", 5)];
    Snapshot {
        schedules,
        ..snapshot(vec![preset])
    }
}

fn only(snapshot: &Snapshot, span: &Span) -> PresetTimetable {
    let table = timetable(snapshot, &BackoffChanges::new(), &TUNING, span);
    let [preset] = <[_; 1]>::try_from(table.presets).unwrap();
    preset
}

/// Beginnings, desired instances and creates.
fn rows(preset: &PresetTimetable) -> Vec<(String, i64, i64)> {
    preset
        .entries
        .iter()
        .map(|entry| (time::format(&entry.from), entry.desired, entry.create))
        .collect()
}

#[test]
fn equal_neighbours_are_one_entry_and_summer_time_moves_the_hours() {
    let span = span("2026-03-28T00:00:00Z", "2026-03-30T00:00:00Z", MINUTE);
    let found = only(&working_hours(), &span);
    assert_eq!(
        rows(&found),
        [
            ("2026-03-28T00:00:00Z".to_owned(), 1, 1),
            ("2026-03-28T08:00:00Z".to_owned(), 5, 5),
            ("2026-03-28T18:00:00Z".to_owned(), 1, 1),
            ("2026-03-29T07:00:00Z".to_owned(), 5, 5),
            ("2026-03-29T17:00:00Z".to_owned(), 1, 1),
        ]
    );
    assert_eq!(found.timezone, Tz::Europe__Berlin);
    assert_eq!(found.entries[1].schedule, Some(id(10)));
    assert_eq!(found.entries[4].until, at("2026-03-30T00:00:00Z"));
}

#[test]
fn only_steps_are_looked_at() {
    // The first step within working hours is at half past ten.
    let span = span(
        "2026-03-04T06:30:00Z",
        "2026-03-04T23:00:00Z",
        TimeDelta::hours(3),
    );
    assert_eq!(
        rows(&only(&working_hours(), &span)),
        [
            ("2026-03-04T06:30:00Z".to_owned(), 1, 1),
            ("2026-03-04T09:30:00Z".to_owned(), 5, 5),
            ("2026-03-04T18:30:00Z".to_owned(), 1, 1),
        ]
    );
}

#[test]
fn workspaces_expire_on_the_way_and_a_back_off_ends() {
    let mut preset = preset(1, 2);
    preset.ttl_secs = Some(3600);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.running = vec![
        running(20, &preset, "2026-03-04T11:10:00Z"),
        running(21, &preset, "2026-03-04T11:30:30Z"),
    ];
    snapshot.backoffs = vec![backoff(&preset, 2, "2026-03-04T11:58:00Z")];
    let span = span("2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z", MINUTE);
    let found: Vec<_> = only(&snapshot, &span)
        .entries
        .into_iter()
        .map(|entry| {
            (
                time::format(&entry.from),
                entry.delete,
                entry.create,
                entry.backoff,
            )
        })
        .collect();
    // Both the last instant of a ttl and that of a back-off belong to it.
    assert_eq!(
        found,
        [
            ("2026-03-04T12:00:00Z".to_owned(), 0, 0, true),
            ("2026-03-04T12:01:00Z".to_owned(), 0, 0, false),
            ("2026-03-04T12:11:00Z".to_owned(), 1, 1, false),
            ("2026-03-04T12:31:00Z".to_owned(), 2, 2, false),
        ]
    );
}

#[test]
fn blocked_creates_and_builds_to_cancel_are_numbers_of_their_own() {
    let (limited, mut retired) = (preset(1, 3), preset(2, 3));
    retired.using_active_version = false;
    let mut snapshot = snapshot(vec![limited.clone(), retired.clone()]);
    snapshot.hard_limited = vec![hard_limited(&limited)];
    snapshot.pending = vec![pending(&retired, 4)];
    let span = span("2026-03-04T12:00:00Z", "2026-03-05T12:00:00Z", MINUTE);
    let table = timetable(&snapshot, &BackoffChanges::new(), &TUNING, &span);
    let [limited, retired] = [0, 1].map(|n| &table.presets[n].entries[..]);
    assert_eq!((limited.len(), retired.len()), (1, 1));
    assert_eq!((limited[0].create, limited[0].blocked), (0, 3));
    assert_eq!((retired[0].cancel_pending, retired[0].desired), (4, 0));
}

#[test]
fn failures_that_cease_to_count_end_a_back_off_earlier() {
    let preset = preset(1, 1);
    let mut snapshot = snapshot(vec![preset.clone()]);
    snapshot.backoffs = vec![backoff(&preset, 30, "2026-03-04T12:00:00Z")];
    let changes = BackoffChanges::from([(
        preset.id,
        vec![
            (
                at("2026-03-04T12:10:00Z"),
                Some(backoff(&preset, 20, "2026-03-04T12:00:00Z")),
            ),
            (at("2026-03-04T12:15:30Z"), None),
        ],
    )]);
    let span = span("2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z", MINUTE);
    let table = timetable(&snapshot, &changes, &TUNING, &span);
    let found: Vec<_> = table.presets[0]
        .entries
        .iter()
        .map(|entry| (time::format(&entry.from), entry.backoff))
        .collect();
    assert_eq!(
        found,
        [
            ("2026-03-04T12:00:00Z".to_owned(), true),
            ("2026-03-04T12:16:00Z".to_owned(), false),
        ]
    );
}

#[test]
fn errors_and_lints_of_schedules_are_shown_once() {
    let mut snapshot = working_hours();
    let preset = snapshot.presets[0].clone();
    snapshot.schedules = vec![schedule(10, &preset, "* 9,17 * * *", -1)];
    let span = span("2026-03-02T00:00:00Z", "2026-03-09T00:00:00Z", MINUTE);
    let codes = |snapshot: &Snapshot| -> Vec<String> {
        let diagnostics = only(snapshot, &span).diagnostics;
        diagnostics.into_iter().map(|it| it.code).collect()
    };
    assert_eq!(
        codes(&snapshot),
        ["negative_desired_instances", "list_for_range"]
    );
    snapshot.schedules[0].cron_expression = "0 9 * * *".to_owned();
    assert_eq!(codes(&snapshot), ["schedule_unparsable"]);
    snapshot.presets[0].deprecated = true;
    assert_eq!(codes(&snapshot), [""; 0]);
}

#[test]
fn the_next_change_is_where_another_schedule_holds() {
    let snapshot = working_hours();
    let schedules: Vec<_> = snapshot.schedules.iter().collect();
    let calendar = Calendar::new(&snapshot.presets[0], &schedules);
    let (now, later) = (at("2026-03-04T12:00:00Z"), at("2026-03-05T12:00:00Z"));
    assert_eq!(
        next_change(&calendar, now, later),
        Some(at("2026-03-04T18:00:00Z"))
    );
    assert_eq!(
        next_change(&calendar, now, at("2026-03-04T18:00:00Z")),
        None
    );
    let never = Calendar::new(&snapshot.presets[0], &[]);
    assert_eq!(next_change(&never, now, later), None);
}

#[test]
fn spans_that_make_no_sense_are_refused() {
    let from = at("2026-03-04T12:00:00Z");
    let week = from + TimeDelta::days(7);
    assert!(Span::new(from, week, MINUTE).is_ok());
    for (to, step, part) in [
        (from, MINUTE, "ends before it begins"),
        (from - MINUTE, MINUTE, "ends before it begins"),
        (from + TimeDelta::days(367), MINUTE, "longer than 366 days"),
        (week, TimeDelta::zero(), "at least 1s"),
        (week, -MINUTE, "at least 1s"),
        (week, TimeDelta::milliseconds(1500), "whole seconds"),
        (week, TimeDelta::days(8), "longer than the timetable"),
    ] {
        let error = Span::new(from, to, step).unwrap_err();
        assert!(error.contains(part), "{error}");
    }
    let last = at("9999-12-31T00:00:00Z");
    let error = Span::new(last, last + TimeDelta::days(7), MINUTE).unwrap_err();
    assert!(error.contains("9999"), "{error}");
}

#[test]
fn the_document_has_version_1_and_names_the_zone() {
    let span = span("2026-03-04T12:00:00Z", "2026-03-04T13:00:00Z", MINUTE);
    let table = timetable(&working_hours(), &BackoffChanges::new(), &TUNING, &span);
    let json: serde_json::Value = serde_json::from_str(&to_json(&table)).unwrap();
    assert_eq!(json["version"], 1);
    assert_eq!(
        (json["from"].as_str(), json["step_secs"].as_i64()),
        (Some("2026-03-04T12:00:00Z"), Some(60))
    );
    assert_eq!(
        json["presets"][0]["entries"],
        serde_json::json!([{
            "from": "2026-03-04T12:00:00Z", "until": "2026-03-04T13:00:00Z", "desired": 5,
            "schedule": id(10), "create": 5, "delete": 0, "cancel_pending": 0, "backoff": false,
            "blocked": 0,
        }])
    );
    assert_eq!(json["presets"][0]["timezone"], "Europe/Berlin");
}

/// The first instant of a week that holds a change of the clocks, and its zone.
const WEEKS: [(&str, &str); 6] = [
    ("Europe/Berlin", "2026-03-26T10:20:00Z"),
    ("Europe/Berlin", "2026-10-22T10:20:30Z"),
    ("America/New_York", "2026-03-05T00:00:00Z"),
    ("America/New_York", "2026-10-29T00:00:00Z"),
    ("Australia/Lord_Howe", "2026-04-01T00:00:00Z"),
    ("Asia/Kathmandu", "2026-03-05T00:00:17Z"),
];

fn a_schedule_text() -> impl Strategy<Value = String> {
    let hours = prop::sample::select(vec![
        "*", "0", "1", "1-2", "2", "3-8", "9-18", "9,17", "18-23", "22-6", "*/6", "25",
    ]);
    let days = prop::sample::select(vec!["*", "1-5", "0,6", "0", "sun", "7", "*/2"]);
    let dates = prop::sample::select(vec!["*", "*", "*", "29", "1-4", "25"]);
    let minute = prop::sample::select(vec!["*", "*", "*", "*", "0"]);
    (minute, hours, dates, days)
        .prop_map(|(minute, hour, date, day)| format!("{minute} {hour} {date} * {day}"))
}

fn a_week() -> impl Strategy<Value = (Snapshot, Time)> {
    (
        prop::sample::select(WEEKS.to_vec()),
        prop::collection::vec((a_schedule_text(), -1..6i64), 1..4),
        prop::collection::vec(-100_000..0i64, 0..5),
        prop::option::of(1..600_000i64),
        prop::option::of((0..2000i64, -3600..7200i64)),
        (prop::bool::weighted(0.9), prop::bool::weighted(0.2)),
    )
        .prop_map(
            |((zone, from), schedules, ages, ttl, failures, (active, limited))| {
                let from = at(from);
                let mut preset = preset(1, 2);
                preset.scheduling_timezone = zone.to_owned();
                preset.ttl_secs = ttl;
                preset.using_active_version = active;
                let time = |secs: i64| time::format(&(from + TimeDelta::seconds(secs)));
                let mut snapshot = snapshot(vec![preset.clone()]);
                snapshot.schedules = (10..)
                    .zip(&schedules)
                    .map(|(n, (cron, desired))| schedule(n, &preset, cron, *desired))
                    .collect();
                snapshot.running = (100..)
                    .zip(&ages)
                    .map(|(n, age)| running(n, &preset, &time(*age)))
                    .collect();
                snapshot.backoffs = failures
                    .iter()
                    .map(|(failed, when)| backoff(&preset, *failed, &time(*when)))
                    .collect();
                if limited {
                    snapshot.hard_limited = vec![hard_limited(&preset)];
                }
                (snapshot, from)
            },
        )
}

/// The numbers of a plan as an entry has them.
fn numbers(entry: &PresetPlan) -> [i64; 6] {
    let mut sums = [entry.state.desired, 0, 0, 0, 0, 0];
    for action in &entry.actions {
        match action {
            Action::Create {
                count,
                blocked_by: None,
            } => sums[1] += count,
            Action::Delete { workspace_ids, .. } => {
                sums[2] += i64::try_from(workspace_ids.len()).unwrap()
            }
            Action::CancelPending { count } => sums[3] += count,
            Action::Backoff { .. } => sums[4] = 1,
            Action::Create { count, .. } => sums[5] += count,
        }
    }
    sums
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(8))]

    #[test]
    fn a_timetable_agrees_with_the_plan_of_every_minute_of_a_week((snapshot, from) in a_week()) {
        let to = from + TimeDelta::days(7);
        let table = only(&snapshot, &Span::new(from, to, MINUTE).unwrap());
        let mut entries = table.entries.iter().peekable();
        let mut entry = entries.next().unwrap();
        prop_assert_eq!(entry.from, from);
        let mut now = from;
        while now < to {
            if let Some(next) = entries.next_if(|next| next.from == now) {
                prop_assert_eq!(entry.until, now);
                entry = next;
            }
            let planned = plan(&snapshot, &TUNING, now);
            let found = [
                entry.desired, entry.create, entry.delete, entry.cancel_pending,
                i64::from(entry.backoff), entry.blocked,
            ];
            prop_assert_eq!(found, numbers(&planned.presets[0]), "{}", now);
            for diagnostic in &planned.presets[0].diagnostics {
                prop_assert!(table.diagnostics.contains(diagnostic));
            }
            now += MINUTE;
        }
        prop_assert_eq!(entry.until, to);
        prop_assert!(entries.next().is_none());
        let differ = |pair: &[Period]| {
            let like_the_first = Period { from: pair[0].from, until: pair[0].until, ..pair[1].clone() };
            pair[0] != like_the_first
        };
        prop_assert!(table.entries.windows(2).all(differ));
    }
}
