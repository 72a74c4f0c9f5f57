//! Notifications on PostgreSQL. SQLite has none; there every process polls.
//!
//! Sent after the commit and outside any transaction, because NOTIFY takes an instance-wide lock at
//! commit. They only wake: listeners also poll, so that a missed notification costs time alone.

use std::collections::BTreeMap;

use crate::builds::NewBuild;
use crate::store::StoreError;
use crate::store::session::arguments::args;
use crate::store::session::connection::Connection;
use crate::store::session::statement::statements;

/// The channel on which processes of this tool notify each other of changed pools; the payload names
/// the command, such as `claim`.
pub(crate) const CHANGED_CHANNEL: &str = "prebuildctl_changed";

/// The channel on which provisioners wait for jobs. Coder posts every queued job here: claims,
/// deletions, imported template versions.
pub(super) const JOBS_CHANNEL: &str = "provisioner_job_posted";

/// How often the same posting is repeated: each wakes one waiting provisioner, and the others poll.
const MAX_POSTINGS: usize = 10;

/// Queued jobs that provisioners are to be woken for: distinct payloads, each with its number of jobs.
#[derive(Debug, Default)]
pub(crate) struct Postings(BTreeMap<String, usize>);

impl<'b> Extend<&'b NewBuild> for Postings {
    fn extend<T: IntoIterator<Item = &'b NewBuild>>(&mut self, builds: T) {
        for build in builds {
            *self.0.entry(build.posting()).or_default() += 1;
        }
    }
}

/// Wakes provisioners: one posting a job, up to a bound for each distinct payload. Each is a
/// statement of its own, because a transaction delivers equal payloads once.
pub(super) async fn post_jobs(
    connection: &mut Connection,
    postings: &Postings,
) -> Result<(), StoreError> {
    let mut result = Ok(());
    for (payload, jobs) in &postings.0 {
        for _ in 0..(*jobs).min(MAX_POSTINGS) {
            // One that is too long for the server must not keep the others from being sent.
            if let Err(error) = notify(connection, JOBS_CHANNEL, payload).await {
                result = Err(error);
                break;
            }
        }
    }
    result
}

/// Notifies other processes of this tool of changed pools. Failing only costs them time.
pub(super) async fn post_change(connection: &mut Connection, by: &str) {
    if let Err(error) = notify(connection, CHANGED_CHANNEL, by).await {
        tracing::warn!(%error, "other processes could not be notified of the change");
    }
}

async fn notify(
    connection: &mut Connection,
    channel: &str,
    payload: &str,
) -> Result<(), StoreError> {
    if let Connection::Postgres(_) = connection {
        connection.execute(&NOTIFY, args![channel, payload]).await?;
    }
    Ok(())
}

statements! {
    NOTIFY: "notifying", sql "SELECT pg_notify($1, $2)";
}
