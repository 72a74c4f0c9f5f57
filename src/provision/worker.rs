//! The worker: takes jobs, builds several at once, and records what came of them.
//!
//! One loop owns the only session, so that nothing has to be locked; builds are tasks that send it
//! their lines and their end. A session that breaks is opened again, and the operation is repeated:
//! every write is on the condition that the job is still the worker's, so that a repeated one does
//! no harm. A database that is away for a while ends no build.
//!
//! The first signal lets running builds end for as long as the grace lasts; its end, or the second signal,
//! ends them and puts their jobs back.

mod turn;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Result, bail};
use chrono::TimeDelta;
use tokio::sync::{Notify, mpsc};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use uuid::Uuid;

use crate::builds;
use crate::model::Time;
use crate::provision::build::Built;
use crate::provision::builder::Builder;
use crate::provision::pace::Pace;
use crate::provision::report::{Reporter, Summary};
use crate::provision::running::{Ended, Running};
use crate::service::signals::{self, Signal, Stop};
use crate::service::{jitter, next_delay, ticks, wake_at_changes};
use crate::store::{Job, JobSession, LogBatch, LogLine, Store, StoreError, Subject};

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

/// How long a job that was taken ahead may wait: it goes back into the queue when the builds before it
/// take longer than those before them.
const LONGEST_AHEAD: Duration = Duration::from_millis(500);

/// How long a worker that ends waits for an answer, as long as for its builds to end.
const LAST_ANSWER: Duration = Duration::from_secs(5);

/// How long an answer is waited for in any case: databases are slow at times.
const SHORTEST_PATIENCE: Duration = Duration::from_secs(1);

/// Later than this is as good as never.
const LONGEST_GRACE: Duration = Duration::from_secs(365 * 24 * 3600);

#[derive(Clone, Debug)]
pub(crate) struct WorkerSettings {
    pub parallel: usize,
    /// Tags that it offers; none: it serves jobs of any tags.
    pub tags: Option<BTreeMap<String, String>>,
    /// How often an idle worker looks for jobs.
    pub poll_interval: Duration,
    /// How often it renews its hold on its jobs.
    pub heartbeat: Duration,
    /// How long another worker's job may go without a heartbeat before it is taken over.
    pub stale_after: Duration,
    /// How long running builds may go on after a signal.
    pub grace: Duration,
    /// Whether it ends when there are no jobs left to take.
    pub drain: bool,
    /// Whether to print what builds print.
    pub show_output: bool,
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
    /// The first signal, and when it ends everything.
    stopping: Option<(Stop, Instant)>,
    /// Whether everything is to end at once.
    forced: bool,
    /// Why this host can't build.
    unfit: Option<String>,
    /// What keeps it from the database, in words, and the wait before the last attempt.
    trouble: Option<(String, Duration)>,
    pace: Pace,
    /// Every job that is the worker's: waiting, running, or ended and not yet recorded.
    own: BTreeSet<Uuid>,
    /// Jobs that were taken ahead.
    waiting: VecDeque<Job>,
    /// When jobs were taken last.
    taken_at: Instant,
    running: BTreeMap<Uuid, Running>,
    ended: Vec<Ended>,
    tasks: JoinSet<(Uuid, Result<Built, String>)>,
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
        // A connection can fall silent just after a heartbeat. It is noticed in time for one on another
        // connection: a heartbeat takes a third at most, and so does the rest before the next attempt.
        let patience = (settings.stale_after / 4).max(SHORTEST_PATIENCE);
        let store = store.answering_within(patience);
        let (sender, lines) = mpsc::channel(LINES_IN_FLIGHT);
        Ok(Self {
            session: Some(store.open_jobs().await?),
            store,
            id: Uuid::new_v4(),
            builder: Arc::new(builder),
            pace: Pace::new(settings.parallel),
            settings,
            reporter: Reporter::new(status),
            signals,
            stopping: None,
            forced: false,
            unfit: None,
            trouble: None,
            own: BTreeSet::new(),
            waiting: VecDeque::new(),
            taken_at: Instant::now(),
            running: BTreeMap::new(),
            ended: Vec::new(),
            tasks: JoinSet::new(),
            sender,
            lines,
        })
    }

    pub(crate) async fn run(mut self) -> Result<Summary> {
        let result = self.work().await;
        if let Some(mut session) = self.session.take() {
            // Where this fails, the registration ends with time.
            let _unregistered = timeout(LAST_ANSWER, session.unregister(self.id)).await;
            session.close().await;
        }
        match (result, self.stopping) {
            (_, Some((stop, _))) if self.forced => Err(stop.failure().into()),
            (Err(error), Some(_)) if is_transient(&error) => Ok(self.reporter.summary),
            (Err(error), _) => Err(error),
            (Ok(()), _) => match self.unfit {
                Some(problem) => bail!("{problem}; its jobs wait for a worker that can build"),
                None => Ok(self.reporter.summary),
            },
        }
    }

    async fn work(&mut self) -> Result<()> {
        self.builder.clear_host().await;
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
            let store = self.store.clone();
            listening.spawn(wake_at_changes(store, Subject::Jobs, Arc::clone(&posted)));
        }
        let mut look = true;
        loop {
            // The last build may have been lost, which is no turn.
            look |= self.settings.drain && self.running.is_empty();
            let found = (look || !self.ended.is_empty()) && self.turn().await?;
            // The signal may have come meanwhile.
            if self.is_stopping() || self.taken_at.elapsed() >= LONGEST_AHEAD {
                self.put_back().await?;
            }
            let busy = !self.running.is_empty();
            if !busy && (self.is_stopping() || self.settings.drain && !found) {
                return Ok(());
            }
            let idle = !self.is_stopping() && self.running.len() < self.settings.parallel;
            look = false;
            tokio::select! {
                Some(done) = self.tasks.join_next() => self.gather(done).await?,
                Some(line) = self.lines.recv() => if self.keep(line) >= FLUSH_LINES {
                    self.flush().await;
                },
                _ = poll.tick(), if idle => look = true,
                () = posted.notified(), if idle => look = true,
                _ = flush.tick(), if busy => self.flush().await,
                _ = heartbeat.tick(), if busy => self.keep_alive().await?,
                _ = register.tick() => self.register().await?,
                Some(signal) = self.signals.recv() => self.obey(signal),
                () = end_of_grace(self.stopping), if !self.forced => self.force(),
            }
        }
    }

    fn is_stopping(&self) -> bool {
        self.stopping.is_some() || self.unfit.is_some()
    }

    /// The first signal ends the taking of jobs, the second the builds as well.
    fn obey(&mut self, signal: Signal) {
        let Signal::Stop(stop) = signal else { return };
        if self.stopping.is_some() {
            self.force();
            return;
        }
        let grace = self.settings.grace.min(LONGEST_GRACE);
        self.stopping = Some((stop, Instant::now() + grace));
        if !self.running.is_empty() {
            self.reporter.waiting(self.running.len(), grace);
        }
    }

    /// Ends the builds, whose jobs then wait again.
    fn force(&mut self) {
        self.forced = true;
        for running in self.running.values_mut() {
            running.stop();
        }
    }

    /// Keeps a line until it is stored with others. Returns how many wait.
    fn keep(&mut self, (id, line): (Uuid, LogLine)) -> usize {
        self.running.get_mut(&id).map_or(0, |running| {
            if self.settings.show_output {
                self.reporter.said(&running.job, line.output());
            }
            running.log.push(line);
            running.log.len()
        })
    }

    async fn flush(&mut self) {
        let worker = self.id;
        let logs: Vec<(Uuid, LogBatch)> = self
            .running
            .iter_mut()
            .filter(|(_, running)| !running.lost && !running.log.is_empty())
            .map(|(id, running)| (*id, running.log.take()))
            .collect();
        if logs.is_empty() {
            return;
        }
        let stored = self
            .persist(async |session| session.append_logs(worker, &logs, session.now()).await)
            .await;
        if let Err(error) = stored {
            // Lines are no reason to end builds.
            let jobs: Vec<Uuid> = logs.into_iter().map(|(id, _)| id).collect();
            tracing::warn!(?jobs, "lines of the logs are lost: {error}");
        }
    }

    /// Sends a heartbeat for the jobs, and stops those that are cancelled or another worker's.
    async fn keep_alive(&mut self) -> Result<()> {
        let worker = self.id;
        let ids: Vec<Uuid> = self.own.iter().copied().collect();
        let own = self
            .persist(async |session| session.keep_alive(worker, &ids, session.now()).await)
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
        self.waiting.retain_mut(|job| {
            let canceled = own.get(&job.id);
            job.canceled |= canceled.is_some_and(|canceled| *canceled);
            canceled.is_some()
        });
        self.own.retain(|id| own.contains_key(id));
        Ok(())
    }

    async fn register(&mut self) -> Result<()> {
        let worker = self.id;
        let tags = self.settings.tags.clone().unwrap_or_else(builds::untagged);
        self.persist(async |session| {
            let now = session.now();
            let forgotten = before(now, FORGET_AFTER);
            session.register(worker, &tags, forgotten, now).await
        })
        .await?;
        Ok(())
    }

    /// Runs an operation on the session, again and again as long as only the connection or the lock
    /// of another process is in the way. After an error the session is a new one: a transaction that
    /// was open is undone with the old one. Signals are obeyed meanwhile.
    async fn persist<T>(
        &mut self,
        operation: impl AsyncFn(&mut JobSession) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        loop {
            let (store, session) = (self.store.clone(), self.session.take());
            let attempt = async {
                let mut session = match session {
                    Some(session) => session,
                    None => store.open_jobs().await?,
                };
                let value = operation(&mut session).await?;
                Ok((session, value))
            };
            match self.obeying(attempt).await {
                Ok((session, value)) => {
                    self.session = Some(session);
                    if self.trouble.take().is_some() {
                        tracing::info!("the database answers again");
                    }
                    return Ok(value);
                }
                Err(error) if !error.is_transient() || self.gives_up() => return Err(error),
                Err(error) => {
                    let rest = self.note(&error);
                    tokio::select! {
                        () = tokio::time::sleep(rest) => {}
                        () = self.obey_next() => {}
                    }
                    if self.gives_up() {
                        return Err(error);
                    }
                }
            }
        }
    }

    /// Waits for an answer and obeys signals meanwhile. A worker that gives up doesn't wait for long.
    async fn obeying<T>(
        &mut self,
        attempt: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let mut attempt = pin!(attempt);
        loop {
            tokio::select! {
                result = &mut attempt => return result,
                () = tokio::time::sleep(LAST_ANSWER), if self.gives_up() => {
                    return Err(StoreError::Query {
                        doing: "waiting for a last answer",
                        reason: "none came".to_owned(),
                        hint: None,
                        lost: true,
                        transient: true,
                    });
                }
                () = self.obey_next() => {}
            }
        }
    }

    /// Waits for the next signal or for the end of the grace, and obeys.
    async fn obey_next(&mut self) {
        tokio::select! {
            Some(signal) = self.signals.recv() => self.obey(signal),
            () = end_of_grace(self.stopping), if !self.forced => self.force(),
        }
    }

    /// Logs what is in the way, unless it was in the way before. Returns how long to wait, at most until
    /// the jobs need a heartbeat.
    fn note(&mut self, error: &StoreError) -> Duration {
        let text = error.to_string();
        let known = self.trouble.take();
        if known.as_ref().is_none_or(|(known, _)| *known != text) {
            tracing::warn!("{text}; trying again");
        }
        let previous = known.map(|(_, rest)| rest);
        let rest = next_delay(previous, self.settings.heartbeat, jitter());
        self.trouble = Some((text, rest));
        rest
    }

    /// Whether a database that is away is no longer waited for: on the second signal, and on the
    /// first where no job is the worker's.
    fn gives_up(&self) -> bool {
        self.forced || self.is_stopping() && self.own.is_empty()
    }
}

/// Comes when the builds have had their time after a signal; never without one.
async fn end_of_grace(stopping: Option<(Stop, Instant)>) {
    match stopping {
        Some((_, until)) => tokio::time::sleep_until(until).await,
        None => std::future::pending().await,
    }
}

fn is_transient(error: &anyhow::Error) -> bool {
    let error: Option<&StoreError> = error.downcast_ref();
    error.is_some_and(StoreError::is_transient)
}

fn before(now: Time, span: Duration) -> Time {
    TimeDelta::from_std(span)
        .ok()
        .and_then(|span| now.checked_sub_signed(span))
        .unwrap_or(now)
}
