//! The numbers of all pools as of one moment.
//!
//! Read apart from passes, and whether or not passes get the lock, so that every process that serves
//! metrics has them. What was read stays until the next reading goes well.

use std::time::Duration;

use anyhow::{Context as _, Result};

use crate::actions;
use crate::model::settings::Tuning;
use crate::model::{PrebuildStatus, Snapshot, Time};
use crate::store::{ReplacementCount, Store, Totals};

/// How long a reading may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// The numbers of all pools.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pools {
    /// When they were read.
    pub read_at: Time,
    /// Whether reconciliation is paused.
    pub paused: bool,
    /// Presets of active versions of templates that are not marked deleted.
    pub pools: Vec<Pool>,
    /// What pools have come to.
    pub totals: Vec<Totals>,
    /// Claim builds that replaced resources, on databases of our own.
    pub replacements: Vec<ReplacementCount>,
}

/// The numbers of one pool.
#[derive(Clone, Debug)]
pub(crate) struct Pool {
    pub labels: PresetLabels,
    /// Wanted now.
    pub desired: i64,
    pub running: i64,
    /// Claimable.
    pub eligible: i64,
    /// Given up after too many failures.
    pub hard_limited: bool,
    /// Unable to make a valid build.
    pub validation_failed: bool,
}

/// What a metric of a preset is labelled with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PresetLabels {
    /// Name of the template.
    pub template: String,
    /// Name of the preset.
    pub preset: String,
    /// Name of the organization.
    pub organization: String,
}

impl From<&Totals> for PresetLabels {
    fn from(totals: &Totals) -> Self {
        Self {
            template: totals.template.clone(),
            preset: totals.preset.clone(),
            organization: totals.organization.clone(),
        }
    }
}

impl From<&ReplacementCount> for PresetLabels {
    fn from(count: &ReplacementCount) -> Self {
        Self {
            template: count.template_name.clone(),
            preset: count.preset_name.clone(),
            organization: count.organization_name.clone(),
        }
    }
}

impl Pools {
    /// Works the numbers out.
    pub(crate) fn new(
        snapshot: &Snapshot,
        totals: Vec<Totals>,
        replacements: Vec<ReplacementCount>,
        tuning: &Tuning,
    ) -> Self {
        let plan = actions::plan(snapshot, tuning, snapshot.taken_at);
        // The plan has an entry for each preset of the snapshot, in the same order.
        let presets = snapshot.presets.iter().zip(plan.presets);
        let pools = presets
            .filter(|(preset, _)| preset.using_active_version && !preset.deleted)
            .map(|(preset, plan)| Pool {
                labels: PresetLabels {
                    template: preset.template_name.clone(),
                    preset: preset.name.clone(),
                    organization: preset.organization_name.clone(),
                },
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
        }
    }
}

/// Reads the numbers, or gives up.
pub(crate) async fn read_pools(store: &Store, tuning: &Tuning, now: Time) -> Result<Pools> {
    let reading = async {
        let mut reader = store.open_reader().await?;
        let facts = reader.read_facts().await?;
        let totals = reader.read_totals().await?;
        let replacements = reader.resource_replacements().await?;
        reader.close().await;
        let snapshot = facts.into_snapshot(now, tuning);
        Ok(Pools::new(&snapshot, totals, replacements, tuning))
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .context("the numbers of the pools could not be read in time")?
}
