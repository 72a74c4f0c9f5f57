//! Runs the release binary as an operator would, start-up and connection included.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_prebuildctl");
const RUNS: usize = 5;

/// Runs the binary several times and prints the fastest, the middle and the slowest run, and the
/// most memory that a run had resident.
pub fn measure(what: &str, arguments: &[&str], input: &[u8]) -> String {
    let mut times = Vec::new();
    let mut memory = 0;
    let mut output = String::new();
    for _ in 0..RUNS {
        let started = Instant::now();
        let mut child = Command::new(BINARY)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("the binary starts");
        let mut stdin = child.stdin.take().expect("a pipe");
        let status = format!("/proc/{}/status", child.id());
        let (watched, text) = std::thread::scope(|scope| {
            scope.spawn(move || stdin.write_all(input).expect("the binary reads its input"));
            let watch = scope.spawn(move || peak_memory(&status));
            let mut text = String::new();
            let mut stdout = child.stdout.take().expect("a pipe");
            std::io::Read::read_to_string(&mut stdout, &mut text).expect("UTF-8");
            assert!(child.wait().expect("a status").success());
            (watch.join().expect("a figure"), text)
        });
        times.push(started.elapsed());
        memory = memory.max(watched);
        output = text;
    }
    times.sort();
    let seconds = |time: &Duration| time.as_secs_f64();
    println!(
        "{what}: {:.2} s to {:.2} s, {:.2} s in the middle; {} MB at the most",
        seconds(&times[0]),
        seconds(&times[RUNS - 1]),
        seconds(&times[RUNS / 2]),
        memory / 1024
    );
    output
}

/// The kilobytes that a process has had resident at the most, watched until it ends. 0 where there
/// is no `/proc`.
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
