//! A workspace as people look at it, and which of them a list shows.
//!
//! Plain data: what a database says of a workspace and its latest build, whoever owns it.

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use super::names::{Scope, Scoped};
use super::{JobStatus, Time, Transition, time};

/// A workspace with its latest build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Workspace {
    pub id: Uuid,
    pub name: String,
    pub owner_id: Uuid,
    pub owner_name: String,
    pub organization_name: String,
    pub template_name: String,
    /// Preset of its newest build that names one.
    pub preset_id: Option<Uuid>,
    pub preset_name: Option<String>,
    #[serde(with = "time")]
    pub created_at: Time,
    pub deleted: bool,
    /// Whether the prebuilds user made it, whoever owns it by now.
    pub was_prebuilt: bool,
    pub latest_build: Option<CurrentBuild>,
}

/// The build of a workspace with the highest number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct CurrentBuild {
    pub id: Uuid,
    pub build_number: i64,
    pub transition: Transition,
    pub job_status: JobStatus,
    pub job_id: Uuid,
    #[serde(with = "time")]
    pub created_at: Time,
    pub template_version_id: Uuid,
    pub version_name: String,
    /// Whether that version is the active one of the workspace's template.
    pub on_active_version: bool,
    /// Whether it runs, with at least one agent, all of them ready.
    pub ready: bool,
}

/// What has become of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum WorkspaceState {
    /// Started, whether or not its agents are ready.
    Running,
    /// Its start build waits or is under way.
    Starting,
    Stopping,
    Stopped,
    Deleting,
    Deleted,
    /// Its latest build failed, whatever that was to do.
    Failed,
    /// Its latest build was cancelled, or is about to be.
    Cancelled,
    WithoutBuild,
    /// Its latest build has a label that this version doesn't know.
    Unknown,
}

impl WorkspaceState {
    /// Those that a workspace which exists can be in.
    pub(crate) const OF_LIVE: [Self; 9] = [
        Self::Running,
        Self::Starting,
        Self::Stopping,
        Self::Stopped,
        Self::Deleting,
        Self::Failed,
        Self::Cancelled,
        Self::WithoutBuild,
        Self::Unknown,
    ];

    /// As flags and tables have it.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Starting => "starting",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::Deleting => "deleting",
            Self::Deleted => "deleted",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::WithoutBuild => "without-build",
            Self::Unknown => "unknown",
        }
    }
}

impl Workspace {
    pub(crate) fn state(&self) -> WorkspaceState {
        let Some(build) = &self.latest_build else {
            return WorkspaceState::WithoutBuild;
        };
        match (build.transition, build.job_status) {
            _ if self.deleted => WorkspaceState::Deleted,
            (Transition::Unknown, _) | (_, JobStatus::Unknown) => WorkspaceState::Unknown,
            (_, JobStatus::Failed) => WorkspaceState::Failed,
            (_, JobStatus::Canceling | JobStatus::Canceled) => WorkspaceState::Cancelled,
            (Transition::Start, JobStatus::Succeeded) => WorkspaceState::Running,
            (Transition::Stop, JobStatus::Succeeded) => WorkspaceState::Stopped,
            (Transition::Start, _) => WorkspaceState::Starting,
            (Transition::Stop, _) => WorkspaceState::Stopping,
            (Transition::Delete, _) => WorkspaceState::Deleting,
        }
    }

    pub(crate) fn is_ready(&self) -> bool {
        self.latest_build.as_ref().is_some_and(|build| build.ready)
    }

    /// `owner/name`, by which commands find it.
    pub(crate) fn path(&self) -> String {
        format!("{}/{}", self.owner_name, self.name)
    }

    /// `organization/template/preset`, or as much of it as there is.
    pub(crate) fn pool(&self) -> String {
        let (organization, template) = (&self.organization_name, &self.template_name);
        match &self.preset_name {
            Some(preset) => format!("{organization}/{template}/{preset}"),
            None => format!("{organization}/{template}"),
        }
    }
}

impl Scoped for Workspace {
    fn scope(&self) -> Scope<'_> {
        Scope {
            organization: &self.organization_name,
            template: &self.template_name,
            preset: self.preset_id.zip(self.preset_name.as_deref()),
        }
    }
}

/// Which workspaces a list shows, of those that its names select.
#[derive(Clone, Debug, Default)]
pub(crate) struct WorkspaceFilter {
    /// States; empty: any.
    pub states: Vec<WorkspaceState>,
    pub only_prebuilt: bool,
    pub only_claimed: bool,
    pub older_than: Option<TimeDelta>,
    pub younger_than: Option<TimeDelta>,
    pub version: Option<VersionFilter>,
}

/// The template version of the latest build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum VersionFilter {
    /// The active one of the template.
    Active,
    /// Any other.
    Inactive,
    Named(String),
}

impl WorkspaceFilter {
    /// Whether the list at `now` shows the workspace. `prebuilds_user` owns those that nobody has claimed.
    pub(crate) fn admits(&self, workspace: &Workspace, prebuilds_user: Uuid, now: Time) -> bool {
        let age = now.signed_duration_since(workspace.created_at);
        let is_pooled = workspace.owner_id == prebuilds_user;
        let build = workspace.latest_build.as_ref();
        let has_version = |wanted: &VersionFilter| {
            build.is_some_and(|build| match wanted {
                VersionFilter::Active => build.on_active_version,
                VersionFilter::Inactive => !build.on_active_version,
                VersionFilter::Named(name) => build.version_name == *name,
            })
        };
        (self.states.is_empty() || self.states.contains(&workspace.state()))
            && (!self.only_prebuilt || is_pooled)
            && (!self.only_claimed || workspace.was_prebuilt && !is_pooled)
            && self.older_than.is_none_or(|least| age > least)
            && self.younger_than.is_none_or(|most| age < most)
            && self.version.as_ref().is_none_or(has_version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::PREBUILDS_USER_ID;

    fn workspace(transition: Transition, job_status: JobStatus) -> Workspace {
        Workspace {
            id: Uuid::nil(),
            name: "w".to_owned(),
            owner_id: PREBUILDS_USER_ID,
            owner_name: "prebuilds".to_owned(),
            organization_name: "acme".to_owned(),
            template_name: "web".to_owned(),
            preset_id: None,
            preset_name: None,
            created_at: Time::UNIX_EPOCH,
            deleted: false,
            was_prebuilt: true,
            latest_build: Some(CurrentBuild {
                id: Uuid::nil(),
                build_number: 1,
                transition,
                job_status,
                job_id: Uuid::nil(),
                created_at: Time::UNIX_EPOCH,
                template_version_id: Uuid::nil(),
                version_name: "v1".to_owned(),
                on_active_version: false,
                ready: false,
            }),
        }
    }

    #[test]
    fn every_build_gives_a_state() {
        use JobStatus::{Canceled, Failed, Pending, Running, Succeeded};
        use Transition::{Delete, Start, Stop};
        for (transition, status, state) in [
            (Start, Pending, "starting"),
            (Start, Running, "starting"),
            (Start, Succeeded, "running"),
            (Start, Failed, "failed"),
            (Stop, Running, "stopping"),
            (Stop, Succeeded, "stopped"),
            (Stop, Canceled, "cancelled"),
            (Delete, Pending, "deleting"),
            (Delete, Failed, "failed"),
            (Delete, Succeeded, "deleting"),
            (Transition::Unknown, Succeeded, "unknown"),
            (Start, JobStatus::Unknown, "unknown"),
        ] {
            assert_eq!(workspace(transition, status).state().label(), state);
        }
        let mut gone = workspace(Delete, Succeeded);
        gone.deleted = true;
        assert_eq!(gone.state(), WorkspaceState::Deleted);
        gone.latest_build = None;
        assert_eq!(gone.state(), WorkspaceState::WithoutBuild);
    }

    #[test]
    fn all_that_a_filter_names_must_hold() {
        let running = workspace(Transition::Start, JobStatus::Succeeded);
        let now = Time::UNIX_EPOCH + TimeDelta::hours(2);
        let shows = |filter: WorkspaceFilter| filter.admits(&running, PREBUILDS_USER_ID, now);
        let all = WorkspaceFilter::default;
        assert!(shows(all()));
        let states = vec![WorkspaceState::Stopped, WorkspaceState::Running];
        assert!(shows(WorkspaceFilter { states, ..all() }));
        let states = vec![WorkspaceState::Stopped];
        assert!(!shows(WorkspaceFilter { states, ..all() }));
        for (hours, is_older) in [(1, true), (2, false), (3, false)] {
            let span = Some(TimeDelta::hours(hours));
            let older_than = WorkspaceFilter {
                older_than: span,
                ..all()
            };
            let younger_than = WorkspaceFilter {
                younger_than: span,
                ..all()
            };
            assert_eq!(shows(older_than), is_older);
            assert_eq!(shows(younger_than), hours == 3);
        }
        for (version, shown) in [
            (VersionFilter::Active, false),
            (VersionFilter::Inactive, true),
            (VersionFilter::Named("v1".to_owned()), true),
            (VersionFilter::Named("v2".to_owned()), false),
        ] {
            let version = Some(version);
            assert_eq!(shows(WorkspaceFilter { version, ..all() }), shown);
        }
        let only_prebuilt = true;
        assert!(shows(WorkspaceFilter {
            only_prebuilt,
            ..all()
        }));
        let only_claimed = true;
        assert!(!shows(WorkspaceFilter {
            only_claimed,
            ..all()
        }));
    }
}
