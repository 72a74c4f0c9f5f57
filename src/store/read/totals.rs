//! Reading what pools have come to since they exist, for metrics.
//!
//! Looks at every build that the prebuilds user ever started, so that it is far dearer than a
//! snapshot: no pass may wait for it, and the server gives it up after a while.

use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    TOTALS: "adding up what pools have come to", "pool/read_totals";
}

/// What the pools of presets of one name have come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Totals {
    /// Name of the organization.
    pub organization: String,
    /// Name of the template.
    pub template: String,
    /// Name of the presets.
    pub preset: String,
    /// Prebuilt workspaces created.
    pub created: i64,
    /// Those whose first build failed.
    pub failed: i64,
    /// Those that belong to somebody else by now.
    pub claimed: i64,
}

rows! { Totals { organization, template, preset, created, failed, claimed } }

impl Reader {
    /// Reads the totals of all presets of templates that are not marked deleted, by name.
    pub(crate) async fn read_totals(&mut self) -> Result<Vec<Totals>, StoreError> {
        self.limit_statements().await?;
        let arguments = args![PREBUILDS_USER_ID];
        self.connection.fetch(&TOTALS, arguments).await
    }
}
