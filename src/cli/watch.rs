//! `--watch`: a command's result drawn in place, again and again.
//!
//! Only on a terminal, where a person looks at it. The first turn must succeed; later failures, such as a
//! server that restarts, are shown in place of the result until there is one again.

use std::io::IsTerminal as _;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::Args;
use console::{Term, measure_text_width};

use super::{Context, exit_code, parse_duration};
use crate::clock;
use crate::error::{Failure, explain};
use crate::model::text::time;
use crate::service::signals::{Signal, listen_for_stops};

/// Whether to show the result again and again.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct WatchArgs {
    /// Draw the result in place every DURATION [default: 2s], until Ctrl-C
    #[arg(long, value_name = "DURATION", num_args = 0..=1, default_missing_value = "2s",
          value_parser = parse_duration)]
    watch: Option<Duration>,
}

impl WatchArgs {
    /// Whether it goes on until a signal, which it receives itself.
    pub(crate) fn goes_on(self) -> bool {
        self.watch.is_some()
    }
}

/// Does `turn` once, or with `--watch` until a signal ends the program.
///
/// # Errors
/// Those of the first turn; a usage error where standard output is no terminal or documents are asked for.
pub(crate) async fn watch(
    context: &Context,
    args: WatchArgs,
    turn: impl AsyncFn(&Context) -> Result<ExitCode>,
) -> Result<ExitCode> {
    let Some(every) = args.watch else {
        return turn(context).await;
    };
    if !std::io::stdout().is_terminal() || context.output.has_documents() {
        let problem =
            "--watch draws tables on a terminal; for a program, run the command again and again";
        return Err(Failure::usage(problem).into());
    }
    let screen = Screen::open()?;
    let mut is_first = true;
    let mut signals = listen_for_stops()?;
    loop {
        let shown = async {
            let output = context.output.captured();
            let captured = context.printing_to(output.clone());
            if let Err(failure) = turn(&captured).await {
                if is_first {
                    return Err(failure);
                }
                output.error(&explain(&failure));
            }
            let every_words = humantime::format_duration(every);
            let title = format!("{}, every {every_words} (Ctrl-C ends)", time(&clock::now()));
            screen.draw(&title, &output.take())?;
            tokio::time::sleep(every).await;
            Ok(())
        };
        tokio::select! {
            shown = shown => shown?,
            // This is how everybody ends it: nothing to say.
            Some(Signal::Stop(stop)) = signals.recv() => return Ok(exit_code(&stop.failure().into())),
        }
        is_first = false;
    }
}

/// The terminal, without its cursor. Dropping it brings the cursor back, below what was drawn last.
struct Screen {
    terminal: Term,
}

impl Screen {
    fn open() -> Result<Self> {
        let terminal = Term::buffered_stdout();
        terminal.hide_cursor().context(UNWRITABLE)?;
        Ok(Self { terminal })
    }

    /// Replaces what is on the screen by as much of the text as fits.
    fn draw(&self, title: &str, text: &str) -> Result<()> {
        let (height, width) = self.terminal.size();
        let width = usize::from(width.max(1));
        // A line that is longer than the terminal is wide takes several.
        let rows = |line: &str| measure_text_width(line).div_ceil(width).max(1);
        let mut room = usize::from(height).saturating_sub(3);
        let mut shown = format!("{title}\n");
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next_if(|line| rows(line) <= room) {
            room -= rows(line);
            shown.push_str(line);
            shown.push('\n');
        }
        match lines.count() {
            0 => {}
            more => shown.push_str(&format!("... {more} more lines\n")),
        }
        self.terminal.clear_screen().context(UNWRITABLE)?;
        self.terminal.write_str(&shown).context(UNWRITABLE)?;
        self.terminal.flush().context(UNWRITABLE)
    }
}

const UNWRITABLE: &str = "can't write to the terminal";

impl Drop for Screen {
    fn drop(&mut self) {
        let _shown = self
            .terminal
            .show_cursor()
            .and_then(|()| self.terminal.flush());
    }
}
