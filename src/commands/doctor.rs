//! `doctor`: checks whether passes can work and pools are healthy, each finding with a remedy.
//!
//! Reads only. A check that fails to run is a finding of its own, and the others go on.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;

use crate::actions::health::{Finding, Level, pool_findings, quota_warning};
use crate::actions::{self, autostart};
use crate::cli::reading::REPLACEMENTS_WITHIN;
use crate::cli::watch::{WatchArgs, watch};
use crate::cli::{Context, FAILED, FilterArgs, TuningArgs};
use crate::model::names::select;
use crate::model::text::{counted, plural, printable, span};
use crate::model::{FormatVersion, Plan, Snapshot, Time};
use crate::render::doctor::view;
use crate::render::{explain, replacements};
use crate::store::{Reader, SchemaOwner, Store, StoreError};

mod builds;

/// A larger difference of clocks makes back-offs and schedules visibly wrong.
const CLOCK_TOLERANCE: TimeDelta = TimeDelta::seconds(5);
/// A pass that holds the lock for longer is stuck or unusually large.
const LOCK_TOLERANCE_SECS: i64 = 300;
/// Half of the 30 minutes after which Coder gives up a pending job.
const QUEUE_TOLERANCE: TimeDelta = TimeDelta::minutes(15);
/// Without any provisioner nothing comes of waiting.
const LONELY_TOLERANCE: TimeDelta = TimeDelta::minutes(2);
/// A person who has claimed a workspace looks at it.
const PEOPLE_TOLERANCE: TimeDelta = TimeDelta::minutes(2);

/// Check connection, schema, rights, lock, clock and the health of the pools
///
/// Prints a line for each check, and how to fix each problem. Exits with 1 if there is any.
#[derive(Debug, Args)]
pub(crate) struct DoctorArgs {
    /// Leave out what is as it should be
    #[arg(long)]
    problems: bool,
    #[command(flatten)]
    pub(super) watch: WatchArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// What `doctor --format json` writes, version 1.
#[derive(Debug, Serialize)]
struct DoctorReport {
    version: FormatVersion,
    healthy: bool,
    findings: Vec<Finding>,
}

pub(crate) async fn run(context: &Context, args: DoctorArgs) -> Result<ExitCode> {
    watch(context, args.watch, async |context| {
        show(context, &args).await
    })
    .await
}

async fn show(context: &Context, args: &DoctorArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let findings = examine(&store, args).await?;
    let healthy = findings.iter().all(|finding| finding.level == Level::Ok);
    let report = DoctorReport {
        version: FormatVersion,
        healthy,
        findings,
    };
    context
        .output
        .report(&report, |all| view(&report.findings, args.problems, all))?;
    Ok(if healthy {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

async fn examine(store: &Store, args: &DoctorArgs) -> Result<Vec<Finding>> {
    let mut findings = Vec::new();
    let mut reader = match store.open_examiner().await {
        Ok(reader) => reader,
        Err(error) => return Ok(vec![failed("connection", &error)]),
    };
    let now = reader.now();
    examine_server(store, &mut reader, &mut findings).await;
    examine_schema(&reader, &mut findings);
    examine_lock(&mut reader, &mut findings).await;
    examine_queue(&mut reader, now, &mut findings).await;
    examine_people(&mut reader, now, &mut findings).await;
    examine_autostart(&mut reader, &mut findings).await;
    examine_marks(&mut reader, &mut findings).await;
    match reader.read_facts().await {
        Err(error) => findings.push(failed("pools", &error)),
        Ok(facts) => {
            let running_builds = facts.running_builds();
            let pause = facts.pause.clone();
            let snapshot = facts.into_snapshot(now, &args.tuning.tuning());
            let snapshot = select(snapshot, &args.filter.selection())?;
            let plan = actions::plan(&snapshot, &args.tuning.tuning(), now);
            findings.extend(pool_findings(&snapshot, &plan, &pause, now));
            findings.extend(examine_replacements(&mut reader, &plan, now).await);
            findings.extend(builds::examine(&mut reader, &snapshot, &running_builds, &plan).await);
            findings.extend(examine_quotas(&mut reader, &snapshot).await);
        }
    }
    reader.close().await;
    Ok(findings)
}

async fn examine_server(store: &Store, reader: &mut Reader, findings: &mut Vec<Finding>) {
    let version = match reader.server_version().await {
        Ok(version) => version,
        Err(error) => return findings.push(failed("connection", &error)),
    };
    let kind = if reader.is_embedded() {
        "SQLite"
    } else {
        "PostgreSQL"
    };
    findings.push(Finding::ok(
        "connection",
        format!("{} ({kind} {version})", store.target()),
    ));
    if reader.is_embedded() {
        return;
    }
    if reader.is_read_only_by_default() {
        findings.push(Finding::error(
            "read_only",
            "default_transaction_read_only is on for the database or the role; passes are refused",
            "turn it off, or name a database that may be written to; coderd's own loop fails as well",
        ));
    }
    if !reader.has_own_session() {
        findings.push(Finding::ok(
            "proxy",
            "a proxy stands before the server: loop and provision are not notified of changes there, \
             and look at their intervals alone",
        ));
    }
    let difference = reader.clock_difference().map(|difference| difference.abs());
    findings.push(match difference {
        Some(difference) if difference > CLOCK_TOLERANCE => Finding::warning(
            "clock",
            format!(
                "the server's clock differs from this one by {} s",
                difference.num_seconds()
            ),
            "synchronise both clocks: passes go by the server's, and are refused above a minute",
        ),
        Some(_) => Finding::ok("clock", "the server's clock agrees with this one"),
        None => Finding::warning("clock", "the server reported no time", "run doctor again"),
    });
}

fn examine_schema(reader: &Reader, findings: &mut Vec<Finding>) {
    let owner = match reader.schema_owner() {
        SchemaOwner::Coder => "Coder's",
        SchemaOwner::Prebuildctl => "created by prebuildctl init",
    };
    findings.push(match reader.check_writable() {
        Ok(()) => Finding::ok("schema", format!("{owner}; every column is known")),
        Err(error) => failed("schema", &error),
    });
    findings.push(examine_rights(reader));
}

fn examine_rights(reader: &Reader) -> Finding {
    let remedy = "grant the role the rights that docs/coder.md lists";
    let lacks = |missing: &[String]| format!("the role lacks {}", missing.join(", "));
    let missing = reader.missing_rights();
    if !missing.is_empty() {
        let message = format!("{}; passes are refused", lacks(&missing));
        return Finding::error("rights", message, remedy);
    }
    let mut problems = Vec::new();
    for (missing, effect) in [
        (
            reader.missing_rights_to_render(),
            "workspaces of templates with dynamic parameters are not created or claimed",
        ),
        (
            reader.missing_rights_to_logins(),
            "those of templates that require external authentication are not claimed",
        ),
        (
            reader.missing_rights_to_pause(),
            "a pass fails where it is to end a pause",
        ),
    ] {
        if !missing.is_empty() {
            problems.push(format!("{}; {effect}", lacks(&missing)));
        }
    }
    if problems.is_empty() {
        return Finding::ok("rights", "all that passes and claims need");
    }
    Finding::warning("rights", problems.join("; "), remedy)
}

/// A finding for each quota that prevents builds.
async fn examine_quotas(reader: &mut Reader, snapshot: &Snapshot) -> Option<Finding> {
    match reader.read_allowances(&snapshot.organizations()).await {
        Err(error) => Some(failed("quota", &error)),
        Ok(allowances) => quota_warning(&allowances).map(|warning| {
            let remedy = "raise the quota allowance of that group in Coder";
            Finding::warning("quota", printable(&warning), remedy)
        }),
    }
}

async fn examine_lock(reader: &mut Reader, findings: &mut Vec<Finding>) {
    if reader.is_embedded() {
        return;
    }
    let holders = match reader.lock_holders().await {
        Ok(holders) => holders,
        Err(error) => return findings.push(failed("lock", &error)),
    };
    let Some(holder) = holders.first() else {
        return findings.push(Finding::ok("lock", "the reconciliation lock is free"));
    };
    let time = match holder.seconds {
        Some(seconds) => format!("for {seconds} s"),
        None => "since a time that this role may not see".to_owned(),
    };
    let message = format!("held by {} {time}", explain::holder(holder));
    findings.push(if holder.seconds > Some(LOCK_TOLERANCE_SECS) {
        Finding::warning(
            "lock",
            message,
            "check whether that pass is stuck; if so, end its session",
        )
    } else {
        Finding::ok("lock", message)
    });
}

async fn examine_queue(reader: &mut Reader, now: Time, findings: &mut Vec<Finding>) {
    let alone = reader
        .live_provisioners()
        .await
        .is_ok_and(|it| it.is_empty());
    findings.push(match reader.queue().await {
        Err(error) => failed("queue", &error),
        Ok(queue) => match queue.oldest.map(|oldest| now.signed_duration_since(oldest)) {
            None => Finding::ok("queue", "no job waits for a provisioner"),
            Some(age) => {
                let span = span(age);
                let message = match queue.waiting {
                    1 => format!("1 job waits, for {span}"),
                    jobs => format!("{jobs} jobs wait, the oldest for {span}"),
                };
                let remedy = "check that provisioners with the jobs' tags are alive; \
                              --max-in-flight keeps passes from queueing more";
                if alone && age > LONELY_TOLERANCE {
                    let message = format!("{message}, and no provisioner is alive");
                    let remedy = match reader.schema_owner() {
                        SchemaOwner::Coder => "start a provisioner of this deployment",
                        SchemaOwner::Prebuildctl => "start a worker: prebuildctl provision",
                    };
                    Finding::warning("queue", message, remedy)
                } else if age > QUEUE_TOLERANCE {
                    Finding::warning("queue", message, remedy)
                } else {
                    Finding::ok("queue", message)
                }
            }
        },
    });
}

/// A finding for people who wait for their builds, claims above all.
async fn examine_people(reader: &mut Reader, now: Time, findings: &mut Vec<Finding>) {
    let queue = match reader.queue_of_people().await {
        Err(error) => return findings.push(failed("people", &error)),
        Ok(queue) => queue,
    };
    let Some(oldest) = queue.oldest else {
        return findings.push(Finding::ok("people", "no build of a person waits"));
    };
    let age = now.signed_duration_since(oldest);
    let claims = match queue.claims {
        0 => String::new(),
        claims => format!(" ({})", counted(claims, "is a claim", "are claims")),
    };
    let message = format!(
        "{}{claims}, the oldest for {}",
        counted(
            queue.waiting,
            "build of a person waits",
            "builds of people wait"
        ),
        span(age)
    );
    findings.push(if age > PEOPLE_TOLERANCE {
        let remedy = "people look at it: start provisioners with the jobs' tags, or see with prebuildctl logs --job \
                      what keeps those that run";
        Finding::warning("people", message, remedy)
    } else {
        Finding::ok("people", message)
    });
}

/// A finding for each preset whose claims rebuilt resources lately.
async fn examine_replacements(reader: &mut Reader, plan: &Plan, now: Time) -> Vec<Finding> {
    let since = now.checked_sub_signed(REPLACEMENTS_WITHIN).unwrap_or(now);
    match reader.recent_replacements(since).await {
        Err(error) => vec![failed("replacements", &error)],
        Ok(found) => {
            let remedy = "change the template so that the owner changes nothing that forces a replacement, or \
                          ignore_changes of those attributes";
            let sentences = replacements::warnings(plan, &found).into_iter();
            sentences
                .map(|it| Finding::warning("replacements", it, remedy))
                .collect()
        }
    }
}

/// A finding for presets that were invalidated by a clock that was ahead.
async fn examine_marks(reader: &mut Reader, findings: &mut Vec<Finding>) {
    let presets = match reader.future_marks().await {
        Err(error) => return findings.push(failed("invalidation", &error)),
        Ok(presets) if presets.is_empty() => return,
        Ok(presets) => presets,
    };
    let effect = if reader.is_embedded() {
        "the mark doesn't count until then"
    } else {
        "every pass, coderd's as well, replaces their whole pools until then"
    };
    let message = format!(
        "{} invalidated at a time that is still to come: {}; {effect}",
        counted(presets.len(), "preset was", "presets were"),
        printable(&presets.join(", "))
    );
    let remedy = "set the clock of the host that did it, and invalidate them again: that sets the mark back to now";
    findings.push(Finding::error("invalidation", message, remedy));
}

/// A finding for each schedule that would send coderd into an endless loop.
async fn examine_autostart(reader: &mut Reader, findings: &mut Vec<Finding>) {
    if reader.schema_owner() != SchemaOwner::Coder {
        return;
    }
    match reader.autostart_schedules().await {
        Err(error) => findings.push(failed("autostart", &error)),
        Ok(schedules) => findings.extend(schedules.iter().filter_map(|found| {
            let problem = autostart::check(&found.schedule).err()?;
            let workspaces = plural(found.workspaces, "workspace");
            let message = format!(
                "coderd can't read the autostart schedule {:?} of {workspaces}, such as {}: {problem}",
                found.schedule,
                printable(&found.example)
            );
            let remedy = "set autostart_schedule of these rows of workspaces to null, or to what Coder's page \
                          would write: a build of theirs never completes, and the replica of coderd that comes \
                          upon one starts and stops no workspace any more";
            Some(Finding::error("autostart", message, remedy))
        })),
    }
}

/// A check that failed to run.
fn failed(check: &'static str, error: &StoreError) -> Finding {
    Finding::error(
        check,
        error.to_string(),
        error.hint().unwrap_or("read the log of the server"),
    )
}
