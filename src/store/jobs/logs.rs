//! The log of a job: what its build prints, line by line.
//!
//! A log has a limit, which the schema checks: output beyond it is left out, and the job says so.
//! Lines are cut and cleaned here, whatever a build prints.

use serde::Serialize;
use uuid::Uuid;

use crate::model::Time;
use crate::model::text::count;
use crate::store::session::arguments::{args, json_rows, time_text};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::{Job, JobSession, StoreError};

/// Bytes of output that a job's log can hold: what the check of `logs_length` allows.
const MAX_LENGTH: i64 = 1_048_576;

/// Characters that a line can hold: the width of `provisioner_job_logs.output`.
pub(crate) const MAX_LINE: usize = 1024;

/// The severity of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LogLevel {
    /// Standard output.
    Info,
    /// A warning.
    Warn,
    /// Standard error.
    Error,
}

/// A line of a job's log.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct LogLine {
    at: String,
    level: LogLevel,
    stage: &'static str,
    output: String,
}

impl LogLine {
    /// A line of `stage`, a heading of at most 128 characters. Text that is too long is cut, and
    /// what no database holds is replaced.
    pub(crate) fn new(at: Time, level: LogLevel, stage: &'static str, text: &str) -> Self {
        Self {
            at: time_text(at),
            level,
            stage,
            output: storable(text).chars().take(MAX_LINE).collect(),
        }
    }
}

/// A text with a replacement character for each NUL, which PostgreSQL can't store.
pub(in crate::store) fn storable(text: &str) -> String {
    text.replace('\0', "\u{fffd}")
}

/// The lines of one job that are not stored yet, and how full its log is.
#[derive(Clone, Debug)]
pub(crate) struct LogBatch {
    lines: Vec<LogLine>,
    length: i64,
    overflowed: bool,
}

impl LogBatch {
    /// Nothing yet, on top of what the job's log holds already.
    pub(crate) fn new(job: &Job) -> Self {
        Self {
            lines: Vec::new(),
            length: job.logs_length,
            overflowed: job.logs_overflowed,
        }
    }

    /// Adds a line, unless the log is full.
    pub(crate) fn push(&mut self, line: LogLine) {
        let length = count(line.output.len());
        if self.overflowed || length > MAX_LENGTH - self.length {
            self.overflowed = true;
        } else {
            self.length += length;
            self.lines.push(line);
        }
    }

    /// Adds a line that has to be kept however full the log is. The job's row goes on to say that
    /// the log is as full as it can be.
    pub(crate) fn push_beyond(&mut self, line: LogLine) {
        let length = count(line.output.len());
        self.length = self.length.saturating_add(length).min(MAX_LENGTH);
        self.lines.push(line);
    }

    /// Whether there is nothing to store.
    pub(crate) fn is_empty(&self) -> bool {
        self.lines.is_empty()
    }

    /// How many lines wait to be stored.
    pub(crate) fn len(&self) -> usize {
        self.lines.len()
    }

    /// What the job's row says about its log: its length in bytes, and whether lines were left out.
    pub(in crate::store) fn fullness(&self) -> (i64, bool) {
        (self.length, self.overflowed)
    }

    /// Takes the lines out, to be stored.
    pub(crate) fn take(&mut self) -> Self {
        Self {
            lines: std::mem::take(&mut self.lines),
            length: self.length,
            overflowed: self.overflowed,
        }
    }
}

impl JobSession {
    /// Stores lines of a job that the worker still has; of any other job, nothing.
    pub(crate) async fn append_log(
        &mut self,
        worker: Uuid,
        job: Uuid,
        log: &LogBatch,
        now: Time,
    ) -> Result<(), StoreError> {
        self.connection.begin_write().await?;
        let (length, overflowed) = log.fullness();
        let arguments = args![worker, job, length, overflowed, now];
        let owned = self.connection.execute(&SET_LENGTH, arguments).await?;
        if owned > 0 {
            insert(&mut self.connection, job, log).await?;
        }
        self.connection.commit().await
    }
}

/// A line with its place among those that are stored with it.
#[derive(Serialize)]
struct Numbered<'a> {
    number: usize,
    #[serde(flatten)]
    line: &'a LogLine,
}

/// Inserts the lines, in the order in which they came.
pub(in crate::store) async fn insert(
    connection: &mut Connection,
    job: Uuid,
    log: &LogBatch,
) -> Result<(), StoreError> {
    if !log.is_empty() {
        let lines = log.lines.iter().enumerate();
        let rows: Vec<Numbered<'_>> = lines
            .map(|(number, line)| Numbered { number, line })
            .collect();
        let arguments = args![json_rows(&rows), job];
        connection.execute(&INSERT, arguments).await?;
    }
    Ok(())
}

statements! {
    /// Output counts as a heartbeat.
    SET_LENGTH: "storing a job's log", "log/set_length";
    INSERT: "storing a job's log", "log/insert";
}
