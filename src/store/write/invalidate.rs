//! The session of an invalidation: facts, and the marks on presets.
//!
//! Takes no lock, because a mark is one statement and a pass sees it or doesn't; coderd takes none
//! either. Writes nothing but `template_version_presets.last_invalidated_at`, which older releases
//! of Coder lack.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::facts::Mark;
use crate::store::session::arguments::{args, json_rows, time_text};
use crate::store::session::connection::{Access, Use};
use crate::store::session::rights;
use crate::store::session::statement::statements;
use crate::store::{Reader, Store, StoreError};

const TABLE: &str = "template_version_presets";

/// A session that can invalidate presets.
pub(crate) struct Invalidator {
    pub(in crate::store) reader: Reader,
}

impl Store {
    /// Opens a session that can invalidate presets.
    pub(crate) async fn open_invalidator(&self) -> Result<Invalidator, StoreError> {
        let mut reader = self.open_reading(Access::Write, Use::Once).await?;
        if !reader.schema.has_column(TABLE, "last_invalidated_at") {
            return Err(StoreError::Refused {
                problem: format!(
                    "the schema has no column {TABLE}.last_invalidated_at: this release of Coder \
                     does not know invalidation"
                ),
                hint: "update Coder, or push the template again: a new version replaces the pool",
            });
        }
        reader.schema.check_rights(rights::MARKING)?;
        reader.connection.rollback().await?;
        Ok(Invalidator { reader })
    }
}

statements! {
    INVALIDATE: "invalidating presets", "preset/invalidate";
}

impl Invalidator {
    /// Marks presets, each provided that its version is still the active one. One that has got a later mark
    /// meanwhile keeps that. Returns those marked.
    pub(crate) async fn invalidate(
        &mut self,
        marks: &[Mark],
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        if marks.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.connection.begin_write().await?;
        let row = |mark: &Mark| json!({ "preset_id": mark.id, "at": time_text(mark.at) });
        let rows: Vec<Value> = marks.iter().map(row).collect();
        let arguments = args![json_rows(&rows), self.now()];
        let marked = self.connection.fetch(&INVALIDATE, arguments).await?;
        self.connection.commit().await?;
        Ok(marked.into_iter().collect())
    }
}
