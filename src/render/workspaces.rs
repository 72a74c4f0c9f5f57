//! The table of `list`, and what `show` says of one workspace.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use comfy_table::Color;
use serde::Serialize;

use super::replacements::resources;
use super::table::{Cell, Grid, cell, plain, problem};
use super::{PresetNames, View, listed};
use crate::builds::Stage;
use crate::model::text::{ago, plural, printable, span, time as full_time};
use crate::model::workspace::{Workspace, WorkspaceState};
use crate::model::{FormatVersion, JobStatus, Time, Transition, time};
use crate::store::{PastBuild, PresentAgent, Replaced};

const HEADINGS: [&str; 10] = [
    "@WORKSPACE",
    "@PRESET",
    "@OWNER",
    "!STATE",
    "!READY",
    "!AGE",
    "@VERSION",
    "!+CREATED",
    "!+LAST BUILD",
    "!+ID",
];

/// A row for each workspace, and their number in each state.
pub(crate) fn list<'a>(workspaces: impl Iterator<Item = &'a Workspace> + Clone, now: Time) -> View {
    let organizations = workspaces.clone().map(|it| it.organization_name.as_str());
    let names = PresetNames::among(organizations);
    let mut grid = Grid::new(&HEADINGS);
    let mut counts: BTreeMap<&str, i64> = BTreeMap::new();
    for workspace in workspaces {
        let state = workspace.state();
        *counts.entry(state.label()).or_default() += 1;
        grid.row(row(workspace, &names, state, now));
    }
    let number = grid.rows.len();
    if number == 0 {
        return View::without_rows(&HEADINGS, "No workspace fits.\n");
    }
    let counts: Vec<(i64, &str)> = counts.into_iter().map(|(state, n)| (n, state)).collect();
    let mut view = View::default();
    view.table(grid);
    view.lines(format!(
        "{}: {}.\n",
        plural(number, "workspace"),
        listed(&counts)
    ));
    view
}

fn row(workspace: &Workspace, names: &PresetNames, state: WorkspaceState, now: Time) -> Vec<Cell> {
    let pool = workspace.pool();
    let organization = &workspace.organization_name;
    let of_organization = pool.strip_prefix(&format!("{organization}/"));
    let short = format!(
        "{}{}",
        names.prefix(organization),
        of_organization.unwrap_or(&pool)
    );
    let build = workspace.latest_build.as_ref();
    let version = build.map_or_else(String::new, |build| {
        let outdated = match build.on_active_version {
            true => "",
            false => " (inactive)",
        };
        printable(&format!("{}{outdated}", build.version_name))
    });
    let ready = match (state, workspace.is_ready()) {
        (WorkspaceState::Running, true) => cell("yes", Color::Green),
        (WorkspaceState::Running, false) => cell("no", Color::Yellow),
        _ => plain("-"),
    };
    let built_at = build.map_or_else(|| plain(""), |build| instant(build.created_at));
    vec![
        plain(printable(&workspace.name)).whole(printable(&workspace.path())),
        plain(printable(&short)).whole(printable(&pool)),
        plain(printable(&workspace.owner_name)),
        cell(state.label(), color(state)),
        ready,
        age(workspace.created_at, now),
        plain(version),
        instant(workspace.created_at),
        built_at,
        plain(workspace.id),
    ]
}

/// A span since, which programs get in seconds.
fn age(since: Time, now: Time) -> Cell {
    let age = now.signed_duration_since(since);
    let seconds = age.num_seconds();
    plain(span(age)).whole(seconds.to_string()).rank(seconds)
}

fn color(state: WorkspaceState) -> Option<Color> {
    match state {
        WorkspaceState::Running => Some(Color::Green),
        WorkspaceState::Failed | WorkspaceState::Unknown => Some(Color::Red),
        WorkspaceState::Starting | WorkspaceState::Stopping | WorkspaceState::Deleting => {
            Some(Color::Cyan)
        }
        WorkspaceState::Stopped
        | WorkspaceState::Deleted
        | WorkspaceState::Cancelled
        | WorkspaceState::WithoutBuild => Some(Color::Yellow),
    }
}

/// What `show --format json` writes, version 1.
#[derive(Serialize)]
pub(crate) struct Shown {
    pub version: FormatVersion,
    pub state: WorkspaceState,
    pub workspace: Workspace,
    /// Null where nobody claimed it, or no build tells.
    pub claimed: Option<Claimed>,
    /// Of the latest build, by name.
    pub parameters: BTreeMap<String, String>,
    pub agents: Vec<PresentAgent>,
    /// What the build of its claim replaced, and why; null where that is nothing or not known any more.
    pub replaced: Option<Replaced>,
    /// The newest first, a hundred at most.
    pub builds: Vec<PastBuild>,
}

#[derive(Serialize)]
pub(crate) struct Claimed {
    pub by: String,
    #[serde(with = "time")]
    pub at: Time,
    /// Whoever made the claim, who may be another person than the new owner.
    pub asked_for_by: Option<String>,
}

/// What is to be said of one workspace, then its agents and builds as tables.
pub(crate) fn show(shown: &Shown, now: Time) -> View {
    let mut view = View::default();
    view.heading(printable(&shown.workspace.path()));
    view.labelled(facts(shown, now));
    // Without rows, too: programs get the first table, whatever the workspace's state.
    let (agents, builds) = (agents(&shown.agents, now), builds(&shown.builds, now));
    for (grid, is_empty) in [
        (agents, shown.agents.is_empty()),
        (builds, shown.builds.is_empty()),
    ] {
        if !is_empty {
            view.gap();
        }
        view.table(grid);
    }
    view
}

fn facts(shown: &Shown, now: Time) -> Vec<(&'static str, String)> {
    let workspace = &shown.workspace;
    let at = |time: Time| format!("{} ({})", full_time(&time), ago(time, now));
    let ready = match (shown.state, workspace.is_ready()) {
        (WorkspaceState::Running, true) => ", ready",
        (WorkspaceState::Running, false) => ", not ready",
        _ => "",
    };
    let mut facts = vec![
        ("state", format!("{}{ready}", shown.state.label())),
        ("pool", printable(&workspace.pool())),
        ("id", workspace.id.to_string()),
        ("created", at(workspace.created_at)),
    ];
    if let Some(build) = &workspace.latest_build {
        let outdated = match build.on_active_version {
            true => "",
            false => ", which is not the template's active one",
        };
        let version = printable(&build.version_name);
        facts.push(("version", format!("{version}{outdated}")));
    }
    if let Some(claimed) = &shown.claimed {
        let by = claimed.asked_for_by.as_ref();
        let by = by.filter(|by| **by != claimed.by);
        let by = by.map_or_else(String::new, |by| format!(", asked for by {by}"));
        let text = format!("by {} at {}{by}", claimed.by, at(claimed.at));
        facts.push(("claimed", printable(&text)));
    }
    if let Some(replaced) = &shown.replaced {
        let text = format!(
            "the build of the claim replaced {}, so that the pool saved no time",
            resources(replaced)
        );
        facts.push(("replaced", printable(&text)));
    }
    for (name, value) in &shown.parameters {
        let text = format!("{} = {value:?}", printable(name));
        facts.push(("parameter", printable(&text)));
    }
    facts
}

fn agents(agents: &[PresentAgent], now: Time) -> Grid {
    let mut grid = Grid::new(&[
        "@AGENT",
        "!STATE",
        "DIRECTORY",
        "@RESOURCE",
        "+SYSTEM",
        "+READY SINCE",
        "+LAST CONTACT",
    ]);
    for agent in agents {
        let is_ready = agent.lifecycle_state == "ready";
        let color = if is_ready {
            Color::Green
        } else {
            Color::Yellow
        };
        let since = |time: Option<Time>| time.map_or_else(|| plain("-"), |at| moment(at, now));
        let resource = format!("{}.{}", agent.resource_type, agent.resource_name);
        let system = format!("{}/{}", agent.operating_system, agent.architecture);
        grid.row(vec![
            plain(printable(&agent.name)),
            cell(printable(&agent.lifecycle_state), color),
            plain(printable(&agent.directory)),
            plain(printable(&resource)),
            plain(printable(&system)),
            since(agent.ready_at),
            since(agent.last_connected_at),
        ]);
    }
    grid
}

fn builds(builds: &[PastBuild], now: Time) -> Grid {
    let mut grid = Grid::new(&[
        "#BUILD", "!WHAT", "!STATUS", "!WHEN", "!TOOK", "@BY", "@VERSION", "ERROR", "!+TIME",
        "+REASON", "!+JOB ID",
    ]);
    for build in builds {
        let took = build
            .started_at
            .zip(build.completed_at)
            .map(|(from, to)| to.signed_duration_since(from).max(TimeDelta::zero()));
        let by = build.initiator_name.as_deref().unwrap_or("-");
        grid.row(vec![
            plain(build.build_number),
            plain(what(build)),
            status(build.job_status),
            plain(ago(build.created_at, now)).whole(time::format(&build.created_at)),
            took.map_or_else(
                || plain("-"),
                |took| {
                    let seconds = took.num_seconds();
                    plain(span(took)).whole(seconds.to_string()).rank(seconds)
                },
            ),
            plain(printable(by)),
            plain(printable(&build.version_name)),
            problem(build.error.as_deref()),
            instant(build.created_at),
            plain(printable(&build.reason)),
            plain(build.job_id),
        ]);
    }
    grid
}

/// What a build does, to a pool where it does anything to one.
fn what(build: &PastBuild) -> &'static str {
    match (build.transition, build.stage) {
        (Transition::Start, Some(Stage::Claim)) => "claim",
        (Transition::Start, _) if build.build_number == 1 => "create",
        (Transition::Start, _) => "start",
        (Transition::Stop, _) => "stop",
        (Transition::Delete, _) => "delete",
        (Transition::Unknown, _) => "unknown",
    }
}

fn status(status: JobStatus) -> Cell {
    match status {
        JobStatus::Pending => cell("pending", Color::Cyan),
        JobStatus::Running => cell("running", Color::Cyan),
        JobStatus::Succeeded => cell("succeeded", Color::Green),
        JobStatus::Canceling => cell("canceling", Color::Yellow),
        JobStatus::Canceled => cell("canceled", Color::Yellow),
        JobStatus::Failed => cell("failed", Color::Red),
        JobStatus::Unknown => cell("unknown", Color::Red),
    }
}

/// A time, which programs get as documents have it.
pub(super) fn instant(at: Time) -> Cell {
    plain(full_time(&at)).whole(time::format(&at))
}

/// A past time in relation to now, which programs get as it is.
fn moment(at: Time, now: Time) -> Cell {
    plain(ago(at, now)).whole(time::format(&at))
}
