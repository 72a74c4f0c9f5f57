//! The lines of a batch: requests that wait, and answers that wait for their turn.
//!
//! Knows nothing of databases and sessions. Answers leave in the order of their lines. However long
//! the stream: of lines, only those between the oldest without an answer and the newest are kept; of
//! keys, all are.

use std::collections::{HashMap, VecDeque};

use crate::claim::answer_lines::AnswerLine;
use crate::claim::outcome::Answer;
use crate::claim::request::{PoolSelector, Request, Wish};
use crate::claim::request_lines::{Line, RequestLine, parse};

/// Most requests that share a transaction: the rows that it locks stay locked until all its builds
/// are written, and one name that is lost in a race makes all of them start over.
const MAX_SET: usize = 64;

/// Requests that share a transaction, by number of line.
pub(super) type Set = Vec<(usize, Wish)>;

/// What is to be answered, in the order of the lines.
#[derive(Default)]
pub(super) struct Queue {
    slots: VecDeque<Slot>,
    /// Number of the first slot.
    first: usize,
    /// Requests that no session has taken up, oldest first.
    waiting: VecDeque<(usize, Wish)>,
    /// Keys of requests; the answer, once it is known.
    keys: HashMap<String, Option<AnswerLine>>,
    /// Whether all owners get theirs without the logins that the templates require.
    skip_external_auth: bool,
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
    pub(super) fn new(skip_external_auth: bool) -> Self {
        Self {
            skip_external_auth,
            ..Self::default()
        }
    }

    /// How many lines have not had their turn.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// Adds the next line of the input; blank ones are skipped.
    pub(super) fn push(&mut self, line: &Line) {
        if let Line::Whole(line) = line
            && line.trim_ascii().is_empty()
        {
            return;
        }
        let slot = match parse(line) {
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
                    parameters: line.parameters,
                    autostart_schedule: None,
                    next_start_at: None,
                    ttl: None,
                    skip_external_auth: self.skip_external_auth,
                };
                let number = self.first + self.slots.len();
                let wish = (PoolSelector::Preset(line.preset), request);
                self.waiting.push_back((number, wish));
                Slot::Open(line.key)
            }
        };
        self.slots.push_back(slot);
    }

    /// The oldest waiting requests; none when there are none.
    pub(super) fn next_set(&mut self) -> Option<Set> {
        let size = self.waiting.len().min(MAX_SET);
        (size > 0).then(|| self.waiting.drain(..size).collect())
    }

    /// Lets a set that could not be begun wait again, in front of all others.
    pub(super) fn put_back(&mut self, set: Set) {
        for request in set.into_iter().rev() {
            self.waiting.push_front(request);
        }
    }

    /// Notes what came of the request of a line.
    pub(super) fn set_answer(&mut self, number: usize, answer: &Answer) {
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
    pub(super) fn next_answer(&mut self) -> Option<AnswerLine> {
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
    pub(super) fn known_answers(&self) -> impl Iterator<Item = &AnswerLine> {
        self.slots.iter().filter_map(|slot| match slot {
            Slot::Known(answer) => Some(answer),
            Slot::Open(_) | Slot::Repeated(_) => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_that_is_put_back_comes_first_again() {
        let mut queue = Queue::new(false);
        for (preset, name) in [("p", "a"), ("p", "b"), ("q", "c")] {
            let line = format!(r#"{{"preset":"{preset}","user":"ada","name":"{name}"}}"#);
            queue.push(&Line::Whole(line.into_bytes()));
        }
        let set = queue.next_set().unwrap();
        queue.put_back(set);
        let set = queue.next_set().unwrap();
        let numbers: Vec<usize> = set.iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [0, 1, 2]);
        assert!(queue.next_set().is_none());
    }
}
