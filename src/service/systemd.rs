//! What systemd wants to know of a service of type `notify`: that it is ready, alive, stopping.
//!
//! Without NOTIFY_SOCKET in the environment nothing is told to anybody. A message that can't be sent
//! is logged and is never a reason to fail.

use sd_notify::NotifyState;

/// The service does what it is for.
pub(crate) fn ready() {
    tell(NotifyState::Ready);
}

/// The service is about to end.
pub(crate) fn stopping() {
    tell(NotifyState::Stopping);
}

/// Tells that the program is alive, twice in the time in which systemd wants to hear it. Ends at
/// once where it doesn't want to.
pub(crate) async fn keep_alive() {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = tokio::time::interval(patience / 2);
    loop {
        ticks.tick().await;
        tell(NotifyState::Watchdog);
    }
}

fn tell(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd could not be told");
    }
}
