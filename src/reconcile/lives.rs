//! The part of a pass that is about claimed workspaces whose time has come.
//!
//! What fails is undone by itself: it keeps no pool, and no other workspace, from its pass.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::BuildReason;
use crate::life::{Wanted, insert};
use crate::model::report::ClaimedReport;
use crate::model::{ClaimedWorkspace, Plan, Snapshot, Time, Transition};
use crate::reconcile::outcome::Executed;
use crate::store::{Pass, StoreError};

/// Queues the builds of claimed workspaces that the plan holds, in the transaction that has begun.
pub(super) async fn execute(
    pass: &mut Pass,
    plan: &Plan,
    snapshot: &Snapshot,
    now: Time,
    executed: &mut Executed,
) -> Result<(), StoreError> {
    let claimed = snapshot.claimed.iter().map(|it| (it.id, it));
    let claimed: BTreeMap<Uuid, &ClaimedWorkspace> = claimed.collect();
    let due = plan.claimed.iter();
    let (due, wanted): (Vec<_>, Vec<_>) = due
        .filter_map(|it| {
            let wanted = Wanted {
                workspace: claimed.get(&it.workspace_id)?,
                transition: it.transition,
                again: false,
                reason: match it.transition {
                    Transition::Start => BuildReason::Autostart,
                    _ => BuildReason::Autostop,
                },
                new_owner: None,
            };
            Some((it, wanted))
        })
        .unzip();
    if wanted.is_empty() {
        return Ok(());
    }
    let step = async |pass: &mut Pass, part| insert(pass, part, now).await;
    let mut made = Vec::new();
    for (part, result) in pass.try_set(&wanted, step).await? {
        match result {
            Ok(builds) => {
                made.extend(builds.into_iter().map(|it| it.map_err(|it| it.to_string())));
            }
            // Somebody holds one of the rows; the next pass looks again.
            Err(error) if error.is_contended() => made.extend(part.iter().map(|_| Ok(None))),
            Err(error) => made.extend(part.iter().map(|_| Err(error.in_one_line()))),
        }
    }
    let of_workspaces = due.into_iter().zip(&wanted).zip(made);
    for ((due, wanted), made) in of_workspaces {
        let (build, error) = match made {
            Ok(build) => (build, None),
            Err(error) => (None, Some(error)),
        };
        executed.postings.extend(&build);
        executed.claimed.push(ClaimedReport {
            due: due.clone(),
            subject: wanted.workspace.subject(),
            job_id: build.map(|build| build.job_id),
            error,
        });
    }
    Ok(())
}
