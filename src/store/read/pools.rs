//! Which pools passes keep, by name.
//!
//! For telling people whom a pause concerns; reads no workspace and writes nothing.

use serde::Serialize;

use crate::store::session::connection::Statement;
use crate::store::session::row::rows;
use crate::store::{Reader, StoreError};

/// The presets of active versions of templates that are in use.
static KEPT: Statement = Statement::both(
    "reading the names of the pools",
    "SELECT o.name AS organization_name, t.name AS template_name, p.name AS preset_name \
     FROM template_version_presets AS p \
     JOIN templates AS t ON t.active_version_id = p.template_version_id \
     JOIN organizations AS o ON o.id = t.organization_id \
     WHERE p.desired_instances IS NOT NULL AND NOT t.deleted AND t.deprecated = '' \
     ORDER BY o.name, t.name, p.name, p.id",
);

/// Name of a pool that passes keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct KeptPool {
    /// Organization of the template.
    pub organization_name: String,
    pub template_name: String,
    pub preset_name: String,
}

rows! { KeptPool { organization_name, template_name, preset_name } }

impl Reader {
    /// The pools that passes keep, in the order of their names.
    pub(crate) async fn kept_pools(&mut self) -> Result<Vec<KeptPool>, StoreError> {
        self.connection.fetch(&KEPT, &[]).await
    }
}
