//! Membership of the prebuilds user: in organizations with pools, and in the group there whose quota
//! limits what prebuilt workspaces may cost.
//!
//! One statement looks, and where all is there nothing is written. What is missing is inserted in
//! sets, each passing over what somebody else has inserted meanwhile; the group is looked up again
//! before the user joins it, so that losing that race costs nothing. Never takes anything away.

use serde::Serialize;
use uuid::Uuid;

use crate::model::facts::Allowance;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::connection::{Connection, Statement, execute, fetch};
use crate::store::session::row::{Id, Stamp, id_list, json_rows};
use crate::store::session::schema::Kind;
use crate::store::{Pass, Reader, StoreError};

/// The group of the prebuilds user in an organization.
const GROUP: &str = crate::actions::health::QUOTA_GROUP;
/// Its name for people.
const GROUP_DISPLAY_NAME: &str = "Prebuilt Workspaces";

/// What had to be inserted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    pub organizations: u64,
    /// Groups made.
    pub groups: u64,
    pub group_members: u64,
}

impl Pass {
    /// Makes the prebuilds user a member of the organizations and of its group in each.
    pub(crate) async fn join_organizations(
        &mut self,
        organizations: &[Uuid],
        now: Time,
    ) -> Result<Joined, StoreError> {
        let rows = fetch!(
            &mut self.connection,
            MembershipRow,
            MEMBERSHIPS,
            id_list(organizations),
            Id(PREBUILDS_USER_ID),
            GROUP,
        )?;
        let lacking = |lacks: fn(&MembershipRow) -> bool| -> Vec<Uuid> {
            let rows = rows.iter().filter(|row| lacks(row));
            rows.map(|row| row.organization_id.0).collect()
        };
        Ok(Joined {
            organizations: self
                .insert_members(&lacking(|row| !row.is_member), now)
                .await?,
            groups: self.insert_groups(&lacking(|row| !row.has_group)).await?,
            group_members: self
                .insert_group_members(&lacking(|row| !row.is_in_group))
                .await?,
        })
    }

    async fn insert_members(
        &mut self,
        organizations: &[Uuid],
        now: Time,
    ) -> Result<u64, StoreError> {
        if organizations.is_empty() {
            return Ok(0);
        }
        execute!(
            &mut self.connection,
            INSERT_MEMBERS,
            id_list(organizations),
            Id(PREBUILDS_USER_ID),
            Stamp(now),
        )
    }

    async fn insert_groups(&mut self, organizations: &[Uuid]) -> Result<u64, StoreError> {
        #[derive(Serialize)]
        struct NewGroup {
            id: Uuid,
            organization_id: Uuid,
        }
        if organizations.is_empty() {
            return Ok(0);
        }
        let group = |organization_id: &Uuid| NewGroup {
            id: Uuid::new_v4(),
            organization_id: *organization_id,
        };
        let groups: Vec<NewGroup> = organizations.iter().map(group).collect();
        execute!(
            &mut self.connection,
            INSERT_GROUPS,
            json_rows(&groups),
            GROUP,
            GROUP_DISPLAY_NAME,
        )
    }

    async fn insert_group_members(&mut self, organizations: &[Uuid]) -> Result<u64, StoreError> {
        if organizations.is_empty() {
            return Ok(0);
        }
        execute!(
            &mut self.connection,
            INSERT_GROUP_MEMBERS,
            id_list(organizations),
            Id(PREBUILDS_USER_ID),
            GROUP,
        )
    }
}

impl Reader {
    /// What the prebuilds user may spend in each of the organizations, and whether its workspaces
    /// cost anything there. Nothing on databases of our own, where nobody enforces quotas.
    pub(crate) async fn read_allowances(
        &mut self,
        organizations: &[Uuid],
    ) -> Result<Vec<Allowance>, StoreError> {
        if self.schema.kind() != Kind::Coder {
            return Ok(Vec::new());
        }
        read_allowances(&mut self.connection, organizations).await
    }
}

async fn read_allowances(
    connection: &mut Connection,
    organizations: &[Uuid],
) -> Result<Vec<Allowance>, StoreError> {
    let rows = fetch!(
        connection,
        AllowanceRow,
        ALLOWANCES,
        id_list(organizations),
        Id(PREBUILDS_USER_ID),
        GROUP,
    )?;
    let allowance = |row: AllowanceRow| Allowance {
        organization: row.organization,
        allowance: row.allowance,
        has_costs: row.has_costs,
    };
    Ok(rows.into_iter().map(allowance).collect())
}

#[derive(sqlx::FromRow)]
struct MembershipRow {
    organization_id: Id,
    is_member: bool,
    has_group: bool,
    is_in_group: bool,
}

#[derive(sqlx::FromRow)]
struct AllowanceRow {
    organization: String,
    allowance: i64,
    has_costs: bool,
}

const MEMBERSHIPS: Statement = Statement {
    doing: "reading the memberships of the prebuilds user",
    postgres: include_str!("../sql/memberships.postgres.sql"),
    sqlite: include_str!("../sql/memberships.sqlite.sql"),
};

const INSERT_MEMBERS: Statement = Statement {
    doing: "making the prebuilds user a member of organizations",
    postgres: "INSERT INTO organization_members (organization_id, user_id, created_at, updated_at) \
               SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid), $2, $3, $3 \
               ON CONFLICT DO NOTHING",
    sqlite: "INSERT INTO organization_members (organization_id, user_id, created_at, updated_at) \
             SELECT value, $2, $3, $3 FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
};

const INSERT_GROUPS: Statement = Statement {
    doing: "making groups for the prebuilds user",
    postgres: "INSERT INTO groups (id, name, display_name, organization_id, avatar_url, \
               quota_allowance) SELECT id, $2, $3, organization_id, '', 0 \
               FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS n (id uuid, organization_id uuid) \
               ON CONFLICT DO NOTHING",
    sqlite: "INSERT INTO groups (id, name, display_name, organization_id, avatar_url, \
             quota_allowance) SELECT value ->> 'id', $2, $3, value ->> 'organization_id', '', 0 \
             FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
};

const INSERT_GROUP_MEMBERS: Statement = Statement {
    doing: "making the prebuilds user a member of its groups",
    postgres: "INSERT INTO group_members (user_id, group_id) SELECT $2, id FROM groups \
               WHERE name = $3 AND organization_id IN \
               (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid)) \
               ON CONFLICT DO NOTHING",
    sqlite: "INSERT INTO group_members (user_id, group_id) SELECT $2, id FROM groups \
             WHERE name = $3 AND organization_id IN (SELECT value FROM json_each($1)) \
             ON CONFLICT DO NOTHING",
};

const ALLOWANCES: Statement = Statement {
    doing: "reading what prebuilt workspaces may cost",
    postgres: include_str!("../sql/allowances.postgres.sql"),
    sqlite: include_str!("../sql/allowances.sqlite.sql"),
};
