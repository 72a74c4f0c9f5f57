//! The totals of pools, and of workspaces made without, since they exist, for metrics.
//!
//! Looks at every build that the prebuilds user, or everybody else, ever started, so that it costs far
//! more than a snapshot: no pass may wait for it, and the server cancels it after 10 s.

use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    TOTALS: "adding up the totals of pools", "pool/read_totals";
    CREATIONS: "counting workspaces that no pool made", "pool/read_creations";
}

/// The totals of all presets of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    pub organization: String,
    pub template: String,
    pub preset: String,
    /// Prebuilt workspaces created.
    pub created: i64,
    /// How many of them had a failed first build.
    pub failed: i64,
    /// How many of them were claimed.
    pub claimed: i64,
}

/// Workspaces that were created without a pool, of all presets of one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Creations {
    pub organization: String,
    pub template: String,
    /// Empty for those without a preset.
    pub preset: String,
    pub workspaces: i64,
}

rows! { Creations { organization, template, preset, workspaces } }

rows! { Totals { organization, template, preset, created, failed, claimed } }

impl Reader {
    /// Reads the totals of all presets of templates that are not marked deleted, by name.
    pub(crate) async fn read_totals(&mut self) -> Result<Vec<Totals>, StoreError> {
        self.limit_statements();
        let arguments = args![PREBUILDS_USER_ID];
        self.connection.fetch(&TOTALS, arguments).await
    }

    /// Counts the workspaces that were created without a pool, of templates that are not marked deleted.
    pub(crate) async fn read_creations(&mut self) -> Result<Vec<Creations>, StoreError> {
        self.limit_statements();
        let arguments = args![PREBUILDS_USER_ID];
        self.connection.fetch(&CREATIONS, arguments).await
    }
}
