//! The interchange documents: strict reading from untrusted bytes, writing, and their order.
//!
//! A document is understood wholly or refused: unknown keys, wrong types, another version, rows
//! that contradict each other, or text after the end are errors that name the place. Reading
//! never panics, whatever the bytes. Nothing here knows files or databases, and what a document
//! *means* is not judged here but by [`crate::actions`].

use std::collections::HashSet;
use std::fmt;
use std::io::{self, Read};

use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::model::text::printable;
use crate::model::{Action, Plan, Preset, Snapshot};

mod json;
mod stream;
#[cfg(test)]
mod tests;

pub(crate) use json::{to_json, to_json_line, write_json};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Snapshot,
    Plan,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Snapshot => "snapshot document",
            Self::Plan => "plan document",
        })
    }
}

impl Kind {
    /// The command that writes such a document.
    fn source(self) -> &'static str {
        match self {
            Self::Snapshot => "prebuildctl snapshot --format json",
            Self::Plan => "prebuildctl plan --format json",
        }
    }
}

/// Why a document is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    #[error("the {kind} is empty; write one with `{}`", kind.source())]
    Empty { kind: Kind },
    /// The text is not JSON, is cut off, or goes on after its end.
    #[error(
        "the {kind} is not valid JSON: {problem} at line {line} column {column}; write it again \
         with `{}`",
        kind.source()
    )]
    Syntax {
        kind: Kind,
        problem: String,
        /// Line, from 1.
        line: usize,
        /// Column in bytes, from 1; 0 at the end of a line.
        column: usize,
    },
    #[error(
        "the {kind} is not understood: {path}: {problem}; correct that key, or write it again \
         with `{}`",
        kind.source()
    )]
    Invalid {
        kind: Kind,
        /// Path of the key, such as `presets[3].ttl_secs`.
        path: String,
        problem: String,
    },
}

/// Reads a snapshot document.
///
/// # Errors
/// When the bytes are not exactly one valid document of version 1.
pub fn read_snapshot(bytes: &[u8]) -> Result<Snapshot, DocumentError> {
    if let Ok(Some(snapshot)) = stream_snapshot(bytes) {
        return Ok(snapshot);
    }
    read(Kind::Snapshot, bytes, check_snapshot)
}

/// Reads a snapshot document without having all of its text at once; none where the text has to be
/// looked at as a whole by [`read_snapshot`], which says what is wrong with it.
///
/// # Errors
/// When the text can't be read.
pub(crate) fn stream_snapshot(text: impl Read) -> io::Result<Option<Snapshot>> {
    let snapshot = stream::read(text)?;
    Ok(snapshot.filter(|snapshot| check_snapshot(snapshot).is_ok()))
}

/// Reads a plan document. Whether it fits a snapshot is for [`crate::actions::check`] to say.
///
/// # Errors
/// When the bytes are not exactly one valid document of version 1.
pub fn read_plan(bytes: &[u8]) -> Result<Plan, DocumentError> {
    read(Kind::Plan, bytes, check_plan)
}

impl Snapshot {
    /// Puts all rows in the order in which documents hold them: presets by the names of
    /// organization, template, template version and preset, then by id; everything else by its
    /// ids.
    pub fn sort(&mut self) {
        self.presets
            .sort_by(|a, b| preset_key(a).cmp(&preset_key(b)));
        self.schedules.sort_by_key(|row| row.id);
        self.running.sort_by_key(|row| row.id);
        self.in_progress.sort_by_key(|row| {
            let ids = (row.template_id, row.template_version_id, row.preset_id);
            (ids, row.transition, row.count)
        });
        self.pending.sort_by_key(|row| (row.preset_id, row.count));
        self.backoffs
            .sort_by_key(|row| (row.template_version_id, row.preset_id));
        self.hard_limited
            .sort_by_key(|row| (row.template_version_id, row.preset_id));
        self.leftovers.sort_by_key(|row| row.id);
        self.claimed.sort_by_key(|row| row.id);
    }
}

fn preset_key(preset: &Preset) -> impl Ord + '_ {
    (
        &preset.organization_name,
        &preset.template_name,
        &preset.template_version_name,
        &preset.name,
        preset.id,
    )
}

fn read<T: DeserializeOwned>(
    kind: Kind,
    bytes: &[u8],
    check: fn(&T) -> Result<(), Problem>,
) -> Result<T, DocumentError> {
    if bytes.trim_ascii().is_empty() {
        return Err(DocumentError::Empty { kind });
    }
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let document = serde_path_to_error::deserialize(&mut json)
        .map_err(|error| explain(kind, &error.path().to_string(), error.inner()))?;
    json.end().map_err(|error| explain(kind, ".", &error))?;
    let checked = match array_for_object(bytes) {
        Some(path) => Err((path, "an array stands where an object belongs".to_owned())),
        None => check(&document),
    };
    checked.map_err(|(path, problem)| DocumentError::Invalid {
        kind,
        path,
        problem,
    })?;
    Ok(document)
}

/// Finds the first array in valid JSON that is not the value of a key, and says where it is.
///
/// The decoder takes an array of values for an object, which no document means: what a position
/// stands for would depend on the version of this program.
fn array_for_object(bytes: &[u8]) -> Option<String> {
    let (mut in_string, mut escaped, mut previous) = (false, false, 0);
    for (at, &byte) in bytes.iter().enumerate() {
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
        } else if byte == b'[' && previous != b':' {
            let line = 1 + bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
            return Some(format!("line {line}"));
        } else if !byte.is_ascii_whitespace() {
            in_string = byte == b'"';
            previous = byte;
        }
    }
    None
}

fn explain(kind: Kind, path: &str, error: &serde_json::Error) -> DocumentError {
    let (line, column) = (error.line(), error.column());
    let text = error.to_string();
    let place = format!(" at line {line} column {column}");
    let problem = presentable(text.strip_suffix(&place).unwrap_or(&text), 600);
    if error.is_data() {
        let path = if path == "." {
            "top level".to_owned()
        } else {
            presentable(path, 120)
        };
        DocumentError::Invalid {
            kind,
            path,
            problem: format!("{problem} (line {line})"),
        }
    } else {
        DocumentError::Syntax {
            kind,
            problem,
            line,
            column,
        }
    }
}

/// Errors repeat keys and values of the document: these are cut after `longest` characters, which
/// leaves room for a list of all known keys, and nothing in them may reach a terminal as a control
/// character.
fn presentable(text: &str, longest: usize) -> String {
    match text.char_indices().nth(longest) {
        Some((end, _)) => printable(text.get(..end).unwrap_or_default()) + "...",
        None => printable(text),
    }
}

/// A path and what is wrong there.
type Problem = (String, String);

fn check_snapshot(snapshot: &Snapshot) -> Result<(), Problem> {
    let presets = snapshot.presets.iter().map(|row| row.id);
    let presets = all_differ(presets, |n| format!("presets[{n}].id"))?;
    let ids = snapshot.schedules.iter().map(|row| row.id);
    all_differ(ids, |n| format!("schedules[{n}].id"))?;
    for (n, row) in snapshot.schedules.iter().enumerate() {
        if presets.binary_search(&row.preset_id).is_err() {
            let problem = format!("preset {} is not in presets", row.preset_id);
            return Err((format!("schedules[{n}].preset_id"), problem));
        }
    }
    // A workspace is either running or left over, so both lists share their ids.
    let ids = snapshot.running.iter().map(|row| row.id);
    let ids = ids.chain(snapshot.leftovers.iter().map(|row| row.id));
    all_differ(ids, |n| match n.checked_sub(snapshot.running.len()) {
        None => format!("running[{n}].id"),
        Some(n) => format!("leftovers[{n}].id"),
    })?;
    for (n, row) in snapshot.in_progress.iter().enumerate() {
        not_negative(row.count, || format!("in_progress[{n}].count"))?;
    }
    let ids = snapshot.pending.iter().map(|row| row.preset_id);
    all_differ(ids, |n| format!("pending[{n}].preset_id"))?;
    for (n, row) in snapshot.pending.iter().enumerate() {
        not_negative(row.count, || format!("pending[{n}].count"))?;
        not_negative(row.transferred, || format!("pending[{n}].transferred"))?;
    }
    let ids = snapshot.backoffs.iter().map(|row| row.preset_id);
    all_differ(ids, |n| format!("backoffs[{n}].preset_id"))?;
    for (n, row) in snapshot.backoffs.iter().enumerate() {
        not_negative(row.num_failed, || format!("backoffs[{n}].num_failed"))?;
    }
    let ids = snapshot.claimed.iter().map(|row| row.id);
    all_differ(ids, |n| format!("claimed[{n}].id"))?;
    let ids = snapshot.hard_limited.iter().map(|row| row.preset_id);
    all_differ(ids, |n| format!("hard_limited[{n}].preset_id"))?;
    Ok(())
}

/// The ids in their order, each of which may occur once. Rows of documents usually have theirs in
/// order already, which sorting is quick to find out.
fn all_differ(
    ids: impl Iterator<Item = Uuid> + Clone,
    path: impl Fn(usize) -> String,
) -> Result<Vec<Uuid>, Problem> {
    let mut sorted: Vec<Uuid> = ids.clone().collect();
    sorted.sort_unstable();
    if !sorted.is_sorted_by(|a, b| a < b) {
        let mut seen = Unique::default();
        for (n, id) in ids.enumerate() {
            seen.insert(id, || path(n))?;
        }
    }
    Ok(sorted)
}

fn check_plan(plan: &Plan) -> Result<(), Problem> {
    let mut presets = Unique::default();
    let mut workspaces = Unique::default();
    for (n, row) in plan.claimed.iter().enumerate() {
        workspaces.insert(row.workspace_id, || format!("claimed[{n}].workspace_id"))?;
    }
    for (n, row) in plan.presets.iter().enumerate() {
        presets.insert(row.preset.id, || format!("presets[{n}].preset.id"))?;
        for (m, action) in row.actions.iter().enumerate() {
            let place = |key: &str| format!("presets[{n}].actions[{m}].{key}");
            match action {
                Action::Create { count, .. } | Action::CancelPending { count } => {
                    not_negative(*count, || place("count"))?;
                }
                Action::Backoff { failed, .. } => not_negative(*failed, || place("failed"))?,
                Action::Delete { workspace_ids, .. } => {
                    for (i, id) in workspace_ids.iter().enumerate() {
                        workspaces.insert(*id, || place(&format!("workspace_ids[{i}]")))?;
                    }
                }
            }
        }
    }
    Ok(())
}

/// Ids that may occur once.
#[derive(Default)]
struct Unique(HashSet<Uuid>);

impl Unique {
    fn insert(&mut self, id: Uuid, path: impl FnOnce() -> String) -> Result<(), Problem> {
        if self.0.insert(id) {
            Ok(())
        } else {
            Err((path(), format!("{id} occurs a second time")))
        }
    }
}

fn not_negative(number: i64, path: impl FnOnce() -> String) -> Result<(), Problem> {
    if number < 0 {
        Err((path(), format!("{number} is negative")))
    } else {
        Ok(())
    }
}
