//! Log lines on standard error: what happens inside, for those who ask with `-v`.

use tracing_subscriber::EnvFilter;

use crate::cli::{Cli, LogFormat};

/// Starts logging, in colour or without. Libraries stay silent below warnings: what they say could hold connection
/// parameters.
pub fn start(cli: &Cli, color: bool) {
    let level = match cli.global.verbose {
        // Its log is all that a service ever shows.
        0 if cli.is_service() && !cli.global.quiet => "info",
        0 => "warn",
        1 => "info",
        2 => "debug",
        _ => "trace",
    };
    let filter = EnvFilter::new(format!("off,prebuildctl={level}"));
    let subscriber = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr);
    // A second start, as tests could make one, changes nothing.
    let _started = match cli.global.log_format {
        LogFormat::Json => subscriber.json().flatten_event(true).try_init(),
        LogFormat::Text => subscriber.with_ansi(color).with_target(false).try_init(),
    };
}
