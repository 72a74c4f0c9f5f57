//! Parses the command line, runs the command and turns what came of it into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use prebuildctl::cli::{self, Cli};
use prebuildctl::{error, logging, signals};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Printing fails only when nobody listens.
            let _printed = message.print();
            return if message.use_stderr() {
                ExitCode::from(error::USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let output = cli.output();
    logging::start(&cli, output.colors_status());
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&format!(
                "the system can't start the program's runtime: {error}"
            ));
            return ExitCode::from(error::FAILED);
        }
    };
    let result = if cli.is_service() {
        runtime.block_on(cli::run(cli))
    } else {
        runtime.block_on(signals::unless_signalled(cli::run(cli)))
    };
    // A read from a terminal that never comes must not keep the program alive.
    runtime.shutdown_background();
    result.unwrap_or_else(|failure| {
        output.error(&error::explain(&failure));
        error::exit_code(&failure)
    })
}
