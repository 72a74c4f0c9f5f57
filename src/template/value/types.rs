//! Types of Terraform's language, as values have them and as functions and variables ask for them.

use std::collections::BTreeMap;
use std::fmt;
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
    List(Arc<Self>),
    /// `set(...)`
    Set(Arc<Self>),
    /// `map(...)`
    Map(Arc<Self>),
    /// `tuple([...])`
    Tuple(Arc<[Self]>),
    /// `object({...})`
    Object(Arc<BTreeMap<Arc<str>, Self>>),
}

impl Type {
    /// A list of that type.
    pub(crate) fn list(element: Self) -> Self {
        Self::List(Arc::new(element))
    }

    /// A set of that type.
    pub(crate) fn set(element: Self) -> Self {
        Self::Set(Arc::new(element))
    }

    /// A map of that type.
    pub(crate) fn map(element: Self) -> Self {
        Self::Map(Arc::new(element))
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
            Self::List(element) => write!(formatter, "list of {element}"),
            Self::Set(element) => write!(formatter, "set of {element}"),
            Self::Map(element) => write!(formatter, "map of {element}"),
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
                Type::Object(Arc::new(attributes.collect()))
            }
            Self::Sensitive(inner) => inner.type_of(),
        }
    }
}
