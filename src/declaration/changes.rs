//! What has to change in a database so that it holds what is declared.
//!
//! Compares only: it writes nothing, makes up no ids and never proposes to remove anything. Once
//! its changes are carried out, the same declaration gives none.

use std::fmt;

use uuid::Uuid;

use super::{
    Declaration, Template, TemplateContent, TemplateMetadata, TemplateReference, User,
    default_email,
    differences::{Facts, differences},
};
use crate::model::text::plural;

/// What a database holds already, without anything that is marked deleted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stored {
    pub organizations: Vec<StoredOrganization>,
    pub users: Vec<StoredUser>,
    pub templates: Vec<StoredTemplate>,
}

/// A stored organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredOrganization {
    pub id: Uuid,
    pub name: String,
}

/// A stored user.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredUser {
    pub id: Uuid,
    /// Name to log in with.
    pub username: String,
    /// Address.
    pub email: String,
    /// Names of the organizations that the user is a member of.
    pub organizations: Vec<String>,
}

/// A stored template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredTemplate {
    pub id: Uuid,
    /// Its names.
    pub reference: TemplateReference,
    /// What no version holds.
    pub metadata: TemplateMetadata,
    /// The active version; none when the template names one that doesn't exist.
    pub active: Option<StoredVersion>,
    /// Names of all its versions, archived ones included.
    pub version_names: Vec<String>,
}

/// The active version of a stored template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct StoredVersion {
    pub name: String,
    /// What it holds.
    pub content: TemplateContent,
}

/// One thing to change. Shown as a line for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    CreateOrganization {
        name: String,
    },
    /// Create a user, who is no member of any organization yet.
    CreateUser {
        /// Name to log in with.
        username: String,
        /// Address.
        email: String,
    },
    /// Change a user's address.
    UpdateUser {
        /// Which user.
        id: Uuid,
        /// Name, as declared.
        username: String,
        /// Address until now.
        old_email: String,
        /// Address from now on.
        email: String,
    },
    /// Make a user a member of an organization. Either may have been created by a change before
    /// this one; names are compared ignoring case.
    AddMember {
        /// Name of the organization.
        organization: String,
        /// Name of the user.
        username: String,
    },
    /// Create a template with its first version.
    CreateTemplate {
        /// Its names; the organization may have been created by a change before this one.
        template: TemplateReference,
        /// What no version holds.
        metadata: TemplateMetadata,
        /// Name of the first version.
        version_name: String,
        /// What the first version holds.
        content: TemplateContent,
    },
    /// Change what no version of a template holds.
    UpdateTemplate {
        /// Which template.
        id: Uuid,
        /// Its names, as declared.
        template: TemplateReference,
        /// What it is to be.
        metadata: TemplateMetadata,
        /// What that changes, in words.
        differences: Vec<String>,
    },
    /// Add a version to a template and make it the active one.
    NewVersion {
        template_id: Uuid,
        /// Its names, as declared.
        template: TemplateReference,
        /// Name of the new version.
        version_name: String,
        /// What it holds.
        content: TemplateContent,
        /// What that changes, in words.
        differences: Vec<String>,
    },
}

/// Works out the changes, in an order in which they can be carried out.
pub(crate) fn changes(declared: &Declaration, stored: &Stored) -> Vec<Change> {
    let mut changes = Vec::new();
    for organization in &declared.organizations {
        let same = |other: &StoredOrganization| same_name(&other.name, &organization.name);
        if !stored.organizations.iter().any(same) {
            changes.push(Change::CreateOrganization {
                name: organization.name.clone(),
            });
        }
    }
    for user in &declared.users {
        let same = |other: &&StoredUser| same_name(&other.username, &user.username);
        user_changes(user, stored.users.iter().find(same), &mut changes);
    }
    for template in &declared.templates {
        let same = |other: &&StoredTemplate| {
            let (one, other) = (&template.reference, &other.reference);
            same_name(&one.organization, &other.organization) && same_name(&one.name, &other.name)
        };
        template_changes(template, stored.templates.iter().find(same), &mut changes);
    }
    changes
}

fn user_changes(user: &User, stored: Option<&StoredUser>, changes: &mut Vec<Change>) {
    let username = || user.username.clone();
    match (stored, &user.email) {
        (None, email) => changes.push(Change::CreateUser {
            username: username(),
            email: email
                .clone()
                .unwrap_or_else(|| default_email(&user.username)),
        }),
        (Some(stored), Some(email)) if stored.email != *email => {
            changes.push(Change::UpdateUser {
                id: stored.id,
                username: username(),
                old_email: stored.email.clone(),
                email: email.clone(),
            });
        }
        (Some(_), _) => {}
    }
    let memberships = stored.map_or(&[][..], |stored| &stored.organizations);
    for organization in &user.organizations {
        if !memberships
            .iter()
            .any(|other| same_name(other, organization))
        {
            changes.push(Change::AddMember {
                organization: organization.clone(),
                username: username(),
            });
        }
    }
}

fn template_changes(
    declared: &Template,
    stored: Option<&StoredTemplate>,
    changes: &mut Vec<Change>,
) {
    let Template {
        reference,
        metadata,
        content,
    } = declared;
    let Some(stored) = stored else {
        changes.push(Change::CreateTemplate {
            template: reference.clone(),
            metadata: metadata.clone(),
            version_name: next_version_name(&[]),
            content: content.clone(),
        });
        return;
    };
    if stored.metadata != *metadata {
        changes.push(Change::UpdateTemplate {
            id: stored.id,
            template: reference.clone(),
            metadata: metadata.clone(),
            differences: facts(metadata).changes_from(&facts(&stored.metadata)),
        });
    }
    let differences = match &stored.active {
        Some(active) if active.content == *content => return,
        Some(active) => differences(content, &active.content),
        None => vec!["there was no active version".to_owned()],
    };
    changes.push(Change::NewVersion {
        template_id: stored.id,
        template: reference.clone(),
        version_name: next_version_name(&stored.version_names),
        content: content.clone(),
        differences,
    });
}

/// `v` and a number above every one in use, so that the order of names is the order of versions.
fn next_version_name(names: &[String]) -> String {
    let next = |name: &String| name.strip_prefix('v')?.parse::<u64>().ok()?.checked_add(1);
    format!("v{}", names.iter().filter_map(next).max().unwrap_or(1))
}

/// Equality as the unique indexes on lower-case names have it.
fn same_name(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

fn facts(metadata: &TemplateMetadata) -> Facts {
    let TemplateMetadata {
        display_name,
        description,
        icon,
        deprecated,
    } = metadata;
    Facts::default()
        .text("display name", display_name)
        .text("description", description)
        .text("icon", icon)
        .text("deprecated", deprecated)
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateOrganization { name } => {
                write!(f, "organization {}: create", name.escape_debug())
            }
            Self::CreateUser { username, email } => {
                write!(
                    f,
                    "user {}: create with email {email:?}",
                    username.escape_debug()
                )
            }
            Self::UpdateUser {
                id: _,
                username,
                old_email,
                email,
            } => {
                write!(
                    f,
                    "user {}: email {old_email:?} -> {email:?}",
                    username.escape_debug()
                )
            }
            Self::AddMember {
                organization,
                username,
            } => write!(
                f,
                "user {}: add to organization {}",
                username.escape_debug(),
                organization.escape_debug()
            ),
            Self::CreateTemplate {
                template,
                metadata: _,
                version_name,
                content,
            } => write!(
                f,
                "template {template}: create with version {version_name}: {}, {}",
                plural(content.parameters().len(), "parameter"),
                plural(content.presets().len(), "preset")
            ),
            Self::UpdateTemplate {
                id: _,
                template,
                metadata: _,
                differences,
            } => {
                write!(f, "template {template}: {}", differences.join("; "))
            }
            Self::NewVersion {
                template_id: _,
                template,
                version_name,
                content: _,
                differences,
            } => {
                write!(
                    f,
                    "template {template}: new version {version_name}: {}",
                    differences.join("; ")
                )
            }
        }
    }
}

#[cfg(test)]
mod tests;
