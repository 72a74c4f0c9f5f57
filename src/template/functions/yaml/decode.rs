//! YAML to values.
//!
//! Invariant: a scalar means what Terraform's reader of YAML 1.1 takes it for (a plain `yes` is a bool,
//! `0o17` a number, `2020-01-01` a time); aliases are charged for, each time they are met.

use std::collections::BTreeMap;
use std::sync::Arc;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle, Tag};

use crate::template::evaluate::{Budget, Failure};
use crate::template::functions::encoding::decode;
use crate::template::value::{MAX_DEPTH, Number, Type, Value, convert};

/// The namespace of the tags that are known.
const NAMESPACE: &str = "tag:yaml.org,2002:";

/// The value of the one document in the text.
pub(super) fn value(text: &str, budget: &Budget) -> Result<Value, Failure> {
    let mut options = Options::default();
    options.flow_nesting_limit = options.flow_nesting_limit.min(MAX_DEPTH as usize);
    options.block_nesting_limit = options.block_nesting_limit.min(MAX_DEPTH as usize);
    let parser = Parser::new_from_str_with_options(text, options);
    let mut reader = Reader {
        text,
        parser,
        anchors: BTreeMap::new(),
        flows: 0,
        budget,
    };
    let mut started = false;
    let mut value = None;
    loop {
        match reader.next()? {
            Event::DocumentStart(_, version) if !started => {
                if version.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
                    return Err(Failure::refused("only version 1.1 of YAML is known"));
                }
                started = true;
                let first = reader.next()?;
                value = Some(reader.node(first)?);
            }
            Event::DocumentStart(..) => {
                return Err(Failure::refused("there is more than one document"));
            }
            Event::StreamEnd => break,
            _ => {}
        }
    }
    value.ok_or_else(|| Failure::refused("there is no document"))
}

struct Reader<'a> {
    text: &'a str,
    parser: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Value>,
    /// Brackets and braces that are open.
    flows: usize,
    budget: &'a Budget,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Event<'a>, Failure> {
        self.budget.spend(1)?;
        match self.parser.next_event() {
            Some(Ok((event, span))) => {
                if self.flows == 0 && event.is_node() && self.indented_by_tab(&span) {
                    return Err(Failure::refused("a tab can't indent YAML"));
                }
                self.count_flows(&event);
                Ok(self.without_added_break(event, &span))
            }
            Some(Err(error)) => {
                let line = error.marker().line();
                Err(Failure::refused(format!(
                    "line {line} of the text is no YAML"
                )))
            }
            None => Ok(Event::StreamEnd),
        }
    }

    /// Whether nothing but spaces and a tab stands before the node in its line.
    fn indented_by_tab(&self, span: &Span) -> bool {
        let before = span
            .start
            .byte_offset()
            .and_then(|start| self.text.get(..start));
        let line = before
            .and_then(|before| before.rsplit('\n').next())
            .unwrap_or_default();
        line.contains('\t') && line.trim_matches([' ', '\t']).is_empty()
    }

    fn count_flows(&mut self, event: &Event<'a>) {
        match event {
            Event::SequenceStart(StructureStyle::Flow, ..)
            | Event::MappingStart(StructureStyle::Flow, ..) => self.flows += 1,
            Event::SequenceEnd | Event::MappingEnd => self.flows = self.flows.saturating_sub(1),
            _ => {}
        }
    }

    /// The event without the line break that the parser adds to a block which the text ends in.
    fn without_added_break(&self, event: Event<'a>, span: &Span) -> Event<'a> {
        let at_end = span.end.byte_offset() == Some(self.text.len()) && !self.text.ends_with('\n');
        match event {
            Event::Scalar(
                text,
                style @ (ScalarStyle::Literal | ScalarStyle::Folded),
                anchor,
                tag,
            ) if at_end && text.ends_with('\n') => {
                let kept = text.strip_suffix('\n').unwrap_or_default().to_owned();
                Event::Scalar(kept.into(), style, anchor, tag)
            }
            other => other,
        }
    }

    fn node(&mut self, first: Event<'a>) -> Result<Value, Failure> {
        let (value, anchor) = match first {
            Event::Alias(anchor) => {
                let value = self.anchors.get(&anchor).cloned().ok_or_else(|| {
                    Failure::refused("an alias stands inside of what it is to repeat")
                })?;
                self.budget.spend(value.weight())?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                (scalar(&text, style, tag.as_deref())?, anchor)
            }
            Event::SequenceStart(_, anchor, tag) => {
                expect_tag(tag.as_deref(), "seq")?;
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        Event::SequenceEnd => break,
                        item => items.push(self.node(item)?),
                    }
                }
                (Value::tuple(items), anchor)
            }
            Event::MappingStart(_, anchor, tag) => {
                expect_tag(tag.as_deref(), "map")?;
                (self.mapping()?, anchor)
            }
            _ => return Err(Failure::refused("the text is no YAML")),
        };
        if value.depth() > MAX_DEPTH {
            return Err(Failure::bound("YAML is nested too deep"));
        }
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        Ok(value)
    }

    /// Reads entries; of two equal keys the later wins, one that is merged in (`<<`) included.
    fn mapping(&mut self) -> Result<Value, Failure> {
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        loop {
            let first = match self.next()? {
                Event::MappingEnd => return Ok(Value::Object(entries.into())),
                first => first,
            };
            // An anchor of a key names nothing.
            let Event::Scalar(text, style, _, tag) = first else {
                return Err(Failure::refused("a key is no scalar"));
            };
            let merges = text == "<<" && tag.is_none();
            let key = scalar(&text, style, tag.as_deref())?;
            let item = self.next()?;
            let item = self.node(item)?;
            match (merges, item) {
                (true, Value::Object(merged)) => {
                    entries.extend(
                        merged
                            .iter()
                            .map(|(key, value)| (key.clone(), value.clone())),
                    );
                }
                (true, _) => return Err(Failure::refused("only a mapping can be merged in")),
                (false, item) => match convert(&key, &Type::String)? {
                    Value::String(key) => {
                        entries.insert(key, item);
                    }
                    _ => return Err(Failure::refused("a key is null")),
                },
            }
        }
    }
}

fn expect_tag(tag: Option<&Tag>, name: &str) -> Result<(), Failure> {
    match tag.map(|tag| tag.suffix_in_namespace(NAMESPACE)) {
        None => Ok(()),
        Some(Some(found)) if found == name => Ok(()),
        Some(_) => Err(Failure::refused("a tag doesn't fit")),
    }
}

/// What a scalar comes to. What it looks like counts before its tag (`!!int yes` is true), but for a quoted
/// one, which is a text.
fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, Failure> {
    let unfit = || Failure::refused("a scalar doesn't fit its tag");
    let tag = match tag {
        None => None,
        Some(tag) => Some(tag.suffix_in_namespace(NAMESPACE).ok_or_else(unfit)?),
    };
    let tag = tag.as_deref();
    let is_plain = style == ScalarStyle::Plain;
    let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
    let is_quoted = !is_plain && !is_block;
    match tag {
        None if is_quoted => return Ok(text.into()),
        Some("str") => return Ok(text.into()),
        Some("binary") => return decode(text).map(|_| text.into()),
        None | Some("null" | "bool" | "int" | "float" | "timestamp") => {}
        Some(_) => return Err(unfit()),
    }
    if is_quoted && is_promising(text) {
        return Ok(text.into());
    }
    match (word_or_number(text)?, tag) {
        // Terraform takes a block for what it looks like, and makes a text of that.
        (Some(value), None) if is_block => convert(&value, &Type::String),
        (Some(value), _) => Ok(value),
        (None, None) if matches!(text, ".nan" | ".NaN" | ".NAN") => {
            Err(Failure::refused("there is no number that is none"))
        }
        (None, None) => Ok(timestamp(text).map_or_else(|| text.into(), Value::from)),
        (None, Some("null")) => Ok(Value::null()),
        (None, Some("int" | "float")) => tagged_number(text)?.ok_or_else(unfit),
        (None, Some("timestamp")) => timestamp(text).map(Value::from).ok_or_else(unfit),
        (None, Some(_)) => Err(unfit()),
    }
}

/// Whether a text begins like a word or a number: Terraform looks no closer at others.
fn is_promising(text: &str) -> bool {
    text.is_empty() || text.starts_with(|first| "+-.0123456789yYnNtTfFoO~".contains(first))
}

fn word_or_number(text: &str) -> Result<Option<Value>, Failure> {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Some(Value::null()));
    }
    if let Some(value) = bool_of(text) {
        return Ok(Some(value.into()));
    }
    number(text)
}

fn number(text: &str) -> Result<Option<Value>, Failure> {
    match integer(text)? {
        Some(number) => Ok(Some(number)),
        None => float(text),
    }
}

/// A number that needs its tag to be one: with `_` in it, of base 2, of another base with a sign.
fn tagged_number(text: &str) -> Result<Option<Value>, Failure> {
    let text = text.replace('_', "").to_ascii_lowercase();
    if let Some(number) = number(&text)? {
        return Ok(Some(number));
    }
    let (sign, unsigned) = match text.strip_prefix(['+', '-']) {
        Some(rest) if text.starts_with('-') => ("-", rest),
        Some(rest) => ("", rest),
        None => ("", text.as_str()),
    };
    let bases = [("0b", 2), ("0o", 8), ("0x", 16)];
    let digits = bases.iter().find_map(|(prefix, radix)| {
        let digits = unsigned.strip_prefix(prefix)?;
        Some((digits, *radix)).filter(|_| !digits.starts_with(['+', '-']))
    });
    let number = digits
        .and_then(|(digits, radix)| i128::from_str_radix(&format!("{sign}{digits}"), radix).ok());
    let fits = |number: &i128| (i64::MIN.into()..=u64::MAX.into()).contains(number);
    Ok(number
        .filter(fits)
        .map(|number| Number::from_integer(&number.into()).into()))
}

fn bool_of(text: &str) -> Option<bool> {
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            Some(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            Some(false)
        }
        _ => None,
    }
}

/// A whole number of base 10, or without a sign of base 8 (`0o`) or 16 (`0x`).
fn integer(text: &str) -> Result<Option<Value>, Failure> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        let Some(digits) = text.strip_prefix(prefix) else {
            continue;
        };
        if digits.is_empty() || !digits.chars().all(|digit| digit.is_digit(radix)) {
            return Ok(None);
        }
        return match u64::from_str_radix(digits, radix) {
            Ok(number) => Ok(Some(Number::from_integer(&number.into()).into())),
            Err(_) => Err(Failure::refused("a number is too large")),
        };
    }
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    Ok(Number::parse(text)?.map(Value::from))
}

fn float(text: &str) -> Result<Option<Value>, Failure> {
    let (sign, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => {
            return Ok(Number::from_float(sign * f64::INFINITY).map(Value::from));
        }
        _ => {}
    }
    if unsigned.contains(['p', 'P'])
        || !unsigned.starts_with(|c: char| c == '.' || c.is_ascii_digit())
    {
        return Ok(None);
    }
    Ok(Number::parse(text)?.map(Value::from))
}

/// The time that the text is, as RFC 3339 writes it.
fn timestamp(text: &str) -> Option<String> {
    let date_end = text.find(['T', 't', ' ']).unwrap_or(text.len());
    let (date, rest) = text.split_at_checked(date_end)?;
    let mut parts = date.split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |text: &str, most: usize| {
        (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    if year.len() != 4 || !digits(year, 4) || !digits(month, 2) || !digits(day, 2) {
        return None;
    }
    if parts.next().is_some() {
        return None;
    }
    let date = NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)?;
    let Some(separator) = rest.chars().next() else {
        return Some(format!("{}T00:00:00Z", date.format("%Y-%m-%d")));
    };
    let rest = rest.get(1..)?;
    let zone_at = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone_at)?;
    // With a space before it a time has no zone, with a letter it must have one.
    if (separator == ' ') != zone.is_empty() {
        return None;
    }
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let mut parts = seconds.split(':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    if !digits(hour, 2) || !digits(minute, 2) || !digits(second, 2) || !digits(fraction, 9) {
        return None;
    }
    if parts.next().is_some() {
        return None;
    }
    let time = NaiveTime::from_hms_opt(
        hour.parse().ok()?,
        minute.parse().ok()?,
        second.parse().ok()?,
    )?;
    let written = NaiveDateTime::new(date, time).format("%Y-%m-%dT%H:%M:%S");
    Some(format!("{written}{}", offset(zone)?))
}

/// The zone as RFC 3339 writes it.
fn offset(zone: &str) -> Option<&str> {
    if matches!(zone, "" | "Z" | "+00:00" | "-00:00") {
        return Some("Z");
    }
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    let two = |text: &str, below: u32| {
        text.len() == 2
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && text.parse::<u32>().is_ok_and(|number| number < below)
    };
    (two(hours, 24) && two(minutes, 60)).then_some(zone)
}
