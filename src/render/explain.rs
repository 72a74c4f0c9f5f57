//! The blocks of `plan --explain`: the numbers of each preset in words.
//!
//! Decides nothing: what is said follows from a snapshot, its plan and the [`Background`] that no
//! snapshot holds. What is not known is said to be unknown.

use std::collections::HashMap;

use chrono::TimeDelta;
use unicode_width::UnicodeWidthStr as _;
use uuid::Uuid;

use crate::actions::reason::steps;
use crate::actions::schedule::Calendar;
use crate::actions::state::{Rows, is_expired, last_unexpired};
use crate::actions::timetable::next_change;
use crate::model::text::{count, plural, printable, span, time};
use crate::model::{Action, Leftover, Plan, PrebuildStatus, Preset, PresetPlan, Snapshot, Time};
use crate::render::plan::{is_idle, totals};
use crate::render::snapshot::count_leftovers;
use crate::render::table::markdown;
use crate::render::timetable::local;
use crate::render::{PresetNames, TableStyle, below, heading, severity};
use crate::store::{FailedBuild, LockHolder};

/// How far ahead the next change of a wanted number is looked for.
const AHEAD: TimeDelta = TimeDelta::days(366);
/// Characters of an error that are shown: enough for the sentence that says what is wrong.
const ERROR_LENGTH: usize = 300;
/// Width of the labels.
const LABEL: usize = 12;

/// What is known besides a snapshot.
#[derive(Clone, Debug, Default)]
pub(crate) struct Background {
    /// Failed builds, the newest of each preset first; none when nobody could be asked.
    pub failures: Option<Vec<FailedBuild>>,
    /// The reconciliation lock.
    pub lock: Lock,
}

/// Who holds the reconciliation lock.
#[derive(Clone, Debug, Default)]
pub(crate) enum Lock {
    /// Nobody could be asked.
    #[default]
    Unknown,
    /// The database doesn't tell.
    Untold,
    /// Nobody.
    Free,
    /// A session.
    Held {
        by: LockHolder,
        /// Since when, or somewhat earlier.
        since: Option<Time>,
    },
}

/// A block for each preset, then the lock and the totals. `plan` is the snapshot's own.
pub(crate) fn blocks(
    snapshot: &Snapshot,
    plan: &Plan,
    background: &Background,
    style: TableStyle,
) -> String {
    if plan.presets.is_empty() {
        return "No preset has prebuilds configured: nothing to do.\n".to_owned();
    }
    let organizations = plan.presets.iter();
    let names = PresetNames::new(organizations.map(|it| it.preset.organization_name.as_str()));
    let mut leftovers: HashMap<Uuid, Vec<&Leftover>> = HashMap::new();
    for leftover in &snapshot.leftovers {
        if let Some(preset) = leftover.preset_id {
            leftovers.entry(preset).or_default().push(leftover);
        }
    }
    let mut text = String::new();
    let mut hidden = 0;
    let presets = snapshot.presets.iter().zip(Rows::by_preset(snapshot));
    for ((preset, rows), entry) in presets.zip(&plan.presets) {
        let leftovers = leftovers.get(&preset.id).map_or(&[][..], Vec::as_slice);
        if is_idle(entry) && leftovers.is_empty() && !style.all {
            hidden += 1;
            continue;
        }
        let block = Block {
            preset,
            rows,
            entry,
            leftovers,
            now: plan.planned_at,
            paused: plan.reconciliation_paused,
            background,
        };
        text.push_str(&heading(style, &names.name(&entry.preset)));
        for (label, sentence) in block.lines() {
            text.push_str(&line(label, &sentence, style));
        }
        text.push('\n');
    }
    let mut last = String::new();
    if hidden > 0 {
        let presets = plural(hidden, "preset");
        last.push_str(&format!(
            "Not shown: {presets} out of use and empty (-v shows all).\n"
        ));
    }
    last.push_str(&match &background.lock {
        Lock::Unknown => {
            "A saved snapshot doesn't tell whether somebody holds the reconciliation lock.\n"
                .to_owned()
        }
        Lock::Untold => "SQLite doesn't tell who holds its lock.\n".to_owned(),
        Lock::Free => "Nobody holds the reconciliation lock.\n".to_owned(),
        Lock::Held { by, since } => {
            format!("The reconciliation lock {}.\n", held(by, since.as_ref()))
        }
    });
    last.push_str(&totals(plan));
    text + &below(style, &last)
}

/// `made-1 at 2026-03-04 12:00:00 UTC: exit status 1`, in one line and not too long.
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

fn held(by: &LockHolder, since: Option<&Time>) -> String {
    let name = match by.application.as_str() {
        "" => "a session without a name".to_owned(),
        name => printable(name),
    };
    let since = since.map_or_else(String::new, |since| format!(" since {}", time(since)));
    format!("is held by {name} (pid {}){since}", by.pid)
}

/// What is known of one preset.
struct Block<'a> {
    preset: &'a Preset,
    rows: Rows<'a>,
    entry: &'a PresetPlan,
    leftovers: &'a [&'a Leftover],
    now: Time,
    paused: bool,
    background: &'a Background,
}

impl Block<'_> {
    /// Labels and sentences, in the order in which one follows from the others.
    fn lines(&self) -> Vec<(&'static str, String)> {
        let mut lines = vec![("wanted", self.wanted()), ("running", self.running())];
        let mut add = |label, sentences: Vec<String>| {
            lines.extend(sentences.into_iter().map(|sentence| (label, sentence)));
        };
        add("under way", self.under_way());
        add("in the way", self.in_the_way());
        add("failures", self.failures());
        if !self.leftovers.is_empty() {
            let what = count_leftovers(self.leftovers);
            add(
                "left over",
                vec![format!(
                    "{what}: no pool counts them, they are kept as evidence"
                )],
            );
        }
        add("follows", vec![self.follows()]);
        for found in &self.entry.diagnostics {
            let message = printable(&found.message);
            add(severity(found), vec![format!("{message} [{}]", found.code)]);
        }
        lines
    }

    fn wanted(&self) -> String {
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
            let source = desired.schedule.map_or_else(
                || "the preset's own number".to_owned(),
                |schedule| printable(&format!("by the schedule {:?}", schedule.cron_expression)),
            );
            format!("{}, {source}", desired.count)
        };
        let now = by(self.now);
        let end = self.now.checked_add_signed(AHEAD).unwrap_or(Time::MAX_UTC);
        match next_change(&calendar, self.now, end) {
            Some(change) => {
                let at = local(calendar.zone(), change);
                format!("{now}, until {at}; then {}", by(change))
            }
            None if calendar.is_constant() => format!("{now}, at all times"),
            None => format!("{now}, for a year at least"),
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
        let parts = [
            (ready, "ready to be claimed".to_owned()),
            (unready, "not ready".to_owned()),
            (too_old, format!("expired by the ttl{ttl}")),
            (invalidated, "expired by an invalidation".to_owned()),
            (self.entry.state.extraneous, "more than wanted".to_owned()),
        ];
        let parts: Vec<String> = parts
            .iter()
            .filter(|(number, _)| *number > 0)
            .map(|(number, what)| format!("{number} {what}"))
            .collect();
        let age = span(self.now.signed_duration_since(oldest.created_at));
        let (all, parts) = (count(all.len()), parts.join(", "));
        format!("{all}: {parts}; the oldest is {age} old")
    }

    fn under_way(&self) -> Vec<String> {
        let state = &self.entry.state;
        let parts: Vec<String> = [
            (state.starting, "starting"),
            (state.stopping, "stopping"),
            (state.deleting, "deleting"),
            (self.rows.pending, "waiting on an inactive version"),
        ]
        .iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, what)| format!("{number} {what}"))
        .collect();
        if parts.is_empty() {
            Vec::new()
        } else {
            vec![parts.join(", ")]
        }
    }

    fn in_the_way(&self) -> Vec<String> {
        let mut found = Vec::new();
        for action in &self.entry.actions {
            if let Action::Backoff { until, failed } = action {
                found.push(format!(
                    "a back-off until {}, because {} failed lately",
                    time(until),
                    plural(*failed, "build")
                ));
            }
        }
        let status = self.preset.prebuild_status;
        if self.preset.is_active() && self.entry.hard_limited {
            found.push(
                "the failure limit: the newest builds all failed, so nothing is created until \
                 somebody pushes a new template version or resets the limit"
                    .to_owned(),
            );
        }
        if self.preset.is_active() && status == PrebuildStatus::ValidationFailed {
            found.push(
                "the preset's parameters or tags are not valid; correct them in a new template \
                 version"
                    .to_owned(),
            );
        }
        if !self.entry.actions.is_empty() {
            if self.paused {
                found.push("reconciliation is paused".to_owned());
            }
            if let Lock::Held { by, since } = &self.background.lock {
                found.push(format!(
                    "the reconciliation lock {}",
                    held(by, since.as_ref())
                ));
            }
        }
        found
    }

    fn follows(&self) -> String {
        match self.entry.actions.as_slice() {
            [Action::Backoff { until, .. }] => {
                format!("nothing until the back-off has ended at {}", time(until))
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
                vec!["a saved snapshot doesn't hold their errors".to_owned()]
            } else {
                Vec::new()
            };
        };
        let known = known.iter().filter(|it| it.preset_id == self.preset.id);
        known.map(failure).collect()
    }
}

/// A label with its sentence, wrapped beside it.
fn line(label: &str, sentence: &str, style: TableStyle) -> String {
    if style.markdown {
        return format!("- {label}: {}\n", markdown(sentence));
    }
    let width = usize::from(style.width).saturating_sub(LABEL + 2).max(20);
    let mut text = String::new();
    for (n, part) in wrapped(sentence, width).iter().enumerate() {
        let label = if n == 0 { label } else { "" };
        text.push_str(&format!("  {label:LABEL$}{part}\n"));
    }
    text
}

/// Longest quotation that is kept in one line, so that a schedule can be copied from it.
const QUOTATION: usize = 40;

/// The parts of a text that stay in one line.
fn words(text: &str) -> Vec<&str> {
    let mut quoted = false;
    text.split(|c| {
        quoted ^= c == '"';
        c == ' ' && !quoted
    })
    .flat_map(|part| {
        let most = if part.len() > QUOTATION {
            usize::MAX
        } else {
            1
        };
        part.splitn(most, ' ')
    })
    .collect()
}

/// Breaks a text between its words. One that is wider than a line has a line for itself.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in words(text) {
        match lines.last_mut() {
            Some(last) if last.is_empty() => last.push_str(word),
            Some(last) if last.width() + 1 + word.width() <= width => {
                last.push(' ');
                last.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_short_quotations_stay_whole() {
        assert_eq!(
            wrapped("write \"* 9 * * *\" for it", 14),
            ["write", "\"* 9 * * *\"", "for it"]
        );
        assert_eq!(wrapped("a longlonglong b", 5), ["a", "longlonglong", "b"]);
        let open = format!("\" {}", "word ".repeat(20));
        assert!(wrapped(&open, 30).iter().all(|line| line.len() <= 30));
        assert_eq!(wrapped("", 5), [""]);
    }

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
