//! What has to change in a database so that it holds what is declared.
//!
//! Compares only: it writes nothing, makes up no ids, and proposes no removal: that is what
//! [`prune`](super::prune()) is for. Once its changes are carried out, the same declaration gives none.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::content::TemplateContent;
use super::differences;
use super::state::{
    Declaration, Stored, StoredTemplate, Template, TemplateMetadata, User, default_email,
};
use crate::model::text::plural;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Change<'a> {
    /// A line for people.
    pub summary: String,
    pub edit: Edit<'a>,
}

/// One thing to write. Organizations and users are named as declared; they may have been created by
/// an edit before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Edit<'a> {
    CreateOrganization {
        name: &'a str,
    },
    /// Create a user without memberships.
    CreateUser {
        username: &'a str,
        email: String,
    },
    SetEmail {
        username: &'a str,
        email: &'a str,
    },
    AddMember {
        organization: &'a str,
        username: &'a str,
    },
    /// Create a template with its first version.
    CreateTemplate {
        template: &'a Template,
        version_name: String,
    },
    SetMetadata {
        template_id: Uuid,
        metadata: &'a TemplateMetadata,
    },
    /// Change a version in place. It keeps the presets that it has.
    SetContent {
        version_id: Uuid,
        content: &'a TemplateContent,
    },
    /// Mark a template deleted.
    DeleteTemplate {
        template_id: Uuid,
    },
    /// Mark a user deleted, who owns no workspace.
    DeleteUser {
        username: &'a str,
    },
    RemoveMember {
        organization: &'a str,
        username: &'a str,
    },
    /// Mark an organization deleted.
    DeleteOrganization {
        name: &'a str,
    },
    /// Add a version to a template and make it the active one.
    AddVersion {
        template_id: Uuid,
        version_name: String,
        content: &'a TemplateContent,
    },
}

/// Works out the changes, in an order in which they can be carried out.
pub(crate) fn changes<'a>(declared: &'a Declaration, stored: &Stored) -> Vec<Change<'a>> {
    let mut changes = Vec::new();
    for name in &declared.organizations {
        if !has_name(&stored.organizations, name) {
            changes.push(Change {
                summary: format!("organization {name}: create"),
                edit: Edit::CreateOrganization { name },
            });
        }
    }
    for user in &declared.users {
        let same = |other: &&User| same_name(&other.username, &user.username);
        user_changes(user, stored.users.iter().find(same), &mut changes);
    }
    for template in &declared.templates {
        let same = |other: &&StoredTemplate| {
            let (one, other) = (&template.reference, &other.reference);
            same_name(&one.organization, &other.organization) && same_name(&one.name, &other.name)
        };
        match stored.templates.iter().find(same) {
            Some(stored) => template_changes(template, stored, &mut changes),
            None => changes.push(creation(template)),
        }
    }
    changes
}

/// Whose e-mail address a user is to get who keeps it, if there is such a user; in words.
pub(crate) fn taken_email(changes: &[Change<'_>], stored: &Stored) -> Option<String> {
    let gives_up = |user: &User| {
        changes.iter().any(|change| match change.edit {
            Edit::SetEmail { username, .. } | Edit::DeleteUser { username } => {
                same_name(username, &user.username)
            }
            _ => false,
        })
    };
    let kept: BTreeMap<String, &str> = stored
        .users
        .iter()
        .filter(|user| !gives_up(user))
        .filter_map(|user| Some((user.email.as_ref()?.to_lowercase(), user.username.as_str())))
        .collect();
    changes.iter().find_map(|change| {
        let (username, email) = match &change.edit {
            Edit::CreateUser { username, email } => (username, email.as_str()),
            Edit::SetEmail { username, email } => (username, *email),
            _ => return None,
        };
        let other = kept.get(&email.to_lowercase())?;
        Some(format!(
            "user {username} can't get the email {email:?}: it is user {other}'s; declare {other} with another \
             one, or remove {other}"
        ))
    })
}

fn user_changes<'a>(user: &'a User, stored: Option<&User>, changes: &mut Vec<Change<'a>>) {
    let username = user.username.as_str();
    let mut push = |what: String, edit| {
        changes.push(Change {
            summary: format!("user {username}: {what}"),
            edit,
        });
    };
    let old_email = stored.map(|stored| stored.email.as_deref().unwrap_or_default());
    match (old_email, user.email.as_deref()) {
        (None, email) => {
            let email = email.map_or_else(|| default_email(username), str::to_owned);
            push(
                format!("create with email {email:?}"),
                Edit::CreateUser { username, email },
            );
        }
        (Some(old), Some(email)) if old != email => push(
            format!("email {old:?} -> {email:?}"),
            Edit::SetEmail { username, email },
        ),
        (Some(_), _) => {}
    }
    let memberships = stored.map_or(&[][..], |stored| &stored.organizations);
    for organization in &user.organizations {
        if !has_name(memberships, organization) {
            push(
                format!("add to organization {organization}"),
                Edit::AddMember {
                    organization,
                    username,
                },
            );
        }
    }
}

fn creation(template: &Template) -> Change<'_> {
    let version_name = next_version_name(&[]);
    Change {
        summary: format!(
            "template {}: create with version {version_name}: {}, {}",
            template.reference,
            plural(template.content.parameters().len(), "parameter"),
            plural(template.content.presets().len(), "preset")
        ),
        edit: Edit::CreateTemplate {
            template,
            version_name,
        },
    }
}

fn template_changes<'a>(
    declared: &'a Template,
    stored: &StoredTemplate,
    changes: &mut Vec<Change<'a>>,
) {
    let Template {
        reference,
        metadata,
        content,
    } = declared;
    if stored.metadata != *metadata {
        let differences = differences::of_fields(metadata, &stored.metadata);
        changes.push(Change {
            summary: format!("template {reference}: {}", differences.join("; ")),
            edit: Edit::SetMetadata {
                template_id: stored.id,
                metadata,
            },
        });
    }
    if stored.content.as_ref() != Some(content) {
        let why = stored.content.as_ref().map_or_else(
            || "there was no active version".to_owned(),
            |stored| differences::of_contents(content, stored).join("; "),
        );
        let old = stored.content.as_ref();
        let in_place = old.filter(|old| content.builds_as(old));
        if let Some(version_id) = in_place.and(stored.version_id) {
            changes.push(Change {
                summary: format!("template {reference}: in place: {why}"),
                edit: Edit::SetContent {
                    version_id,
                    content,
                },
            });
            return;
        }
        let version_name = next_version_name(&stored.version_names);
        let replaced = match stored.members {
            0 => String::new(),
            members => format!("; replaces {}", plural(members, "prebuilt workspace")),
        };
        changes.push(Change {
            summary: format!("template {reference}: new version {version_name}: {why}{replaced}"),
            edit: Edit::AddVersion {
                template_id: stored.id,
                version_name,
                content,
            },
        });
    }
}

/// `v` and a number above every one in use, so that the order of names is the order of versions.
fn next_version_name(names: &[String]) -> String {
    let next = |name: &String| name.strip_prefix('v')?.parse::<u64>().ok()?.checked_add(1);
    format!("v{}", names.iter().filter_map(next).max().unwrap_or(1))
}

pub(super) fn has_name(names: &[String], name: &str) -> bool {
    names.iter().any(|other| same_name(other, name))
}

/// Equality as the unique indexes have it: declared names are ASCII.
pub(super) fn same_name(one: &str, other: &str) -> bool {
    one.eq_ignore_ascii_case(other)
}

#[cfg(test)]
mod tests;
