//! Types of Terraform's language, as values have them and as functions and variables ask for them.
//!
//! Invariant: a type knows how large and how deep it is without being walked. A value of few parts,
//! an unknown one for example, can have a type of very many.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use super::Value;

/// A type, cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Type {
    /// Not known, or any.
    Any,
    /// `bool`
    Bool,
    /// `number`
    Number,
    /// `string`
    String,
    /// `list(...)`
    List(Inner<Self>),
    /// `set(...)`
    Set(Inner<Self>),
    /// `map(...)`
    Map(Inner<Self>),
    /// `tuple([...])`
    Tuple(Inner<Vec<Self>>),
    /// `object({...})`
    Object(Inner<BTreeMap<Arc<str>, Self>>),
}

/// The types inside a type: shared, never changed, and measured once when they are put there.
#[derive(Debug)]
pub(crate) struct Inner<T>(Arc<Measured<T>>);

#[derive(Debug)]
struct Measured<T> {
    types: T,
    measure: Measure,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Measure {
    /// The types inside and one more; those that are shared count each time they are met. Saturates.
    weight: u64,
    /// The types on the longest way down, this one included.
    depth: u32,
}

impl Measure {
    const PLAIN: Self = Self {
        weight: 1,
        depth: 0,
    };

    fn of<'a>(types: impl Iterator<Item = &'a Type>) -> Self {
        let start = Self {
            weight: 1,
            depth: 1,
        };
        types.map(Type::measure).fold(start, |sum, one| Self {
            weight: sum.weight.saturating_add(one.weight),
            depth: sum.depth.max(one.depth.saturating_add(1)),
        })
    }
}

impl<T> Inner<T> {
    fn new(types: T, measure: Measure) -> Self {
        Self(Arc::new(Measured { types, measure }))
    }
}

impl From<Type> for Inner<Type> {
    fn from(element: Type) -> Self {
        let measure = Measure::of([&element].into_iter());
        Self::new(element, measure)
    }
}

impl FromIterator<Type> for Inner<Vec<Type>> {
    fn from_iter<I: IntoIterator<Item = Type>>(elements: I) -> Self {
        let elements: Vec<Type> = elements.into_iter().collect();
        let measure = Measure::of(elements.iter());
        Self::new(elements, measure)
    }
}

impl FromIterator<(Arc<str>, Type)> for Inner<BTreeMap<Arc<str>, Type>> {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Type)>>(attributes: I) -> Self {
        let attributes: BTreeMap<Arc<str>, Type> = attributes.into_iter().collect();
        let measure = Measure::of(attributes.values());
        Self::new(attributes, measure)
    }
}

impl<T> Clone for Inner<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Deref for Inner<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0.types
    }
}

/// Equal in content; what is shared is not walked through.
impl<T: PartialEq> PartialEq for Inner<T> {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
            || (self.0.measure == other.0.measure && self.0.types == other.0.types)
    }
}

impl<T: Eq> Eq for Inner<T> {}

impl Type {
    /// A list of that type.
    pub(crate) fn list(element: Self) -> Self {
        Self::List(element.into())
    }

    /// A set of that type.
    pub(crate) fn set(element: Self) -> Self {
        Self::Set(element.into())
    }

    /// A map of that type.
    pub(crate) fn map(element: Self) -> Self {
        Self::Map(element.into())
    }

    /// Whether nothing is known of the type.
    pub(crate) const fn is_any(&self) -> bool {
        matches!(self, Self::Any)
    }

    /// Whether any part of the type is [`Type::Any`].
    pub(crate) fn has_any(&self) -> bool {
        match self {
            Self::Any => true,
            Self::Bool | Self::Number | Self::String => false,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.has_any(),
            Self::Tuple(elements) => elements.iter().any(Self::has_any),
            Self::Object(attributes) => attributes.values().any(Self::has_any),
        }
    }

    fn measure(&self) -> Measure {
        match self {
            Self::Any | Self::Bool | Self::Number | Self::String => Measure::PLAIN,
            Self::List(element) | Self::Set(element) | Self::Map(element) => element.0.measure,
            Self::Tuple(elements) => elements.0.measure,
            Self::Object(attributes) => attributes.0.measure,
        }
    }

    /// How much work it is to walk through the whole type, in types.
    pub(super) fn weight(&self) -> u64 {
        self.measure().weight
    }

    /// How many types lie inside one another, 0 for a plain one.
    pub(super) fn depth(&self) -> u32 {
        self.measure().depth
    }

    /// The type of the elements of a list, set or map.
    pub(crate) fn element(&self) -> Option<&Self> {
        match self {
            Self::List(element) | Self::Set(element) | Self::Map(element) => Some(element),
            _ => None,
        }
    }
}

/// The type in words: `list of string`.
impl fmt::Display for Type {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Any => formatter.write_str("any"),
            Self::Bool => formatter.write_str("bool"),
            Self::Number => formatter.write_str("number"),
            Self::String => formatter.write_str("string"),
            Self::List(element) => write!(formatter, "list of {}", **element),
            Self::Set(element) => write!(formatter, "set of {}", **element),
            Self::Map(element) => write!(formatter, "map of {}", **element),
            Self::Tuple(_) => formatter.write_str("tuple"),
            Self::Object(_) => formatter.write_str("object"),
        }
    }
}

impl Value {
    /// What kind of value it is, for messages: its type in words, found without a walk.
    pub(crate) fn kind(&self) -> String {
        match self.reveal().0 {
            Self::Tuple(_) => String::from("tuple"),
            Self::Object(_) => String::from("object"),
            other => other.type_of().to_string(),
        }
    }

    /// The type of the value. That is a walk through all of it.
    pub(crate) fn type_of(&self) -> Type {
        match self {
            Self::Null(known) | Self::Unknown(known) => known.clone(),
            Self::Bool(_) => Type::Bool,
            Self::Number(_) => Type::Number,
            Self::String(_) => Type::String,
            Self::List(element, _) => Type::list(element.clone()),
            Self::Set(element, _) => Type::set(element.clone()),
            Self::Map(element, _) => Type::map(element.clone()),
            Self::Tuple(items) => Type::Tuple(items.iter().map(Self::type_of).collect()),
            Self::Object(entries) => {
                let attributes = entries
                    .iter()
                    .map(|(name, value)| (name.clone(), value.type_of()));
                Type::Object(attributes.collect())
            }
            Self::Sensitive(inner) => inner.type_of(),
        }
    }
}
