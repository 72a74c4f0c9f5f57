//! The session of an invalidation: facts, and the marks on presets.
//!
//! Takes no lock, because a mark is one statement and a pass sees it or doesn't; coderd takes none
//! either. Writes nothing but `template_version_presets.last_invalidated_at`, which older releases
//! of Coder lack.

use std::collections::BTreeSet;

use serde::Serialize;
use uuid::Uuid;

use crate::model::Time;
use crate::model::facts::Facts;
use crate::model::facts::Mark;
use crate::store::read::snapshot;
use crate::store::session::connection::{Access, Connection, Statement, fetch};
use crate::store::session::rights;
use crate::store::session::row::{Id, json_rows, stamp_text};
use crate::store::session::schema::Schema;
use crate::store::{Store, StoreError, Target};

const TABLE: &str = "template_version_presets";

/// A mark as the statement takes it.
#[derive(Serialize)]
struct MarkRow {
    id: Uuid,
    #[serde(serialize_with = "stamp_text")]
    at: Time,
}

/// A session that can invalidate presets.
pub(crate) struct Invalidator {
    connection: Connection,
    schema: Schema,
    target: Target,
}

impl Store {
    /// Opens a session that can invalidate presets.
    pub(crate) async fn open_invalidator(&self) -> Result<Invalidator, StoreError> {
        let (mut connection, schema) = self.open(Access::Write).await?;
        if !schema.has_column(TABLE, "last_invalidated_at") {
            return Err(StoreError::Refused {
                problem: format!(
                    "the schema has no column {TABLE}.last_invalidated_at: this release of Coder \
                     does not know invalidation"
                ),
                hint: "update Coder, or push the template again: a new version replaces the pool",
            });
        }
        rights::check(&mut connection, rights::MARKING).await?;
        Ok(Invalidator {
            connection,
            schema,
            target: self.target.clone(),
        })
    }
}

const INVALIDATE: Statement = Statement {
    doing: "invalidating presets",
    postgres: include_str!("../sql/invalidate.postgres.sql"),
    sqlite: include_str!("../sql/invalidate.sqlite.sql"),
};

impl Invalidator {
    /// Reads the facts of a snapshot, all as of one moment.
    pub(crate) async fn read_facts(&mut self) -> Result<Facts, StoreError> {
        self.connection.begin_read().await?;
        let facts = snapshot::read_facts(&mut self.connection, &self.schema, &self.target).await?;
        self.connection.rollback().await?;
        Ok(facts)
    }

    /// Marks presets, each provided that its version is still the active one and that it has no
    /// later mark. Returns those marked.
    pub(crate) async fn invalidate(
        &mut self,
        marks: &[Mark],
    ) -> Result<BTreeSet<Uuid>, StoreError> {
        if marks.is_empty() {
            return Ok(BTreeSet::new());
        }
        self.connection.begin_write().await?;
        let marks: Vec<MarkRow> = marks
            .iter()
            .map(|mark| MarkRow {
                id: mark.id,
                at: mark.at,
            })
            .collect();
        let rows: Vec<(Id,)> = fetch!(&mut self.connection, (Id,), INVALIDATE, json_rows(&marks))?;
        self.connection.commit().await?;
        Ok(rows.into_iter().map(|row| row.0.0).collect())
    }

    /// Ends the session.
    pub(crate) async fn close(self) {
        self.connection.close().await;
    }
}
