//! What a file declares and what a database holds, in the same words.
//!
//! Plain data. Names of organizations, users and templates that differ by case alone are the same.

use std::fmt;

use serde::Serialize;
use uuid::Uuid;

use super::content::TemplateContent;
use crate::model::ClaimedWorkspace;

/// What a database is to hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub organizations: Vec<String>,
    pub users: Vec<User>,
    pub templates: Vec<Template>,
}

/// What a database holds, without anything that is marked deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub organizations: Vec<String>,
    pub users: Vec<User>,
    pub templates: Vec<StoredTemplate>,
    /// Workspaces of people.
    pub claimed: Vec<ClaimedWorkspace>,
    /// Organizations with live workspaces, whoever owns them.
    pub inhabited: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct User {
    /// Name to log in with.
    pub username: String,
    /// Address; none in a declaration: a new user gets [`default_email`], an old one keeps what is
    /// stored.
    pub email: Option<String>,
    /// Names of the organizations to be a member of.
    pub organizations: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    pub reference: TemplateReference,
    pub metadata: TemplateMetadata,
    pub content: TemplateContent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredTemplate {
    pub id: Uuid,
    pub reference: TemplateReference,
    pub metadata: TemplateMetadata,
    /// The active version; none when the template names one that doesn't exist.
    pub version_id: Option<Uuid>,
    /// What the active version holds; none when the template names one that doesn't exist.
    pub content: Option<TemplateContent>,
    /// Names of all its versions, archived ones included.
    pub version_names: Vec<String>,
    /// Its live prebuilt workspaces.
    pub members: i64,
}

/// A template by its names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TemplateReference {
    pub organization: String,
    /// Name of the template, unique in the organization.
    pub name: String,
}

/// The part of a template that is kept outside its versions and changed in place.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct TemplateMetadata {
    /// Name for people; empty: the name.
    pub display_name: String,
    pub description: String,
    /// URL or path of a picture.
    pub icon: String,
    /// Message for people that makes the template deprecated; empty: it is not.
    pub deprecated: String,
}

impl fmt::Display for TemplateReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.organization, self.name)
    }
}

/// The address of a new user whose declaration has none: the database asks for a unique one.
pub(crate) fn default_email(username: &str) -> String {
    format!("{username}@localhost")
}
