//! Failures as people read them: what failed, why, and what to do about it.

use thiserror::Error;

use crate::store::StoreError;

/// Ended by a signal; its number is added: 130 for SIGINT, 143 for SIGTERM.
pub(crate) const SIGNALLED: u8 = 128;

/// A failure that no other module has a type for.
#[derive(Debug, Error)]
#[error("{message}")]
pub(crate) struct Failure {
    pub kind: FailureKind,
    message: String,
    /// What to do about it, where the message doesn't say so.
    hint: Option<&'static str>,
}

/// What a failure means to scripts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// A mistake on the command line that only shows later.
    Usage,
    /// Nothing was done, for safety.
    Refused,
    /// Nothing was done, since another process holds the lock.
    Locked,
    /// The signal of this number ended the command.
    Signal(u8),
}

impl Failure {
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self::new(FailureKind::Usage, message.into())
    }

    pub(crate) fn refused(message: &str) -> Self {
        Self::new(FailureKind::Refused, format!("refused: {message}"))
    }

    pub(crate) fn locked(message: &str) -> Self {
        Self::new(FailureKind::Locked, message.to_owned())
    }

    pub(crate) fn signal(name: &str, number: u8) -> Self {
        let message = format!("ended by {name}; what was not committed is undone");
        Self::new(FailureKind::Signal(number), message)
    }

    fn new(kind: FailureKind, message: String) -> Self {
        Self {
            kind,
            message,
            hint: None,
        }
    }

    pub(crate) fn with_hint(mut self, hint: &'static str) -> Self {
        self.hint = Some(hint);
        self
    }
}

/// The error with its causes and what to do about it, a line each.
pub fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  caused by: {cause}"));
    }
    let hint = error.chain().find_map(|cause| {
        let store = cause.downcast_ref::<StoreError>();
        let failure = cause.downcast_ref::<Failure>();
        store
            .and_then(StoreError::hint)
            .or(failure.and_then(|failure| failure.hint))
    });
    if let Some(hint) = hint {
        text.push_str(&format!("\n  what to do: {hint}"));
    }
    text
}
