//! `plan --explain`: a plan in words, with what no snapshot holds.
//!
//! Reads only. Only explanations read error texts and the holder of the lock, and not for a saved
//! snapshot.

use std::collections::HashSet;

use anyhow::Result;
use chrono::TimeDelta;
use uuid::Uuid;

use super::PlanArgs;
use crate::actions::lint;
use crate::actions::state::Rows;
use crate::cli::Context;
use crate::clock;
use crate::model::{Diagnostic, Plan, Severity, Snapshot};
use crate::render::explain::{Background, Lock, failure};

/// Adds the lints of schedules to a plan, and for programs the failed builds.
pub(super) async fn explain(
    context: &Context,
    args: &PlanArgs,
    snapshot: &Snapshot,
    plan: &mut Plan,
) -> Result<Background> {
    let background = match args.snapshot {
        Some(_) => Background::default(),
        None => read(context, snapshot).await?,
    };
    let rows = Rows::by_preset(snapshot);
    for ((preset, rows), entry) in snapshot.presets.iter().zip(&rows).zip(&mut plan.presets) {
        if preset.is_active() {
            let found = lint::diagnostics(preset.desired_instances, &rows.schedules);
            entry.diagnostics.extend(found);
        }
        if context.output.is_json() {
            let failures = background.failures.iter().flatten();
            let failures = failures.filter(|it| it.preset_id == preset.id);
            entry.diagnostics.extend(failures.map(|it| Diagnostic {
                severity: Severity::Warning,
                code: "failed_build".to_owned(),
                message: format!("failed build of {}", failure(it)),
            }));
        }
    }
    Ok(background)
}

async fn read(context: &Context, snapshot: &Snapshot) -> Result<Background> {
    let mut reader = context.store()?.open_reader().await?;
    let presets: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    let mut failures = reader.failed_builds().await?;
    failures.retain(|it| presets.contains(&it.preset_id));
    let lock = if reader.is_embedded() {
        Lock::Unreported
    } else {
        let holder = reader.lock_holders().await?.into_iter().next();
        holder.map_or(Lock::Free, |holder| Lock::Held {
            since: holder.seconds.map(|seconds| {
                clock::now() - TimeDelta::seconds(seconds.clamp(0, i64::from(u32::MAX)))
            }),
            by: holder,
        })
    };
    reader.close().await;
    Ok(Background {
        failures: Some(failures),
        lock,
    })
}
