//! Checks of organizations, users and templates, and the limits of texts that all checks share.
//!
//! A check never stops at a mistake: it notes it and goes on with whatever it has, so that one
//! run shows everything. What it returns after a mistake is never seen by a caller of `parse`.

use std::collections::BTreeMap;

use toml::Spanned;

use super::{
    Declaration, Organization, Template, TemplateContent, TemplateMetadata, TemplateReference,
    User, default_email, file, mistakes::Mistakes, parameters, presets,
};

/// Longest name of an organization, user or template: what the server's own commands accept.
const MAX_NAME: usize = 32;
/// Longest name of a parameter or preset. The columns have no limit; a table row has.
const MAX_LABEL: usize = 64;
/// Width of the `display_name` column of templates.
pub(super) const MAX_DISPLAY_NAME: usize = 64;
/// Width of the `description` columns of templates and presets.
pub(super) const MAX_DESCRIPTION: usize = 128;
/// Width of the `icon` columns of templates and presets.
pub(super) const MAX_ICON: usize = 256;

/// Name of the system user that owns unclaimed workspaces.
const PREBUILDS_USERNAME: &str = "prebuilds";

/// Declared names of organizations by their lower-case form.
type OrganizationNames = BTreeMap<String, String>;

/// Checks a whole file.
pub(super) fn declaration(file: file::File, mistakes: &mut Mistakes<'_>) -> Declaration {
    let organizations = organizations(file.organizations, mistakes);
    let names = organizations
        .iter()
        .map(|organization| (organization.name.to_lowercase(), organization.name.clone()))
        .collect();
    Declaration {
        users: users(file.users, &names, mistakes),
        templates: templates(file.templates, &names, mistakes),
        organizations,
    }
}

fn organizations(
    entries: Vec<file::OrganizationEntry>,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Organization> {
    let mut seen = BTreeMap::new();
    let mut check = |entry: file::OrganizationEntry| {
        name(&entry.name, "organization", mistakes);
        let key = entry.name.get_ref().to_lowercase();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "organization");
        Organization {
            name: entry.name.into_inner(),
        }
    };
    entries.into_iter().map(&mut check).collect()
}

fn users(
    entries: Vec<file::UserEntry>,
    names: &OrganizationNames,
    mistakes: &mut Mistakes<'_>,
) -> Vec<User> {
    let mut usernames = BTreeMap::new();
    let mut emails = BTreeMap::new();
    let mut check = |entry: file::UserEntry| {
        let file::UserEntry {
            username,
            email,
            organizations,
        } = entry;
        name(&username, "user", mistakes);
        let key = username.get_ref().to_lowercase();
        if key == PREBUILDS_USERNAME {
            mistakes.add(
                username.span(),
                format!(
                    "user {:?} is the system's own, which owns all unclaimed workspaces; choose \
                     another username",
                    username.get_ref()
                ),
            );
        }
        mistakes.add_if_seen(&mut usernames, key, &username, "user");
        if let Some(email) = &email {
            address(email, mistakes);
            let key = email.get_ref().to_lowercase();
            mistakes.add_if_seen(&mut emails, key, email, "email");
        } else {
            let key = default_email(username.get_ref()).to_lowercase();
            mistakes.add_if_seen(&mut emails, key, &username, "the default email of user");
        }
        let mut memberships = BTreeMap::new();
        let what = format!("user {:?}", username.get_ref());
        let organizations = organizations
            .iter()
            .map(|organization| {
                let key = organization.get_ref().to_lowercase();
                mistakes.add_if_seen(&mut memberships, key, organization, "membership in");
                reference(organization, &what, names, mistakes)
            })
            .collect();
        User {
            username: username.into_inner(),
            email: email.map(Spanned::into_inner),
            organizations,
        }
    };
    entries.into_iter().map(&mut check).collect()
}

fn templates(
    entries: Vec<file::TemplateEntry>,
    names: &OrganizationNames,
    mistakes: &mut Mistakes<'_>,
) -> Vec<Template> {
    let mut seen = BTreeMap::new();
    let mut check = |entry: file::TemplateEntry| {
        name(&entry.name, "template", mistakes);
        let what = format!("template {:?}", entry.name.get_ref());
        let organization = reference(&entry.organization, &what, names, mistakes);
        let key = format!("{organization}/{}", entry.name.get_ref()).to_lowercase();
        mistakes.add_if_seen(&mut seen, key, &entry.name, "template");
        let metadata = TemplateMetadata {
            display_name: text(
                entry.display_name,
                "display_name",
                MAX_DISPLAY_NAME,
                mistakes,
            ),
            description: text(entry.description, "description", MAX_DESCRIPTION, mistakes),
            icon: text(entry.icon, "icon", MAX_ICON, mistakes),
            deprecated: entry
                .deprecated
                .map(Spanned::into_inner)
                .unwrap_or_default(),
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
    entries.into_iter().map(&mut check).collect()
}

fn tags(
    entries: BTreeMap<Spanned<String>, Spanned<String>>,
    mistakes: &mut Mistakes<'_>,
) -> BTreeMap<String, String> {
    for key in entries.keys() {
        match key.get_ref().as_str() {
            "" => mistakes.add(
                key.span(),
                "a tag has an empty name; give it one or remove it",
            ),
            // Any other scope ties jobs to one person's daemon, which no pool can have.
            "scope" | "owner" => mistakes.add(
                key.span(),
                format!(
                    "tag {:?} is set by prebuildctl itself, always for the whole organization; \
                     remove it",
                    key.get_ref()
                ),
            ),
            _ => {}
        }
    }
    entries
        .into_iter()
        .map(|(key, value)| (key.into_inner(), value.into_inner()))
        .collect()
}

/// Resolves the name of an organization to its declared spelling.
fn reference(
    organization: &Spanned<String>,
    what: &str,
    names: &OrganizationNames,
    mistakes: &mut Mistakes<'_>,
) -> String {
    if let Some(declared) = names.get(&organization.get_ref().to_lowercase()) {
        return declared.clone();
    }
    mistakes.add(
        organization.span(),
        format!(
            "{what} names organization {:?}, which this file doesn't declare; correct the name or \
             add an [[organizations]] entry (declared: {})",
            organization.get_ref(),
            list(names.values())
        ),
    );
    organization.get_ref().clone()
}

/// Checks a name that stands in paths such as `organization/template`.
fn name(name: &Spanned<String>, what: &str, mistakes: &mut Mistakes<'_>) {
    let text = name.get_ref();
    let plain = text
        .split('-')
        .all(|part| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric()));
    if text.is_empty() {
        mistakes.add(
            name.span(),
            format!("the name of this {what} is empty; give it one"),
        );
    } else if !plain {
        mistakes.add(
            name.span(),
            format!(
                "{what} name {text:?} must consist of letters a to z, digits, and single hyphens \
                 between them; rename it"
            ),
        );
    } else {
        too_long(name, &format!("{what} name"), MAX_NAME, mistakes);
    }
}

/// Checks a name that is any text.
pub(super) fn label(name: &Spanned<String>, what: &str, mistakes: &mut Mistakes<'_>) {
    let text = name.get_ref();
    if text.trim().is_empty() {
        mistakes.add(
            name.span(),
            format!("the name of this {what} is empty; give it one"),
        );
    } else if text.trim() != text || text.contains(char::is_control) {
        mistakes.add(
            name.span(),
            format!(
                "{what} name {text:?} begins or ends with a blank or holds a control character; \
                 remove it"
            ),
        );
    } else {
        too_long(name, &format!("{what} name"), MAX_LABEL, mistakes);
    }
}

fn address(email: &Spanned<String>, mistakes: &mut Mistakes<'_>) {
    let text = email.get_ref();
    let plain = !text.contains(|c: char| c.is_whitespace() || c.is_control());
    let parts = text.split_once('@').is_some_and(|(local, domain)| {
        !local.is_empty() && !domain.is_empty() && !domain.contains('@')
    });
    if !plain || !parts {
        mistakes.add(
            email.span(),
            format!("email {text:?} is not an address such as \"ada@example.com\"; correct it"),
        );
    }
}

/// A text with a limit, empty when left out.
pub(super) fn text(
    entry: file::Text,
    what: &str,
    limit: usize,
    mistakes: &mut Mistakes<'_>,
) -> String {
    entry.map_or_else(String::new, |entry| {
        too_long(&entry, what, limit, mistakes);
        entry.into_inner()
    })
}

fn too_long(entry: &Spanned<String>, what: &str, limit: usize, mistakes: &mut Mistakes<'_>) {
    let length = entry.get_ref().chars().count();
    if length > limit {
        mistakes.add(
            entry.span(),
            format!("{what} has {length} characters, but at most {limit} fit; shorten it"),
        );
    }
}

/// Names for a message: quoted, with commas between them.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a String>) -> String {
    let names: Vec<_> = names.map(|name| format!("{name:?}")).collect();
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}
