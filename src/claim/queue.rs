//! The lines of a batch: requests that wait, and answers that wait for their turn.
//!
//! Knows nothing of databases and sessions. Answers leave in the order of their lines. However long
//! the stream: of lines, only those between the oldest without an answer and the newest are kept; of
//! keys, all are.

use std::collections::{HashMap, VecDeque};
use std::hash::{DefaultHasher, Hash as _, Hasher as _};

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
    keys: HashMap<String, Keyed>,
    /// Whether all owners get theirs without the logins that the templates require.
    skip_external_auth: bool,
}

/// The request of a key, and the answer to it, once it is known.
struct Keyed {
    /// A hash of the request: there may be millions of keys.
    request: u64,
    answer: Option<AnswerLine>,
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
            Ok(line) => self.add(line),
        };
        self.slots.push_back(slot);
    }

    /// Adds a request, unless an earlier one has its key.
    fn add(&mut self, line: RequestLine) -> Slot {
        if let Some(key) = &line.key {
            let request = fingerprint(&line);
            match self.keys.get(key) {
                Some(keyed) if keyed.request == request => return Slot::Repeated(key.clone()),
                Some(_) => {
                    let problem = "the key is that of an earlier line with another request";
                    return Slot::Known(AnswerLine::error(line.key, problem.to_owned()));
                }
                None => {
                    let answer = None;
                    self.keys.insert(key.clone(), Keyed { request, answer });
                }
            }
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
            let key = answer.key.as_ref();
            if let Some(keyed) = key.and_then(|key| self.keys.get_mut(key)) {
                keyed.answer = Some(answer.clone());
            }
            *slot = Slot::Known(answer);
        }
    }

    /// The answer whose turn it is, once it is known.
    pub(super) fn next_answer(&mut self) -> Option<AnswerLine> {
        let answer = match self.slots.front()? {
            Slot::Open(_) => return None,
            Slot::Repeated(key) => self.keys.get(key)?.answer.clone()?,
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

fn fingerprint(line: &RequestLine) -> u64 {
    let mut hasher = DefaultHasher::new();
    (&line.preset, &line.user, &line.name, &line.parameters).hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_of_another_request_is_refused_and_stays_that_of_the_first() {
        let mut queue = Queue::new(false);
        let mut push = |name: &str| {
            let line = format!(r#"{{"preset":"p","user":"ada","name":"{name}","key":"k"}}"#);
            queue.push(&Line::Whole(line.into_bytes()));
        };
        ["a", "b", "a"].into_iter().for_each(&mut push);
        let refused: Vec<&AnswerLine> = queue.known_answers().collect();
        assert_eq!(refused.len(), 1);
        assert_eq!(refused[0].key.as_deref(), Some("k"));
        assert_eq!(queue.next_set().map(|set| set.len()), Some(1));
        assert!(matches!(queue.slots[2], Slot::Repeated(_)));
    }

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
