//! Which provisioners are alive, and what the waiting jobs of pools ask of them.
//!
//! Reads only. Whether one serves a job is worked out in [`crate::builds::provisioners`].

use crate::builds::untagged;
use crate::model::PREBUILDS_USER_ID;
use crate::model::facts::{Provisioner, QueuedTags};
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    PROVISIONERS: "reading the provisioners", "provisioner/read";
    QUEUED: "reading the tags of waiting jobs", "job/read_queued_tags";
}

rows! {
    Provisioner { organization_id, name, types, tags; takes_all }
    QueuedTags { preset_id, organization_id, provisioner, tags, jobs }
}

impl Reader {
    /// The provisioner daemons that are alive.
    pub(crate) async fn live_provisioners(&mut self) -> Result<Vec<Provisioner>, StoreError> {
        let now = self.now();
        let since = now
            .checked_sub_signed(Provisioner::STALE_AFTER)
            .unwrap_or(now);
        let rows = self.connection.fetch(&PROVISIONERS, args![since]).await?;
        // One whose row can't be read takes no jobs either.
        let is_own = self.schema.kind() == Kind::Own;
        let readable = |row: Result<Provisioner, StoreError>| {
            let mut provisioner = row.ok()?;
            provisioner.takes_all = is_own && provisioner.tags == untagged();
            Some(provisioner)
        };
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// What the waiting jobs of pools ask for, where it can be read.
    pub(crate) async fn queued_tags(&mut self) -> Result<Vec<QueuedTags>, StoreError> {
        let arguments = args![PREBUILDS_USER_ID];
        let rows = self.connection.fetch(&QUEUED, arguments).await?;
        let readable = |row: Result<QueuedTags, StoreError>| row.ok();
        Ok(rows.into_iter().filter_map(readable).collect())
    }
}
