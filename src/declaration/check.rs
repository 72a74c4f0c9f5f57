//! Checks of organizations, users and templates.
//!
//! A check never stops at a mistake: it notes it and goes on with whatever it has, so that one
//! run shows everything. What it returns after a mistake is never seen by a caller of `parse`.

use std::collections::BTreeMap;

use toml::Spanned;

use super::content::TemplateContent;
use super::mistakes::{Mistakes, Seen};
use super::state::{
    Declaration, Template, TemplateMetadata, TemplateReference, User, default_email,
};
use super::texts::{self, MAX_DESCRIPTION, MAX_DISPLAY_NAME, MAX_ICON};
use super::{file, parameters, presets};
use crate::model::text::quoted;

/// Name of the system user that owns unclaimed workspaces.
const PREBUILDS_USERNAME: &str = "prebuilds";

/// The organizations that may be named.
struct Organizations<'a> {
    declared: &'a [String],
    /// Those that exist; none: it isn't known which.
    known: Option<&'a [String]>,
}

pub(super) fn declaration(
    file: file::File,
    known: Option<&[String]>,
    mistakes: &mut Mistakes<'_>,
) -> Declaration {
    let declared = organizations(file.organizations, mistakes);
    let organizations = Organizations {
        declared: &declared,
        known,
    };
    Declaration {
        users: users(file.users, &organizations, mistakes),
        templates: templates(file.templates, &organizations, mistakes),
        organizations: declared,
    }
}

fn organizations(
    entries: Vec<file::OrganizationEntry>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<String> {
    let mut seen = Seen::new();
    let check = |entry: file::OrganizationEntry| {
        mistakes.check_name(&entry.name, "organization");
        let key = entry.name.get_ref().to_lowercase();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "organization");
        entry.name.into_inner()
    };
    entries.into_iter().map(check).collect()
}

fn users(
    entries: Vec<file::UserEntry>,
    known: &Organizations<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<User> {
    let (mut usernames, mut emails) = (Seen::new(), Seen::new());
    let check = |entry: file::UserEntry| {
        let username = &entry.username;
        mistakes.check_name(username, "user");
        let key = username.get_ref().to_lowercase();
        if key == PREBUILDS_USERNAME {
            mistakes.at(username).add(format!(
                "user {:?} is the system's own, which owns all unclaimed workspaces; choose \
                 another username",
                username.get_ref()
            ));
        }
        mistakes.add_if_seen(&mut usernames, key, username, "user");
        if let Some(email) = &entry.email {
            mistakes.check_email(email);
            let key = email.get_ref().to_lowercase();
            mistakes.add_if_seen(&mut emails, key, email, "email");
        } else {
            let key = default_email(username.get_ref()).to_lowercase();
            mistakes.add_if_seen(&mut emails, key, username, "the default email of user");
        }
        User {
            organizations: memberships(&entry, known, mistakes),
            username: entry.username.into_inner(),
            email: entry.email.map(Spanned::into_inner),
        }
    };
    entries.into_iter().map(check).collect()
}

fn memberships(
    entry: &file::UserEntry,
    known: &Organizations<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<String> {
    let mut seen = Seen::new();
    let what = format!("user {:?}", entry.username.get_ref());
    let check = |organization: &Spanned<String>| {
        let key = organization.get_ref().to_lowercase();
        mistakes.add_if_seen(&mut seen, key, organization, "membership in");
        reference(organization, &what, known, mistakes)
    };
    entry.organizations.iter().map(check).collect()
}

fn templates(
    entries: Vec<file::TemplateEntry>,
    known: &Organizations<'_>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Template> {
    let mut seen = Seen::new();
    let check = |entry: file::TemplateEntry| {
        mistakes.check_name(&entry.name, "template");
        let what = format!("template {:?}", entry.name.get_ref());
        let organization = reference(&entry.organization, &what, known, mistakes);
        let key = format!("{organization}/{}", entry.name.get_ref()).to_lowercase();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "template");
        let metadata = TemplateMetadata {
            display_name: mistakes.limited(entry.display_name, "display_name", MAX_DISPLAY_NAME),
            description: mistakes.limited(entry.description, "description", MAX_DESCRIPTION),
            icon: mistakes.limited(entry.icon, "icon", MAX_ICON),
            deprecated: texts::plain(entry.deprecated),
        };
        let parameters = parameters::definitions(entry.parameters, mistakes);
        let presets = presets::presets(entry.presets, &parameters, mistakes);
        let tags = tags(entry.tags, mistakes);
        Template {
            reference: TemplateReference {
                organization,
                name: entry.name.into_inner(),
            },
            metadata,
            content: TemplateContent::new(parameters, presets, tags),
        }
    };
    entries.into_iter().map(check).collect()
}

fn tags(
    entries: BTreeMap<Spanned<String>, Spanned<String>>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<String, String> {
    for key in entries.keys() {
        match key.get_ref().as_str() {
            "" => mistakes
                .at(key)
                .add("a tag has an empty name; give it one or remove it"),
            // Any other scope ties jobs to one person's daemon, which no pool can have.
            name @ ("scope" | "owner") => mistakes.at(key).add(format!(
                "tag {name:?} is set by prebuildctl itself, always for the whole organization; \
                 remove it"
            )),
            _ => {}
        }
    }
    entries
        .into_iter()
        .map(|(key, value)| (key.into_inner(), value.into_inner()))
        .collect()
}

/// Resolves the name of an organization to its spelling in the file, or else in the database.
fn reference(
    organization: &Spanned<String>,
    what: &str,
    known: &Organizations<'_>,
    mistakes: &mut Mistakes<'_>,
) -> String {
    let name = organization.get_ref();
    let (declared, stored) = (known.declared, known.known.unwrap_or_default());
    let is_same = |known: &&String| known.eq_ignore_ascii_case(name);
    if let Some(known) = declared.iter().chain(stored).find(is_same) {
        return known.clone();
    }
    if known.known.is_some() {
        mistakes.at(organization).add(format!(
            "{what} names organization {name:?}, which this file doesn't declare and the database \
             doesn't hold; correct the name or add an [[organizations]] entry (known: {})",
            quoted(declared.iter().chain(stored))
        ));
    }
    name.clone()
}
