//! The domain: what a snapshot of all pools holds and what a plan says.
//!
//! Plain data without behaviour beyond small look-ups. It knows no database, no terminal, no
//! clock and no environment. The serialised form of [`Snapshot`] and [`Plan`] *is* version 1 of
//! the interchange documents, so a field renamed or reordered here changes a public format;
//! reading them from untrusted text goes through [`document`], which adds the checks that a type cannot
//! express.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use uuid::{Uuid, uuid};

mod claimed;
pub(crate) mod condition;
pub(crate) mod demand;
pub(crate) mod document;
pub(crate) mod facts;
pub(crate) mod history;
pub(crate) mod names;
pub(crate) mod pause;
mod plan;
pub(crate) mod rendering;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod settings;
mod snapshot;
#[cfg(test)]
pub(crate) mod testing;
pub(crate) mod text;
pub(crate) mod time;
pub(crate) mod time_words;
pub(crate) mod workspace;

pub(crate) use claimed::ClaimedWorkspace;
pub(crate) use plan::{
    Action, Block, DeleteReason, Diagnostic, DueBuild, Plan, PresetPlan, PresetReference, Severity,
    State, Summary, UNKNOWN_LABEL, UNREADABLE_TIME,
};
pub(crate) use snapshot::{
    Backoff, HardLimited, InProgress, JobStatus, Leftover, Pending, PrebuildStatus, Preset,
    RunningPrebuild, Scaled, Schedule, Snapshot, Transition,
};

/// The system user that owns every prebuilt workspace until it is claimed.
pub(crate) const PREBUILDS_USER_ID: Uuid = uuid!("c42fdf75-3097-471c-8c33-fb52454d81c0");

/// An instant in UTC with microsecond precision, which is what PostgreSQL stores.
pub(crate) type Time = DateTime<Utc>;

/// The version of both interchange documents: always 1, refused otherwise when read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FormatVersion;

impl Serialize for FormatVersion {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_u8(1)
    }
}

impl<'de> Deserialize<'de> for FormatVersion {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match i64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => Err(de::Error::custom(format_args!(
                "version {other} is not known to this prebuildctl, which reads version 1"
            ))),
        }
    }
}
