//! The table of `simulate`.

use chrono::TimeDelta;

use super::View;
use super::table::{Cell, Grid, plain};
use crate::demand::replay::Figures;
use crate::model::text::{plural, span};

const HEADINGS: [&str; 8] = [
    "#INSTANCES",
    "#HITS",
    "#MISSES",
    "#HIT RATE",
    "#IDLE HOURS",
    "#CREATED",
    "#EXPIRED",
    "#SURPLUS",
];

/// A row for each size, and what they were tried on.
pub(crate) fn view<'a>(
    simulations: impl Iterator<Item = (i64, &'a Figures)>,
    arrivals: usize,
    length: TimeDelta,
) -> View {
    let mut grid = Grid::new(&HEADINGS);
    for (instances, figures) in simulations {
        grid.row(vec![
            plain(instances),
            plain(figures.hits),
            plain(figures.misses),
            share(figures.hit_rate),
            hours(figures.idle_member_hours),
            plain(figures.created),
            plain(figures.expired),
            plain(figures.surplus),
        ]);
    }
    let mut view = View::default();
    view.table(grid);
    let arrivals = plural(arrivals, "arrival");
    view.lines(format!("{arrivals} in {}.\n", span(length)));
    view
}

/// A share, which programs get as a number from 0 to 1.
pub(super) fn share(share: Option<f64>) -> Cell {
    match share {
        None => plain("-").whole(String::new()),
        Some(share) => plain(percent(share))
            .whole(share.to_string())
            .rank(thousandths(share)),
    }
}

pub(super) fn percent(share: f64) -> String {
    format!("{:.1}%", share * 100.0)
}

/// Member-hours: whole ones for people.
pub(super) fn hours(hours: f64) -> Cell {
    plain(format!("{hours:.0}"))
        .whole(hours.to_string())
        .rank(thousandths(hours))
}

/// What rows are ordered by.
fn thousandths(value: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "saturates")]
    let rank = (value * 1000.0).round() as i64;
    rank
}
