//! Reading what changes to a calculation need to know besides the facts of a snapshot.
//!
//! All as of one moment, in the transaction that reads the facts. Costs one look-up per template
//! that is named, and one statement over the prebuilds user's live workspaces; never a look at all
//! builds.

use crate::actions::what_if::impact::BuildTime;
use crate::actions::what_if::promotion::{Promotion, TemplateVersion};
use crate::actions::what_if::{Overrides, WhatIfFacts};
use crate::model::PREBUILDS_USER_ID;
use crate::model::facts::Facts;
use crate::store::read::snapshot;
use crate::store::session::connection::{Connection, Statement, fetch};
use crate::store::session::row::{Id, Stamp};
use crate::store::{Reader, StoreError};

impl Reader {
    /// Reads the facts of a snapshot and what the changes need to know, all as of one moment.
    pub(crate) async fn read_what_if(
        &mut self,
        overrides: &Overrides,
    ) -> Result<(Facts, WhatIfFacts), StoreError> {
        self.connection.begin_read().await?;
        let mut facts =
            snapshot::read_facts(&mut self.connection, &self.schema, &self.target).await?;
        let mut what_if = WhatIfFacts {
            build_times: read_build_times(&mut self.connection).await?,
            ..WhatIfFacts::default()
        };
        if !overrides.promotions.is_empty() {
            facts.schedules = snapshot::read_all_schedules(&mut self.connection).await?;
        }
        for promotion in &overrides.promotions {
            let versions = read_versions(&mut self.connection, promotion).await?;
            what_if.versions.extend(versions);
        }
        self.connection.rollback().await?;
        Ok((facts, what_if))
    }
}

const VERSIONS: Statement = Statement::both(
    "reading the versions of a template",
    "SELECT v.id, v.name, t.id AS template_id, t.name AS template_name, \
     o.name AS organization_name, v.id = t.active_version_id AS is_active \
     FROM templates AS t \
     JOIN organizations AS o ON o.id = t.organization_id \
     JOIN template_versions AS v ON v.template_id = t.id \
     WHERE NOT t.deleted AND (t.name = $1 OR o.name || '/' || t.name = $1)",
);

#[derive(sqlx::FromRow)]
struct VersionRow {
    id: Id,
    name: String,
    template_id: Id,
    template_name: String,
    organization_name: String,
    is_active: bool,
}

/// All versions of the templates that a promotion's name fits.
async fn read_versions(
    connection: &mut Connection,
    promotion: &Promotion,
) -> Result<Vec<TemplateVersion>, StoreError> {
    let rows = fetch!(connection, VersionRow, VERSIONS, &promotion.template)?;
    let version = |row: VersionRow| TemplateVersion {
        id: row.id.0,
        name: row.name,
        template_id: row.template_id.0,
        template_name: row.template_name,
        organization_name: row.organization_name,
        is_active: row.is_active,
    };
    Ok(rows.into_iter().map(version).collect())
}

const BUILD_TIMES: Statement = Statement {
    doing: "reading how long builds took",
    postgres: include_str!("../sql/build_times.postgres.sql"),
    sqlite: include_str!("../sql/build_times.sqlite.sql"),
};

#[derive(sqlx::FromRow)]
struct BuildTimeRow {
    template_id: Id,
    preset_name: Option<String>,
    created_at: Stamp,
    completed_at: Stamp,
    agents_ready_at: Option<Stamp>,
}

async fn read_build_times(connection: &mut Connection) -> Result<Vec<BuildTime>, StoreError> {
    let rows = fetch!(connection, BuildTimeRow, BUILD_TIMES, Id(PREBUILDS_USER_ID))?;
    let build_time = |row: BuildTimeRow| BuildTime {
        template_id: row.template_id.0,
        preset_name: row.preset_name,
        created_at: row.created_at.0,
        ready_at: row
            .agents_ready_at
            .map_or(row.completed_at.0, |ready| ready.0.max(row.completed_at.0)),
    };
    Ok(rows.into_iter().map(build_time).collect())
}
