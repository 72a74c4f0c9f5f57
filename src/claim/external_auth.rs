//! The external authentications (GitHub, GitLab, ...) at which the owner of a workspace must be logged in.
//!
//! As in coderd, which refuses a new workspace to a person who isn't: the template version says at which
//! ones, and whether builds do without. Whether a token still works only coderd can find out; a login
//! that its provider has refused is worth as much as none. Pure.

use std::collections::BTreeSet;

use serde::Deserialize;
use uuid::Uuid;

use crate::builds::Version;

/// The ids of the providers at which one must be logged in, or why they are not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RequiredLogins(Result<Vec<String>, String>);

/// A provider as a template version names it.
#[derive(Deserialize)]
struct Provider {
    id: String,
    #[serde(default)]
    optional: bool,
}

impl RequiredLogins {
    /// Those of a template version.
    pub(super) fn of(version: &Version) -> Self {
        let providers: Result<Option<Vec<Provider>>, _> =
            serde_json::from_str(&version.external_auth_providers);
        Self(match providers {
            Ok(providers) => {
                let providers = providers.unwrap_or_default().into_iter();
                let required = providers.filter(|provider| !provider.optional);
                Ok(required.map(|provider| provider.id).collect())
            }
            Err(error) => Err(format!(
                "template_versions.external_auth_providers of {} can't be read: {error}",
                version.id
            )),
        })
    }

    /// The logins to look up for a person.
    pub(super) fn of_user(&self, user_id: Uuid) -> impl Iterator<Item = (Uuid, String)> {
        let providers = self.0.iter().flatten();
        providers.map(move |provider| (user_id, provider.clone()))
    }

    /// The providers at which a person has none of the logins.
    ///
    /// # Errors
    /// Why they are not known.
    pub(super) fn missing(
        &self,
        user_id: Uuid,
        logins: &BTreeSet<(Uuid, String)>,
    ) -> Result<Vec<String>, String> {
        self.0.clone()?;
        let required = self.of_user(user_id);
        let missing = required.filter(|login| !logins.contains(login));
        Ok(missing.map(|(_, provider)| provider).collect())
    }
}
