//! What a service of type `notify` reports to systemd: that it is ready, alive, stopping.
//!
//! Without NOTIFY_SOCKET in the environment nothing is sent. A message that can't be sent is logged
//! and is never a reason to fail.

use sd_notify::NotifyState;

pub(crate) fn ready() {
    notify(NotifyState::Ready);
}

pub(crate) fn stopping() {
    notify(NotifyState::Stopping);
}

/// Reports that the program is alive, twice in each watchdog interval. Ends at once without one.
pub(crate) async fn keep_alive() {
    let Some(patience) = sd_notify::watchdog_enabled() else {
        return;
    };
    let mut ticks = tokio::time::interval(patience / 2);
    loop {
        ticks.tick().await;
        notify(NotifyState::Watchdog);
    }
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(&[state]) {
        tracing::debug!(%error, "systemd could not be notified");
    }
}
