//! Reading what changes to a calculation need to know besides the facts of a snapshot.
//!
//! All as of one moment, in the transaction that reads the facts. Costs one look-up per template
//! that is named, and one statement over the prebuilds user's live workspaces; never a look at all
//! builds.

use crate::actions::what_if::impact::BuildTime;
use crate::actions::what_if::promotion::TemplateVersion;
use crate::actions::what_if::{Known, Wishes};

use crate::model::facts::Facts;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::read::snapshot;
use crate::store::session::arguments::args;
use crate::store::session::connection::{Connection, Statement};
use crate::store::session::row::rows;
use crate::store::{Reader, StoreError};

impl Reader {
    /// Reads the facts of a snapshot and what the changes need to know, all as of one moment.
    pub(crate) async fn read_what_if(
        &mut self,
        wishes: &Wishes,
    ) -> Result<(Facts, Known), StoreError> {
        self.connection.begin_read().await?;
        let mut facts =
            snapshot::read_facts(&mut self.connection, &self.schema, &self.target).await?;
        let mut known = Known {
            build_times: read_build_times(&mut self.connection).await?,
            ..Known::default()
        };
        if !wishes.promotions.is_empty() {
            facts.schedules = snapshot::read_all_schedules(&mut self.connection).await?;
        }
        for promotion in &wishes.promotions {
            let arguments = args![&promotion.template];
            let versions = self.connection.fetch(&VERSIONS, arguments).await?;
            known.versions.extend::<Vec<_>>(versions);
        }
        self.connection.rollback().await?;
        Ok((facts, known))
    }
}

/// All versions of the templates that the name fits.
static VERSIONS: Statement = Statement::both(
    "reading the versions of a template",
    "SELECT v.id, v.name, t.id AS template_id, t.name AS template_name, \
     o.name AS organization_name, v.id = t.active_version_id AS is_active \
     FROM templates AS t \
     JOIN organizations AS o ON o.id = t.organization_id \
     JOIN template_versions AS v ON v.template_id = t.id \
     WHERE NOT t.deleted AND (t.name = $1 OR o.name || '/' || t.name = $1)",
);

rows! {
    TemplateVersion { id, name, template_id, template_name, organization_name, is_active }
    BuildTime { template_id, preset_name, created_at, ready_at }
}

static BUILD_TIMES: Statement = Statement {
    doing: "reading how long builds took",
    postgres: include_str!("../sql/build_times.postgres.sql"),
    sqlite: include_str!("../sql/build_times.sqlite.sql"),
};

async fn read_build_times(connection: &mut Connection) -> Result<Vec<BuildTime>, StoreError> {
    let arguments = args![PREBUILDS_USER_ID];
    let rows = connection.fetch(&BUILD_TIMES, arguments).await?;
    let build_time = |(build, agents_ready_at): (BuildTime, Option<Time>)| BuildTime {
        ready_at: agents_ready_at.map_or(build.ready_at, |at| at.max(build.ready_at)),
        ..build
    };
    Ok(rows.into_iter().map(build_time).collect())
}
