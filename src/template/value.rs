//! The values of Terraform's language: what an expression may come to.
//!
//! Invariant: a collection knows how large and how deep it is without being walked, and none is
//! deeper than [`MAX_DEPTH`], so that no work on a value can exhaust the stack.
mod collection;
mod constraint;
mod convert;
mod json;
mod number;
mod order;
mod tag;
mod types;
mod unify;

pub(super) use collection::{Entries, Items};
pub(super) use constraint::Constraint;
pub(super) use convert::convert;
pub(super) use json::{parse_json, to_json};
pub(super) use number::Number;
pub(crate) use order::equal;
pub(crate) use types::Type;
pub(crate) use unify::unified;

use std::sync::Arc;

use unicode_normalization::{UnicodeNormalization, is_nfc};

/// The levels a value may be nested. Terraform knows no limit; real templates need fewer than ten.
pub(super) const MAX_DEPTH: u32 = 100;

/// A value, cheap to clone.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    /// No value, of a type; a bare `null` has [`Type::Any`].
    Null(Type),
    /// A value of that type which a build will know, but a render doesn't.
    Unknown(Type),
    /// `true` or `false`.
    Bool(bool),
    /// A number of at most 512 bits.
    Number(Number),
    /// Text.
    String(Arc<str>),
    /// Elements of one type, in order.
    List(Type, Items),
    /// Different elements of one type, in the order in which Terraform goes through a set.
    Set(Type, Items),
    /// Elements of one type, by key.
    Map(Type, Entries),
    /// Elements each of its own type.
    Tuple(Items),
    /// Attributes each of its own type.
    Object(Entries),
    /// A value that Terraform doesn't show; never holds another of its kind directly.
    Sensitive(Arc<Self>),
}

impl Value {
    /// A bare `null`.
    pub(crate) const fn null() -> Self {
        Self::Null(Type::Any)
    }

    /// A value of which nothing is known, not even its type.
    pub(crate) const fn unknown() -> Self {
        Self::Unknown(Type::Any)
    }

    /// A text. Terraform: text is always in Unicode's normal form C.
    pub(crate) fn text(text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        Self::String(if is_nfc(&text) {
            text
        } else {
            text.nfc().collect::<String>().into()
        })
    }

    /// An object of those attributes; a later one of the same name wins.
    pub(crate) fn object<K: Into<Arc<str>>>(
        attributes: impl IntoIterator<Item = (K, Self)>,
    ) -> Self {
        Self::Object(
            attributes
                .into_iter()
                .map(|(name, value)| (name.into(), value))
                .collect(),
        )
    }

    /// A tuple of those elements.
    pub(crate) fn tuple(elements: impl IntoIterator<Item = Self>) -> Self {
        Self::Tuple(elements.into_iter().collect())
    }

    /// The same value, sensitive.
    #[must_use]
    pub(crate) fn sensitive(self) -> Self {
        match self {
            Self::Sensitive(_) => self,
            plain => Self::Sensitive(Arc::new(plain)),
        }
    }

    /// The value without its own sensitive mark, and whether it had one.
    pub(crate) fn reveal(&self) -> (&Self, bool) {
        match self {
            Self::Sensitive(inner) => (inner, true),
            plain => (plain, false),
        }
    }

    /// Whether the value itself is null.
    pub(crate) fn is_null(&self) -> bool {
        matches!(self.reveal().0, Self::Null(_))
    }

    /// Whether the value itself is known; its elements may still be unknown.
    pub(crate) fn is_known(&self) -> bool {
        !matches!(self.reveal().0, Self::Unknown(_))
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::text(value)
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::text(value)
    }
}

impl From<Number> for Value {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}
