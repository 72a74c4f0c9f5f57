//! Equality, and the order of sets.
//!
//! Invariant: two values are only called equal or different if they stay so whatever their unknown
//! parts turn out to be.

use std::cmp::Ordering;
use std::fmt::Write;

use super::{Type, Value};

/// Whether two values are equal; none where that depends on what is unknown. Both are without
/// sensitive marks. Terraform: values of different types are never equal, nulls always.
pub(crate) fn equal(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Null(_), Value::Null(_)) => Some(true),
        (Value::Sensitive(inner), other) | (other, Value::Sensitive(inner)) => equal(inner, other),
        _ => alike(left, right),
    }
}

/// Whether two parts of values are equal: here nulls of different types aren't.
fn alike(left: &Value, right: &Value) -> Option<bool> {
    match (left, right) {
        (Value::Sensitive(inner), other) | (other, Value::Sensitive(inner)) => alike(inner, other),
        (Value::Unknown(known), other) | (other, Value::Unknown(known)) => {
            let type_of = other.type_of();
            let open = other.is_null() || known.has_any() || type_of.has_any();
            if open || *known == type_of {
                None
            } else {
                Some(false)
            }
        }
        (Value::Null(left), Value::Null(right)) => Some(left == right),
        (Value::Null(_), _) | (_, Value::Null(_)) => Some(false),
        (Value::Bool(left), Value::Bool(right)) => Some(left == right),
        (Value::Number(left), Value::Number(right)) => Some(left == right),
        (Value::String(left), Value::String(right)) => Some(left == right),
        (Value::List(left_type, left), Value::List(right_type, right))
        | (Value::Set(left_type, left), Value::Set(right_type, right)) => {
            if left_type != right_type && !left_type.has_any() && !right_type.has_any() {
                return Some(false);
            }
            sequences(left, right)
        }
        (Value::Tuple(_), Value::Tuple(_)) if is_open(left) || is_open(right) => None,
        (Value::Tuple(left), Value::Tuple(right)) => sequences(left, right),
        (Value::Map(left_type, left), Value::Map(right_type, right)) => {
            if left_type != right_type && !left_type.has_any() && !right_type.has_any() {
                return Some(false);
            }
            if left.len() != right.len() || !left.keys().eq(right.keys()) {
                return Some(false);
            }
            all(left.values().zip(right.values()))
        }
        (Value::Object(first), Value::Object(second)) => {
            if first.len() != second.len() || !first.keys().eq(second.keys()) {
                return Some(false);
            }
            if is_open(left) || is_open(right) {
                return None;
            }
            all(first.values().zip(second.values()))
        }
        _ => Some(false),
    }
}

/// Whether a part of the value is unknown even by its type.
fn is_open(value: &Value) -> bool {
    match value {
        Value::Unknown(known) => known.has_any(),
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
            items.iter().any(is_open)
        }
        Value::Map(_, entries) | Value::Object(entries) => entries.values().any(is_open),
        _ => false,
    }
}

fn sequences(left: &[Value], right: &[Value]) -> Option<bool> {
    if left.len() != right.len() {
        return Some(false);
    }
    all(left.iter().zip(right))
}

/// Goes through the pairs in order: the first that isn't known settles it, as coderd has it.
fn all<'a>(pairs: impl Iterator<Item = (&'a Value, &'a Value)>) -> Option<bool> {
    for (left, right) in pairs {
        if !alike(left, right)? {
            return Some(false);
        }
    }
    Some(true)
}

/// The order in which Terraform goes through the elements of a set: plain ones by value, others by
/// a text of all that is in them; null last.
pub(super) fn in_sets(left: &Value, right: &Value) -> Ordering {
    match (left, right) {
        (Value::Null(_), Value::Null(_)) => Ordering::Equal,
        (Value::Null(_), _) => Ordering::Greater,
        (_, Value::Null(_)) => Ordering::Less,
        (Value::Bool(left), Value::Bool(right)) => left.cmp(right),
        (Value::Number(left), Value::Number(right)) => left.cmp(right),
        (Value::String(left), Value::String(right)) => left.cmp(right),
        _ => {
            let text = |value| {
                let mut text = String::new();
                write_mark(value, &mut text);
                text
            };
            text(left)
                .cmp(&text(right))
                .then_with(|| total(left, right))
        }
    }
}

/// Any order in which only equal values are equal, for those that the text doesn't tell apart.
fn total(left: &Value, right: &Value) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    format!("{left:?}").cmp(&format!("{right:?}"))
}

fn write_mark(value: &Value, text: &mut String) {
    let mut each = |open: char, items: &mut dyn Iterator<Item = (Option<&str>, &Value)>, close| {
        text.push(open);
        for (key, item) in items {
            if let Some(key) = key {
                write_quoted(key, text);
                text.push(':');
            }
            write_mark(item, text);
            text.push(';');
        }
        text.push(close);
    };
    match value {
        Value::Null(_) => text.push('~'),
        Value::Unknown(_) => text.push('?'),
        Value::Bool(value) => text.push(if *value { 'T' } else { 'F' }),
        Value::Number(value) => text.push_str(&value.to_general(10)),
        Value::String(value) => write_quoted(value, text),
        Value::List(_, items) | Value::Set(_, items) => {
            each('[', &mut items.iter().map(|item| (None, item)), ']');
        }
        Value::Tuple(items) => each('<', &mut items.iter().map(|item| (None, item)), '>'),
        Value::Map(_, entries) => {
            each(
                '{',
                &mut entries.iter().map(|(key, item)| (Some(&**key), item)),
                '}',
            );
        }
        Value::Object(entries) => each('<', &mut entries.values().map(|item| (None, item)), '>'),
        Value::Sensitive(inner) => write_mark(inner, text),
    }
}

/// Text in quotation marks as Go quotes it, near enough for an order.
fn write_quoted(value: &str, text: &mut String) {
    // Writing to a text can't fail.
    let _unfailing = write!(text, "{value:?}");
}

impl Value {
    /// The value without any sensitive mark.
    #[must_use]
    pub(crate) fn revealed(&self) -> Self {
        if !self.has_sensitive() {
            return self.clone();
        }
        let each = |items: &[Self]| items.iter().map(Self::revealed).collect();
        match self {
            Self::Sensitive(inner) => inner.revealed(),
            Self::List(element, items) => Self::List(element.clone(), each(items)),
            Self::Set(element, items) => Self::Set(element.clone(), each(items)),
            Self::Tuple(items) => Self::Tuple(each(items)),
            Self::Map(element, entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, item)| (key.clone(), item.revealed()));
                Self::Map(element.clone(), entries.collect())
            }
            Self::Object(entries) => {
                let entries = entries
                    .iter()
                    .map(|(key, item)| (key.clone(), item.revealed()));
                Self::Object(entries.collect())
            }
            plain => plain.clone(),
        }
    }
}

impl Type {
    /// Whether values of the type have parts.
    pub(crate) fn is_primitive(&self) -> bool {
        matches!(self, Self::Bool | Self::Number | Self::String)
    }
}
