//! Claims: prebuilt workspaces go to people, each wholly or not at all.
//!
//! A set of requests for one pool is one transaction and a handful of statements, whatever its size.
//! Losing a race is no error: the request goes again. A session that is lost is opened again, once:
//! only a commit without an answer leaves it open whether claims were made.
//!
//! Decides nothing that the store's statements don't decide again: the pools kept from one set to
//! the next only say what to ask for, and are read anew before the answer is that there is nothing
//! to claim.

mod answer_lines;
pub(crate) mod batch;
mod outcome;
mod queue;
mod request;
mod request_lines;
mod resolve;
mod transaction;

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::Time;
use crate::store::{ClaimSession, Store, StoreError};

pub(crate) use outcome::{ClaimError, Refusal};
pub(crate) use request::{PoolSelector, Request, check_name};

use outcome::Answer;
use resolve::Pool;
use transaction::{Pending, claim_all};

/// How often to look again while other transactions hold workspaces that are ready: a claim or a
/// deletion that is undone gives them back.
const MAX_LOOKS: usize = 3;

/// How long to wait before looking again: several times what a claim takes.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes claims on one session.
pub(crate) struct Claimer {
    store: Store,
    session: ClaimSession,
    /// The pools that were claimed from so far.
    pools: BTreeMap<PoolSelector, Pool>,
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
            pools: BTreeMap::new(),
        })
    }

    /// Ends the session.
    pub(crate) async fn close(self) {
        self.session.close().await;
    }

    /// Makes one claim.
    pub(crate) async fn claim(
        &mut self,
        selector: &PoolSelector,
        request: &Request,
        now: Time,
    ) -> Answer {
        let mut pending = [Pending::new(request)];
        let result = self.answer(selector, &mut pending, now).await;
        let [Pending { answer, .. }] = pending;
        match (answer, result) {
            (Some(answer), _) => answer,
            (None, Err(StoreError::Duplicate { .. })) => Err(Refusal::name_taken(request).into()),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(ClaimError::Unavailable(
                "the request was dropped, which is a defect".to_owned(),
            )),
        }
    }

    /// Makes claims from the same pool, and answers them in their order.
    ///
    /// A transaction that fails as a whole, as when another process takes a name between our look
    /// and our write, is undone and its requests are made one by one, so that only those fail that
    /// must. What earlier transactions of the set have committed stays answered as it is. Where the
    /// database can't be worked with, one by one would only take longer.
    pub(crate) async fn claim_set(
        &mut self,
        selector: &PoolSelector,
        requests: &[Request],
        now: Time,
    ) -> Vec<Answer> {
        let mut set: Vec<Pending<'_>> = requests.iter().map(Pending::new).collect();
        let mut unavailable = None;
        if requests.len() > 1
            && let Err(error) = self.answer(selector, &mut set, now).await
        {
            tracing::debug!(%error, requests = requests.len(), "a set of claims failed");
            unavailable = is_unavailable(&error).then(|| error.to_string());
        }
        let mut answers = Vec::with_capacity(set.len());
        for Pending { request, answer } in set {
            let answer = match (answer, &unavailable) {
                (Some(answer), _) => answer,
                (None, Some(problem)) => Err(ClaimError::Unavailable(problem.clone())),
                (None, None) => self.claim(selector, request, now).await,
            };
            if let Err(ClaimError::Store(error)) = &answer
                && is_unavailable(error)
            {
                unavailable = Some(error.to_string());
            }
            answers.push(answer);
        }
        answers
    }

    /// Answers requests; what is under way when the session is lost goes again on a new one. After
    /// an error, requests that are committed have their answers.
    async fn answer(
        &mut self,
        selector: &PoolSelector,
        set: &mut [Pending<'_>],
        now: Time,
    ) -> Result<(), StoreError> {
        let mut result = self.answer_on_session(selector, set, now).await;
        if let Err(error) = &result
            && error.is_connection_lost()
        {
            tracing::warn!("{error}; trying once more on a new session");
            self.session = self.store.open_claims().await?;
            result = self.answer_on_session(selector, set, now).await;
        }
        if let Err(error) = &result
            && !error.is_connection_lost()
            && let Err(error) = self.session.rollback().await
        {
            // Nothing was begun, or the next statement says what is wrong with the session.
            tracing::debug!(%error, "nothing to undo");
        }
        result
    }

    /// Answers requests in as many transactions as it takes.
    async fn answer_on_session(
        &mut self,
        selector: &PoolSelector,
        set: &mut [Pending<'_>],
        now: Time,
    ) -> Result<(), StoreError> {
        if let Some(pool) = self.pools.get(selector)
            && claim_all(&mut self.session, pool, set, now).await?
        {
            return Ok(());
        }
        // Unknown, or perhaps of a version that is no longer the active one.
        self.pools.remove(selector);
        let pool = match self.read_pool(selector).await? {
            Ok(pool) => self.pools.entry(selector.clone()).or_insert(pool),
            Err(refusal) => {
                refuse(set, &refusal);
                return Ok(());
            }
        };
        let mut looks = 0;
        while !claim_all(&mut self.session, pool, set, now).await? {
            let counts = self.session.count(pool.preset_id).await?;
            if !pool.using_active_version || counts.ready == 0 || looks == MAX_LOOKS {
                refuse(set, &pool.reason(counts).into());
                break;
            }
            looks += 1;
            tokio::time::sleep(PAUSE).await;
        }
        Ok(())
    }

    /// Finds the pool as it is now.
    async fn read_pool(
        &mut self,
        selector: &PoolSelector,
    ) -> Result<Result<Pool, Refusal>, StoreError> {
        let pools = self.session.read_pools(selector.preset_id()).await?;
        let needed = resolve::needed_versions(selector, &pools);
        let versions = self.session.read_versions(&needed).await?;
        Ok(resolve::resolve(selector, &pools, &versions))
    }
}

/// Answers every request that has no answer.
fn refuse(set: &mut [Pending<'_>], refusal: &Refusal) {
    for pending in set.iter_mut().filter(|pending| pending.is_open()) {
        pending.answer = Some(Err(refusal.clone().into()));
    }
}
