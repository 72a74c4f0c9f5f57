//! The history of all claims of a storm, judged when it is over.
//!
//! A claim must look as if it had happened at one moment between its start and its end. For "claimed"
//! that is so if the row changed hands once and to the right person, which the invariants of each step
//! hold. This is about the other answer: "none" must be true of some moment within its span. A
//! workspace that was claimable from before the span until after it, and that nobody had in hands
//! meanwhile, makes it false.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use super::Failure;

/// An answered request.
#[derive(Clone, Debug)]
pub struct Event {
    pub step: usize,
    pub template: String,
    pub preset: String,
    pub begun: Instant,
    pub ended: Instant,
    /// The workspace; none where there was none to claim.
    pub claimed: Option<String>,
}

/// What could be claimed around a step, by template and preset.
pub type Claimable = BTreeMap<(String, String), BTreeSet<String>>;

/// A step as far as claims are concerned.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    pub before: Claimable,
    pub after: Claimable,
    /// Workspaces that somebody had in hands for a while, without changing them in the end.
    pub held: BTreeSet<String>,
    /// Whether a run that was struck may have had any workspace in hands.
    pub is_unsure: bool,
}

/// The answers of a storm, and what they are measured by.
#[derive(Clone, Debug, Default)]
pub struct History {
    pub events: Vec<Event>,
    pub scenes: BTreeMap<usize, Scene>,
}

/// How many answers were judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Judged {
    pub claimed: u64,
    pub none: u64,
    /// Answers beside a run that was struck, which nothing can be said about.
    pub unsure: u64,
}

impl History {
    /// Judges every answer.
    ///
    /// # Errors
    /// The first answer that no order of events explains, with its step.
    pub fn judge(&self) -> Result<Judged, Failure> {
        let mut judged = Judged::default();
        let mut owners = BTreeSet::new();
        for event in &self.events {
            if let Some(workspace) = &event.claimed {
                judged.claimed += 1;
                if !owners.insert(workspace) {
                    return Err(Failure {
                        step: Some(event.step),
                        what: format!("workspace {workspace} was claimed twice"),
                    });
                }
                continue;
            }
            let Some(scene) = self.scenes.get(&event.step) else {
                continue;
            };
            if scene.is_unsure {
                judged.unsure += 1;
                continue;
            }
            judged.none += 1;
            if let Some(workspace) = self.contradiction(event, scene) {
                let what = format!(
                    "there was none to claim of {}/{}, and {workspace} could be claimed all the time: \
                     {:?}",
                    event.template,
                    event.preset,
                    self.of_step(event.step)
                );
                return Err(Failure {
                    step: Some(event.step),
                    what,
                });
            }
        }
        Ok(judged)
    }

    /// The answers of a step.
    fn of_step(&self, step: usize) -> Vec<&Event> {
        self.events.iter().filter(|it| it.step == step).collect()
    }

    /// A workspace that could be claimed during the whole span of the answer.
    fn contradiction<'s>(&self, none: &Event, scene: &'s Scene) -> Option<&'s String> {
        let pool = (none.template.clone(), none.preset.clone());
        let after = scene.after.get(&pool);
        scene.before.get(&pool)?.iter().find(|workspace| {
            if scene.held.contains(*workspace) {
                return false;
            }
            let stays = after.is_some_and(|after| after.contains(*workspace));
            // Of this step: what was lost to it otherwise can come back and be claimed long after.
            let mut taken = self.events.iter().filter(|it| it.step == none.step);
            let taken = taken.find(|event| event.claimed.as_ref() == Some(*workspace));
            stays || taken.is_some_and(|taken| taken.begun > none.ended)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn pools(workspaces: &[&str]) -> Claimable {
        let pool = ("web".to_owned(), "small".to_owned());
        BTreeMap::from([(pool, workspaces.iter().map(|it| (*it).to_owned()).collect())])
    }

    /// A history of one step: answers with start and end, in milliseconds.
    fn history(before: &[&str], after: &[&str], answers: &[(u64, u64, Option<&str>)]) -> History {
        let zero = Instant::now();
        let at = |millis| zero + Duration::from_millis(millis);
        let events = answers.iter().map(|(begun, ended, claimed)| Event {
            step: 0,
            template: "web".to_owned(),
            preset: "small".to_owned(),
            begun: at(*begun),
            ended: at(*ended),
            claimed: claimed.map(str::to_owned),
        });
        let scene = Scene {
            before: pools(before),
            after: pools(after),
            ..Scene::default()
        };
        History {
            events: events.collect(),
            scenes: BTreeMap::from([(0, scene)]),
        }
    }

    #[test]
    fn none_is_right_where_the_last_one_went_at_the_same_time_or_before() {
        let judged = history(&["a"], &[], &[(0, 5, Some("a")), (3, 9, None)]).judge();
        let expected = Judged {
            claimed: 1,
            none: 1,
            unsure: 0,
        };
        assert_eq!(judged, Ok(expected));
        assert!(
            history(&["a"], &[], &[(0, 5, Some("a")), (6, 9, None)])
                .judge()
                .is_ok()
        );
        assert!(history(&[], &["b"], &[(0, 5, None)]).judge().is_ok());
    }

    #[test]
    fn none_is_wrong_where_one_was_there_all_the_time() {
        assert!(history(&["a"], &["a"], &[(0, 5, None)]).judge().is_err());
        let late = history(&["a"], &[], &[(0, 5, None), (6, 9, Some("a"))]);
        assert!(
            late.judge()
                .unwrap_err()
                .what
                .contains("a could be claimed all the time")
        );
    }

    #[test]
    fn what_is_lost_in_the_step_of_an_answer_may_be_claimed_in_a_later_one() {
        let mut history = history(&["a"], &[], &[(0, 5, None), (6, 9, Some("a"))]);
        history.events[1].step = 1;
        assert!(history.judge().is_ok());
    }

    #[test]
    fn nothing_is_said_about_answers_beside_a_run_that_was_struck() {
        let mut history = history(&["a"], &["a"], &[(0, 5, None)]);
        history.scenes.get_mut(&0).unwrap().is_unsure = true;
        assert_eq!(history.judge().unwrap().unsure, 1);
    }

    #[test]
    fn two_answers_can_not_give_the_same_workspace() {
        let twice = history(&["a"], &[], &[(0, 5, Some("a")), (6, 9, Some("a"))]);
        assert!(twice.judge().is_err());
    }
}
