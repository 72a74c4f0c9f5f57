//! The tables of `demand`, and the week as a small picture.

use chrono::TimeDelta;

use super::simulate::{hours, share};
use super::table::{Cell, Grid, plain};
use super::warnings::warnings;
use super::{PresetNames, View};
use crate::demand::summary::{Day, Demand, PoolDemand};
use crate::model::text::{plural, printable, span};

const HEADINGS: [&str; 14] = [
    "@PRESET",
    "#CLAIMS",
    "#MISSES",
    "#HIT RATE|HITS",
    "#WAIT",
    "#IDLE HOURS|IDLE H",
    "#BUILD",
    "#BUILD P95|P95",
    "#FAILED",
    "#+WAIT P95",
    "#+PASSED BY",
    "#+EMPTY",
    "#+DELETED",
    "@+ZONE",
];

const HOURS: [&str; 5] = ["@PRESET", "!DAY", "#HOUR", "#CLAIMS", "#MISSES"];

/// Each hour has two characters.
const WEEK: [&str; 3] = [
    "!DAY",
    "!0     3     6     9     12    15    18    21",
    "#REQUESTS",
];

const NO_DEMAND: &str = "No preset has prebuilds configured.\n";

/// A row for each pool, and their week.
pub(crate) fn view(demand: &Demand, verbose: bool) -> View {
    if demand.pools.is_empty() {
        return View::without_rows(&HEADINGS, NO_DEMAND);
    }
    let names = PresetNames::of(demand.pools.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HEADINGS);
    for pool in &demand.pools {
        grid.row(row(pool, &names));
    }
    let sum = |number: fn(&PoolDemand) -> i64| demand.pools.iter().map(number).sum::<i64>();
    let (claims, deleted) = (sum(|it| it.claims), sum(|it| it.deleted));
    let mut view = View::default();
    view.table(grid);
    let length = span(demand.until - demand.since);
    let pools = plural(demand.pools.len(), "pool");
    view.lines(format!(
        "{} of {pools} in the last {length}; {deleted} of these workspaces no longer exist.\n",
        plural(claims, "claim")
    ));
    let days: Vec<&[Day]> = demand.pools.iter().map(|it| &*it.by_hour).collect();
    let week = week(&days);
    if !week.rows.is_empty() {
        view.gap();
        view.heading("Claims and misses by hour of the week".to_owned());
        view.table(week);
    }
    let notes = demand.pools.iter().flat_map(|pool| {
        let name = names.name(&pool.preset);
        pool.notes.iter().map(move |it| (name.clone(), it))
    });
    view.warn(warnings(notes, verbose));
    view
}

fn row(pool: &PoolDemand, names: &PresetNames) -> Vec<Cell> {
    vec![
        names.cell(&pool.preset),
        plain(pool.claims),
        known(pool.misses),
        share(pool.hit_rate),
        seconds(pool.wait.median_secs),
        hours(pool.idle_member_hours),
        seconds(pool.build.median_secs),
        seconds(pool.build.p95_secs),
        plain(pool.failed_builds),
        seconds(pool.wait.p95_secs),
        plain(pool.passed_by),
        share(Some(pool.empty_share)),
        plain(pool.deleted),
        plain(printable(&pool.timezone)),
    ]
}

/// A number that may not be known.
fn known(number: Option<i64>) -> Cell {
    match number {
        Some(number) => plain(number),
        None => plain("?").whole(String::new()),
    }
}

/// A span, which programs get in seconds.
fn seconds(seconds: Option<i64>) -> Cell {
    match seconds {
        Some(secs) => plain(span(TimeDelta::seconds(secs)))
            .whole(secs.to_string())
            .rank(secs),
        None => plain("-").whole(String::new()),
    }
}

/// A row for each hour of the week of each pool.
pub(crate) fn by_hour(demand: &Demand) -> View {
    if demand.pools.is_empty() {
        return View::without_rows(&HOURS, NO_DEMAND);
    }
    let names = PresetNames::of(demand.pools.iter().map(|it| &it.preset));
    let mut grid = Grid::new(&HOURS);
    for pool in &demand.pools {
        for day in &pool.by_hour {
            for (hour, (claims, misses)) in day.claims.iter().zip(day.misses).enumerate() {
                grid.row(vec![
                    names.cell(&pool.preset),
                    plain(day.day),
                    plain(hour),
                    plain(claims),
                    plain(misses),
                ]);
            }
        }
    }
    let mut view = View::default();
    view.table(grid);
    view
}

/// The requests of all pools, a row a day, darker where there were more; no rows without any.
fn week(pools: &[&[Day]]) -> Grid {
    let mut grid = Grid::new(&WEEK);
    let day_of = |number: usize| {
        let mut hours = [0; 24];
        for day in pools.iter().filter_map(|days| days.get(number)) {
            for (sum, (claims, misses)) in hours.iter_mut().zip(day.claims.iter().zip(day.misses)) {
                *sum += claims + misses;
            }
        }
        hours
    };
    let days: Vec<[i64; 24]> = (0..7).map(day_of).collect();
    let most = days.iter().flatten().copied().max().unwrap_or(0);
    if most == 0 {
        return grid;
    }
    let names = pools.first().into_iter().flat_map(|days| days.iter());
    for (name, hours) in names.map(|day| day.day).zip(&days) {
        let shades = hours.iter().map(|number| shade(*number, most));
        grid.row(vec![
            plain(name.get(..3).unwrap_or(name)),
            plain(shades.collect::<String>()),
            plain(hours.iter().sum::<i64>()),
        ]);
    }
    grid
}

/// Two characters that are the darker, the nearer the number is to the largest one.
fn shade(number: i64, most: i64) -> &'static str {
    match (number * 4 + most - 1) / most {
        0 => "··",
        1 => "░░",
        2 => "▒▒",
        3 => "▓▓",
        _ => "██",
    }
}
