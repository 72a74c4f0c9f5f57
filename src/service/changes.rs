//! Waking a service at every change in its database.
//!
//! Only a wake-up: services also poll, so that a missed notification only costs time.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;

use crate::service::backoff::{jitter, next_delay};
use crate::store::{Store, Subject};

/// The longest wait before listening is tried again.
const LONGEST_RECONNECT: Duration = Duration::from_secs(30);

/// Notifies `wake` at every change of the subject, until it is dropped.
pub(crate) async fn wake_at_changes(store: Store, subject: Subject, wake: Arc<Notify>) {
    let mut backoff = None;
    let mut missed = false;
    loop {
        match store.listen(subject).await {
            Ok(None) => {
                tracing::info!(
                    "a proxy stands before the server, so that nothing is heard of changes there: they are \
                     looked for at every interval"
                );
                return;
            }
            Ok(Some(mut changes)) => {
                backoff = None;
                if missed {
                    tracing::info!("listening for changes again");
                    wake.notify_one();
                }
                let error = loop {
                    match changes.next().await {
                        Ok(()) => wake.notify_one(),
                        Err(error) => break error,
                    }
                };
                tracing::warn!(%error, "not listening for changes for a while");
            }
            // Whatever else the service does on the database fails alike and reports it.
            Err(error) => tracing::debug!(%error, "can't listen for changes"),
        }
        missed = true;
        let delay = next_delay(backoff, LONGEST_RECONNECT, jitter());
        backoff = Some(delay);
        tokio::time::sleep(delay).await;
    }
}
