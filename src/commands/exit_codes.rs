//! Exit codes in words, for the help and the manual pages.

use crate::cli::{
    BUILD_REFUSED, FAILED, HAS_CHANGES, LOCKED, NOT_READY, NOTHING_TO_CLAIM, PARTIAL, REFUSED,
    USAGE,
};

/// What a code means, of those that a script can tell apart.
pub(super) const MEANINGS: [(&str, &[u8], &str); 9] = [
    ("0", &[0], "done, or nothing to do"),
    (
        "1",
        &[FAILED],
        "failed: the error says what, why and what to do",
    ),
    (
        "2",
        &[HAS_CHANGES, BUILD_REFUSED],
        "--detailed-exitcode: changes, or a rendered build that is refused",
    ),
    (
        "3",
        &[PARTIAL],
        "some presets or workspaces are done, others failed",
    ),
    (
        "4",
        &[NOTHING_TO_CLAIM, NOT_READY],
        "claim: nothing to claim; wait: not ready in time",
    ),
    (
        "5",
        &[LOCKED],
        "another process holds the lock: cleanup, reset-limit, --fail-if-locked",
    ),
    (
        "6",
        &[REFUSED],
        "refused: a stale plan, a limit, an unknown schema, missing rights, a clock",
    ),
    ("64", &[USAGE], "usage error"),
    ("130, 143", &[130, 143], "ended by SIGINT, SIGTERM"),
];

/// The list below the help.
pub(super) fn help() -> String {
    let lines = MEANINGS.map(|(code, _, meaning)| format!("  {code:<8}  {meaning}"));
    format!("Exit codes:\n{}", lines.join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_names_the_codes_that_commands_exit_with() {
        for (name, codes, _) in MEANINGS {
            let mut named: Vec<u8> = name.split(", ").map(|it| it.parse().unwrap()).collect();
            named.dedup();
            let mut codes = codes.to_vec();
            codes.dedup();
            assert_eq!(named, codes);
        }
    }
}
