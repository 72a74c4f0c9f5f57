//! Log lines on standard error, more of them with each `-v`.

use tracing_subscriber::EnvFilter;

use super::args::{GlobalArgs, LogFormat};
use super::output::Output;

/// Starts log lines, which are all that a service prints. Libraries stay silent: their messages could
/// contain connection parameters.
pub(crate) fn start(global: &GlobalArgs, is_service: bool) {
    let level = match global.verbose {
        0 if is_service && !global.quiet => "info",
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("off,prebuildctl={level}"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // Fails only if logging was started before.
    let _started = match global.log_format {
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
        LogFormat::Text => subscriber
            .with_ansi(Output::new(global).colors_status())
            .with_target(false)
            .try_init(),
    };
}
