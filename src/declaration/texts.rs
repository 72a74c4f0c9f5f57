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

impl Mistakes<'_> {
    /// Checks a name that stands in paths such as `organization/template`.
    pub(super) fn check_name(&mut self, name: &Spanned<String>, what: &str) {
        let text = name.get_ref();
        let is_plain =
            |part: &str| !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric());
        if text.is_empty() {
            self.add_empty(name, what);
        } else if !text.split('-').all(is_plain) {
            self.at(name).add(format!(
                "{what} name {text:?} must consist of letters a to z, digits, and single hyphens \
                 between them; rename it"
            ));
        } else {
            self.check_length(name, &format!("{what} name"), MAX_NAME);
        }
    }

    /// Checks a name that is any text.
    pub(super) fn check_label(&mut self, name: &Spanned<String>, what: &str) {
        let text = name.get_ref();
        if text.trim().is_empty() {
            self.add_empty(name, what);
        } else if text.trim() != text || text.contains(char::is_control) {
            self.at(name).add(format!(
                "{what} name {text:?} begins or ends with a blank or holds a control character; \
                 remove it"
            ));
        } else {
            self.check_length(name, &format!("{what} name"), MAX_LABEL);
        }
    }

    fn add_empty(&mut self, name: &Spanned<String>, what: &str) {
        self.at(name)
            .add(format!("the name of this {what} is empty; give it one"));
    }

    pub(super) fn check_email(&mut self, email: &Spanned<String>) {
        let text = email.get_ref();
        let is_split = text.split_once('@').is_some_and(|(local, domain)| {
            !local.is_empty() && !domain.is_empty() && !domain.contains('@')
        });
        if !is_split || text.contains(|c: char| c.is_whitespace() || c.is_control()) {
            self.at(email).add(format!(
                "email {text:?} is not an address such as \"ada@example.com\"; correct it"
            ));
        }
    }

    /// A text of at most `limit` characters, empty when left out.
    pub(super) fn limited(&mut self, entry: file::Text, what: &str, limit: usize) -> String {
        if let Some(entry) = &entry {
            self.check_length(entry, what, limit);
        }
        plain(entry)
    }

    fn check_length(&mut self, entry: &Spanned<String>, what: &str, limit: usize) {
        let length = entry.get_ref().chars().count();
        if length > limit {
            self.at(entry).add(format!(
                "{what} has {length} characters, but at most {limit} fit; shorten it"
            ));
        }
    }
}

/// A text without a limit, empty when left out.
pub(super) fn plain(entry: file::Text) -> String {
    entry.map(Spanned::into_inner).unwrap_or_default()
}
