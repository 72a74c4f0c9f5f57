//! `claim --batch`: a request a line in, an answer a line out.
//!
//! Lines are read while claims are under way; those that wait and want the same preset share a
//! transaction, so that sets grow with the load and a lone request waits for nobody. Answers leave
//! in the order of their lines, as soon as every one before is known. However long the stream: of
//! lines, only a bounded window is in memory at any time; of keys, all are.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufRead, BufReader};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use uuid::Uuid;

use crate::claim::{Answer, ClaimError, Claimer, Outcome, Request, Wanted, check_name};
use crate::cli::Context;
use crate::clock;
use crate::commands::claim::lines::{self, Line};
use crate::document::to_json_line;
use crate::output::Output;
use crate::store::{Store, StoreError, Target};

/// Longest line: a request is a few hundred bytes.
const MAX_LINE: usize = 16 * 1024;

/// Most lines between the oldest without an answer and the newest: enough to fill every session's
/// sets.
const WINDOW: usize = 2048;

/// Most requests that share a transaction: the rows that it locks stay locked until all its builds
/// are written, and one name that is lost in a race makes all of them start over.
const MAX_SET: usize = 64;

/// Sessions where nothing else is asked for: more than processors, since most of a claim is waiting.
const POSTGRES_SESSIONS: usize = 8;

/// SQLite has one writer at a time.
const SQLITE_SESSIONS: usize = 1;

/// A line of input.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RequestLine {
    preset: String,
    user: String,
    name: String,
    #[serde(default)]
    key: Option<String>,
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct AnswerLine {
    key: Option<String>,
    status: Status,
    workspace_id: Option<Uuid>,
    message: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Status {
    Claimed,
    NoneClaimable,
    Error,
}

/// Runs the command.
pub async fn run(context: &Context, file: &str, parallel: Option<u8>) -> Result<ExitCode> {
    let store = context.store()?;
    let sessions = match (parallel, store.target()) {
        (Some(sessions), _) => usize::from(sessions),
        (None, Target::Postgres(_)) => POSTGRES_SESSIONS,
        (None, Target::Sqlite(_)) => SQLITE_SESSIONS,
    };
    // A database that can't be claimed from is an error of the command, not of every line.
    let first = Claimer::open(&store).await?;
    let lines = read_lines(open(file).await?);
    let mut batch = Batch {
        workers: Workers {
            store,
            sessions,
            idle: vec![first],
            busy: JoinSet::new(),
        },
        queue: Queue::default(),
        counts: [0; 3],
    };
    batch.run(lines, &context.output).await?;
    let [claimed, none_claimable, errors] = batch.counts;
    context.output.status(&format!(
        "{claimed} claimed, {none_claimable} not claimable, {errors} in error."
    ));
    if errors > 0 {
        bail!("{errors} of the requests could not be met; their answers say why");
    }
    Ok(ExitCode::SUCCESS)
}

async fn open(file: &str) -> Result<Box<dyn AsyncBufRead + Send + Unpin>> {
    if file == "-" {
        return Ok(Box::new(BufReader::new(tokio::io::stdin())));
    }
    let opened = tokio::fs::File::open(file).await;
    let opened = opened.with_context(|| format!("can't read {file:?}"))?;
    Ok(Box::new(BufReader::new(opened)))
}

/// Reads in a task of its own: waiting for the next line can then be given up without losing the
/// part of it that is there already.
fn read_lines(
    mut input: Box<dyn AsyncBufRead + Send + Unpin>,
) -> mpsc::Receiver<std::io::Result<Line>> {
    let (sender, receiver) = mpsc::channel(WINDOW);
    tokio::spawn(async move {
        while let Some(line) = lines::next(&mut input, MAX_LINE).await.transpose() {
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
    /// Answers given, by status.
    counts: [usize; 3],
}

impl Batch {
    async fn run(
        &mut self,
        mut lines: mpsc::Receiver<std::io::Result<Line>>,
        output: &Output,
    ) -> Result<()> {
        let mut at_end = false;
        let mut read = Vec::new();
        loop {
            while self.workers.is_free()
                && let Some((wanted, set)) = self.queue.next_set()
            {
                self.workers.start(wanted, set);
            }
            self.answer(output).await?;
            if at_end && self.queue.slots.is_empty() {
                return Ok(());
            }
            let room = WINDOW.saturating_sub(self.queue.slots.len());
            tokio::select! {
                count = lines.recv_many(&mut read, room), if !at_end && room > 0 => {
                    at_end = count == 0;
                    for line in read.drain(..) {
                        self.queue.push(&line.context("can't read the requests")?);
                    }
                }
                Some(done) = self.workers.busy.join_next() => {
                    let (claimer, answers) = done.context("a task ended early, which is a defect")?;
                    self.workers.idle.extend(claimer);
                    for (number, answer) in answers {
                        self.queue.set_answer(number, &answer);
                    }
                }
            }
        }
    }

    /// Prints the answers whose turn it is. On a thread of its own, because a reader that takes its
    /// time must not hold up transactions that are under way.
    async fn answer(&mut self, output: &Output) -> Result<()> {
        let mut text = String::new();
        while let Some(answer) = self.queue.next_answer() {
            if let Some(count) = self.counts.get_mut(answer.status as usize) {
                *count += 1;
            }
            text.push_str(&to_json_line(&answer));
        }
        if text.is_empty() {
            return Ok(());
        }
        let output = output.clone();
        let written = tokio::task::spawn_blocking(move || output.stream(&text));
        if !written.await.context("writing ended early")?? {
            bail!("nobody reads the answers any more; the rest was not claimed");
        }
        Ok(())
    }
}

/// A session, unless it is of no more use, and answers by number of line.
type Done = (Option<Claimer>, Vec<(usize, Answer)>);

/// The sessions, and what they are doing.
struct Workers {
    store: Store,
    sessions: usize,
    idle: Vec<Claimer>,
    busy: JoinSet<Done>,
}

impl Workers {
    fn is_free(&self) -> bool {
        self.busy.len() < self.sessions
    }

    fn start(&mut self, wanted: Wanted, set: Vec<(usize, Request)>) {
        let idle = self.idle.pop();
        let store = self.store.clone();
        self.busy.spawn(async move {
            let opened = match idle {
                Some(claimer) => Ok(claimer),
                None => Claimer::open(&store).await,
            };
            let mut claimer = match opened {
                Ok(claimer) => claimer,
                Err(error) => return (None, refuse_all(&set, &error)),
            };
            let (numbers, requests): (Vec<usize>, Vec<Request>) = set.into_iter().unzip();
            let requests: Vec<&Request> = requests.iter().collect();
            let answers = claimer.claim_set(&wanted, &requests, clock::now()).await;
            let is_lost = |answer: &Answer| match answer {
                Ok(_) => false,
                Err(error) => error.is_connection_lost(),
            };
            let keep = !answers.iter().any(is_lost);
            (
                keep.then_some(claimer),
                numbers.into_iter().zip(answers).collect(),
            )
        });
    }
}

/// No session for these requests: none of them was made.
fn refuse_all(set: &[(usize, Request)], error: &StoreError) -> Vec<(usize, Answer)> {
    let refused = |(number, _): &(usize, Request)| {
        let error = ClaimError::Unavailable(error.to_string());
        (*number, Err(error))
    };
    set.iter().map(refused).collect()
}

/// What is to be answered, in the order of the lines.
#[derive(Default)]
struct Queue {
    slots: VecDeque<Slot>,
    /// Number of the first slot.
    first: usize,
    /// Requests that no session has taken up, oldest first.
    waiting: VecDeque<(usize, RequestLine)>,
    /// Keys of requests; the answer, once it is known.
    keys: HashMap<String, Option<AnswerLine>>,
}

/// A line whose turn has not come.
enum Slot {
    /// Its request is waiting or under way.
    Open(Option<String>),
    /// Its answer is that of an earlier line with this key, whose turn comes before.
    Repeated(String),
    /// It is only waiting for its turn.
    Known(AnswerLine),
}

impl Queue {
    fn push(&mut self, line: &Line) {
        let line = match line {
            Line::Whole(line) if line.trim_ascii().is_empty() => return,
            Line::Whole(line) => read_request(line),
            Line::TooLong => Err(AnswerLine::error(
                None,
                format!("the line is longer than {MAX_LINE} bytes"),
            )),
        };
        let slot = match line {
            Err(answer) => Slot::Known(answer),
            Ok(RequestLine { key: Some(key), .. }) if self.keys.contains_key(&key) => {
                Slot::Repeated(key)
            }
            Ok(request) => {
                let key = request.key.clone();
                if let Some(key) = key.clone() {
                    self.keys.insert(key, None);
                }
                let number = self.first + self.slots.len();
                self.waiting.push_back((number, request));
                Slot::Open(key)
            }
        };
        self.slots.push_back(slot);
    }

    /// The oldest waiting request, and others that want the same.
    fn next_set(&mut self) -> Option<(Wanted, Vec<(usize, Request)>)> {
        let preset = self.waiting.front()?.1.preset.clone();
        let mut set = Vec::new();
        let mut rest = VecDeque::with_capacity(self.waiting.len());
        for (number, line) in self.waiting.drain(..) {
            if set.len() == MAX_SET || line.preset != preset {
                rest.push_back((number, line));
                continue;
            }
            let request = Request {
                user: line.user,
                name: line.name,
                autostart_schedule: None,
                next_start_at: None,
                ttl: None,
            };
            set.push((number, request));
        }
        self.waiting = rest;
        Some((Wanted::Preset(preset), set))
    }

    fn set_answer(&mut self, number: usize, answer: &Answer) {
        let place = number.checked_sub(self.first);
        if let Some(slot) = place.and_then(|place| self.slots.get_mut(place))
            && let Slot::Open(key) = slot
        {
            let answer = AnswerLine::new(key.take(), answer);
            if let Some(key) = &answer.key {
                self.keys.insert(key.clone(), Some(answer.clone()));
            }
            *slot = Slot::Known(answer);
        }
    }

    /// The answer whose turn it is, once it is known.
    fn next_answer(&mut self) -> Option<AnswerLine> {
        let answer = match self.slots.front()? {
            Slot::Open(_) => return None,
            Slot::Repeated(key) => self.keys.get(key)?.clone()?,
            Slot::Known(answer) => answer.clone(),
        };
        self.slots.pop_front();
        self.first += 1;
        Some(answer)
    }
}

/// Reads a request. A line that is none keeps its key, if it has one, so that its sender knows which
/// it was; but the key is not taken, and the line can be sent again.
fn read_request(line: &[u8]) -> Result<RequestLine, AnswerLine> {
    let request: RequestLine = serde_json::from_slice(line).map_err(|error| {
        let fields: BTreeMap<String, serde_json::Value> =
            serde_json::from_slice(line).unwrap_or_default();
        let key = fields.get("key").and_then(serde_json::Value::as_str);
        AnswerLine::error(key.map(ToOwned::to_owned), format!("no request: {error}"))
    })?;
    match check_name(&request.name) {
        Ok(()) => Ok(request),
        Err(problem) => Err(AnswerLine::error(request.key, problem)),
    }
}

impl AnswerLine {
    fn new(key: Option<String>, answer: &Answer) -> Self {
        let (status, workspace_id, message) = match answer {
            Ok(Outcome::Claimed(claimed)) => (Status::Claimed, Some(claimed.workspace_id), None),
            Ok(Outcome::NoneClaimable(reason)) => {
                (Status::NoneClaimable, None, Some(reason.to_string()))
            }
            Err(error) => (Status::Error, None, Some(describe(error))),
        };
        Self {
            key,
            status,
            workspace_id,
            message,
        }
    }

    fn error(key: Option<String>, message: String) -> Self {
        Self {
            key,
            status: Status::Error,
            workspace_id: None,
            message: Some(message),
        }
    }
}

fn describe(error: &ClaimError) -> String {
    match error {
        ClaimError::Store(store) => match store.hint() {
            Some(hint) => format!("{store}; {hint}"),
            None => store.to_string(),
        },
        other => other.to_string(),
    }
}
