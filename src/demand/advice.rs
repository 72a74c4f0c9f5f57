//! The sizes that serve recorded arrivals, for a goal.
//!
//! Sizes are fitted for a price of a miss, and the price is what the goal decides: the least one at which the
//! goal is reached by weeks that had no part in the fit. So no single day decides, and the error is that of weeks to
//! come, as long as they are like those that were. A shape of the week with more to write down must be worth it.

use chrono::TimeDelta;

use super::hours::{Hours, WEEK};
use super::lines::base;
use super::needs::{Need, Shape, Tails, needs};
use super::replay::{Build, Outcome, Rules, replay};
use crate::model::Time;
use crate::model::settings::Tuning;

/// What sizes are to reach.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Goal {
    /// At least this share of arrivals finds a member.
    HitRate(f64),
    /// Members wait for no more hours a week than these, added up.
    IdleHours(f64),
    /// Idle member-hours and misses cost as little as can be: a miss as much as so many hours.
    Price(f64),
}

/// What is known of a pool.
pub(crate) struct Record<'a> {
    /// In order of time.
    pub arrivals: &'a [Time],
    pub builds: &'a [Build],
    pub ttl_secs: Option<i64>,
    /// How many builds of the pool run at once; none: all.
    pub provisioners: Option<usize>,
    /// How failed builds delay others.
    pub tuning: Tuning,
    /// Of the zone that schedules are to be in; the time in which arrivals were recorded.
    pub hours: &'a Hours,
}

/// Sizes, and what they would have done.
#[derive(Clone, Debug)]
pub(crate) struct Advice {
    pub sizes: [i64; WEEK],
    /// With all that was recorded.
    pub fitted: Outcome,
    /// In each week, with sizes fitted to others; none with less than two weeks.
    pub held_out: Option<Outcome>,
    /// Whether the goal is reached, by the weeks that had no part in the fit where there are any.
    pub reached: bool,
}

/// Between passes, as coderd makes them.
pub(crate) const INTERVAL: TimeDelta = TimeDelta::minutes(1);

/// Most parts that a record is cut into for fitting without one of them.
const FOLDS: usize = 6;

/// Steps of the search for a price.
const STEPS: usize = 10;

/// How much less a shape that takes more schedules must cost.
const WORTH: f64 = 0.93;

/// With fewer arrivals than these the hours at which they came are chance: two for each hour of the day.
const FEW: usize = 48;

const LENGTH: TimeDelta = TimeDelta::days(7);

/// The sizes that reach the goal with the least.
pub(crate) fn advise(record: &Record<'_>, goal: Goal) -> Advice {
    let trial = Trial::new(record);
    let shapes: &[Shape] = match trial.weeks.len() {
        // Nothing could show that hours mean anything.
        _ if record.arrivals.len() < FEW => &[Shape::Constant],
        0 | 1 => &[Shape::Constant],
        2 | 3 => &[Shape::Constant, Shape::Daily, Shape::Weekdays],
        _ => &[
            Shape::Constant,
            Shape::Daily,
            Shape::Weekdays,
            Shape::Weekly,
        ],
    };
    let mut best: Option<(f64, Shape, Found)> = None;
    for &shape in shapes {
        let found = trial.search(shape, goal);
        let cost = trial.cost(&found, goal);
        if best.as_ref().is_none_or(|(least, ..)| cost < least * WORTH) {
            best = Some((cost, shape, found));
        }
    }
    let (shape, found) = best.map_or_else(
        || (Shape::Constant, trial.search(Shape::Constant, goal)),
        |(_, shape, found)| (shape, found),
    );
    trial.settle(shape, found, goal)
}

/// What the calculation goes by while it replays a record.
pub(crate) fn rules<'a>(
    builds: &'a [Build],
    ttl_secs: Option<i64>,
    provisioners: Option<usize>,
    tuning: Tuning,
) -> Rules<'a> {
    Rules {
        builds,
        ttl_secs,
        interval: INTERVAL,
        provisioners,
        tuning,
    }
}

/// A price, and what sizes fitted for it did.
#[derive(Clone, Copy)]
struct Found {
    price: f64,
    outcome: Outcome,
    reached: bool,
}

/// A week of a record.
struct Week<'a> {
    hours: Hours,
    arrivals: &'a [Time],
}

/// A record cut into weeks, for fitting to some and trying on others.
struct Trial<'a> {
    rules: Rules<'a>,
    record: &'a Record<'a>,
    needs: Vec<Need>,
    /// Whole weeks, the last one with the end of the record; the whole record where there is less than one.
    weeks: Vec<Week<'a>>,
}

impl<'a> Trial<'a> {
    fn new(record: &'a Record<'a>) -> Self {
        let mut weeks = Vec::new();
        let (from, mut end) = (record.hours.from, record.hours.to);
        while let Some(start) = end.checked_sub_signed(LENGTH).filter(|it| *it >= from) {
            weeks.push(week(record, start, end));
            end = start;
        }
        if weeks.is_empty() {
            weeks.push(week(record, from, end));
        }
        let lead = lead(record.builds);
        Self {
            rules: rules(
                record.builds,
                record.ttl_secs,
                record.provisioners,
                record.tuning,
            ),
            record,
            needs: needs(record.arrivals, lead, record.hours),
            weeks,
        }
    }

    fn folds(&self) -> usize {
        self.weeks.len().min(FOLDS)
    }

    /// The part that a week belongs to, counted from the last one.
    fn fold(&self, at: Time) -> usize {
        let back = self.record.hours.to - at - TimeDelta::microseconds(1);
        let back = back.num_seconds().max(0) / LENGTH.num_seconds();
        usize::try_from(back).unwrap_or(0).min(self.weeks.len() - 1) % self.folds()
    }

    /// How many weeks the record has.
    fn length(&self) -> f64 {
        self.record.hours.length().num_seconds() as f64 / LENGTH.num_seconds() as f64
    }

    /// What fitting takes: without each part in turn, or with all of a record that has only one.
    fn tails(&self, shape: Shape) -> Vec<Tails> {
        let folds = self.folds();
        if folds < 2 {
            return vec![self.all(shape)];
        }
        let tails = (0..folds).map(|fold| {
            let others = self.needs.iter().filter(|need| self.fold(need.at) != fold);
            let held_out = (0..self.weeks.len()).filter(|week| week % folds == fold);
            Tails::new(shape, self.length() - held_out.count() as f64, others)
        });
        tails.collect()
    }

    fn all(&self, shape: Shape) -> Tails {
        Tails::new(shape, self.length(), self.needs.iter())
    }

    /// What happens in each week with sizes fitted to others.
    fn held_out(&self, sizes: &[[i64; WEEK]]) -> Outcome {
        let mut sum = Outcome::default();
        for (number, week) in self.weeks.iter().enumerate() {
            let sizes = &sizes[number % sizes.len()];
            let steps = week.hours.steps(sizes);
            let (arrivals, to) = (week.arrivals, week.hours.to);
            sum += &replay(&self.rules, base(sizes), &steps, arrivals, to);
        }
        sum
    }

    /// The price for the goal.
    fn search(&self, shape: Shape, goal: Goal) -> Found {
        let tails = self.tails(shape);
        // Prices that are near each other have the same sizes.
        let mut tried: Vec<(Vec<[i64; WEEK]>, Outcome)> = Vec::new();
        let mut found = |price: f64| {
            let sizes: Vec<[i64; WEEK]> = tails.iter().map(|it| it.fit(price)).collect();
            let known = tried.iter().find(|(known, _)| *known == sizes);
            let outcome = known.map_or_else(|| self.held_out(&sizes), |(_, outcome)| *outcome);
            tried.push((sizes, outcome));
            let reached = self.is_reached(&outcome, goal);
            Found {
                price,
                outcome,
                reached,
            }
        };
        if let Goal::Price(price) = goal {
            return found(price);
        }
        // From one at which no member waits, to one at which a single arrival is worth a member at all times.
        let (mut low, mut high) = (1e-3_f64.ln(), (self.length().max(1.0) * 400.0).ln());
        let rises = matches!(goal, Goal::HitRate(_));
        let mut best = found(if rises { high } else { low }.exp());
        for _ in 0..STEPS {
            let middle = f64::midpoint(low, high);
            let tried = found(middle.exp());
            if tried.reached == rises {
                high = middle;
            } else {
                low = middle;
            }
            if tried.reached {
                best = tried;
            }
        }
        best
    }

    fn is_reached(&self, outcome: &Outcome, goal: Goal) -> bool {
        match goal {
            Goal::HitRate(least) => outcome.hit_rate().is_none_or(|rate| rate >= least),
            Goal::IdleHours(most) => outcome.idle_hours() <= most * self.weeks.len() as f64,
            Goal::Price(_) => true,
        }
    }

    /// What shapes are compared by.
    fn cost(&self, found: &Found, goal: Goal) -> f64 {
        let (idle, misses) = (found.outcome.idle_hours(), found.outcome.misses as f64);
        match goal {
            Goal::HitRate(_) if found.reached => idle,
            // Far above every cost of one that reaches it.
            Goal::HitRate(_) => 1e12 * (1.0 + misses) + idle,
            Goal::IdleHours(_) if found.reached => misses,
            Goal::IdleHours(_) => 1e12 * (1.0 + idle),
            Goal::Price(price) => idle + price * misses,
        }
    }

    /// The sizes for the price that was found, fitted to all that was recorded.
    fn settle(&self, shape: Shape, found: Found, goal: Goal) -> Advice {
        let all = self.all(shape);
        let mut price = found.price;
        let mut sizes = all.fit(price);
        let mut fitted = self.whole(&sizes);
        // Sizes fitted to more weeks may be smaller than each that was tried.
        for _ in 0..STEPS {
            if !matches!(goal, Goal::HitRate(_)) || self.is_reached(&fitted, goal) {
                break;
            }
            price *= 1.5;
            sizes = all.fit(price);
            fitted = self.whole(&sizes);
        }
        let is_tried = self.folds() > 1;
        Advice {
            sizes,
            fitted,
            held_out: is_tried.then_some(found.outcome),
            reached: match is_tried {
                true => found.reached,
                false => self.is_reached(&fitted, goal),
            },
        }
    }

    fn whole(&self, sizes: &[i64; WEEK]) -> Outcome {
        let Record {
            arrivals, hours, ..
        } = self.record;
        let steps = hours.steps(sizes);
        replay(&self.rules, base(sizes), &steps, arrivals, hours.to)
    }
}

fn week<'a>(record: &'a Record<'a>, from: Time, to: Time) -> Week<'a> {
    let first = record.arrivals.partition_point(|at| *at < from);
    let last = record.arrivals.partition_point(|at| *at < to);
    Week {
        hours: record.hours.part(from, to),
        arrivals: record.arrivals.get(first..last).unwrap_or_default(),
    }
}

/// From a claim until its successor can be claimed: the build, and the wait for the pass that asks for it.
fn lead(builds: &[Build]) -> TimeDelta {
    let succeeded = builds.iter().filter(|it| it.succeeds);
    let number = i32::try_from(succeeded.clone().count()).unwrap_or(i32::MAX);
    let sum: TimeDelta = succeeded.map(|it| it.takes).sum();
    sum.checked_div(number).unwrap_or_default() + INTERVAL / 2
}
