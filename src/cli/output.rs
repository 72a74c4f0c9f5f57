//! The one object that prints.
//!
//! Data goes to standard output, everything else to standard error. Quiet silences status, never
//! data, warnings or errors. A closed pipe is a quiet end, not an error. Where log lines are JSON, so
//! is every other line on standard error, in the same form. What is longer than the terminal goes
//! through a pager.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::{Context as _, Result};
use serde::Serialize;

use super::args::{ColorChoice, Format, GlobalArgs, LogFormat};
use super::pager;
use crate::clock;
use crate::model::document::{to_json_line, write_json};
use crate::model::text::printable;
use crate::model::time;
use crate::render::{Layout, Shown, Style, View};

/// Fewer columns than any terminal that people read tables on.
const NARROWEST: u16 = 40;
/// Columns of a terminal that doesn't say how many it has.
const USUAL: u16 = 80;

#[derive(Clone, Debug)]
pub struct Output {
    global: GlobalArgs,
    color_data: bool,
    color_status: bool,
    /// Where everything goes instead of the streams.
    capture: Option<Arc<Mutex<String>>>,
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
            capture: None,
        }
    }

    /// One that keeps to itself whatever it is given.
    pub(crate) fn silent(global: &GlobalArgs) -> Self {
        Self::new(global).captured()
    }

    /// The same, but that it keeps the tables and lines that it would print, for [`Self::take`].
    pub(super) fn captured(&self) -> Self {
        Self {
            capture: Some(Arc::default()),
            ..self.clone()
        }
    }

    /// What was printed since the last call.
    pub(super) fn take(&self) -> String {
        let kept = self.capture.as_deref();
        kept.map_or_else(String::new, |kept| mem::take(&mut *lock(kept)))
    }

    /// Whether results are printed as documents, JSON or YAML.
    pub(crate) fn has_documents(&self) -> bool {
        matches!(self.global.format, Format::Json | Format::Yaml)
    }

    /// Whether more is to be shown than usual.
    pub(crate) fn is_wide(&self) -> bool {
        self.global.format == Format::Wide
    }

    fn style(&self) -> Style {
        let layout = match self.global.format {
            Format::Table | Format::Json | Format::Yaml => Layout::Table,
            Format::Wide => Layout::Wide,
            Format::Markdown => Layout::Markdown,
            Format::Csv => Layout::Csv,
            Format::Tsv => Layout::Tsv,
            Format::Name => Layout::Name,
        };
        Style {
            layout,
            width: width(),
            color: self.color_data && matches!(layout, Layout::Table | Layout::Wide),
            headers: !self.global.no_headers,
            columns: self.global.columns.clone(),
            sort: self.global.sort.clone(),
        }
    }

    /// Whether lines on standard error are JSON.
    pub(crate) fn has_json_lines(&self) -> bool {
        self.global.log_format == LogFormat::Json
    }

    pub fn colors_status(&self) -> bool {
        self.color_status
    }

    /// Whether to show progress: standard error is a terminal and nothing forbids it.
    pub fn shows_progress(&self) -> bool {
        !self.global.quiet
            && !self.has_documents()
            && !self.has_json_lines()
            && io::stderr().is_terminal()
    }

    /// Prints a result: as a document for programs, or as the view that `view` makes of it. The argument
    /// of `view` says whether to show what is out of use.
    ///
    /// # Errors
    /// A column that is asked for and isn't there; standard output can't be written to.
    pub(crate) fn report(
        &self,
        result: &impl Serialize,
        view: impl FnOnce(bool) -> View,
    ) -> Result<()> {
        if self.has_documents() {
            return self.document(result);
        }
        let shown = view(self.global.verbose > 0).show(&self.style())?;
        self.show(&shown)
    }

    /// The same for what has been written by now: a mistake in what is to be shown of it is a warning, and all
    /// of it is shown.
    pub(crate) fn report_written(
        &self,
        result: &impl Serialize,
        view: impl FnOnce(bool) -> View,
    ) -> Result<()> {
        if self.has_documents() {
            return self.document(result);
        }
        let view = view(self.global.verbose > 0);
        let mut style = self.style();
        if let Err(mistake) = view.check(&style) {
            self.warning(&mistake.to_string());
            style.columns.clear();
            style.sort = None;
        }
        self.show(&view.show(&style)?)
    }

    fn show(&self, shown: &Shown) -> Result<()> {
        for line in shown.remarks.lines() {
            self.status(line);
        }
        let is_whole = self.capture.is_some() || self.global.no_pager;
        if is_whole || !io::stdout().is_terminal() || !pager::show(&shown.data) {
            self.data(&shown.data)?;
        }
        for line in &shown.warnings {
            self.warning(line);
        }
        Ok(())
    }

    /// Prints a document, as JSON unless YAML is asked for.
    pub(crate) fn document(&self, document: &impl Serialize) -> Result<()> {
        if self.global.format == Format::Yaml {
            let text =
                serde_saphyr::to_string(document).context("can't write the result as YAML")?;
            return self.data(&text);
        }
        // Whoever collects lines of JSON gets the result as one of them.
        let in_a_line = self.has_json_lines();
        self.write(|to| write_json(document, in_a_line, to))
            .map(|_| ())
    }

    pub fn data(&self, text: &str) -> Result<()> {
        self.stream(text).map(|_| ())
    }

    /// Prints a part of the data. False: the reader has closed the pipe.
    pub fn stream(&self, text: &str) -> Result<bool> {
        if let Some(kept) = self.capture.as_deref() {
            lock(kept).push_str(text);
            return Ok(true);
        }
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
                .context("can't write to standard output; what was done before stands"),
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

    /// Whatever was put into the text, none of it acts on the terminal. A closed standard error is no
    /// reason to fail.
    fn line(&self, level: &'static str, heading: &str, color: &str, text: &str) {
        if self.capture.is_none() && self.has_json_lines() {
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
        let lines: Vec<String> = text.lines().map(printable).collect();
        let text = lines.join("\n");
        let heading = if self.color_status && !color.is_empty() {
            format!("{color}{heading}\u{1b}[0m")
        } else {
            heading.to_owned()
        };
        match self.capture.as_deref() {
            Some(kept) => lock(kept).push_str(&format!("{heading}{text}\n")),
            None => {
                let _written = writeln!(io::stderr().lock(), "{heading}{text}");
            }
        }
    }
}

/// What was kept; nothing that holds the lock can panic.
fn lock(kept: &Mutex<String>) -> MutexGuard<'_, String> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Columns of the terminal, or those that the user says it has. None: standard output is no terminal.
fn width() -> Option<u16> {
    if !io::stdout().is_terminal() {
        return None;
    }
    let columns = std::env::var("COLUMNS").ok();
    let said = columns.and_then(|columns| columns.parse().ok());
    let width = said.or_else(|| terminal_size::terminal_size().map(|(width, _)| width.0));
    let width = width.filter(|width| *width > 0).unwrap_or(USUAL);
    Some(width.max(NARROWEST))
}

/// A line in the form of log lines.
#[derive(Serialize)]
struct LogLine<'a> {
    timestamp: String,
    level: &'static str,
    message: &'a str,
    target: &'static str,
}
