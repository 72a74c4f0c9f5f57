//! Exit codes, which are part of the command-line contract: scripts depend on them.

use std::process::ExitCode;

use crate::actions::limits::OverLimit;
use crate::actions::what_if::WhatIfError;
use crate::error::{Failure, FailureKind, SIGNALLED};
use crate::store::StoreError;

/// Failed: the error says what, why and what to do.
pub const FAILED: u8 = 1;
/// `plan --detailed-exitcode`: the plan has changes.
pub(crate) const HAS_CHANGES: u8 = 2;
/// `render --detailed-exitcode`: a build would be refused.
pub(crate) const BUILD_REFUSED: u8 = 2;
/// Some presets or workspaces succeeded, others failed.
pub(crate) const PARTIAL: u8 = 3;
/// `claim`: there is no claimable prebuilt workspace.
pub(crate) const NOTHING_TO_CLAIM: u8 = 4;
/// `wait`: the pools are not full in time.
pub(crate) const NOT_READY: u8 = 4;
/// Another process holds the lock: `cleanup`, `reset-limit`, and `reconcile-once --fail-if-locked`.
pub(crate) const LOCKED: u8 = 5;
/// Refused; nothing was changed.
pub const REFUSED: u8 = 6;
/// A mistake on the command line.
pub const USAGE: u8 = 64;

/// The exit code for an error.
pub fn exit_code(error: &anyhow::Error) -> ExitCode {
    for cause in error.chain() {
        if let Some(failure) = cause.downcast_ref::<Failure>() {
            return ExitCode::from(match failure.kind {
                FailureKind::Usage => USAGE,
                FailureKind::Refused => REFUSED,
                FailureKind::Locked => LOCKED,
                FailureKind::Signal(number) => SIGNALLED + number,
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
        // To change a thing in two ways is a mistake, whatever the database contains.
        if let Some(WhatIfError::Twice { .. }) = cause.downcast_ref() {
            return ExitCode::from(USAGE);
        }
    }
    ExitCode::from(FAILED)
}
