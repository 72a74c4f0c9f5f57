//! What came of a pass, for people.

use comfy_table::Color;

use super::table::{Grid, number, plain};
use super::{PresetNames, TableStyle};
use crate::model::report::{PassOutcome, Report};
use crate::model::text::{count, plural, printable};

/// The report as a table and a sentence.
pub(crate) fn table(report: &Report, style: TableStyle) -> String {
    let sentence = match report.outcome {
        PassOutcome::Applied if report.wrote_anything() => "Applied".to_owned(),
        PassOutcome::Applied => "Nothing applied".to_owned(),
        PassOutcome::Partial => {
            let failed = report
                .presets
                .iter()
                .filter(|preset| preset.error.is_some())
                .count();
            format!("{failed} of {} presets failed", report.presets.len())
        }
        PassOutcome::NothingToDo => return format!("Nothing to do.{}\n", remarks(report)),
        PassOutcome::Locked => {
            return "Another process holds the lock: nothing done.\n".to_owned();
        }
        PassOutcome::Paused => return "Reconciliation is paused: nothing done.\n".to_owned(),
    };
    let names = PresetNames::new(
        report
            .presets
            .iter()
            .map(|p| p.preset.organization_name.as_str()),
    );
    let mut grid = Grid::new(
        style,
        &["PRESET", "#CREATED", "#DELETED", "#CANCELLED", "ERROR"],
    );
    for preset in &report.presets {
        grid.row(vec![
            plain(names.name(&preset.preset)),
            number(count(preset.created.len()), Color::Green),
            number(count(preset.deleted.len()), Color::Red),
            number(count(preset.cancelled.len()), Color::Red),
            (
                printable(preset.error.as_deref().unwrap_or("")),
                Some(Color::Red),
            ),
        ]);
    }
    format!(
        "{}{sentence}: {} created, {} deleted, {} cancelled in {} ms.{}\n",
        grid.finish(),
        report.created,
        report.deleted,
        report.cancelled,
        report.elapsed_ms,
        remarks(report)
    )
}

fn remarks(report: &Report) -> String {
    let mut text = String::new();
    if report.lost_races > 0 {
        let steps = plural(report.lost_races, "step");
        text.push_str(&format!(
            " {steps} no longer applied; the next pass sees to it."
        ));
    }
    if report.backing_off > 0 {
        let presets = plural(report.backing_off, "preset");
        text.push_str(&format!(" {presets} backing off."));
    }
    if report.blocked > 0 {
        let creates = plural(report.blocked, "create");
        text.push_str(&format!(" {creates} blocked; prebuildctl plan tells why."));
    }
    if report.deferred > 0 {
        let creates = plural(report.deferred, "create");
        text.push_str(&format!(" {creates} put off by --max-in-flight."));
    }
    text
}
