//! Log lines on standard error: what happens inside, for those who ask with `-v`.

use tracing::Level;
use tracing_subscriber::filter::Targets;
use tracing_subscriber::prelude::*;

use super::args::{GlobalArgs, LogFormat};
use super::output::Output;

/// Starts log lines, which are all that a service ever shows. Libraries stay silent: what they say
/// could hold connection parameters.
pub(crate) fn start(global: &GlobalArgs, is_service: bool) {
    let level = match global.verbose {
        0 if is_service && !global.quiet => Level::INFO,
        0 => Level::WARN,
        1 => Level::INFO,
        2 => Level::DEBUG,
        _ => Level::TRACE,
    };
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
    let lines = match global.log_format {
        LogFormat::Json => lines.json().flatten_event(true).boxed(),
        LogFormat::Text => lines
            .with_ansi(Output::new(global).colors_status())
            .with_target(false)
            .boxed(),
    };
    // A second start, as tests could make one, changes nothing.
    let _started = tracing_subscriber::registry()
        .with(lines)
        .with(Targets::new().with_target(env!("CARGO_PKG_NAME"), level))
        .try_init();
}
