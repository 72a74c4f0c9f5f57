//! Headless Chromium that looks at pages, driven by its own protocol over a pipe; it stops when the value goes away,
//! and also when this process ends.
//!
//! Pages run no script of theirs; what is evaluated sees them as a reader without script does.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::cluster::run;
use super::process::TestDir;

/// What takes longer hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// A running browser with one tab.
pub struct Browser {
    process: Child,
    input: ChildStdin,
    messages: Receiver<Value>,
    calls: u64,
    /// The tab, once it is there.
    session: Option<String>,
    /// What pages asked for: their own addresses first.
    pub requests: Vec<String>,
    _folder: TestDir,
}

/// How a page is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct View {
    /// In CSS pixels.
    pub width: u32,
    /// `screen` or `print`.
    pub media: &'static str,
    /// `light` or `dark`, as the reader prefers it.
    pub scheme: &'static str,
}

impl Browser {
    /// Starts one. None where there is none, which fails where it is required.
    pub fn start() -> Option<Self> {
        let find = "command -v chromium || command -v google-chrome";
        let Ok(program) = run(Command::new("sh").args(["-c", find])) else {
            let required =
                std::env::var("PREBUILDCTL_TEST_REQUIRE_BROWSER").is_ok_and(|it| it == "1");
            assert!(
                !required,
                "no Chromium here, and PREBUILDCTL_TEST_REQUIRE_BROWSER is set"
            );
            eprintln!("skipped: no Chromium here");
            return None;
        };
        let folder = TestDir::new();
        // It reads commands from descriptor 3, and answers on 4.
        let pipe = r#"exec "$0" "$@" 3<&0 4>&1 </dev/null >/dev/null"#;
        let mut process = Command::new("bash")
            .args(["-c", pipe, program.trim(), "--remote-debugging-pipe"])
            .args(["--headless", "--disable-gpu", "--disable-dev-shm-usage"])
            // Root can't do without; what it is shown is our own.
            .arg("--no-sandbox")
            .args(["--no-first-run", "--disable-background-networking"])
            .args(["--disable-component-update", "--disable-sync"])
            .arg("--disable-quic")
            .arg(format!("--user-data-dir={}", folder.path().display()))
            .env("HOME", folder.path())
            .env("TMPDIR", folder.path())
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("it was there a moment ago");
        let output = process.stdout.take().expect("a pipe");
        let (sender, messages) = channel();
        thread::spawn(move || {
            // The last one may be cut.
            let messages = BufReader::new(output).split(0);
            let messages = messages.map_while(|it| serde_json::from_slice(&it.ok()?).ok());
            for message in messages {
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        let mut browser = Self {
            input: process.stdin.take().expect("a pipe"),
            process,
            messages,
            calls: 0,
            session: None,
            requests: Vec::new(),
            _folder: folder,
        };
        let tab = browser.call("Target.createTarget", &json!({"url": "about:blank"}));
        let attach = json!({"targetId": tab["targetId"], "flatten": true});
        let session = browser.call("Target.attachToTarget", &attach);
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        browser.call("Page.enable", &json!({}));
        browser.call("Network.enable", &json!({}));
        let no_script = json!({"value": true});
        browser.call("Emulation.setScriptExecutionDisabled", &no_script);
        Some(browser)
    }

    /// Opens a file, and waits until it is there with all that it needs.
    pub fn open(&mut self, page: &Path) {
        let url = format!("file://{}", page.display());
        self.call("Page.navigate", &json!({"url": url}));
        self.receive(|it| it["method"] == "Page.loadEventFired");
    }

    /// Shows the page in this way.
    pub fn show(&mut self, view: View) {
        let size =
            json!({"width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false});
        self.call("Emulation.setDeviceMetricsOverride", &size);
        let scheme = json!({"name": "prefers-color-scheme", "value": view.scheme});
        let media = json!({"media": view.media, "features": [scheme]});
        self.call("Emulation.setEmulatedMedia", &media);
    }

    /// The value of an expression of JavaScript.
    #[track_caller]
    pub fn evaluate(&mut self, expression: &str) -> Value {
        let expression = json!({"expression": expression, "returnByValue": true});
        let answer = self.call("Runtime.evaluate", &expression);
        assert!(answer["exceptionDetails"].is_null(), "{answer}");
        answer["result"]["value"].clone()
    }

    #[track_caller]
    fn call(&mut self, method: &str, parameters: &Value) -> Value {
        self.calls += 1;
        let id = self.calls;
        let mut message = json!({"id": id, "method": method, "params": parameters});
        if let Some(session) = &self.session {
            message["sessionId"] = json!(session);
        }
        write!(self.input, "{message}\0").expect("a browser that listens");
        let answer = self.receive(|it| it["id"] == id);
        assert!(answer["error"].is_null(), "{method}: {answer}");
        answer["result"].clone()
    }

    /// The next message of a kind.
    #[track_caller]
    fn receive(&mut self, is_wanted: impl Fn(&Value) -> bool) -> Value {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let message = self.messages.recv_timeout(left);
            let message = message.expect("a browser that answers");
            if let Some(url) = message["params"]["request"]["url"].as_str() {
                self.requests.push(url.to_owned());
            }
            if is_wanted(&message) {
                return message;
            }
        }
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // With its helpers, which would go on writing to its folder for a moment; it may have ended by itself.
        let group = format!("-{}", self.process.id());
        let _ignored = run(Command::new("kill").args(["-s", "KILL", "--", &group]));
        let _ignored = self.process.wait();
    }
}
