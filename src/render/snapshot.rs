//! The table of `snapshot`: a row per preset with what people look for first.

use std::collections::BTreeMap;

use comfy_table::Color;
use uuid::Uuid;

use crate::model::text::{plural, printable, time};
use crate::model::{
    Action, Block, Leftover, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, State,
};
use crate::render::table::{Grid, number, plain};
use crate::render::{PresetNames, TableStyle, below};

const HEADINGS: [&str; 8] = [
    "PRESET",
    "#DESIRED",
    "#RUNNING",
    "#READY",
    "#STARTING",
    "#DELETING",
    "#EXPIRED",
    "NOTES",
];
/// The same for a narrow terminal.
const SHORT_HEADINGS: [&str; 8] = [
    "PRESET", "#WANT", "#RUN", "#READY", "#NEW", "#DEL", "#EXP", "NOTES",
];

/// The table with its totals, and what the table can't tell. `plan` is the snapshot's own, whose
/// numbers are shown.
pub(crate) fn table(snapshot: &Snapshot, plan: &Plan, style: TableStyle) -> String {
    if snapshot.presets.is_empty() && snapshot.leftovers.is_empty() && snapshot.running.is_empty() {
        return "No preset has prebuilds configured.\n".to_owned();
    }
    let leftovers = leftovers_by_preset(snapshot);
    let names = PresetNames::new(
        plan.presets
            .iter()
            .map(|e| e.preset.organization_name.as_str()),
    );
    let mut grid = Grid::new(
        style,
        if style.width < 100 {
            &SHORT_HEADINGS
        } else {
            &HEADINGS
        },
    );
    let mut total = State::default();
    let mut hidden = 0;
    for (preset, entry) in snapshot.presets.iter().zip(&plan.presets) {
        let left = leftovers
            .get(&preset.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        add(&mut total, &entry.state);
        if is_idle(preset, entry, left) && !style.all {
            hidden += 1;
            continue;
        }
        let notes = notes(preset, entry, left);
        let color = if notes.alarming {
            Color::Red
        } else {
            Color::Yellow
        };
        grid.row(
            [(names.name(&entry.preset), None)]
                .into_iter()
                .chain(numbers(&entry.state))
                .chain([(notes.text, Some(color))])
                .collect(),
        );
    }
    grid.row(
        [plain("TOTAL")]
            .into_iter()
            .chain(numbers(&total))
            .chain([plain(count_leftovers(
                &snapshot.leftovers.iter().collect::<Vec<_>>(),
            ))])
            .collect(),
    );
    let mut text = grid.finish();
    text.push_str(&below(style, &remarks(snapshot, hidden)));
    text
}

fn numbers(state: &State) -> [(String, Option<Color>); 6] {
    let short = state.eligible < state.desired;
    [
        plain(state.desired),
        plain(state.actual),
        (
            state.eligible.to_string(),
            Some(if short { Color::Yellow } else { Color::Green }),
        ),
        plain(state.starting),
        plain(state.deleting),
        number(state.expired, Color::Yellow),
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

/// A preset that is out of use and has nothing left: old versions keep theirs for ever.
pub(crate) fn is_idle(preset: &Preset, entry: &PresetPlan, leftovers: &[&Leftover]) -> bool {
    let busy = State {
        desired: 0,
        extraneous: 0,
        eligible: 0,
        ..entry.state
    } != State::default();
    !preset.is_active() && !busy && entry.actions.is_empty() && leftovers.is_empty()
}

fn leftovers_by_preset(snapshot: &Snapshot) -> BTreeMap<Uuid, Vec<&Leftover>> {
    let mut leftovers: BTreeMap<Uuid, Vec<&Leftover>> = BTreeMap::new();
    for leftover in &snapshot.leftovers {
        if let Some(preset) = leftover.preset_id {
            leftovers.entry(preset).or_default().push(leftover);
        }
    }
    leftovers
}

struct Notes {
    text: String,
    alarming: bool,
}

fn notes(preset: &Preset, entry: &PresetPlan, leftovers: &[&Leftover]) -> Notes {
    let mut notes = Vec::new();
    let mut alarming = false;
    if preset.deleted {
        notes.push("template deleted".to_owned());
    } else if preset.deprecated {
        notes.push("template deprecated".to_owned());
    }
    if entry.hard_limited {
        alarming = true;
        notes.push("hard limited: its newest builds all failed".to_owned());
    }
    let blocked = entry.actions.iter().any(|action| {
        matches!(
            action,
            Action::Create {
                blocked_by: Some(Block::ValidationFailed),
                ..
            }
        )
    });
    if blocked || (preset.is_active() && preset.prebuild_status == PrebuildStatus::ValidationFailed)
    {
        alarming = true;
        notes.push("validation failed: correct the preset in a new template version".to_owned());
    }
    for action in &entry.actions {
        if let Action::Backoff { until, failed } = action {
            let builds = plural(*failed, "failed build");
            notes.push(format!("backing off until {} after {builds}", time(until)));
        }
    }
    if !leftovers.is_empty() {
        notes.push(format!("left over: {}", count_leftovers(leftovers)));
    }
    if !entry.diagnostics.is_empty() {
        notes.push(format!(
            "{}, see plan",
            plural(entry.diagnostics.len(), "configuration problem")
        ));
    }
    Notes {
        text: notes.join("; "),
        alarming,
    }
}

/// `2 failed, 1 stopped`, the most frequent first.
pub(super) fn count_leftovers(leftovers: &[&Leftover]) -> String {
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for leftover in leftovers {
        *counts.entry(leftover.kind()).or_default() += 1;
    }
    let mut counts: Vec<(&str, i64)> = counts.into_iter().collect();
    counts.sort_by_key(|(kind, count)| (-count, *kind));
    let words: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    words.join(", ")
}

fn remarks(snapshot: &Snapshot, hidden: i64) -> String {
    let mut text = String::new();
    if hidden > 0 {
        let presets = plural(hidden, "preset");
        text.push_str(&format!(
            "Not shown: {presets} out of use and empty (-v shows all).\n"
        ));
    }
    let known = |preset: Option<Uuid>| {
        preset.is_some_and(|id| snapshot.presets.iter().any(|preset| preset.id == id))
    };
    let strays: Vec<&str> = snapshot
        .running
        .iter()
        .map(|workspace| (workspace.preset_id, workspace.name.as_str()))
        .chain(
            snapshot
                .leftovers
                .iter()
                .map(|leftover| (leftover.preset_id, leftover.name.as_str())),
        )
        .filter(|(preset, _)| !known(*preset))
        .map(|(_, name)| name)
        .collect();
    if let Some(first) = strays.first() {
        let example = printable(first);
        text.push_str(&format!(
            "Without a pool: {}, such as {example}: their preset has no prebuilds configured.\n",
            plural(strays.len(), "prebuilt workspace"),
        ));
    }
    if snapshot.reconciliation_paused {
        text.push_str("Reconciliation is paused: no pass changes anything.\n");
    }
    text
}
