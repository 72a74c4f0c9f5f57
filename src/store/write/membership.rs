//! Membership of the prebuilds user: in organizations with pools, and in the group there whose quota
//! limits what prebuilt workspaces may cost.
//!
//! One statement looks, and where all is there nothing is written. What is missing is inserted in
//! sets, each skipping what another process has inserted meanwhile; the group is looked up again
//! before the user joins it, so that losing that race costs nothing. Never takes anything away.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::facts::Allowance;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::{args, id_list, json_rows};
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{Pass, Reader, StoreError};

/// The group of the prebuilds user in an organization.
const GROUP: &str = crate::actions::health::QUOTA_GROUP;
/// Its display name.
const GROUP_DISPLAY_NAME: &str = "Prebuilt Workspaces";

/// The organizations in which the prebuilds user lacks something.
#[derive(Clone, Debug, Default)]
pub(crate) struct Lacking {
    membership: Vec<Uuid>,
    /// Those without its group.
    group: Vec<Uuid>,
    group_membership: Vec<Uuid>,
}

impl Lacking {
    pub(crate) fn is_empty(&self) -> bool {
        self.membership.is_empty() && self.group.is_empty() && self.group_membership.is_empty()
    }
}

/// What had to be inserted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Joined {
    pub organizations: u64,
    /// Groups made.
    pub groups: u64,
    pub group_members: u64,
}

impl Pass {
    /// What the prebuilds user lacks in the organizations: to be a member of them, and of its group in each.
    pub(crate) async fn read_lacking(
        &mut self,
        organizations: &[Uuid],
    ) -> Result<Lacking, StoreError> {
        let arguments = args![id_list(organizations), PREBUILDS_USER_ID, GROUP];
        let rows: Vec<Membership> = self.connection.fetch(&MEMBERSHIPS, arguments).await?;
        let lacking = |lacks: fn(&Membership) -> bool| -> Vec<Uuid> {
            let rows = rows.iter().filter(|row| lacks(row));
            rows.map(|row| row.organization_id).collect()
        };
        Ok(Lacking {
            membership: lacking(|row| !row.is_member),
            group: lacking(|row| !row.has_group),
            group_membership: lacking(|row| !row.is_in_group),
        })
    }

    /// Inserts what the prebuilds user lacks.
    pub(crate) async fn join(
        &mut self,
        lacking: &Lacking,
        now: Time,
    ) -> Result<Joined, StoreError> {
        Ok(Joined {
            organizations: self.insert_members(&lacking.membership, now).await?,
            groups: self.insert_groups(&lacking.group).await?,
            group_members: self.insert_group_members(&lacking.group_membership).await?,
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
        let arguments = args![id_list(organizations), PREBUILDS_USER_ID, now];
        self.connection.execute(&INSERT_MEMBERS, arguments).await
    }

    async fn insert_groups(&mut self, organizations: &[Uuid]) -> Result<u64, StoreError> {
        if organizations.is_empty() {
            return Ok(0);
        }
        let group = |id: &Uuid| json!({ "id": Uuid::new_v4(), "organization_id": id });
        let groups: Vec<Value> = organizations.iter().map(group).collect();
        let arguments = args![json_rows(&groups), GROUP, GROUP_DISPLAY_NAME];
        self.connection.execute(&INSERT_GROUPS, arguments).await
    }

    async fn insert_group_members(&mut self, organizations: &[Uuid]) -> Result<u64, StoreError> {
        if organizations.is_empty() {
            return Ok(0);
        }
        let arguments = args![id_list(organizations), PREBUILDS_USER_ID, GROUP];
        self.connection
            .execute(&INSERT_GROUP_MEMBERS, arguments)
            .await
    }
}

impl Reader {
    /// What the prebuilds user may spend in each of the organizations, and whether its workspaces
    /// cost anything there. Nothing on databases of our own, which have no quotas.
    pub(crate) async fn read_allowances(
        &mut self,
        organizations: &[Uuid],
    ) -> Result<Vec<Allowance>, StoreError> {
        if self.schema.kind() != Kind::Coder {
            return Ok(Vec::new());
        }
        let arguments = args![id_list(organizations), PREBUILDS_USER_ID, GROUP];
        self.connection.fetch(&ALLOWANCES, arguments).await
    }
}

/// What the prebuilds user belongs to in an organization.
struct Membership {
    organization_id: Uuid,
    is_member: bool,
    has_group: bool,
    is_in_group: bool,
}

rows! {
    Membership { organization_id, is_member, has_group, is_in_group }
    Allowance { organization, allowance, has_costs }
}

statements! {
    MEMBERSHIPS: "reading the memberships of the prebuilds user", "membership/read";
    INSERT_MEMBERS: "making the prebuilds user a member of organizations", "membership/join";
    INSERT_GROUPS: "making groups for the prebuilds user", "group/insert";
    INSERT_GROUP_MEMBERS: "making the prebuilds user a member of its groups", "group/join";
    ALLOWANCES: "reading what prebuilt workspaces may cost", "membership/read_allowances";
}
