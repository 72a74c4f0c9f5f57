//! Times in documents: RFC 3339, written in UTC with `Z` and at most microseconds; read with any
//! offset, cut to the microsecond.
//!
//! Every time that is written can be read back as the same one.

use chrono::{DateTime, Datelike as _, SecondsFormat, Utc};
use serde::{Deserialize, Deserializer, Serializer, de};

use super::Time;

/// Parses an RFC 3339 time with an offset. The error says what was expected.
pub(crate) fn parse(text: &str) -> Result<Time, String> {
    DateTime::parse_from_rfc3339(text)
        .ok()
        .and_then(|time| DateTime::<Utc>::from_timestamp_micros(time.timestamp_micros()))
        // An offset can carry a time out of the years that can be written back.
        .filter(|time| (0..=9999).contains(&time.year()))
        .ok_or_else(|| format!("{text:?} is not an RFC 3339 time such as 2026-03-04T12:00:00Z"))
}

/// The text of a time as documents hold it.
pub(crate) fn format(time: &Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}

pub(crate) fn serialize<S: Serializer>(time: &Time, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format(time))
}

pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Time, D::Error> {
    parse(&String::deserialize(deserializer)?).map_err(de::Error::custom)
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
