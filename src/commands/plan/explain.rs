//! `plan --explain`: a plan in words, with what no snapshot holds.
//!
//! Reads only. Only explanations read error texts, what builds get and the holder of the lock, and not
//! for a saved snapshot.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use anyhow::Result;
use chrono::TimeDelta;
use uuid::Uuid;

use super::PlanArgs;
use crate::actions::lint;
use crate::actions::state::Rows;
use crate::builds::preview::{preview_claim, preview_first};
use crate::cli::{Context, owner};
use crate::model::{Diagnostic, Plan, Snapshot};
use crate::render::explain::{Background, Builds, Claim, Lock, failure};
use crate::store::Reader;

/// Adds the lints of schedules to a plan, and for programs the failed builds.
pub(super) async fn explain(
    context: &Context,
    args: &PlanArgs,
    snapshot: &Snapshot,
    plan: &mut Plan,
) -> Result<Background> {
    let background = match args.snapshot {
        Some(_) => Background::default(),
        None => read(context, args.user.as_deref(), snapshot).await?,
    };
    let rows = Rows::by_preset(snapshot);
    for ((preset, rows), entry) in snapshot.presets.iter().zip(&rows).zip(&mut plan.presets) {
        if preset.is_active() {
            let found = lint::diagnostics(preset.desired_instances, &rows.schedules);
            entry.diagnostics.extend(found);
        }
        if context.output.has_documents() {
            let failures = background.failures.iter().flatten();
            let failures = failures.filter(|it| it.preset_id == preset.id);
            entry.diagnostics.extend(failures.map(|it| {
                Diagnostic::warning("failed_build", format!("failed build of {}", failure(it)))
            }));
        }
    }
    Ok(background)
}

async fn read(context: &Context, user: Option<&str>, snapshot: &Snapshot) -> Result<Background> {
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
                reader.now() - TimeDelta::seconds(seconds.clamp(0, i64::from(u32::MAX)))
            }),
            by: holder,
        })
    };
    let builds = read_builds(context, &mut reader, user, snapshot).await?;
    reader.close().await;
    Ok(Background {
        failures: Some(failures),
        lock,
        builds,
    })
}

/// What builds of the presets in use get, and claims by the user.
async fn read_builds(
    context: &Context,
    reader: &mut Reader,
    user: Option<&str>,
    snapshot: &Snapshot,
) -> Result<BTreeMap<Uuid, Builds>> {
    let in_use = snapshot.presets.iter().filter(|preset| preset.is_active());
    let versions: BTreeSet<Uuid> = in_use.clone().map(|it| it.template_version_id).collect();
    let versions: Vec<Uuid> = versions.into_iter().collect();
    let versions = match reader.read_versions(&versions).await {
        Ok(versions) => versions,
        Err(error) => {
            // A role that may not read templates can still explain the numbers.
            tracing::warn!(%error, "what builds get was not looked at");
            return Ok(BTreeMap::new());
        }
    };
    let mut users = BTreeMap::new();
    if user.is_some() {
        for id in snapshot.organizations() {
            users.insert(id, owner(context, reader, id, user).await?);
        }
    }
    let builds = in_use.filter_map(|preset| {
        let version = versions.get(&preset.template_version_id)?;
        let claim = user.map(|user| Claim {
            user: user.to_owned(),
            build: users
                .get(&version.organization_id)
                .and_then(Option::as_ref)
                .map(|owner| preview_claim(version, preset.id, owner)),
        });
        let first = preview_first(version, preset.id);
        Some((preset.id, Builds { first, claim }))
    });
    Ok(builds.collect())
}
