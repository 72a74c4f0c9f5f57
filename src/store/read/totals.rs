//! The totals of pools since they exist, for metrics.
//!
//! Looks at every build that the prebuilds user ever started, so that it costs far more than a
//! snapshot: no pass may wait for it, and the server cancels it after 10 s.

use crate::model::PREBUILDS_USER_ID;
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    TOTALS: "adding up the totals of pools", "pool/read_totals";
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

rows! { Totals { organization, template, preset, created, failed, claimed } }

impl Reader {
    /// Reads the totals of all presets of templates that are not marked deleted, by name.
    pub(crate) async fn read_totals(&mut self) -> Result<Vec<Totals>, StoreError> {
        self.limit_statements().await?;
        let arguments = args![PREBUILDS_USER_ID];
        self.connection.fetch(&TOTALS, arguments).await
    }
}
