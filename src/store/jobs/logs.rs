//! The log of a job: what its build prints, line by line.
//!
//! A log has a limit, which the schema checks: output beyond it is left out, and the job says so.
//! Lines are cut and cleaned here, whatever a build prints.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use serde::Serialize;
use uuid::Uuid;

use crate::model::Time;
use crate::model::text::count;
use crate::store::session::arguments::{args, json_rows, serialize_time};
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;
use crate::store::{Job, JobSession, StoreError};

/// Bytes of output that a job's log can hold: what the check of `logs_length` allows.
const MAX_LENGTH: i64 = 1_048_576;

/// What a line takes of that at least: blank lines are rows, too.
const MIN_LENGTH: i64 = 16;

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
    /// By this host's clock.
    #[serde(skip)]
    at: Time,
    level: LogLevel,
    stage: &'static str,
    output: String,
}

impl LogLine {
    /// A line of `stage`, a heading of at most 128 characters. Text that is too long is cut, and
    /// what no database holds is replaced.
    pub(crate) fn new(at: Time, level: LogLevel, stage: &'static str, text: &str) -> Self {
        Self {
            at,
            level,
            stage,
            output: storable(text).chars().take(MAX_LINE).collect(),
        }
    }

    /// How many bytes of the log it takes.
    fn length(&self) -> i64 {
        count(self.output.len()).max(MIN_LENGTH)
    }

    /// What the build has printed.
    pub(crate) fn output(&self) -> &str {
        &self.output
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
        let length = line.length();
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
        let length = line.length();
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
    pub(super) fn fullness(&self) -> (i64, bool) {
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
    /// Stores lines of jobs, of those that the worker still has.
    pub(crate) async fn append_logs(
        &mut self,
        worker: Uuid,
        logs: &[(Uuid, LogBatch)],
        now: Time,
    ) -> Result<(), StoreError> {
        self.connection.begin_write().await?;
        let length = |(id, log): &(Uuid, LogBatch)| LengthRow {
            id: *id,
            logs_length: log.length,
            logs_overflowed: log.overflowed,
        };
        let rows: Vec<LengthRow> = logs.iter().map(length).collect();
        let arguments = args![worker, json_rows(&rows), now];
        let owned = self.connection.fetch(&SET_LENGTHS, arguments).await?;
        let owned: BTreeSet<Uuid> = owned.into_iter().collect();
        let logs = logs.iter().filter(|(id, _)| owned.contains(id));
        let behind = self.clock_difference().unwrap_or_default();
        insert(
            &mut self.connection,
            logs.map(|(id, log)| (*id, log)),
            behind,
        )
        .await?;
        self.connection.commit().await
    }
}

/// How full the log of a job is.
#[derive(Serialize)]
struct LengthRow {
    id: Uuid,
    logs_length: i64,
    logs_overflowed: bool,
}

/// A line of a job, with its place among those that are stored with it.
#[derive(Serialize)]
struct LineRow<'a> {
    number: usize,
    job_id: Uuid,
    #[serde(serialize_with = "serialize_time")]
    at: Time,
    #[serde(flatten)]
    line: &'a LogLine,
}

/// Inserts the lines of jobs, in the order in which they came, with the times of a database that this host
/// is `behind`.
pub(super) async fn insert<'a>(
    connection: &mut Connection,
    logs: impl Iterator<Item = (Uuid, &'a LogBatch)>,
    behind: TimeDelta,
) -> Result<(), StoreError> {
    let lines = logs.flat_map(|(job, log)| log.lines.iter().map(move |line| (job, line)));
    let rows: Vec<LineRow<'_>> = lines
        .enumerate()
        .map(|(number, (job_id, line))| LineRow {
            number,
            job_id,
            at: line.at.checked_add_signed(behind).unwrap_or(line.at),
            line,
        })
        .collect();
    if !rows.is_empty() {
        connection.execute(&INSERT, args![json_rows(&rows)]).await?;
    }
    Ok(())
}

statements! {
    /// Output counts as a heartbeat.
    SET_LENGTHS: "storing the logs of jobs", "log/set_lengths";
    INSERT: "storing the logs of jobs", "log/insert";
}
