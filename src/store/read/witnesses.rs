//! Builds that were made already, to hold what is rendered against.
//!
//! One statement for any number of presets; starts from the owner's workspaces and writes nothing.

use uuid::Uuid;

use crate::builds::witness::Witness;
use crate::store::session::arguments::{args, id_list};
use crate::store::session::row::rows;
use crate::store::session::statement::statements;
use crate::store::{Reader, StoreError};

impl Reader {
    /// The newest start build of each of the presets for an owner.
    pub(crate) async fn read_witnesses(
        &mut self,
        owner_id: Uuid,
        presets: &[Uuid],
    ) -> Result<Vec<Witness>, StoreError> {
        let arguments = args![owner_id, id_list(presets)];
        self.connection.fetch(&NEWEST, arguments).await
    }
}

rows! {
    Witness { preset_id, template_version_id, workspace_name, build_number, parameters, tags }
}

statements! {
    NEWEST: "reading the newest builds", "build/read_newest";
}
