//! Parses the command line, runs the command and turns what came of it into an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use prebuildctl::{Cli, FAILED, USAGE, exit_code, explain, run, start_logging, unless_signalled};

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(message) => {
            // Printing fails only when nobody listens.
            let _printed = message.print();
            return if message.use_stderr() {
                ExitCode::from(USAGE)
            } else {
                ExitCode::SUCCESS
            };
        }
    };
    let output = cli.output();
    start_logging(&cli, output.colors_status());
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&format!(
                "the system can't start the program's runtime: {error}"
            ));
            return ExitCode::from(FAILED);
        }
    };
    let result = if cli.is_service() {
        runtime.block_on(run(cli))
    } else {
        runtime.block_on(unless_signalled(run(cli)))
    };
    // A read from a terminal that never comes must not keep the program alive.
    runtime.shutdown_background();
    result.unwrap_or_else(|failure| {
        output.error(&explain(&failure));
        exit_code(&failure)
    })
}
