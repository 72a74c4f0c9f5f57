//! The table of `config show`.

use super::View;
use super::table::{Grid, plain};
use crate::model::text::printable;

const HEADINGS: [&str; 3] = ["@SETTING", "VALUE", "SOURCE"];

/// A row for each setting: name, value and what gave it; below them the file and the profile.
pub(crate) fn view<'a>(
    file: Option<&str>,
    profile: Option<&str>,
    settings: impl Iterator<Item = (&'a str, String, &'a str)>,
) -> View {
    let mut grid = Grid::new(&HEADINGS);
    for (name, value, source) in settings {
        grid.row(vec![
            plain(name),
            plain(printable(&value)),
            plain(printable(source)),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    let file = file.map_or_else(
        || "There is no configuration file".to_owned(),
        |file| format!("The configuration file is {}", printable(file)),
    );
    view.lines(match profile {
        Some(name) => format!("{file}, with the profile {}.\n", printable(name)),
        None => format!("{file}, without a profile.\n"),
    });
    view
}
