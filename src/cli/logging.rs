//! Log lines on standard error, more of them with each `-v`.

use std::io;

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::args::{GlobalArgs, LogFormat};
use super::output::Output;
use crate::model::text::{escaped, is_unsafe};

/// Starts log lines, which are all that a service prints. Libraries stay silent: their messages could
/// contain connection parameters.
pub(crate) fn start(global: &GlobalArgs, is_service: bool) {
    let level = match global.verbose {
        0 if is_service && !global.quiet => Level::INFO,
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(|| Lines);
    let lines = match global.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines
            .with_ansi(Output::new(global).colors_status())
            .with_target(false)
            .boxed(),
    };
    // Fails only if logging was started before.
    let _started = tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target(env!("CARGO_PKG_NAME"), level))
        .try_init();
}

/// Standard error, which gets nothing that acts on a terminal but the colours of levels: of what is in a
/// message tracing itself escapes the sequences that begin with ESC and the like. What is written here
/// instead of a character is JSON as well.
struct Lines;

impl io::Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let escape = |c| (is_unsafe(c) || c == '\r').then(|| format!("\\u{:04x}", u32::from(c)));
        let text = escaped(&String::from_utf8_lossy(bytes), escape);
        io::stderr().lock().write_all(text.as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
