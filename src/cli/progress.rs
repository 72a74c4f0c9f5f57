//! The progress display of a pass.
//!
//! Shown on a terminal's standard error only, and only when there is much to do; the code that does
//! the work calls a function with numbers and knows of no display.

use indicatif::{ProgressBar, ProgressStyle};

use super::Output;

/// With fewer workspaces a pass is over before the display could be read.
const WORTH_SHOWING: u64 = 200;

/// A bar that counts workspaces. Drawn with the first numbers, removed with this value.
pub(crate) struct Progress {
    /// The least number of workspaces that is worth a bar; none: there is never one.
    least: Option<u64>,
    bar: Option<ProgressBar>,
    /// What was said last.
    told: String,
}

impl Progress {
    /// For work whose time depends on the number of workspaces.
    pub(crate) fn of_work(output: &Output) -> Self {
        Self::new(output, WORTH_SHOWING)
    }

    /// For what takes long whatever the number of workspaces.
    pub(crate) fn of_waiting(output: &Output) -> Self {
        Self::new(output, 0)
    }

    fn new(output: &Output, least: u64) -> Self {
        Self {
            least: output.shows_progress().then_some(least),
            bar: None,
            told: String::new(),
        }
    }

    /// Shows that `done` of `total` workspaces are done.
    pub(crate) fn set(&mut self, done: u64, total: u64) {
        if self.least.is_some_and(|least| total >= least) {
            self.bar
                .get_or_insert_with(|| bar(total))
                .set_position(done);
        }
    }

    /// Says what is missing, unless that was said last.
    pub(crate) fn tell(&mut self, output: &Output, missing: &str) {
        if self.told == missing {
            return;
        }
        missing.clone_into(&mut self.told);
        let say = || output.status(&format!("Waiting: {missing}."));
        match &self.bar {
            Some(bar) => bar.suspend(say),
            None => say(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: u64) -> ProgressBar {
    let template = "{bar:30} {pos}/{len} workspaces, {elapsed}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(total).with_style(style)
}
