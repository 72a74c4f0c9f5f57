//! The sections of `plan --explain`: the numbers of each preset in words.
//!
//! Decides nothing: every sentence follows from a snapshot, its plan and the [`Background`] that no
//! snapshot holds. What is not known is called unknown.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::actions::reason::steps;
use crate::actions::schedule::Calendar;
use crate::actions::state::{Rows, is_expired, last_unexpired};
use crate::actions::timetable::next_change;
use crate::model::rendering::Rendering;
use crate::model::text::{plural, printable, span, time};
use crate::model::{
    Action, Block, Leftover, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, Time,
};
use crate::render;
use crate::render::plan::{HEADINGS, row, totals};
use crate::render::snapshot::{count_leftovers, leftovers_by_preset};
use crate::render::table::Grid;
use crate::render::timetable::local;
use crate::render::warnings::severity;
use crate::render::{NO_POOLS, PresetNames, View, is_idle, listed};
use crate::store::{FailedBuild, LockHolder};

/// How far ahead to look for the next change of the desired number.
const AHEAD: TimeDelta = TimeDelta::days(366);
/// Characters of an error that are shown: enough for a sentence.
const ERROR_LENGTH: usize = 300;

/// What is known besides a snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Background {
    /// Failed builds, the newest of each preset first; none without a database.
    pub failures: Option<Vec<FailedBuild>>,
    pub lock: Lock,
    /// What builds get, by preset, for those in use.
    pub builds: BTreeMap<Uuid, Builds>,
}

/// What the builds of a preset get.
#[derive(Clone, Debug)]
pub(crate) struct Builds {
    /// Of a prebuilt workspace.
    pub first: Rendering,
    pub claim: Option<Claim>,
}

/// A claim of one person.
#[derive(Clone, Debug)]
pub(crate) struct Claim {
    pub user: String,
    /// None where the person is no member of the organization.
    pub build: Option<Rendering>,
}

/// The reconciliation lock and its holder.
#[derive(Clone, Debug, Default)]
pub(crate) enum Lock {
    /// There is no database.
    #[default]
    Unknown,
    /// The database doesn't report holders.
    Unreported,
    Free,
    Held {
        by: LockHolder,
        /// The start of the holder's session or transaction, if this role may see it.
        since: Option<Time>,
    },
}

/// A section for each preset, then the lock and the totals; programs get the table of `plan`. `plan` is the
/// snapshot's own.
pub(crate) fn sections(
    snapshot: &Snapshot,
    plan: &Plan,
    background: &Background,
    mut shown: render::Rows,
) -> View {
    if plan.presets.is_empty() {
        return View::of(NO_POOLS);
    }
    let names = PresetNames::of(plan.presets.iter().map(|it| &it.preset));
    let leftovers = leftovers_by_preset(snapshot);
    let mut view = View::default();
    let mut grid = Grid::new(&HEADINGS);
    let presets = snapshot.presets.iter().zip(Rows::by_preset(snapshot));
    for ((preset, rows), entry) in presets.zip(&plan.presets) {
        let leftovers = leftovers.get(&preset.id).map_or(&[][..], Vec::as_slice);
        let is_out_of_use = !entry.preset.using_active_version;
        let is_gone = is_out_of_use && is_idle(entry) && leftovers.is_empty();
        if !shown.has(preset.id, is_gone, !entry.actions.is_empty()) {
            continue;
        }
        let section = Section {
            preset,
            rows,
            entry,
            leftovers,
            now: plan.planned_at,
            paused: plan.reconciliation_paused,
            background,
        };
        view.heading(names.name(&entry.preset));
        view.labelled(section.lines());
        view.gap();
        grid.row(row(entry, &names, &shown));
    }
    view.record(grid);
    let mut last = shown.note();
    last.push_str(&match &background.lock {
        Lock::Unknown => {
            "A saved snapshot doesn't record who holds the reconciliation lock.\n".to_owned()
        }
        Lock::Unreported => "SQLite doesn't report who holds its lock.\n".to_owned(),
        Lock::Free => "The reconciliation lock is free.\n".to_owned(),
        Lock::Held { by, since } => {
            format!("The reconciliation lock {}.\n", held(by, since.as_ref()))
        }
    });
    last.push_str(&totals(plan));
    view.lines(last);
    view
}

/// `made-1 at 2026-03-04 12:00:00 UTC: exit status 1`, in one line and shortened.
pub(crate) fn failure(build: &FailedBuild) -> String {
    let error: Vec<&str> = build.error.split_whitespace().collect();
    let error = error.join(" ");
    let mut short: String = error.chars().take(ERROR_LENGTH).collect();
    if short.len() < error.len() {
        short.push_str("...");
    }
    if short.is_empty() {
        short.push_str("no error text");
    }
    let name = printable(&build.workspace_name);
    format!("{name} at {}: {}", time(&build.at), printable(&short))
}

fn hindrance(what: &str, block: Block) -> String {
    format!("{what}: {}; {}", block.cause(), block.remedy())
}

fn held(by: &LockHolder, since: Option<&Time>) -> String {
    let since = since.map_or_else(String::new, |since| format!(" since {}", time(since)));
    format!("is held by {}{since}", holder(by))
}

/// `coderd (pid 4711)`.
pub(crate) fn holder(session: &LockHolder) -> String {
    let name = match session.application.as_str() {
        "" => "a session without a name".to_owned(),
        name => printable(name),
    };
    format!("{name} (pid {})", session.pid)
}

/// Everything known about one preset.
struct Section<'a> {
    preset: &'a Preset,
    rows: Rows<'a>,
    entry: &'a PresetPlan,
    leftovers: &'a [&'a Leftover],
    now: Time,
    paused: bool,
    background: &'a Background,
}

impl Section<'_> {
    /// Labels and sentences, each following from those before it.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![
            ("desired", self.desired()),
            ("running", self.running()),
            ("in progress", self.in_progress()),
        ];
        lines.extend(self.builds());
        lines.extend(self.hindrances().into_iter().map(|it| ("held up by", it)));
        lines.extend(self.failures().into_iter().map(|it| ("failures", it)));
        let mut leftovers = count_leftovers(self.leftovers.iter().copied());
        if !leftovers.is_empty() {
            leftovers.push_str(": kept as evidence, not counted in the pool");
        }
        lines.extend([("leftovers", leftovers), ("next", self.next())]);
        for found in &self.entry.diagnostics {
            let message = printable(&found.message);
            lines.push((
                severity(found.severity),
                format!("{message} [{}]", found.code),
            ));
        }
        lines.retain(|(_, sentence)| !sentence.is_empty());
        lines
    }

    fn desired(&self) -> String {
        let preset = self.preset;
        if !preset.is_active() {
            let cause = if preset.deleted {
                "its template is deleted".to_owned()
            } else if preset.deprecated {
                "its template is deprecated".to_owned()
            } else {
                let version = printable(&preset.template_version_name);
                format!("version {version} is not the template's active one")
            };
            return format!("nothing, because {cause}");
        }
        let calendar = Calendar::new(preset, &self.rows.schedules);
        let by = |at: Time| {
            let desired = calendar.desired(at);
            if calendar.end_of_scale(at).is_some() {
                return format!("{}, as it is scaled", desired.count);
            }
            let source = desired.schedule.map_or_else(
                || "preset".to_owned(),
                |schedule| printable(&format!("schedule {:?}", schedule.cron_expression)),
            );
            format!("{}, set by the {source}", desired.count)
        };
        let now = by(self.now);
        let end = self.now.checked_add_signed(AHEAD).unwrap_or(Time::MAX_UTC);
        match next_change(&calendar, self.now, end) {
            Some(change) => {
                let at = local(calendar.zone(), change);
                format!("{now}, until {at}; then {}", by(change))
            }
            None if calendar.is_constant() => format!("{now}, at all times"),
            None => format!("{now}, for at least a year"),
        }
    }

    fn running(&self) -> String {
        let all = &self.rows.running;
        let Some(oldest) = all.first() else {
            return "none".to_owned();
        };
        let (mut ready, mut unready, mut too_old, mut invalidated) = (0, 0, 0, 0);
        for workspace in all {
            if last_unexpired(self.preset, workspace).is_some_and(|last| self.now > last) {
                too_old += 1;
            } else if is_expired(self.preset, workspace, self.now) {
                invalidated += 1;
            } else if workspace.ready {
                ready += 1;
            } else {
                unready += 1;
            }
        }
        let ttl = self.preset.ttl_secs.and_then(TimeDelta::try_seconds);
        let ttl = ttl.map_or_else(String::new, |ttl| format!(" of {}", span(ttl)));
        let parts = listed(&[
            (ready, "ready to be claimed"),
            (unready, "not ready"),
            (too_old, &format!("expired by the ttl{ttl}")),
            (invalidated, "expired by an invalidation"),
            (self.entry.state.extraneous, "more than desired"),
        ]);
        let age = span(self.now.signed_duration_since(oldest.created_at));
        format!("{}: {parts}; the oldest is {age} old", all.len())
    }

    fn in_progress(&self) -> String {
        let state = &self.entry.state;
        listed(&[
            (state.starting, "starting"),
            (state.stopping, "stopping"),
            (state.deleting, "deleting"),
            (self.rows.pending, "pending on an inactive version"),
        ])
    }

    fn builds(&self) -> Vec<(&'static str, String)> {
        let Some(builds) = self.background.builds.get(&self.preset.id) else {
            return Vec::new();
        };
        let claim = builds.claim.as_ref().map(|claim| {
            let build = match &claim.build {
                Some(build) => contents(build),
                None => "refused: not a member of the organization".to_owned(),
            };
            let user = printable(&claim.user);
            ("claim", format!("by {user}: {build}"))
        });
        let first = ("build", contents(&builds.first));
        [first].into_iter().chain(claim).collect()
    }

    fn hindrances(&self) -> Vec<String> {
        let mut found = Vec::new();
        // First, since the end of a back-off doesn't end it.
        if self.preset.is_active() && self.entry.hard_limited {
            found.push(hindrance("the hard limit", Block::HardLimited));
        }
        for action in &self.entry.actions {
            if let Action::Backoff { until, failed } = action {
                found.push(format!(
                    "a back-off until {}, because {} failed recently",
                    time(until),
                    plural(*failed, "build")
                ));
            }
        }
        let status = self.preset.prebuild_status;
        if self.preset.is_active() && status == PrebuildStatus::ValidationFailed {
            found.push(hindrance("the failed validation", Block::ValidationFailed));
        }
        if !self.entry.actions.is_empty() {
            if self.paused {
                found.push("the pause of reconciliation".to_owned());
            }
            if let Lock::Held { by, since } = &self.background.lock {
                let held = held(by, since.as_ref());
                found.push(format!("the reconciliation lock, which {held}"));
            }
        }
        found
    }

    fn next(&self) -> String {
        match self.entry.actions.as_slice() {
            [Action::Backoff { until, .. }]
                if self.entry.hard_limited && self.preset.is_active() =>
            {
                format!(
                    "nothing until the back-off ends at {}; creating stays blocked until the template has \
                     a new version, or prebuildctl reset-limit",
                    time(until)
                )
            }
            [Action::Backoff { until, .. }] => {
                format!("nothing until the back-off ends at {}", time(until))
            }
            actions => printable(&steps(actions)),
        }
    }

    fn failures(&self) -> Vec<String> {
        let Some(known) = &self.background.failures else {
            let is_failed = |leftover: &&Leftover| leftover.kind() == "failed";
            let concerned = self.rows.backoff.is_some()
                || self.entry.hard_limited
                || self.leftovers.iter().any(is_failed);
            return if concerned {
                vec!["a saved snapshot doesn't contain their errors".to_owned()]
            } else {
                Vec::new()
            };
        };
        let known = known.iter().filter(|it| it.preset_id == self.preset.id);
        known.map(failure).collect()
    }
}

/// `region="us", size="large"; tags zone="eu"`, or why there is no such build.
fn contents(build: &Rendering) -> String {
    if !build.refused.is_empty() {
        return format!("refused: {}", printable(&build.refused.join("; ")));
    }
    let all = |values: Vec<String>, none: &str| match values.as_slice() {
        [] => none.to_owned(),
        values => values.join(", "),
    };
    let parameters = build.parameters.iter();
    let parameters = parameters.filter_map(|it| Some(pair(&it.name, it.value.as_ref()?)));
    let parameters = all(parameters.collect(), "no parameters");
    let tags = build.tags.iter().map(|(key, value)| pair(key, value));
    let tags = all(tags.collect(), "none");
    format!("{parameters}; tags {tags}")
}

fn pair(name: &str, value: &str) -> String {
    format!("{}={value:?}", printable(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_shown_in_one_short_line_that_no_terminal_acts_on() {
        let build = FailedBuild {
            preset_id: Uuid::nil(),
            workspace_name: "pre\u{1b}[1m".to_owned(),
            at: Time::UNIX_EPOCH,
            error: format!("line 1\n  line\t2 \u{9b}31m\u{202e} {}", "x".repeat(2000)),
        };
        let text = failure(&build);
        let start =
            "pre\\u{1b}[1m at 1970-01-01 00:00:00 UTC: line 1 line 2 \\u{9b}31m\\u{202e} xx";
        assert!(text.starts_with(start), "{text}");
        assert!(text.ends_with("x...") && text.len() < 400, "{text}");
        let silent = FailedBuild {
            error: " \n".to_owned(),
            ..build
        };
        assert!(failure(&silent).ends_with(": no error text"));
    }
}
