//! Runs the binary with nothing of the surroundings leaking in, and folders that clean up.
//!
//! It must not look at what the binary prints; that is for tests.

use std::io::{BufRead as _, BufReader, Read, Write as _};
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::database::Database;
use super::host::Host;

/// Nothing that a test runs takes this long; what does hangs.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The binary to run, where Cargo doesn't say: it names it to tests and benchmarks, not to examples.
pub static BINARY: OnceLock<PathBuf> = OnceLock::new();

/// A temporary folder that goes away with this value.
pub struct TestDir(tempfile::TempDir);

impl TestDir {
    /// A new empty folder.
    pub fn new() -> Self {
        let dir = tempfile::Builder::new()
            .prefix("prebuildctl-test-")
            .tempdir();
        Self(dir.expect("a temporary folder"))
    }

    /// The folder itself.
    pub fn path(&self) -> &Path {
        self.0.path()
    }

    /// The path of something in the folder.
    pub fn join(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Writes a file in the folder; returns its path.
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.join(name);
        std::fs::write(&path, text).expect("a file in a temporary folder");
        path
    }
}

/// What a run of the binary gave.
#[derive(Debug)]
pub struct Output {
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
    /// The exit code, or 128 and the number of the signal that ended it.
    pub code: i32,
}

impl Output {
    /// Standard output, after making sure that the run ended well.
    #[track_caller]
    pub fn ok(&self) -> &str {
        self.expect_code(0).stdout.as_str()
    }

    /// Standard output as JSON, after making sure that the run ended well.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        serde_json::from_str(self.ok()).unwrap_or_else(|error| panic!("{error} in {self:?}"))
    }

    /// Makes sure that the run ended with this code.
    #[track_caller]
    pub fn expect_code(&self, code: i32) -> &Self {
        assert_eq!(
            self.code, code,
            "stdout:\n{}\nstderr:\n{}",
            self.stdout, self.stderr
        );
        self
    }
}

/// A run of the binary to be: its environment is empty but for PATH and a HOME of its own.
pub struct Prebuildctl {
    command: Command,
    stdin: Vec<u8>,
    home: TestDir,
}

/// The binary with these arguments.
pub fn prebuildctl<S: AsRef<std::ffi::OsStr>>(
    arguments: impl IntoIterator<Item = S>,
) -> Prebuildctl {
    run_by(Command::new(binary()), arguments)
}

/// The same in the place of a shell that has run this, such as `umask 0` or `ulimit -n 6`.
pub fn prebuildctl_after<S: AsRef<std::ffi::OsStr>>(
    setup: &str,
    arguments: impl IntoIterator<Item = S>,
) -> Prebuildctl {
    let mut shell = Command::new("bash");
    let script = format!("{setup}; exec \"$0\" \"$@\"");
    shell.args(["-c", &script]).arg(binary());
    run_by(shell, arguments)
}

/// The same on a host of its own.
pub fn prebuildctl_on<S: AsRef<std::ffi::OsStr>>(
    host: &Host,
    arguments: impl IntoIterator<Item = S>,
) -> Prebuildctl {
    let mut command = host.command();
    command.arg(binary());
    run_by(command, arguments)
}

fn binary() -> &'static Path {
    BINARY.get_or_init(|| {
        let named = option_env!("CARGO_BIN_EXE_prebuildctl");
        named.expect("a binary to run").into()
    })
}

fn run_by<S: AsRef<std::ffi::OsStr>>(
    mut command: Command,
    arguments: impl IntoIterator<Item = S>,
) -> Prebuildctl {
    let home = TestDir::new();
    command
        .args(arguments)
        .env_clear()
        .env("HOME", home.path())
        .current_dir(home.path());
    if let Some(path) = std::env::var_os("PATH") {
        command.env("PATH", path);
    }
    Prebuildctl {
        command,
        stdin: Vec::new(),
        home,
    }
}

impl Prebuildctl {
    /// Works on this database, which is given by the environment.
    pub fn on(self, database: &Database) -> Self {
        self.env("PREBUILDCTL_DATABASE_URL", &database.url)
    }

    /// One more argument.
    pub fn arg(mut self, argument: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.arg(argument);
        self
    }

    /// More arguments.
    pub fn args(mut self, arguments: &[&str]) -> Self {
        self.command.args(arguments);
        self
    }

    /// Sets an environment variable.
    pub fn env(mut self, name: &str, value: impl AsRef<std::ffi::OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    /// Works in this folder, which is the home folder as well.
    pub fn within(mut self, dir: &TestDir) -> Self {
        self.command.env("HOME", dir.path()).current_dir(dir.path());
        self
    }

    /// Gives this on standard input, which is empty otherwise.
    pub fn stdin(mut self, text: impl Into<Vec<u8>>) -> Self {
        self.stdin = text.into();
        self
    }

    /// Runs to the end.
    pub fn run(self) -> Output {
        self.spawn().wait()
    }

    /// Starts, and leaves standard input open for good.
    pub fn spawn_with_open_stdin(self) -> Running {
        self.start(true)
    }

    /// Starts.
    pub fn spawn(self) -> Running {
        self.start(false)
    }

    fn start(mut self, keep_stdin: bool) -> Running {
        let mut child = self
            .command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut input = child.stdin.take().expect("a pipe");
        let text = self.stdin;
        let stdin = if keep_stdin {
            Some(input)
        } else {
            // Whether the binary reads it all is not the tests' business.
            thread::spawn(move || drop(input.write_all(&text)));
            None
        };
        let heard = Arc::default();
        Running {
            _stdin: stdin,
            stdout: Some(read(child.stdout.take().expect("a pipe"))),
            stderr: Some(read_along(
                child.stderr.take().expect("a pipe"),
                Arc::clone(&heard),
            )),
            heard,
            child,
            _home: self.home,
        }
    }
}

/// A run that is under way; it is killed when this value goes away.
pub struct Running {
    child: Child,
    stdout: Option<JoinHandle<String>>,
    stderr: Option<JoinHandle<String>>,
    _stdin: Option<ChildStdin>,
    /// The lines on standard error so far.
    heard: Arc<Mutex<String>>,
    _home: TestDir,
}

impl Running {
    /// The id of the process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Sends a signal, such as `TERM` or `KILL`.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args(["-s", name, &self.child.id().to_string()])
            .status();
        assert!(
            status.expect("kill is there").success(),
            "signal {name} could not be sent"
        );
    }

    /// Kills it where it stands.
    pub fn kill(&mut self) {
        self.child.kill().expect("a child of ours");
    }

    /// Kills it where it stands; nothing happens when it has ended by itself.
    pub fn kill_unless_over(mut self) {
        self.child.kill().expect("a child of ours");
        self.child.wait().expect("a child of ours");
    }

    /// Whether it has a handler for SIGTERM by now, by Linux's account.
    pub fn catches_signals(&self) -> bool {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id()));
        let status = status.expect("a process of ours");
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = u64::from_str_radix(caught.expect("a mask").trim(), 16);
        caught.expect("a mask") & (1 << 14) != 0
    }

    /// Waits until standard error holds this text; returns all of it so far.
    #[track_caller]
    pub fn await_stderr(&self, text: &str) -> String {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            let heard = self
                .heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
            if heard.contains(text) {
                return heard;
            }
            assert!(Instant::now() < deadline, "no {text:?} in:\n{heard}");
            thread::sleep(Duration::from_millis(2));
        }
    }

    /// Whether it has not ended yet.
    pub fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child of ours").is_none()
    }

    /// Waits for the end; a run that takes too long is killed and fails the test.
    pub fn wait(mut self) -> Output {
        let deadline = Instant::now() + TIMEOUT;
        // Most runs are over within milliseconds.
        let mut pause = Duration::from_micros(200);
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("a child of ours") {
                break Some(status);
            }
            if Instant::now() > deadline {
                self.child.kill().expect("a child of ours");
                break None;
            }
            thread::sleep(pause);
            pause = (pause * 5 / 4).min(Duration::from_millis(2));
        };
        let stdout = self
            .stdout
            .take()
            .expect("taken once")
            .join()
            .expect("a reader");
        let stderr = self
            .stderr
            .take()
            .expect("taken once")
            .join()
            .expect("a reader");
        let Some(status) = status else {
            panic!("still running after {TIMEOUT:?}\nstdout:\n{stdout}\nstderr:\n{stderr}");
        };
        Output {
            stdout,
            stderr,
            code: code(status),
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It has ended already, as a rule, and then there is nothing to kill.
        let _ignored = self.child.kill();
        let _ignored = self.child.wait();
    }
}

fn code(status: ExitStatus) -> i32 {
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
        .expect("it has ended")
}

fn read(mut pipe: impl Read + Send + 'static) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        pipe.read_to_string(&mut text).expect("UTF-8 output");
        text
    })
}

/// Reads to the end as well, and lets others see the lines as they come.
fn read_along(pipe: impl Read + Send + 'static, heard: Arc<Mutex<String>>) -> JoinHandle<String> {
    thread::spawn(move || {
        let mut text = String::new();
        for line in BufReader::new(pipe).lines() {
            text.push_str(&line.expect("UTF-8 output"));
            text.push('\n');
            heard
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone_from(&text);
        }
        text
    })
}
