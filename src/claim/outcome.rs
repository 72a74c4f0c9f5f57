//! What can come of a claim, in words that say what to do next.

use serde::Serialize;
use thiserror::Error;
use uuid::Uuid;

use crate::claim::request::Request;
use crate::model::names::AmbiguousName;
use crate::store::StoreError;

/// What came of a request.
pub(crate) type Answer = Result<Outcome, ClaimError>;

/// What came of a request that was in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A workspace has a new owner, and the build that makes it theirs is queued.
    Claimed(Claimed),
    /// There was nothing to claim.
    NoneClaimable(Reason),
}

/// A workspace that was claimed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Claimed {
    pub workspace_id: Uuid,
    /// Its new name.
    pub name: String,
    /// The preset that it was made from.
    pub preset_id: Uuid,
    /// The build that hands it over.
    pub build_id: Uuid,
    /// The job of that build.
    pub job_id: Uuid,
}

/// Why there was nothing to claim.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Reason {
    /// No such preset.
    #[error("there is no preset {preset:?} in the active version of any template; {known}")]
    UnknownPreset {
        /// As it was given.
        preset: String,
        /// What there is instead.
        known: String,
    },
    /// No preset's parameters are all among the given ones.
    #[error(
        "no preset of the template's active version is contained in the given parameters{known}"
    )]
    NoPresetFits {
        /// The presets with their values.
        known: String,
    },
    /// The preset is of another version than the active one.
    #[error("preset {0:?} is one of a template version that is not the active one")]
    InactiveVersion(String),
    /// The preset keeps no pool, and none is left from when it did.
    #[error("preset {0:?} keeps no prebuilt workspaces")]
    NoPool(String),
    /// Nothing runs.
    #[error("no prebuilt workspace of preset {preset:?} is running; {starting}")]
    NoneRunning {
        /// The preset.
        preset: String,
        /// How many are starting.
        starting: String,
    },
    /// What runs is not ready.
    #[error("preset {preset:?} has {running} running, none of them ready yet; {starting}")]
    NoneReady {
        /// The preset.
        preset: String,
        /// How many run.
        running: String,
        /// How many are starting.
        starting: String,
    },
    /// What is ready is in somebody else's hands.
    #[error("each of the ready prebuilt workspaces of preset {0:?} is being claimed or deleted")]
    Contended(String),
}

/// Why a request failed.
#[derive(Debug, Error)]
pub enum ClaimError {
    /// The request can't be met as it is.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The session was lost while the claim was made permanent.
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
    pub fn is_connection_lost(&self) -> bool {
        match self {
            Self::Refused(_) => false,
            Self::Store(error) => error.is_connection_lost(),
            Self::Lost(_) | Self::Unavailable(_) => true,
        }
    }

    /// A request without an answer, which is a defect.
    pub(super) fn unanswered() -> Self {
        Self::Unavailable("the request was dropped, which is a defect".to_owned())
    }
}

/// Why a request can't be met as it is. Nothing was touched.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum Refusal {
    /// No such user.
    #[error("there is no user {user:?}; give a user's id or name")]
    UnknownUser {
        /// As it was given.
        user: String,
    },
    /// The user is deleted.
    #[error("user {user:?} is deleted")]
    DeletedUser {
        /// As it was given.
        user: String,
    },
    /// The user is suspended.
    #[error("user {user:?} is suspended; activate the account first")]
    SuspendedUser {
        /// As it was given.
        user: String,
    },
    /// Workspaces of an organization belong to its members.
    #[error(
        "user {user:?} is no member of organization {organization:?}, whose template it is; add \
         the user to it first"
    )]
    NoMember {
        /// As it was given.
        user: String,
        /// Name of the organization.
        organization: String,
    },
    /// The new owner would be the old one.
    #[error("the prebuilds user owns what is not claimed yet; name a person")]
    PrebuildsUser,
    /// The user has a workspace of that name.
    #[error("user {user:?} has a workspace {name:?} already; choose another name")]
    NameTaken {
        /// As it was given.
        user: String,
        /// As it was given.
        name: String,
    },
    /// No such template.
    #[error("there is no template {template:?}; {known}")]
    UnknownTemplate {
        /// As it was given.
        template: String,
        /// What there is instead.
        known: String,
    },
    /// Several things have that name.
    #[error(transparent)]
    Ambiguous(#[from] AmbiguousName),
    /// The template is deleted.
    #[error("template {template:?} is deleted")]
    DeletedTemplate {
        /// Full name.
        template: String,
    },
    /// The template is deprecated.
    #[error("template {template:?} is deprecated: {message:?}")]
    DeprecatedTemplate {
        /// Full name.
        template: String,
        /// What its owner says.
        message: String,
    },
    /// The build can't be made.
    #[error("a workspace of preset {preset:?} can't be handed over: {problem}")]
    Unbuildable {
        /// Full name.
        preset: String,
        /// Why not.
        problem: String,
    },
}

/// Why a request leads to no pool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NoPool {
    /// There is none of that kind.
    None(Reason),
    /// There is one that can't be claimed from.
    Refused(Refusal),
}

impl From<Reason> for NoPool {
    fn from(reason: Reason) -> Self {
        Self::None(reason)
    }
}

impl From<Refusal> for NoPool {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<NoPool> for Answer {
    fn from(no_pool: NoPool) -> Self {
        match no_pool {
            NoPool::None(reason) => Ok(Outcome::NoneClaimable(reason)),
            NoPool::Refused(refusal) => Err(refusal.into()),
        }
    }
}

impl Refusal {
    /// The user has a workspace of that name.
    pub(super) fn name_taken(request: &Request) -> Self {
        Self::NameTaken {
            user: request.user.clone(),
            name: request.name.clone(),
        }
    }
}
