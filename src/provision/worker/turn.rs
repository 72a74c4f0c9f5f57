//! The worker's jobs from the queue to their end: taken, begun, and recorded.
//!
//! Builds that have ended are recorded together, and in the same transaction the next jobs are taken,
//! so that a commit is paid once for many short builds. What is reported is committed.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use tokio::task::JoinError;
use tokio::time::Instant;
use uuid::Uuid;

use super::{Worker, before};
use crate::provision::build::{Built, Log};
use crate::provision::running::{Ended, Running};
use crate::store::{BuildOutcome, Completion, Job, StoreError, TakeOptions, Turn};

/// How far apart one signal may come to two processes.
const SIGNALS_APART: Duration = Duration::from_millis(200);

impl Worker<'_> {
    /// Records the builds that have ended, and takes as many jobs as there is room for. Returns
    /// whether there were any.
    pub(super) async fn turn(&mut self) -> Result<bool> {
        let mut ended = std::mem::take(&mut self.ended);
        let room = if self.is_stopping() {
            0
        } else {
            let jobs = self.pace.jobs(ended.len());
            jobs.saturating_sub(self.running.len() + self.waiting.len())
        };
        let turn = match self.exchange(&ended, room).await {
            Err(error) if !error.is_transient() && !ended.is_empty() => {
                let completed = self.record_apart(&mut ended).await?;
                let taken = self.exchange(&[], room).await?.taken;
                Turn { completed, taken }
            }
            turn => turn?,
        };
        for ended in &ended {
            self.own.remove(&ended.job.id);
            if turn.completed.contains(&ended.job.id) {
                self.reporter.finished(&ended.job, &ended.built, ended.took);
            } else {
                self.reporter.lost(&ended.job);
            }
        }
        if let Some(session) = &mut self.session
            && !turn.completed.is_empty()
        {
            session.notify_changed().await;
        }
        let found = !turn.taken.is_empty();
        if found {
            self.taken_at = Instant::now();
            self.own.extend(turn.taken.iter().map(|job| job.id));
            // Another worker took it for a dead one's and left it waiting: the build that it has goes on.
            let goes_on = |job: &Job| self.running.get(&job.id).is_some_and(|it| !it.lost);
            let taken = turn.taken.into_iter().filter(|job| !goes_on(job));
            self.waiting.extend(taken);
        }
        self.start_waiting();
        Ok(found)
    }

    /// Records builds and takes jobs in one transaction.
    async fn exchange(&mut self, ended: &[Ended], limit: usize) -> Result<Turn, StoreError> {
        let completions: Vec<Completion<'_>> = ended.iter().map(Ended::completion).collect();
        let own: Vec<Uuid> = self.own.iter().copied().collect();
        let tags = self.settings.tags.clone();
        let (worker, stale_after) = (self.id, self.settings.stale_after);
        let was_tried = Cell::new(false);
        self.persist(async |session| {
            let now = session.now();
            if was_tried.replace(true) {
                // Only the answer may have been lost.
                session.release_others(worker, &own, now).await?;
            }
            let options = TakeOptions {
                worker,
                own: &own,
                tags: tags.as_ref(),
                limit,
                stale_before: before(now, stale_after),
            };
            session.turn(&completions, &options, now).await
        })
        .await
    }

    /// Records builds one by one. An outcome that the database refuses becomes a failure, so that the
    /// job doesn't stay open for ever; state and log are kept: what the state says exists all the
    /// same.
    async fn record_apart(&mut self, ended: &mut [Ended]) -> Result<BTreeSet<Uuid>, StoreError> {
        let mut completed = BTreeSet::new();
        for ended in ended {
            let mut turn = self.exchange(std::slice::from_ref(ended), 0).await;
            if let Err(error) = &turn
                && !error.is_transient()
            {
                let problem = format!("the outcome can't be stored: {error}");
                ended.built.outcome = BuildOutcome::Failed(problem);
                turn = self.exchange(std::slice::from_ref(ended), 0).await;
            }
            completed.extend(turn?.completed);
        }
        Ok(completed)
    }

    /// Begins as many builds as may run at once, unless the worker is to end. A job that the worker lost and
    /// took again waits for the end of its lost build, or is put back.
    fn start_waiting(&mut self) {
        while !self.is_stopping()
            && self.running.len() < self.settings.parallel
            && let Some(next) = self
                .waiting
                .iter()
                .position(|it| !self.running.contains_key(&it.id))
            && let Some(job) = self.waiting.remove(next)
        {
            self.start(job);
        }
    }

    fn start(&mut self, job: Job) {
        self.reporter.summary.taken_over += u64::from(job.last_heartbeat.is_some());
        self.reporter.started(&job);
        let (mut running, stopped) = Running::new(job.clone());
        if job.canceled {
            running.stop();
        }
        self.running.insert(job.id, running);
        let builder = Arc::clone(&self.builder);
        let log = Log::new(&job, self.sender.clone());
        self.tasks.spawn(async move {
            let built = if job.canceled {
                Ok(Built::plain(BuildOutcome::Canceled))
            } else {
                builder.build(&job, &log, stopped).await
            };
            (job.id, built)
        });
    }

    /// Takes note of a build that has ended, and of all that end with it or, begun in its place, at
    /// once.
    pub(super) async fn gather(
        &mut self,
        done: Result<(Uuid, Result<Built, String>), JoinError>,
    ) -> Result<()> {
        self.end(done).await?;
        loop {
            self.start_waiting();
            // Lets builds come to their end that take no time.
            tokio::task::yield_now().await;
            match self.tasks.try_join_next() {
                Some(done) => self.end(done).await?,
                None => return Ok(()),
            }
        }
    }

    async fn end(&mut self, done: Result<(Uuid, Result<Built, String>), JoinError>) -> Result<()> {
        let (id, built) = done.context("a build ended early, which is a defect")?;
        // All lines of a build were sent before its end.
        while let Ok(line) = self.lines.try_recv() {
            self.keep(line);
        }
        let Some(running) = self.running.remove(&id) else {
            return Ok(());
        };
        if running.lost {
            self.reporter.lost(&running.job);
            return Ok(());
        }
        match built {
            Err(problem) => {
                // Every other build would fail as well, until all presets are hard limited.
                self.unfit = Some(problem);
                self.release([(id, running.job.was_begun)].into()).await?;
            }
            Ok(built)
                if running.was_stopped(&built, self.forced) || self.was_signalled(&built).await =>
            {
                self.release_begun(id, built.state).await?;
            }
            Ok(built) => {
                self.ended.push(running.end(built));
                return Ok(());
            }
        }
        self.reporter.released(&running.job);
        Ok(())
    }

    /// Whether the build was ended by a signal that comes to the worker as well, a little sooner or later:
    /// service managers send it to all processes of a service.
    async fn was_signalled(&mut self, built: &Built) -> bool {
        if !built.signalled {
            return false;
        }
        if !self.is_stopping() {
            let signal = tokio::time::timeout(SIGNALS_APART, self.signals.recv()).await;
            if let Ok(Some(signal)) = signal {
                self.obey(signal);
            }
        }
        self.is_stopping()
    }

    /// Puts the jobs back that were taken ahead.
    pub(super) async fn put_back(&mut self) -> Result<()> {
        let jobs = self.waiting.drain(..);
        let jobs: BTreeMap<Uuid, bool> = jobs.map(|job| (job.id, job.was_begun)).collect();
        if !jobs.is_empty() {
            self.release(jobs).await?;
        }
        Ok(())
    }

    /// Puts jobs back, each with whether its build was begun.
    async fn release(&mut self, jobs: BTreeMap<Uuid, bool>) -> Result<()> {
        let worker = self.id;
        self.persist(async |session| session.release(worker, &jobs, session.now()).await)
            .await?;
        self.own.retain(|job| !jobs.contains_key(job));
        Ok(())
    }

    /// Puts a job back that was begun, with the state that its build has left: what the state says exists, and the
    /// build that comes next goes on from there.
    async fn release_begun(&mut self, job: Uuid, state: Option<Vec<u8>>) -> Result<()> {
        let Some(state) = state else {
            return self.release([(job, true)].into()).await;
        };
        let worker = self.id;
        self.persist(async |session| session.release_with(worker, job, &state).await)
            .await?;
        self.own.remove(&job);
        Ok(())
    }
}
