//! When demand changed for good: a week from which on there are clearly more requests a week, or fewer.
//!
//! What came before says little about what is to come. A change counts if it is large, and far less likely to be
//! chance than the weeks' own ups and downs are.

use chrono::TimeDelta;

use crate::model::Time;

/// A change of demand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Change {
    /// The beginning of the first week of the new demand.
    pub at: Time,
    /// Requests a week before and since.
    pub before: f64,
    pub after: f64,
}

/// The least by which demand must rise, or what is left of it at most.
const RISE: f64 = 1.4;
const FALL: f64 = 0.7;

/// The logarithm of how much likelier a change must be than none: one in three thousand by chance.
const EVIDENCE: f64 = 8.0;

/// The clearest change among the weeks that end at `to`, the last one of which may not begin before `from`.
/// Arrivals are in order of time.
pub(crate) fn change(arrivals: &[Time], from: Time, to: Time) -> Option<Change> {
    let week = TimeDelta::days(7);
    let weeks = (to - from).num_days() / 7;
    let starts = (0..weeks).rev().filter_map(|back| {
        let end = to.checked_sub_signed(week * i32::try_from(back).ok()?)?;
        end.checked_sub_signed(week)
    });
    let starts: Vec<Time> = starts.collect();
    let before = |at: Time| arrivals.partition_point(|it| *it < at);
    let counts = starts
        .iter()
        .map(|at| (before(*at + week) - before(*at)) as f64);
    let counts: Vec<f64> = counts.collect();
    let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len().max(1) as f64;
    let all = mean(&counts);
    let mut clearest: Option<(f64, Change)> = None;
    for (split, &at) in starts.iter().enumerate().skip(1) {
        let (old, new) = counts.split_at(split);
        let (before, after) = (mean(old), mean(new));
        let likelier = likelihood(old, before, all) + likelihood(new, after, all);
        let evidence = likelier / spread(old, before, new, after);
        let is_large = after >= before * RISE || after <= before * FALL;
        let is_clearer = clearest.is_none_or(|(most, _)| evidence > most);
        if is_large && evidence >= EVIDENCE && is_clearer {
            clearest = Some((evidence, Change { at, before, after }));
        }
    }
    clearest.map(|(_, change)| change)
}

/// The logarithm of how much likelier these numbers are at one rate than at another.
fn likelihood(counts: &[f64], rate: f64, other: f64) -> f64 {
    let sum: f64 = counts.iter().sum();
    let gain = if sum > 0.0 {
        sum * (rate / other).ln()
    } else {
        0.0
    };
    gain - counts.len() as f64 * (rate - other)
}

/// How much more numbers of one side differ than those of independent arrivals would; at least as much.
fn spread(old: &[f64], before: f64, new: &[f64], after: f64) -> f64 {
    let squares = |of: &[f64], mean: f64| of.iter().map(|it| (it - mean).powi(2)).sum::<f64>();
    let freedom = (old.len() + new.len()).saturating_sub(2);
    let mean =
        (before * old.len() as f64 + after * new.len() as f64) / (old.len() + new.len()) as f64;
    if freedom == 0 || mean <= 0.0 {
        return 1.0;
    }
    ((squares(old, before) + squares(new, after)) / freedom as f64 / mean).max(1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::at;

    const FROM: &str = "2026-01-05T00:00:00Z";

    /// The change among weeks with so many arrivals each.
    fn among(weeks: &[i64]) -> Option<(i64, i64, i64)> {
        let from = at(FROM);
        let mut arrivals = Vec::new();
        for (number, arriving) in (0..).zip(weeks) {
            let start = from + TimeDelta::days(7 * number);
            arrivals.extend((0..*arriving).map(|n| {
                start
                    + TimeDelta::days(7) * i32::try_from(n).unwrap()
                        / i32::try_from(*arriving).unwrap()
            }));
        }
        let to = from + TimeDelta::days(7 * i64::try_from(weeks.len()).unwrap());
        let found = change(&arrivals, from, to)?;
        #[expect(clippy::cast_possible_truncation, reason = "small numbers")]
        Some((
            (found.at - from).num_days() / 7,
            found.before.round() as i64,
            found.after.round() as i64,
        ))
    }

    #[test]
    fn a_step_is_found_where_it_is() {
        assert_eq!(among(&[50, 52, 48, 110, 105, 112]), Some((3, 50, 109)));
        assert_eq!(among(&[110, 105, 50, 52, 48]), Some((2, 108, 50)));
        assert_eq!(among(&[0, 0, 0, 40]), Some((3, 0, 40)));
    }

    #[test]
    fn the_ups_and_downs_of_weeks_are_none() {
        for weeks in [
            &[50, 60, 45, 55, 52, 66][..],
            &[30, 90, 20, 100, 40, 80],
            &[2, 4, 1, 5],
            &[0, 0, 0],
            &[40],
            &[],
        ] {
            assert_eq!(among(weeks), None, "{weeks:?}");
        }
    }
}
