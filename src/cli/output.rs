//! The one object that prints.
//!
//! Data goes to standard output, everything else to standard error. Quiet silences status, never
//! data, warnings or errors. A closed pipe is a quiet end, not an error. Where log lines are JSON, so
//! is every other line on standard error, in the same form.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::args::{ColorChoice, Format, GlobalArgs, LogFormat};
use crate::clock;
use crate::model::document::{to_json_line, write_json};
use crate::model::time;
use crate::render::TableStyle;

/// Columns of tables when standard output is not a terminal.
const DEFAULT_WIDTH: u16 = 100;

#[derive(Clone, Debug)]
pub struct Output {
    global: GlobalArgs,
    color_data: bool,
    color_status: bool,
}

impl Output {
    /// Follows the flags, NO_COLOR, CLICOLOR_FORCE, and whether the streams are terminals.
    pub fn new(global: &GlobalArgs) -> Self {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let forced =
            set("CLICOLOR_FORCE") && std::env::var_os("CLICOLOR_FORCE") != Some("0".into());
        let color = |terminal: bool| match global.color {
            ColorChoice::Always => true,
            ColorChoice::Never => false,
            ColorChoice::Auto => !set("NO_COLOR") && (forced || terminal),
        };
        Self {
            global: global.clone(),
            color_data: color(io::stdout().is_terminal()),
            color_status: color(io::stderr().is_terminal()),
        }
    }

    pub(crate) fn is_json(&self) -> bool {
        self.global.format == Format::Json
    }

    pub fn style(&self) -> TableStyle {
        let terminal = io::stdout()
            .is_terminal()
            .then(terminal_size::terminal_size)
            .flatten();
        TableStyle {
            width: terminal.map_or(DEFAULT_WIDTH, |(width, _)| width.0.max(40)),
            color: self.color_data && self.global.format == Format::Table,
            all: self.global.verbose > 0,
            markdown: self.global.format == Format::Markdown,
        }
    }

    pub fn colors_status(&self) -> bool {
        self.color_status
    }

    /// Whether to show progress: standard error is a terminal and nothing forbids it.
    pub fn shows_progress(&self) -> bool {
        !self.global.quiet
            && !self.is_json()
            && self.global.log_format == LogFormat::Text
            && io::stderr().is_terminal()
    }

    /// Prints a result: as it is for programs, as `table` lays it out for people.
    pub(crate) fn report(
        &self,
        result: &impl Serialize,
        table: impl FnOnce(TableStyle) -> String,
    ) -> Result<()> {
        if self.is_json() {
            return self.write(|to| write_json(result, to)).map(|_| ());
        }
        self.data(&table(self.style()))
    }

    pub fn data(&self, text: &str) -> Result<()> {
        self.stream(text).map(|_| ())
    }

    /// Prints a part of the data. False: the reader has closed the pipe.
    pub fn stream(&self, text: &str) -> Result<bool> {
        self.write(|to| to.write_all(text.as_bytes()))
    }

    fn write(
        &self,
        write: impl FnOnce(&mut BufWriter<StdoutLock<'_>>) -> io::Result<()>,
    ) -> Result<bool> {
        let mut stdout = BufWriter::new(io::stdout().lock());
        match write(&mut stdout).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(false),
            result => result
                .map(|()| true)
                .context("can't write to standard output"),
        }
    }

    pub fn status(&self, text: &str) {
        if !self.global.quiet {
            self.line("INFO", "", "", text);
        }
    }

    pub fn warning(&self, text: &str) {
        self.line("WARN", "warning: ", "\u{1b}[33m", text);
    }

    pub fn error(&self, text: &str) {
        self.line("ERROR", "error: ", "\u{1b}[31m", text);
    }

    /// A closed standard error is no reason to fail.
    fn line(&self, level: &'static str, heading: &str, color: &str, text: &str) {
        if self.global.log_format == LogFormat::Json {
            let line = LogLine {
                timestamp: time::format(&clock::now()),
                level,
                message: text,
                target: env!("CARGO_PKG_NAME"),
            };
            let _written = io::stderr()
                .lock()
                .write_all(to_json_line(&line).as_bytes());
            return;
        }
        let heading = if self.color_status && !color.is_empty() {
            format!("{color}{heading}\u{1b}[0m")
        } else {
            heading.to_owned()
        };
        let _written = writeln!(io::stderr().lock(), "{heading}{text}");
    }
}

/// A line in the form of log lines.
#[derive(Serialize)]
struct LogLine<'a> {
    timestamp: String,
    level: &'static str,
    message: &'a str,
    target: &'static str,
}
