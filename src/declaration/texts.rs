//! Checks of single texts, and the limits that they have.

use toml::Spanned;

use super::file;
use super::mistakes::Mistakes;

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

/// Checks a name that stands in paths such as `organization/template`.
pub(super) fn name(name: &Spanned<String>, what: &str, mistakes: &mut Mistakes<'_>) {
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

pub(super) fn address(email: &Spanned<String>, mistakes: &mut Mistakes<'_>) {
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

/// A text without a limit, empty when left out.
pub(super) fn plain(entry: file::Text) -> String {
    entry.map(Spanned::into_inner).unwrap_or_default()
}
