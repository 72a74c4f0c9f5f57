//! What a file no longer holds: templates, memberships, users and organizations to be removed.
//!
//! Nothing goes that people still need: what a person's workspace stands on is kept, and said. A template
//! that goes takes its pools along, whose members the next passes delete.

use super::changes::{Change, Edit, has_name, same_name};
use super::state::{Declaration, Stored, StoredTemplate, User};
use crate::model::ClaimedWorkspace;
use crate::model::text::plural;

/// The removals, in an order in which they can be carried out, and a line for each thing that is kept.
pub(crate) fn prune<'a>(
    declared: &'a Declaration,
    stored: &'a Stored,
) -> (Vec<Change<'a>>, Vec<String>) {
    let (mut changes, mut kept) = (Vec::new(), Vec::new());
    for template in &stored.templates {
        let is_declared = declared.templates.iter().any(|it| {
            same_name(&it.reference.organization, &template.reference.organization)
                && same_name(&it.reference.name, &template.reference.name)
        });
        if !is_declared {
            let reason = people_on(stored, template);
            let summary = format!("template {}: remove{}", template.reference, pool(template));
            let template_id = template.id;
            push(
                reason,
                summary,
                Edit::DeleteTemplate { template_id },
                &mut changes,
                &mut kept,
            );
        }
    }
    for user in &stored.users {
        let declared = declared.users.iter();
        match declared
            .clone()
            .find(|it| same_name(&it.username, &user.username))
        {
            Some(declared) => leave(user, declared, stored, &mut changes, &mut kept),
            None => {
                let reason = owned(stored, |it| same_name(&it.owner_name, &user.username));
                let summary = format!("user {}: remove", user.username);
                let username = user.username.as_str();
                push(
                    reason,
                    summary,
                    Edit::DeleteUser { username },
                    &mut changes,
                    &mut kept,
                );
            }
        }
    }
    for name in &stored.organizations {
        if has_name(&declared.organizations, name) || is_named(declared, name) {
            continue;
        }
        let inhabited = has_name(&stored.inhabited, name);
        let reason = inhabited.then(|| "kept until its last workspace is gone".to_owned());
        let summary = format!("organization {name}: remove");
        push(
            reason,
            summary,
            Edit::DeleteOrganization { name },
            &mut changes,
            &mut kept,
        );
    }
    (changes, kept)
}

/// Memberships of a declared user that the file no longer holds.
fn leave<'a>(
    user: &'a User,
    declared: &User,
    stored: &Stored,
    changes: &mut Vec<Change<'a>>,
    kept: &mut Vec<String>,
) {
    let username = user.username.as_str();
    for organization in &user.organizations {
        if has_name(&declared.organizations, organization) {
            continue;
        }
        let reason = owned(stored, |it| {
            same_name(&it.owner_name, username) && same_name(&it.organization_name, organization)
        });
        let summary = format!("user {username}: remove from organization {organization}");
        let edit = Edit::RemoveMember {
            organization,
            username,
        };
        push(reason, summary, edit, changes, kept);
    }
}

fn push<'a>(
    reason: Option<String>,
    summary: String,
    edit: Edit<'a>,
    changes: &mut Vec<Change<'a>>,
    kept: &mut Vec<String>,
) {
    match reason {
        None => changes.push(Change { summary, edit }),
        Some(reason) => {
            let subject = summary.split(": ").next().unwrap_or_default();
            kept.push(format!("{subject}: {reason}"));
        }
    }
}

/// Whether a template or a user of the file names the organization.
fn is_named(declared: &Declaration, name: &str) -> bool {
    let mut templates = declared.templates.iter();
    let mut users = declared.users.iter();
    templates.any(|it| same_name(&it.reference.organization, name))
        || users.any(|it| has_name(&it.organizations, name))
}

fn pool(template: &StoredTemplate) -> String {
    if template.members == 0 {
        return String::new();
    }
    let members = plural(template.members, "prebuilt workspace");
    format!("; the next passes delete {members} of it")
}

fn people_on(stored: &Stored, template: &StoredTemplate) -> Option<String> {
    owned(stored, |it| it.template_id == template.id)
}

/// That workspaces of people stand in the way, if any do.
fn owned(stored: &Stored, is_meant: impl Fn(&ClaimedWorkspace) -> bool) -> Option<String> {
    let mut found = stored.claimed.iter().filter(|it| is_meant(it));
    let (example, others) = (found.next()?.path(), found.count());
    let workspaces = plural(others + 1, "claimed workspace");
    Some(format!(
        "kept for {workspaces}, such as {example}; prebuildctl delete removes them"
    ))
}
