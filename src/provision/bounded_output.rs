//! The output of a command as lines of a log, whatever it prints.
//!
//! Memory stays bounded: what a line has beyond the limit of a log is skipped while it is read.

use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::provision::build::Log;
use crate::provision::last_words::LastWords;
use crate::store::LogLevel;

/// Bytes of a line that are kept: enough for the characters that a log line holds, at four bytes
/// each.
const KEPT: usize = 4096;

/// Reads until the end, logs every line and adds it to the last words.
pub(super) async fn log_lines(
    mut from: impl AsyncRead + Unpin,
    level: LogLevel,
    log: Log,
    last: LastWords,
) {
    let mut buffer = vec![0; 8192];
    let mut line = Vec::new();
    let mut open = false;
    loop {
        let read = match from.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(read) => read,
        };
        let mut rest = buffer.get(..read).unwrap_or_default();
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            keep(&mut line, rest.get(..end).unwrap_or_default());
            finish(&mut line, level, &log, &last).await;
            open = false;
            rest = rest.get(end + 1..).unwrap_or_default();
        }
        if !rest.is_empty() {
            keep(&mut line, rest);
            open = true;
        }
    }
    if open {
        finish(&mut line, level, &log, &last).await;
    }
}

fn keep(line: &mut Vec<u8>, part: &[u8]) {
    let room = KEPT.saturating_sub(line.len()).min(part.len());
    line.extend_from_slice(part.get(..room).unwrap_or_default());
}

async fn finish(line: &mut Vec<u8>, level: LogLevel, log: &Log, last: &LastWords) {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    // First: the log waits for room, perhaps beyond the end of the command.
    last.push(level, text);
    log.write(level, text).await;
    line.clear();
}
