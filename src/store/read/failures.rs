//! Which builds of pools failed, and with what error.
//!
//! Reads only, and only what a person asks for: no snapshot and no plan depends on error texts.

use uuid::Uuid;

use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

/// The failed latest build of a live prebuilt workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct FailedBuild {
    /// Preset that the build names.
    pub preset_id: Uuid,
    /// Workspace that was not built.
    pub workspace_name: String,
    /// When the build was created.
    pub at: Time,
    /// The error, or the beginning of a long one.
    pub error: String,
}

statements! {
    FAILED_BUILDS: "reading the failed builds", twins "build/read_failed";
}

rows! { FailedBuild { preset_id, workspace_name, at, error } }

impl Reader {
    /// The newest failed builds of pools: at most three of each preset, the newest first.
    pub(crate) async fn failed_builds(&mut self) -> Result<Vec<FailedBuild>, StoreError> {
        self.connection.begin_read().await?;
        let arguments = args![PREBUILDS_USER_ID];
        let failed = self.connection.fetch(&FAILED_BUILDS, arguments).await?;
        self.connection.rollback().await?;
        Ok(failed)
    }
}
