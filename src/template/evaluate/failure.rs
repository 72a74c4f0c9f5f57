//! Why an expression has no value.

use std::fmt;
use std::ops::Range;

/// What kind of failure it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// coderd refuses it as well; `try` and `can` go on after it.
    Refused,
    /// coderd can do it, this renderer can't: the outcome is not known.
    Unsupported,
    /// A bound of the renderer is exceeded: the outcome is not known.
    Bound,
}

/// Why an expression has no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct Failure {
    /// What kind of failure it is.
    pub kind: FailureKind,
    /// What failed, a fragment in plain English.
    pub message: String,
    /// Where, in bytes of the text that the expression was parsed from; the innermost known place.
    pub span: Option<Range<usize>>,
}

impl Failure {
    fn new(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            span: None,
        }
    }

    /// coderd refuses this too.
    pub(crate) fn refused(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Refused, message.into())
    }

    /// Something that coderd can do and this renderer can't; the name of the thing.
    pub(crate) fn unsupported(thing: impl fmt::Display) -> Self {
        Self::new(
            FailureKind::Unsupported,
            format!("{thing} is not supported"),
        )
    }

    /// A bound is exceeded.
    pub(crate) fn bound(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Bound, message.into())
    }

    /// The same failure at that place, unless a closer one is known.
    #[must_use]
    pub(crate) fn at(mut self, span: Option<Range<usize>>) -> Self {
        self.span = self.span.or(span);
        self
    }
}
