//! Every combination of what a workspace can be in, reconciled eight times: the actions are as
//! specified the first time, there are none after it, and no other row changes.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::support::database::{Database, TextRow};
use crate::support::scene::{Job, Scene, id};
use crate::support::{coder_releases, pass, sqlite};

const TRANSITIONS: [&str; 3] = ["start", "stop", "delete"];
/// Statuses of jobs with the columns that make them.
const STATUSES: [(&str, &str); 6] = [
    ("pending", "started_at = NULL"),
    ("running", "started_at = created_at"),
    (
        "succeeded",
        "started_at = created_at, completed_at = created_at",
    ),
    (
        "canceling",
        "started_at = created_at, canceled_at = created_at",
    ),
    (
        "canceled",
        "started_at = created_at, canceled_at = created_at, completed_at = created_at",
    ),
    (
        "failed",
        "started_at = created_at, completed_at = created_at, error = 'exit status 1'",
    ),
];
/// Templates in use and out of use.
const TEMPLATES: [&str; 3] = [
    "deleted = false",
    "deleted = true",
    "deprecated = 'use another'",
];
/// States of a build's agents; the last one is a sub-agent of the first.
const AGENTS: [&[&str]; 5] = [
    &["ready"],
    &["starting"],
    &["start_error"],
    &[],
    &["ready", "starting"],
];

/// What a pass does about one workspace and its preset, which wants one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Actions {
    created: usize,
    deleted: usize,
    cancelled: usize,
}

#[derive(Clone, Copy, Debug)]
struct Combination {
    transition: &'static str,
    status: (&'static str, &'static str),
    active: bool,
    template: &'static str,
    prebuild: bool,
    agents: &'static [&'static str],
}

impl Combination {
    fn all() -> Vec<Self> {
        let mut all = Vec::new();
        for transition in TRANSITIONS {
            for status in STATUSES {
                for active in [true, false] {
                    for template in TEMPLATES {
                        for prebuild in [true, false] {
                            for agents in AGENTS {
                                all.push(Self {
                                    transition,
                                    status,
                                    active,
                                    template,
                                    prebuild,
                                    agents,
                                });
                            }
                        }
                    }
                }
            }
        }
        all
    }

    /// The specification.
    fn actions(&self) -> Actions {
        let starts = self.prebuild && self.transition == "start";
        let running = starts && self.status.0 == "succeeded";
        let coming = starts && matches!(self.status.0, "pending" | "running");
        let in_use = self.active && self.template == TEMPLATES[0];
        Actions {
            created: usize::from(in_use && !running && !coming),
            deleted: usize::from(!in_use && running),
            cancelled: usize::from(!self.active && starts && self.status.0 == "pending"),
        }
    }

    /// Makes it; the preset's id.
    fn make(&self, scene: &Scene, number: usize) -> String {
        let version = scene.template(&format!("t{number}"));
        let preset = scene.preset(&version, "pool", 1);
        let workspace = if self.prebuild {
            scene.prebuild(&version, &preset, Job::Pending, 7200)
        } else {
            scene.of_person(&version, &preset, Job::Pending, 7200)
        };
        let (resource, job) = (id(), &workspace.job);
        scene.execute(&format!(
            "UPDATE templates SET {} WHERE id = '{}';
             UPDATE workspace_builds SET transition = '{}' WHERE id = '{}';
             UPDATE provisioner_jobs SET {} WHERE id = '{job}';
             INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
             VALUES ('{resource}', '2026-01-01T00:00:00.000000Z', '{job}', 'start', 'vm', 'main')",
            self.template, version.template, self.transition, workspace.build, self.status.1,
        ));
        let mut parent = "NULL".to_owned();
        for (place, state) in self.agents.iter().enumerate() {
            let agent = id();
            scene.execute(&format!(
                "INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id,
                    auth_token, architecture, operating_system, lifecycle_state, parent_id)
                 VALUES ('{agent}', '2026-01-01T00:00:00.000000Z', '2026-01-01T00:00:00.000000Z',
                    'a{place}', '{resource}', '{agent}', 'amd64', 'linux', '{state}', {parent})"
            ));
            parent = format!("'{agent}'");
        }
        if !self.active {
            let next = scene.version(&version.template, "v2");
            scene.activate(&next);
        }
        preset
    }
}

/// What a report says of each preset that had actions.
fn reported(report: &Value) -> BTreeMap<String, Actions> {
    let count = |preset: &Value, key: &str| preset[key].as_array().unwrap().len();
    let presets = report["presets"].as_array().unwrap().iter();
    presets
        .map(|preset| {
            assert_eq!(preset["error"], Value::Null, "{preset}");
            let actions = Actions {
                created: count(preset, "created"),
                deleted: count(preset, "deleted"),
                cancelled: count(preset, "cancelled"),
            };
            (preset["preset"]["id"].as_str().unwrap().to_owned(), actions)
        })
        .collect()
}

/// Rows that are not in the other dump.
fn gone(
    before: &BTreeMap<String, Vec<TextRow>>,
    after: &BTreeMap<String, Vec<TextRow>>,
) -> BTreeMap<String, Vec<TextRow>> {
    let mut gone = BTreeMap::new();
    for (table, rows) in before {
        let kept: BTreeSet<&TextRow> = after[table].iter().collect();
        let missing: Vec<TextRow> = rows
            .iter()
            .filter(|row| !kept.contains(row))
            .cloned()
            .collect();
        if !missing.is_empty() {
            gone.insert(table.clone(), missing);
        }
    }
    gone
}

fn reconcile_all(database: &Database) {
    let scene = Scene::new(database);
    scene.execute("BEGIN");
    let combinations = Combination::all();
    let presets: Vec<String> = combinations
        .iter()
        .enumerate()
        .map(|(number, combination)| combination.make(&scene, number))
        .collect();
    scene.execute("COMMIT");
    let before = database.dump();

    let done = reported(&pass(database, &["--max-create=100000", "--max-delete=100000"]).json());
    let nothing = Actions {
        created: 0,
        deleted: 0,
        cancelled: 0,
    };
    let mut cancelled = 0;
    for (preset, combination) in presets.iter().zip(&combinations) {
        let actual = done.get(preset).copied().unwrap_or(nothing);
        assert_eq!(actual, combination.actions(), "{combination:?}");
        cancelled += actual.cancelled;
    }
    assert!(cancelled > 0);

    // Of what was there, only cancelled jobs and their workspaces and agents have changed.
    let after = database.dump();
    let changed = gone(&before, &after);
    let tables: Vec<(&str, usize)> = changed
        .iter()
        .map(|(table, rows)| (table.as_str(), rows.len()))
        .collect();
    let agents = combinations
        .iter()
        .map(|it| it.actions().cancelled * it.agents.len())
        .sum();
    assert_eq!(
        tables,
        [
            ("provisioner_jobs", cancelled),
            ("workspace_agents", agents),
            ("workspaces", cancelled),
        ]
    );

    for round in 2..=8 {
        let report = pass(database, &[]).json();
        assert_eq!(
            report["outcome"], "nothing_to_do",
            "round {round}: {report}"
        );
        assert!(after == database.dump(), "round {round}");
    }
}

#[test]
fn every_combination_is_settled_by_one_pass_on_coders_database() {
    for (_, database) in coder_releases() {
        reconcile_all(&database);
    }
}

#[test]
fn every_combination_is_settled_by_one_pass_on_a_database_of_our_own() {
    reconcile_all(&sqlite());
}
