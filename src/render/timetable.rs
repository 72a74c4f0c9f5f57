//! The tables of `plan --from --to --step`: desired numbers and actions of each preset over time.
//!
//! Times are in the preset's zone, with their offset from UTC; changes of the clocks have rows of
//! their own.

use std::collections::{BTreeMap, HashMap};

use chrono::{DateTime, TimeDelta, Timelike as _};
use chrono_tz::Tz;
use comfy_table::Color;
use uuid::Uuid;

use crate::actions::timetable::{Period, PresetTimetable, Timetable};
use crate::actions::zone::{ClockChange, clock_changes};
use crate::model::text::{self, plural, printable, span};
use crate::model::{Snapshot, Time, time};
use crate::render::table::{Cell, Grid, cell, plain};
use crate::render::warnings::warning;
use crate::render::{NO_POOLS, PresetNames, Rows, View, Which};

/// A table for each preset, with the diagnostics of its schedules.
pub(crate) fn view(table: &Timetable, snapshot: &Snapshot, all: bool) -> View {
    if table.presets.is_empty() {
        return View::of(NO_POOLS);
    }
    let names = PresetNames::of(table.presets.iter().map(|it| &it.preset));
    let mut schedules = Schedules::default();
    for schedule in &snapshot.schedules {
        schedules
            .texts
            .insert(schedule.id, &schedule.cron_expression);
        *schedules.counts.entry(schedule.preset_id).or_default() += 1;
    }
    let mut changes: HashMap<Tz, Vec<ClockChange>> = HashMap::new();
    let mut view = View::default();
    let which = if all { Which::All } else { Which::InUse };
    let mut shown = Rows::new(which, BTreeMap::new());
    for (preset, of_preset) in snapshot.presets.iter().zip(&table.presets) {
        let is_gone = !preset.is_active() && of_preset.entries.iter().all(is_empty);
        if !shown.has(preset.id, is_gone, false) {
            continue;
        }
        let zone = of_preset.timezone;
        let changes = changes
            .entry(zone)
            .or_insert_with(|| clock_changes(zone, table.from, table.to));
        let name = names.name(&of_preset.preset);
        let number = match schedules.counts.get(&preset.id) {
            None => "no schedules".to_owned(),
            Some(number) => plural(*number, "schedule"),
        };
        view.heading(format!("{name}: {number}, times of {zone}"));
        view.table(rows(of_preset, changes, &schedules));
        let found = of_preset.diagnostics.iter();
        view.warn(found.map(|it| warning(&name, it)));
        view.gap();
    }
    view.lines(remarks(table, snapshot, &shown));
    view
}

/// The text of each schedule and the number of schedules of each preset.
#[derive(Default)]
struct Schedules<'a> {
    texts: HashMap<Uuid, &'a str>,
    counts: HashMap<Uuid, i64>,
}

/// Whether nothing is removed and no failed build delays creates.
fn is_empty(entry: &Period) -> bool {
    entry.delete == 0 && entry.cancel_pending == 0 && !entry.backoff
}

fn rows(of_preset: &PresetTimetable, changes: &[ClockChange], schedules: &Schedules<'_>) -> Grid {
    let headings = ["!FROM", "!UNTIL", "#DESIRED", "ACTIONS", "SCHEDULE"];
    let name = printable(&of_preset.preset.to_string());
    let mut grid = Grid::of("@PRESET", name, &headings);
    let mut changes = changes.iter().peekable();
    for entry in &of_preset.entries {
        while let Some(change) = changes.next_if(|change| change.at <= entry.from) {
            grid.row(change_row(of_preset.timezone, change));
        }
        grid.row(entry_row(of_preset.timezone, entry, schedules));
    }
    for change in changes {
        grid.row(change_row(of_preset.timezone, change));
    }
    grid
}

fn entry_row(zone: Tz, entry: &Period, schedules: &Schedules<'_>) -> Vec<Cell> {
    let schedule = entry.schedule.and_then(|id| schedules.texts.get(&id));
    vec![
        at(zone, entry.from),
        plain(until(zone, entry)).whole(time::format(&entry.until)),
        plain(entry.desired),
        actions(entry),
        plain(schedule.map_or_else(|| "-".to_owned(), |text| printable(text))),
    ]
}

fn change_row(zone: Tz, change: &ClockChange) -> Vec<Cell> {
    let by = change.after.local_minus_utc() - change.before.local_minus_utc();
    let way = if by > 0 { "forward" } else { "back" };
    let by = span(TimeDelta::seconds(i64::from(by.abs())));
    let note = format!("clocks {way} by {by}");
    vec![
        at(zone, change.at),
        plain(""),
        plain(""),
        cell(note, Color::Cyan),
        plain(""),
    ]
}

fn actions(entry: &Period) -> Cell {
    let mut words = Vec::new();
    let mut color = None;
    for (number, word, of_word) in [
        (entry.cancel_pending, "cancel", Color::Red),
        (entry.delete, "delete", Color::Red),
        (entry.create, "create", Color::Green),
        (entry.blocked, "blocked", Color::Yellow),
        (i64::from(entry.backoff), "back off", Color::Yellow),
    ] {
        if number > 0 {
            color = color.or(Some(of_word));
            words.push(match word {
                "back off" => word.to_owned(),
                "blocked" => format!("create {number} blocked"),
                _ => format!("{word} {number}"),
            });
        }
    }
    if words.is_empty() {
        plain("-")
    } else {
        cell(words.join(", "), color)
    }
}

/// The start of a row; for programs an instant in UTC.
fn at(zone: Tz, at: Time) -> Cell {
    plain(local(zone, at)).whole(time::format(&at))
}

/// `Sun 2026-03-29 09:00 +02:00`.
pub(super) fn local(zone: Tz, at: Time) -> String {
    let at = at.with_timezone(&zone);
    format!(
        "{} {} {}",
        at.format("%a %Y-%m-%d"),
        clock(&at),
        at.format("%:z")
    )
}

/// The end: with the day of the week if it is less than a week away, else with the date.
fn until(zone: Tz, entry: &Period) -> String {
    let (from, until) = (
        entry.from.with_timezone(&zone),
        entry.until.with_timezone(&zone),
    );
    let days = until.date_naive().signed_duration_since(from.date_naive());
    let date = if days < TimeDelta::days(7) {
        until.format("%a")
    } else {
        until.format("%Y-%m-%d")
    };
    format!("{date} {}", clock(&until))
}

/// The time of day, with seconds unless they are 0.
fn clock(at: &DateTime<Tz>) -> String {
    let format = if at.second() == 0 {
        "%H:%M"
    } else {
        "%H:%M:%S"
    };
    at.format(format).to_string()
}

fn remarks(table: &Timetable, snapshot: &Snapshot, shown: &Rows) -> String {
    let mut text = shown.note();
    let step = span(TimeDelta::seconds(table.step_secs));
    let presets = plural(table.presets.len(), "preset");
    let (from, to) = (text::time(&table.from), text::time(&table.to));
    text.push_str(&format!(
        "Timetable from {from} to {to} in steps of {step}; {presets} considered. Every step is \
         planned for the pools as they are.\n"
    ));
    if snapshot.reconciliation_paused {
        text.push_str("Reconciliation is paused: nothing is carried out until it is resumed.\n");
    }
    text
}
