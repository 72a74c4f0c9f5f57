//! What happened to pools: passes and what they did, claims, pauses, and changes of condition.
//!
//! Plain data. Databases of our own keep what no other table tells; the rest follows from builds and jobs.

use std::collections::BTreeMap;

use serde::Serialize;
use uuid::Uuid;

use super::condition::Condition;
use super::names::{Scope, Selection};
use super::report::{ClaimedReport, PresetReport};
use super::text::{count, plural};
use super::{DueBuild, JobStatus, PREBUILDS_USER_ID, Time, Transition, time};

/// Characters of a message that are kept.
pub(crate) const MAX_MESSAGE: usize = 2000;

/// What can happen, beside the conditions of pools.
const EVENTS: [&str; 14] = [
    "apply",
    "build_failed",
    "claim",
    "delete",
    "pass",
    "pause",
    "promote",
    "remove_user",
    "resume",
    "retry",
    "scale",
    "start",
    "stop",
    "transfer",
];

/// The events of history, by name.
pub(crate) fn events() -> impl Iterator<Item = &'static str> {
    EVENTS
        .into_iter()
        .chain(Condition::ALL.map(Condition::label))
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct HistoryEntry {
    #[serde(with = "time")]
    pub at: Time,
    /// Such as `pass`, `claim`, `pause` or a pool's condition.
    pub event: String,
    /// Who did it; empty where nobody in particular did.
    pub actor: String,
    /// `organization/template/preset`; empty where it is about all pools.
    pub subject: String,
    pub message: String,
}

impl HistoryEntry {
    /// An entry whose message is cut where it is too long, without what no database holds.
    pub(crate) fn new(
        at: Time,
        event: &str,
        actor: &str,
        subject: impl Into<String>,
        message: &str,
    ) -> Self {
        let storable = |text: String| text.replace('\0', "\u{fffd}");
        Self {
            at,
            event: event.to_owned(),
            actor: storable(actor.to_owned()),
            subject: storable(subject.into()),
            message: storable(message.chars().take(MAX_MESSAGE).collect()),
        }
    }

    /// What a pass did, an entry for each preset and for each claimed workspace: those of which something has come, and
    /// those that only say what failed, as the next pass may again.
    pub(crate) fn of_pass(
        presets: &[PresetReport],
        claimed: &[ClaimedReport],
        at: Time,
        actor: &str,
    ) -> (Vec<Self>, Vec<Self>) {
        let entry = |preset: &PresetReport| {
            let mut words = done(
                preset.created.len(),
                preset.deleted.len(),
                preset.cancelled.len(),
            );
            let is_done = !words.is_empty();
            words.extend(
                preset
                    .error
                    .as_ref()
                    .map(|error| format!("failed: {error}")),
            );
            (!words.is_empty()).then(|| {
                let subject = preset.preset.to_string();
                let entry = Self::new(at, "pass", actor, subject, &words.join(", "));
                (is_done, entry)
            })
        };
        let of_claimed = |it: &ClaimedReport| {
            let DueBuild {
                owner_name, name, ..
            } = &it.due;
            let (event, what) = match it.due.transition {
                Transition::Start => ("start", "its schedule came round"),
                _ => ("stop", "its time was over"),
            };
            let message = match (&it.error, it.job_id) {
                (Some(error), _) => format!("{owner_name}/{name}: failed: {error}"),
                (None, Some(_)) => format!("{owner_name}/{name}: {what}"),
                (None, None) => return None,
            };
            let entry = Self::new(at, event, actor, it.subject.as_str(), &message);
            Some((it.error.is_none(), entry))
        };
        let presets = presets.iter().filter_map(entry);
        let entries = presets.chain(claimed.iter().filter_map(of_claimed));
        let (done, failed): (Vec<_>, Vec<_>) = entries.partition(|(is_done, _)| *is_done);
        let plain = |entries: Vec<(bool, Self)>| entries.into_iter().map(|(_, it)| it).collect();
        (plain(done), plain(failed))
    }

    /// Whether it is about what is selected. One that is about all pools is.
    pub(crate) fn is_about(&self, selection: &Selection) -> bool {
        let parts: Vec<&str> = self.subject.splitn(3, '/').collect();
        match parts.as_slice() {
            [organization, template, preset] => selection.admits(&Scope {
                organization,
                template,
                preset: Some((Uuid::nil(), preset)),
            }),
            _ => self.subject.is_empty(),
        }
    }
}

fn done(created: usize, deleted: usize, cancelled: usize) -> Vec<String> {
    let counts = [
        (created, "created"),
        (deleted, "deleted"),
        (cancelled, "cancelled"),
    ];
    let counts = counts.into_iter().filter(|(number, _)| *number > 0);
    counts
        .map(|(number, word)| format!("{word} {number}"))
        .collect()
}

/// A build that the prebuilds user asked for.
#[derive(Clone, Debug)]
pub(crate) struct PoolBuild {
    pub created_at: Time,
    pub transition: Transition,
    pub is_first: bool,
    pub organization_name: String,
    pub template_name: String,
    pub preset_name: Option<String>,
    pub workspace_name: String,
    pub job_status: JobStatus,
    pub completed_at: Option<Time>,
    pub error: Option<String>,
}

/// A build that handed a prebuilt workspace to a person.
#[derive(Clone, Debug)]
pub(crate) struct ClaimBuild {
    pub created_at: Time,
    pub owner_name: Option<String>,
    pub initiator_name: Option<String>,
    pub initiator_id: Uuid,
    pub organization_name: String,
    pub template_name: String,
    pub preset_name: Option<String>,
    pub workspace_name: String,
    pub job_status: JobStatus,
    pub error: Option<String>,
}

fn pool(organization: &str, template: &str, preset: Option<&String>) -> String {
    let preset = preset.map_or("-", String::as_str);
    format!("{organization}/{template}/{preset}")
}

/// The passes that these builds, in order of time, tell of: those of one instant belong to one pass.
pub(crate) fn passes(builds: &[PoolBuild]) -> Vec<HistoryEntry> {
    let mut passes: BTreeMap<(Time, String), [usize; 2]> = BTreeMap::new();
    for build in builds {
        let of = pool(
            &build.organization_name,
            &build.template_name,
            build.preset_name.as_ref(),
        );
        let [created, deleted] = passes.entry((build.created_at, of)).or_default();
        match build.transition {
            Transition::Start if build.is_first => *created += 1,
            Transition::Delete => *deleted += 1,
            _ => {}
        }
    }
    let entry = |((at, subject), [created, deleted]): ((Time, String), [usize; 2])| {
        let words = done(created, deleted, 0);
        (!words.is_empty())
            .then(|| HistoryEntry::new(at, "pass", "prebuilds", subject, &words.join(", ")))
    };
    passes.into_iter().filter_map(entry).collect()
}

/// The builds of pools that failed: an entry for all of a pool that failed for the same reason.
pub(crate) fn failures(builds: &[PoolBuild]) -> Vec<HistoryEntry> {
    let mut failures: BTreeMap<(String, String), (Time, Vec<&str>)> = BTreeMap::new();
    for build in builds {
        if build.job_status != JobStatus::Failed {
            continue;
        }
        let of = pool(
            &build.organization_name,
            &build.template_name,
            build.preset_name.as_ref(),
        );
        let error = build.error.clone().unwrap_or_default();
        let at = build.completed_at.unwrap_or(build.created_at);
        let (last, names) = failures.entry((of, error)).or_insert((at, Vec::new()));
        *last = (*last).max(at);
        names.push(&build.workspace_name);
    }
    let entry = |((subject, error), (at, names)): ((String, String), (Time, Vec<&str>))| {
        let builds = plural(count(names.len()), "build");
        let last = names.last().copied().unwrap_or_default();
        let message = format!("{builds} failed, the last one of {last}: {error}");
        HistoryEntry::new(at, "build_failed", "", subject, &message)
    };
    failures.into_iter().map(entry).collect()
}

/// The claims that these builds tell of.
pub(crate) fn claims(builds: &[ClaimBuild]) -> Vec<HistoryEntry> {
    let entry = |build: &ClaimBuild| {
        let of = pool(
            &build.organization_name,
            &build.template_name,
            build.preset_name.as_ref(),
        );
        let owner = build.owner_name.as_deref().unwrap_or("somebody");
        // Earlier releases of Coder let the prebuilds user ask.
        let by = build.initiator_name.as_deref();
        let by = by.filter(|_| build.initiator_id != PREBUILDS_USER_ID);
        let end = match build.job_status {
            JobStatus::Succeeded => String::new(),
            JobStatus::Failed => format!(
                "; its build failed: {}",
                build.error.as_deref().unwrap_or_default()
            ),
            JobStatus::Canceling | JobStatus::Canceled => "; its build was cancelled".to_owned(),
            _ => "; its build is not done".to_owned(),
        };
        let message = format!("{owner}/{}{end}", build.workspace_name);
        HistoryEntry::new(build.created_at, "claim", by.unwrap_or(owner), of, &message)
    };
    builds.iter().map(entry).collect()
}
