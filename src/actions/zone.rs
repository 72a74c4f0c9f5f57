//! When the clocks of a time zone show another hour, and when they are changed.
//!
//! Knows nothing of schedules. Differences from UTC are whole seconds and change at whole seconds;
//! two changes within an hour, which no zone has made, would be taken for none.

use chrono::{FixedOffset, Offset as _, TimeDelta, TimeZone as _, Timelike as _};
use chrono_tz::Tz;

use crate::model::Time;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ClockChange {
    /// The first instant of the new time.
    pub at: Time,
    /// Difference from UTC before.
    pub before: FixedOffset,
    /// Difference from UTC from then on.
    pub after: FixedOffset,
}

/// The first instant after `now` at which the clocks show another hour, or may do so: they are
/// changed then.
pub(crate) fn next_hour(zone: Tz, now: Time) -> Option<Time> {
    let local = now.with_timezone(&zone);
    let passed = TimeDelta::minutes(i64::from(local.minute()))
        + TimeDelta::seconds(i64::from(local.second()))
        + TimeDelta::nanoseconds(i64::from(local.nanosecond()));
    let next = now.checked_add_signed(TimeDelta::hours(1) - passed)?;
    Some(change(zone, now, next).map_or(next, |change| change.at))
}

/// The changes of a zone's clocks after `from` and before `to`, in order of time.
pub(crate) fn clock_changes(zone: Tz, from: Time, to: Time) -> Vec<ClockChange> {
    let mut changes = Vec::new();
    let mut start = from;
    while start < to {
        // Short enough that a fast that suspends summer time doesn't hide between two looks.
        let end = start
            .checked_add_signed(TimeDelta::days(1))
            .map_or(to, |end| end.min(to));
        changes.extend(change(zone, start, end).filter(|change| change.at < to));
        start = end;
    }
    changes
}

fn offset(zone: Tz, at: Time) -> FixedOffset {
    zone.offset_from_utc_datetime(&at.naive_utc()).fix()
}

/// The change after `from` and until `to`, if the two have different differences from UTC.
fn change(zone: Tz, from: Time, to: Time) -> Option<ClockChange> {
    let (before, after) = (offset(zone, from), offset(zone, to));
    if before == after {
        return None;
    }
    // Whole seconds; `low` is before the change at all times and `high` never.
    let (mut low, mut high) = (from.timestamp(), to.timestamp());
    while high - low > 1 {
        let middle = low + (high - low) / 2;
        if offset(zone, Time::from_timestamp(middle, 0)?) == before {
            low = middle;
        } else {
            high = middle;
        }
    }
    let at = Time::from_timestamp(high, 0)?;
    Some(ClockChange { at, before, after })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::actions::testing::at;

    fn hour_after(zone: Tz, now: &str) -> Time {
        next_hour(zone, at(now)).unwrap()
    }

    #[test]
    fn the_next_hour_begins_where_the_local_minute_is_nought() {
        let berlin = Tz::Europe__Berlin;
        assert_eq!(
            hour_after(berlin, "2026-03-04T12:00:00Z"),
            at("2026-03-04T13:00:00Z")
        );
        assert_eq!(
            hour_after(berlin, "2026-03-04T12:59:59.999999Z"),
            at("2026-03-04T13:00:00Z")
        );
        assert_eq!(
            hour_after(Tz::Asia__Kathmandu, "2026-03-04T12:00:00Z"),
            at("2026-03-04T12:15:00Z")
        );
    }

    #[test]
    fn a_change_of_the_clocks_begins_an_hour_as_well() {
        // From 02:00 to 01:30 in Lord Howe, at 15:00 UTC.
        let zone = Tz::Australia__Lord_Howe;
        assert_eq!(
            hour_after(zone, "2026-04-04T14:10:00Z"),
            at("2026-04-04T15:00:00Z")
        );
        assert_eq!(
            hour_after(zone, "2026-04-04T15:00:00Z"),
            at("2026-04-04T15:30:00Z")
        );
    }

    #[test]
    fn changes_of_the_clocks_are_found_to_the_second() {
        let changes = clock_changes(
            Tz::Europe__Berlin,
            at("2026-01-01T00:00:00Z"),
            at("2027-01-01T00:00:00Z"),
        );
        let found: Vec<_> = changes
            .iter()
            .map(|change| {
                (
                    change.at,
                    change.before.to_string(),
                    change.after.to_string(),
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                (
                    at("2026-03-29T01:00:00Z"),
                    "+01:00".to_owned(),
                    "+02:00".to_owned()
                ),
                (
                    at("2026-10-25T01:00:00Z"),
                    "+02:00".to_owned(),
                    "+01:00".to_owned()
                ),
            ]
        );
        let (from, to) = (at("2026-03-29T01:00:00Z"), at("2026-10-25T01:00:00Z"));
        assert_eq!(clock_changes(Tz::Europe__Berlin, from, to), []);
        assert_eq!(clock_changes(Tz::UTC, from, to), []);
    }

    proptest! {
        #[test]
        fn the_hour_stays_the_same_until_the_next_one(
            zone in prop::sample::select(chrono_tz::TZ_VARIANTS.to_vec()),
            seconds in -2_000_000_000..4_000_000_000i64,
            micros in 0..1_000_000u32,
            part in 0.0..1.0f64,
        ) {
            let now = Time::from_timestamp(seconds, micros * 1000).unwrap();
            let next = next_hour(zone, now).unwrap();
            prop_assert!(now < next && next - now <= TimeDelta::hours(1));
            let length = (next - now).num_microseconds().unwrap();
            #[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "any instant will do")]
            let between = now + TimeDelta::microseconds((length as f64 * part) as i64);
            let hour = |time: Time| {
                let local = time.with_timezone(&zone);
                (local.date_naive(), local.hour())
            };
            prop_assert_eq!(hour(now), hour(between.min(next - TimeDelta::microseconds(1))));
        }
    }
}
