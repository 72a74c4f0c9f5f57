//! A snapshot of the selected presets, read from the database in a session of its own.
//!
//! Reads only, on a session that can't write. What a role may not look at is left out and logged.

use std::collections::BTreeMap;

use anyhow::Result;
use chrono::TimeDelta;
use uuid::Uuid;

use super::Context;
use crate::actions::health;
use crate::builds::forecast::waiting_in_vain;
use crate::model::facts::Facts;
use crate::model::names::{Selection, select};
use crate::model::settings::Tuning;
use crate::model::{Diagnostic, Snapshot, Time};
use crate::store::{Reader, Replacement, StoreError};

/// Long enough to see a template that slows claims down, short enough that a fixed one falls silent.
pub(crate) const REPLACEMENTS_WITHIN: TimeDelta = TimeDelta::days(30);

/// A snapshot, with what its document doesn't hold.
pub(crate) struct Reading {
    pub snapshot: Snapshot,
    /// The latest builds of its running workspaces.
    pub running_builds: BTreeMap<Uuid, Uuid>,
    /// What looks wrong about organizations.
    pub warning: Option<String>,
    /// What waiting jobs wait for in vain, by preset.
    pub in_vain: Vec<(Uuid, Diagnostic)>,
    /// Claims of the last 30 days whose build replaced resources.
    pub replacements: Vec<Replacement>,
}

/// Takes a snapshot of the selected presets, as of now unless another time is given.
pub(crate) async fn read(
    context: &Context,
    at: Option<Time>,
    tuning: &Tuning,
    selection: &Selection,
) -> Result<Reading> {
    let mut reader = context.store()?.open_reader().await?;
    let now = at.unwrap_or_else(|| reader.now());
    let facts = reader.read_facts().await?;
    complete(reader, facts, now, tuning, selection).await
}

/// Makes a snapshot of facts, selects presets of it, and ends its session after reading what else belongs
/// to them.
pub(crate) async fn complete(
    mut reader: Reader,
    facts: Facts,
    now: Time,
    tuning: &Tuning,
    selection: &Selection,
) -> Result<Reading> {
    let running_builds = facts.running_builds();
    let snapshot = select(facts.into_snapshot(now, tuning), selection)?;
    let warning = match reader.read_allowances(&snapshot.organizations()).await {
        Ok(allowances) => health::quota_warning(&allowances),
        Err(error) => {
            // A role that may not read groups can still see its pools.
            tracing::warn!(%error, "quotas were not read");
            None
        }
    };
    let in_vain = match waiting(&mut reader).await {
        Ok(found) => found,
        Err(error) => {
            // As with groups.
            tracing::warn!(%error, "provisioners were not read");
            Vec::new()
        }
    };
    let since = now.checked_sub_signed(REPLACEMENTS_WITHIN).unwrap_or(now);
    let replacements = reader.recent_replacements(since).await?;
    reader.close().await;
    Ok(Reading {
        snapshot,
        running_builds,
        warning,
        in_vain,
        replacements,
    })
}

async fn waiting(reader: &mut Reader) -> Result<Vec<(Uuid, Diagnostic)>, StoreError> {
    let alive = reader.live_provisioners().await?;
    if alive.is_empty() {
        return Ok(Vec::new());
    }
    Ok(waiting_in_vain(&reader.queued_tags().await?, &alive))
}
