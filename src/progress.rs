//! The progress display of a pass.
//!
//! Shown on a terminal's standard error only, and only when there is much to do; the code that does
//! the work hears of a callback, never of a bar.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// Below this number of workspaces a pass is over before anybody could read the display.
const WORTH_SHOWING: u64 = 200;

/// A bar that counts workspaces, hidden where nobody would see it.
pub fn bar(output: &Output, workspaces: u64) -> ProgressBar {
    if workspaces < WORTH_SHOWING {
        return ProgressBar::hidden();
    }
    pool_bar(output, workspaces)
}

/// The same however few workspaces there are: for work that takes long for each.
pub fn pool_bar(output: &Output, workspaces: u64) -> ProgressBar {
    if !output.shows_progress() {
        return ProgressBar::with_draw_target(Some(workspaces), ProgressDrawTarget::hidden());
    }
    let template = "{bar:30} {pos}/{len} workspaces, {elapsed}";
    let style =
        ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(workspaces).with_style(style)
}
