//! Workspaces, their histories of builds, and what those leave behind.

use serde_json::{Value, json};

use super::{DAY, HOUR, MINUTE, PREBUILDS_USER, RandomScene, SECOND, Version, at};

/// What a job has gone through: started, canceled, completed, its error, has a worker.
pub(super) type JobState = (bool, bool, bool, Option<&'static str>, bool);

pub(super) const SUCCEEDED: JobState = (true, false, true, None, true);
const FAILED: JobState = (true, false, true, Some("exit status 1"), true);
const PENDING: JobState = (false, false, false, None, false);

/// All kinds, those included that only a race or a crash leaves behind.
const JOB_STATES: &[JobState] = &[
    PENDING,
    (false, false, false, None, true),
    (true, false, false, None, true),
    (true, false, false, None, false),
    SUCCEEDED,
    (false, false, true, Some(""), false),
    (true, true, false, None, true),
    (false, true, false, None, false),
    (true, true, true, None, true),
    (false, true, true, Some(""), false),
    FAILED,
    (true, false, false, Some("lost"), true),
    (false, false, false, Some("never started"), false),
    (true, true, true, Some("canceled too late"), true),
];

/// The agents of a job: state, deleted, and the place of the parent when it is a sub-agent.
const AGENTS: &[&[(&str, bool, Option<usize>)]] = &[
    &[],
    &[("ready", false, None)],
    &[("ready", false, None)],
    &[("ready", false, None), ("ready", false, None)],
    &[("ready", false, None), ("starting", false, None)],
    &[("ready", false, None), ("starting", true, None)],
    &[("ready", true, None)],
    &[("ready", false, None), ("starting", false, Some(0))],
    &[("starting", false, None), ("ready", false, Some(0))],
    &[("ready", true, None), ("ready", false, Some(0))],
    &[("created", false, None)],
    &[("start_error", false, None)],
];

/// Runs of builds of a preset, newest first, F for a failed one; the age of the newest in
/// microseconds, and the time from each to the next.
const RUNS: &[(&str, i64, i64)] = &[
    ("FFF", MINUTE, MINUTE),
    ("FF", MINUTE, MINUTE),
    ("sFFF", MINUTE, MINUTE),
    ("FsFF", MINUTE, MINUTE),
    ("sssF", MINUTE, MINUTE),
    ("FFF", MINUTE, 0),
    ("F", HOUR, 0),
    ("F", HOUR + 1, 0),
    ("FFF", HOUR - 1, 1),
    ("FFFF", HOUR + 1, 1),
];

/// A build to be; `created` is in microseconds before now.
struct Build<'a> {
    workspace: &'a str,
    number: i64,
    version: &'a Version,
    preset: Option<String>,
    transition: &'a str,
    initiator: String,
    created: i64,
    job: JobState,
}

impl RandomScene {
    pub(super) fn job(
        &mut self,
        organization: &str,
        kind: &str,
        input: &Value,
        initiator: &str,
        created: i64,
        (started, canceled, completed, error, worker): JobState,
    ) -> String {
        let (id, file) = (self.id(), self.id());
        let worker = worker.then(|| self.id());
        self.add(
            "provisioner_jobs",
            json!({
                "id": id, "created_at": at(created), "updated_at": at(created),
                "started_at": started.then(|| at(created - SECOND)),
                "canceled_at": canceled.then(|| at(created - 2 * SECOND)),
                "completed_at": completed.then(|| at(created - 3 * SECOND)),
                "error": error, "organization_id": organization, "initiator_id": initiator,
                "provisioner": "terraform", "storage_method": "file", "type": kind,
                "input": input, "worker_id": worker, "file_id": file,
                "tags": { "scope": "organization", "owner": "" },
            }),
        );
        if started {
            self.add(
                "provisioner_job_logs",
                json!({
                    "job_id": id, "created_at": at(created - SECOND), "source": "provisioner",
                    "level": "info", "stage": "Setting up", "output": "tab\tand 'quote'",
                }),
            );
        }
        id
    }

    fn workspace(&mut self, version: &Version, owner: &str, deleted: bool, created: i64) -> String {
        let id = self.id();
        // Names of the deleted are free, so all of them have the same.
        let name = if deleted {
            "gone".into()
        } else {
            format!("Prebuild-{}", self.serial())
        };
        self.add(
            "workspaces",
            json!({
                "id": id, "created_at": at(created), "updated_at": at(created),
                "owner_id": owner, "organization_id": version.organization,
                "template_id": version.template, "deleted": deleted, "name": name,
                "last_used_at": at(created),
            }),
        );
        id
    }

    fn build(&mut self, build: &Build<'_>) {
        let id = self.id();
        let input = json!({ "workspace_build_id": id });
        let organization = &build.version.organization;
        let job = self.job(
            organization,
            "workspace_build",
            &input,
            &build.initiator,
            build.created,
            build.job,
        );
        self.add(
            "workspace_builds",
            json!({
                "id": id, "created_at": at(build.created), "updated_at": at(build.created),
                "workspace_id": build.workspace, "template_version_id": build.version.id,
                "build_number": build.number, "transition": build.transition,
                "initiator_id": build.initiator, "provisioner_state": "\\x7b7d", "job_id": job,
                "reason": "initiator", "template_version_preset_id": build.preset,
            }),
        );
        let parameter = json!({ "workspace_build_id": id, "name": "region", "value": "eu" });
        self.add("workspace_build_parameters", parameter);
        if build.transition == "start" && !self.one_in(12) {
            self.agents(&job, build.created);
        }
    }

    fn agents(&mut self, job: &str, created: i64) {
        let agents = self.pick(AGENTS);
        let resources = [self.id(), self.id()];
        for resource in &resources {
            self.add(
                "workspace_resources",
                json!({
                    "id": resource, "created_at": at(created), "job_id": job,
                    "transition": "start", "type": "docker_container", "name": "main",
                }),
            );
        }
        let ids: Vec<_> = agents.iter().map(|_| self.id()).collect();
        for (place, (state, deleted, parent)) in agents.iter().enumerate() {
            self.add(
                "workspace_agents",
                json!({
                    "id": ids[place], "created_at": at(created), "updated_at": at(created),
                    "name": format!("agent{place}"), "resource_id": resources[place % 2],
                    "auth_token": ids[place], "architecture": "amd64", "operating_system": "linux",
                    "lifecycle_state": state, "deleted": deleted,
                    "parent_id": parent.map(|parent| &ids[parent]),
                    "environment_variables": { "A": "1" }, "subsystems": ["envbox"],
                }),
            );
        }
    }

    fn some_version(&mut self) -> Version {
        self.versions[self.rng.usize(..self.versions.len())].clone()
    }

    fn prebuilds_user_but_one_in(&mut self, number: u32) -> String {
        if self.one_in(number) {
            return self.person();
        }
        PREBUILDS_USER.to_owned()
    }

    /// Workspaces that the prebuilds user owns or owned, with histories of any kind.
    pub(super) fn prebuilds(&mut self, size: usize) {
        for _ in 0..size {
            let version = self.some_version();
            let deleted = self.one_in(8);
            let owner = self.prebuilds_user_but_one_in(4);
            let first = if self.one_in(3) {
                self.moment(10 * SECOND..2 * HOUR)
            } else {
                self.moment(2 * HOUR..10 * DAY)
            };
            // Workspaces, unlike builds, may be of one age, which can be a preset's ttl as well.
            let created = self.pick(&[first, first, first, HOUR, DAY]);
            let workspace = self.workspace(&version, &owner, deleted, created);
            self.history(&workspace, &version, first);
        }
    }

    fn history(&mut self, workspace: &str, version: &Version, first: i64) {
        let siblings: Vec<_> = self
            .versions
            .iter()
            .filter(|it| it.template == version.template)
            .cloned()
            .collect();
        let preset = (!version.presets.is_empty()).then(|| self.pick(&version.presets));
        let length = self.pick(&[0, 1, 1, 1, 1, 2, 2, 3, 4, 5]);
        let (skip, backwards) = (i64::from(self.one_in(10)), self.one_in(8));
        for number in 1..=length {
            let last = number == length;
            let version = if self.one_in(6) {
                self.pick(&siblings)
            } else {
                version.clone()
            };
            let job = match (last, self.rng.u32(..8)) {
                (true, 0..3) | (false, 0..6) => SUCCEEDED,
                (false, 6) => PENDING,
                _ => self.pick(JOB_STATES),
            };
            let preset = match self.rng.u32(..8) {
                0 => None,
                1 if !version.presets.is_empty() => Some(self.pick(&version.presets)),
                _ => preset.clone(),
            };
            let initiator = self.prebuilds_user_but_one_in(5);
            let transition = match self.rng.u32(..10) {
                0..6 => "start",
                6 | 7 => "stop",
                _ if number == 1 => "start",
                _ => "delete",
            };
            // Ages sink with the number, or rise where clocks disagree; never below zero.
            let step = first / 8 / SECOND * SECOND;
            let created = if backwards {
                first + number * step
            } else {
                first - number * step
            };
            let number = number + skip;
            self.build(&Build {
                workspace,
                number,
                version: &version,
                preset,
                transition,
                initiator,
                created,
                job,
            });
        }
    }

    /// Runs of failures of many presets, some of which must not count.
    pub(super) fn failures(&mut self) {
        for version in self.versions.clone() {
            for preset in &version.presets {
                if self.one_in(2) {
                    continue;
                }
                let elsewhere = self.one_in(8);
                let (run, newest, step) = self.pick(RUNS);
                for (outcome, age) in run.chars().zip(0..) {
                    let created = newest + age * step;
                    let owner = if elsewhere {
                        self.person()
                    } else {
                        PREBUILDS_USER.to_owned()
                    };
                    let workspace = self.workspace(&version, &owner, false, created);
                    self.build(&Build {
                        workspace: &workspace,
                        number: 1,
                        version: &version,
                        preset: Some(preset.clone()),
                        transition: "start",
                        initiator: PREBUILDS_USER.to_owned(),
                        created,
                        job: if outcome == 'F' { FAILED } else { SUCCEEDED },
                    });
                }
            }
        }
    }

    /// Workspaces that have nothing to do with pools, but for a build now and then that the
    /// prebuilds user started.
    pub(super) fn others(&mut self, number: usize) {
        for _ in 0..number {
            let version = self.some_version();
            let owner = self.person();
            let created = self.moment(HOUR..10 * DAY);
            let deleted = self.one_in(8);
            let workspace = self.workspace(&version, &owner, deleted, created);
            self.history(&workspace, &version, created);
        }
    }
}
