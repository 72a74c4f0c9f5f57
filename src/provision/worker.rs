//! The worker: takes jobs, builds several at once, and records what came of them.
//!
//! One loop owns the only session, so that nothing has to be locked; builds are tasks that send it
//! their lines and their end. A session that breaks is opened again, and the operation is repeated:
//! every write is on the condition that the job is still the worker's, so that a repeated one does
//! no harm. A database that is away for a while ends no build.
//!
//! The first signal lets running builds end; the second ends them and puts their jobs back.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, Result};
use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::error::Failure;
use crate::model::Time;
use crate::provision::build::{Built, Log};
use crate::provision::builder::Builder;
use crate::provision::report::{Reporter, Summary};
use crate::provision::running::Running;
use crate::service::signals::{self, Signal};
use crate::service::{ticks, wake_at_changes};
use crate::store::{
    BuildOutcome, Completion, Job, JobSession, LogBatch, LogLine, Store, StoreError, TakeOptions,
};
use crate::{builds, clock};

/// How often the worker registers: it counts as gone after 90 seconds.
const REGISTER_EVERY: Duration = Duration::from_secs(30);

/// How long a worker that died without unregistering stays registered.
const FORGET_AFTER: Duration = Duration::from_secs(60 * 60);

/// How long lines wait to be stored, so that many make one write.
const FLUSH_EVERY: Duration = Duration::from_millis(500);

/// Number of lines of a job that are stored before their time.
const FLUSH_LINES: usize = 500;

/// Most lines on their way from builds to the worker.
const LINES_IN_FLIGHT: usize = 1000;

/// How long to wait before a broken session is opened again.
const RETRY: Duration = Duration::from_secs(1);

/// How a worker works.
#[derive(Clone, Debug)]
pub(crate) struct WorkerSettings {
    /// How many builds run at once.
    pub parallel: usize,
    /// Tags that it offers; none: it serves jobs of any tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// How often an idle worker looks for jobs.
    pub poll_interval: Duration,
    /// How often it renews its hold on its jobs.
    pub heartbeat: Duration,
    /// How long another worker's job may go without a heartbeat before it is taken over.
    pub stale_after: Duration,
    /// Whether it ends when there are no jobs left to take.
    pub drain: bool,
}

/// Runs jobs until a signal comes, or until none are left.
pub(crate) struct Worker<'a> {
    store: Store,
    session: Option<JobSession>,
    id: Uuid,
    builder: Arc<Builder>,
    settings: WorkerSettings,
    reporter: Reporter<'a>,
    signals: mpsc::UnboundedReceiver<Signal>,
    /// The second signal, which ends everything.
    forced: Option<Failure>,
    stopping: bool,
    running: BTreeMap<Uuid, Running>,
    tasks: JoinSet<(Uuid, Built)>,
    sender: mpsc::Sender<(Uuid, LogLine)>,
    lines: mpsc::Receiver<(Uuid, LogLine)>,
}

impl<'a> Worker<'a> {
    /// A worker on the database of `store`, which is opened here: one that can't be used is an error
    /// at once. `status` prints a line of status.
    pub(crate) async fn open(
        store: Store,
        builder: Builder,
        settings: WorkerSettings,
        status: &'a dyn Fn(&str),
    ) -> Result<Self> {
        let signals = signals::listen()?;
        let (sender, lines) = mpsc::channel(LINES_IN_FLIGHT);
        Ok(Self {
            session: Some(store.open_jobs().await?),
            store,
            id: Uuid::new_v4(),
            builder: Arc::new(builder),
            settings,
            reporter: Reporter::new(status),
            signals,
            forced: None,
            stopping: false,
            running: BTreeMap::new(),
            tasks: JoinSet::new(),
            sender,
            lines,
        })
    }

    /// Works to the end.
    pub(crate) async fn run(mut self) -> Result<Summary> {
        let result = self.work().await;
        if let Some(mut session) = self.session.take() {
            // Where this fails, the registration ends with time.
            let _unregistered = session.unregister(self.id).await;
            session.close().await;
        }
        if let Some(failure) = self.forced {
            return Err(failure.into());
        }
        result?;
        Ok(self.reporter.summary)
    }

    async fn work(&mut self) -> Result<()> {
        let mut register = ticks(REGISTER_EVERY);
        let mut heartbeat = ticks(self.settings.heartbeat);
        let mut flush = ticks(FLUSH_EVERY);
        let mut poll = ticks(self.settings.poll_interval);
        self.register().await?;
        register.reset();
        let posted = Arc::new(Notify::new());
        // Ends with this function.
        let mut listening = JoinSet::new();
        if !self.settings.drain {
            listening.spawn(wake_at_changes(self.store.clone(), Arc::clone(&posted)));
        }
        let mut look = true;
        loop {
            let found = look && !self.stopping && self.take().await?;
            let busy = !self.running.is_empty();
            if !busy && !found && (self.stopping || self.settings.drain) {
                return Ok(());
            }
            let idle = !self.stopping && self.running.len() < self.settings.parallel;
            look = false;
            tokio::select! {
                Some(done) = self.tasks.join_next() => {
                    let (id, built) = done.context("a build ended early, which is a defect")?;
                    self.finish(id, built).await?;
                    look = true;
                }
                Some(line) = self.lines.recv() => if self.keep(line) >= FLUSH_LINES {
                    self.flush().await;
                },
                _ = poll.tick(), if idle => look = true,
                () = posted.notified(), if idle => look = true,
                _ = flush.tick(), if busy => self.flush().await,
                _ = heartbeat.tick(), if busy => self.keep_alive().await?,
                _ = register.tick() => self.register().await?,
                Some(signal) = self.signals.recv() => self.obey(signal),
            }
        }
    }

    /// The first signal ends the taking of jobs, the second the builds as well.
    fn obey(&mut self, signal: Signal) {
        let Signal::Stop(stop) = signal else { return };
        if !self.stopping {
            self.stopping = true;
            if !self.running.is_empty() {
                self.reporter.waiting(self.running.len());
            }
            return;
        }
        self.forced.get_or_insert(stop.failure());
        for running in self.running.values_mut() {
            running.stop();
        }
    }

    /// Takes as many jobs as there is room for. Returns whether there were any.
    async fn take(&mut self) -> Result<bool> {
        let limit = self.settings.parallel.saturating_sub(self.running.len());
        if limit == 0 {
            return Ok(false);
        }
        let now = clock::now();
        let own: Vec<Uuid> = self.running.keys().copied().collect();
        let tags = self.settings.tags.clone();
        let options = TakeOptions {
            worker: self.id,
            own: &own,
            tags: tags.as_ref(),
            limit,
            stale_before: before(now, self.settings.stale_after),
        };
        let jobs = self
            .persist(async |session| session.take(&options, now).await)
            .await?;
        let found = !jobs.is_empty();
        for job in jobs {
            self.start(job);
        }
        Ok(found)
    }

    fn start(&mut self, job: Job) {
        self.reporter.summary.taken_over += u64::from(job.last_heartbeat.is_some());
        let (mut running, stopped) = Running::new(job.clone());
        if job.canceled {
            running.stop();
        }
        self.running.insert(job.id, running);
        let builder = Arc::clone(&self.builder);
        let log = Log::new(&job, self.sender.clone());
        self.tasks.spawn(async move {
            let built = if job.canceled {
                Built::plain(BuildOutcome::Canceled)
            } else {
                builder.build(&job, &log, stopped).await
            };
            (job.id, built)
        });
    }

    /// Keeps a line until it is stored with others. Returns how many wait.
    fn keep(&mut self, (id, line): (Uuid, LogLine)) -> usize {
        self.running.get_mut(&id).map_or(0, |running| {
            running.log.push(line);
            running.log.len()
        })
    }

    /// Stores the lines that wait.
    async fn flush(&mut self) {
        let worker = self.id;
        let logs: Vec<(Uuid, LogBatch)> = self
            .running
            .iter_mut()
            .filter(|(_, running)| !running.lost && !running.log.is_empty())
            .map(|(id, running)| (*id, running.log.take()))
            .collect();
        for (id, log) in logs {
            let stored = self
                .persist(async |session| session.append_log(worker, id, &log, clock::now()).await)
                .await;
            if let Err(error) = stored {
                // Lines are no reason to end builds.
                tracing::warn!(job = %id, "lines of the log are lost: {error}");
            }
        }
    }

    /// Sends a heartbeat for the jobs, and stops those that are cancelled or another worker's.
    async fn keep_alive(&mut self) -> Result<()> {
        let worker = self.id;
        let ids: Vec<Uuid> = self.running.keys().copied().collect();
        let own = self
            .persist(async |session| session.keep_alive(worker, &ids, clock::now()).await)
            .await?;
        for (id, running) in &mut self.running {
            match own.get(id) {
                Some(false) => {}
                Some(true) => running.stop(),
                None => {
                    running.lost = true;
                    running.stop();
                }
            }
        }
        Ok(())
    }

    async fn register(&mut self) -> Result<()> {
        let worker = self.id;
        let tags = self.settings.tags.clone().unwrap_or_else(builds::untagged);
        self.persist(async |session| {
            let now = clock::now();
            let forgotten = before(now, FORGET_AFTER);
            session.register(worker, &tags, forgotten, now).await
        })
        .await?;
        Ok(())
    }

    /// Records what came of a build.
    async fn finish(&mut self, id: Uuid, mut built: Built) -> Result<()> {
        // All lines of a build were sent before its end.
        while let Ok(line) = self.lines.try_recv() {
            self.keep(line);
        }
        let Some(mut running) = self.running.remove(&id) else {
            return Ok(());
        };
        let worker = self.id;
        let stopped =
            built.outcome == BuildOutcome::Canceled && !running.job.canceled && !running.lost;
        if self.forced.is_some() && stopped {
            self.persist(async |session| session.release(worker, id, clock::now()).await)
                .await?;
            self.reporter.released(&running.job);
            return Ok(());
        }
        if !built.replaced.is_empty() {
            let line = LogLine::replacement(clock::now(), &built.replaced);
            running.log.push_beyond(line);
        }
        if !running.lost && self.complete(&running, &mut built).await? {
            let took = running.since.elapsed();
            self.reporter.finished(&running.job, &built, took);
        } else {
            self.reporter.lost(&running.job);
        }
        Ok(())
    }

    /// Writes the outcome; false: the job is another worker's. An outcome that the database refuses
    /// becomes a failure, so that the job doesn't stay open for ever; state and log are kept: what
    /// the state says exists all the same.
    async fn complete(&mut self, running: &Running, built: &mut Built) -> Result<bool, StoreError> {
        let mut written = self.write(running, built).await;
        if let Err(error) = &written
            && !error.is_transient()
        {
            built.outcome = BuildOutcome::Failed(format!("the outcome can't be stored: {error}"));
            written = self.write(running, built).await;
        }
        let owned = written?;
        if let Some(session) = &mut self.session {
            session.notify_changed().await;
        }
        Ok(owned)
    }

    /// Writes the outcome as it is.
    async fn write(&mut self, running: &Running, built: &Built) -> Result<bool, StoreError> {
        let (worker, job) = (self.id, &running.job);
        let completion = Completion {
            outcome: &built.outcome,
            state: built.state.as_deref(),
            log: &running.log,
        };
        self.persist(async |session| {
            session
                .complete(worker, job, &completion, clock::now())
                .await
        })
        .await
    }

    /// Runs an operation on the session, again and again as long as only the connection or the lock
    /// of another process is in the way. After an error the session is a new one: a transaction that
    /// was open is undone with the old one.
    async fn persist<T>(
        &mut self,
        operation: impl AsyncFn(&mut JobSession) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        loop {
            let session = match self.session.take() {
                Some(session) => Ok(session),
                None => self.store.open_jobs().await,
            };
            let result = match session {
                Ok(mut session) => operation(&mut session).await.map(|value| (session, value)),
                Err(error) => Err(error),
            };
            match result {
                Ok((session, value)) => {
                    self.session = Some(session);
                    return Ok(value);
                }
                Err(error) if error.is_transient() && self.forced.is_none() => {
                    tracing::warn!("{error}; trying again");
                }
                Err(error) => return Err(error),
            }
            tokio::select! {
                () = tokio::time::sleep(RETRY) => {}
                Some(signal) = self.signals.recv() => self.obey(signal),
            }
        }
    }
}

fn before(now: Time, span: Duration) -> Time {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_sub_signed(span))
        .unwrap_or(now)
}
