//! The worker's registrations, which tell others that somebody runs the builds.
//!
//! One for each organization, under a key that all workers of this tool share. A worker that has
//! gone, by itself or not, leaves none behind for long. Registrations give no rights to jobs.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use uuid::Uuid;

use crate::model::Time;
use crate::store::session::arguments::{args, json_rows};
use crate::store::session::connection::Statement;
use crate::store::{JobSession, StoreError};

impl JobSession {
    /// Registers the worker with every organization, or says that it is still alive. `forgotten` is
    /// the time before which workers that died without a farewell are removed.
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
            json_rows(&[tags]),
            env!("CARGO_PKG_VERSION"),
            now,
        ];
        self.connection.execute(&ADD_DAEMONS, arguments).await?;
        let arguments = args![KEY_NAME, forgotten];
        self.connection.execute(&FORGET_DAEMONS, arguments).await?;
        self.connection.commit().await
    }

    /// Takes the registrations back, so that nobody waits for this worker.
    pub(crate) async fn unregister(&mut self, worker: Uuid) -> Result<(), StoreError> {
        let arguments = args![KEY_NAME, daemon_name(worker)];
        self.connection.execute(&REMOVE_DAEMONS, arguments).await?;
        Ok(())
    }
}

/// The key that all workers of this tool are registered with, one in each organization.
const KEY_NAME: &str = "prebuildctl";

/// Tells the workers of one organization apart.
fn daemon_name(worker: Uuid) -> String {
    format!("{KEY_NAME}-{worker}")
}

/// A worker serves every organization, and a registration belongs to one: its id is the worker's
/// with the organization's mixed in, so that registering again finds the same row.
fn daemon_id(worker: Uuid, organization: Uuid) -> Uuid {
    Uuid::from_u128(worker.as_u128() ^ organization.as_u128())
}

static ORGANIZATIONS: Statement = Statement::both(
    "reading the organizations",
    "SELECT id FROM organizations WHERE NOT deleted",
);

/// The key's id is the organization's. (WHERE true: without it SQLite takes ON CONFLICT for a join.)
static ADD_KEYS: Statement = Statement {
    doing: "registering with the organizations",
    postgres: "INSERT INTO provisioner_keys \
               (id, created_at, organization_id, name, hashed_secret, tags) \
               SELECT organization_id, $4, organization_id, $2, $3, '{}' \
               FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS n (organization_id uuid) \
               ON CONFLICT DO NOTHING",
    sqlite: "INSERT INTO provisioner_keys \
             (id, created_at, organization_id, name, hashed_secret, tags) \
             SELECT value ->> 'organization_id', $4, value ->> 'organization_id', $2, $3, '{}' \
             FROM json_each($1) WHERE true ON CONFLICT DO NOTHING",
};

static ADD_DAEMONS: Statement = Statement {
    doing: "registering the worker",
    postgres: "INSERT INTO provisioner_daemons (id, created_at, last_seen_at, name, provisioners, \
               tags, version, organization_id, key_id) \
               SELECT n.id, $6, $6, $3, '{echo,terraform}', CAST($4 AS jsonb) -> 0, $5, \
               n.organization_id, k.id \
               FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS n (id uuid, organization_id uuid) \
               JOIN provisioner_keys AS k \
               ON k.organization_id = n.organization_id AND lower(k.name) = $2 \
               ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
    sqlite: "INSERT INTO provisioner_daemons (id, created_at, last_seen_at, name, provisioners, \
             tags, version, organization_id, key_id) \
             SELECT n.value ->> 'id', $6, $6, $3, '[\"echo\",\"terraform\"]', $4 -> 0, $5, \
             n.value ->> 'organization_id', k.id FROM json_each($1) AS n \
             JOIN provisioner_keys AS k \
             ON k.organization_id = n.value ->> 'organization_id' AND lower(k.name) = $2 \
             WHERE true ON CONFLICT (id) DO UPDATE SET last_seen_at = excluded.last_seen_at",
};

static FORGET_DAEMONS: Statement = Statement::both(
    "forgetting dead workers",
    "DELETE FROM provisioner_daemons WHERE last_seen_at < $2 \
     AND key_id IN (SELECT id FROM provisioner_keys WHERE lower(name) = $1)",
);

static REMOVE_DAEMONS: Statement = Statement::both(
    "taking the worker's registration back",
    "DELETE FROM provisioner_daemons WHERE name = $2 \
     AND key_id IN (SELECT id FROM provisioner_keys WHERE lower(name) = $1)",
);
