//! How many workspaces may be concerned: a number, or a share of those that are running.
//!
//! Reads the text of a command line and counts; what is done about a plan that is larger is not
//! decided here. A share never allows more than there are.

use std::str::FromStr;

/// How many workspaces a plan may concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Allowance {
    /// So many; a negative number counts as 0.
    Number(i64),
    /// A share in percent of the running prebuilt workspaces, rounded down; from 0 to 100.
    Percent(u8),
}

impl Allowance {
    /// How many these are when so many are running.
    pub(crate) fn of(self, running: i64) -> i64 {
        match self {
            Self::Number(number) => number.max(0),
            Self::Percent(percent) => {
                let share = i128::from(running.max(0)) * i128::from(percent.min(100)) / 100;
                i64::try_from(share).unwrap_or(i64::MAX)
            }
        }
    }

    /// The allowance in a sentence, with what a percentage is of.
    pub(super) fn shown(self, running: i64) -> String {
        match self {
            Self::Number(number) => number.max(0).to_string(),
            Self::Percent(percent) => format!("{percent}% of {}", running.max(0)),
        }
    }
}

/// A text that is no allowance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("neither a number of workspaces, such as 10, nor a percentage from 0% to 100%")]
pub(crate) struct NoAllowance;

impl FromStr for Allowance {
    type Err = NoAllowance;

    /// Reads `10` or `20%`.
    fn from_str(text: &str) -> Result<Self, NoAllowance> {
        let allowance = match text.strip_suffix('%') {
            Some(percent) => {
                let percent = percent.parse().ok().filter(|percent| *percent <= 100);
                percent.map(Self::Percent)
            }
            None => {
                let number = text.parse().ok().filter(|number| *number >= 0);
                number.map(Self::Number)
            }
        };
        allowance.ok_or(NoAllowance)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_allowance_is_a_number_or_a_percentage_up_to_a_hundred() {
        for (text, expected) in [
            ("0", Allowance::Number(0)),
            ("7", Allowance::Number(7)),
            ("9223372036854775807", Allowance::Number(i64::MAX)),
            ("0%", Allowance::Percent(0)),
            ("20%", Allowance::Percent(20)),
            ("100%", Allowance::Percent(100)),
        ] {
            assert_eq!(text.parse(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "%",
            "abc",
            "-1",
            "1.5",
            "-1%",
            "1.5%",
            "101%",
            "256%",
            "20 %",
            " 20%",
            "20%%",
            "%20",
            "0x10",
            "9223372036854775808",
            "99999999999999999999%",
            "٣%",
        ] {
            assert_eq!(text.parse::<Allowance>(), Err(NoAllowance), "{text:?}");
        }
    }

    #[test]
    fn a_percentage_is_of_what_is_running_and_rounded_down() {
        let allowed = |percent, running| Allowance::Percent(percent).of(running);
        assert_eq!(allowed(20, 20), 4);
        assert_eq!(allowed(20, 24), 4);
        assert_eq!(allowed(20, 25), 5);
        assert_eq!(allowed(99, 1), 0);
        assert_eq!(allowed(0, 1_000), 0);
        assert_eq!(allowed(100, 7), 7);
        assert_eq!(allowed(50, 0), 0);
        assert_eq!(allowed(100, i64::MAX), i64::MAX);
        assert_eq!(allowed(20, -5), 0);
    }

    #[test]
    fn a_number_is_the_same_whatever_is_running() {
        assert_eq!(Allowance::Number(3).of(0), 3);
        assert_eq!(Allowance::Number(-3).of(100), 0);
    }
}
