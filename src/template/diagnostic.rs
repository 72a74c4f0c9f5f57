//! Messages about a template, a parameter or a build, and why a build is refused.
//!
//! Invariant: a message quotes names of the template and values that people gave, but no value that
//! the template worked out: that may be made of a secret variable.

use std::fmt;

use super::evaluate::{Failure, FailureKind};

/// How bad it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Severity {
    /// The result may be less than people expect.
    Warning,
    /// No build can be made.
    Error,
}

/// Why no build can be made, or why nothing can be said about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reason {
    /// A required parameter has no value.
    Required,
    /// A value is not among the options.
    Option,
    /// A value breaks a rule or isn't of the parameter's type.
    Validation,
    /// An immutable parameter would change.
    Immutable,
    /// The template defines a parameter that can't be used, whatever its value.
    Definition,
    /// A value depends on what is not known before the build.
    Unknown,
    /// A tag has no value that a tag can have.
    Tag,
    /// The template as a whole can't be rendered.
    Template,
    /// The template does what this renderer can't do: only coderd can tell.
    Unsupported,
}

impl Reason {
    /// The word for it in documents.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::Option => "option",
            Self::Validation => "validation",
            Self::Immutable => "immutable",
            Self::Definition => "definition",
            Self::Unknown => "unknown",
            Self::Tag => "tag",
            Self::Template => "template",
            Self::Unsupported => "unsupported",
        }
    }
}

/// What a failure means for a render.
impl From<&Failure> for Reason {
    fn from(failure: &Failure) -> Self {
        match failure.kind {
            FailureKind::Refused => Self::Template,
            FailureKind::Unsupported | FailureKind::Bound => Self::Unsupported,
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something to tell people about a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Diagnostic {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about.
    pub reason: Reason,
    /// One sentence without a full stop.
    pub message: String,
    /// Where in the template.
    pub place: Option<Place>,
}

impl Diagnostic {
    /// An error.
    pub(super) fn error(
        reason: Reason,
        message: impl Into<String>,
        place: impl Into<Option<Place>>,
    ) -> Self {
        let (message, place) = (message.into(), place.into());
        Self {
            severity: Severity::Error,
            reason,
            message,
            place,
        }
    }

    /// What only coderd can do, as something is missing here.
    pub(crate) fn unsupported(message: impl Into<String>) -> Self {
        Self::error(Reason::Unsupported, message, None)
    }

    /// A warning.
    pub(super) fn warning(message: impl Into<String>, place: impl Into<Option<Place>>) -> Self {
        let (message, place) = (message.into(), place.into());
        Self {
            severity: Severity::Warning,
            reason: Reason::Template,
            message,
            place,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(f, "{} ({place})", self.message),
            None => f.write_str(&self.message),
        }
    }
}

/// A place in a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Path of the file in the archive.
    pub file: String,
    /// Line, from 1; none in a JSON file.
    pub line: Option<usize>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}", self.file),
            None => f.write_str(&self.file),
        }
    }
}
