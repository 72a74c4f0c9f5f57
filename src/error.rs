//! Failures as people read them: what failed, why, and what to do about it.

use thiserror::Error;

use crate::store::StoreError;

/// Failures that no other module has a type for.
#[derive(Debug, Error)]
pub(crate) enum Failure {
    /// A mistake on the command line that only shows later.
    #[error("{0}")]
    Usage(String),
    /// Nothing was done, for safety.
    #[error("refused: {0}")]
    Refused(String),
    /// A signal ended the command.
    #[error("ended by {name}; what was not committed is undone")]
    Signal {
        /// Name of the signal.
        name: &'static str,
        /// Number of the signal.
        number: u8,
    },
}

/// The error with its causes and what to do about it, a line each.
pub fn explain(error: &anyhow::Error) -> String {
    let mut text = error.to_string();
    for cause in error.chain().skip(1) {
        text.push_str(&format!("\n  caused by: {cause}"));
    }
    let hint = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<StoreError>()?.hint());
    if let Some(hint) = hint {
        text.push_str(&format!("\n  what to do: {hint}"));
    }
    text
}
