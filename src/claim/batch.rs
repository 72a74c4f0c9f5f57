//! Claims in batches: a request a line in, an answer a line out.
//!
//! Lines are read while claims are under way; waiting requests share a transaction, so that sets grow with the load and a lone request doesn't wait for others. Nothing
//! that is under way is ever dropped: where reading or writing fails, it ends first.

use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use tokio::io::AsyncBufRead;
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use crate::claim::answer_lines::{AnswerLine, Status};
use crate::claim::outcome::{Answer, ClaimError};
use crate::claim::queue::{Queue, Set};
use crate::claim::request::Wish;
use crate::claim::request_lines::{self, Line, MAX_LINE};
use crate::claim::{Claimer, SharedCache};
use crate::model::document::to_json_line;
use crate::model::text::plural;
use crate::store::{Store, StoreError, Target};

/// Most lines between the oldest without an answer and the newest: enough to fill the sets of every
/// session.
const WINDOW: usize = 2048;

/// Default number of sessions: more than processors, since most of a claim is waiting.
const POSTGRES_SESSIONS: usize = 8;

/// SQLite has one writer at a time.
const SQLITE_SESSIONS: usize = 1;

/// Prints an answer; false: the reader has gone.
pub(crate) type Print = Arc<dyn Fn(&str) -> Result<bool> + Send + Sync>;

/// How to go about a batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Options {
    /// Number of sessions; none: as many as suit the database.
    pub parallel: Option<u8>,
    /// Whether all owners get theirs without the logins that the templates require.
    pub skip_external_auth: bool,
}

/// How many requests got which answer.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    pub claimed: usize,
    pub none_claimable: usize,
    pub errors: usize,
}

/// Answers the requests of `input`, a line each, in order; every answer goes to `print` as soon as it
/// is its turn.
pub(crate) async fn run(
    store: Store,
    input: impl AsyncBufRead + Send + Unpin + 'static,
    options: Options,
    print: Print,
) -> Result<Counts> {
    let sessions = match (options.parallel, store.target()) {
        (Some(sessions), _) => usize::from(sessions),
        (None, Target::Postgres(_)) => POSTGRES_SESSIONS,
        (None, Target::Sqlite(_)) => SQLITE_SESSIONS,
    };
    // A database that can't be claimed from is an error of the command, not of every line.
    let cache = SharedCache::default();
    let first = Claimer::open(&store, Arc::clone(&cache)).await?;
    let mut batch = Batch {
        workers: Workers {
            store,
            cache,
            sessions,
            most: sessions,
            idle: vec![first],
            busy: JoinSet::new(),
        },
        queue: Queue::new(options.skip_external_auth),
        print,
        counts: Counts::default(),
    };
    batch.run(read_lines(input)).await?;
    Ok(batch.counts)
}

/// Reads in a task of its own: waiting for the next line can then be given up without losing the
/// part of it that is there already.
fn read_lines(
    mut input: impl AsyncBufRead + Send + Unpin + 'static,
) -> mpsc::Receiver<std::io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(WINDOW);
    tokio::spawn(async move {
        while let Some(line) = request_lines::next(&mut input, MAX_LINE).await.transpose() {
            let failed = line.is_err();
            if sender.send(line).await.is_err() || failed {
                break;
            }
        }
    });
    receiver
}

struct Batch {
    workers: Workers,
    queue: Queue,
    print: Print,
    /// Answers given.
    counts: Counts,
}

impl Batch {
    /// Answers all lines. Those before one that can't be read are answered first.
    async fn run(&mut self, mut lines: mpsc::Receiver<std::io::Result<Line>>) -> Result<()> {
        let mut at_end = false;
        let mut unreadable = None;
        let mut read = Vec::new();
        loop {
            while self.workers.is_free()
                && let Some(set) = self.queue.next_set()
            {
                self.workers.start(set);
            }
            self.answer().await?;
            if at_end && self.queue.len() == 0 {
                return unreadable.map_or(Ok(()), Err);
            }
            let room = WINDOW.saturating_sub(self.queue.len());
            tokio::select! {
                count = lines.recv_many(&mut read, room), if !at_end && room > 0 => {
                    at_end = count == 0;
                    for line in read.drain(..) {
                        match line.context("can't read the requests") {
                            Ok(line) => self.queue.push(&line),
                            Err(error) => unreadable = Some(error),
                        }
                    }
                }
                Some(done) = self.workers.busy.join_next() => {
                    self.take_in(done.context("a task ended early, which is a defect")?);
                }
            }
        }
    }

    /// Notes what came of a set.
    fn take_in(&mut self, done: Done) {
        match done {
            Done::Answered { claimer, answers } => {
                self.workers.idle.extend(claimer);
                self.workers.sessions = self.workers.most.min(self.workers.sessions + 1);
                for (number, answer) in answers {
                    self.queue.set_answer(number, &answer);
                }
            }
            Done::NoSession { set, error } => {
                let others = self.workers.idle.len() + self.workers.busy.len();
                // A server without room for more sessions would refuse at once again; it may have some later.
                let before = std::mem::replace(&mut self.workers.sessions, others.max(1));
                if others > 0 {
                    if before == self.workers.most {
                        tracing::warn!("{error}; going on with fewer sessions: {others}");
                    }
                    self.queue.put_back(set);
                    return;
                }
                for (number, _) in set {
                    let refused = ClaimError::Unavailable(error.to_string());
                    self.queue.set_answer(number, &Err(refused));
                }
            }
        }
    }

    /// Prints the answers whose turn it is. On a thread of its own, because a reader that takes its
    /// time must not hold up transactions that are under way.
    async fn answer(&mut self) -> Result<()> {
        let mut answers = Vec::new();
        while let Some(answer) = self.queue.next_answer() {
            answers.push(answer);
        }
        if answers.is_empty() {
            return Ok(());
        }
        let lines: Vec<String> = answers.iter().map(to_json_line).collect();
        let print = Arc::clone(&self.print);
        let written = tokio::task::spawn_blocking(move || write(&print, &lines));
        let (count, failure) = written.await.context("writing ended early")?;
        let undelivered = answers.split_off(count.min(answers.len()));
        for answer in &answers {
            match answer.status {
                Status::Claimed => self.counts.claimed += 1,
                Status::NoneClaimable => self.counts.none_claimable += 1,
                Status::Error => self.counts.errors += 1,
            }
        }
        match failure {
            None => Ok(()),
            Some(failure) => Err(self.give_up(&undelivered, failure).await),
        }
    }

    /// Lets what is under way end, begins nothing more, and says which answers are lost.
    async fn give_up(
        &mut self,
        undelivered: &[AnswerLine],
        failure: anyhow::Error,
    ) -> anyhow::Error {
        while let Some(done) = self.workers.busy.join_next().await {
            if let Ok(Done::Answered { answers, .. }) = done {
                for (number, answer) in answers {
                    self.queue.set_answer(number, &answer);
                }
            }
        }
        let lost = || undelivered.iter().chain(self.queue.known_answers());
        let claims = lost().filter(|answer| answer.status == Status::Claimed);
        failure.context(format!(
            "{} could not be delivered, {} of them for a claimed workspace; no other request was begun",
            plural(lost().count(), "answer"),
            claims.count()
        ))
    }
}

/// Writes lines one at a time, so that it is known which of them have arrived. Returns how many
/// have, and why not all.
fn write(print: &Print, lines: &[String]) -> (usize, Option<anyhow::Error>) {
    for (count, line) in lines.iter().enumerate() {
        match print(line) {
            Ok(true) => {}
            Ok(false) => return (count, Some(anyhow!("the reader of the answers has gone"))),
            Err(error) => return (count, Some(error)),
        }
    }
    (lines.len(), None)
}

/// What a task hands back.
enum Done {
    /// The set has its answers.
    Answered {
        /// The session, unless it is of no more use.
        claimer: Option<Claimer>,
        /// By number of line.
        answers: Vec<(usize, Answer)>,
    },
    /// The set was not begun.
    NoSession {
        set: Set,
        /// Why there is no session.
        error: StoreError,
    },
}

/// The sessions, and what they are doing.
struct Workers {
    store: Store,
    cache: SharedCache,
    /// How many there are to be just now.
    sessions: usize,
    /// How many there are to be once the server has room.
    most: usize,
    idle: Vec<Claimer>,
    busy: JoinSet<Done>,
}

impl Workers {
    fn is_free(&self) -> bool {
        self.busy.len() < self.sessions
    }

    fn start(&mut self, set: Set) {
        let idle = self.idle.pop();
        let store = self.store.clone();
        let cache = Arc::clone(&self.cache);
        self.busy.spawn(async move {
            let mut claimer = match idle {
                Some(claimer) => claimer,
                None => match Claimer::open(&store, cache).await {
                    Ok(claimer) => claimer,
                    Err(error) => return Done::NoSession { set, error },
                },
            };
            let (numbers, wishes): (Vec<usize>, Vec<Wish>) = set.into_iter().unzip();
            let answers = claimer.claim_set(&wishes).await;
            let is_lost = |error: &ClaimError| error.is_connection_lost();
            let lost = answers.iter().any(|it| it.as_ref().is_err_and(is_lost));
            Done::Answered {
                claimer: (!lost).then_some(claimer),
                answers: numbers.into_iter().zip(answers).collect(),
            }
        });
    }
}
