//! Times in documents: RFC 3339, written in UTC with `Z` and at most microseconds; read with any
//! offset, cut to the microsecond.
//!
//! Every time that is written can be read back as the same one.

use std::fmt;
use std::ops::RangeInclusive;

use chrono::{DateTime, Datelike as _, NaiveDate, SecondsFormat, Utc};
use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer, Serializer};

use super::Time;

/// The first and the last instant that documents can hold, in microseconds since 1970:
/// 0000-01-01T00:00:00Z and 9999-12-31T23:59:59.999999Z.
const DOCUMENTED: RangeInclusive<i64> = -62_167_219_200_000_000..=253_402_300_799_999_999;

/// The instant after so many microseconds since 1970, or the end of what documents can hold that lies
/// nearest: infinite times and those of far years stand in databases.
pub(crate) fn nearest(micros: i64) -> Time {
    let micros = micros.clamp(*DOCUMENTED.start(), *DOCUMENTED.end());
    DateTime::from_timestamp_micros(micros).unwrap_or_default()
}

/// Whether it is one of those ends, which nobody means: its row holds a time beyond them.
pub(crate) fn is_beyond(time: &Time) -> bool {
    let micros = time.timestamp_micros();
    micros <= *DOCUMENTED.start() || micros >= *DOCUMENTED.end()
}

/// Parses an RFC 3339 time with an offset. The error says what was expected.
pub(crate) fn parse(text: &str) -> Result<Time, String> {
    if let Some(time) = parse_written(text.as_bytes()) {
        return Ok(time);
    }
    DateTime::parse_from_rfc3339(text)
        .ok()
        .and_then(|time| DateTime::<Utc>::from_timestamp_micros(time.timestamp_micros()))
        // An offset can carry a time out of the years that can be written back.
        .filter(|time| (0..=9999).contains(&time.year()))
        .ok_or_else(|| format!("{text:?} is not an RFC 3339 time such as 2026-03-04T12:00:00Z"))
}

/// Parses a time as [`format()`] writes it, which is many times as fast: documents hold a million.
fn parse_written(text: &[u8]) -> Option<Time> {
    let (fraction, scale) = match text.len() {
        20 => (&b""[..], 0),
        24 => (text.get(20..23)?, 1000),
        27 => (text.get(20..26)?, 1),
        _ => return None,
    };
    let separators = [(4, b'-'), (7, b'-'), (10, b'T'), (13, b':'), (16, b':')];
    let separated = separators
        .iter()
        .all(|(at, byte)| text.get(*at) == Some(byte));
    let point = fraction.is_empty() || text.get(19) == Some(&b'.');
    if !separated || !point || text.last() != Some(&b'Z') {
        return None;
    }
    let number = |from: usize, to: usize| digits(text.get(from..to)?);
    let date = NaiveDate::from_ymd_opt(
        i32::try_from(number(0, 4)?).ok()?,
        number(5, 7)?,
        number(8, 10)?,
    )?;
    let micros = digits(fraction)? * scale;
    let time = date.and_hms_micro_opt(number(11, 13)?, number(14, 16)?, number(17, 19)?, micros)?;
    Some(time.and_utc())
}

/// The number of at most nine digits.
fn digits(text: &[u8]) -> Option<u32> {
    text.iter().try_fold(0, |number, byte| {
        byte.is_ascii_digit()
            .then(|| number * 10 + u32::from(byte - b'0'))
    })
}

/// The text of a time as documents hold it.
pub(crate) fn format(time: &Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

pub(crate) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(time))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    deserializer.deserialize_str(TimeText)
}

/// Reads the text of a time where it stands.
struct TimeText;

impl Visitor<'_> for TimeText {
    type Value = Time;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string")
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Time, E> {
        parse(text).map_err(E::custom)
    }
}

/// The same for a time that may be null.
pub(crate) mod option {
    use super::{Deserialize, Deserializer, Serializer, Time, de, parse};

    #[expect(clippy::ref_option, reason = "serde passes a reference to the field")]
    pub(crate) fn serialize<S: Serializer>(
        time: &Option<Time>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        match time {
            Some(time) => super::serialize(time, serializer),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Time>, D::Error> {
        Option::<String>::deserialize(deserializer)?
            .map(|text| parse(&text).map_err(de::Error::custom))
            .transpose()
    }
}
