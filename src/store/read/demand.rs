//! What was asked of pools, for as far back as somebody wants to know, or lately.
//!
//! At most five statements in one transaction, whatever the number of pools. Cost follows the workspaces that there ever
//! were, never their builds. Reads only.

use uuid::Uuid;

use super::snapshot::{SCHEDULES, read_presets};
use crate::model::demand::{DemandFacts, PastMember, Request};
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::{args, id_list};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::write::misses;
use crate::store::{Reader, StoreError};

statements! {
    MEMBERS: "reading the members that pools had", "demand/read_members";
    REQUESTS: "reading the workspaces that pools had no member for", "demand/read_requests";
    RECENT: "reading which jobs are recent", "job/read_recent";
    /// On Coder's databases.
    RECENT_OF_DAEMONS: "reading which jobs are recent", "job/read_recent_of_daemons";
    RECENT_MEMBERS: "reading the members that pools have", "demand/read_recent_members";
    RECENT_REQUESTS: "reading the workspaces that pools have no member for", "demand/read_recent_requests";
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

    /// The same since a time not long ago, for metrics, without schedules. Cost follows presets, members that are there
    /// and what has happened since. Recorded misses count when they had their answer, not when they asked.
    pub(crate) async fn recent_demand(&mut self, since: Time) -> Result<DemandFacts, StoreError> {
        self.limit_statements();
        self.connection.begin_read().await?;
        let mut facts = DemandFacts {
            presets: read_presets(&mut self.connection, &self.schema).await?,
            ..DemandFacts::default()
        };
        let is_own = self.schema.kind() == Kind::Own;
        let recent = if is_own { &RECENT } else { &RECENT_OF_DAEMONS };
        let jobs: Vec<Uuid> = self.connection.fetch(recent, args![since]).await?;
        let jobs = id_list(&jobs);
        let arguments = args![PREBUILDS_USER_ID, &jobs];
        facts.members = self.connection.fetch(&RECENT_MEMBERS, arguments).await?;
        if is_own {
            facts.misses = misses::read(&mut self.connection, since).await?;
            for miss in &mut facts.misses {
                miss.asked_at = miss.created_at;
            }
        } else {
            facts.requests = self.connection.fetch(&RECENT_REQUESTS, arguments).await?;
        }
        self.connection.rollback().await?;
        Ok(facts)
    }
}
