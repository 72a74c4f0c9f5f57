//! What is asked for, and the rules that need no database.

use std::collections::BTreeMap;

use chrono::TimeDelta;

use crate::model::Time;

/// Longest name of a workspace, as in Coder.
const MAX_NAME: usize = 32;

/// Names that Coder keeps for the addresses of its own pages.
const RESERVED: [&str; 2] = ["new", "create"];

/// Which pool to claim from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum PoolSelector {
    /// The pool of a preset: its id, or its name `[[ORGANIZATION/]TEMPLATE/]NAME`.
    Preset(String),
    /// The pool of the preset of a template's active version which fits parameter values best.
    Parameters {
        /// Name of the template, `[ORGANIZATION/]NAME`.
        template: String,
        given: BTreeMap<String, String>,
    },
}

/// Who gets a workspace, and what becomes of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    /// Id or name of the new owner.
    pub user: String,
    /// New name, checked by [`check_name`].
    pub name: String,
    /// Values for parameters that the preset doesn't fix.
    pub parameters: BTreeMap<String, String>,
    /// When it starts by itself, in the words of cron.
    pub autostart_schedule: Option<String>,
    /// When that is next.
    pub next_start_at: Option<Time>,
    /// How long it runs after a start; none: as the template says.
    pub ttl: Option<TimeDelta>,
    /// Whether the owner gets it without the logins that its template requires.
    pub skip_external_auth: bool,
}

/// A request and the pool that it is to be met from.
pub(super) type Wish = (PoolSelector, Request);

/// Checks the name of a workspace: 1 to 32 letters and digits, with single hyphens between them, and
/// neither `new` nor `create`.
///
/// # Errors
/// Says which rule it breaks.
pub(crate) fn check_name(name: &str) -> Result<(), String> {
    let length = name.chars().count();
    if length == 0 || length > MAX_NAME {
        return Err(format!(
            "a workspace name has 1 to {MAX_NAME} characters, not {length}"
        ));
    }
    if RESERVED.contains(&name) {
        return Err(format!("the name {name:?} is reserved by Coder"));
    }
    let word = |word: &str| !word.is_empty() && word.chars().all(|c| c.is_ascii_alphanumeric());
    if name.split('-').all(word) {
        return Ok(());
    }
    Err(format!(
        "{name:?} is not a workspace name: use letters and digits, with single hyphens between them"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rules_of_coder() {
        for name in ["a", "A-b-3", "0", "New", "new-1", &"x".repeat(32)] {
            assert_eq!(check_name(name), Ok(()), "{name:?}");
        }
        for name in [
            "",
            "-a",
            "a-",
            "a--b",
            "a_b",
            "a b",
            "a.b",
            "ä",
            "a\n",
            "new",
            "create",
            &"x".repeat(33),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
    }
}
