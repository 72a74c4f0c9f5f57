//! How long to wait after a failure.
//!
//! Chance is an argument. The wait lies between nothing and the given longest one.

use std::time::Duration;

/// The wait after a first failure: long enough for a server to restart, and short for a person.
const FIRST: Duration = Duration::from_secs(1);

/// The share of a wait that chance may take away, so that many processes that failed together don't
/// try again together.
const JITTER: f64 = 0.2;

/// How long to wait before trying again: about twice the `previous` wait, if there was one, from a
/// second up to `longest`. `jitter`, from 0 to 1, shortens it a little.
pub(crate) fn next_delay(previous: Option<Duration>, longest: Duration, jitter: f64) -> Duration {
    let doubled = previous.map_or(FIRST, |previous| previous.saturating_mul(2));
    let delay = doubled.max(FIRST).min(longest);
    delay.mul_f64(1.0 - JITTER * jitter.clamp(0.0, 1.0))
}

pub(crate) fn jitter() -> f64 {
    f64::from(getrandom::u32().unwrap_or(0)) / f64::from(u32::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    #[test]
    fn waits_double_up_to_the_longest() {
        let mut previous = None;
        let mut seconds = Vec::new();
        for _ in 0..8 {
            previous = Some(next_delay(previous, MINUTE, 0.0));
            seconds.push(previous.unwrap().as_secs());
        }
        assert_eq!(seconds, [1, 2, 4, 8, 16, 32, 60, 60]);
    }

    #[test]
    fn a_short_interval_bounds_the_first_wait_too() {
        let longest = Duration::from_millis(50);
        assert_eq!(next_delay(None, longest, 0.0), longest);
    }

    proptest! {
        #[test]
        fn waits_stay_within_bounds_and_grow(
            previous in proptest::option::of(0_u64..u64::MAX / 4),
            longest in 1_u64..1_000_000_000,
            jitter in -1.0_f64..2.0,
        ) {
            let previous = previous.map(Duration::from_millis);
            let longest = Duration::from_millis(longest);
            let delay = next_delay(previous, longest, jitter);
            prop_assert!(delay <= longest);
            prop_assert!(delay >= FIRST.min(longest).mul_f64(0.8 - 1e-9));
            if previous.is_some_and(|previous| previous > FIRST && previous < longest.mul_f64(0.6)) {
                prop_assert!(delay > previous.unwrap());
            }
        }
    }
}
