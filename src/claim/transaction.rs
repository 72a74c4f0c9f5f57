//! One transaction of claims: look users and names up, take as many workspaces, insert their builds,
//! and transfer the workspaces whose build won its number.
//!
//! What a request gets wrong is found out before anything is changed, and leaves the others of its
//! set alone.

use uuid::Uuid;

use crate::builds::{self, Flow, NewBuild, Stage};
use crate::claim::outcome::{Answer, ClaimError, Claimed, Refusal};
use crate::claim::request::Request;
use crate::claim::resolve::Pool;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{
    ClaimSession, LastBuild, OwnerFacts, OwnerLookup, Postings, StoreError, Transfer,
};
use crate::template::Owner;

/// A request, and its answer as soon as there is one.
pub(super) struct Pending<'r> {
    pub request: &'r Request,
    pub answer: Option<Answer>,
}

impl<'r> Pending<'r> {
    pub(super) fn new(request: &'r Request) -> Self {
        Self {
            request,
            answer: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.answer.is_none()
    }
}

/// Makes claims until every request has its answer; false: the pool has no workspaces for the rest.
pub(super) async fn claim_all(
    session: &mut ClaimSession,
    pool: &Pool,
    set: &mut [Pending<'_>],
    now: Time,
) -> Result<bool, StoreError> {
    // A request whose build lost its number goes again.
    while set.iter().any(Pending::is_open) {
        let short = run(session, pool, set, now).await?;
        if short {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Runs one transaction for the requests without an answer. Returns whether the pool was short of
/// workspaces for them.
async fn run(
    session: &mut ClaimSession,
    pool: &Pool,
    set: &mut [Pending<'_>],
    now: Time,
) -> Result<bool, StoreError> {
    session.begin().await?;
    let recipients = look_up(session, pool, set).await?;
    let mut taken = Vec::new();
    if !recipients.is_empty() {
        taken = session.take(pool.preset_id, recipients.len()).await?;
    }
    let short = taken.len() < recipients.len();
    let mut candidates = Vec::new();
    let mut builds = Vec::new();
    for (recipient, last) in recipients.into_iter().zip(taken) {
        match recipient.new_build(pool, &last) {
            Ok(build) => {
                builds.push(build);
                candidates.push(recipient);
            }
            Err(refusal) => recipient.pending.answer = Some(Err(refusal.into())),
        }
    }
    if builds.is_empty() {
        session.rollback().await?;
        return Ok(short);
    }
    let inserted = session.insert_builds(&builds, now).await?;
    let winners: Vec<(Recipient<'_, '_>, &NewBuild)> = candidates
        .into_iter()
        .zip(&builds)
        .filter(|(_, build)| inserted.contains(&build.id))
        .collect();
    let transfers: Vec<Transfer<'_>> = winners
        .iter()
        .map(|(recipient, build)| recipient.transfer(pool, build))
        .collect();
    session.transfer(&transfers, now).await?;
    let lost = match session.commit().await {
        Ok(()) => None,
        Err(error) if error.is_connection_lost() => Some(error.to_string()),
        Err(error) => return Err(error),
    };
    let mut postings = Postings::default();
    for (recipient, build) in winners {
        postings.extend([build]);
        recipient.pending.answer = Some(match &lost {
            None => Ok(recipient.claimed(pool, build)),
            // No one can say what came of the claim.
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
    Ok(short)
}

/// A request that nothing speaks against but a lack of workspaces.
struct Recipient<'a, 'r> {
    pending: &'a mut Pending<'r>,
    owner_id: Uuid,
    /// The owner as the template sees it, where it is rendered.
    owner: Owner,
}

impl<'r> Recipient<'_, 'r> {
    fn transfer(&self, pool: &Pool, build: &NewBuild) -> Transfer<'r> {
        let request = self.pending.request;
        Transfer {
            workspace_id: build.workspace_id,
            owner_id: self.owner_id,
            name: &request.name,
            autostart_schedule: request.autostart_schedule.as_deref(),
            next_start_at: request.next_start_at,
            ttl: request.ttl.or(pool.default_ttl),
        }
    }

    fn claimed(&self, pool: &Pool, build: &NewBuild) -> Claimed {
        Claimed {
            workspace_id: build.workspace_id,
            name: self.pending.request.name.clone(),
            preset_id: pool.preset_id,
            build_id: build.id,
            job_id: build.job_id,
        }
    }

    /// The build that transfers a workspace. Its initiator is the new owner: no other person is
    /// known.
    fn new_build(&self, pool: &Pool, last: &LastBuild) -> Result<NewBuild, Refusal> {
        let given = &self.pending.request.parameters;
        let content = builds::claim(
            &pool.version,
            pool.preset_id,
            given,
            &last.parameters,
            &self.owner,
        )
        .map_err(|problem| Refusal::Unbuildable {
            preset: pool.label.clone(),
            problem: problem.to_string(),
        })?;
        Ok(NewBuild {
            workspace_id: last.workspace_id,
            id: Uuid::new_v4(),
            job_id: Uuid::new_v4(),
            build_number: last.build_number + 1,
            transition: Transition::Start,
            stage: Stage::Claim,
            initiator_id: self.owner_id,
            keep_state: true,
            content,
        })
    }
}

/// Finds out whose each workspace is to be, that it may be theirs, and that the name is free. That
/// two requests want one name shows when the workspaces are transferred.
async fn look_up<'a, 'r>(
    session: &mut ClaimSession,
    pool: &Pool,
    set: &'a mut [Pending<'r>],
) -> Result<Vec<Recipient<'a, 'r>>, StoreError> {
    let open: Vec<&mut Pending<'r>> = set.iter_mut().filter(|it| it.is_open()).collect();
    let owners: Vec<OwnerLookup<'_>> = open
        .iter()
        .map(|pending| OwnerLookup {
            user: &pending.request.user,
            name: &pending.request.name,
        })
        .collect();
    let organization_id = pool.version.organization_id;
    let facts = session.look_up(&owners, organization_id).await?;
    let mut recipients = Vec::new();
    for (pending, facts) in open.into_iter().zip(facts) {
        match owner(pool, pending.request, &facts) {
            Ok(owner_id) => recipients.push(Recipient {
                pending,
                owner_id,
                owner: Owner {
                    id: owner_id.to_string(),
                    ..Owner::default()
                },
            }),
            Err(refusal) => pending.answer = Some(Err(refusal.into())),
        }
    }
    if matches!(pool.version.flow, Flow::Dynamic(_)) && !recipients.is_empty() {
        let users: Vec<Uuid> = recipients.iter().map(|it| it.owner_id).collect();
        let mut owners = session.read_owners(&users, organization_id).await?;
        for recipient in &mut recipients {
            if let Some(owner) = owners.remove(&recipient.owner_id) {
                recipient.owner = owner;
            }
        }
    }
    Ok(recipients)
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
