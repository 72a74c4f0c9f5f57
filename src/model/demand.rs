//! What was asked of pools: rows as databases hold them, before anything is made of them.
//!
//! The store fills these, [`crate::demand`] reads them, and neither knows of the other.

use uuid::Uuid;

use super::{JobStatus, Preset, Schedule, Time};

/// Everything that is read from a database about demand, in one transaction.
#[derive(Clone, Debug, Default)]
pub(crate) struct DemandFacts {
    /// Those with prebuilds configured, of all versions.
    pub presets: Vec<Preset>,
    /// Those of active versions.
    pub schedules: Vec<Schedule>,
    /// In order of creation.
    pub members: Vec<PastMember>,
    /// In order of time.
    pub requests: Vec<Request>,
    /// Recorded on a database of our own.
    pub misses: Vec<RecordedMiss>,
    /// Since when a request that finds nothing leaves a trace, on a database of our own. On Coder's it always does: it
    /// becomes a workspace.
    pub misses_from: Option<Time>,
}

/// A request that found nothing to claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RecordedMiss {
    pub preset_id: Uuid,
    pub asked_at: Time,
    /// When it had its answer: later where it waited for one.
    pub created_at: Time,
}

/// A prebuilt workspace that a pool has or had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct PastMember {
    pub preset_id: Uuid,
    pub created_at: Time,
    /// That of its first build.
    pub job_status: JobStatus,
    /// When that build ended, well or not.
    pub completed_at: Option<Time>,
    /// When its agents were ready; none when some of them are not.
    pub agents_ready_at: Option<Time>,
    /// Whether somebody claimed it.
    pub claimed: bool,
    /// Whether it exists no longer, claimed or not.
    pub deleted: bool,
    /// When it was claimed, or else stopped or deleted; none as long as it is in the pool.
    pub left_at: Option<Time>,
}

/// A workspace that a person got without a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// The preset that it names, or that its values are those of; none when there is none.
    pub preset_id: Option<Uuid>,
    pub created_at: Time,
    /// When it was built; none when that failed or is not done.
    pub completed_at: Option<Time>,
}
