//! The lines of a batch: requests that wait, and answers that wait for their turn.
//!
//! Knows nothing of databases and sessions. Answers leave in the order of their lines. However long
//! the stream: of lines, only those between the oldest without an answer and the newest are kept; of
//! keys, all are.

use std::collections::{HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use uuid::Uuid;

use crate::claim::lines::Line;
use crate::claim::{Answer, ClaimError, Outcome, Request, check_name};

/// Longest line: a request is a few hundred bytes.
pub(crate) const MAX_LINE: usize = 16 * 1024;

/// Most requests that share a transaction: the rows that it locks stay locked until all its builds
/// are written, and one name that is lost in a race makes all of them start over.
const MAX_SET: usize = 64;

/// The keys that a request has to have.
const REQUIRED: [&str; 3] = ["preset", "user", "name"];

/// The key that it may have beside.
const OPTIONAL: &str = "key";

/// A line of input.
#[derive(Debug, PartialEq, Eq, Deserialize)]
struct RequestLine {
    preset: String,
    user: String,
    name: String,
    #[serde(default)]
    key: Option<String>,
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct AnswerLine {
    key: Option<String>,
    /// What came of the request.
    pub status: Status,
    workspace_id: Option<Uuid>,
    message: Option<String>,
}

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Somebody has got a workspace.
    Claimed,
    /// There was none.
    NoneClaimable,
    /// The message says why not.
    Error,
}

/// Requests for one preset, by number of line.
pub(crate) struct Set {
    /// The preset, as it was given.
    pub preset: String,
    pub requests: Vec<(usize, Request)>,
}

/// What is to be answered, in the order of the lines.
#[derive(Default)]
pub(crate) struct Queue {
    slots: VecDeque<Slot>,
    /// Number of the first slot.
    first: usize,
    /// Requests that no session has taken up, oldest first, each with its preset.
    waiting: VecDeque<(usize, String, Request)>,
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
    /// How many lines have not had their turn.
    pub(crate) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds the next line of the input.
    pub(crate) fn push(&mut self, line: &Line) {
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
            Ok(line) => {
                if let Some(key) = line.key.clone() {
                    self.keys.insert(key, None);
                }
                let request = Request {
                    user: line.user,
                    name: line.name,
                    autostart_schedule: None,
                    next_start_at: None,
                    ttl: None,
                };
                let number = self.first + self.slots.len();
                self.waiting.push_back((number, line.preset, request));
                Slot::Open(line.key)
            }
        };
        self.slots.push_back(slot);
    }

    /// The oldest waiting request, and others that want the same.
    pub(crate) fn next_set(&mut self) -> Option<Set> {
        let preset = self.waiting.front()?.1.clone();
        let mut requests = Vec::new();
        let mut rest = VecDeque::with_capacity(self.waiting.len());
        for (number, wanted, request) in self.waiting.drain(..) {
            if requests.len() == MAX_SET || wanted != preset {
                rest.push_back((number, wanted, request));
            } else {
                requests.push((number, request));
            }
        }
        self.waiting = rest;
        Some(Set { preset, requests })
    }

    /// Lets a set that could not be begun wait again, in front of all others.
    pub(crate) fn put_back(&mut self, set: Set) {
        for (number, request) in set.requests.into_iter().rev() {
            self.waiting
                .push_front((number, set.preset.clone(), request));
        }
    }

    /// Notes what came of the request of a line.
    pub(crate) fn set_answer(&mut self, number: usize, answer: &Answer) {
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
    pub(crate) fn next_answer(&mut self) -> Option<AnswerLine> {
        let answer = match self.slots.front()? {
            Slot::Open(_) => return None,
            Slot::Repeated(key) => self.keys.get(key)?.clone()?,
            Slot::Known(answer) => answer.clone(),
        };
        self.slots.pop_front();
        self.first += 1;
        Some(answer)
    }

    /// The answers that are known, whether their turn has come or not; repeated ones count once.
    pub(crate) fn known_answers(&self) -> impl Iterator<Item = &AnswerLine> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Known(answer) => Some(answer),
            Slot::Open(_) | Slot::Repeated(_) => None,
        })
    }
}

/// Reads a request. A line that is none keeps its key, if it has one, so that its sender knows which
/// it was; but the key is not taken, and the line can be sent again.
fn read_request(line: &[u8]) -> Result<RequestLine, AnswerLine> {
    let value: Value = serde_json::from_slice(line)
        .map_err(|error| AnswerLine::error(None, format!("no request: not JSON: {error}")))?;
    let key = value.get(OPTIONAL).and_then(Value::as_str);
    let request = check_keys(&value).and_then(|()| {
        // Which of two values counts would be anybody's guess; here reading refuses them.
        serde_json::from_slice(line).map_err(|_| "a key is given twice".to_owned())
    });
    let refused = |problem| AnswerLine::error(key.map(ToOwned::to_owned), problem);
    let request: RequestLine =
        request.map_err(|problem| refused(format!("no request: {problem}")))?;
    check_name(&request.name).map_err(refused)?;
    Ok(request)
}

/// Holds a line against what a request is, in words that know nothing of this program.
fn check_keys(line: &Value) -> Result<(), String> {
    let Value::Object(fields) = line else {
        return Err("not a JSON object".to_owned());
    };
    let known = |name: &str| name == OPTIONAL || REQUIRED.contains(&name);
    if let Some(unknown) = fields.keys().find(|name| !known(name)) {
        return Err(format!("unknown key {unknown:?}"));
    }
    for name in REQUIRED {
        match fields.get(name) {
            Some(Value::String(_)) => {}
            Some(_) => return Err(format!("the value of {name:?} is not a text")),
            None => return Err(format!("the key {name:?} is missing")),
        }
    }
    match fields.get(OPTIONAL) {
        None | Some(Value::Null | Value::String(_)) => Ok(()),
        Some(_) => Err(format!("the value of {OPTIONAL:?} is not a text")),
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

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(line: &str) -> (Option<String>, String) {
        let answer = read_request(line.as_bytes()).unwrap_err();
        (answer.key, answer.message.unwrap())
    }

    #[test]
    fn a_line_that_is_no_request_is_told_why() {
        let told = |line, key: Option<&str>, message: &str| {
            let message = format!("no request: {message}");
            assert_eq!(problem(line), (key.map(ToOwned::to_owned), message));
        };
        let key = Some("k");
        told(r#"["small","ada","a"]"#, None, "not a JSON object");
        told(r#""small""#, None, "not a JSON object");
        told(r#"{"key":"k","nome":1}"#, key, "unknown key \"nome\"");
        told(
            r#"{"key":"k","user":"ada"}"#,
            key,
            "the key \"preset\" is missing",
        );
        told(
            r#"{"key":"k","preset":"p","user":7,"name":"a"}"#,
            key,
            "the value of \"user\" is not a text",
        );
        told(
            r#"{"key":7,"preset":"p","user":"ada","name":"a"}"#,
            None,
            "the value of \"key\" is not a text",
        );
        told(
            r#"{"preset":"p","user":"ada","user":"eve","name":"a"}"#,
            None,
            "a key is given twice",
        );
        assert!(problem("{").1.starts_with("no request: not JSON: "));
    }

    #[test]
    fn a_key_is_optional_and_may_be_null() {
        for key in ["", r#","key":null"#] {
            let line = format!(r#"{{"preset":"p","user":"ada","name":"a"{key}}}"#);
            assert_eq!(read_request(line.as_bytes()).unwrap().key, None);
        }
    }

    #[test]
    fn a_set_that_is_put_back_comes_first_again() {
        let mut queue = Queue::default();
        for (preset, name) in [("p", "a"), ("p", "b"), ("q", "c")] {
            let line = format!(r#"{{"preset":"{preset}","user":"ada","name":"{name}"}}"#);
            queue.push(&Line::Whole(line.into_bytes()));
        }
        let set = queue.next_set().unwrap();
        queue.put_back(set);
        let set = queue.next_set().unwrap();
        let numbers: Vec<usize> = set.requests.iter().map(|(number, _)| *number).collect();
        assert_eq!((set.preset.as_str(), numbers), ("p", vec![0, 1]));
        assert_eq!(queue.next_set().unwrap().preset, "q");
    }
}
