//! One transaction of claims: look users and names up, take as many workspaces, insert their builds,
//! and transfer the workspaces whose build won its number.
//!
//! What a request gets wrong is found out before anything is changed, and leaves the others of its
//! set alone.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use uuid::Uuid;

use crate::builds::{Flow, NewBuild};
use crate::claim::choice::choose;
use crate::claim::known::{Given, Known};
use crate::claim::outcome::{ClaimError, Refusal};
use crate::claim::recipient::{Pending, Recipient};
use crate::claim::request::Request;
use crate::claim::resolve::Pool;
use crate::model::PREBUILDS_USER_ID;
use crate::model::text::quoted;
use crate::store::{ClaimSession, OwnerFacts, OwnerLookup, Postings, StoreError, Transfer};
use crate::template::Owner;

/// How long to wait for statements of coderd that may take a claim over: on a large deployment its claim
/// takes seconds.
const TAKEOVER_PATIENCE: Duration = Duration::from_secs(5);

/// Makes claims until every request has its answer or is short of a workspace.
pub(super) async fn claim_all(
    session: &mut ClaimSession,
    set: &mut [Pending<'_>],
    known: &Known,
) -> Result<(), StoreError> {
    // A request whose build lost its number goes again.
    while set.iter().any(|it| it.is_open() && !it.is_short) {
        run(session, set, known).await?;
    }
    Ok(())
}

/// Runs one transaction for the requests without an answer.
async fn run(
    session: &mut ClaimSession,
    set: &mut [Pending<'_>],
    known: &Known,
) -> Result<(), StoreError> {
    session.begin().await?;
    // As the server has just said it: a session may have slept since the last one.
    let now = session.now();
    let recipients = look_up(session, set).await?;
    let mut given = Given::new(known);
    let (candidates, builds) = choose(session, recipients, known, &mut given, now).await?;
    if builds.is_empty() {
        return session.undo().await;
    }
    let inserted = session.insert_builds(&builds, now).await?;
    let winners: Vec<(Recipient<'_, '_>, &NewBuild)> = candidates
        .into_iter()
        .zip(&builds)
        .filter(|(_, build)| inserted.contains(&build.id))
        .collect();
    let transfers: Vec<Transfer<'_>> = winners
        .iter()
        .map(|(recipient, build)| recipient.transfer(build))
        .collect();
    session.transfer(&transfers, now).await?;
    if session.is_overtaken(&transfers).await? {
        // The next turn finds out by what.
        return session.undo().await;
    }
    let mut lost = match session.commit().await {
        Ok(()) => None,
        Err(error) if error.is_connection_lost() => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let mut taken_over = BTreeSet::new();
    if lost.is_none() && session.can_be_taken_over() {
        let kept = session.read_kept(&transfers, TAKEOVER_PATIENCE).await;
        // Without an answer it is not known what came of the claims.
        lost = kept.as_ref().err().map(ToString::to_string);
        let ids = transfers.iter().map(|it| it.workspace_id);
        let kept = kept.unwrap_or_default();
        taken_over.extend(ids.filter(|id| !kept.contains(id)));
    }
    let mut postings = Postings::default();
    for (recipient, build) in winners {
        if lost.is_none() && taken_over.contains(&build.workspace_id) {
            tracing::warn!(
                workspace = %build.workspace_id,
                "coderd has taken the workspace over; claiming another one"
            );
            continue;
        }
        postings.extend([build]);
        recipient.pending.answer = Some(match &lost {
            None => {
                given.note_claimed(recipient.pool.preset_id, build.workspace_id);
                Ok(recipient.claimed(build))
            }
            // It is not known what came of the claim.
            Some(problem) => Err(ClaimError::Lost(problem.clone())),
        });
    }
    if lost.is_none()
        && !transfers.is_empty()
        && let Err(error) = session.notify(&postings).await
    {
        // Provisioners and loops also poll, so that only time is lost.
        tracing::warn!(%error, "the claims could not be announced");
    }
    Ok(())
}

/// Finds out whose each workspace is to be, that it may be theirs, and that the name is free. That
/// two requests want one name shows when the workspaces are transferred.
async fn look_up<'a, 'r>(
    session: &mut ClaimSession,
    set: &'a mut [Pending<'r>],
) -> Result<Vec<Recipient<'a, 'r>>, StoreError> {
    let open = set.iter_mut().filter(|it| it.is_open() && !it.is_short);
    let open: Vec<(&mut Pending<'r>, Arc<Pool>)> = open
        .filter_map(|pending| {
            let pool = pending.pool.clone()?;
            Some((pending, pool))
        })
        .collect();
    let owners: Vec<OwnerLookup<'_>> = open
        .iter()
        .map(|(pending, pool)| OwnerLookup {
            user: &pending.request.user,
            name: &pending.request.name,
            organization_id: pool.version.organization_id,
        })
        .collect();
    let facts = session.look_up(&owners).await?;
    let mut recipients = Vec::new();
    for ((pending, pool), facts) in open.into_iter().zip(facts) {
        match owner(&pool, pending.request, &facts) {
            Ok(owner_id) => {
                pending.owner_id = Some(owner_id);
                pending.passed_over.clear();
                recipients.push(Recipient {
                    pending,
                    pool,
                    owner_id,
                    owner: Owner {
                        id: owner_id.to_string(),
                        ..Owner::default()
                    },
                });
            }
            Err(refusal) => pending.refuse(refusal),
        }
    }
    let mut recipients = with_logins(session, recipients).await?;
    let rendered = recipients
        .iter_mut()
        .filter(|it| matches!(it.pool.version.flow, Flow::Dynamic(_)));
    let rendered: Vec<&mut Recipient<'a, 'r>> = rendered.collect();
    if rendered.is_empty() {
        return Ok(recipients);
    }
    let key = |it: &Recipient<'_, '_>| (it.owner_id, it.pool.version.organization_id);
    let keys: BTreeSet<(Uuid, Uuid)> = rendered.iter().map(|it| key(it)).collect();
    let owners = session.read_owners(&keys).await?;
    for recipient in rendered {
        if let Some(owner) = owners.get(&key(recipient)) {
            recipient.owner = owner.clone();
        }
    }
    Ok(recipients)
}

/// Refuses those who lack a login that their template requires.
async fn with_logins<'a, 'r>(
    session: &mut ClaimSession,
    recipients: Vec<Recipient<'a, 'r>>,
) -> Result<Vec<Recipient<'a, 'r>>, StoreError> {
    let is_asked = |it: &Recipient<'_, '_>| !it.pending.request.skip_external_auth;
    let asked = recipients.iter().filter(|it| is_asked(it));
    let wanted = asked.flat_map(|it| it.pool.external_auth.of_user(it.owner_id));
    let logins = session.read_logins(wanted.collect()).await?;
    let mut let_in = Vec::new();
    for recipient in recipients {
        let missing = recipient
            .pool
            .external_auth
            .missing(recipient.owner_id, &logins);
        match missing {
            _ if !is_asked(&recipient) => let_in.push(recipient),
            Ok(missing) if missing.is_empty() => let_in.push(recipient),
            Ok(missing) => {
                let user = recipient.pending.request.user.clone();
                recipient.pending.refuse(Refusal::NotLoggedIn {
                    user,
                    providers: quoted(&missing),
                });
            }
            Err(problem) => {
                let refusal = recipient.pool.unbuildable(problem);
                recipient.pending.refuse(refusal);
            }
        }
    }
    Ok(let_in)
}

/// Whose the workspace becomes.
fn owner(pool: &Pool, request: &Request, facts: &OwnerFacts) -> Result<Uuid, Refusal> {
    let user = request.user.clone();
    match &facts.user {
        None => Err(Refusal::UnknownUser { user }),
        Some((PREBUILDS_USER_ID, ..)) => Err(Refusal::PrebuildsUser),
        Some((_, true, _)) => Err(Refusal::DeletedUser { user }),
        Some((_, _, status)) if status == "suspended" => Err(Refusal::SuspendedUser { user }),
        Some(_) if !facts.member => Err(Refusal::NotAMember {
            user,
            organization: pool.organization.clone(),
        }),
        Some(_) if facts.name_taken => Err(Refusal::name_taken(request)),
        Some((id, ..)) => Ok(*id),
    }
}
