//! What a plan needs besides its snapshot to say which builds would be refused.
//!
//! Reads only, in a fixed number of statements whatever the plan: versions that nothing is built on
//! are not read. Where many workspaces are deleted, a second session reads half of their builds, on a core
//! of its own: neither of the two needs to see what the other one sees, since a pass looks again.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::Version;
use crate::builds::forecast::{Basis, Claims, forecast, needed_versions, needed_workspaces};
use crate::model::facts::Provisioner;
use crate::model::{Diagnostic, Plan, Snapshot};
use crate::store::{LastBuild, Reader, Store, StoreError};

/// How many workspaces are many: reading the builds of fewer takes no longer than opening a session.
const MANY: usize = 500;

/// The versions that a plan's builds are on, and the last builds of the workspaces that it deletes, and
/// the provisioners that are alive.
pub(crate) struct Outlook {
    pub versions: BTreeMap<Uuid, Version>,
    last_builds: Vec<LastBuild>,
    provisioners: Vec<Provisioner>,
    claims: Claims,
}

impl Outlook {
    /// Reads what the plan of the snapshot needs.
    pub(crate) async fn read(
        store: &Store,
        reader: &mut Reader,
        snapshot: &Snapshot,
        plan: &Plan,
        claims: Claims,
    ) -> Result<Self, StoreError> {
        let versions = needed_versions(snapshot, plan, claims);
        let workspaces = needed_workspaces(snapshot, plan, claims);
        let mut other = None;
        if workspaces.len() > MANY {
            // Where it can't be had, the first one reads everything.
            other = store.open_reader().await.ok();
        }
        let half = if other.is_some() {
            workspaces.len() / 2
        } else {
            0
        };
        let (of_other, of_first) = workspaces.split_at(half);
        let read_first = async {
            let versions = reader.read_versions(&versions).await?;
            Ok((versions, reader.read_last_builds(of_first).await?))
        };
        let read_other = async {
            match &mut other {
                Some(other) => other.read_last_builds(of_other).await,
                None => Ok(Vec::new()),
            }
        };
        let ((versions, mut last_builds), others) = tokio::try_join!(read_first, read_other)?;
        last_builds.extend(others);
        if let Some(other) = other {
            other.close().await;
        }
        Ok(Self {
            versions,
            last_builds,
            provisioners: reader.live_provisioners().await?,
            claims,
        })
    }

    /// What would be refused of each preset, in the plan's order.
    pub(crate) fn forecast(&self, snapshot: &Snapshot, plan: &Plan) -> Vec<Vec<Diagnostic>> {
        let last_builds = self.last_builds.iter();
        let basis = Basis {
            versions: &self.versions,
            last_builds: last_builds
                .map(|last| (last.workspace_id, last.content()))
                .collect(),
            claims: self.claims,
            provisioners: &self.provisioners,
        };
        forecast(snapshot, plan, &basis)
    }
}
