//! One pass: lock, snapshot, plan, check, lock again, write, commit, notify.
//!
//! `reconcile-once` runs it once and `loop` again and again; neither does anything of its own. A
//! pass takes no input from the one before: it reads everything anew. Whatever ends it early, none
//! of it has happened.

mod build_writer;
mod executor;
mod lives;
mod outcome;
pub(crate) mod removal;
mod steps;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use anyhow::{Result, anyhow};
use chrono::TimeDelta;
use tokio::time::Instant;
use uuid::Uuid;

use crate::actions::limits::{self, Limits, OverLimit};
use crate::actions::stale::{self, Comparison};
use crate::actions::{self, check, condition, rollout};
use crate::error::Failure;
use crate::model::history::HistoryEntry;
use crate::model::names::{Selection, select};
use crate::model::report::{ClaimedReport, PassOutcome, PresetReport, Report};
use crate::model::settings::Tuning;
use crate::model::text::{count, first_few, printable};
use crate::model::{Plan, Snapshot, Time};
use crate::store::{Joined, Lacking, Pass, Store, StoreError};
use executor::Planned;
use outcome::Executed;

/// How far the clocks of host and server may differ for a pass: what is written goes by the second, and
/// time-outs and back-offs by the minute.
const CLOCK_BOUND: TimeDelta = TimeDelta::minutes(1);

/// How often a pass reads anew because another one came between its reading and its writing.
const MAX_ATTEMPTS: usize = 5;

/// Presets that the line of a pass names.
const NAMES: usize = 5;

#[derive(Clone, Debug)]
pub(crate) struct PassSettings {
    pub selection: Selection,
    pub tuning: Tuning,
    pub limits: Limits,
    /// A plan that was approved: it is carried out exactly, or nothing is.
    pub approved: Option<Plan>,
    /// Whether to run although this host's clock is wrong by the server's.
    pub any_clock: bool,
    /// Who runs passes, for the history.
    pub actor: String,
    pub wait_lock: Duration,
    /// How long a pass may take; none: as long as it takes.
    pub timeout: Option<Duration>,
}

/// Runs passes on one database.
pub(crate) struct Reconciler {
    pub store: Store,
    pub settings: PassSettings,
}

/// Called with the number of workspaces that are done, and of all that the plan changes.
pub(crate) type OnProgress<'a> = &'a mut dyn FnMut(u64, u64);

impl Reconciler {
    /// Runs one pass.
    pub(crate) async fn run_pass(&self, on_progress: OnProgress<'_>) -> Result<Report> {
        let started = Instant::now();
        let pass = self.run_until_done(on_progress);
        let mut report = match self.settings.timeout {
            None => pass.await?,
            Some(timeout) => tokio::time::timeout(timeout, pass).await.map_err(|_| {
                anyhow!(
                    "the pass was not done within {} and was given up; unless it was just committing, nothing was \
                     changed. Raise --timeout, or see with prebuildctl doctor what is slow",
                    humantime::format_duration(timeout)
                )
            })??,
        };
        report.elapsed_ms = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        log(&report);
        Ok(report)
    }

    async fn run_until_done(&self, on_progress: OnProgress<'_>) -> Result<Report> {
        let mut pass = self.store.open_pass().await?;
        if let Some(difference) = pass.clock_difference()
            && !self.settings.any_clock
        {
            refuse_wrong_clock(difference)?;
        }
        let result = self.run_until_first(&mut pass, on_progress).await;
        // Closing the session would undo it, too, but the server may get to that after this program has
        // ended, and until then another pass finds the lock taken.
        let is_lost = |error: &anyhow::Error| {
            let error = error.downcast_ref::<StoreError>();
            error.is_some_and(StoreError::is_connection_lost)
        };
        if !result.as_ref().err().is_some_and(is_lost) {
            let _undone = pass.undo().await;
        }
        pass.close().await;
        result
    }

    /// Tries until nothing comes first, neither another pass nor a change of what is declared. Where something always does,
    /// the pass counts as one that found the lock taken.
    async fn run_until_first(
        &self,
        pass: &mut Pass,
        on_progress: OnProgress<'_>,
    ) -> Result<Report> {
        for _ in 0..MAX_ATTEMPTS {
            if !pass.lock(self.settings.wait_lock).await? {
                break;
            }
            let now = pass.now();
            if let Some(report) = self.try_once(pass, now, on_progress).await? {
                return Ok(report);
            }
            tracing::debug!("something has changed meanwhile; reading anew");
            pass.undo().await?;
        }
        Ok(Report::new(PassOutcome::Locked, pass.now(), Vec::new()))
    }

    /// Runs a pass from the reading, under the lock, to the end; none when another one came first.
    async fn try_once(
        &self,
        pass: &mut Pass,
        now: Time,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Report>> {
        let facts = pass.read_facts().await?;
        if facts.pause.is_over(now) {
            if pass.end_pause().await? {
                tracing::info!("the time of the pause is over: reconciliation is resumed");
            }
            return Ok(None);
        }
        let known = facts.known();
        let running_builds = facts.running_builds();
        let pending_jobs = facts.pending_jobs();
        let snapshot = facts.into_snapshot(now, &self.settings.tuning);
        // Provisioners are shared by all pools, whichever are looked at.
        let in_flight = limits::in_flight(&snapshot);
        let mut snapshot = select(snapshot, &self.settings.selection)?;
        if let Some(approved) = &self.settings.approved {
            keep_approved(&mut snapshot, approved);
        }
        let mut plan = actions::plan(&snapshot, &self.settings.tuning, now);
        if let Some(approved) = &self.settings.approved {
            refuse_stale(approved, &plan)?;
        }
        if snapshot.reconciliation_paused {
            return Ok(Some(Report::new(PassOutcome::Paused, now, Vec::new())));
        }
        check::check(&plan, &snapshot).map_err(|violations| {
            anyhow!(
                "the plan breaks its own rules, which is a defect: {}",
                violations.join("; ")
            )
        })?;
        let pools = condition::conditions(&snapshot, &plan);
        let (backing_off, blocked) = (plan.summary.backoff, plan.summary.blocked);
        if let Some(approved) = &self.settings.approved {
            stale::keep_approved(&mut plan, approved);
        }
        let (plan, kept) = match self.settings.limits.keep_until_ready {
            None => (plan, 0),
            Some(max_unavailable) => {
                let slowed = rollout::keep_until_ready(plan, &snapshot, max_unavailable);
                (slowed.plan, slowed.kept)
            }
        };
        let limited = limits::limit(plan, &snapshot, in_flight, &self.settings.limits)?;
        let plan = limited.plan;
        let planned = Planned {
            snapshot: &snapshot,
            running_builds: &running_builds,
            pending_jobs: &pending_jobs,
        };
        let lacking = pass.read_lacking(&snapshot.organizations()).await?;
        let has_writes = executor::has_writes(&plan, &snapshot) || !plan.claimed.is_empty();
        let mut executed = if lacking.is_empty() && !has_writes {
            Executed::default()
        } else {
            let prepared = executor::prepare(pass, &plan, &planned, now).await?;
            if !pass.begin(self.settings.wait_lock).await? {
                return Ok(Some(Report::new(PassOutcome::Locked, now, Vec::new())));
            }
            if pass.is_overtaken(&known).await? {
                return Ok(None);
            }
            join(pass, &lacking, now).await?;
            let total = workspaces(&plan);
            let mut done = 0;
            let mut executed =
                executor::execute(pass, &plan, &planned, prepared, &mut |workspaces| {
                    done += workspaces as u64;
                    on_progress(done, total);
                })
                .await?;
            lives::execute(pass, &plan, &snapshot, now, &mut executed).await?;
            let actor = &self.settings.actor;
            let entries = HistoryEntry::of_pass(&executed.presets, &executed.claimed, now, actor);
            pass.append_history(&entries).await?;
            pass.commit().await?;
            executed
        };
        if let Err(error) = pass.notify_jobs(&executed.postings).await {
            // Provisioners also poll, so that only time is lost.
            tracing::warn!(%error, "provisioners could not be notified");
        }
        add_refused(&mut executed.presets, &plan, &limited.refused);
        let mut report = report(executed, now);
        report.deferred = limited.deferred;
        report.kept = kept;
        report.backing_off = backing_off;
        report.blocked = blocked;
        report.pools = pools;
        Ok(Some(report))
    }
}

/// Makes the prebuilds user a member of what it has to be a member of.
async fn join(pass: &mut Pass, lacking: &Lacking, now: Time) -> Result<()> {
    let joined = pass.join(lacking, now).await?;
    if joined != Joined::default() {
        tracing::info!(
            organizations = joined.organizations,
            groups = joined.groups,
            group_members = joined.group_members,
            "the prebuilds user joined what it was not a member of"
        );
    }
    Ok(())
}

/// Refuses to work on a host whose clock is wrong: the pass itself goes by the server's, but the host's
/// logs, metrics and other tools don't, and one of the two clocks is wrong for everything else.
fn refuse_wrong_clock(server_ahead: TimeDelta) -> Result<(), Failure> {
    if server_ahead.abs() <= CLOCK_BOUND {
        return Ok(());
    }
    let side = if server_ahead < TimeDelta::zero() {
        "ahead of"
    } else {
        "behind"
    };
    let seconds = server_ahead.num_seconds().unsigned_abs();
    Err(Failure::refused(&format!(
        "this machine's clock is {seconds} s {side} the server's; nothing was changed"
    ))
    .with_hint("synchronise both clocks, or go by the server's with --any-clock"))
}

/// Leaves presets alone that are not in the approved plan: it was made with filters, or they are
/// new.
fn keep_approved(snapshot: &mut Snapshot, approved: &Plan) {
    let due: BTreeSet<_> = approved.claimed.iter().map(|it| it.workspace_id).collect();
    snapshot.claimed.retain(|it| due.contains(&it.id));
    let approved: BTreeSet<_> = approved
        .presets
        .iter()
        .map(|entry| entry.preset.id)
        .collect();
    let before = snapshot.presets.len();
    snapshot
        .presets
        .retain(|preset| approved.contains(&preset.id));
    let left_alone = before - snapshot.presets.len();
    if left_alone > 0 {
        tracing::warn!(
            left_alone,
            "presets that are not in the approved plan stay as they are"
        );
    }
}

/// Refuses an approved plan that is no longer what would be done.
fn refuse_stale(approved: &Plan, present: &Plan) -> Result<(), Failure> {
    match stale::compare(approved, present) {
        Comparison::Same(others) => {
            for line in others {
                tracing::warn!("has moved since the plan was approved, and is left alone: {line}");
            }
            Ok(())
        }
        Comparison::Foreign => Err(Failure::refused(
            "the plan was made for another database: none of its presets exist in this one",
        )),
        Comparison::Stale(lines) => Err(Failure::refused(&format!(
            "the plan no longer matches; nothing was changed\n  {}",
            lines.join("\n  ")
        ))
        .with_hint("make and approve a new plan")),
    }
}

/// Logs a pass that did something at level info, any other at level debug.
fn log(report: &Report) {
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                outcome = report.outcome.label(),
                created = report.created,
                deleted = report.deleted,
                cancelled = report.cancelled,
                claimed = report.claimed.len(),
                lost_races = report.lost_races,
                elapsed_ms = report.elapsed_ms,
                presets = names(report),
                "pass ended"
            )
        };
    }
    match report.outcome {
        PassOutcome::Applied | PassOutcome::Partial => line!(info),
        PassOutcome::NothingToDo | PassOutcome::Locked | PassOutcome::Paused => line!(debug),
    }
}

/// `acme/web/small, acme/web/large and 3 more`: the presets that had something to do.
fn names(report: &Report) -> String {
    let presets = report.presets.iter();
    let names: Vec<String> = presets
        .map(|it| printable(&it.preset.to_string()))
        .collect();
    first_few(&names, NAMES, ", ")
}

/// How many workspaces a plan creates, deletes or cancels.
fn workspaces(plan: &Plan) -> u64 {
    u64::try_from(plan.summary.steps()).unwrap_or(0)
}

/// Adds the presets whose steps a limit left out, in the plan's order.
fn add_refused(reports: &mut Vec<PresetReport>, plan: &Plan, refused: &[(usize, OverLimit)]) {
    let left_out = refused.iter().filter_map(|(place, over)| {
        let mut report = PresetReport::untouched(plan.presets.get(*place)?);
        report.add_error(&format!("refused: {over}"));
        Some(report)
    });
    reports.extend(left_out);
    let ids = plan.presets.iter().map(|entry| entry.preset.id);
    let places: BTreeMap<Uuid, usize> = ids.zip(0..).collect();
    reports.sort_by_key(|report| places.get(&report.preset.id).copied());
}

fn report(executed: Executed, now: Time) -> Report {
    let mut report = Report::new(PassOutcome::Applied, now, executed.presets);
    report.claimed = executed.claimed;
    let is_lost = |it: &&ClaimedReport| it.job_id.is_none() && it.error.is_none();
    report.lost_races += count(report.claimed.iter().filter(is_lost).count());
    if report.errors().next().is_some() {
        report.outcome = PassOutcome::Partial;
    } else if report.presets.is_empty() && report.claimed.is_empty() {
        report.outcome = PassOutcome::NothingToDo;
    }
    report
}
