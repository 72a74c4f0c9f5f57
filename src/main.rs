//! Parses the command line, runs the command and turns its result into an exit code.

use std::process::ExitCode;

use prebuildctl::{
    Cli, FAILED, check_open_files, complete, exit_code, explain, run, survive_file_size_limit,
    unless_signalled,
};

fn main() -> ExitCode {
    complete();
    let cli = match Cli::from_command_line() {
        Ok(cli) => cli,
        Err(code) => return code,
    };
    cli.start_logging();
    let output = cli.output();
    if let Err(failure) = check_open_files() {
        output.error(&explain(&failure));
        return ExitCode::from(FAILED);
    }
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
    let handles_signals = cli.handles_signals();
    let result = runtime.block_on(async {
        survive_file_size_limit()?;
        if handles_signals {
            run(cli).await
        } else {
            let told = cli.output();
            unless_signalled(run(cli), move |failure| told.error(&explain(failure))).await
        }
    });
    // A read from a terminal that never ends must not keep the program alive.
    runtime.shutdown_background();
    result.unwrap_or_else(|failure| {
        output.error(&explain(&failure));
        exit_code(&failure)
    })
}
