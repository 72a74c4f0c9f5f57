//! An independent account of a PostgreSQL database's pools: the snapshot document, worked out by
//! deliberately naive SQL.
//!
//! It knows nothing of the store and must not share a line with it. Each part is the definition of
//! that part put into SQL as directly as can be, without regard to speed.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::{Value, json};

use super::database::{Database, Session};

/// What the definitions of several parts have in common.
///
/// `latest` is the build with the highest number of each workspace, `named` the preset of the
/// highest-numbered start build that names one, `failing` what back-off and hard limit look at.
/// A colon marks what [`snapshot`] puts in.
const COMMON: &str = "
WITH latest AS (
    SELECT numbered.*, provisioner_jobs.job_status
    FROM (
        SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY build_number DESC) AS place
        FROM workspace_builds
    ) AS numbered
    JOIN provisioner_jobs ON provisioner_jobs.id = numbered.job_id
    WHERE place = 1
),
named AS (
    SELECT workspace_id, template_version_preset_id AS preset_id
    FROM (
        SELECT *, row_number() OVER (PARTITION BY workspace_id ORDER BY build_number DESC) AS place
        FROM workspace_builds
        WHERE transition = 'start' AND template_version_preset_id IS NOT NULL
    ) AS numbered
    WHERE place = 1
),
live AS (
    SELECT * FROM workspaces WHERE NOT deleted
),
ours AS (
    SELECT * FROM live WHERE owner_id = :prebuilds_user
),
running AS (
    SELECT ours.*, latest.template_version_id, latest.job_id
    FROM ours
    JOIN latest ON latest.workspace_id = ours.id
    WHERE latest.transition = 'start' AND latest.job_status = 'succeeded'
),
in_progress AS (
    SELECT latest.*, templates.id AS template_id
    FROM live
    JOIN latest ON latest.workspace_id = live.id
    JOIN templates ON templates.active_version_id = latest.template_version_id
    WHERE latest.initiator_id = :prebuilds_user AND latest.job_status IN ('pending', 'running')
),
failing AS (
    SELECT latest.template_version_id, latest.created_at, latest.job_status = 'failed' AS failed,
        presets.id AS preset_id, presets.desired_instances, templates.deleted AS template_deleted,
        row_number() OVER (PARTITION BY presets.id ORDER BY latest.created_at DESC) AS place
    FROM ours
    JOIN latest ON latest.workspace_id = ours.id
    JOIN template_version_presets AS presets ON presets.id = latest.template_version_preset_id
    JOIN template_versions AS versions ON versions.id = latest.template_version_id
    JOIN templates ON templates.id = versions.template_id
    WHERE latest.transition = 'start'
        AND presets.desired_instances IS NOT NULL
        AND templates.active_version_id = versions.id
)";

/// The last_invalidated_at of a preset goes through its row as JSON: older databases don't have
/// the column. Presets are ordered by names, by bytes.
const PRESETS: &str = "
SELECT jsonb_build_object(
    'id', presets.id, 'name', presets.name,
    'organization_id', organizations.id, 'organization_name', organizations.name,
    'template_id', templates.id, 'template_name', templates.name,
    'template_version_id', versions.id, 'template_version_name', versions.name,
    'using_active_version', versions.id = templates.active_version_id,
    'deleted', templates.deleted, 'deprecated', templates.deprecated <> '',
    'desired_instances', presets.desired_instances,
    'ttl_secs', presets.invalidate_after_secs,
    'scheduling_timezone', presets.scheduling_timezone,
    'prebuild_status', presets.prebuild_status,
    'last_invalidated_at', (to_jsonb(presets) ->> 'last_invalidated_at')::timestamptz
)
FROM template_version_presets AS presets
JOIN template_versions AS versions ON versions.id = presets.template_version_id
JOIN templates ON templates.id = versions.template_id
JOIN organizations ON organizations.id = templates.organization_id
WHERE presets.desired_instances IS NOT NULL
ORDER BY organizations.name COLLATE \"C\", templates.name COLLATE \"C\",
    versions.name COLLATE \"C\", presets.name COLLATE \"C\", presets.id";

const SCHEDULES: &str = "
SELECT jsonb_build_object(
    'id', schedules.id, 'preset_id', presets.id, 'cron_expression', schedules.cron_expression,
    'desired_instances', schedules.desired_instances
)
FROM template_version_preset_prebuild_schedules AS schedules
JOIN template_version_presets AS presets ON presets.id = schedules.preset_id
JOIN template_versions AS versions ON versions.id = presets.template_version_id
JOIN templates ON templates.id = versions.template_id
WHERE presets.desired_instances IS NOT NULL AND versions.id = templates.active_version_id
    AND NOT templates.deleted AND templates.deprecated = ''
ORDER BY schedules.id";

/// An agent counts when it is neither deleted nor a sub-agent; without any nothing is ready.
const RUNNING: &str = "
SELECT jsonb_build_object(
    'id', running.id, 'name', running.name, 'template_id', running.template_id,
    'template_version_id', running.template_version_id, 'preset_id', named.preset_id,
    'created_at', running.created_at, 'ready', agents.ready
) || CASE WHEN agents.ready THEN '{}' ELSE jsonb_build_object('unready_since', jobs.completed_at) END
FROM running
JOIN provisioner_jobs AS jobs ON jobs.id = running.job_id
CROSS JOIN LATERAL (
    SELECT coalesce(bool_and(agents.lifecycle_state = 'ready'), false) AS ready
    FROM workspace_resources AS resources
    JOIN workspace_agents AS agents ON agents.resource_id = resources.id
    WHERE resources.job_id = running.job_id
        AND NOT agents.deleted AND agents.parent_id IS NULL
) AS agents
LEFT JOIN named ON named.workspace_id = running.id
ORDER BY running.id";

const IN_PROGRESS: &str = "
SELECT jsonb_build_object(
    'template_id', template_id, 'template_version_id', template_version_id,
    'preset_id', template_version_preset_id, 'transition', transition, 'count', count(*)
)
FROM in_progress
GROUP BY template_id, template_version_id, template_version_preset_id, transition
ORDER BY template_id, template_version_id, template_version_preset_id NULLS FIRST, transition";

const PENDING: &str = "
SELECT jsonb_build_object(
    'preset_id', builds.template_version_preset_id, 'count', count(*),
    'transferred', count(*) FILTER (WHERE workspaces.owner_id <> :prebuilds_user)
)
FROM workspace_builds AS builds
JOIN provisioner_jobs AS jobs ON jobs.id = builds.job_id
JOIN workspaces ON workspaces.id = builds.workspace_id
JOIN templates ON templates.id = workspaces.template_id
WHERE builds.initiator_id = :prebuilds_user
    AND builds.build_number = 1 AND builds.transition = 'start'
    AND builds.template_version_id <> templates.active_version_id
    AND builds.template_version_preset_id IS NOT NULL
    AND jobs.job_status = 'pending' AND jobs.worker_id IS NULL
    AND jobs.canceled_at IS NULL AND jobs.completed_at IS NULL
GROUP BY builds.template_version_preset_id
ORDER BY builds.template_version_preset_id";

const BACKOFFS: &str = "
SELECT jsonb_build_object(
    'template_version_id', recent.template_version_id, 'preset_id', recent.preset_id,
    'num_failed', count(*),
    'last_build_at', max(created_at) FILTER (WHERE place <= desired_instances)
)
FROM failing AS recent
WHERE failed AND created_at >= :since AND NOT template_deleted
GROUP BY recent.template_version_id, recent.preset_id
HAVING count(*) FILTER (WHERE place <= desired_instances) > 0
ORDER BY recent.template_version_id, recent.preset_id";

const HARD_LIMITED: &str = "
SELECT jsonb_build_object('template_version_id', template_version_id, 'preset_id', preset_id)
FROM failing
WHERE :limit > 0 AND place <= :limit
GROUP BY template_version_id, preset_id
HAVING count(*) = :limit AND bool_and(failed)
ORDER BY template_version_id, preset_id";

/// What is left of our own live workspaces. One whose build is pending or running for somebody
/// else, or on an inactive version, is in no other part, so it is here.
const LEFTOVERS: &str = "
SELECT jsonb_build_object(
    'id', ours.id, 'name', ours.name, 'template_id', ours.template_id,
    'template_version_id', latest.template_version_id, 'preset_id', named.preset_id,
    'transition', latest.transition, 'job_status', latest.job_status,
    'created_at', ours.created_at, 'last_build_at', latest.created_at
)
FROM ours
LEFT JOIN latest ON latest.workspace_id = ours.id
LEFT JOIN named ON named.workspace_id = ours.id
WHERE ours.id NOT IN (SELECT id FROM running)
    AND ours.id NOT IN (SELECT workspace_id FROM in_progress)
ORDER BY ours.id";

/// People's workspaces, of which a database of our own alone has an account.
const CLAIMED: &str = "
SELECT jsonb_build_object(
    'id', live.id, 'name', live.name, 'owner_id', live.owner_id, 'owner_name', users.username,
    'organization_name', organizations.name, 'template_id', live.template_id,
    'template_name', templates.name, 'template_version_id', latest.template_version_id,
    'template_version_name', template_versions.name, 'build_id', latest.id,
    'build_number', latest.build_number, 'job_id', latest.job_id,
    'transition', latest.transition, 'job_status', latest.job_status,
    'is_claim', coalesce(jobs.input ->> 'prebuilt_workspace_stage' = '2', false),
    'last_build_at', latest.created_at, 'error', jobs.error,
    'deadline', nullif(latest.deadline, '0001-01-01T00:00:00Z'),
    'autostart_schedule', live.autostart_schedule, 'next_start_at', live.next_start_at
)
FROM live
JOIN latest ON latest.workspace_id = live.id
JOIN provisioner_jobs AS jobs ON jobs.id = latest.job_id
JOIN users ON users.id = live.owner_id
JOIN organizations ON organizations.id = live.organization_id
JOIN templates ON templates.id = live.template_id
JOIN template_versions ON template_versions.id = latest.template_version_id
WHERE live.owner_id <> :prebuilds_user
ORDER BY live.id";

const PAUSED: &str = "
SELECT to_jsonb(coalesce((
    SELECT (nullif(value, '')::jsonb ->> 'reconciliation_paused')::boolean
    FROM site_configs WHERE key = 'prebuilds_settings'
), false))";

/// The snapshot document of the database at the instant, for the look-back and the failure limit.
pub fn snapshot(database: &Database, now: &str, lookback_secs: i64, hard_limit: i64) -> Value {
    let since = format!("('{now}'::timestamptz - interval '{lookback_secs} seconds')");
    let limit = format!("({hard_limit})");
    let is_own = database.migration().is_none();
    let mut session = database.session();
    session.execute("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    let mut rows = |query: &str| {
        let query = format!("{COMMON} {query}")
            .replace(":prebuilds_user", "'c42fdf75-3097-471c-8c33-fb52454d81c0'")
            .replace(":since", &since)
            .replace(":limit", &limit);
        documents(&mut session, &query)
    };
    json!({
        "version": 1,
        "taken_at": time(now),
        "reconciliation_paused": rows(PAUSED)[0],
        "presets": rows(PRESETS),
        "schedules": rows(SCHEDULES),
        "running": rows(RUNNING),
        "in_progress": rows(IN_PROGRESS),
        "pending": rows(PENDING),
        "backoffs": rows(BACKOFFS),
        "hard_limited": rows(HARD_LIMITED),
        "leftovers": rows(LEFTOVERS),
        "claimed": if is_own { rows(CLAIMED) } else { Vec::new() },
    })
}

/// The rows' only column as JSON, with times as documents have them.
fn documents(session: &mut Session, query: &str) -> Vec<Value> {
    let parse = |row: Vec<Option<String>>| {
        let mut value = serde_json::from_str(row[0].as_ref().expect("a document")).expect("JSON");
        if let Value::Object(fields) = &mut value {
            for (_, field) in fields.iter_mut().filter(|(name, _)| {
                ["_at", "_since", "deadline"]
                    .iter()
                    .any(|end| name.ends_with(end))
            }) {
                if let Some(text) = field.as_str() {
                    *field = time(text).into();
                }
            }
        }
        value
    };
    session.rows(query).into_iter().map(parse).collect()
}

/// A time in UTC with Z, and no, three or six digits of a second.
fn time(text: &str) -> String {
    let time: DateTime<Utc> = text.parse().expect("a time");
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
