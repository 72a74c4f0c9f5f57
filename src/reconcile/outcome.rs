//! What came of the steps of a plan, gathered as the report says it: by preset, failures in the plan's
//! order, whatever the order in which steps were written.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::Unbuildable;
use crate::builds::deletion::not_rendered;
use crate::model::PresetPlan;
use crate::model::report::{ClaimedReport, PresetReport};
use crate::model::text::count;
use crate::reconcile::steps::{Place, Step, Work};
use crate::store::Postings;

/// What came of a plan.
#[derive(Default)]
pub(super) struct Executed {
    /// Presets that had something to do, in the plan's order.
    pub presets: Vec<PresetReport>,
    /// Claimed workspaces of which a build was due.
    pub claimed: Vec<ClaimedReport>,
    /// Jobs to wake provisioners for once the transaction is committed.
    pub postings: Postings,
}

/// What came of a step.
#[derive(Default)]
pub(super) struct Done {
    /// Ids of what was created, deleted or cancelled.
    pub ids: Vec<Uuid>,
    /// Why something could not be done.
    pub problem: Option<String>,
    /// How many workspaces that concerns.
    pub undoable: usize,
    /// Why delete builds take over the values and tags of the last builds.
    pub carried_over: Vec<Unbuildable>,
}

impl Done {
    pub(super) fn all(ids: Vec<Uuid>) -> Self {
        Self {
            ids,
            ..Self::default()
        }
    }

    /// Notes one more that could not be done; the first one is named.
    pub(super) fn refuse(&mut self, problem: impl FnOnce() -> String) {
        self.undoable += 1;
        self.problem.get_or_insert_with(problem);
    }

    /// Says how many could not be done besides the one that is named.
    pub(super) fn count_others(&mut self, done: &str) {
        if let (Some(problem), 2..) = (&mut self.problem, self.undoable) {
            let others = self.undoable - 1;
            problem.push_str(&format!(" ({others} more can't be {done} either)"));
        }
    }
}

/// What came of the work so far.
pub(super) struct Outcome {
    reports: Vec<PresetReport>,
    /// What failed, in the order of the plan.
    pub problems: BTreeMap<Place, String>,
    /// Why delete builds of presets take over the values and tags of the last builds.
    carried_over: BTreeMap<usize, Vec<Unbuildable>>,
    pub postings: Postings,
}

impl Outcome {
    pub(super) fn new<'a>(work: impl Iterator<Item = &'a PresetPlan>) -> Self {
        Self {
            reports: work.map(PresetReport::untouched).collect(),
            problems: BTreeMap::new(),
            carried_over: BTreeMap::new(),
            postings: Postings::default(),
        }
    }

    pub(super) fn fail(&mut self, place: Place, problem: String) {
        self.problems.insert(place, problem);
    }

    /// Notes what came of a step.
    pub(super) fn add(&mut self, step: &Step<'_>, done: Done) {
        let Place(number, _) = step.place;
        if let Some(report) = self.reports.get_mut(number) {
            let found = done.ids.len() + done.undoable;
            report.lost_races += count(step.work.size().saturating_sub(found));
            let list = match &step.work {
                Work::Create(..) => &mut report.created,
                Work::Delete(..) => &mut report.deleted,
                Work::Cancel(_) => &mut report.cancelled,
            };
            list.extend(done.ids);
        }
        if !done.carried_over.is_empty() {
            let carried_over = self.carried_over.entry(number).or_default();
            carried_over.extend(done.carried_over);
        }
        if let Some(problem) = done.problem {
            self.fail(step.place, problem);
        }
    }

    pub(super) fn into_executed(mut self) -> Executed {
        for (Place(number, _), problem) in self.problems {
            if let Some(report) = self.reports.get_mut(number) {
                report.add_error(&problem);
            }
        }
        for (number, carried_over) in self.carried_over {
            if let Some(report) = self.reports.get_mut(number) {
                report.diagnostics.extend(not_rendered(carried_over));
            }
        }
        Executed {
            presets: self.reports,
            claimed: Vec::new(),
            postings: self.postings,
        }
    }
}
