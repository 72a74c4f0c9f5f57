//! The progress display of a pass.
//!
//! Shown on a terminal's standard error only, and only when there is much to do; the code that does
//! the work hears of a callback, never of a bar.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::Output;

/// Below this number of workspaces a pass is over before anybody could read the display.
const WORTH_SHOWING: u64 = 200;

/// A bar that counts workspaces, hidden where the work is over before anybody reads it.
pub(crate) fn bar(output: &Output, workspaces: u64) -> ProgressBar {
    shown_if(
        workspaces >= WORTH_SHOWING && output.shows_progress(),
        workspaces,
    )
}

/// A bar for what takes long whatever the number of workspaces.
pub(crate) fn waiting_bar(output: &Output, workspaces: u64) -> ProgressBar {
    shown_if(output.shows_progress(), workspaces)
}

fn shown_if(shown: bool, workspaces: u64) -> ProgressBar {
    if !shown {
        return ProgressBar::with_draw_target(Some(workspaces), ProgressDrawTarget::hidden());
    }
    let template = "{bar:30} {pos}/{len} workspaces, {elapsed}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(workspaces).with_style(style)
}
