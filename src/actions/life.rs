//! What to do about a claimed workspace that somebody wants to be started, stopped or deleted.
//!
//! A workspace has one build at a time: while one is under way nothing else is begun. What was built
//! goes by a delete build alone, and a workspace counts as gone when that has succeeded.

use uuid::Uuid;

use crate::model::names::{known, suggest};
use crate::model::text::quoted;
use crate::model::{ClaimedWorkspace, Transition};

/// What somebody wants of a workspace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wish {
    Start,
    Stop,
    /// The last build once more, if it failed or was cancelled.
    Retry,
    Delete,
}

/// What follows from a wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// A build; `again` if it is the last one once more.
    Build { transition: Transition, again: bool },
    /// The build that is under way is the one.
    UnderWay,
    /// Another build is under way.
    Busy,
    /// There is nothing to do.
    Unchanged,
}

impl Wish {
    fn transition(self, workspace: &ClaimedWorkspace) -> Transition {
        match self {
            Self::Start => Transition::Start,
            Self::Stop => Transition::Stop,
            Self::Delete => Transition::Delete,
            Self::Retry => workspace.transition,
        }
    }

    /// The word of its command.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Retry => "retry",
            Self::Delete => "delete",
        }
    }

    /// What has happened when it is met.
    pub(crate) fn done(self) -> &'static str {
        match self {
            Self::Start => "started",
            Self::Stop => "stopped",
            Self::Retry => "done",
            Self::Delete => "deleted",
        }
    }

    /// What to do about the workspace.
    pub(crate) fn step(self, workspace: &ClaimedWorkspace) -> Step {
        let transition = self.transition(workspace);
        let is_same = transition == workspace.transition;
        if workspace.is_busy() {
            return if is_same && self != Self::Retry {
                Step::UnderWay
            } else {
                Step::Busy
            };
        }
        let failed = workspace.has_failed();
        if is_same && !failed {
            return Step::Unchanged;
        }
        Step::Build {
            transition,
            again: is_same,
        }
    }
}

/// The workspace that a person means: by id, `OWNER/NAME`, or a name that only one owner uses.
///
/// # Errors
/// Says that there is none, or which there are.
pub(crate) fn find<'w>(
    workspaces: &'w [ClaimedWorkspace],
    name: &str,
) -> Result<&'w ClaimedWorkspace, String> {
    let id = name.parse::<Uuid>().ok();
    let is_meant = |it: &&ClaimedWorkspace| {
        Some(it.id) == id
            || it.path().eq_ignore_ascii_case(name)
            || it.name.eq_ignore_ascii_case(name)
    };
    let found: Vec<&ClaimedWorkspace> = workspaces.iter().filter(is_meant).collect();
    match found[..] {
        [one] => Ok(one),
        [] => {
            let all = workspaces.iter().map(ClaimedWorkspace::path);
            Err(format!(
                "there is no claimed workspace {name:?}; {}",
                known(&suggest(name, all))
            ))
        }
        _ => {
            let paths = found.iter().map(|it| it.path());
            Err(format!(
                "workspace {name:?} is ambiguous; it is one of: {}; give more of the name",
                quoted(paths)
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::claimed;
    use crate::model::JobStatus;

    const BUILT: fn(Transition, bool) -> Step =
        |transition, again| Step::Build { transition, again };

    #[test]
    fn every_wish_has_its_step_in_every_state() {
        use JobStatus::{Canceled, Failed, Running, Succeeded};
        use Transition::{Delete, Start, Stop};
        for (transition, status, start, stop, retry, delete) in [
            (
                Start,
                Succeeded,
                Step::Unchanged,
                BUILT(Stop, false),
                Step::Unchanged,
                BUILT(Delete, false),
            ),
            (
                Start,
                Failed,
                BUILT(Start, true),
                BUILT(Stop, false),
                BUILT(Start, true),
                BUILT(Delete, false),
            ),
            (
                Start,
                Running,
                Step::UnderWay,
                Step::Busy,
                Step::Busy,
                Step::Busy,
            ),
            (
                Stop,
                Succeeded,
                BUILT(Start, false),
                Step::Unchanged,
                Step::Unchanged,
                BUILT(Delete, false),
            ),
            (
                Delete,
                Canceled,
                BUILT(Start, false),
                BUILT(Stop, false),
                BUILT(Delete, true),
                BUILT(Delete, true),
            ),
            (
                Delete,
                Running,
                Step::Busy,
                Step::Busy,
                Step::Busy,
                Step::UnderWay,
            ),
        ] {
            let workspace = claimed(1, transition, status);
            let steps = [Wish::Start, Wish::Stop, Wish::Retry, Wish::Delete];
            let steps = steps.map(|wish| wish.step(&workspace));
            assert_eq!(steps, [start, stop, retry, delete], "{}", workspace.state());
        }
    }

    #[test]
    fn a_workspace_is_found_by_id_path_or_a_name_of_its_own() {
        let mut workspaces = [1, 2, 3].map(|n| claimed(n, Transition::Start, JobStatus::Succeeded));
        workspaces[1].owner_name = "grace".to_owned();
        workspaces[1].name = workspaces[0].name.clone();
        let id = |name: &str| find(&workspaces, name).map(|it| it.id);
        assert_eq!(id(&workspaces[2].id.to_string()), Ok(workspaces[2].id));
        assert_eq!(id("GRACE/w-1"), Ok(workspaces[1].id));
        assert_eq!(id("w-3"), Ok(workspaces[2].id));
        assert_eq!(
            id("w-1").unwrap_err(),
            "workspace \"w-1\" is ambiguous; it is one of: \"ada/w-1\", \"grace/w-1\"; give more \
             of the name"
        );
        assert!(
            id("w-4")
                .unwrap_err()
                .contains("there is no claimed workspace \"w-4\"")
        );
    }
}
