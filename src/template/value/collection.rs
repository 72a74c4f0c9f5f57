//! The containers of a value: shared, never changed, and measured once when they are made.

use std::collections::BTreeMap;
use std::ops::Deref;
use std::sync::Arc;

use super::{Type, Value};

/// What is to be known of a value without a walk through it: values may share parts, so that a walk
/// can take far longer than they are large.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measure {
    /// Values inside, long texts counted for more than one; saturates.
    weight: u64,
    /// Containers on the longest way down, this one included.
    depth: u32,
    /// Whether every part is known.
    known: bool,
    /// Whether any part is sensitive.
    sensitive: bool,
}

impl Measure {
    fn of<'a>(values: impl Iterator<Item = &'a Value>) -> Self {
        let start = Self {
            weight: 1,
            depth: 1,
            known: true,
            sensitive: false,
        };
        values.fold(start, |sum, value| Self {
            weight: sum.weight.saturating_add(value.weight()),
            depth: sum.depth.max(value.depth().saturating_add(1)),
            known: sum.known && value.is_wholly_known(),
            sensitive: sum.sensitive || value.has_sensitive(),
        })
    }
}

#[derive(Debug)]
struct Measured<T> {
    content: T,
    measure: Measure,
}

impl<T: PartialEq> Measured<T> {
    /// Whether both have the same content; what is shared is not walked through.
    fn same(left: &Arc<Self>, right: &Arc<Self>) -> bool {
        Arc::ptr_eq(left, right) || (left.measure == right.measure && left.content == right.content)
    }
}

impl PartialEq for Items {
    fn eq(&self, other: &Self) -> bool {
        Measured::same(&self.0, &other.0)
    }
}

impl PartialEq for Entries {
    fn eq(&self, other: &Self) -> bool {
        Measured::same(&self.0, &other.0)
    }
}

/// The elements of a list, a set or a tuple.
#[derive(Debug, Clone)]
pub(crate) struct Items(Arc<Measured<Vec<Value>>>);

impl FromIterator<Value> for Items {
    fn from_iter<I: IntoIterator<Item = Value>>(values: I) -> Self {
        values.into_iter().collect::<Vec<_>>().into()
    }
}

impl From<Vec<Value>> for Items {
    fn from(content: Vec<Value>) -> Self {
        let measure = Measure::of(content.iter());
        Self(Arc::new(Measured { content, measure }))
    }
}

impl Deref for Items {
    type Target = [Value];

    fn deref(&self) -> &[Value] {
        &self.0.content
    }
}

/// The elements of a map or the attributes of an object, in the order of their keys' bytes.
#[derive(Debug, Clone)]
pub(crate) struct Entries(Arc<Measured<BTreeMap<Arc<str>, Value>>>);

impl FromIterator<(Arc<str>, Value)> for Entries {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Value)>>(entries: I) -> Self {
        entries.into_iter().collect::<BTreeMap<_, _>>().into()
    }
}

impl From<BTreeMap<Arc<str>, Value>> for Entries {
    fn from(content: BTreeMap<Arc<str>, Value>) -> Self {
        let measure = Measure::of(content.values());
        Self(Arc::new(Measured { content, measure }))
    }
}

impl Deref for Entries {
    type Target = BTreeMap<Arc<str>, Value>;

    fn deref(&self) -> &Self::Target {
        &self.0.content
    }
}

/// Bytes of text that count as much as one value.
const TEXT_UNIT: usize = 32;

/// Bits of a number that count as much as one value.
const NUMBER_UNIT: u64 = 128;

impl Value {
    fn measure(&self) -> Option<&Measure> {
        match self {
            Self::List(_, items) | Self::Set(_, items) | Self::Tuple(items) => {
                Some(&items.0.measure)
            }
            Self::Map(_, entries) | Self::Object(entries) => Some(&entries.0.measure),
            Self::Sensitive(inner) => inner.measure(),
            Self::Null(_) | Self::Unknown(_) | Self::Bool(_) => None,
            Self::Number(_) | Self::String(_) => None,
        }
    }

    /// The type that the value carries along, beside what it holds.
    fn carried(&self) -> Option<&Type> {
        match self.reveal().0 {
            Self::Null(kind) | Self::Unknown(kind) => Some(kind),
            Self::List(kind, _) | Self::Set(kind, _) | Self::Map(kind, _) => Some(kind),
            _ => None,
        }
    }

    /// How much work it is to walk through the whole value and its type, in values and types;
    /// shared parts count each time they are met.
    pub(crate) fn weight(&self) -> u64 {
        let held = match self.reveal().0 {
            Self::String(text) => 1 + (text.len() / TEXT_UNIT) as u64,
            Self::Number(number) => 1 + number.size() / NUMBER_UNIT,
            other => other.measure().map_or(0, |measure| measure.weight),
        };
        let carried = self.carried().map_or(0, Type::weight);
        held.saturating_add(carried).max(1)
    }

    /// How many containers, or types of them, lie inside one another, this one included.
    pub(crate) fn depth(&self) -> u32 {
        let held = self.measure().map_or(0, |measure| measure.depth);
        held.max(self.carried().map_or(0, Type::depth))
    }

    /// Whether every part of the value is known.
    pub(crate) fn is_wholly_known(&self) -> bool {
        self.is_known() && self.measure().is_none_or(|measure| measure.known)
    }

    /// Whether the value or any part of it is sensitive.
    pub(crate) fn has_sensitive(&self) -> bool {
        self.reveal().1 || self.measure().is_some_and(|measure| measure.sensitive)
    }
}
