//! A hook: every event goes to a command or to an address, in order, and is tried again for a while.
//!
//! Knows nothing of what the events say. Nothing ever waits for it: events stand in a queue of bounded length,
//! and those that can't be delivered are logged and given up.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use hyper::header::CONTENT_TYPE;
use hyper::{Request, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::backoff::{jitter, next_delay};

/// Events that wait: each pool of a large deployment may have one.
const WAITING: usize = 1000;

/// How often an event is tried.
const ATTEMPTS: usize = 6;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest wait between two attempts.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A command of a shell, which gets the event on standard input.
    Command(String),
    /// An address that takes POST.
    Url(Uri),
}

impl Target {
    /// Reads what a flag names.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        if text.is_empty() {
            return Err("is empty".to_owned());
        }
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Ok(Self::Command(text.to_owned()));
        }
        match text.parse::<Uri>() {
            Ok(uri) if uri.host().is_some() => Ok(Self::Url(uri)),
            Ok(_) => Err("names no host".to_owned()),
            Err(error) => Err(error.to_string()),
        }
    }

    async fn deliver(&self, event: &str) -> Result<()> {
        match self {
            Self::Command(command) => run(command, event).await,
            Self::Url(uri) => post(uri, event).await,
        }
    }
}

/// A hook that delivers as long as this value is there.
pub(crate) struct Hook {
    events: mpsc::Sender<String>,
    delivering: JoinHandle<()>,
}

impl Hook {
    pub(crate) fn start(target: Target) -> Self {
        let (events, waiting) = mpsc::channel(WAITING);
        Self {
            events,
            delivering: tokio::spawn(deliver(target, waiting)),
        }
    }

    /// Lets an event be delivered.
    pub(crate) fn send(&self, event: String) {
        if self.events.try_send(event).is_err() {
            tracing::warn!("an event is lost: {WAITING} others wait for --on-event");
        }
    }

    /// Ends the hook once all events are delivered, or the patience is over.
    pub(crate) async fn finish(self, patience: Duration) {
        drop(self.events);
        let delivering = self.delivering.abort_handle();
        if tokio::time::timeout(patience, self.delivering)
            .await
            .is_err()
        {
            delivering.abort();
            tracing::warn!("the last events could not be delivered to --on-event in time");
        }
    }
}

async fn deliver(target: Target, mut waiting: mpsc::Receiver<String>) {
    while let Some(event) = waiting.recv().await {
        let mut delay = None;
        for attempt in 1..=ATTEMPTS {
            let delivery = tokio::time::timeout(PATIENCE, target.deliver(&event)).await;
            let delivery = delivery
                .context("it took too long")
                .and_then(|result| result);
            let Err(error) = delivery else { break };
            if attempt == ATTEMPTS {
                tracing::warn!(
                    error = format!("{error:#}"),
                    event,
                    "--on-event failed; the event is given up"
                );
                break;
            }
            if attempt == 1 {
                tracing::warn!(
                    error = format!("{error:#}"),
                    "--on-event failed; trying again"
                );
            }
            let next = next_delay(delay, LONGEST_DELAY, jitter());
            tokio::time::sleep(next).await;
            delay = Some(next);
        }
    }
}

async fn run(command: &str, event: &str) -> Result<()> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .context("can't start sh")?;
    if let Some(mut input) = child.stdin.take() {
        // A command that doesn't read the event may have done all it wants.
        let _written = input.write_all(event.as_bytes()).await;
    }
    let ended = child.wait_with_output().await?;
    if ended.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&ended.stderr);
    bail!(
        "{}: {}",
        ended.status,
        said.lines().last().unwrap_or_default()
    );
}

async fn post(uri: &Uri, event: &str) -> Result<()> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .context("the system's certificates can't be read")?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let request = Request::post(uri)
        .header(CONTENT_TYPE, "application/json")
        .body(event.to_owned())?;
    let response = client.request(request).await?;
    if response.status().is_success() {
        return Ok(());
    }
    bail!("the answer is {}", response.status());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_and_commands_are_told_apart() {
        let url = Target::read("https://hooks.example.com/a?b=c").unwrap();
        assert!(matches!(url, Target::Url(_)), "{url:?}");
        let command = Target::read("logger -t pools").unwrap();
        assert_eq!(command, Target::Command("logger -t pools".to_owned()));
        assert!(Target::read("").is_err());
        assert!(Target::read("http://").is_err());
    }

    #[tokio::test]
    async fn a_command_that_fails_gets_the_event_again_and_order_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("events");
        let once = folder.path().join("once");
        // Fails the first time, without having kept the event.
        let command = format!(
            "test -e {once:?} || {{ touch {once:?}; exit 3; }}; cat >> {file:?}; echo >> {file:?}"
        );
        let hook = Hook::start(Target::Command(command));
        hook.send("one".to_owned());
        hook.send("two".to_owned());
        hook.finish(Duration::from_secs(30)).await;
        assert_eq!(std::fs::read_to_string(&file).unwrap(), "one\ntwo\n");
    }
}
