//! Checks of organizations, users and templates.
//!
//! A check never stops at a mistake: it notes it and goes on with whatever it has, so that one
//! run shows everything. What it returns after a mistake is never seen by a caller of `parse`.

use std::collections::BTreeMap;

use toml::Spanned;

use super::texts::{MAX_DESCRIPTION, MAX_DISPLAY_NAME, MAX_ICON, address, name, text};
use super::{
    Declaration, Organization, Template, TemplateContent, TemplateMetadata, TemplateReference,
    User, default_email, file, mistakes::Mistakes, parameters, presets,
};
use crate::model::text::quoted;

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
            quoted(names.values())
        ),
    );
    organization.get_ref().clone()
}
