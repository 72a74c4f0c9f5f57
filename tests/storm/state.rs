//! The rows of a world at one moment, read by naive SQL of their own.
//!
//! It knows nothing of the program: what a pool, an expired or a claimable workspace is stands here a
//! second time, worked out from the rows alone. It decides nothing about what is right.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::de::DeserializeOwned;

use crate::support::database::Session;
use crate::support::scene::PREBUILDS_USER;

/// Everything that the invariants are about.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct State {
    /// As all times here in microseconds since 1970.
    pub now: i64,
    pub paused: bool,
    pub workspaces: BTreeMap<String, Rc<Workspace>>,
    pub presets: BTreeMap<String, Preset>,
    /// Build jobs that no build has, and builds that share one.
    pub stray_jobs: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Workspace {
    pub owner: String,
    pub name: String,
    pub deleted: bool,
    pub created_at: i64,
    pub template: String,
    /// By their numbers.
    pub builds: Vec<Build>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Build {
    pub id: String,
    pub number: i64,
    pub transition: String,
    pub version: String,
    pub preset: Option<String>,
    pub initiator: String,
    pub job: String,
    pub status: String,
    /// The build that the job's input names.
    pub named: Option<String>,
    /// What the job's input says of prebuilt workspaces: 1 for the pool's own builds, 2 for claims.
    pub stage: i64,
    pub parameters: BTreeMap<String, String>,
    /// The provisioner's, in hexadecimal digits: that of the build before until a provisioner is done.
    pub state: String,
    pub agents: i64,
    pub unready: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Preset {
    pub name: String,
    pub version: String,
    pub template: String,
    pub active: bool,
    instances: i64,
    ttl: i64,
    invalidated_at: Option<i64>,
    pub status: String,
    zone: String,
    /// The one schedule that a preset has here at the most.
    schedule: Option<(String, i64)>,
}

/// A schedule that is in force at any time.
pub const ALWAYS: &str = "* * * * *";
/// One that never is.
pub const NEVER: &str = "* * 31 2 *";
/// One that is none: the minute must be a star.
pub const BROKEN: &str = "5 * * * *";

impl Preset {
    /// How many workspaces are wanted.
    pub fn desired(&self) -> i64 {
        match &self.schedule {
            Some((expression, instances)) if expression == ALWAYS && !self.zone.is_empty() => {
                (*instances).max(0)
            }
            _ => self.instances.max(0),
        }
    }
}

impl Build {
    pub fn is_unfinished(&self) -> bool {
        ["pending", "running", "canceling"].contains(&self.status.as_str())
    }
}

impl Workspace {
    pub fn is_prebuilt(&self) -> bool {
        self.owner == PREBUILDS_USER
    }

    pub fn latest(&self) -> Option<&Build> {
        self.builds.last()
    }

    /// The preset of its newest build that names one.
    pub fn preset(&self) -> Option<&str> {
        let presets = self.builds.iter().rev();
        presets.filter_map(|build| build.preset.as_deref()).next()
    }
}

impl State {
    /// Reads the rows, in one transaction. Workspaces that were gone in the state `known` are not read but
    /// counted, since they are the most by far and nothing ever changes them; whoever reads without it from
    /// time to time finds out if something does.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn read(session: &mut Session, sqlite: bool, known: Option<&Self>) -> sqlx::Result<Self> {
        session.try_execute(if sqlite {
            "BEGIN"
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
        })?;
        let mut state = Self::read_rows(session, sqlite, known);
        if matches!(state, Ok((_, false))) {
            state = Self::read_rows(session, sqlite, None);
        }
        let state = state.map(|(state, _)| state);
        session.try_execute("COMMIT")?;
        state
    }

    /// Says as well whether all workspaces are there.
    fn read_rows(
        session: &mut Session,
        sqlite: bool,
        known: Option<&Self>,
    ) -> sqlx::Result<(Self, bool)> {
        let mut state = Self::default();
        let mut live = String::new();
        if let Some(known) = known {
            // No workspace has the id of a user.
            live.push_str(&format!("WHERE NOT deleted OR id IN ('{PREBUILDS_USER}'"));
            for (id, workspace) in &known.workspaces {
                if workspace.deleted {
                    state.workspaces.insert(id.clone(), Rc::clone(workspace));
                } else {
                    live.push_str(&format!(", '{id}'"));
                }
            }
            live.push(')');
        }
        let mut workspaces: BTreeMap<String, Workspace> = BTreeMap::new();
        type Row = (String, String, String, i64, i64, String);
        let rows: Vec<Row> = read(session, sqlite, &WORKSPACES.replace("{live}", &live))?;
        for (id, owner, name, deleted, created_at, template) in rows {
            let workspace = Workspace {
                owner,
                name,
                deleted: deleted == 1,
                created_at,
                template,
                builds: Vec::new(),
            };
            workspaces.insert(id, workspace);
        }
        type Parameters = Option<BTreeMap<String, String>>;
        type Head = (
            String,
            String,
            i64,
            String,
            String,
            Option<String>,
            String,
            String,
        );
        type Tail = (String, String, Option<String>, i64, Parameters, i64, i64);
        let builds: Vec<(Head, Tail)> = read(session, sqlite, &BUILDS.replace("{live}", &live))?;
        for (head, tail) in builds {
            let (id, workspace, number, transition, version, preset, initiator, state) = head;
            let (job, status, named, stage, parameters, agents, unready) = tail;
            let build = Build {
                id,
                number,
                transition,
                version,
                preset,
                initiator,
                job,
                status,
                named,
                stage,
                parameters: parameters.unwrap_or_default(),
                state,
                agents,
                unready,
            };
            if let Some(workspace) = workspaces.get_mut(&workspace) {
                workspace.builds.push(build);
            }
        }
        let workspaces = workspaces.into_iter();
        let workspaces = workspaces.map(|(id, workspace)| (id, Rc::new(workspace)));
        state.workspaces.extend(workspaces);
        type Text = (String, String, String, String, i64, i64);
        type Rest = (
            i64,
            Option<i64>,
            String,
            String,
            Option<String>,
            Option<i64>,
        );
        let presets: Vec<(Text, Rest)> = read(session, sqlite, PRESETS)?;
        for (text, rest) in presets {
            let (id, name, version, template, active, instances) = text;
            let (ttl, invalidated_at, status, zone, cron, scheduled) = rest;
            let preset = Preset {
                name,
                version,
                template,
                active: active == 1,
                instances,
                ttl,
                invalidated_at,
                status,
                zone,
                schedule: cron.zip(scheduled),
            };
            state.presets.insert(id, preset);
        }
        let mut count = 0;
        let others: Vec<(i64, i64, i64, usize)> = read(session, sqlite, OTHERS)?;
        if let Some((now, paused, stray_jobs, workspaces)) = others.into_iter().next() {
            state.now = now;
            state.paused = paused == 1;
            state.stray_jobs = stray_jobs;
            count = workspaces;
        }
        let is_whole = count == state.workspaces.len();
        Ok((state, is_whole))
    }

    /// Whether the workspace is too old for its preset.
    fn is_expired(&self, workspace: &Workspace, preset: &Preset) -> bool {
        let age = self.now - workspace.created_at;
        preset.ttl > 0 && age > preset.ttl * 1_000_000
            || (preset.invalidated_at).is_some_and(|at| workspace.created_at < at)
    }

    /// The workspaces of the prebuilds user that a preset's pool counts: started or being started, and
    /// not expired.
    pub fn pool<'s>(&'s self, preset_id: &'s str) -> impl Iterator<Item = &'s String> {
        let preset = self.presets.get(preset_id);
        let live = self.workspaces.iter().filter(|(_, it)| !it.deleted);
        let pool = live.filter(move |(_, workspace)| {
            let latest = workspace.latest();
            workspace.is_prebuilt()
                && workspace.preset() == Some(preset_id)
                && latest.is_some_and(|build| {
                    build.transition == "start"
                        && ["pending", "running", "succeeded"].contains(&build.status.as_str())
                })
                && preset.is_some_and(|preset| !self.is_expired(workspace, preset))
        });
        pool.map(|(id, _)| id)
    }

    /// The workspaces that anybody may claim from the pools of this name, oldest first.
    pub fn claimable(&self, template: &str, preset: &str) -> Vec<&String> {
        let mut found: Vec<(&String, &Rc<Workspace>)> = self
            .workspaces
            .iter()
            .filter(|(_, workspace)| {
                let pool = workspace.preset().and_then(|id| self.presets.get(id));
                let is_asked_for = pool.is_some_and(|pool| {
                    pool.active && pool.template == template && pool.name == preset
                });
                let is_ready = workspace.latest().is_some_and(|build| {
                    build.transition == "start"
                        && build.status == "succeeded"
                        && pool.is_some_and(|pool| pool.version == build.version)
                        && build.agents > 0
                        && build.unready == 0
                });
                workspace.is_prebuilt() && !workspace.deleted && is_asked_for && is_ready
            })
            .collect();
        found.sort_by_key(|(id, workspace)| (workspace.created_at, *id));
        found.into_iter().map(|(id, _)| id).collect()
    }

    /// Workspaces whose rows differ in the other state, or are in one of the two only.
    pub fn changed<'s>(&'s self, other: &'s Self) -> BTreeSet<&'s String> {
        let ids = self.workspaces.keys().chain(other.workspaces.keys());
        let differs = |id: &&String| self.workspaces.get(*id) != other.workspaces.get(*id);
        ids.filter(differs).collect()
    }
}

const WORKSPACES: &str = "
SELECT {array}({row}(id, owner_id, name, CASE WHEN deleted THEN 1 ELSE 0 END, {micros created_at},
    template_id))
FROM workspaces {live}";

/// A build whose job is missing can't be: the reference forbids it.
const BUILDS: &str = "
SELECT {array}({row}({row}(id, workspace_id, build_number, transition, template_version_id,
    template_version_preset_id, initiator_id, state), {row}(job_id, job_status, named, stage,
    {json}(parameters), agents, unready)))
FROM (
    SELECT b.id, b.workspace_id, b.build_number, b.transition, b.template_version_id,
        b.template_version_preset_id, b.initiator_id, b.job_id, j.job_status,
        j.input ->> 'workspace_build_id' AS named,
        CAST(coalesce(j.input ->> 'prebuilt_workspace_stage', '0') AS integer) AS stage,
        (SELECT {object}(name, value) FROM workspace_build_parameters
            WHERE workspace_build_id = b.id) AS parameters,
        coalesce({hex}, '') AS state,
        (SELECT count(*) FROM workspace_resources AS r JOIN workspace_agents AS a
            ON a.resource_id = r.id WHERE r.job_id = b.job_id AND NOT a.deleted) AS agents,
        (SELECT count(*) FROM workspace_resources AS r JOIN workspace_agents AS a
            ON a.resource_id = r.id WHERE r.job_id = b.job_id AND NOT a.deleted
            AND a.lifecycle_state <> 'ready') AS unready
    FROM workspace_builds AS b
    JOIN provisioner_jobs AS j ON j.id = b.job_id
    WHERE b.workspace_id IN (SELECT id FROM workspaces {live})
    ORDER BY b.workspace_id, b.build_number
) AS builds";

const PRESETS: &str = "
SELECT {array}({row}({row}(p.id, p.name, v.id, t.name,
        CASE WHEN t.active_version_id = v.id AND NOT t.deleted THEN 1 ELSE 0 END,
        p.desired_instances),
    {row}(coalesce(p.invalidate_after_secs, 0), {micros p.last_invalidated_at}, p.prebuild_status,
        p.scheduling_timezone,
        (SELECT cron_expression FROM template_version_preset_prebuild_schedules AS s
            WHERE s.preset_id = p.id),
        (SELECT desired_instances FROM template_version_preset_prebuild_schedules AS s
            WHERE s.preset_id = p.id))))
FROM template_version_presets AS p
JOIN template_versions AS v ON v.id = p.template_version_id
JOIN templates AS t ON t.id = v.template_id";

const OTHERS: &str = "
SELECT {array}({row}({now}, paused, builds + jobs - 2 * distinct_jobs, workspaces))
FROM (
    SELECT (SELECT count(*) FROM site_configs
            WHERE key = 'prebuilds_settings' AND value LIKE '%true%') AS paused,
        (SELECT count(*) FROM workspace_builds) AS builds,
        (SELECT count(*) FROM provisioner_jobs WHERE type = 'workspace_build') AS jobs,
        (SELECT count(DISTINCT job_id) FROM workspace_builds) AS distinct_jobs,
        (SELECT count(*) FROM workspaces) AS workspaces
) AS others";

/// Runs a query whose only value is a JSON array.
fn read<T: DeserializeOwned>(
    session: &mut Session,
    sqlite: bool,
    query: &str,
) -> sqlx::Result<Vec<T>> {
    let words = if sqlite {
        [
            ("{array}", "json_group_array"),
            ("{row}", "json_array"),
            ("{object}", "json_group_object"),
            ("{hex}", "hex(b.provisioner_state)"),
            ("{json}", "json"),
            (
                "{now}",
                "CAST(unixepoch('now', 'subsec') * 1000000 AS integer)",
            ),
        ]
    } else {
        [
            ("{array}", "json_agg"),
            ("{row}", "json_build_array"),
            ("{object}", "json_object_agg"),
            ("{hex}", "encode(b.provisioner_state, 'hex')"),
            ("{json}", ""),
            (
                "{now}",
                "CAST(extract(epoch FROM clock_timestamp()) * 1000000 AS bigint)",
            ),
        ]
    };
    let mut sql = query.to_owned();
    for (word, meaning) in words {
        sql = sql.replace(word, meaning);
    }
    while let Some((before, (column, after))) = sql
        .split_once("{micros ")
        .and_then(|(before, rest)| Some((before, rest.split_once('}')?)))
    {
        sql = if sqlite {
            format!("{before}unixepoch({column}) * 1000000 + substr({column}, 21, 6){after}")
        } else {
            format!("{before}CAST(extract(epoch FROM {column}) * 1000000 AS bigint){after}")
        };
    }
    let mut rows = session.try_rows(&sql)?;
    let text = rows.pop().and_then(|mut row| row.pop()).flatten();
    let text = text.unwrap_or_else(|| "[]".to_owned());
    serde_json::from_str(&text).map_err(|error| sqlx::Error::Decode(error.into()))
}
