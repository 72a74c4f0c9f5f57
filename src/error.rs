//! How a command ends when it does not simply succeed: exit codes, and errors as people read them.
//!
//! The codes are part of the command-line contract; scripts depend on them.

use std::process::ExitCode;

use thiserror::Error;

use crate::actions::limits::OverLimit;
use crate::store::StoreError;

/// Failed: the error says what, why and what to do.
pub const FAILED: u8 = 1;
/// `plan --detailed-exitcode`: the plan has changes.
pub(crate) const HAS_CHANGES: u8 = 2;
/// Some presets were reconciled, others failed.
pub(crate) const PARTIAL: u8 = 3;
/// There is no claimable prebuilt workspace.
pub(crate) const NOTHING_TO_CLAIM: u8 = 4;
/// `--fail-if-locked`: another process holds the lock.
pub(crate) const LOCKED: u8 = 5;
/// Refused; nothing was changed.
pub const REFUSED: u8 = 6;
/// Wrong use of the command line.
pub const USAGE: u8 = 64;
/// Ended by SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;
/// Ended by SIGTERM.
pub(crate) const TERMINATED: u8 = 143;

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
        /// Exit code for it.
        code: u8,
    },
}

/// The exit code for an error.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return ExitCode::from(match failure {
                Failure::Usage(_) => USAGE,
                Failure::Refused(_) => REFUSED,
                Failure::Signal { code, .. } => *code,
            });
        }
        if let Some(error) = cause.downcast_ref::<StoreError>() {
            return ExitCode::from(match error {
                StoreError::Url { .. } => USAGE,
                StoreError::Refused { .. } => REFUSED,
                _ => FAILED,
            });
        }
        if cause.downcast_ref::<OverLimit>().is_some() {
            return ExitCode::from(REFUSED);
        }
    }
    ExitCode::from(FAILED)
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
