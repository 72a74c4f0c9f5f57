//! The table of `recommend`.

use super::paste;
use super::simulate::{hours, percent, share};
use super::table::{Cell, Grid, cell, plain};
use super::warnings::warnings;
use super::{PresetNames, View};
use crate::demand::advice::Goal;
use crate::demand::lines::Kept;
use crate::demand::recommend::{Recommendation, Recommendations};
use crate::demand::replay::Figures;
use crate::model::text::{plural, printable, span};

const HEADINGS: [&str; 13] = [
    "@PRESET",
    "!NOW",
    "!RECOMMENDED",
    "#HIT RATE NOW|HITS NOW",
    "#HIT RATE THEN|THEN",
    "#IDLE NOW",
    "#IDLE THEN|THEN",
    "#+REQUESTS",
    "#+MISSES NOW",
    "#+MISSES THEN",
    "#+HELD OUT",
    "#+ERROR",
    "@+ZONE",
];

/// A row for each pool, and in Markdown what is to be pasted.
pub(crate) fn view(advice: &Recommendations, goal: Goal, verbose: bool) -> View {
    if advice.pools.is_empty() {
        return View::without_rows(&HEADINGS, "No preset has prebuilds configured.\n");
    }
    let names = PresetNames::of(advice.pools.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HEADINGS);
    for pool in &advice.pools {
        grid.row(row(pool, &names));
    }
    let mut view = View::default();
    view.table(grid);
    let length = span(advice.until - advice.since);
    let goal = match goal {
        Goal::HitRate(share) => format!("a hit rate of {}", percent(share)),
        Goal::IdleHours(hours) => format!("no more than {hours} idle member-hours a week"),
        Goal::Price(hours) => format!("the least cost, a miss being worth {hours:.1} member-hours"),
    };
    let waiting = advice.provisioners.map_or_else(String::new, |it| {
        format!(", at most {} of a pool at once", plural(it, "build"))
    });
    view.lines(format!(
        "The goal is {goal}; NOW and THEN are replays of the last {length} with typical builds{waiting}; demand \
         shows what really happened.\n\
         --as terraform and --as toml print what is to be pasted.\n"
    ));
    view.code("terraform", paste::terraform(&advice.pools));
    let notes = advice.pools.iter().flat_map(|pool| {
        let name = names.name(&pool.preset);
        pool.notes.iter().map(move |it| (name.clone(), it))
    });
    view.warn(warnings(notes, verbose));
    view
}

fn row(pool: &Recommendation, names: &PresetNames) -> Vec<Cell> {
    let then = pool.replayed.as_ref();
    let idle = |figures: Option<&Figures>| {
        figures.map_or_else(nothing, |figures| hours(figures.idle_member_hours))
    };
    let misses =
        |figures: Option<&Figures>| figures.map_or_else(nothing, |figures| plain(figures.misses));
    let rate = |figures: Option<&Figures>| share(figures.and_then(|it| it.hit_rate));
    let recommended = pool.recommended.as_ref();
    let zone = recommended.map_or("", |it| it.timezone.as_str());
    vec![
        names.cell(&pool.preset),
        present(&pool.now),
        recommended.map_or_else(|| plain("-").whole(String::new()), |it| size(it, &pool.now)),
        rate(Some(&pool.now_replayed)),
        rate(then),
        idle(Some(&pool.now_replayed)),
        idle(then),
        plain(pool.arrivals),
        misses(Some(&pool.now_replayed)),
        misses(then),
        rate(pool.held_out.as_ref()),
        share(pool.error),
        plain(printable(zone)),
    ]
}

fn nothing() -> Cell {
    plain("-").whole(String::new())
}

/// The present number; of schedules people get the number only.
fn present(kept: &Kept) -> Cell {
    let number = kept.instances;
    let text = match kept.schedules.len() {
        0 => number.to_string(),
        schedules => format!("{number}, {}", plural(schedules, "schedule")),
    };
    plain(text).whole(printable(&lines(kept).replace('\n', "; ")))
}

/// The recommended number, and a line for each schedule.
fn size(kept: &Kept, now: &Kept) -> Cell {
    let color = (kept != now).then_some(comfy_table::Color::Green);
    cell(lines(kept), color)
}

fn lines(kept: &Kept) -> String {
    let schedules = kept.schedules.iter();
    let schedules = schedules.map(|line| format!("\n{} at {}", line.instances, line.cron));
    format!("{}{}", kept.instances, schedules.collect::<String>())
}
