//! Times as people write them: `2h`, `in 2h`, `2h ago`, `today 18:00`, `2026-11-26`,
//! `2026-11-26 08:00 Europe/Berlin`, and RFC 3339.
//!
//! Pure: the present instant is an argument. Without a zone times are in UTC, as they are shown; the zone of the
//! host must not matter.

use chrono::{
    Days, LocalResult, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone as _, Utc,
};
use chrono_tz::Tz;

use super::Time;
use super::time::{is_beyond, nearest, parse};

/// What a span alone means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Towards {
    /// So long from now.
    Future,
    /// So long ago.
    Past,
}

/// The instant that the text means at `now`.
///
/// # Errors
/// It means none, or there is no such time in its zone; the error says what is understood.
pub(crate) fn read(text: &str, now: Time, towards: Towards) -> Result<Time, String> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let moved = |span: TimeDelta, towards: Towards| {
        let moved = match towards {
            Towards::Future => now.checked_add_signed(span),
            Towards::Past => now.checked_sub_signed(span),
        };
        let moved = moved.filter(|time| !is_beyond(time));
        moved.ok_or_else(|| format!("{text:?} is beyond the years 0 to 9999"))
    };
    match words.as_slice() {
        ["now"] => return Ok(now),
        ["in", words @ ..] => {
            if let Some(span) = span(&words.join(" ")) {
                return moved(span, Towards::Future);
            }
        }
        [words @ .., "ago"] => {
            if let Some(span) = span(&words.join(" ")) {
                return moved(span, Towards::Past);
            }
        }
        _ => {}
    }
    if let Some(span) = span(text) {
        return moved(span, towards);
    }
    match civil(&words, now) {
        Some(found) => found.map_err(|problem| format!("{text:?}: {problem}")),
        None => parse(text).map_err(|_| {
            format!(
                "{text:?} is no time such as 2h, 'today 18:00', 2026-11-26, '2026-11-26 08:00 Europe/Berlin' or \
                 2026-03-04T12:00:00Z"
            )
        }),
    }
}

fn span(text: &str) -> Option<TimeDelta> {
    TimeDelta::from_std(humantime::parse_duration(text).ok()?).ok()
}

/// A day, a time of day or both, perhaps with a zone; none where the words are nothing of the kind.
fn civil(words: &[&str], now: Time) -> Option<Result<Time, String>> {
    let (zone, words) = match words.split_last() {
        Some((last, before)) if !before.is_empty() => match last.parse::<Tz>() {
            Ok(zone) => (zone, before),
            Err(_) => (Tz::UTC, words),
        },
        _ => (Tz::UTC, words),
    };
    let today = now.with_timezone(&zone).date_naive();
    let (day, time) = match words {
        [day, time] => (day_of(day, today)?, time_of(time)?),
        [word] => match (day_of(word, today), time_of(word)) {
            (Some(day), _) => (day, NaiveTime::MIN),
            (None, time) => (today, time?),
        },
        _ => return None,
    };
    Some(instant(zone, day.and_time(time)))
}

fn instant(zone: Tz, local: NaiveDateTime) -> Result<Time, String> {
    match zone.from_local_datetime(&local) {
        LocalResult::Single(time) | LocalResult::Ambiguous(time, _) => {
            // A leap second is the one after it, as for PostgreSQL: no other time is within one.
            let time = nearest(time.with_timezone(&Utc).timestamp_micros());
            match is_beyond(&time) {
                true => Err("it is beyond the years 0 to 9999".to_owned()),
                false => Ok(time),
            }
        }
        LocalResult::None => Err(format!(
            "there is no such time in {zone}: its clocks are set forward over it"
        )),
    }
}

fn day_of(word: &str, today: NaiveDate) -> Option<NaiveDate> {
    match word {
        "today" => Some(today),
        "tomorrow" => today.checked_add_days(Days::new(1)),
        "yesterday" => today.checked_sub_days(Days::new(1)),
        _ if word.len() == 10 => NaiveDate::parse_from_str(word, "%Y-%m-%d").ok(),
        _ => None,
    }
}

fn time_of(word: &str) -> Option<NaiveTime> {
    let time = NaiveTime::parse_from_str(word, "%H:%M");
    time.or_else(|_| NaiveTime::parse_from_str(word, "%H:%M:%S"))
        .ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::time::format;

    fn at(text: &str) -> Result<String, String> {
        // Daylight saving time begins in Berlin on 2026-03-29 and ends on 2026-10-25.
        let now = parse("2026-11-26T14:30:00Z").unwrap();
        read(text, now, Towards::Past).map(|time| format(&time))
    }

    #[test]
    fn words_are_read_as_people_mean_them() {
        for (text, time) in [
            ("now", "2026-11-26T14:30:00Z"),
            ("2h", "2026-11-26T12:30:00Z"),
            ("1h 30m", "2026-11-26T13:00:00Z"),
            ("2h ago", "2026-11-26T12:30:00Z"),
            ("in 2h", "2026-11-26T16:30:00Z"),
            ("today", "2026-11-26T00:00:00Z"),
            ("today 18:00", "2026-11-26T18:00:00Z"),
            ("18:00:30", "2026-11-26T18:00:30Z"),
            ("08:59:60", "2026-11-26T09:00:00Z"),
            ("yesterday 18:00", "2026-11-25T18:00:00Z"),
            ("tomorrow 08:00 Europe/Berlin", "2026-11-27T07:00:00Z"),
            ("2026-11-26", "2026-11-26T00:00:00Z"),
            ("2026-11-26 08:00", "2026-11-26T08:00:00Z"),
            ("2026-11-26 08:00 Europe/Berlin", "2026-11-26T07:00:00Z"),
            ("2026-07-01 08:00 Europe/Berlin", "2026-07-01T06:00:00Z"),
            // The first of the two.
            ("2026-10-25 02:30 Europe/Berlin", "2026-10-25T00:30:00Z"),
            ("2026-03-04T12:00:00+01:00", "2026-03-04T11:00:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Ok(time), "{text}");
        }
        let ahead = read("2h", Time::UNIX_EPOCH, Towards::Future).unwrap();
        assert_eq!(format(&ahead), "1970-01-01T02:00:00Z");
    }

    #[test]
    fn what_is_no_time_says_what_is() {
        for text in [
            "",
            "soon",
            "2026-13-01",
            "25:00",
            "today noon",
            "2026-11-26 08:00 Europe/Nowhere",
            "in",
            "ago",
            "99999999999y ago",
        ] {
            assert!(at(text).is_err(), "{text}");
        }
        assert!(at("soon").unwrap_err().contains("today 18:00"));
        let gap = at("2026-03-29 02:30 Europe/Berlin").unwrap_err();
        assert!(gap.contains("set forward"), "{gap}");
    }

    proptest! {
        #[test]
        fn no_text_does_harm_and_what_is_read_can_be_written(text in "[0-9a-zA-Z:/ -]{0,30}") {
            let now = parse("2026-11-26T14:30:00Z").unwrap();
            if let Ok(time) = read(&text, now, Towards::Past) {
                prop_assert_eq!(parse(&format(&time)), Ok(time));
            }
        }
    }
}
