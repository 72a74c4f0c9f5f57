//! The lines that a batch writes: what came of a request, as JSON.

use serde::Serialize;
use uuid::Uuid;

use crate::claim::outcome::{Answer, ClaimError, Refusal};

/// What came of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Status {
    Claimed,
    NoneClaimable,
    Error,
}

/// A line of output.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct AnswerLine {
    /// The key of the request, if it has one.
    pub key: Option<String>,
    pub status: Status,
    workspace_id: Option<Uuid>,
    /// Why nothing was claimed.
    message: Option<String>,
}

impl AnswerLine {
    pub(super) fn new(key: Option<String>, answer: &Answer) -> Self {
        match answer {
            Ok(claimed) => Self {
                key,
                status: Status::Claimed,
                workspace_id: Some(claimed.workspace_id),
                message: None,
            },
            Err(ClaimError::Refused(Refusal::NoneClaimable(reason))) => Self {
                status: Status::NoneClaimable,
                ..Self::error(key, reason.to_string())
            },
            Err(ClaimError::Store(error)) => Self::error(key, error.in_one_line()),
            Err(error) => Self::error(key, error.to_string()),
        }
    }

    pub(super) fn error(key: Option<String>, message: String) -> Self {
        Self {
            key,
            status: Status::Error,
            workspace_id: None,
            message: Some(message),
        }
    }
}
