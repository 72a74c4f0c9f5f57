//! What arrivals need, and the sizes that serve them at a price.
//!
//! An arrival finds a member if, a build before it, the pool was larger than the number of arrivals between the
//! two: its own need. An idle member-hour costs one, an arrival without a member the price; within days that
//! are alike, the sizes by hour that cost least follow exactly, by dynamic programming over the borders between
//! them. What really happens with such sizes is for [`super::replay`] to say.

use chrono::TimeDelta;

use super::hours::{Hours, WEEK};
use crate::model::Time;

/// What an arrival needs of an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    /// Of the week.
    pub hour: usize,
    /// When, for telling weeks apart.
    pub at: Time,
    /// The size that serves it.
    pub members: usize,
}

/// The needs of arrivals, which are in order of time, when a member takes `lead` to come: one at the hour in
/// which it must be asked for, and one at every hour that begins until it is there, since an hour with a smaller
/// size would delete it.
pub(crate) fn needs(arrivals: &[Time], lead: TimeDelta, hours: &Hours) -> Vec<Need> {
    let mut needs = Vec::new();
    let mut first = 0;
    for (place, &at) in arrivals.iter().enumerate() {
        let start = at.checked_sub_signed(lead).unwrap_or(at).max(hours.from);
        while arrivals.get(first).is_some_and(|it| *it < start) {
            first += 1;
        }
        let mut need = |hour, first: usize| {
            let members = (place + 1).saturating_sub(first);
            needs.push(Need { hour, at, members });
        };
        need(hours.at(start), first);
        for &(begin, hour) in hours.between(start, at) {
            need(hour, arrivals.partition_point(|it| *it < begin));
        }
    }
    needs
}

/// The share of all cost that a border between two sizes must save.
const BORDER: f64 = 0.02;

/// Which days have the same sizes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One size at all times.
    Constant,
    /// All days alike.
    Daily,
    /// Monday to Friday alike, and the weekend.
    Weekdays,
    /// Each day by itself.
    Weekly,
}

impl Shape {
    /// The days that are alike, by their numbers in cron expressions.
    fn classes(self) -> &'static [&'static [usize]] {
        match self {
            Self::Constant | Self::Daily => &[&[0, 1, 2, 3, 4, 5, 6]],
            Self::Weekdays => &[&[1, 2, 3, 4, 5], &[0, 6]],
            Self::Weekly => &[&[0], &[1], &[2], &[3], &[4], &[5], &[6]],
        }
    }
}

/// How many needs are above each size, in each hour: what fitting takes, whatever the price.
pub(crate) struct Tails {
    shape: Shape,
    /// The largest need.
    largest: usize,
    /// How many weeks the needs are of.
    weeks: f64,
    /// For each class of days, each hour from midnight on and one more, each size: how many needs of the hours
    /// before are above it.
    above: Vec<Vec<u32>>,
}

impl Tails {
    pub(crate) fn new<'a>(
        shape: Shape,
        weeks: f64,
        needs: impl Iterator<Item = &'a Need> + Clone,
    ) -> Self {
        let largest = needs.clone().map(|it| it.members).max().unwrap_or(0);
        let sizes = largest + 1;
        let classes = shape.classes();
        let mut class_of = [0; 7];
        for (class, days) in classes.iter().enumerate() {
            days.iter().for_each(|day| class_of[*day] = class);
        }
        let mut above = vec![vec![0u32; 25 * sizes]; classes.len()];
        for need in needs {
            let (day, hour) = (need.hour / 24 % 7, need.hour % 24);
            // Above every size below it.
            let row = (hour + 1) * sizes;
            for count in &mut above[class_of[day]][row..row + need.members] {
                *count += 1;
            }
        }
        for table in &mut above {
            for place in sizes..table.len() {
                table[place] += table[place - sizes];
            }
        }
        Self {
            shape,
            largest,
            weeks,
            above,
        }
    }

    /// The cheapest sizes, where a need that is not met costs `price` member-hours. A border between two sizes
    /// must be worth [`BORDER`], since somebody has to write it down.
    pub(crate) fn fit(&self, price: f64) -> [i64; WEEK] {
        if self.shape == Shape::Constant {
            return [self.segment(0, 7, 0, 24, price).1; WEEK];
        }
        let classes = self.shape.classes().iter().enumerate();
        let segments: Vec<Vec<Segment>> = classes
            .map(|(class, days)| self.segments(class, days.len(), price))
            .collect();
        let least = segments.iter().map(|it| partition(it, 0.0)[24].cost);
        let border = least.sum::<f64>() * BORDER;
        let mut sizes = [0; WEEK];
        for (days, segments) in self.shape.classes().iter().zip(&segments) {
            let best = partition(segments, border);
            let mut end = 24;
            while end > 0 {
                let Segment { start, size, .. } = best[end];
                for day in *days {
                    sizes[day * 24 + start..day * 24 + end].fill(size);
                }
                end = start;
            }
        }
        sizes
    }

    /// Every segment of a class of days, by its end and then by its start.
    fn segments(&self, class: usize, days: usize, price: f64) -> Vec<Segment> {
        let ends = (1..=24).flat_map(|end| (0..end).map(move |start| (start, end)));
        let segment = |(start, end)| {
            let (cost, size) = self.segment(class, days, start, end, price);
            Segment { cost, start, size }
        };
        ends.map(segment).collect()
    }

    /// The least cost of some hours of a class of days with one size, and that size.
    fn segment(
        &self,
        class: usize,
        days: usize,
        start: usize,
        end: usize,
        price: f64,
    ) -> (f64, i64) {
        let row = |hour: usize| {
            let first = hour * (self.largest + 1);
            &self.above[class][first..=first + self.largest]
        };
        let member = (end - start) as f64 * days as f64 * self.weeks;
        let mut least = (f64::INFINITY, 0);
        for (size, (until, before)) in (0i64..).zip(row(end).iter().zip(row(start))) {
            let cost = member * size as f64 + price * f64::from(until - before);
            if cost < least.0 {
                least = (cost, size);
            }
        }
        least
    }
}

/// Hours with one size, up to an end that its place in a list says.
#[derive(Clone, Copy, Debug)]
struct Segment {
    cost: f64,
    start: usize,
    size: i64,
}

/// The least cost of all hours before each, with the last segment of them.
fn partition(segments: &[Segment], border: f64) -> Vec<Segment> {
    let mut best = vec![Segment {
        cost: 0.0,
        start: 0,
        size: 0,
    }];
    let mut rest = segments;
    for end in 1..=24 {
        let (of_end, others) = rest.split_at(end);
        rest = others;
        let whole = of_end.iter().map(|segment| Segment {
            cost: best[segment.start].cost + segment.cost + border,
            ..*segment
        });
        // The first of equals is the longest.
        let least = whole.reduce(|least, it| if it.cost < least.cost { it } else { least });
        best.extend(least);
    }
    best
}

#[cfg(test)]
mod tests {
    use chrono_tz::Tz;

    use super::*;
    use crate::actions::testing::at;

    fn hours() -> Hours {
        Hours::new(
            Tz::UTC,
            at("2026-03-02T00:00:00Z"),
            at("2026-03-09T00:00:00Z"),
        )
    }

    #[test]
    fn an_arrival_needs_one_more_than_came_during_a_build_before_it() {
        let arrivals = ["09:10:00", "09:12:00", "09:16:00", "10:01:00"];
        let arrivals = arrivals.map(|it| at(&format!("2026-03-04T{it}Z")));
        let needs = needs(&arrivals, TimeDelta::minutes(5), &hours());
        let wednesday = 3 * 24;
        let needs: Vec<_> = needs
            .iter()
            .map(|it| (it.hour - wednesday, it.members))
            .collect();
        // The last one must be asked for in the hour before, and still be wanted in its own.
        assert_eq!(needs, [(9, 1), (9, 2), (9, 2), (9, 1), (10, 1)]);
    }

    #[test]
    fn sizes_follow_the_price() {
        // Every weekday thirty at nine, and one each hour from then to four.
        let need = |day: usize, hour: usize, members| Need {
            hour: day * 24 + hour,
            at: at("2026-03-02T00:00:00Z"),
            members,
        };
        let mut needs = Vec::new();
        for day in 1..6 {
            needs.extend((1..=30).map(|members| need(day, 8, members)));
            needs.extend((9..17).map(|hour| need(day, hour, 1)));
        }
        let fit = |shape, price| Tails::new(shape, 1.0, needs.iter()).fit(price);
        let free = fit(Shape::Weekdays, 0.5);
        assert_eq!(free, [0; WEEK]);
        let dear = fit(Shape::Weekdays, 40.0);
        assert_eq!(dear[24 + 6..24 + 10], [0, 0, 30, 1]);
        assert_eq!(dear[24 + 16..24 + 18], [1, 0]);
        assert_eq!(dear[..24], [0; 24]);
        assert_eq!(dear, fit(Shape::Weekly, 40.0));
        assert_eq!(fit(Shape::Constant, 30.0), [1; WEEK]);
        assert_eq!(fit(Shape::Constant, 40.0), [30; WEEK]);
        assert_eq!(
            Tails::new(Shape::Weekly, 1.0, [].iter()).fit(9.0),
            [0; WEEK]
        );
    }
}
