//! Notifications on PostgreSQL. SQLite has none; there every process polls.
//!
//! Sent after the commit and outside any transaction, because NOTIFY takes an instance-wide lock at
//! commit. They only wake: listeners also poll, so that a missed notification costs time alone.

use std::collections::BTreeMap;

use data_encoding::HEXLOWER;
use sqlx::AssertSqlSafe;

use crate::builds::NewBuild;
use crate::store::StoreError;
use crate::store::session::arguments::json_rows;
use crate::store::session::connection::Connection;

/// The channel on which processes of this tool notify each other of changed pools; the payload names
/// the command, such as `claim`.
pub(crate) const CHANGED_CHANNEL: &str = "prebuildctl_changed";

/// The channel on which provisioners wait for jobs. Coder posts every queued job here: claims,
/// deletions, imported template versions.
pub(super) const JOBS_CHANNEL: &str = "provisioner_job_posted";

/// How often the same posting is repeated: each wakes one waiting provisioner, and the others poll.
const MAX_POSTINGS: usize = 10;

/// The server refuses payloads of that many bytes.
const MAX_PAYLOAD: usize = 8000;

/// A channel and a payload.
type Message = (&'static str, String);

/// Queued jobs that provisioners are to be woken for: distinct payloads, each with its number of jobs.
#[derive(Debug, Default)]
pub(crate) struct Postings(BTreeMap<String, usize>);

impl Postings {
    /// Adds the jobs of others.
    pub(crate) fn merge(&mut self, others: Self) {
        for (payload, jobs) in others.0 {
            *self.0.entry(payload).or_default() += jobs;
        }
    }

    /// The payloads as they are sent: one a job, up to a bound for each distinct one. A transaction
    /// delivers equal payloads once, so that each repetition ends with one more blank, which JSON
    /// takes no notice of. Those that are too long for the server are left out.
    fn messages(&self) -> Vec<Message> {
        let all = self.0.iter().flat_map(|(payload, jobs)| {
            (0..(*jobs).min(MAX_POSTINGS)).map(move |n| format!("{payload}{:n$}", ""))
        });
        all.filter(|payload| payload.len() < MAX_PAYLOAD)
            .map(|payload| (JOBS_CHANNEL, payload))
            .collect()
    }
}

impl<'b> Extend<&'b NewBuild> for Postings {
    fn extend<T: IntoIterator<Item = &'b NewBuild>>(&mut self, builds: T) {
        for build in builds {
            *self.0.entry(build.posting()).or_default() += 1;
        }
    }
}

impl<'b> FromIterator<&'b NewBuild> for Postings {
    fn from_iter<T: IntoIterator<Item = &'b NewBuild>>(builds: T) -> Self {
        let mut postings = Self::default();
        postings.extend(builds);
        postings
    }
}

/// Wakes provisioners, whatever the number of jobs with one statement.
pub(super) async fn post_jobs(
    connection: &mut Connection,
    postings: &Postings,
) -> Result<(), StoreError> {
    notify(connection, &postings.messages()).await
}

/// Does so for the jobs of claims, and notifies other processes of this tool of the smaller pools.
pub(super) async fn post_claims(
    connection: &mut Connection,
    postings: &Postings,
) -> Result<(), StoreError> {
    let mut messages = postings.messages();
    messages.push((CHANGED_CHANNEL, "claim".to_owned()));
    notify(connection, &messages).await
}

/// Notifies other processes of this tool of changed pools. Failing only costs them time.
pub(super) async fn post_change(connection: &mut Connection, by: &str) {
    if let Err(error) = notify(connection, &[(CHANGED_CHANNEL, by.to_owned())]).await {
        tracing::warn!(%error, "other processes could not be notified of the change");
    }
}

async fn notify(connection: &mut Connection, messages: &[Message]) -> Result<(), StoreError> {
    if let Connection::Postgres(_) = connection
        && !messages.is_empty()
    {
        // One message, which is a transaction of its own. In this form no payload can end the literal.
        let messages = HEXLOWER.encode(json_rows(messages).as_bytes());
        let sql = format!(
            "SELECT pg_notify(message ->> 0, message ->> 1) FROM jsonb_array_elements(
                CAST(convert_from(decode('{messages}', 'hex'), 'UTF8') AS jsonb)) AS n (message)"
        );
        connection.run_raw("notifying", AssertSqlSafe(sql)).await?;
    }
    Ok(())
}
