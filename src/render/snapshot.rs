//! The table of `snapshot`: a row per preset with what people look for first.

use std::collections::{BTreeMap, HashSet};

use comfy_table::Color;
use uuid::Uuid;

use crate::actions::health::{failed_build, failed_claimed};
use crate::model::text::{plural, printable, span, time};
use crate::model::{
    Action, Block, Leftover, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, State, Time,
};
use crate::render::table::{Cell, Grid, cell, number, plain};
use crate::render::{NO_POOLS, PresetNames, Rows, View, is_idle, listed};

const HEADINGS: [&str; 10] = [
    "@PRESET",
    "#DESIRED|DES",
    "#RUNNING|RUN",
    "#READY",
    "#STARTING|NEW",
    "#DELETING|DEL",
    "#EXPIRED|EXP",
    "NOTES",
    "+VERSION",
    "!+ID",
];

/// The table with its totals, and remarks below. `plan` is the snapshot's own.
pub(crate) fn view(snapshot: &Snapshot, plan: &Plan, mut shown: Rows) -> View {
    if snapshot.presets.is_empty()
        && snapshot.leftovers.is_empty()
        && snapshot.running.is_empty()
        && snapshot.claimed.is_empty()
    {
        return View::without_rows(&HEADINGS, NO_POOLS);
    }
    let leftovers = leftovers_by_preset(snapshot);
    let contacts = contacts_by_preset(snapshot);
    let names = PresetNames::of(plan.presets.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HEADINGS);
    let mut total = State::default();
    for (preset, entry) in snapshot.presets.iter().zip(&plan.presets) {
        let left = leftovers.get(&preset.id).map_or(&[][..], Vec::as_slice);
        add(&mut total, &entry.state);
        let is_gone = !preset.is_active() && is_idle(entry) && left.is_empty();
        if !shown.has(preset.id, is_gone, !entry.actions.is_empty()) {
            continue;
        }
        let contacts = contacts.get(&preset.id);
        let contacts = contacts.and_then(|it| it.note(snapshot));
        let now = snapshot.taken_at;
        let rest = |until: &Time| format!("for {}", span(until.signed_duration_since(now)));
        let (text, color) = notes(preset, entry, left, contacts.as_ref(), now, &rest);
        let until = |until: &Time| format!("until {}", time(until));
        let (whole, _) = notes(preset, entry, left, contacts.as_ref(), now, &until);
        let notes = cell(text, color).whole(whole);
        let mut row = row(names.cell(&entry.preset), &entry.state, notes);
        row.push(plain(printable(&preset.template_version_name)));
        row.push(plain(preset.id));
        grid.row(row);
    }
    let leftovers = plain(count_leftovers(&snapshot.leftovers));
    let mut totals = row(plain("TOTAL"), &total, leftovers);
    totals.extend([plain(""), plain("")]);
    grid.totals = Some(totals);
    let mut view = View::default();
    view.table(grid);
    view.lines(remarks(snapshot, &shown));
    view
}

fn row(name: Cell, state: &State, notes: Cell) -> Vec<Cell> {
    let short = state.eligible < state.desired;
    let color = if short { Color::Yellow } else { Color::Green };
    vec![
        name,
        plain(state.desired),
        plain(state.actual),
        cell(state.eligible, color),
        plain(state.starting),
        plain(state.deleting),
        number(state.expired, Color::Yellow),
        notes,
    ]
}

fn add(total: &mut State, state: &State) {
    let pairs = [
        (&mut total.desired, state.desired),
        (&mut total.actual, state.actual),
        (&mut total.eligible, state.eligible),
        (&mut total.starting, state.starting),
        (&mut total.deleting, state.deleting),
        (&mut total.expired, state.expired),
    ];
    for (sum, value) in pairs {
        *sum = sum.saturating_add(value);
    }
}

/// The leftovers of each preset that has any.
pub(super) fn leftovers_by_preset(snapshot: &Snapshot) -> BTreeMap<Uuid, Vec<&Leftover>> {
    let mut leftovers: BTreeMap<Uuid, Vec<&Leftover>> = BTreeMap::new();
    for leftover in &snapshot.leftovers {
        if let Some(preset) = leftover.preset_id {
            leftovers.entry(preset).or_default().push(leftover);
        }
    }
    leftovers
}

/// How many workspaces of a preset are ready, and how many of these are out of contact with an agent.
#[derive(Default)]
struct Contacts {
    ready: usize,
    silent: usize,
    /// The earliest last contact with the latter.
    since: Option<Time>,
}

impl Contacts {
    fn note(&self, snapshot: &Snapshot) -> Option<String> {
        let age = span(snapshot.taken_at.signed_duration_since(self.since?));
        let (silent, ready) = (self.silent, self.ready);
        Some(format!(
            "{silent} of {ready} ready out of contact, for up to {age}"
        ))
    }
}

fn contacts_by_preset(snapshot: &Snapshot) -> BTreeMap<Uuid, Contacts> {
    let mut contacts: BTreeMap<Uuid, Contacts> = BTreeMap::new();
    for workspace in snapshot.running.iter().filter(|workspace| workspace.ready) {
        let Some(preset) = workspace.preset_id else {
            continue;
        };
        let of_preset = contacts.entry(preset).or_default();
        of_preset.ready += 1;
        if let Some(since) = workspace.out_of_contact_since {
            of_preset.silent += 1;
            of_preset.since = Some(of_preset.since.map_or(since, |other| other.min(since)));
        }
    }
    contacts
}

/// What the numbers don't say; red where nothing is created any more. `rest` says how long a
/// back-off lasts.
fn notes(
    preset: &Preset,
    entry: &PresetPlan,
    leftovers: &[&Leftover],
    contacts: Option<&String>,
    now: Time,
    rest: &dyn Fn(&Time) -> String,
) -> (String, Color) {
    let mut notes = Vec::new();
    let mut color = Color::Yellow;
    if preset.deleted {
        notes.push("template deleted".to_owned());
    } else if preset.deprecated {
        notes.push("template deprecated".to_owned());
    }
    if entry.hard_limited {
        color = Color::Red;
        notes.push(format!("hard limited: {}", Block::HardLimited.cause()));
    }
    if preset.is_active() && preset.prebuild_status == PrebuildStatus::ValidationFailed {
        color = Color::Red;
        notes.push(format!(
            "validation failed: {}",
            Block::ValidationFailed.cause()
        ));
    }
    if let Some(scaled) = preset.scaled.as_ref().filter(|it| now < it.until) {
        notes.push(format!("scaled until {}", time(&scaled.until)));
    }
    for action in &entry.actions {
        if let Action::Backoff { until, failed } = action {
            let builds = plural(*failed, "failed build");
            notes.push(format!("backing off {} after {builds}", rest(until)));
        }
    }
    notes.extend(contacts.cloned());
    if !leftovers.is_empty() {
        notes.push(format!(
            "leftovers: {}",
            count_leftovers(leftovers.iter().copied())
        ));
    }
    if !entry.diagnostics.is_empty() {
        let problems = plural(entry.diagnostics.len(), "configuration problem");
        notes.push(format!("{problems}, see plan"));
    }
    (notes.join("; "), color)
}

/// `2 failed, 1 stopped`, the most frequent first.
pub(super) fn count_leftovers<'a>(leftovers: impl IntoIterator<Item = &'a Leftover>) -> String {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for leftover in leftovers {
        *counts.entry(leftover.kind()).or_default() += 1;
    }
    let mut counts: Vec<(i64, &str)> = counts
        .into_iter()
        .map(|(kind, count)| (count, kind))
        .collect();
    counts.sort_by_key(|(count, kind)| (-count, *kind));
    listed(&counts)
}

fn remarks(snapshot: &Snapshot, shown: &Rows) -> String {
    let mut text = shown.note();
    let known: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    let running = snapshot.running.iter().map(|it| (it.preset_id, &it.name));
    let leftovers = snapshot.leftovers.iter().map(|it| (it.preset_id, &it.name));
    let strays: Vec<&String> = running
        .chain(leftovers)
        .filter(|(preset, _)| preset.is_none_or(|id| !known.contains(&id)))
        .map(|(_, name)| name)
        .collect();
    if let Some(first) = strays.first() {
        let workspaces = plural(strays.len(), "prebuilt workspace");
        let example = printable(first);
        text.push_str(&format!(
            "Without a pool: {workspaces}, such as {example}: their preset has no prebuilds \
             configured.\n",
        ));
    }
    for workspace in failed_claimed(snapshot) {
        let (path, failure) = (workspace.path(), failed_build(workspace));
        text.push_str(&format!(
            "Claimed: {failure}; prebuildctl retry {}.\n",
            printable(&path)
        ));
    }
    if snapshot.reconciliation_paused {
        text.push_str("Reconciliation is paused: no pass changes anything.\n");
    }
    text
}
