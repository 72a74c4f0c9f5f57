//! Parses the command line, runs the command and turns its result into an exit code.

use std::process::ExitCode;

use prebuildctl::{Cli, FAILED, exit_code, explain, run, unless_signalled};

fn main() -> ExitCode {
    let cli = match Cli::from_command_line() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    cli.start_logging();
    let output = cli.output();
    let runtime = match tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            output.error(&format!("can't start the async runtime: {error}"));
            return ExitCode::from(FAILED);
        }
    };
    let result = if cli.is_service() {
        runtime.block_on(run(cli))
    } else {
        runtime.block_on(unless_signalled(run(cli)))
    };
    // A read from a terminal that never ends must not keep the program alive.
    runtime.shutdown_background();
    result.unwrap_or_else(|failure| {
        output.error(&explain(&failure));
        exit_code(&failure)
    })
}
