//! Functions on times. Nothing here knows what time it is.

use chrono::{DateTime, Datelike, FixedOffset, TimeDelta, Timelike};

use super::signature::{Function, RETURNS_NUMBER, RETURNS_TEXT, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("formatdate", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        Ok(format(call.text(0)?, &parse(call.text(1)?)?)?.into())
    }),
    Function::new("timeadd", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let duration = TimeDelta::nanoseconds(nanoseconds(call.text(1)?)?);
        let time = parse(call.text(0)?)?
            .checked_add_signed(duration)
            .ok_or_else(|| Failure::refused("the time is out of range"))?;
        let zone = zone(&time, "Z", ":");
        Ok(format!("{:04}-{}{zone}", time.year(), time.format("%m-%dT%H:%M:%S")).into())
    }),
    Function::new("timecmp", &[TEXT, TEXT], RETURNS_NUMBER, |call| {
        let order = parse(call.text(0)?)?.cmp(&parse(call.text(1)?)?);
        Ok((order as i64).into())
    }),
    Function::new("timestamp", &[], RETURNS_TEXT, |_| {
        Ok(Value::Unknown(Type::String))
    }),
];

/// Reads a time as RFC 3339 writes it, capital letters and all.
fn parse(text: &str) -> Result<DateTime<FixedOffset>, Failure> {
    let broken = || Failure::refused("the text is no time of RFC 3339");
    let bytes = text.as_bytes();
    let separated = bytes.get(10) == Some(&b'T') && !text.contains(['z', 't', ' ']);
    let leap = bytes.get(17..19) == Some(b"60");
    if !separated || leap || !text.is_ascii() {
        return Err(broken());
    }
    // Go takes a comma before the fraction of a second, too.
    let text = match bytes.get(19) {
        Some(b',') => text.replacen(',', ".", 1),
        _ => text.to_owned(),
    };
    DateTime::parse_from_rfc3339(&text).map_err(|_| broken())
}

/// Reads a duration as Go writes it: `1h30m`, `-1.5s`.
fn nanoseconds(text: &str) -> Result<i64, Failure> {
    let broken = || Failure::refused("the text is no duration");
    let (negative, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(broken());
    }
    let mut total = 0i128;
    while !rest.is_empty() {
        let length = rest
            .find(|character: char| !character.is_ascii_digit() && character != '.')
            .ok_or_else(broken)?;
        let (number, after) = rest.split_at(length);
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if (whole.is_empty() && fraction.is_empty()) || fraction.contains('.') {
            return Err(broken());
        }
        let units: [(&str, i128); 8] = [
            ("ns", 1),
            ("us", 1_000),
            ("µs", 1_000),
            ("μs", 1_000),
            ("ms", 1_000_000),
            ("s", 1_000_000_000),
            ("m", 60_000_000_000),
            ("h", 3_600_000_000_000),
        ];
        let end = after
            .find(|character: char| character.is_ascii_digit() || character == '.')
            .unwrap_or(after.len());
        let (unit, after) = after.split_at(end);
        let (_, size) = units
            .into_iter()
            .find(|(name, _)| *name == unit)
            .ok_or_else(broken)?;
        let whole: i128 = match whole {
            "" => 0,
            digits => digits.parse::<i64>().map_err(|_| broken())?.into(),
        };
        total += whole * size;
        // Digits beyond these are less than a nanosecond.
        let digits = fraction.get(..fraction.len().min(18)).unwrap_or_default();
        if !digits.is_empty() {
            let places = u32::try_from(digits.len()).unwrap_or(0);
            total += digits.parse::<i128>().map_err(|_| broken())? * size / 10i128.pow(places);
        }
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).map_err(|_| broken())
}

/// The offset from UTC, `utc` where there is none.
fn zone(time: &DateTime<FixedOffset>, utc: &str, separator: &str) -> String {
    let minutes = time.offset().local_minus_utc() / 60;
    if minutes == 0 {
        return utc.to_owned();
    }
    let sign = if minutes < 0 { '-' } else { '+' };
    let minutes = minutes.abs();
    format!("{sign}{:02}{separator}{:02}", minutes / 60, minutes % 60)
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

const DAYS: [&str; 7] = [
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
    "Sunday",
];

/// Writes a time by a pattern of runs of letters; other characters, and what is in single quotation
/// marks, are meant as they are.
fn format(pattern: &str, time: &DateTime<FixedOffset>) -> Result<String, Failure> {
    let mut text = String::new();
    let mut rest = pattern;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("''") {
            text.push('\'');
            rest = after;
            continue;
        }
        if first == '\'' {
            let (literal, after) = quoted(&rest[1..])?;
            text.push_str(&literal);
            rest = after;
            continue;
        }
        let length = match first.is_ascii_alphabetic() {
            true => rest
                .bytes()
                .take_while(|byte| char::from(*byte) == first)
                .count(),
            false => first.len_utf8(),
        };
        let (run, after) = rest.split_at(length);
        match first.is_ascii_alphabetic() {
            true => text.push_str(&part(run, time)?),
            false => text.push_str(run),
        }
        rest = after;
    }
    Ok(text)
}

/// The text up to the closing quotation mark, of which two mean one, and what follows.
fn quoted(text: &str) -> Result<(String, &str), Failure> {
    let mut literal = String::new();
    let mut rest = text;
    loop {
        let (part, after) = rest
            .split_once('\'')
            .ok_or_else(|| Failure::refused("a quotation mark of the pattern isn't closed"))?;
        literal.push_str(part);
        match after.strip_prefix('\'') {
            Some(after) => {
                literal.push('\'');
                rest = after;
            }
            None => return Ok((literal, after)),
        }
    }
}

fn part(run: &str, time: &DateTime<FixedOffset>) -> Result<String, Failure> {
    let (afternoon, hour) = time.hour12();
    let name = |names: &'static [&str], index: u32| {
        usize::try_from(index)
            .ok()
            .and_then(|index| names.get(index))
            .copied()
            .unwrap_or_default()
    };
    let short = |name: &str| name.get(..3).unwrap_or_default().to_owned();
    let month = name(&MONTHS, time.month0());
    let day = name(&DAYS, time.weekday().num_days_from_monday());
    Ok(match run {
        "YYYY" => format!("{:04}", time.year()),
        "YY" => format!("{:02}", time.year().rem_euclid(100)),
        "MMMM" => month.to_owned(),
        "MMM" => short(month),
        "MM" => format!("{:02}", time.month()),
        "M" => time.month().to_string(),
        "DD" => format!("{:02}", time.day()),
        "D" => time.day().to_string(),
        "EEEE" => day.to_owned(),
        "EEE" => short(day),
        "hh" => format!("{:02}", time.hour()),
        "h" => time.hour().to_string(),
        "HH" => format!("{hour:02}"),
        "H" => hour.to_string(),
        "AA" => String::from(if afternoon { "PM" } else { "AM" }),
        "aa" => String::from(if afternoon { "pm" } else { "am" }),
        "mm" => format!("{:02}", time.minute()),
        "m" => time.minute().to_string(),
        "ss" => format!("{:02}", time.second()),
        "s" => time.second().to_string(),
        "ZZZZZ" => zone(time, "+00:00", ":"),
        "ZZZZ" => zone(time, "+0000", ""),
        "ZZZ" => zone(time, "UTC", ""),
        "Z" => zone(time, "Z", ":"),
        _ => {
            return Err(Failure::refused(
                "the pattern has letters that mean no part of a time",
            ));
        }
    })
}
