//! Workspaces as people look at them: lists, one of them with all that belongs to it, and logs.
//!
//! Reads only. A list starts from the workspaces of a user or of templates and looks the latest build of each
//! up, so that its cost follows what it is about and never the number of builds.

use serde::Serialize;
use uuid::Uuid;

use crate::builds::Stage;
use crate::model::names::{Scope, Scoped};
use crate::model::workspace::{CurrentBuild, Workspace};
use crate::model::{JobStatus, Time, Transition, time};
use crate::store::session::arguments::{args, id_list};
use crate::store::session::row::rows;
use crate::store::session::statement::{Statement, sql, statements};
use crate::store::{Reader, StoreError};

/// A template, or a preset of its active version, by names.
#[derive(Clone, Debug)]
pub(crate) struct TemplateScope {
    pub template_id: Uuid,
    organization_name: String,
    template_name: String,
    preset_id: Option<Uuid>,
    preset_name: Option<String>,
}

impl Scoped for TemplateScope {
    fn scope(&self) -> Scope<'_> {
        Scope {
            organization: &self.organization_name,
            template: &self.template_name,
            preset: self.preset_id.zip(self.preset_name.as_deref()),
        }
    }
}

/// A workspace that a name may stand for.
#[derive(Clone, Debug)]
pub(crate) struct NamedWorkspace {
    pub id: Uuid,
    pub owner_name: String,
    pub name: String,
    pub deleted: bool,
}

/// A build of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PastBuild {
    pub id: Uuid,
    pub build_number: i64,
    pub transition: Transition,
    /// Why it was made, in Coder's word.
    pub reason: String,
    /// What a pool needs it for; none for builds that no pool asked for.
    #[serde(skip)]
    pub stage: Option<Stage>,
    #[serde(skip)]
    pub initiator_id: Uuid,
    /// Who asked for it; none where that user's row is gone.
    pub initiator_name: Option<String>,
    pub version_name: String,
    pub preset_name: Option<String>,
    #[serde(with = "time")]
    pub created_at: Time,
    #[serde(with = "time::option")]
    pub started_at: Option<Time>,
    #[serde(with = "time::option")]
    pub completed_at: Option<Time>,
    pub job_id: Uuid,
    pub job_status: JobStatus,
    pub error: Option<String>,
}

/// An agent of a workspace.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct PresentAgent {
    pub name: String,
    pub resource_type: String,
    pub resource_name: String,
    pub operating_system: String,
    pub architecture: String,
    /// Where work begins; empty where the template doesn't say.
    pub directory: String,
    pub lifecycle_state: String,
    #[serde(with = "time::option")]
    pub ready_at: Option<Time>,
    /// None where no contact times are kept, as on databases of our own.
    #[serde(with = "time::option")]
    pub last_connected_at: Option<Time>,
}

/// A line of the log of a job, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct StoredLine {
    /// Greater than that of every line before it.
    pub number: i64,
    #[serde(with = "time")]
    pub at: Time,
    pub level: String,
    pub stage: String,
    pub output: String,
}

/// How a job stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct JobEnd {
    pub job_status: JobStatus,
    pub error: Option<String>,
    pub created_at: Time,
    /// Whether lines were left out because the log was full.
    pub logs_overflowed: bool,
}

/// Most builds of a workspace that are shown.
const MAX_BUILDS: i64 = 100;

/// Lines that are read at once.
const LINES: i64 = 1000;

static OF_OWNER: Statement = Statement::both(
    "reading the workspaces of a user",
    concat!(
        "WITH asked AS (SELECT * FROM workspaces WHERE owner_id = $1 AND NOT deleted) ",
        sql!("workspace/read")
    ),
);

static OF_TEMPLATES: Statement = Statement::both(
    "reading workspaces",
    concat!(
        "WITH asked AS (SELECT * FROM workspaces WHERE template_id IN ({ids $1}) AND NOT deleted) ",
        sql!("workspace/read")
    ),
);

static ONE: Statement = Statement::both(
    "reading the workspace",
    concat!(
        "WITH asked AS (SELECT * FROM workspaces WHERE id = $1) ",
        sql!("workspace/read")
    ),
);

statements! {
    FIND: "looking for a workspace", "workspace/find";
    SCOPES: "reading the names of templates", "template/read_scopes";
    BUILDS: "reading the builds of the workspace", "build/read_of_workspace";
    PARAMETERS: "reading the parameters of the build", "build/read_parameters";
    AGENTS: "reading the agents of the workspace", "agent/read_of_job";
    LOG: "reading the log", "log/read";
    END: "reading the job", "job/read_end";
}

rows! {
    Workspace {
        id, name, owner_id, owner_name, organization_name, template_name, preset_id, preset_name, created_at,
        deleted, was_prebuilt, ..latest_build
    }
    CurrentBuild {
        id, build_number, transition, job_status, job_id, created_at, template_version_id, version_name,
        on_active_version, ready,
    }
    TemplateScope { template_id, organization_name, template_name, preset_id, preset_name }
    NamedWorkspace { id, owner_name, name, deleted }
    PastBuild {
        id, build_number, transition, reason, stage => Stage::of, initiator_id, initiator_name, version_name,
        preset_name, created_at, started_at, completed_at, job_id, job_status, error,
    }
    PresentAgent {
        name, resource_type, resource_name, operating_system, architecture, directory, lifecycle_state,
        ready_at, last_connected_at,
    }
    StoredLine { number, at, level, stage, output }
    JobEnd { job_status, error, created_at, logs_overflowed }
}

impl Reader {
    /// Every template and every preset of an active version.
    pub(crate) async fn template_scopes(&mut self) -> Result<Vec<TemplateScope>, StoreError> {
        self.connection.fetch(&SCOPES, &[]).await
    }

    /// The live workspaces of a user, by pool, the oldest first.
    pub(crate) async fn workspaces_of_owner(
        &mut self,
        owner: Uuid,
    ) -> Result<Vec<Workspace>, StoreError> {
        self.connection.fetch(&OF_OWNER, args![owner]).await
    }

    /// The live workspaces of templates, by pool, the oldest first.
    pub(crate) async fn workspaces_of_templates(
        &mut self,
        templates: &[Uuid],
    ) -> Result<Vec<Workspace>, StoreError> {
        let arguments = args![id_list(templates)];
        self.connection.fetch(&OF_TEMPLATES, arguments).await
    }

    /// A workspace, deleted or not.
    pub(crate) async fn workspace(&mut self, id: Uuid) -> Result<Option<Workspace>, StoreError> {
        self.connection.fetch_first(&ONE, args![id]).await
    }

    /// The workspaces of this name, of one user or of anybody: those that exist first, then the newest.
    pub(crate) async fn workspaces_named(
        &mut self,
        name: &str,
        owner: Option<&str>,
    ) -> Result<Vec<NamedWorkspace>, StoreError> {
        let arguments = args![name, owner.unwrap_or_default()];
        self.connection.fetch(&FIND, arguments).await
    }

    /// The newest builds of a workspace, the newest first.
    pub(crate) async fn builds_of(
        &mut self,
        workspace: Uuid,
    ) -> Result<Vec<PastBuild>, StoreError> {
        let arguments = args![workspace, MAX_BUILDS];
        self.connection.fetch(&BUILDS, arguments).await
    }

    /// The parameter values of a build, by name.
    pub(crate) async fn parameters_of(
        &mut self,
        build: Uuid,
    ) -> Result<Vec<(String, String)>, StoreError> {
        self.connection.fetch(&PARAMETERS, args![build]).await
    }

    /// The agents that a job has made.
    pub(crate) async fn agents_of(&mut self, job: Uuid) -> Result<Vec<PresentAgent>, StoreError> {
        self.connection.fetch(&AGENTS, args![job]).await
    }

    /// Lines of a job's log after the one of this number, from the first on for 0; empty when there are none yet.
    pub(crate) async fn log_after(
        &mut self,
        job: Uuid,
        number: i64,
    ) -> Result<Vec<StoredLine>, StoreError> {
        let arguments = args![job, number, LINES];
        self.connection.fetch(&LOG, arguments).await
    }

    /// How a job stands; none where there is no such job.
    pub(crate) async fn job_end(&mut self, job: Uuid) -> Result<Option<JobEnd>, StoreError> {
        self.connection.fetch_first(&END, args![job]).await
    }
}
