//! The numbers of all pools as of one moment.
//!
//! Read apart from passes, and whether or not passes get the lock, so that every process that serves
//! metrics has them. What was read stays until the next reading goes well.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use uuid::Uuid;

use crate::actions;
use crate::model::settings::Tuning;
use crate::model::{PrebuildStatus, Snapshot, Time};
use crate::store::{Replacement, ReplacementCount, Store, Totals};

/// What coderd keeps its notifications for.
const RECENT: TimeDelta = TimeDelta::days(7);

/// How long a reading may take.
const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone, Debug, Default)]
pub(crate) struct Pools {
    pub read_at: Time,
    pub paused: bool,
    /// Presets of active versions of templates that are not marked deleted.
    pub pools: Vec<Pool>,
    /// Counters since the presets exist.
    pub totals: Vec<Totals>,
    /// Claim builds that replaced resources, on databases of our own.
    pub replacements: Vec<ReplacementCount>,
    /// The same of the last week, by preset: all that is known on Coder's databases, where coderd counts.
    pub recent_replacements: BTreeMap<Uuid, i64>,
}

#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub preset_id: Uuid,
    pub template: String,
    pub preset: String,
    pub organization: String,
    pub desired: i64,
    pub running: i64,
    /// Claimable.
    pub eligible: i64,
    pub hard_limited: bool,
    pub validation_failed: bool,
}

impl Pools {
    fn new(
        snapshot: &Snapshot,
        totals: Vec<Totals>,
        replacements: Vec<ReplacementCount>,
        recent: &[Replacement],
        tuning: &Tuning,
    ) -> Self {
        let mut recent_replacements = BTreeMap::new();
        for preset in recent.iter().filter_map(|it| it.preset_id) {
            *recent_replacements.entry(preset).or_default() += 1;
        }
        let plan = actions::plan(snapshot, tuning, snapshot.taken_at);
        // The plan has an entry for each preset of the snapshot, in the same order.
        let presets = snapshot.presets.iter().zip(plan.presets);
        let pools = presets
            .filter(|(preset, _)| preset.using_active_version && !preset.deleted)
            .map(|(preset, plan)| Pool {
                preset_id: preset.id,
                template: preset.template_name.clone(),
                preset: preset.name.clone(),
                organization: preset.organization_name.clone(),
                desired: plan.state.desired,
                running: plan.state.actual,
                eligible: plan.state.eligible,
                hard_limited: plan.hard_limited,
                validation_failed: preset.prebuild_status == PrebuildStatus::ValidationFailed,
            });
        Self {
            read_at: snapshot.taken_at,
            paused: snapshot.reconciliation_paused,
            pools: pools.collect(),
            totals,
            replacements,
            recent_replacements,
        }
    }
}

/// Reads the numbers, or gives up.
pub(crate) async fn read_pools(store: &Store, tuning: &Tuning) -> Result<Pools> {
    let reading = async {
        let mut reader = store.open_reader().await?;
        let facts = reader.read_facts().await?;
        let totals = reader.read_totals().await?;
        let replacements = reader.resource_replacements().await?;
        let now = reader.now();
        let since = now.checked_sub_signed(RECENT).unwrap_or(now);
        let recent = reader.recent_replacements(since).await?;
        reader.close().await;
        let snapshot = facts.into_snapshot(now, tuning);
        Ok(Pools::new(&snapshot, totals, replacements, &recent, tuning))
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .context("the numbers of the pools could not be read in time")?
}
