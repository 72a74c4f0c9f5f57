//! What a plan needs besides its snapshot to say which builds would be refused.
//!
//! Reads only, in a fixed number of statements whatever the plan: versions that nothing is built on
//! are not read, and of the last builds of workspaces that it deletes what a delete build follows from.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::builds::Version;
use crate::builds::deletion::Held;
use crate::builds::forecast::{Basis, Claims, forecast, needed_builds, needed_versions};
use crate::model::facts::Provisioner;
use crate::model::{Diagnostic, Plan, Snapshot};
use crate::store::{Reader, StoreError};

/// The versions that a plan's builds are on, and the last builds of the workspaces that it deletes, and
/// the provisioners that are alive.
pub(crate) struct Outlook {
    pub versions: BTreeMap<Uuid, Version>,
    /// By workspace.
    last_builds: BTreeMap<Uuid, Held>,
    provisioners: Vec<Provisioner>,
    claims: Claims,
}

impl Outlook {
    /// Reads what the plan of the snapshot needs, `running_builds` being the latest builds of its running
    /// workspaces.
    pub(crate) async fn read(
        reader: &mut Reader,
        snapshot: &Snapshot,
        running_builds: &BTreeMap<Uuid, Uuid>,
        plan: &Plan,
        claims: Claims,
    ) -> Result<Self, StoreError> {
        let versions = needed_versions(snapshot, plan, claims);
        let versions = reader.read_versions(&versions).await?;
        let builds = needed_builds(snapshot, running_builds, plan, claims);
        Ok(Self {
            last_builds: reader.read_last_builds(&builds, &versions).await?,
            provisioners: reader.live_provisioners().await?,
            versions,
            claims,
        })
    }

    /// What would be refused of each preset, in the plan's order.
    pub(crate) fn forecast(&self, snapshot: &Snapshot, plan: &Plan) -> Vec<Vec<Diagnostic>> {
        let last_builds = self.last_builds.iter();
        let basis = Basis {
            versions: &self.versions,
            last_builds: last_builds
                .map(|(workspace_id, last)| (*workspace_id, last.content()))
                .collect(),
            claims: self.claims,
            provisioners: &self.provisioners,
        };
        forecast(snapshot, plan, &basis)
    }
}
