//! The report of a pass: a row for each preset that had something to do, and a sentence.

use comfy_table::Color;

use super::table::{Grid, number, plain, problem};
use super::warnings::warnings;
use super::{PresetNames, View};
use crate::model::Transition;
use crate::model::report::{ClaimedReport, PassOutcome, Report};
use crate::model::text::{plural, printable};

const HEADINGS: [&str; 6] = [
    "@PRESET",
    "#CREATED",
    "#DELETED",
    "#CANCELLED",
    "ERROR",
    "!+ID",
];

/// The table with sentences below it, and a line for each kind of diagnostic, or with `all` for each of them.
pub(crate) fn view(report: &Report, all: bool) -> View {
    let none = |sentence| View::without_rows(&HEADINGS, sentence);
    let sentence = match report.outcome {
        PassOutcome::Applied if report.wrote_anything() => "Applied".to_owned(),
        PassOutcome::Applied => "Nothing applied".to_owned(),
        PassOutcome::Partial => {
            let failed = report
                .presets
                .iter()
                .filter(|preset| preset.error.is_some());
            let failed = failed.count();
            match report.presets.len() {
                _ if failed == 0 => "A build of a claimed workspace failed".to_owned(),
                presets => format!("{failed} of {presets} presets failed"),
            }
        }
        PassOutcome::NothingToDo => {
            let waits = report.blocked > 0 || report.deferred > 0 || report.backing_off > 0;
            let begins = if waits {
                "Nothing done"
            } else {
                "Nothing to do"
            };
            return none(format!("{begins}.{}\n", remarks(report)));
        }
        PassOutcome::Locked => {
            return none("Another process holds the lock: nothing done.\n".to_owned());
        }
        PassOutcome::Paused => {
            return none("Reconciliation is paused: nothing done.\n".to_owned());
        }
    };
    let names = PresetNames::of(report.presets.iter().map(|entry| &entry.preset));
    let mut grid = Grid::new(&HEADINGS);
    for entry in &report.presets {
        grid.row(vec![
            names.cell(&entry.preset),
            number(entry.created.len(), Color::Green),
            number(entry.deleted.len(), Color::Red),
            number(entry.cancelled.len(), Color::Red),
            problem(entry.error.as_deref()),
            plain(entry.preset.id),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    let found = report.presets.iter().flat_map(|entry| {
        let of_preset = entry.diagnostics.iter();
        of_preset.map(|it| (names.name(&entry.preset), it))
    });
    view.warn(warnings(found, all));
    view.lines(report.claimed.iter().map(claimed).collect::<String>());
    view.lines(format!(
        "{sentence}: {} created, {} deleted, {} cancelled in {} ms.{}\n",
        report.created,
        report.deleted,
        report.cancelled,
        report.elapsed_ms,
        remarks(report)
    ));
    view
}

/// The line of a claimed workspace of which a build was due.
fn claimed(entry: &ClaimedReport) -> String {
    let verb = match entry.due.transition {
        Transition::Start => "start",
        _ => "stop",
    };
    let what = match (&entry.error, entry.job_id) {
        (Some(error), _) => format!("failed: {error}"),
        (None, Some(_)) => "queued".to_owned(),
        (None, None) => "left alone, because it changed".to_owned(),
    };
    let (owner, name) = (&entry.due.owner_name, &entry.due.name);
    printable(&format!("Claimed: {verb} {owner}/{name}: {what}.")) + "\n"
}

/// A sentence for each number that is not zero.
fn remarks(report: &Report) -> String {
    let remarks = [
        (
            report.lost_races,
            "step",
            "no longer applied; the next pass plans again",
        ),
        (report.backing_off, "preset", "backing off"),
        (
            report.blocked,
            "create",
            "blocked; prebuildctl plan shows why",
        ),
        (report.deferred, "create", "deferred by --max-in-flight"),
        (
            report.kept,
            "workspace",
            "of superseded versions kept until their replacements are ready",
        ),
    ];
    let remarks = remarks.into_iter().filter(|(count, ..)| *count > 0);
    remarks
        .map(|(count, noun, what)| format!(" {} {what}.", plural(count, noun)))
        .collect()
}
