//! New rows of a pass or a clean-up, with the ids and names that they are given.
//!
//! The only place of a pass where anything is random. Writes nothing.

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::{BuildContent, NewBuild, Stage, Unbuildable};
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::NewWorkspace;

/// How many of the wanted were not found.
pub(crate) fn missing(wanted: usize, found: usize) -> i64 {
    i64::try_from(wanted.saturating_sub(found)).unwrap_or(i64::MAX)
}

/// A build of the prebuilds user, with ids of its own.
pub(crate) fn new_build(
    workspace_id: Uuid,
    build_number: i64,
    transition: Transition,
    keep_state: bool,
    content: BuildContent,
) -> NewBuild {
    NewBuild {
        workspace_id,
        id: Uuid::new_v4(),
        job_id: Uuid::new_v4(),
        build_number,
        transition,
        stage: Stage::Create,
        initiator_id: PREBUILDS_USER_ID,
        keep_state,
        content,
    }
}

/// New workspaces with names as Coder gives them: `prebuild-` and nine random bytes in lower-case
/// base32.
///
/// Each is a microsecond younger than the one before, as if it had been created by itself: the mark
/// of an invalidation is a time, and could not stand between workspaces of one age.
pub(crate) fn new_workspaces(count: i64, now: Time) -> Result<Vec<NewWorkspace>, Unbuildable> {
    let workspace = |number| {
        let mut random = [0; 9];
        getrandom::fill(&mut random).map_err(|error| {
            Unbuildable::TryLater(format!("the system has no random numbers to give: {error}"))
        })?;
        let suffix = data_encoding::BASE32_NOPAD.encode(&random).to_lowercase();
        Ok(NewWorkspace {
            id: Uuid::new_v4(),
            name: format!("prebuild-{suffix}"),
            created_at: now
                .checked_add_signed(TimeDelta::microseconds(number))
                .unwrap_or(now),
        })
    };
    (0..count).map(workspace).collect()
}
