//! Which pools passes keep, by name.
//!
//! For saying which pools a pause concerns; reads no workspace and writes nothing.

use serde::Serialize;

use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

statements! {
    NAMES: "reading the names of the pools", "pool/read_names";
}

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
        self.connection.fetch(&NAMES, &[]).await
    }
}
