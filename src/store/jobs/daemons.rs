//! The worker's registrations as a provisioner daemon, by which other processes know that builds run.
//!
//! One for each organization, under a key that all workers of this tool share. A worker that
//! stops removes its own; those of a worker that died are removed after a while. Registrations give no rights to jobs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::Time;
use crate::store::session::arguments::{args, json_rows};
use crate::store::session::statement::statements;
use crate::store::{JobSession, StoreError};

impl JobSession {
    /// Registers the worker with every organization, or renews its registrations. Those that were
    /// last renewed before `forgotten` are removed: their worker died.
    pub(crate) async fn register(
        &mut self,
        worker: Uuid,
        tags: &BTreeMap<String, String>,
        forgotten: Time,
        now: Time,
    ) -> Result<(), StoreError> {
        self.connection.begin_write().await?;
        let organizations = self.connection.fetch(&ORGANIZATIONS, &[]).await?;
        let daemon = |id: Uuid| json!({ "id": daemon_id(worker, id), "organization_id": id });
        let daemons: Vec<Value> = organizations.into_iter().map(daemon).collect();
        let daemons = json_rows(&daemons);
        let no_secret: &[u8] = &[];
        let arguments = args![&daemons, KEY_NAME, no_secret, now];
        self.connection.execute(&ADD_KEYS, arguments).await?;
        let arguments = args![
            &daemons,
            KEY_NAME,
            daemon_name(worker),
            json!(tags).to_string(),
            env!("CARGO_PKG_VERSION"),
            now,
        ];
        self.connection.execute(&ADD_DAEMONS, arguments).await?;
        let arguments = args![KEY_NAME, forgotten];
        self.connection.execute(&FORGET_DAEMONS, arguments).await?;
        self.connection.commit().await
    }

    /// Removes the registrations, so that no process waits for this worker.
    pub(crate) async fn unregister(&mut self, worker: Uuid) -> Result<(), StoreError> {
        let arguments = args![KEY_NAME, daemon_name(worker)];
        self.connection.execute(&REMOVE_DAEMONS, arguments).await?;
        Ok(())
    }
}

/// The key that all workers of this tool are registered with, one in each organization.
const KEY_NAME: &str = "prebuildctl";

/// The name of a worker's registrations, unique in an organization.
fn daemon_name(worker: Uuid) -> String {
    format!("{KEY_NAME}-{worker}")
}

/// A worker serves every organization, and a registration belongs to one: its id is the worker's
/// with the organization's mixed in, so that registering again finds the same row.
fn daemon_id(worker: Uuid, organization: Uuid) -> Uuid {
    Uuid::from_u128(worker.as_u128() ^ organization.as_u128())
}

statements! {
    ORGANIZATIONS: "reading the organizations",
        sql "SELECT id FROM organizations WHERE NOT deleted";
    /// The key's id is the organization's.
    ADD_KEYS: "registering with the organizations", "daemon/add_keys";
    ADD_DAEMONS: "registering the worker", "daemon/add";
    FORGET_DAEMONS: "forgetting dead workers", "daemon/forget";
    REMOVE_DAEMONS: "taking the worker's registration back", "daemon/remove";
}
