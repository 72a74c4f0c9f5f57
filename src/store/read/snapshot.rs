//! Reading the facts of a snapshot.
//!
//! A handful of statements, whatever the number of workspaces, all in the transaction that the caller
//! has begun, so that they see one state; with many workspaces, a second session helps.
//! Returns rows as they are; what they mean is worked out in [`crate::actions::snapshot`].

use uuid::Uuid;

use crate::model::facts::{Facts, LatestBuild, Prebuild, UnfinishedBuild};
use crate::model::{PREBUILDS_USER_ID, Preset, Schedule};
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::row::rows;
use crate::store::session::schema::{Kind, Schema};
use crate::store::session::second;
use crate::store::session::statement::{Statement, sql, statements};
use crate::store::write::scales;
use crate::store::write::settings::Stored;
use crate::store::{Reader, StoreError};

/// Where the ids end of the prebuilt workspaces that the first of two sessions reads. Ids are random,
/// so that these are five in eight: the other session reads the unfinished builds as well.
const BORDER: u128 = u128::MAX / 8 * 5;

impl Reader {
    /// Reads the facts of a snapshot, all as of one moment.
    pub(crate) async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        self.connection.begin_read().await?;
        let facts = self.read_facts_here().await?;
        self.connection.rollback().await?;
        Ok(facts)
    }

    /// The same in the transaction that has just begun.
    pub(in crate::store) async fn read_facts_here(&mut self) -> Result<Facts, StoreError> {
        let other = second::open(&mut self.connection, &self.target, self.limits).await?;
        self.read_facts_with(other, None).await
    }

    /// The same with the help of another session, if there is one, and with what stands in site_configs, if
    /// that was read.
    pub(in crate::store) async fn read_facts_with(
        &mut self,
        other: Option<Connection>,
        stored: Option<Stored>,
    ) -> Result<Facts, StoreError> {
        let connection = &mut self.connection;
        let stored = match stored {
            Some(stored) => stored,
            None => Stored::read(connection).await?,
        };
        let pause = stored.pause()?;
        let mut presets = read_presets(connection, &self.schema).await?;
        if self.schema.kind() == Kind::Own {
            scales::mark(stored.scales.as_deref(), &mut presets)?;
        }
        let schedules = connection.fetch(&SCHEDULES, &[]).await?;
        let (prebuilds, unfinished) = match other {
            None => (
                read_prebuilds(connection, Uuid::nil(), Uuid::max()).await?,
                read_unfinished(connection).await?,
            ),
            Some(other) => read_in_two(connection, other).await?,
        };
        let claimed = self.read_claimed().await?;
        Ok(Facts {
            pause,
            presets,
            schedules,
            prebuilds,
            unfinished,
            claimed,
        })
    }

    /// The schedules of presets with prebuilds configured, of inactive versions too.
    pub(in crate::store) async fn read_all_schedules(
        &mut self,
    ) -> Result<Vec<Schedule>, StoreError> {
        self.connection.fetch(&SCHEDULES_OF_ALL_VERSIONS, &[]).await
    }
}

/// Reads workspaces and builds in two sessions that see one state, and ends the second one.
async fn read_in_two(
    connection: &mut Connection,
    mut other: Connection,
) -> Result<(Vec<Prebuild>, Vec<UnfinishedBuild>), StoreError> {
    let below = read_prebuilds(connection, Uuid::nil(), Uuid::from_u128(BORDER));
    let rest = async {
        let unfinished = read_unfinished(&mut other).await?;
        let above = Uuid::from_u128(BORDER + 1);
        let above = read_prebuilds(&mut other, above, Uuid::max()).await?;
        Ok::<_, StoreError>((above, unfinished))
    };
    let (below, rest) = tokio::join!(below, rest);
    other.close().await;
    let (above, unfinished) = rest?;
    let mut prebuilds = below?;
    prebuilds.extend(above);
    Ok((prebuilds, unfinished))
}

/// The presets with prebuilds configured. A mark of invalidation that is still to come, which a clock that
/// was ahead has left, would have every replacement replaced until then. coderd believes it all the same;
/// on an embedded database, which coderd never sees, it doesn't count.
static PRESETS: Statement = Statement::twins(
    "reading the presets",
    concat!("SELECT p.last_invalidated_at", sql!("preset/read")),
    concat!(
        "SELECT CASE WHEN p.last_invalidated_at <= \
         strftime('%Y-%m-%dT%H:%M:%f000Z', 'now', '+1 second') THEN p.last_invalidated_at END",
        sql!("preset/read")
    ),
);

/// Older releases have no such column.
static PRESETS_OF_OLDER_RELEASES: Statement = Statement::both(
    "reading the presets",
    concat!("SELECT {cast NULL timestamptz}", sql!("preset/read")),
);

/// Schedules of active versions.
pub(super) static SCHEDULES: Statement = Statement::both(
    "reading the schedules",
    concat!(sql!("schedule/read"), sql!("schedule/of_active_versions")),
);

statements! {
    SCHEDULES_OF_ALL_VERSIONS: "reading the schedules", "schedule/read";
    PREBUILDS: "reading the prebuilt workspaces", twins "prebuild/read";
    UNFINISHED: "reading the unfinished builds", twins "build/read_unfinished";
}

rows! {
    Preset {
        last_invalidated_at, id, name, organization_id, organization_name, template_id, template_name,
        template_version_id, template_version_name, using_active_version, deleted, deprecated,
        desired_instances, ttl_secs, scheduling_timezone, prebuild_status;
        scaled
    }
    Schedule { id, preset_id, cron_expression, desired_instances }
    Prebuild { id, name, template_id, created_at, preset_id, ..latest_build }
    LatestBuild {
        id, template_version_id, preset_id, transition, job_status, created_at, initiator_id,
        on_active_version, template_deleted, ready, out_of_contact_since, ended_at,
    }
    UnfinishedBuild {
        job_id, template_id, workspace_template_id, template_version_id, preset_id, transition,
        is_first, is_latest, is_untouched, is_live, is_prebuild, on_active_version,
        on_active_version_of_workspace,
    }
}

pub(super) async fn read_presets(
    connection: &mut Connection,
    schema: &Schema,
) -> Result<Vec<Preset>, StoreError> {
    let statement = if schema.has_column("template_version_presets", "last_invalidated_at") {
        &PRESETS
    } else {
        &PRESETS_OF_OLDER_RELEASES
    };
    connection.fetch(statement, &[]).await
}

/// Prebuilt workspaces with ids from `first` to `last`.
async fn read_prebuilds(
    connection: &mut Connection,
    first: Uuid,
    last: Uuid,
) -> Result<Vec<Prebuild>, StoreError> {
    let arguments = args![PREBUILDS_USER_ID, first, last];
    connection.fetch(&PREBUILDS, arguments).await
}

async fn read_unfinished(connection: &mut Connection) -> Result<Vec<UnfinishedBuild>, StoreError> {
    connection
        .fetch(&UNFINISHED, args![PREBUILDS_USER_ID])
        .await
}
