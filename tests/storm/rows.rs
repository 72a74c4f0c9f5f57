//! What must hold of the rows at any moment at which nobody is at work, whoever acted before.

use std::collections::BTreeSet;

use super::state::{Build, State};
use crate::support::scene::PREBUILDS_USER;

/// What is wrong, in words.
pub type Checked = Result<(), String>;

/// Ends the check, with words, where a condition doesn't hold.
macro_rules! hold {
    ($condition:expr, $($word:tt)+) => {
        if !$condition {
            return Err(format!($($word)+));
        }
    };
}

pub(super) use hold;

/// Looks at all workspaces.
pub fn are_sound(state: &State) -> Checked {
    hold!(
        state.stray_jobs == 0,
        "{} build jobs have no build of their own",
        state.stray_jobs
    );
    let mut names = BTreeSet::new();
    for (id, workspace) in &state.workspaces {
        let builds = &workspace.builds;
        let mut left = "";
        hold!(!builds.is_empty(), "workspace {id} has no build");
        for (build, number) in builds.iter().zip(1..) {
            hold!(
                build.number == number,
                "workspace {id} has build {} where {number} should be",
                build.number
            );
            is_whole(id, build, state)?;
            hold!(
                build.status != "pending" || build.state == left,
                "build {number} of workspace {id} begins with the state {:?} where {left:?} was left",
                build.state
            );
            left = &build.state;
        }
        let unfinished = builds.iter().filter(|build| build.is_unfinished()).count();
        hold!(
            unfinished <= 1,
            "workspace {id} has {unfinished} unfinished builds"
        );
        let claims = builds.iter().filter(|build| build.stage == 2).count();
        hold!(claims <= 1, "workspace {id} was claimed {claims} times");
        hold!(
            claims == 0 || !workspace.is_prebuilt(),
            "workspace {id} has a claim's build and no owner"
        );
        // What is a person's is built by people.
        let claim = builds.iter().position(|build| build.stage == 2);
        let later = claim.map_or(&[] as &[Build], |at| &builds[at..]);
        hold!(
            later.iter().all(|build| build.initiator != PREBUILDS_USER),
            "workspace {id} is built by a pool after it was claimed"
        );
        let latest = workspace.latest();
        let has_succeeded = |transition| {
            latest.is_some_and(|it| it.transition == transition && it.status == "succeeded")
        };
        hold!(
            workspace.deleted || !has_succeeded("delete"),
            "the delete of workspace {id} has succeeded, and it is there"
        );
        hold!(
            !has_succeeded("start") || latest.is_some_and(|build| build.agents == 1),
            "the start of workspace {id} has succeeded, and it has no agent"
        );
        if workspace.deleted {
            hold!(
                latest.is_some_and(
                    |build| build.transition == "delete" && build.status == "succeeded"
                ),
                "workspace {id} is gone without a delete that succeeded"
            );
        } else {
            let name = (&workspace.owner, workspace.name.to_lowercase());
            hold!(
                names.insert(name),
                "two workspaces are called {}",
                workspace.name
            );
        }
    }
    Ok(())
}

/// A build is whole: its job names it, and it has the parameters of its version with its preset's values.
fn is_whole(workspace: &str, build: &Build, state: &State) -> Checked {
    hold!(
        build.named.as_ref() == Some(&build.id),
        "the job of build {} of workspace {workspace} is for build {:?}",
        build.number,
        build.named
    );
    let names: Vec<&str> = build.parameters.keys().map(String::as_str).collect();
    let preset = build.preset.as_ref().and_then(|id| state.presets.get(id));
    let size = preset.map(|preset| &preset.name);
    hold!(
        names == ["note", "region", "size"]
            && build.parameters.get("region").is_some_and(|it| it == "eu")
            && (size.is_none() || build.parameters.get("size") == size),
        "build {} of workspace {workspace} for preset {size:?} has the parameters {:?}",
        build.number,
        build.parameters
    );
    hold!(
        build.agents <= 1,
        "build {} of workspace {workspace} has {} agents: it was ended more than once",
        build.number,
        build.agents
    );
    let is_pools = build.initiator == PREBUILDS_USER;
    hold!(
        !is_pools || build.stage == 1 && build.transition != "stop",
        "build {} of workspace {workspace} is a {} of stage {} by the pool",
        build.number,
        build.transition,
        build.stage
    );
    Ok(())
}
