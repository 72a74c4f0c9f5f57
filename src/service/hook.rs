//! A hook: every event goes to a command or to an address, in order, and is tried again for a while.
//!
//! Knows nothing of what the events say. Nothing ever waits for it: events stand in a queue of bounded length,
//! and those that can't be delivered are logged and given up.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use data_encoding::BASE64;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use hyper::{Request, Uri};
use hyper_rustls::HttpsConnectorBuilder;
use hyper_util::client::legacy::Client;
use hyper_util::rt::TokioExecutor;
use percent_encoding::percent_decode_str;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

use super::backoff::{jitter, next_delay};
use super::foreign::{self, Group};
use crate::error::Failure;

/// Events that wait: each pool of a large deployment may have one.
const WAITING: usize = 1000;

/// How often an event is tried.
const ATTEMPTS: usize = 6;

/// How long one attempt may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// Longest wait between two attempts.
const LONGEST_DELAY: Duration = Duration::from_secs(30);

/// Bytes of what a command says that are kept: the last line is logged.
const KEPT: usize = 4096;

/// Where events go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A command of a shell, which gets the event on standard input.
    Command(String),
    /// An address that takes POST.
    Url(Uri),
}

impl Target {
    /// Reads what `--on-event` names.
    ///
    /// # Errors
    /// It is empty, or an address that can't be used. The address may hold a password and is not shown.
    pub(crate) fn read(text: &str) -> Result<Self, Failure> {
        let refuse = |problem: &str| Failure::usage(format!("--on-event {problem}"));
        let word = text.split_whitespace().next();
        let word = word.ok_or_else(|| refuse("is empty"))?;
        let is_meant = ["http:", "https:"].iter().any(|it| word.starts_with(it));
        // A shell takes `NAME=https://...` for a variable of the command that follows.
        let scheme = word.split_once("://").map(|(scheme, _)| scheme);
        let is_address = scheme.is_some_and(|it| it.bytes().all(|it| it.is_ascii_alphanumeric()));
        if !is_meant && !is_address {
            return Ok(Self::Command(text.to_owned()));
        }
        match text.parse::<Uri>() {
            Ok(uri) if matches!(uri.scheme_str(), Some("http" | "https")) => Ok(Self::Url(uri)),
            Err(_) | Ok(_) => Err(refuse(
                "is an address that can't be used: give http://HOST/PATH, https://HOST/PATH or a command",
            )),
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
    let mut child = foreign::command("sh")
        .args(["-c", command])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("can't start sh")?;
    // Ends all that the command has started when this takes too long, or the loop stops.
    let mut group = Group::new(&child);
    let (input, errors) = (child.stdin.take(), child.stderr.take());
    let write = async {
        if let Some(mut input) = input {
            // A command that doesn't read the event may have done all it wants.
            let _written = input.write_all(event.as_bytes()).await;
        }
    };
    // Read to the end also after a success: what goes on in the background holds the pipe and may print.
    let read = tokio::spawn(async {
        match errors {
            Some(errors) => end_of(errors).await,
            None => String::new(),
        }
    });
    let ((), status) = tokio::join!(write, child.wait());
    let status = status?;
    if status.success() {
        group.leave();
        return Ok(());
    }
    group.kill();
    let said = read.await?;
    bail!("{status}: {}", said.lines().last().unwrap_or_default());
}

/// The end of what a command says, however much that is.
async fn end_of(mut errors: impl AsyncRead + Unpin) -> String {
    let mut buffer = [0; KEPT];
    let mut last: Vec<u8> = Vec::new();
    while let Ok(read @ 1..) = errors.read(&mut buffer).await {
        last.extend_from_slice(buffer.get(..read).unwrap_or_default());
        let excess = last.len().saturating_sub(KEPT);
        last.drain(..excess);
    }
    String::from_utf8_lossy(&last).into_owned()
}

async fn post(uri: &Uri, event: &str) -> Result<()> {
    let connector = HttpsConnectorBuilder::new()
        .with_native_roots()
        .context("the system's certificates can't be read")?
        .https_or_http()
        .enable_http1()
        .build();
    let client = Client::builder(TokioExecutor::new()).build(connector);
    let mut request = Request::post(uri)
        .header(CONTENT_TYPE, "application/json")
        .body(event.to_owned())?;
    if let Some(credentials) = credentials(uri)? {
        request.headers_mut().insert(AUTHORIZATION, credentials);
    }
    let response = client.request(request).await?;
    if response.status().is_success() {
        return Ok(());
    }
    bail!("the answer is {}", response.status());
}

/// What `user:password@` in an address says, as HTTP's basic authentication has it.
fn credentials(uri: &Uri) -> Result<Option<HeaderValue>> {
    let authority = uri.authority().map_or("", |it| it.as_str());
    let Some((user, _)) = authority.rsplit_once('@') else {
        return Ok(None);
    };
    let user: Vec<u8> = percent_decode_str(user).collect();
    let mut header = HeaderValue::try_from(format!("Basic {}", BASE64.encode(&user)))?;
    header.set_sensitive(true);
    Ok(Some(header))
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
        let with_variable = Target::read("TO=https://hooks.example.com/a notify").unwrap();
        assert!(
            matches!(with_variable, Target::Command(_)),
            "{with_variable:?}"
        );
        for bad in [
            "",
            " ",
            "http://",
            "http:/u:secret@h",
            "https:h",
            "ftp://u:secret@h/",
            "http://u:secret@h:x y/",
        ] {
            let refused = Target::read(bad).unwrap_err().to_string();
            assert!(
                refused.starts_with("--on-event is ") && !refused.contains("secret"),
                "{refused}"
            );
        }
    }

    #[test]
    fn a_user_of_an_address_becomes_basic_authentication() {
        let header = |url: &str| credentials(&url.parse().unwrap()).unwrap();
        assert_eq!(header("https://hooks.example.com/a"), None);
        let with_user = header("https://ann:p%40ss@hooks.example.com/a").unwrap();
        // ann:p@ss
        assert_eq!(with_user, "Basic YW5uOnBAc3M=");
        assert!(with_user.is_sensitive());
    }

    #[tokio::test]
    async fn a_command_that_says_much_is_heard_to_the_end_and_leaves_nothing_running() {
        let said = end_of(&b"one\n".repeat(100_000)[..]).await;
        assert_eq!((said.len(), said.lines().last()), (KEPT, Some("one")));
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("pid");
        let command = format!("sleep 300 & echo $! > {file:?}; wait");
        let delivery = run(&command, "event");
        let pid = tokio::select! {
            _ = delivery => panic!("the command ends"),
            pid = async {
                loop {
                    match std::fs::read_to_string(&file) {
                        Ok(pid) if pid.ends_with('\n') => break pid,
                        _ => tokio::time::sleep(Duration::from_millis(5)).await,
                    }
                }
            } => pid,
        };
        let process = format!("/proc/{}/stat", pid.trim());
        // A zombie that nobody waits for is as good as gone.
        let is_gone = || {
            let stat = std::fs::read_to_string(&process);
            stat.map_or(true, |stat| stat.contains(") Z"))
        };
        while !is_gone() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
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
