//! One transaction of claims: look users and names up, take as many workspaces, insert their builds,
//! and transfer the workspaces whose build won its number.
//!
//! What a request gets wrong is found out before anything is changed, and leaves the others of its
//! set alone.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use uuid::Uuid;

use crate::builds::{self, Flow, NewBuild, Stage, Unbuildable};
use crate::claim::outcome::{Answer, ClaimError, Claimed, Refusal};
use crate::claim::request::{PoolSelector, Request};
use crate::claim::resolve::Pool;
use crate::model::text::quoted;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{
    ClaimSession, LastBuild, OwnerFacts, OwnerLookup, Postings, StoreError, Transfer, Wanted,
};
use crate::template::{Owner, Values};

/// A request, and its answer as soon as there is one.
pub(super) struct Pending<'r> {
    pub selector: &'r PoolSelector,
    pub request: &'r Request,
    /// The pool that is meant, once it is known.
    pub pool: Option<Arc<Pool>>,
    /// Whether its pool has no workspace for it.
    pub is_short: bool,
    pub answer: Option<Answer>,
}

impl<'r> Pending<'r> {
    pub(super) fn new(selector: &'r PoolSelector, request: &'r Request) -> Self {
        Self {
            selector,
            request,
            pool: None,
            is_short: false,
            answer: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.answer.is_none()
    }

    pub(super) fn refuse(&mut self, refusal: impl Into<Refusal>) {
        self.answer = Some(Err(refusal.into().into()));
    }
}

/// What is known of the workspaces of a pool, from one set of claims to the next.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// Workspaces that no one can claim, because their own values make no build, and why.
    pub unclaimable: BTreeMap<Uuid, String>,
    /// When it turned out that no more workspaces are in contact with their agents.
    none_in_contact: Option<Time>,
}

impl Known {
    /// Whether workspaces whose agents are out of contact are to be taken as well.
    fn takes_any(&self, now: Time) -> bool {
        self.none_in_contact
            .is_some_and(|at| now.signed_duration_since(at) < CONTACT_INTERVAL)
    }
}

/// How long to wait for statements of coderd that may take a claim over: on a large deployment its claim
/// takes seconds.
const TAKEOVER_PATIENCE: Duration = Duration::from_secs(5);

/// How often agents report.
const CONTACT_INTERVAL: TimeDelta = TimeDelta::seconds(15);

/// What is known of pools, by preset.
pub(super) type KnownPools = BTreeMap<Uuid, Known>;

/// Makes claims until every request has its answer or is short of a workspace.
pub(super) async fn claim_all(
    session: &mut ClaimSession,
    set: &mut [Pending<'_>],
    known: &mut KnownPools,
    now: Time,
) -> Result<(), StoreError> {
    // A request whose build lost its number goes again.
    while set.iter().any(|it| it.is_open() && !it.is_short) {
        run(session, set, known, now).await?;
    }
    Ok(())
}

/// Runs one transaction for the requests without an answer.
async fn run(
    session: &mut ClaimSession,
    set: &mut [Pending<'_>],
    known: &mut KnownPools,
    now: Time,
) -> Result<(), StoreError> {
    session.begin().await?;
    let recipients = look_up(session, set).await?;
    let (candidates, builds) = choose(session, recipients, known, now).await?;
    if builds.is_empty() {
        return session.rollback().await;
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
            None => Ok(recipient.claimed(build)),
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

/// Takes a workspace for each recipient, and works its build out. Those without one are short or
/// refused.
///
/// A workspace whose own values make a claim impossible is passed over for the next one: it would keep
/// every claim of its pool from all others.
async fn choose<'a, 'r>(
    session: &mut ClaimSession,
    recipients: Vec<Recipient<'a, 'r>>,
    known: &mut KnownPools,
    now: Time,
) -> Result<(Vec<Recipient<'a, 'r>>, Vec<NewBuild>), StoreError> {
    let mut candidates = Vec::new();
    let mut builds = Vec::new();
    // Locks of our own don't keep us from taking a workspace twice.
    let mut seen: Vec<Uuid> = recipients
        .iter()
        .filter_map(|it| known.get(&it.pool.preset_id))
        .flat_map(|known| known.unclaimable.keys().copied())
        .collect();
    let mut free: BTreeMap<Uuid, VecDeque<LastBuild>> = BTreeMap::new();
    let mut waiting = recipients;
    while !waiting.is_empty() {
        take(session, &waiting, known, &mut seen, &mut free, now).await?;
        let mut left = Vec::new();
        for recipient in waiting {
            let preset_id = recipient.pool.preset_id;
            let Some(of_pool) = free.get_mut(&preset_id) else {
                recipient.pending.is_short = true;
                continue;
            };
            let unclaimable = &mut known.entry(preset_id).or_default().unclaimable;
            match recipient.choose(of_pool, unclaimable) {
                Ok(Some(build)) => {
                    builds.push(build);
                    candidates.push(recipient);
                }
                Ok(None) => left.push(recipient),
                Err(refusal) => recipient.pending.refuse(refusal),
            }
        }
        waiting = left;
    }
    Ok((candidates, builds))
}

/// Takes as many workspaces as there are recipients. A pool that has none left is not among the keys
/// of `free` afterwards.
async fn take(
    session: &mut ClaimSession,
    waiting: &[Recipient<'_, '_>],
    known: &mut KnownPools,
    seen: &mut Vec<Uuid>,
    free: &mut BTreeMap<Uuid, VecDeque<LastBuild>>,
    now: Time,
) -> Result<(), StoreError> {
    let mut wanted: BTreeMap<Uuid, Wanted> = BTreeMap::new();
    for recipient in waiting {
        let Pool {
            preset_id,
            template_id,
            ..
        } = *recipient.pool;
        let of_pool = wanted.entry(preset_id).or_insert(Wanted {
            preset_id,
            template_id,
            count: 0,
        });
        of_pool.count += 1;
    }
    free.clear();
    for out_of_contact in [false, true] {
        let takes = |preset: &Uuid| known.get(preset).is_some_and(|it| it.takes_any(now));
        let rows: Vec<Wanted> = wanted
            .values()
            .filter(|it| it.count > 0 && (out_of_contact || !takes(&it.preset_id)))
            .copied()
            .collect();
        if rows.is_empty() {
            continue;
        }
        for (preset_id, last) in session.take(&rows, seen, out_of_contact, now).await? {
            seen.push(last.workspace_id);
            if let Some(of_pool) = wanted.get_mut(&preset_id) {
                of_pool.count -= 1;
            }
            free.entry(preset_id).or_default().push_back(last);
        }
        if !out_of_contact {
            for it in wanted.values().filter(|it| it.count > 0) {
                known.entry(it.preset_id).or_default().none_in_contact = Some(now);
            }
        }
    }
    Ok(())
}

/// A request that nothing speaks against but a lack of workspaces.
struct Recipient<'a, 'r> {
    pending: &'a mut Pending<'r>,
    pool: Arc<Pool>,
    owner_id: Uuid,
    /// The owner as the template sees it, where it is rendered.
    owner: Owner,
}

impl<'r> Recipient<'_, 'r> {
    fn transfer(&self, build: &NewBuild) -> Transfer<'r> {
        let request = self.pending.request;
        Transfer {
            workspace_id: build.workspace_id,
            owner_id: self.owner_id,
            name: &request.name,
            autostart_schedule: request.autostart_schedule.as_deref(),
            next_start_at: request.next_start_at,
            ttl: request.ttl.or(self.pool.default_ttl),
        }
    }

    fn claimed(&self, build: &NewBuild) -> Claimed {
        Claimed {
            workspace_id: build.workspace_id,
            name: self.pending.request.name.clone(),
            preset_id: self.pool.preset_id,
            build_id: build.id,
            job_id: build.job_id,
        }
    }

    /// The build that transfers one of the workspaces, the first with which it can be made; none where
    /// no workspace is left. Those with which nobody's can be made are noted as unclaimable.
    ///
    /// # Errors
    /// What is wrong with the request.
    fn choose(
        &self,
        free: &mut VecDeque<LastBuild>,
        unclaimable: &mut BTreeMap<Uuid, String>,
    ) -> Result<Option<NewBuild>, Refusal> {
        while let Some(last) = free.pop_front() {
            let given = &self.pending.request.parameters;
            let problem = match self.new_build(&last, given) {
                Ok(build) => return Ok(Some(build)),
                Err(problem) => problem.to_string(),
            };
            if self.new_build(&last, &Values::new()).is_ok() {
                free.push_front(last);
                return Err(self.pool.unbuildable(problem));
            }
            tracing::warn!(workspace = %last.workspace_id, problem, "passed over: can't be claimed");
            unclaimable.insert(last.workspace_id, problem);
        }
        Ok(None)
    }

    /// The build that transfers a workspace. Its initiator is the new owner: no other person is
    /// known.
    fn new_build(&self, last: &LastBuild, given: &Values) -> Result<NewBuild, Unbuildable> {
        let Pool {
            version, preset_id, ..
        } = &*self.pool;
        last.content().check_values()?;
        let content = builds::claim(version, *preset_id, given, &last.parameters, &self.owner)?;
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
            Ok(owner_id) => recipients.push(Recipient {
                pending,
                pool,
                owner_id,
                owner: Owner {
                    id: owner_id.to_string(),
                    ..Owner::default()
                },
            }),
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
    let keys = rendered.iter().map(|it| key(it));
    let (users, organizations): (BTreeSet<Uuid>, BTreeSet<Uuid>) = keys.unzip();
    let users: Vec<Uuid> = users.into_iter().collect();
    let organizations: Vec<Uuid> = organizations.into_iter().collect();
    let owners = session.read_owners(&users, &organizations).await?;
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
