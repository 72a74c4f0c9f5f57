//! Claims: prebuilt workspaces go to people, each wholly or not at all.
//!
//! A set of requests for one preset is one transaction and a handful of statements, whatever its
//! size: look users and names up, take as many workspaces, insert their builds, hand over those
//! whose build won its number. Losing a race is an outcome, never an error: the request goes again.
//! What a request gets wrong is found out before anything is touched, and leaves the others of its
//! set alone. A session that is lost is opened again, once: only a commit without an answer leaves
//! it open whether claims were made.
//!
//! Decides nothing that the store's statements don't decide again: what is kept from one set to the
//! next (the presets, their versions) only says what to ask for, and is read anew before anybody
//! hears that there is nothing to claim.

pub(crate) mod batch;
pub(crate) mod lines;
mod outcome;
pub(crate) mod queue;
mod request;
mod resolve;

use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::time::Duration;

use uuid::Uuid;

use crate::builds::{self, NewBuild, Stage, Version};
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{
    ClaimSession, HandOver, LastBuild, PoolRow, Postings, Store, StoreError, Wish, WishFacts,
};

pub(crate) use outcome::{Answer, ClaimError, Claimed, Outcome, Refusal};
pub(crate) use request::{Request, Wanted, check_name};

use resolve::Pool;

/// How often to look again while somebody else holds workspaces that are ready: a claim or a
/// deletion that is undone gives them back.
const PATIENCE: usize = 3;

/// How long to wait before looking again: several times what a claim takes.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes claims on one session.
pub(crate) struct Claimer {
    store: Store,
    session: ClaimSession,
    pools: Vec<PoolRow>,
    versions: BTreeMap<Uuid, Version>,
}

/// What came of one transaction. Numbers are places in the set of requests.
#[derive(Default)]
struct Round {
    answers: Vec<(usize, Answer)>,
    /// Requests that lost a race, or that have to wait for another one of the same name.
    again: Vec<usize>,
    /// Requests for which there was no workspace.
    short: Vec<usize>,
}

impl Round {
    /// The commit got no answer, so that nobody knows what came of the claims in it.
    fn lose_claims(&mut self, error: &StoreError) {
        for (_, answer) in &mut self.answers {
            if let Ok(Outcome::Claimed(_)) = answer {
                *answer = Err(ClaimError::Lost(error.to_string()));
            }
        }
    }
}

/// Whether no request could be met just now, on this session or another.
fn is_unavailable(error: &StoreError) -> bool {
    error.is_connection_lost() || error.is_busy()
}

impl Claimer {
    /// Opens a session.
    pub(crate) async fn open(store: &Store) -> Result<Self, StoreError> {
        Ok(Self {
            store: store.clone(),
            session: store.open_claims().await?,
            pools: Vec::new(),
            versions: BTreeMap::new(),
        })
    }

    /// Ends the session.
    pub(crate) async fn close(self) {
        self.session.close().await;
    }

    /// Makes one claim.
    pub(crate) async fn claim(&mut self, wanted: &Wanted, request: &Request, now: Time) -> Answer {
        let mut answers = BTreeMap::new();
        if let Err(error) = self.run(wanted, &[request], &mut answers, now).await {
            self.undo(&error).await;
            answers.entry(0).or_insert_with(|| {
                Err(match error {
                    StoreError::Duplicate { .. } => Refusal::name_taken(request).into(),
                    error => error.into(),
                })
            });
        }
        answers
            .remove(&0)
            .unwrap_or_else(|| Err(ClaimError::unanswered()))
    }

    /// Makes claims that want the same, and answers them in their order.
    ///
    /// A transaction that fails as a whole, as when somebody else takes a name between our look and
    /// our write, is undone and its requests are made one by one, so that only those fail that must.
    /// What earlier transactions of the set have committed stays answered as it is. Where the
    /// database can't be worked with, one by one would only take longer.
    pub(crate) async fn claim_set(
        &mut self,
        wanted: &Wanted,
        requests: &[&Request],
        now: Time,
    ) -> Vec<Answer> {
        let mut answers = BTreeMap::new();
        let mut unavailable = None;
        if requests.len() > 1
            && let Err(error) = self.run(wanted, requests, &mut answers, now).await
        {
            tracing::debug!(%error, requests = requests.len(), "a set of claims failed");
            unavailable = is_unavailable(&error).then(|| error.to_string());
            self.undo(&error).await;
        }
        for (number, request) in requests.iter().enumerate() {
            let Entry::Vacant(entry) = answers.entry(number) else {
                continue;
            };
            let answer = match &unavailable {
                Some(problem) => Err(ClaimError::Unavailable(problem.clone())),
                None => self.claim(wanted, request, now).await,
            };
            if let Err(ClaimError::Store(error)) = &answer
                && is_unavailable(error)
            {
                unavailable = Some(error.to_string());
            }
            entry.insert(answer);
        }
        answers.into_values().collect()
    }

    async fn undo(&mut self, error: &StoreError) {
        if error.is_connection_lost() {
            return;
        }
        if let Err(error) = self.session.rollback().await {
            // Nothing was begun, or the next statement says what is wrong with the session.
            tracing::debug!(%error, "nothing to undo");
        }
    }

    /// Answers all requests; what was under way when the session is lost goes again on a new one.
    async fn run(
        &mut self,
        wanted: &Wanted,
        requests: &[&Request],
        answers: &mut BTreeMap<usize, Answer>,
        now: Time,
    ) -> Result<(), StoreError> {
        match self.answer_all(wanted, requests, answers, now).await {
            Err(error) if error.is_connection_lost() => {
                tracing::warn!("{error}; trying once more on a new session");
                self.session = self.store.open_claims().await?;
                self.answer_all(wanted, requests, answers, now).await
            }
            result => result,
        }
    }

    /// Answers all requests without an answer, in as many transactions as it takes; `answers` grows
    /// as they are committed, so that an error later on doesn't make anybody forget them.
    async fn answer_all(
        &mut self,
        wanted: &Wanted,
        requests: &[&Request],
        answers: &mut BTreeMap<usize, Answer>,
        now: Time,
    ) -> Result<(), StoreError> {
        let mut waiting: Vec<usize> = (0..requests.len())
            .filter(|number| !answers.contains_key(number))
            .collect();
        let mut looks = 0;
        let mut fresh = false;
        while !waiting.is_empty() {
            let resolved = resolve::resolve(wanted, &self.pools, &self.versions);
            if !fresh && resolved.is_err() {
                self.refresh(wanted).await?;
                fresh = true;
                continue;
            }
            let pool = match resolved {
                Ok(pool) => pool,
                Err(no_pool) => {
                    let answer = |number| (number, no_pool.clone().into());
                    answers.extend(waiting.drain(..).map(answer));
                    break;
                }
            };
            let round = self
                .run_once(&pool, wanted.given(), requests, &waiting, now)
                .await?;
            answers.extend(round.answers);
            waiting = round.again;
            if round.short.is_empty() {
                continue;
            }
            if !fresh {
                // The preset may be that of a version which is no longer the active one.
                self.refresh(wanted).await?;
                fresh = true;
                waiting.extend(round.short);
                waiting.sort_unstable();
                continue;
            }
            let counts = self.session.count(pool.preset_id).await?;
            if pool.using_active_version && counts.ready > 0 && looks < PATIENCE {
                looks += 1;
                tokio::time::sleep(PAUSE).await;
                waiting.extend(round.short);
                waiting.sort_unstable();
                continue;
            }
            let reason = pool.reason(counts);
            let none = |number| (number, Ok(Outcome::NoneClaimable(reason.clone())));
            answers.extend(round.short.into_iter().map(none));
        }
        Ok(())
    }

    /// Reads presets and versions as they are now.
    async fn refresh(&mut self, wanted: &Wanted) -> Result<(), StoreError> {
        self.pools = self.session.read_pools(wanted.preset_id()).await?;
        let needed = resolve::needed_versions(wanted, &self.pools);
        self.versions
            .extend(self.session.read_versions(&needed).await?);
        Ok(())
    }

    /// One transaction for the requests at the places `waiting`, each of which ends up in one of
    /// the round's lists.
    async fn run_once(
        &mut self,
        pool: &Pool,
        given: &BTreeMap<String, String>,
        requests: &[&Request],
        waiting: &[usize],
        now: Time,
    ) -> Result<Round, StoreError> {
        let mut round = Round::default();
        let wanted: Vec<(usize, &Request)> = waiting
            .iter()
            .filter_map(|number| Some((*number, *requests.get(*number)?)))
            .collect();
        self.session.begin().await?;
        let mut fit = self.look_up(pool, &wanted, &mut round).await?;
        let mut taken = Vec::new();
        if !fit.is_empty() {
            taken = self.session.take(pool.preset_id, fit.len()).await?;
        }
        let left = fit.split_off(taken.len().min(fit.len()));
        round.short = left.into_iter().map(|fit| fit.number).collect();

        let mut candidates = Vec::new();
        let mut new_builds = Vec::new();
        for (fit, last) in fit.into_iter().zip(taken) {
            match new_build(pool, given, &fit, &last) {
                Ok(build) => {
                    new_builds.push(build);
                    candidates.push(fit);
                }
                Err(refusal) => round.answers.push((fit.number, Err(refusal.into()))),
            }
        }
        if new_builds.is_empty() {
            self.session.rollback().await?;
            return Ok(round);
        }
        let inserted = self.session.insert_builds(&new_builds, now).await?;
        let mut hand_overs = Vec::new();
        let mut postings = Postings::default();
        for (fit, build) in candidates.iter().zip(&new_builds) {
            if !inserted.contains(&build.id) {
                round.again.push(fit.number);
                continue;
            }
            hand_overs.push(fit.hand_over(pool, build));
            postings.extend([build]);
            round
                .answers
                .push((fit.number, Ok(fit.claimed(pool, build))));
        }
        self.session.hand_over(&hand_overs, now).await?;
        if let Err(error) = self.session.commit().await {
            if !error.is_connection_lost() {
                return Err(error);
            }
            round.lose_claims(&error);
            return Ok(round);
        }
        if hand_overs.is_empty() {
            return Ok(round);
        }
        if let Err(error) = self.session.notify(&postings).await {
            // Whoever listens polls as well, so that nothing is lost but time.
            tracing::warn!(%error, "the claims could not be announced");
        }
        Ok(round)
    }

    /// Finds out whose each workspace is to be, that it may be theirs, and that the name is free. Of
    /// several requests for one name the first goes on, and the others see in the next round what
    /// has come of it.
    async fn look_up<'r>(
        &mut self,
        pool: &Pool,
        wanted: &[(usize, &'r Request)],
        round: &mut Round,
    ) -> Result<Vec<Fit<'r>>, StoreError> {
        let wishes: Vec<Wish<'_>> = wanted
            .iter()
            .map(|(_, request)| Wish {
                user: &request.user,
                name: &request.name,
            })
            .collect();
        let organization_id = pool.version.organization_id;
        let facts = self.session.look_up(&wishes, organization_id).await?;
        let mut names = BTreeSet::new();
        let mut fit = Vec::new();
        for ((number, request), facts) in wanted.iter().zip(facts) {
            match owner(pool, request, &facts) {
                Err(refusal) => round.answers.push((*number, Err(refusal.into()))),
                Ok(owner_id) if names.insert((owner_id, request.name.to_ascii_lowercase())) => {
                    fit.push(Fit {
                        number: *number,
                        request,
                        owner_id,
                    });
                }
                Ok(_) => round.again.push(*number),
            }
        }
        Ok(fit)
    }
}

/// Whose the workspace becomes.
fn owner(pool: &Pool, request: &Request, facts: &WishFacts) -> Result<Uuid, Refusal> {
    let user = request.user.clone();
    let Some((id, deleted, status)) = &facts.user else {
        return Err(Refusal::UnknownUser { user });
    };
    if *id == PREBUILDS_USER_ID {
        return Err(Refusal::PrebuildsUser);
    }
    if *deleted {
        return Err(Refusal::DeletedUser { user });
    }
    if status == "suspended" {
        return Err(Refusal::SuspendedUser { user });
    }
    if !facts.member {
        return Err(Refusal::NoMember {
            user,
            organization: pool.organization.clone(),
        });
    }
    if facts.name_taken {
        return Err(Refusal::name_taken(request));
    }
    Ok(*id)
}

/// A request that nothing speaks against but a lack of workspaces.
struct Fit<'r> {
    number: usize,
    request: &'r Request,
    owner_id: Uuid,
}

impl Fit<'_> {
    fn hand_over(&self, pool: &Pool, build: &NewBuild) -> HandOver<'_> {
        HandOver {
            workspace_id: build.workspace_id,
            owner_id: self.owner_id,
            name: &self.request.name,
            autostart_schedule: self.request.autostart_schedule.as_deref(),
            next_start_at: self.request.next_start_at,
            ttl: self.request.ttl.or(pool.default_ttl),
        }
    }

    fn claimed(&self, pool: &Pool, build: &NewBuild) -> Outcome {
        Outcome::Claimed(Claimed {
            workspace_id: build.workspace_id,
            name: self.request.name.clone(),
            preset_id: pool.preset_id,
            build_id: build.id,
            job_id: build.job_id,
        })
    }
}

/// The build that hands a workspace over. The new owner is who asked for it: nobody else is known.
fn new_build(
    pool: &Pool,
    given: &BTreeMap<String, String>,
    fit: &Fit<'_>,
    last: &LastBuild,
) -> Result<NewBuild, Refusal> {
    let content = builds::claim(
        &pool.version,
        pool.preset_id,
        given,
        &last.parameters,
        fit.owner_id,
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
        initiator_id: fit.owner_id,
        keep_state: true,
        content,
    })
}
