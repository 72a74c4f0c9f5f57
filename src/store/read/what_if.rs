//! Reading what changes to a calculation need to know besides the facts of a snapshot.
//!
//! All as of one moment, in the transaction that reads the facts. Costs one look-up per template
//! that is named, and one statement over the prebuilds user's live workspaces; never a look at all
//! builds.

use crate::actions::what_if::impact::BuildTime;
use crate::actions::what_if::promotion::TemplateVersion;
use crate::actions::what_if::{Overrides, WhatIfFacts};
use crate::model::facts::Facts;
use crate::model::{PREBUILDS_USER_ID, Time};
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

impl Reader {
    /// How long the first builds of the live prebuilt workspaces took.
    pub(crate) async fn build_times(&mut self) -> Result<Vec<BuildTime>, StoreError> {
        read_build_times(&mut self.connection).await
    }

    /// Reads the facts of a snapshot and what the changes need to know, all as of one moment.
    pub(crate) async fn read_what_if(
        &mut self,
        overrides: &Overrides,
    ) -> Result<(Facts, WhatIfFacts), StoreError> {
        self.connection.begin_read().await?;
        let mut facts = self.read_facts_here().await?;
        let mut what_if = WhatIfFacts {
            build_times: read_build_times(&mut self.connection).await?,
            ..WhatIfFacts::default()
        };
        if !overrides.promotions.is_empty() {
            facts.schedules = self.read_all_schedules().await?;
        }
        for promotion in &overrides.promotions {
            let versions = self.read_versions_of(&promotion.template).await?;
            what_if.versions.extend(versions);
        }
        self.connection.rollback().await?;
        Ok((facts, what_if))
    }

    /// All versions of the templates that the name fits, with that of the organization or without.
    pub(crate) async fn read_versions_of(
        &mut self,
        template: &str,
    ) -> Result<Vec<TemplateVersion>, StoreError> {
        self.connection.fetch(&VERSIONS, args![template]).await
    }
}

statements! {
    VERSIONS: "reading the versions of a template", "version/read_of_template";
    BUILD_TIMES: "reading how long builds took", twins "build/read_times";
}

rows! {
    TemplateVersion { id, name, template_id, template_name, organization_name, is_active }
    BuildTime { template_id, preset_name, created_at, ready_at }
}

async fn read_build_times(connection: &mut Connection) -> Result<Vec<BuildTime>, StoreError> {
    let arguments = args![PREBUILDS_USER_ID];
    let rows = connection.fetch(&BUILD_TIMES, arguments).await?;
    let build_time = |(build, agents_ready_at): (BuildTime, Option<Time>)| BuildTime {
        ready_at: agents_ready_at.map_or(build.ready_at, |at| at.max(build.ready_at)),
        ..build
    };
    Ok(rows.into_iter().map(build_time).collect())
}
