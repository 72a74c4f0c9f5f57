//! Claimed workspaces whose time has come: to be stopped after their time, to be started by schedule.
//!
//! The rules are those of coderd's lifecycle executor: a workspace stops once its deadline is reached,
//! and starts at the first instant of its schedule after the stop before it. Failed builds are never followed
//! by one of these: a person has to look.

use super::autostart;
use crate::model::{ClaimedWorkspace, DueBuild, JobStatus, Time, Transition};

/// The build of a workspace that is due at `now`, if one is.
pub(crate) fn due(workspace: &ClaimedWorkspace, now: Time) -> Option<DueBuild> {
    if workspace.job_status != JobStatus::Succeeded {
        return None;
    }
    let (transition, due_at) = match workspace.transition {
        Transition::Start => (Transition::Stop, workspace.deadline?),
        Transition::Stop => (Transition::Start, next_start(workspace)?),
        Transition::Delete | Transition::Unknown => return None,
    };
    (due_at <= now).then(|| DueBuild {
        workspace_id: workspace.id,
        owner_name: workspace.owner_name.clone(),
        name: workspace.name.clone(),
        transition,
        due_at,
    })
}

/// When a stopped workspace is to start: at the time that was set for it, or by its schedule.
fn next_start(workspace: &ClaimedWorkspace) -> Option<Time> {
    let stopped_at = workspace.last_build_at;
    let set = workspace.next_start_at.filter(|at| *at > stopped_at);
    set.or_else(|| autostart::next(workspace.autostart_schedule.as_deref()?, stopped_at))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{at, claimed};

    /// Whether something is due of a workspace in this state at the time, and what.
    fn due_at(transition: Transition, status: JobStatus, now: &str) -> Option<Transition> {
        let workspace = ClaimedWorkspace {
            deadline: Some(at("2026-03-04T20:00:00Z")),
            autostart_schedule: Some("30 9 * * *".to_owned()),
            ..claimed(1, transition, status)
        };
        due(&workspace, at(now)).map(|due| due.transition)
    }

    #[test]
    fn running_workspaces_stop_at_their_deadline_and_stopped_ones_start_by_schedule() {
        use JobStatus::{Canceled, Failed, Pending, Running, Succeeded};
        use Transition::{Delete, Start, Stop};
        let of_running = |now| due_at(Start, Succeeded, now);
        assert_eq!(of_running("2026-03-04T19:59:59.999999Z"), None);
        assert_eq!(of_running("2026-03-04T20:00:00Z"), Some(Stop));
        let of_stopped = |now| due_at(Stop, Succeeded, now);
        assert_eq!(of_stopped("2026-03-05T09:29:59Z"), None);
        assert_eq!(of_stopped("2026-03-05T09:30:00Z"), Some(Start));
        for status in [Failed, Canceled, Pending, Running] {
            for transition in [Start, Stop, Delete] {
                assert_eq!(due_at(transition, status, "2026-03-09T00:00:00Z"), None);
            }
        }
        assert_eq!(due_at(Delete, Succeeded, "2026-03-09T00:00:00Z"), None);
    }

    #[test]
    fn a_start_that_was_set_comes_before_the_schedule() {
        let mut workspace = ClaimedWorkspace {
            next_start_at: Some(at("2026-03-06T07:00:00Z")),
            autostart_schedule: Some("30 9 * * *".to_owned()),
            ..claimed(1, Transition::Stop, JobStatus::Succeeded)
        };
        let next = |workspace: &_| due(workspace, at("2026-03-20T00:00:00Z")).map(|due| due.due_at);
        assert_eq!(next(&workspace), workspace.next_start_at);
        // One that has passed says nothing about the stop after it.
        workspace.next_start_at = Some(at("2026-03-04T11:59:00Z"));
        assert_eq!(next(&workspace), Some(at("2026-03-05T09:30:00Z")));
        workspace.autostart_schedule = None;
        assert_eq!(next(&workspace), None);
    }
}
