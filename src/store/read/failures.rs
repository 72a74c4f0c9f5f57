//! Which builds of pools failed, and with what error.
//!
//! Reads only, and only what a person asks for: no snapshot and no plan depends on error texts.

use uuid::Uuid;

use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::connection::{Statement, fetch};
use crate::store::session::row::{Id, Stamp};
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

const FAILED_BUILDS: Statement = Statement {
    doing: "reading the failed builds",
    postgres: include_str!("../sql/failed_builds.postgres.sql"),
    sqlite: include_str!("../sql/failed_builds.sqlite.sql"),
};

impl Reader {
    /// The newest failed builds of pools: at most three of each preset, the newest first.
    pub(crate) async fn failed_builds(&mut self) -> Result<Vec<FailedBuild>, StoreError> {
        type Row = (Id, String, Stamp, String);
        self.connection.begin_read().await?;
        let rows: Vec<Row> = fetch!(
            &mut self.connection,
            Row,
            FAILED_BUILDS,
            Id(PREBUILDS_USER_ID)
        )?;
        self.connection.rollback().await?;
        let failed = |(preset, workspace_name, at, error): Row| FailedBuild {
            preset_id: preset.0,
            workspace_name,
            at: at.0,
            error,
        };
        Ok(rows.into_iter().map(failed).collect())
    }
}
