//! What was asked of pools, for as far back as somebody wants to know.
//!
//! At most five statements in one transaction, whatever the number of pools. Cost follows the workspaces that there ever
//! were, never their builds. Reads only.

use super::snapshot::{SCHEDULES, read_presets};
use crate::model::demand::{DemandFacts, PastMember, Request};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::write::misses;
use crate::store::{Reader, StoreError};

statements! {
    MEMBERS: "reading the members that pools had", "demand/read_members";
    REQUESTS: "reading the workspaces that pools had no member for", "demand/read_requests";
}

rows! {
    PastMember {
        preset_id, created_at, job_status, completed_at, agents_ready_at, claimed, deleted, left_at,
    }
    Request { preset_id, created_at, completed_at }
}

impl Reader {
    /// Reads what was asked of pools since then.
    pub(crate) async fn demand(&mut self, since: Time) -> Result<DemandFacts, StoreError> {
        self.connection.begin_read().await?;
        let presets = read_presets(&mut self.connection, &self.schema).await?;
        let arguments = args![PREBUILDS_USER_ID, since];
        let mut facts = DemandFacts {
            presets,
            schedules: self.connection.fetch(&SCHEDULES, &[]).await?,
            members: self.connection.fetch(&MEMBERS, arguments).await?,
            ..DemandFacts::default()
        };
        if self.schema.kind() == Kind::Own {
            facts.misses = misses::read(&mut self.connection, since).await?;
            facts.misses_from = Some(misses::known_from(&mut self.connection).await?);
        } else {
            facts.requests = self.connection.fetch(&REQUESTS, arguments).await?;
        }
        self.connection.rollback().await?;
        Ok(facts)
    }
}
