//! What can come of a claim, in words that say what to do next.

use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::claim::request::Request;
use crate::model::names::AmbiguousName;
use crate::store::StoreError;

/// What came of a request.
pub(crate) type Answer = Result<Claimed, ClaimError>;

/// A workspace that was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Claimed {
    pub workspace_id: Uuid,
    /// Its new name.
    pub name: String,
    /// The preset that it was made from.
    pub preset_id: Uuid,
    /// The build that transfers it.
    pub build_id: Uuid,
    /// The job of that build.
    pub job_id: Uuid,
}

/// Why a request was not met.
#[derive(Debug, Error)]
pub(crate) enum ClaimError {
    #[error(transparent)]
    Refused(#[from] Refusal),
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session was lost while the claim was committed.
    #[error(
        "the connection was lost: {0}; the claim may have been made all the same: look for the \
         workspace, or ask for the same name again, which is refused if it was"
    )]
    Lost(String),
    /// The database could not be worked with.
    #[error("{0}; nothing was claimed")]
    Unavailable(String),
}

impl ClaimError {
    /// Whether the session may be of no more use.
    pub(super) fn is_connection_lost(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Store(error) => error.is_connection_lost(),
            Self::Lost(_) | Self::Unavailable(_) => true,
        }
    }
}

/// Why a request can't be met as it is. Nothing was changed. Names are as they were given, or full.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No mistake: another time the same request can be met.
    #[error(transparent)]
    NoneClaimable(#[from] Reason),
    #[error("there is no user {user:?}; give a user's id or name")]
    UnknownUser { user: String },
    #[error("user {user:?} is deleted")]
    DeletedUser { user: String },
    #[error("user {user:?} is suspended; activate the account first")]
    SuspendedUser { user: String },
    #[error(
        "user {user:?} is not a member of organization {organization:?}, which the template \
         belongs to; add the user to it first"
    )]
    NotAMember { user: String, organization: String },
    /// The new owner would be the old one.
    #[error("the prebuilds user owns every workspace that is not claimed; name a person")]
    PrebuildsUser,
    #[error("user {user:?} has a workspace {name:?} already; choose another name")]
    NameTaken { user: String, name: String },
    #[error(
        "user {user:?} is not logged in at {providers}, as the template requires: log in on Coder's page \
         for external authentication, or claim with --skip-external-auth, for builds without the user's token"
    )]
    NotLoggedIn {
        user: String,
        /// Ids of the external authentications, in words.
        providers: String,
    },
    #[error("there is no template {template:?}; {known}")]
    UnknownTemplate {
        template: String,
        /// The end of the sentence: similar names.
        known: String,
    },
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousName),
    #[error("template {template:?} is deleted")]
    DeletedTemplate { template: String },
    #[error("template {template:?} is deprecated: {message:?}")]
    DeprecatedTemplate {
        template: String,
        /// What the template's owner says.
        message: String,
    },
    #[error("a workspace of preset {preset:?} can't be claimed: {problem}")]
    Unbuildable { preset: String, problem: String },
}

impl Refusal {
    pub(super) fn name_taken(request: &Request) -> Self {
        Self::NameTaken {
            user: request.user.clone(),
            name: request.name.clone(),
        }
    }
}

impl ClaimError {
    /// Why the same request may be met in a while, if it may: there is a pool, and nothing in it is ready.
    pub(crate) fn may_pass(&self) -> bool {
        matches!(
            self,
            Self::Refused(Refusal::NoneClaimable(
                Reason::NoneRunning { .. } | Reason::NoneReady { .. } | Reason::Contended(_)
            ))
        )
    }
}

/// Why there was nothing to claim.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub(crate) enum Reason {
    #[error("there is no preset {preset:?} in the active version of any template; {known}")]
    UnknownPreset {
        preset: String,
        /// The end of the sentence: similar names.
        known: String,
    },
    /// No preset's parameters are all among the given ones.
    #[error(
        "no preset of the template's active version is contained in the given parameters{known}"
    )]
    NoPresetFits {
        /// The end of the sentence: the presets with their values.
        known: String,
    },
    #[error("preset {0:?} is one of a template version that is not the active one")]
    InactiveVersion(String),
    /// The preset has no pool, and no workspace is left from when it did.
    #[error("preset {0:?} keeps no prebuilt workspaces")]
    NoPool(String),
    #[error("no prebuilt workspace of preset {preset:?} is running; {starting}")]
    NoneRunning {
        preset: String,
        /// How many are starting, in words.
        starting: String,
    },
    #[error("preset {preset:?} has {running} running, none of them ready yet; {starting}")]
    NoneReady {
        preset: String,
        /// How many run, in words.
        running: String,
        /// How many are starting, in words.
        starting: String,
    },
    /// Other transactions hold what is ready.
    #[error("each of the ready prebuilt workspaces of preset {0:?} is being claimed or deleted")]
    Contended(String),
}
