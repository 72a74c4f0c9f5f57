//! Claims: prebuilt workspaces go to people, each wholly or not at all.
//!
//! A set of requests is one transaction and a handful of statements, whatever its size and however many
//! pools it is about.
//! Losing a race is no error: the request goes again. A session that is lost is opened again, once:
//! only a commit without an answer leaves it open whether claims were made.
//!
//! Decides nothing that the store's statements don't decide again: the pools kept from one set to
//! the next only say what to ask for, and are read anew before the answer is that there is nothing
//! to claim.

mod answer_lines;
pub(crate) mod batch;
mod choice;
mod external_auth;
mod known;
mod outcome;
mod queue;
mod recent;
mod recipient;
mod request;
mod request_lines;
mod resolve;
mod transaction;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use uuid::Uuid;

use crate::builds::Version;
use crate::model::{Time, text};
use crate::store::{ClaimSession, NewMiss, PoolLookup, Store, StoreError};

pub(crate) use outcome::{ClaimError, Claimed, Refusal};
pub(crate) use request::{PoolSelector, Request, check_name};

use known::Known;
use outcome::Answer;
use recent::Recent;
use recipient::Pending;
use request::Wish;
use resolve::Pool;
use transaction::claim_all;

/// How often to look again while other transactions hold workspaces that are ready: a claim or a
/// deletion that is undone gives them back.
const MAX_LOOKS: usize = 3;

/// How often a transaction goes again that another one is in the way of: each waits for half a second.
const MAX_ATTEMPTS: usize = 60;

/// Time between two looks whether there is a workspace by now.
const POLL: Duration = Duration::from_millis(200);

/// How long to wait before looking again: several times what a claim takes.
const PAUSE: Duration = Duration::from_millis(20);

/// Makes claims on one session.
pub(crate) struct Claimer {
    store: Store,
    session: ClaimSession,
    cache: SharedCache,
}

/// What sessions have read so far, for those that work side by side.
pub(crate) type SharedCache = Arc<Cache>;

/// What has been read so far.
#[derive(Default)]
pub(crate) struct Cache {
    /// The pools that were claimed from.
    pools: Recent<PoolSelector, Arc<Pool>>,
    /// What is known of their workspaces.
    known: Known,
}

/// Whether no request could be met just now, on this session or another.
fn is_unavailable(error: &StoreError) -> bool {
    error.is_connection_lost() || error.is_busy()
}

impl Claimer {
    /// Opens a session.
    pub(crate) async fn open(store: &Store, cache: SharedCache) -> Result<Self, StoreError> {
        Ok(Self {
            store: store.clone(),
            session: store.open_claims().await?,
            cache,
        })
    }

    /// Ends the session.
    pub(crate) async fn close(self) {
        self.session.close().await;
    }

    /// Makes one claim; as long as there is nothing to claim, again until `patience` is over. A claim that finds
    /// nothing is recorded once.
    pub(crate) async fn claim(
        &mut self,
        selector: &PoolSelector,
        request: &Request,
        patience: Duration,
    ) -> Answer {
        let asked_at = self.session.now();
        // None: beyond the calendar.
        let deadline = Instant::now().checked_add(patience);
        loop {
            let (answer, missed) = self.try_once(selector, request, asked_at).await;
            let may_pass = answer.as_ref().is_err_and(ClaimError::may_pass);
            if !may_pass || deadline.is_some_and(|deadline| Instant::now() >= deadline) {
                self.record(missed.as_slice()).await;
                return answer;
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Makes one claim of somebody who asked at that time, and says whether it found nothing.
    async fn try_once<'r>(
        &mut self,
        selector: &'r PoolSelector,
        request: &'r Request,
        asked_at: Time,
    ) -> (Answer, Option<NewMiss<'r>>) {
        let mut pending = [Pending::new(selector, request)];
        let result = self.answer(&mut pending).await;
        let [pending] = pending;
        let missed = pending.missed(asked_at);
        let answer = match (pending.answer, result) {
            (Some(answer), _) => answer,
            (None, Err(StoreError::Duplicate { .. })) => Err(Refusal::name_taken(request).into()),
            (None, Err(error)) => Err(error.into()),
            (None, Ok(())) => Err(ClaimError::Unavailable(
                "the request was dropped, which is a defect".to_owned(),
            )),
        };
        (answer, missed)
    }

    /// Records requests that found nothing to claim. Their answers stand, whatever comes of it.
    async fn record(&mut self, missed: &[NewMiss<'_>]) {
        let recorded = self.session.record_misses(missed).await;
        if let Err(error) = recorded {
            tracing::warn!(%error, requests = missed.len(), "not recorded that there was nothing to claim");
            // Nothing was begun, or the next statement says what is wrong with the session.
            drop(self.session.undo().await);
        }
    }

    /// Makes claims, and answers them in their order.
    ///
    /// A transaction that fails as a whole, as when another process takes a name between our look
    /// and our write, is undone and its requests are made one by one, so that only those fail that
    /// must. What earlier transactions of the set have committed stays answered as it is. Where the
    /// database can't be worked with, one by one would only take longer.
    pub(crate) async fn claim_set(&mut self, wishes: &[Wish]) -> Vec<Answer> {
        let now = self.session.now();
        let mut set: Vec<Pending<'_>> = wishes
            .iter()
            .map(|(selector, request)| Pending::new(selector, request))
            .collect();
        let mut unavailable = None;
        if wishes.len() > 1
            && let Err(error) = self.answer(&mut set).await
        {
            tracing::debug!(%error, requests = wishes.len(), "a set of claims failed");
            unavailable = is_unavailable(&error).then(|| error.to_string());
        }
        let mut answers = Vec::with_capacity(set.len());
        let mut missed = Vec::new();
        for pending in set {
            missed.extend(pending.missed(now));
            let answer = match (pending.answer, &unavailable) {
                (Some(answer), _) => answer,
                (None, Some(problem)) => Err(ClaimError::Unavailable(problem.clone())),
                (None, None) => {
                    let (selector, request) = (pending.selector, pending.request);
                    let (answer, found_nothing) = self.try_once(selector, request, now).await;
                    missed.extend(found_nothing);
                    answer
                }
            };
            if let Err(ClaimError::Store(error)) = &answer
                && is_unavailable(error)
            {
                unavailable = Some(error.to_string());
            }
            answers.push(answer);
        }
        self.record(&missed).await;
        answers
    }

    /// Answers requests; what is under way when the session is lost goes again on a new one. After
    /// an error, requests that are committed have their answers.
    async fn answer(&mut self, set: &mut [Pending<'_>]) -> Result<(), StoreError> {
        let mut result = self.answer_on_session(set).await;
        let mut attempts = 1;
        while let Err(error) = &result
            && error.is_contended()
            && attempts < MAX_ATTEMPTS
        {
            tracing::debug!(%error, "trying again");
            self.session.undo().await?;
            result = self.answer_on_session(set).await;
            attempts += 1;
        }
        if let Err(error) = &result
            && error.is_connection_lost()
        {
            tracing::warn!("{error}; trying once more on a new session");
            self.session = self.store.open_claims().await?;
            result = self.answer_on_session(set).await;
        }
        if let Err(error) = &result
            && !error.is_connection_lost()
            && let Err(error) = self.session.undo().await
        {
            // Nothing was begun, or the next statement says what is wrong with the session.
            tracing::debug!(%error, "nothing to undo");
        }
        result
    }

    /// Answers requests in as many transactions as it takes.
    async fn answer_on_session(&mut self, set: &mut [Pending<'_>]) -> Result<(), StoreError> {
        let mut look = 0;
        loop {
            let now = self.session.now();
            self.find_pools(set, now).await?;
            let Cache { pools, known } = &*self.cache;
            claim_all(&mut self.session, set, known).await?;
            self.session.undo().await?;
            for pending in set.iter_mut().filter(|pending| pending.is_open()) {
                let Some(pool) = pending.pool.clone() else {
                    continue;
                };
                pending.is_short = false;
                if look == 0 {
                    // What was read before may be out of date: perhaps another version is active by now.
                    pools.forget(pending.selector);
                    known.forget(pool.preset_id);
                    continue;
                }
                let counts = self.session.count(pool.preset_id).await?;
                let is_all = counts.ready <= text::count(pending.passed_over.len());
                if let Some(problem) = pending.passed_over.first()
                    && is_all
                {
                    let refusal = pool.unbuildable(problem.clone());
                    pending.refuse(refusal);
                } else if !pool.using_active_version || is_all || look > MAX_LOOKS {
                    pending.refuse(pool.reason(counts));
                }
            }
            if !set.iter().any(Pending::is_open) {
                return Ok(());
            }
            if look > 0 {
                tokio::time::sleep(PAUSE).await;
            }
            look += 1;
        }
    }

    /// Finds the pools of requests, and refuses those that mean none.
    async fn find_pools<'r>(
        &mut self,
        set: &mut [Pending<'r>],
        now: Time,
    ) -> Result<(), StoreError> {
        let open = set.iter().filter(|pending| pending.is_open());
        let selectors: BTreeSet<&'r PoolSelector> = open.map(|it| it.selector).collect();
        let (mut pools, mut unknown) = (BTreeMap::new(), BTreeSet::new());
        for selector in selectors {
            match self.cache.pools.get(selector, now) {
                Some(pool) => {
                    pools.insert(selector, Ok(pool));
                }
                None => {
                    unknown.insert(selector);
                }
            }
        }
        if !unknown.is_empty() {
            for (selector, pool) in self.read_pools(&unknown).await? {
                let pool = pool.map(Arc::new);
                if let Ok(pool) = &pool {
                    let pool = Arc::clone(pool);
                    self.cache.pools.add(selector.clone(), pool, now);
                }
                pools.insert(selector, pool);
            }
        }
        for pending in set.iter_mut().filter(|pending| pending.is_open()) {
            match pools.get(pending.selector) {
                Some(Ok(pool)) => pending.pool = Some(Arc::clone(pool)),
                Some(Err(refusal)) => pending.refuse(refusal.clone()),
                None => {}
            }
        }
        Ok(())
    }

    /// Reads the pools as they are now, in the transaction that claims from them.
    async fn read_pools<'s>(
        &mut self,
        selectors: &BTreeSet<&'s PoolSelector>,
    ) -> Result<BTreeMap<&'s PoolSelector, Result<Pool, Refusal>>, StoreError> {
        self.session.begin().await?;
        let ids = selectors.iter().filter_map(|it| resolve::preset_id(it));
        let ids: Vec<Uuid> = ids.collect();
        let mut rows = self.session.find_presets(&ids).await?;
        let others = selectors
            .iter()
            .filter(|it| resolve::preset_id(it).is_none_or(|id| !resolve::has_preset(id, &rows)));
        let lookups: Vec<PoolLookup> = others.flat_map(|it| resolve::lookups(it)).collect();
        let named = self.session.find_pools(&lookups).await?;
        // Of two rows for one preset either name would seem to stand for several.
        rows.retain(|row| !named.contains(row));
        rows.extend(named);
        let needed: BTreeSet<Uuid> = selectors
            .iter()
            .flat_map(|selector| resolve::needed_versions(selector, &rows))
            .collect();
        let needed: Vec<Uuid> = needed.into_iter().collect();
        let versions = self.session.read_versions(&needed).await?;
        let versions = versions.into_iter().map(|(id, it)| (id, Arc::new(it)));
        let versions: BTreeMap<Uuid, Arc<Version>> = versions.collect();
        let mut pools = BTreeMap::new();
        let mut all = None;
        for selector in selectors {
            let mut pool = resolve::resolve(selector, &rows, &versions);
            if let Err(refusal) = &pool
                && resolve::is_unknown(refusal)
            {
                if all.is_none() {
                    all = Some(self.session.read_pools(None).await?);
                }
                let all = all.as_deref().unwrap_or_default();
                pool = pool.map_err(|refusal| resolve::with_suggestions(refusal, all));
            }
            pools.insert(*selector, pool);
        }
        Ok(pools)
    }
}

/// For fuzzers: reads the lines of a batch, to the first one that can't be read.
#[cfg(any(test, fuzzing))]
pub(crate) fn parse_lines(mut input: &[u8]) {
    let Ok(runtime) = tokio::runtime::Builder::new_current_thread().build() else {
        return;
    };
    runtime.block_on(async {
        while let Ok(Some(line)) = request_lines::next(&mut input, request_lines::MAX_LINE).await {
            let _parsed = request_lines::parse(&line);
        }
    });
}
