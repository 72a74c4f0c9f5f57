//! The session of claims: what can be asked for, taking workspaces, and handing them over.
//!
//! A claim is one transaction: workspaces are taken ([`ClaimSession::take`]: on PostgreSQL their
//! rows are locked, and rows that somebody else holds are passed over), their builds are inserted on
//! the condition that no other build has come first, and those that won are handed over. Taking
//! alone is not enough: a deletion locks a workspace's row without changing it, so that one which
//! commits between the start of our statement and our lock goes unnoticed until the build number
//! turns out to be taken.
//!
//! Never asks for the reconciliation lock: claims go on beside passes, and while they are paused.
//! What is not committed is undone when the session ends.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::builds::{NewBuild, Version};
use crate::model::{PREBUILDS_USER_ID, Time, text};
use crate::store::read::versions;
use crate::store::session::connection::{Access, Connection, Statement, execute, fetch};
use crate::store::session::rights;
use crate::store::session::row::{Id, Stamp, json_rows};
use crate::store::session::schema::Schema;
use crate::store::write::builds::{self, LastBuild, LastBuildRow};
use crate::store::{Store, StoreError, notify};

/// A session that can claim.
pub(crate) struct ClaimSession {
    connection: Connection,
    schema: Schema,
}

/// What can be asked for: a preset, or a template whose active version has none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PoolRow {
    pub template_name: String,
    pub organization_name: String,
    /// Whether the template is deleted.
    pub template_deleted: bool,
    /// Why the template is deprecated; empty: it is not.
    pub deprecated: String,
    /// The template's default for a workspace's time to live; none: for ever.
    pub default_ttl: Option<TimeDelta>,
    pub template_version_id: Uuid,
    /// Whether it is the template's active one.
    pub using_active_version: bool,
    /// The preset: id and name.
    pub preset: Option<(Uuid, String)>,
    /// Whether the preset keeps a pool.
    pub has_pool: bool,
}

/// Whose workspace is to have which name.
#[derive(Clone, Debug)]
pub(crate) struct Wish<'a> {
    /// Id or name of the user.
    pub user: &'a str,
    /// Name of the workspace.
    pub name: &'a str,
}

/// What the database says about a wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct WishFacts {
    /// The user: id, whether deleted, and status.
    pub user: Option<(Uuid, bool, String)>,
    /// Whether the user is a member of the organization.
    pub member: bool,
    /// Whether the user has a live workspace of that name.
    pub name_taken: bool,
}

/// A workspace that gets a new owner.
#[derive(Clone, Debug)]
pub(crate) struct HandOver<'a> {
    pub workspace_id: Uuid,
    /// Whose it becomes.
    pub owner_id: Uuid,
    /// Its new name.
    pub name: &'a str,
    /// When it starts by itself.
    pub autostart_schedule: Option<&'a str>,
    /// When that is next.
    pub next_start_at: Option<Time>,
    /// How long it runs after a start.
    pub ttl: Option<TimeDelta>,
}

/// What a pool holds: why there is nothing to claim.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub(crate) struct PoolCounts {
    /// Started workspaces.
    pub running: i64,
    /// Those of them whose agents are ready.
    pub ready: i64,
    /// Workspaces whose start is queued or under way.
    pub starting: i64,
}

impl Store {
    /// Opens the session of claims, on a schema that it can write to.
    pub(crate) async fn open_claims(&self) -> Result<ClaimSession, StoreError> {
        let (mut connection, schema) = self.open(Access::Write).await?;
        schema.check_writable()?;
        rights::check(&mut connection, rights::WRITING).await?;
        Ok(ClaimSession { connection, schema })
    }
}

impl ClaimSession {
    /// Every template's active version with its presets, and the preset with the id `extra`.
    pub(crate) async fn read_pools(
        &mut self,
        extra: Option<Uuid>,
    ) -> Result<Vec<PoolRow>, StoreError> {
        let extra = Id(extra.unwrap_or_default());
        let rows = fetch!(&mut self.connection, PoolFields, POOLS, extra)?;
        Ok(rows.into_iter().map(PoolFields::into_row).collect())
    }

    /// Template versions, as far as builds on them need to know them.
    pub(crate) async fn read_versions(
        &mut self,
        ids: &[Uuid],
    ) -> Result<BTreeMap<Uuid, Version>, StoreError> {
        versions::read_versions(&mut self.connection, &self.schema, ids).await
    }

    /// What a preset's pool holds.
    pub(crate) async fn count(&mut self, preset_id: Uuid) -> Result<PoolCounts, StoreError> {
        let rows = fetch!(
            &mut self.connection,
            PoolCounts,
            COUNTS,
            Id(preset_id),
            Id(PREBUILDS_USER_ID)
        )?;
        Ok(rows.into_iter().next().unwrap_or_default())
    }

    /// Begins a transaction.
    pub(crate) async fn begin(&mut self) -> Result<(), StoreError> {
        self.connection.begin_write().await
    }

    /// Looks wishes for workspaces of an organization up, in their order.
    pub(crate) async fn look_up(
        &mut self,
        wishes: &[Wish<'_>],
        organization_id: Uuid,
    ) -> Result<Vec<WishFacts>, StoreError> {
        let row = |(number, wish): (usize, &Wish<'_>)| WishRow {
            number,
            user_id: wish.user.parse().ok(),
            user_name: wish.user.to_owned(),
            name: wish.name.to_owned(),
        };
        let wishes: Vec<WishRow> = wishes.iter().enumerate().map(row).collect();
        let rows = fetch!(
            &mut self.connection,
            WishFields,
            WISHES,
            json_rows(&wishes),
            Id(organization_id)
        )?;
        Ok(rows.into_iter().map(WishFields::into_facts).collect())
    }

    /// Takes up to `count` claimable workspaces of a preset, the oldest first.
    pub(crate) async fn take(
        &mut self,
        preset_id: Uuid,
        count: usize,
    ) -> Result<Vec<LastBuild>, StoreError> {
        let rows = fetch!(
            &mut self.connection,
            LastBuildRow,
            CLAIMABLE,
            Id(preset_id),
            Id(PREBUILDS_USER_ID),
            text::count(count),
        )?;
        builds::with_parameters(&mut self.connection, rows).await
    }

    /// Inserts builds with their jobs and parameters. A build whose number is taken by now is left
    /// out, job and all. Returns the ids of the builds inserted.
    pub(crate) async fn insert_builds(
        &mut self,
        builds: &[NewBuild],
        now: Time,
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        builds::insert_builds(&mut self.connection, builds, now).await
    }

    /// Gives workspaces that were taken to their new owners.
    ///
    /// # Errors
    /// [`StoreError::Duplicate`] when a new owner has got a workspace of that name meanwhile.
    pub(crate) async fn hand_over(
        &mut self,
        workspaces: &[HandOver<'_>],
        now: Time,
    ) -> Result<(), StoreError> {
        let rows: Vec<HandOverRow<'_>> = workspaces.iter().map(HandOverRow::from).collect();
        let changed = execute!(
            &mut self.connection,
            HAND_OVER,
            json_rows(&rows),
            Stamp(now),
            Id(PREBUILDS_USER_ID)
        )?;
        if usize::try_from(changed) == Ok(workspaces.len()) {
            return Ok(());
        }
        // Can't be: the rows are ours until the commit. Should it ever, builds of workspaces that
        // stay the prebuilds user's must not be committed.
        Err(StoreError::Row {
            column: "workspaces.owner_id",
            problem: "a workspace changed hands while it was locked".to_owned(),
        })
    }

    /// Makes the claims permanent.
    pub(crate) async fn commit(&mut self) -> Result<(), StoreError> {
        self.connection.commit().await
    }

    /// Undoes the transaction.
    pub(crate) async fn rollback(&mut self) -> Result<(), StoreError> {
        self.connection.rollback().await
    }

    /// Wakes provisioners for the jobs of claims that are committed, and tells other processes of
    /// this tool that pools have shrunk.
    pub(crate) async fn notify(&mut self, payloads: &[(String, usize)]) -> Result<(), StoreError> {
        notify::post_jobs(&mut self.connection, payloads).await?;
        notify::post_change(&mut self.connection, "claim").await;
        Ok(())
    }

    /// Ends the session. What was not committed is undone.
    pub(crate) async fn close(self) {
        self.connection.close().await;
    }
}

const POOLS: Statement = Statement::both(
    "reading what can be claimed",
    include_str!("../sql/claim_pools.sql"),
);

#[derive(sqlx::FromRow)]
struct PoolFields {
    template_name: String,
    organization_name: String,
    template_deleted: bool,
    deprecated: String,
    default_ttl: i64,
    template_version_id: Id,
    using_active_version: bool,
    preset_id: Option<Id>,
    preset_name: Option<String>,
    desired_instances: Option<i64>,
}

impl PoolFields {
    fn into_row(self) -> PoolRow {
        PoolRow {
            template_name: self.template_name,
            organization_name: self.organization_name,
            template_deleted: self.template_deleted,
            deprecated: self.deprecated,
            default_ttl: (self.default_ttl > 0).then(|| TimeDelta::nanoseconds(self.default_ttl)),
            template_version_id: self.template_version_id.0,
            using_active_version: self.using_active_version,
            preset: self.preset_id.map(|id| id.0).zip(self.preset_name),
            has_pool: self.desired_instances.is_some(),
        }
    }
}

const COUNTS: Statement = Statement::both(
    "looking at the pool",
    include_str!("../sql/pool_counts.sql"),
);

const WISHES: Statement = Statement {
    doing: "looking up users and names",
    postgres: include_str!("../sql/claim_wishes.postgres.sql"),
    sqlite: include_str!("../sql/claim_wishes.sqlite.sql"),
};

#[derive(Serialize)]
struct WishRow {
    number: usize,
    user_id: Option<Uuid>,
    user_name: String,
    name: String,
}

#[derive(sqlx::FromRow)]
struct WishFields {
    user_id: Option<Id>,
    deleted: bool,
    status: Option<String>,
    member: bool,
    name_taken: bool,
}

impl WishFields {
    fn into_facts(self) -> WishFacts {
        let user = self.user_id.zip(self.status);
        WishFacts {
            user: user.map(|(id, status)| (id.0, self.deleted, status)),
            member: self.member,
            name_taken: self.name_taken,
        }
    }
}

const CLAIMABLE: Statement = Statement {
    doing: "taking workspaces",
    postgres: include_str!("../sql/claimable.postgres.sql"),
    sqlite: include_str!("../sql/claimable.sqlite.sql"),
};

const HAND_OVER: Statement = Statement {
    doing: "handing workspaces over",
    postgres: include_str!("../sql/hand_over.postgres.sql"),
    sqlite: include_str!("../sql/hand_over.sqlite.sql"),
};

#[derive(Serialize)]
struct HandOverRow<'a> {
    workspace_id: Uuid,
    owner_id: Uuid,
    name: &'a str,
    autostart_schedule: Option<&'a str>,
    next_start_at: Option<String>,
    ttl: Option<i64>,
}

impl<'a> From<&'a HandOver<'a>> for HandOverRow<'a> {
    fn from(hand_over: &'a HandOver<'a>) -> Self {
        Self {
            workspace_id: hand_over.workspace_id,
            owner_id: hand_over.owner_id,
            name: hand_over.name,
            autostart_schedule: hand_over.autostart_schedule,
            next_start_at: hand_over.next_start_at.map(|time| Stamp(time).text()),
            ttl: hand_over.ttl.and_then(|ttl| ttl.num_nanoseconds()),
        }
    }
}
