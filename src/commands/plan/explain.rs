//! `plan --explain`: a plan in words, with what no snapshot holds.
//!
//! Reads only. Error texts and the holder of the lock are asked for here and nowhere else, and not
//! at all for a saved snapshot.

use std::collections::HashSet;

use anyhow::Result;
use chrono::TimeDelta;
use uuid::Uuid;

use super::PlanArgs;
use crate::actions::lint;
use crate::actions::state::Rows;
use crate::cli::{Context, Format};
use crate::model::document::to_json;
use crate::model::{Diagnostic, Plan, Severity, Snapshot};
use crate::render::explain::{Background, Lock, failure};
use crate::{clock, render};

/// The explained plan: blocks of sentences, or the plan document with more diagnostics.
pub(super) async fn text(
    context: &Context,
    args: &PlanArgs,
    snapshot: &Snapshot,
    mut plan: Plan,
) -> Result<String> {
    let background = match args.snapshot {
        Some(_) => Background::default(),
        None => read(context, snapshot).await?,
    };
    for (rows, (preset, entry)) in Rows::by_preset(snapshot)
        .iter()
        .zip(snapshot.presets.iter().zip(&mut plan.presets))
    {
        if preset.is_active() {
            entry.diagnostics.extend(lint::diagnostics(&rows.schedules));
        }
    }
    if context.output.format == Format::Table {
        let style = context.output.style();
        return Ok(render::explain::blocks(snapshot, &plan, &background, style));
    }
    for entry in &mut plan.presets {
        let failures = background.failures.iter().flatten();
        let failures = failures.filter(|it| it.preset_id == entry.preset.id);
        entry.diagnostics.extend(failures.map(|it| Diagnostic {
            severity: Severity::Warning,
            code: "failed_build".to_owned(),
            message: format!("failed build of {}", failure(it)),
        }));
    }
    Ok(to_json(&plan))
}

async fn read(context: &Context, snapshot: &Snapshot) -> Result<Background> {
    let mut reader = context.store()?.open_reader().await?;
    let presets: HashSet<Uuid> = snapshot.presets.iter().map(|preset| preset.id).collect();
    let mut failures = reader.failed_builds().await?;
    failures.retain(|it| presets.contains(&it.preset_id));
    let lock = if reader.is_embedded() {
        Lock::Untold
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
