//! The table of `users`.

use uuid::Uuid;

use super::View;
use super::table::{Grid, plain};
use crate::model::text::printable;

const HEADINGS: [&str; 4] = ["@USER", "EMAIL", "#WORKSPACES", "!+ID"];

/// A row for each user: id, name, address, and the number of workspaces.
pub(crate) fn view<'a>(users: impl Iterator<Item = (Uuid, &'a str, &'a str, i64)>) -> View {
    let mut grid = Grid::new(&HEADINGS);
    for (id, name, email, workspaces) in users {
        grid.row(vec![
            plain(printable(name)),
            plain(printable(email)),
            plain(workspaces),
            plain(id),
        ]);
    }
    if grid.rows.is_empty() {
        return View::without_rows(&HEADINGS, "There is no user; apply creates some.\n");
    }
    let mut view = View::default();
    view.table(grid);
    view
}
