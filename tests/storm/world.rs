//! A world: a database with pools, people and provisioners, and the session through which it acts.
//!
//! Whatever it does it does by its own SQL, in the order in which coderd works, and never through the
//! program. It keeps what it touched, so that everything else that has changed is the program's doing.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use fastrand::Rng;

use super::ground::Ground;
use super::runs::Run;
use super::script::{Kind, Program, Transition};
use super::state::State;
use crate::support::database::{Database, Session};
use crate::support::scene::{PREBUILDS_USER, Scene, TAGS, id, seconds_ago};

pub struct World<'g> {
    pub kind: Kind,
    pub ground: &'g Ground,
    pub database: Database,
    pub session: Session,
    pub organization: String,
    /// Ids and names.
    pub people: Vec<(String, String)>,
    /// The templates' names.
    pub templates: Vec<String>,
    /// The presets' names with those of their templates.
    pub presets: BTreeSet<(String, String)>,
    serial: u32,
    /// How many seconds rows can lie in the future, after jumps of the clock.
    pub ahead: i64,
    /// What the database said to the last transaction that failed.
    pub refused: Option<String>,
    /// How long runs took that nothing struck, and the bytes that they sent to the server and got, by program.
    times: BTreeMap<String, Duration>,
    traffic: BTreeMap<String, [u64; 2]>,
}

/// What the world has done in a step.
#[derive(Clone, Debug, Default)]
pub struct Touched {
    pub workspaces: BTreeSet<String>,
    /// Whether it changed what is wanted: pools, versions, marks.
    pub wishes: bool,
    /// Workspaces that it had in its hands for a while and gave back.
    pub held: BTreeSet<String>,
}

impl Touched {
    pub fn one(workspace: &str) -> Self {
        Self {
            workspaces: BTreeSet::from([workspace.to_owned()]),
            ..Self::default()
        }
    }

    pub fn wishes() -> Self {
        Self {
            wishes: true,
            ..Self::default()
        }
    }
}

impl<'g> World<'g> {
    /// A world with some templates, pools and people, empty of workspaces.
    pub fn new(ground: &'g Ground, kind: Kind, rng: &mut Rng) -> Self {
        let database = ground.database(kind);
        let scene = Scene::new(&database);
        let mut people = vec![(scene.person.clone(), "ann".to_owned())];
        let bytes = if kind == Kind::Sqlite {
            "X'00'"
        } else {
            "'\\x00'"
        };
        for name in ["bob", "eve"] {
            let (person, then) = (id(), scene.ago(86400));
            scene.execute(&format!(
                "INSERT INTO users (id, email, username, name, hashed_password, created_at,
                    updated_at, status)
                 VALUES ('{person}', '{name}@example.com', '{name}', '', {bytes}, '{then}',
                    '{then}', 'active');
                 INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
                 VALUES ('{person}', '{}', '{then}', '{then}')",
                scene.organization
            ));
            people.push((person, name.to_owned()));
        }
        scene.execute("UPDATE users SET status = 'active' WHERE username = 'ann'");
        let templates = ["web", "data"][..rng.usize(1..=2)].iter();
        let templates: Vec<String> = templates.map(|name| (*name).to_owned()).collect();
        let mut presets = BTreeSet::new();
        for template in &templates {
            let version = scene.template(template);
            for (name, default) in [("region", "eu"), ("size", "none"), ("note", "")] {
                scene.parameter(&version, name, Some(default));
            }
            for name in &["small", "large"][..rng.usize(1..=2)] {
                let preset = scene.preset(&version, name, rng.i64(0..7));
                scene.preset_value(&preset, "size", name);
                presets.insert((template.clone(), (*name).to_owned()));
            }
        }
        let session = database.session();
        Self {
            kind,
            ground,
            organization: scene.organization.clone(),
            database,
            session,
            people,
            templates,
            presets,
            serial: 0,
            ahead: 0,
            refused: None,
            times: BTreeMap::new(),
            traffic: BTreeMap::new(),
        }
    }

    pub fn is_sqlite(&self) -> bool {
        self.kind == Kind::Sqlite
    }

    /// Notes what a run took that nothing struck: faults are spread over that.
    pub fn note(&mut self, run: &Run) {
        if run.is_struck {
            return;
        }
        let took = run.ended - run.begun;
        let time = self.times.entry(run.program.name()).or_insert(took);
        *time = (*time * 7 + took) / 8;
        if let Some(traffic) = run.traffic {
            self.traffic.insert(run.program.name(), traffic);
        }
    }

    /// How long a run takes, more or less.
    pub fn usual(&self, program: Program) -> Duration {
        let time = self.times.get(&program.name()).copied();
        time.unwrap_or(Duration::from_millis(20))
    }

    /// How many bytes a run sends to the server and gets from it, more or less.
    pub fn usual_traffic(&self, program: Program) -> [u64; 2] {
        let traffic = self.traffic.get(&program.name()).copied();
        traffic.unwrap_or([30_000, 20_000])
    }

    /// A name that nothing has yet.
    pub fn name(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}-{}", self.serial)
    }

    /// The rows as they are now.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn state(&mut self) -> sqlx::Result<State> {
        let sqlite = self.is_sqlite();
        State::read(&mut self.session, sqlite, None)
    }

    /// Runs a transaction as coderd's builder does. What is refused by the database, or by the body, is
    /// undone: a request that ends in a conflict.
    pub fn transaction(&mut self, body: impl FnOnce(&mut Self) -> sqlx::Result<bool>) -> bool {
        let begin = if self.is_sqlite() {
            "BEGIN IMMEDIATE"
        } else {
            "BEGIN ISOLATION LEVEL REPEATABLE READ"
        };
        let result = self.session.try_execute(begin).and_then(|_| body(self));
        let end = if matches!(result, Ok(true)) {
            "COMMIT"
        } else {
            "ROLLBACK"
        };
        let result = self.session.try_execute(end).and(result);
        if let Err(error) = &result {
            // After a commit that failed nothing may be open.
            let _ignored = self.session.try_execute("ROLLBACK");
            self.refused = Some(error.to_string());
        }
        result.unwrap_or(false)
    }

    /// Builds a workspace as coderd's builder does: within a transaction, after a look at the latest
    /// build, which must have ended. `by` is the initiator; the preset is kept. With `owner` the build
    /// is made only if the workspace is still theirs.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn build(
        &mut self,
        workspace: &str,
        transition: Transition,
        by: &str,
        owner: &str,
        stage: u8,
    ) -> sqlx::Result<bool> {
        let latest = self.session.try_rows(&format!(
            "SELECT b.id, b.build_number, b.template_version_id, b.template_version_preset_id
             FROM workspaces AS w
             JOIN workspace_builds AS b ON b.workspace_id = w.id
             JOIN provisioner_jobs AS j ON j.id = b.job_id
             WHERE w.id = '{workspace}' AND w.owner_id = '{owner}' AND NOT w.deleted
                AND j.job_status NOT IN ('pending', 'running', 'canceling')
             AND b.build_number = (SELECT max(build_number) FROM workspace_builds
                WHERE workspace_id = w.id)"
        ))?;
        let Some([Some(previous), Some(number), Some(version), preset]) =
            latest.first().map(|it| &it[..])
        else {
            return Ok(false);
        };
        let number = number.parse::<i64>().unwrap_or(0) + 1;
        let build = id();
        let sql = self.new_build(
            &build,
            workspace,
            number,
            version,
            preset.as_deref(),
            transition,
            by,
            stage,
        );
        self.session.try_execute(&format!(
            "{sql};
             INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             SELECT '{build}', name, value FROM workspace_build_parameters
             WHERE workspace_build_id = '{previous}'"
        ))?;
        Ok(true)
    }

    /// A workspace of a person with its first build, made as coderd makes one.
    ///
    /// # Errors
    /// When the database refuses it.
    pub fn create(
        &mut self,
        owner: &str,
        name: &str,
        stage: u8,
        preset: (&str, &super::state::Preset),
    ) -> sqlx::Result<String> {
        let (workspace, build, now) = (id(), id(), seconds_ago(0));
        let (preset_id, preset) = preset;
        let sql = self.new_build(
            &build,
            &workspace,
            1,
            &preset.version,
            Some(preset_id),
            Transition::Start,
            owner,
            stage,
        );
        let organization = &self.organization;
        self.session.try_execute(&format!(
            "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id,
                template_id, name, last_used_at)
             SELECT '{workspace}', '{now}', '{now}', '{owner}', '{organization}', template_id,
                '{name}', '{now}'
             FROM template_versions WHERE id = '{version}';
             {sql};
             INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{build}', 'region', 'eu'), ('{build}', 'size', '{size}'), ('{build}', 'note', '')",
            version = preset.version,
            size = preset.name,
        ))?;
        Ok(workspace)
    }

    #[allow(clippy::too_many_arguments, reason = "the columns of a build")]
    fn new_build(
        &self,
        build: &str,
        workspace: &str,
        number: i64,
        version: &str,
        preset: Option<&str>,
        transition: Transition,
        by: &str,
        stage: u8,
    ) -> String {
        let (job, now, organization) = (id(), seconds_ago(0), &self.organization);
        let preset = preset.map_or("NULL".to_owned(), |preset| format!("'{preset}'"));
        let stage = if stage == 0 {
            String::new()
        } else {
            format!(r#", "prebuilt_workspace_stage": {stage}"#)
        };
        format!(
            r#"INSERT INTO provisioner_jobs (id, created_at, updated_at, organization_id, initiator_id,
                provisioner, storage_method, type, input, file_id, tags, trace_metadata)
             VALUES ('{job}', '{now}', '{now}', '{organization}', '{by}', 'terraform', 'file',
                'workspace_build', '{{"workspace_build_id": "{build}", "dry_run": false{stage}}}', '{job}', '{TAGS}', '{{}}');
             INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
                template_version_id, build_number, transition, initiator_id, provisioner_state,
                job_id, template_version_preset_id)
             VALUES ('{build}', '{now}', '{now}', '{workspace}', '{version}', {number}, '{}', '{by}',
                (SELECT provisioner_state FROM workspace_builds
                    WHERE workspace_id = '{workspace}' AND build_number = {number} - 1),
                '{job}', {preset})"#,
            transition.label()
        )
    }

    /// The ids of live workspaces that the condition picks from, oldest first.
    ///
    /// # Errors
    /// When the database can't be read.
    pub fn workspaces(&mut self, condition: &str) -> sqlx::Result<Vec<String>> {
        let rows = self.session.try_rows(&format!(
            "SELECT w.id FROM workspaces AS w WHERE NOT w.deleted AND {condition}
             ORDER BY w.created_at, w.name"
        ))?;
        Ok(rows.into_iter().filter_map(|mut row| row.pop()?).collect())
    }

    /// The condition that a workspace is nobody's yet.
    pub fn is_prebuilt() -> String {
        format!("w.owner_id = '{PREBUILDS_USER}'")
    }
}

/// One of many.
pub fn pick<'t, T>(rng: &mut Rng, many: &'t [T]) -> Option<&'t T> {
    (!many.is_empty()).then(|| &many[rng.usize(0..many.len())])
}
