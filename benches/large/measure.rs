//! Runs programs as an operator would, start-up and connection included.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_prebuildctl");

/// A run that ended well.
pub struct Run {
    pub seconds: f64,
    /// The most memory that it had resident, in megabytes; 0 where there is no `/proc`.
    pub megabytes: u64,
    pub output: String,
}

/// The binary with these arguments, and nothing of the surroundings.
pub fn prebuildctl(arguments: &[&str]) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("--quiet").args(arguments).env_clear();
    command
}

/// Runs a program with an input.
pub fn run(command: &mut Command, input: &[u8]) -> Run {
    let started = Instant::now();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    let status = format!("/proc/{}/status", child.id());
    let mut output = String::new();
    let kilobytes = std::thread::scope(|scope| {
        scope.spawn(move || stdin.write_all(input).expect("the program reads its input"));
        let watch = scope.spawn(move || peak_memory(&status));
        let mut stdout = child.stdout.take().expect("a pipe");
        stdout.read_to_string(&mut output).expect("UTF-8");
        assert!(child.wait().expect("a status").success(), "{command:?}");
        watch.join().expect("a figure")
    });
    Run {
        seconds: started.elapsed().as_secs_f64(),
        megabytes: kilobytes / 1024,
        output,
    }
}

/// The run in the middle of several by the time that they take.
pub fn middle(runs: usize, mut run: impl FnMut() -> Run) -> Run {
    let mut all: Vec<Run> = (0..runs).map(|_| run()).collect();
    all.sort_by(|one, other| one.seconds.total_cmp(&other.seconds));
    all.swap_remove(runs / 2)
}

/// The kilobytes that a process has had resident at the most, watched until it ends.
fn peak_memory(status: &str) -> u64 {
    let mut peak = 0;
    while let Ok(text) = std::fs::read_to_string(status) {
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let Some(line) = line else { break };
        peak = line.trim().trim_end_matches(" kB").parse().unwrap_or(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}
