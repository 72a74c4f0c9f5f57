//! The report of a pass: a row for each preset that had something to do, and a sentence.

use comfy_table::Color;

use super::table::{Grid, number, plain};
use super::{PresetNames, Show, TableStyle, below, diagnostic};
use crate::model::report::{PassOutcome, Report};
use crate::model::text::{plural, printable};

impl Show for Report {
    fn table(&self, style: TableStyle) -> String {
        let sentence = match self.outcome {
            PassOutcome::Applied if self.wrote_anything() => "Applied".to_owned(),
            PassOutcome::Applied => "Nothing applied".to_owned(),
            PassOutcome::Partial => {
                let failed = self.presets.iter().filter(|preset| preset.error.is_some());
                format!(
                    "{} of {} presets failed",
                    failed.count(),
                    self.presets.len()
                )
            }
            PassOutcome::NothingToDo => return format!("Nothing to do.{}\n", remarks(self)),
            PassOutcome::Locked => {
                return "Another process holds the lock: nothing done.\n".to_owned();
            }
            PassOutcome::Paused => return "Reconciliation is paused: nothing done.\n".to_owned(),
        };
        let names = PresetNames::of(self.presets.iter().map(|entry| &entry.preset));
        let headings = ["PRESET", "#CREATED", "#DELETED", "#CANCELLED", "ERROR"];
        let mut grid = Grid::new(style, &headings);
        for entry in &self.presets {
            grid.row(vec![
                plain(names.name(&entry.preset)),
                number(entry.created.len(), Color::Green),
                number(entry.deleted.len(), Color::Red),
                number(entry.cancelled.len(), Color::Red),
                (
                    printable(entry.error.as_deref().unwrap_or("")),
                    Some(Color::Red),
                ),
            ]);
        }
        let mut lines = String::new();
        for entry in &self.presets {
            let name = names.name(&entry.preset);
            lines.extend(entry.diagnostics.iter().map(|it| diagnostic(&name, it)));
        }
        format!(
            "{}{}{sentence}: {} created, {} deleted, {} cancelled in {} ms.{}\n",
            grid.finish(),
            below(style, &lines),
            self.created,
            self.deleted,
            self.cancelled,
            self.elapsed_ms,
            remarks(self)
        )
    }
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
    ];
    let remarks = remarks.into_iter().filter(|(count, ..)| *count > 0);
    remarks
        .map(|(count, noun, what)| format!(" {} {what}.", plural(count, noun)))
        .collect()
}
