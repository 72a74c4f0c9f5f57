//! The lines of `apply`, and the plan of a dry run below them.

use std::collections::BTreeMap;

use super::{Rows, View, Which, plan};
use crate::model::Plan;

/// The changes, what is kept, and what the next pass would do.
pub(crate) fn view(changes: &[String], kept: &[String], then: Option<&Plan>, hint: &str) -> View {
    let mut lines = match changes {
        [] => "Nothing to change: the database matches the file.\n".to_owned(),
        lines => lines.join("\n") + "\n",
    };
    lines.extend(kept.iter().map(|line| format!("{line}\n")));
    let mut view = View::of(lines);
    if let Some(then) = then {
        view.lines(format!(
            "Nothing was written{hint}. The next pass would then do:\n"
        ));
        view.gap();
        let rows = Rows::new(Which::InUse, BTreeMap::new());
        view.append(plan::view(then, rows, false));
    }
    view
}
