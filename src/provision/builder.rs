//! The ways to build.

use tokio::sync::oneshot;

use crate::provision::build::{Built, Log};
use crate::provision::exec::Exec;
use crate::provision::simulate::Simulate;
use crate::provision::{build_folder, left_behind};
use crate::store::Job;

#[derive(Clone, Debug)]
pub(crate) enum Builder {
    Exec(Exec),
    Simulate(Simulate),
}

impl Builder {
    /// Ends what killed workers on this host have left running: their jobs will be built again.
    pub(super) async fn clear_host(&self) {
        if let Self::Exec(_) = self {
            left_behind::clear(&build_folder::place()).await;
        }
    }

    /// Builds one job. `stop` ends the build early. An error says why this host can't build.
    pub(super) async fn build(
        &self,
        job: &Job,
        log: &Log,
        stop: oneshot::Receiver<()>,
    ) -> Result<Built, String> {
        match self {
            Self::Exec(exec) => exec.build(job, log, stop).await,
            Self::Simulate(simulate) => Ok(simulate.build(job, log, stop).await),
        }
    }
}
