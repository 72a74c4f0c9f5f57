//! Reading the facts of a snapshot.
//!
//! A handful of statements, whatever the number of workspaces, all in the transaction that the caller
//! has begun, so that they see one state; where there is much to read, in a second session as well.
//! Returns rows as they are; what they mean is worked out in [`crate::actions::snapshot`].

use uuid::Uuid;

use crate::model::facts::{Facts, LatestBuild, Prebuild, UnfinishedBuild};
use crate::model::{PREBUILDS_USER_ID, Preset, Schedule};
use crate::store::session::connection::{Connection, Statement, fetch};
use crate::store::session::row::{Id, Stamp, label};
use crate::store::session::schema::Schema;
use crate::store::session::second;
use crate::store::write::settings::read_paused;
use crate::store::{StoreError, Target};

/// Where the ids end of the prebuilt workspaces that the first of two sessions reads. Ids are random,
/// so that these are five in eight: the other session reads the unfinished builds as well.
const BORDER: u128 = u128::MAX / 8 * 5;

/// Reads everything that a snapshot is made of, in the transaction that has just begun on
/// `connection`.
pub(in crate::store) async fn read_facts(
    connection: &mut Connection,
    schema: &Schema,
    target: &Target,
) -> Result<Facts, StoreError> {
    let other = second::open(connection, target).await?;
    let reconciliation_paused = read_paused(connection).await?;
    let presets = read_presets(connection, schema).await?;
    let schedules = read_schedules(connection).await?;
    let (prebuilds, unfinished) = match other {
        None => (
            read_prebuilds(connection, Uuid::nil(), Uuid::max()).await?,
            read_unfinished(connection).await?,
        ),
        Some(other) => read_in_two(connection, other).await?,
    };
    Ok(Facts {
        reconciliation_paused,
        presets,
        schedules,
        prebuilds,
        unfinished,
    })
}

/// Reads what is much in two sessions that see one state, and ends the second one.
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

/// The presets with prebuilds configured; older releases have no last_invalidated_at.
macro_rules! presets {
    ($last_invalidated_at:literal) => {
        Statement::both(
            "reading the presets",
            concat!(
                "SELECT p.id, p.name, o.id AS organization_id, o.name AS organization_name, ",
                "t.id AS template_id, t.name AS template_name, ",
                "v.id AS template_version_id, v.name AS template_version_name, ",
                "v.id = t.active_version_id AS using_active_version, ",
                "t.deleted, t.deprecated <> '' AS deprecated, ",
                "CAST(p.desired_instances AS bigint) AS desired_instances, ",
                "CAST(p.invalidate_after_secs AS bigint) AS ttl_secs, ",
                "p.scheduling_timezone, CAST(p.prebuild_status AS text) AS prebuild_status, ",
                $last_invalidated_at,
                " AS last_invalidated_at ",
                "FROM template_version_presets AS p ",
                "JOIN template_versions AS v ON v.id = p.template_version_id ",
                "JOIN templates AS t ON t.id = v.template_id ",
                "JOIN organizations AS o ON o.id = t.organization_id ",
                "WHERE p.desired_instances IS NOT NULL"
            ),
        )
    };
}

const PRESETS: Statement = presets!("p.last_invalidated_at");
const PRESETS_OF_OLDER_RELEASES: Statement = Statement {
    postgres: presets!("CAST(NULL AS timestamp with time zone)").postgres,
    ..presets!("NULL")
};

#[derive(sqlx::FromRow)]
struct PresetRow {
    id: Id,
    name: String,
    organization_id: Id,
    organization_name: String,
    template_id: Id,
    template_name: String,
    template_version_id: Id,
    template_version_name: String,
    using_active_version: bool,
    deleted: bool,
    deprecated: bool,
    desired_instances: i64,
    ttl_secs: Option<i64>,
    scheduling_timezone: String,
    prebuild_status: String,
    last_invalidated_at: Option<Stamp>,
}

async fn read_presets(
    connection: &mut Connection,
    schema: &Schema,
) -> Result<Vec<Preset>, StoreError> {
    let rows = if schema.has_column("template_version_presets", "last_invalidated_at") {
        fetch!(connection, PresetRow, PRESETS)?
    } else {
        fetch!(connection, PresetRow, PRESETS_OF_OLDER_RELEASES)?
    };
    let preset = |row: PresetRow| {
        Ok(Preset {
            id: row.id.0,
            name: row.name,
            organization_id: row.organization_id.0,
            organization_name: row.organization_name,
            template_id: row.template_id.0,
            template_name: row.template_name,
            template_version_id: row.template_version_id.0,
            template_version_name: row.template_version_name,
            using_active_version: row.using_active_version,
            deleted: row.deleted,
            deprecated: row.deprecated,
            desired_instances: row.desired_instances,
            ttl_secs: row.ttl_secs,
            scheduling_timezone: row.scheduling_timezone,
            prebuild_status: label("prebuild_status", row.prebuild_status)?,
            last_invalidated_at: row.last_invalidated_at.map(|stamp| stamp.0),
        })
    };
    rows.into_iter().map(preset).collect()
}

macro_rules! schedules {
    ($of:literal) => {
        Statement::both(
            "reading the schedules",
            concat!(
                "SELECT s.id, s.preset_id, s.cron_expression, ",
                "CAST(s.desired_instances AS bigint) AS desired_instances ",
                "FROM template_version_preset_prebuild_schedules AS s ",
                "JOIN template_version_presets AS p ON p.id = s.preset_id ",
                "WHERE p.desired_instances IS NOT NULL",
                $of
            ),
        )
    };
}

/// Those of versions that are active somewhere; the facts tell which of them are in force. Joined
/// with versions and templates, they would be few in PostgreSQL's expectation: it then read the index
/// of preset names once for every template.
const SCHEDULES: Statement =
    schedules!(" AND p.template_version_id IN (SELECT active_version_id FROM templates)");

const SCHEDULES_OF_ALL_VERSIONS: Statement = schedules!("");

#[derive(sqlx::FromRow)]
struct ScheduleRow {
    id: Id,
    preset_id: Id,
    cron_expression: String,
    desired_instances: i64,
}

impl From<ScheduleRow> for Schedule {
    fn from(row: ScheduleRow) -> Self {
        Self {
            id: row.id.0,
            preset_id: row.preset_id.0,
            cron_expression: row.cron_expression,
            desired_instances: row.desired_instances,
        }
    }
}

async fn read_schedules(connection: &mut Connection) -> Result<Vec<Schedule>, StoreError> {
    let rows = fetch!(connection, ScheduleRow, SCHEDULES)?;
    Ok(rows.into_iter().map(Schedule::from).collect())
}

/// The schedules of presets with prebuilds configured, of inactive versions too.
pub(in crate::store) async fn read_all_schedules(
    connection: &mut Connection,
) -> Result<Vec<Schedule>, StoreError> {
    let rows = fetch!(connection, ScheduleRow, SCHEDULES_OF_ALL_VERSIONS)?;
    Ok(rows.into_iter().map(Schedule::from).collect())
}

const PREBUILDS: Statement = Statement {
    doing: "reading the prebuilt workspaces",
    postgres: include_str!("../sql/prebuilds.postgres.sql"),
    sqlite: include_str!("../sql/prebuilds.sqlite.sql"),
};

#[derive(sqlx::FromRow)]
struct PrebuildRow {
    id: Id,
    name: String,
    template_id: Id,
    created_at: Stamp,
    preset_id: Option<Id>,
    build_id: Option<Id>,
    build_version_id: Option<Id>,
    build_preset_id: Option<Id>,
    transition: Option<String>,
    job_status: Option<String>,
    build_created_at: Option<Stamp>,
    initiator_id: Option<Id>,
    on_active_version: Option<bool>,
    template_deleted: Option<bool>,
    ready: Option<bool>,
}

impl PrebuildRow {
    /// All columns of the latest build are null together: when there is none.
    fn latest_build(&mut self) -> Result<Option<LatestBuild>, StoreError> {
        let (Some(id), Some(version), Some(created_at), Some(initiator_id)) = (
            self.build_id,
            self.build_version_id,
            self.build_created_at,
            self.initiator_id,
        ) else {
            return Ok(None);
        };
        Ok(Some(LatestBuild {
            id: id.0,
            template_version_id: version.0,
            preset_id: self.build_preset_id.map(|id| id.0),
            transition: label("transition", self.transition.take().unwrap_or_default())?,
            job_status: label("job_status", self.job_status.take().unwrap_or_default())?,
            created_at: created_at.0,
            initiator_id: initiator_id.0,
            on_active_version: self.on_active_version.unwrap_or(false),
            template_deleted: self.template_deleted.unwrap_or(false),
            ready: self.ready.unwrap_or(false),
        }))
    }
}

/// Those with ids from `first` to `last`.
async fn read_prebuilds(
    connection: &mut Connection,
    first: Uuid,
    last: Uuid,
) -> Result<Vec<Prebuild>, StoreError> {
    let rows = fetch!(
        connection,
        PrebuildRow,
        PREBUILDS,
        Id(PREBUILDS_USER_ID),
        Id(first),
        Id(last)
    )?;
    let prebuild = |mut row: PrebuildRow| {
        Ok(Prebuild {
            latest_build: row.latest_build()?,
            id: row.id.0,
            name: row.name,
            template_id: row.template_id.0,
            created_at: row.created_at.0,
            preset_id: row.preset_id.map(|id| id.0),
        })
    };
    rows.into_iter().map(prebuild).collect()
}

const UNFINISHED: Statement = Statement {
    doing: "reading the unfinished builds",
    postgres: include_str!("../sql/unfinished.postgres.sql"),
    sqlite: include_str!("../sql/unfinished.sqlite.sql"),
};

#[derive(sqlx::FromRow)]
struct UnfinishedRow {
    template_id: Option<Id>,
    workspace_template_id: Id,
    template_version_id: Id,
    preset_id: Option<Id>,
    transition: String,
    is_first: bool,
    is_latest: bool,
    is_untouched: bool,
    is_live: bool,
    on_active_version: Option<bool>,
    on_active_version_of_workspace: bool,
}

async fn read_unfinished(connection: &mut Connection) -> Result<Vec<UnfinishedBuild>, StoreError> {
    let rows = fetch!(connection, UnfinishedRow, UNFINISHED, Id(PREBUILDS_USER_ID))?;
    let unfinished = |row: UnfinishedRow| {
        Ok(UnfinishedBuild {
            template_id: row.template_id.map(|id| id.0),
            workspace_template_id: row.workspace_template_id.0,
            template_version_id: row.template_version_id.0,
            preset_id: row.preset_id.map(|id| id.0),
            transition: label("transition", row.transition)?,
            is_first: row.is_first,
            is_latest: row.is_latest,
            is_untouched: row.is_untouched,
            is_live: row.is_live,
            on_active_version: row.on_active_version.unwrap_or(false),
            on_active_version_of_workspace: row.on_active_version_of_workspace,
        })
    };
    rows.into_iter().map(unfinished).collect()
}
