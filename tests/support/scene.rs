//! Scenes: what tests put into their databases. A [`Scene`] is made by hand, call by call; those of
//! [`claims`] have ids that a test knows beforehand; those of [`random`] are as odd as a database
//! allows.
//!
//! [`Scene`] makes a template, its presets, a few workspaces, and everything that a build needs to be
//! believed, in plain SQL that every database understands. Ages are seconds before the scene began.
//! What a scene doesn't say is as ordinary as can be; a test that wants it otherwise updates the row.

pub mod claims;
pub mod copies;
pub mod random;
mod source;

use std::cell::{Cell, RefCell};

use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use uuid::Uuid;

use super::database::{Database, Session};

/// The system user that owns prebuilt workspaces.
pub const PREBUILDS_USER: &str = "c42fdf75-3097-471c-8c33-fb52454d81c0";
/// The provisioner state of every build that a scene begins with.
pub const STATE: &str = "\\x7b7d";
/// The tags of every import job.
pub const TAGS: &str = r#"{"scope": "organization", "owner": "", "zone": "eu"}"#;

/// What has become of a build's job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Job {
    Pending,
    Running,
    Succeeded,
    Failed,
}

/// A template version.
pub struct Version {
    pub id: String,
    pub template: String,
    pub import_job: String,
    pub file: String,
}

/// A workspace with its only build.
pub struct Workspace {
    pub id: String,
    pub build: String,
    pub job: String,
}

/// A scene in a database: one organization, one person.
pub struct Scene {
    session: RefCell<Session>,
    sqlite: bool,
    now: DateTime<Utc>,
    serial: Cell<u32>,
    pub organization: String,
    pub person: String,
}

impl Scene {
    /// Begins a scene now.
    pub fn new(database: &Database) -> Self {
        let mut scene = Self {
            session: RefCell::new(database.session()),
            sqlite: database.is_sqlite(),
            now: now(),
            serial: Cell::new(0),
            organization: String::new(),
            person: id(),
        };
        scene.organization = scene.organization("acme");
        let (organization, person, then) = (&scene.organization, &scene.person, scene.ago(86400));
        scene.execute(&format!(
            "INSERT INTO users (id, email, username, name, hashed_password, created_at, updated_at)
             VALUES ('{person}', 'ann@example.com', 'ann', '', {}, '{then}', '{then}');
             INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
             VALUES ('{person}', '{organization}', '{then}', '{then}');",
            scene.bytes()
        ));
        scene
    }

    /// The time so many seconds before the scene began.
    pub fn ago(&self, seconds: i64) -> String {
        text(self.now - TimeDelta::seconds(seconds))
    }

    /// Runs statements.
    pub fn execute(&self, sql: &str) -> u64 {
        self.session.borrow_mut().execute(sql)
    }

    /// An organization without anybody in it.
    pub fn organization(&self, name: &str) -> String {
        let organization = id();
        let mut session = self.session.borrow_mut();
        insert_organization(
            &mut session,
            self.sqlite,
            &organization,
            name,
            &self.ago(86400),
        );
        organization
    }

    /// A template with one version, v1, which is active.
    pub fn template(&self, name: &str) -> Version {
        let (template, organization, person) = (id(), &self.organization, &self.person);
        let then = self.ago(86400);
        self.execute(&format!(
            "INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner,
                active_version_id, created_by)
             VALUES ('{template}', '{then}', '{then}', '{organization}', '{name}', 'terraform',
                '{template}', '{person}')"
        ));
        let version = self.version(&template, "v1");
        self.activate(&version);
        version
    }

    /// One more version of a template, inactive.
    pub fn version(&self, template: &str, name: &str) -> Version {
        let (version, job, file) = (id(), id(), id());
        let (organization, person, then) = (&self.organization, &self.person, self.ago(86400));
        self.execute(&format!(
            "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at,
                organization_id, initiator_id, provisioner, storage_method, type, input, file_id,
                tags)
             VALUES ('{job}', '{then}', '{then}', '{then}', '{then}', '{organization}', '{person}',
                'terraform', 'file', 'template_version_import', '{{}}', '{file}', '{TAGS}');
             INSERT INTO template_versions (id, template_id, organization_id, created_at, updated_at,
                name, readme, job_id, created_by)
             VALUES ('{version}', '{template}', '{organization}', '{then}', '{then}', '{name}', '',
                '{job}', '{person}')"
        ));
        Version {
            id: version,
            template: template.to_owned(),
            import_job: job,
            file,
        }
    }

    /// Makes the version its template's active one.
    pub fn activate(&self, version: &Version) {
        let Version { id, template, .. } = version;
        self.execute(&format!(
            "UPDATE templates SET active_version_id = '{id}' WHERE id = '{template}'"
        ));
    }

    /// A parameter of a version; required when there is no default.
    pub fn parameter(&self, version: &Version, name: &str, default: Option<&str>) {
        let (required, default) = (default.is_none(), default.unwrap_or_default());
        let version = &version.id;
        self.execute(&format!(
            "INSERT INTO template_version_parameters (template_version_id, name, description, type,
                mutable, default_value, icon, validation_regex, required)
             VALUES ('{version}', '{name}', '', 'string', true, '{default}', '', '', {required})"
        ));
    }

    /// A preset with a pool.
    pub fn preset(&self, version: &Version, name: &str, desired: i64) -> String {
        let (preset, version, then) = (id(), &version.id, self.ago(86400));
        self.execute(&format!(
            "INSERT INTO template_version_presets (id, template_version_id, name, created_at,
                desired_instances)
             VALUES ('{preset}', '{version}', '{name}', '{then}', {desired})"
        ));
        preset
    }

    /// A value of a preset.
    pub fn preset_value(&self, preset: &str, name: &str, value: &str) {
        let value_id = id();
        self.execute(&format!(
            "INSERT INTO template_version_preset_parameters
                (id, template_version_preset_id, name, value)
             VALUES ('{value_id}', '{preset}', '{name}', '{value}')"
        ));
    }

    /// A prebuilt workspace whose first build is so old; ready when that succeeded.
    pub fn prebuild(&self, version: &Version, preset: &str, job: Job, age: i64) -> Workspace {
        self.workspace(version, preset, job, age, PREBUILDS_USER)
    }

    /// A workspace that a person made.
    pub fn of_person(&self, version: &Version, preset: &str, job: Job, age: i64) -> Workspace {
        self.workspace(version, preset, job, age, &self.person)
    }

    fn workspace(
        &self,
        version: &Version,
        preset: &str,
        job: Job,
        age: i64,
        owner: &str,
    ) -> Workspace {
        let (workspace, build, job_id) = (id(), id(), id());
        let Version {
            id: version,
            template,
            ..
        } = version;
        let (then, organization, state) = (self.ago(age), &self.organization, self.bytes());
        let quoted = format!("'{then}'");
        let null = "NULL".to_owned();
        let (started, completed, error) = match job {
            Job::Pending => (&null, &null, "NULL"),
            Job::Running => (&quoted, &null, "NULL"),
            Job::Succeeded => (&quoted, &quoted, "NULL"),
            Job::Failed => (&quoted, &quoted, "'exit status 1'"),
        };
        self.serial.set(self.serial.get() + 1);
        let serial = self.serial.get();
        self.execute(&format!(
            "INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id,
                template_id, name, last_used_at)
             VALUES ('{workspace}', '{then}', '{then}', '{owner}', '{organization}', '{template}',
                'made-{serial}', '{then}');
             INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at,
                error, organization_id, initiator_id, provisioner, storage_method, type, input,
                file_id, tags)
             VALUES ('{job_id}', '{then}', '{then}', {started}, {completed}, {error},
                '{organization}', '{owner}', 'terraform', 'file', 'workspace_build', '{{}}',
                '{job_id}', '{TAGS}');
             INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
                template_version_id, build_number, transition, initiator_id, provisioner_state,
                job_id, template_version_preset_id)
             VALUES ('{build}', '{then}', '{then}', '{workspace}', '{version}', 1, 'start',
                '{owner}', {state}, '{job_id}', '{preset}')"
        ));
        if job == Job::Succeeded {
            self.make_ready();
        }
        Workspace {
            id: workspace,
            build,
            job: job_id,
        }
    }

    /// A provisioner daemon that was seen so many seconds ago.
    pub fn daemon(&self, tags: &str, seen: i64) {
        let (daemon, key, organization) = (id(), id(), &self.organization);
        let (then, seen, bytes) = (self.ago(86400), self.ago(seen), self.bytes());
        let types = if self.sqlite {
            r#"["echo", "terraform"]"#
        } else {
            "{echo,terraform}"
        };
        self.execute(&format!(
            "INSERT INTO provisioner_keys
                (id, created_at, organization_id, name, hashed_secret, tags)
             VALUES ('{key}', '{then}', '{organization}', 'key', {bytes}, '{{}}');
             INSERT INTO provisioner_daemons
                (id, created_at, name, provisioners, tags, last_seen_at, organization_id, key_id)
             VALUES ('{daemon}', '{then}', 'daemon', '{types}', '{tags}', '{seen}',
                '{organization}', '{key}')"
        ));
    }

    /// Ends every pending and running build well, as provisioners and agents would.
    pub fn finish_builds(&self) {
        let now = text(now());
        self.execute(&format!(
            "UPDATE provisioner_jobs SET started_at = '{now}', completed_at = '{now}'
             WHERE type = 'workspace_build' AND job_status IN ('pending', 'running');
             UPDATE workspaces SET deleted = true WHERE id IN (
                SELECT workspace_builds.workspace_id FROM workspace_builds
                JOIN provisioner_jobs ON provisioner_jobs.id = workspace_builds.job_id
                WHERE transition = 'delete' AND job_status = 'succeeded')"
        ));
        self.make_ready();
    }

    /// Gives every succeeded start build a ready agent.
    fn make_ready(&self) {
        let now = text(self.now);
        self.execute(&format!(
            "INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
             SELECT provisioner_jobs.id, '{now}', provisioner_jobs.id, 'start', 'container', 'main'
             FROM provisioner_jobs
             JOIN workspace_builds ON workspace_builds.job_id = provisioner_jobs.id
             WHERE transition = 'start' AND job_status = 'succeeded' AND NOT EXISTS (
                SELECT 1 FROM workspace_resources WHERE job_id = provisioner_jobs.id);
             INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
                architecture, operating_system, lifecycle_state)
             SELECT id, '{now}', '{now}', 'main', id, id, 'amd64', 'linux', 'ready'
             FROM workspace_resources WHERE id = job_id AND NOT EXISTS (
                SELECT 1 FROM workspace_agents WHERE resource_id = workspace_resources.id)"
        ));
    }

    /// The bytes of [`STATE`] as a literal.
    fn bytes(&self) -> &'static str {
        if self.sqlite { "X'7b7d'" } else { "'\\x7b7d'" }
    }
}

/// Writes an organization. Late releases of Coder must be told what their members may do.
fn insert_organization(session: &mut Session, sqlite: bool, id: &str, name: &str, then: &str) {
    const LATE: &str = "SELECT count(*) FROM information_schema.columns
        WHERE table_name = 'organizations' AND column_name = 'default_org_member_roles'";
    let (column, value) = if !sqlite && session.value(LATE).as_deref() == Some("1") {
        (
            ", default_org_member_roles",
            ", '{organization-workspace-access}'",
        )
    } else {
        ("", "")
    };
    session.execute(&format!(
        "INSERT INTO organizations
            (id, name, description, created_at, updated_at, display_name{column})
         VALUES ('{id}', '{name}', '', '{then}', '{then}', ''{value})"
    ));
}

/// A new id.
pub fn id() -> String {
    Uuid::new_v4().to_string()
}

fn text(time: DateTime<Utc>) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

/// A time that many seconds ago, as SQL text without quotes.
pub fn seconds_ago(seconds: i64) -> String {
    text(now() - TimeDelta::seconds(seconds))
}

#[expect(
    clippy::disallowed_methods,
    reason = "passes go by the clock, and so must what they find"
)]
fn now() -> DateTime<Utc> {
    Utc::now()
}
