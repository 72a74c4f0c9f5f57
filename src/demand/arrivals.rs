//! Arrivals that are made up: people who come independently of each other, at a rate.
//!
//! The seed is an argument: equal seeds make equal arrivals, on every machine.

use chrono::TimeDelta;
use fastrand::Rng;

use super::replay::Build;
use crate::model::Time;

/// Most arrivals that are made up.
pub(crate) const MAX_ARRIVALS: usize = 1_000_000;

/// Arrivals of a Poisson process from `from` until `to`, in order of time; `hourly` of them an hour, which is
/// finite and not negative.
pub(crate) fn poisson(hourly: f64, from: Time, to: Time, rng: &mut Rng) -> Vec<Time> {
    let mut arrivals = Vec::new();
    let mut hours = 0.0;
    while arrivals.len() < MAX_ARRIVALS && hourly > 0.0 {
        // Spans between arrivals are exponential; a span of nought would be a second arrival at once.
        hours -= (1.0 - rng.f64()).ln() / hourly;
        let next = span(hours * 3600.0).and_then(|it| from.checked_add_signed(it));
        match next.filter(|next| *next < to) {
            Some(next) => arrivals.push(next),
            None => break,
        }
    }
    arrivals
}

/// Builds that all succeed, and take any time between two with equal chance.
pub(crate) fn builds(shortest: TimeDelta, longest: TimeDelta, rng: &mut Rng) -> Vec<Build> {
    let spread = (longest - shortest).num_milliseconds().max(0);
    if spread == 0 {
        return vec![Build::of(shortest)];
    }
    let build = |_| Build::of(shortest + TimeDelta::milliseconds(rng.i64(0..=spread)));
    (0..1000).map(build).collect()
}

/// A span of so many seconds; none beyond the calendar.
fn span(seconds: f64) -> Option<TimeDelta> {
    let longest = 1e11;
    if !(0.0..longest).contains(&seconds) {
        return None;
    }
    #[expect(
        clippy::cast_possible_truncation,
        reason = "within the range of microseconds"
    )]
    Some(TimeDelta::microseconds((seconds * 1e6) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::at;

    #[test]
    fn arrivals_come_at_their_rate_in_order_and_the_same_ones_for_a_seed() {
        let (from, to) = (at("2026-03-02T00:00:00Z"), at("2026-03-30T00:00:00Z"));
        let arrivals = |seed| poisson(12.0, from, to, &mut Rng::with_seed(seed));
        let some = arrivals(1);
        assert_eq!(some, arrivals(1));
        assert_ne!(some, arrivals(2));
        assert!(some.is_sorted() && some.iter().all(|it| (from..to).contains(it)));
        // 8,064 are expected, give or take 90.
        assert!((7700..8430).contains(&some.len()), "{}", some.len());
        assert!(poisson(0.0, from, to, &mut Rng::with_seed(1)).is_empty());
        let endless = poisson(f64::MIN_POSITIVE, from, to, &mut Rng::with_seed(1));
        assert!(endless.is_empty());
    }

    #[test]
    fn builds_take_what_they_may() {
        let (shortest, longest) = (TimeDelta::minutes(3), TimeDelta::minutes(5));
        let some = builds(shortest, longest, &mut Rng::with_seed(1));
        assert!(
            some.iter()
                .all(|it| (shortest..=longest).contains(&it.takes))
        );
        let same = builds(shortest, shortest, &mut Rng::with_seed(1));
        assert_eq!(same, [Build::of(shortest)]);
    }
}
