//! A pool under arrivals: who would have found a workspace, and how long workspaces would have waited.
//!
//! Passes are those of [`crate::actions`]: what is missing is created, what is surplus or expired deleted, the
//! oldest first; a test holds every step against [`crate::actions::plan`]. People who find nothing build a
//! workspace of their own and leave the pool alone, as in Coder. Failed builds delay others; nobody ever resets the
//! limit after several in a row, so that there is none. Cost follows arrivals, changes of the desired
//! instances and members, never the length of time.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::ops::AddAssign;

use chrono::TimeDelta;
use serde::Serialize;

use super::hours::Step;
use crate::actions::back_off;
use crate::actions::state::{end_of_ttl, extraneous, missing};
use crate::model::Time;
use crate::model::settings::Tuning;
use crate::model::text::count;

/// The shortest that a build takes, so that ones that always fail end.
const SHORTEST: TimeDelta = TimeDelta::seconds(1);

/// A build of a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Build {
    /// From the pass that creates it until the member can be claimed, or until it fails.
    pub takes: TimeDelta,
    pub succeeds: bool,
}

impl Build {
    /// One that succeeds.
    pub(crate) fn of(takes: TimeDelta) -> Self {
        Self {
            takes,
            succeeds: true,
        }
    }
}

/// What a pool goes by, apart from its desired instances.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules<'a> {
    /// The builds of members, in the order in which they are created, again and again.
    pub builds: &'a [Build],
    /// Seconds after which a member expires; none or 0 and below: never.
    pub ttl_secs: Option<i64>,
    /// Between passes; zero: a pass whenever something has changed.
    pub interval: TimeDelta,
    /// How many builds run at once; none: all.
    pub provisioners: Option<usize>,
    /// How failed builds delay others.
    pub tuning: Tuning,
}

/// What would have happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    /// Arrivals that found a member.
    pub hits: i64,
    /// Arrivals that found none.
    pub misses: i64,
    /// How long members could be claimed and were not, added up.
    pub idle: TimeDelta,
    pub created: i64,
    /// Builds that failed.
    pub failed: i64,
    /// Members deleted for their age.
    pub expired: i64,
    /// Members deleted because fewer were desired.
    pub surplus: i64,
}

impl Outcome {
    /// The share of arrivals that found a member; none without arrivals.
    pub(crate) fn hit_rate(&self) -> Option<f64> {
        let all = self.hits + self.misses;
        (all > 0).then(|| self.hits as f64 / all as f64)
    }

    pub(crate) fn idle_hours(&self) -> f64 {
        self.idle.num_seconds() as f64 / 3600.0
    }
}

impl AddAssign<&Self> for Outcome {
    fn add_assign(&mut self, other: &Self) {
        self.hits += other.hits;
        self.misses += other.misses;
        self.idle += other.idle;
        self.created += other.created;
        self.failed += other.failed;
        self.expired += other.expired;
        self.surplus += other.surplus;
    }
}

/// The same, as documents have it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Figures {
    pub hits: i64,
    pub misses: i64,
    /// The share of hits; null without arrivals.
    pub hit_rate: Option<f64>,
    pub idle_member_hours: f64,
    pub created: i64,
    pub failed: i64,
    pub expired: i64,
    pub surplus: i64,
}

impl From<&Outcome> for Figures {
    fn from(outcome: &Outcome) -> Self {
        Self {
            hits: outcome.hits,
            misses: outcome.misses,
            hit_rate: outcome.hit_rate().map(rounded),
            idle_member_hours: rounded(outcome.idle_hours()),
            created: outcome.created,
            failed: outcome.failed,
            expired: outcome.expired,
            surplus: outcome.surplus,
        }
    }
}

/// Four digits behind the point: more would be noise in documents.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

/// Replays a pool that is full when the first step holds, until `to`. Steps and arrivals are in order of time;
/// `base` is the number of desired instances outside schedules.
pub(crate) fn replay(
    rules: &Rules<'_>,
    base: i64,
    steps: &[Step],
    arrivals: &[Time],
    to: Time,
) -> Outcome {
    let Some(first) = steps.first() else {
        return Outcome {
            misses: count(arrivals.len()),
            ..Outcome::default()
        };
    };
    let mut pool = Pool::full(rules, base, *first);
    let mut steps = steps[1..].iter().peekable();
    let mut arrivals = arrivals.iter().skip_while(|at| **at < first.at).peekable();
    loop {
        // At one instant members get ready first and people come last.
        let next = [
            pool.next_end(),
            steps.peek().map(|step| step.at),
            pool.next_expiry(),
            pool.pass_at,
            arrivals.peek().map(|at| **at),
        ];
        let Some(now) = next.iter().flatten().min().copied().filter(|it| *it < to) else {
            break;
        };
        match next.iter().position(|it| *it == Some(now)) {
            Some(0) => pool.end_build(now),
            Some(1) => {
                if let Some(step) = steps.next() {
                    pool.desired = step.desired;
                    pool.call(now);
                }
            }
            Some(2) => pool.call(now),
            Some(3) => pool.pass(now),
            _ => {
                arrivals.next();
                pool.arrive(now);
            }
        }
    }
    for member in &pool.ready {
        pool.outcome.idle += to - member.ready_at;
    }
    pool.outcome
}

#[derive(Clone, Copy, Debug)]
struct Member {
    created_at: Time,
    ready_at: Time,
}

/// A pool at an instant.
struct Pool<'a> {
    rules: &'a Rules<'a>,
    first: Time,
    base: i64,
    desired: i64,
    /// Those that can be claimed, the oldest first.
    ready: VecDeque<Member>,
    /// The ends of builds, when each was asked for, and whether it succeeds.
    starting: BinaryHeap<Reverse<(Time, Time, bool)>>,
    /// When each build was asked for that failed and may delay others.
    failed: Vec<Time>,
    /// When each provisioner is free, if they are counted.
    free: BinaryHeap<Reverse<Time>>,
    /// The next pass that has something to do, if one has.
    pass_at: Option<Time>,
    outcome: Outcome,
}

impl<'a> Pool<'a> {
    fn full(rules: &'a Rules<'a>, base: i64, step: Step) -> Self {
        let member = Member {
            created_at: step.at,
            ready_at: step.at,
        };
        let members = usize::try_from(step.desired).unwrap_or(0);
        let provisioners = rules.provisioners.unwrap_or(0);
        Self {
            rules,
            first: step.at,
            base,
            desired: step.desired,
            ready: std::iter::repeat_n(member, members).collect(),
            starting: BinaryHeap::new(),
            failed: Vec::new(),
            free: std::iter::repeat_n(Reverse(step.at), provisioners).collect(),
            pass_at: None,
            outcome: Outcome::default(),
        }
    }

    fn next_end(&self) -> Option<Time> {
        self.starting.peek().map(|Reverse((end, ..))| *end)
    }

    /// The first instant at which the oldest member is too old. A pass that is on its way sees to that.
    fn next_expiry(&self) -> Option<Time> {
        let oldest = self.ready.front().filter(|_| self.pass_at.is_none())?;
        let end = end_of_ttl(self.rules.ttl_secs, oldest.created_at)?;
        end.checked_add_signed(TimeDelta::microseconds(1))
    }

    fn is_expired(&self, member: &Member, now: Time) -> bool {
        end_of_ttl(self.rules.ttl_secs, member.created_at).is_some_and(|end| now > end)
    }

    /// A pass is to come: the next one in turn.
    fn call(&mut self, now: Time) {
        let interval = self.rules.interval.num_microseconds().unwrap_or(0);
        let passed = (now - self.first).num_microseconds().unwrap_or(0);
        let rest = match interval {
            1.. => (interval - passed % interval) % interval,
            _ => 0,
        };
        let at = now.checked_add_signed(TimeDelta::microseconds(rest));
        self.pass_at = self.pass_at.or(at);
    }

    fn end_build(&mut self, now: Time) {
        let Some(Reverse((_, created_at, succeeds))) = self.starting.pop() else {
            return;
        };
        if succeeds {
            // Of builds that overlap, a later one may end first.
            let place = self
                .ready
                .iter()
                .rposition(|member| member.created_at <= created_at)
                .map_or(0, |place| place + 1);
            let member = Member {
                created_at,
                ready_at: now,
            };
            self.ready.insert(place, member);
            // It may be one that is no longer wanted, or have taken longer than it may live.
            let is_surplus = extraneous(count(self.ready.len()), self.desired) > 0;
            if is_surplus || self.is_expired(&member, now) {
                self.call(now);
            }
        } else {
            self.outcome.failed += 1;
            self.failed.push(created_at);
            self.call(now);
        }
    }

    fn arrive(&mut self, now: Time) {
        match self.ready.pop_front() {
            Some(member) => {
                self.outcome.hits += 1;
                self.outcome.idle += now - member.ready_at;
                self.call(now);
            }
            None => self.outcome.misses += 1,
        }
    }

    fn pass(&mut self, now: Time) {
        self.pass_at = None;
        if let Some(end) = self.rest(now) {
            self.call(end);
            return;
        }
        let expired = self.ready.partition_point(|it| self.is_expired(it, now));
        self.delete(expired, now);
        self.outcome.expired += count(expired);
        let unexpired = count(self.ready.len());
        let starting = count(self.starting.len());
        let surplus = extraneous(unexpired, self.desired);
        self.delete(usize::try_from(surplus).unwrap_or(0), now);
        self.outcome.surplus += surplus;
        for _ in 0..missing(unexpired, starting, self.desired) {
            self.create(now);
        }
    }

    /// When the failures that keep this pass from doing anything may no longer do so.
    fn rest(&mut self, now: Time) -> Option<Time> {
        let tuning = &self.rules.tuning;
        let forgotten = |at: &Time| at.checked_add_signed(tuning.backoff_lookback);
        self.failed
            .retain(|at| forgotten(at).is_none_or(|last| now <= last));
        let oldest = self.failed.iter().min()?;
        let starting = self.starting.iter().map(|Reverse((_, at, _))| *at);
        let members = self.ready.iter().map(|it| it.created_at).chain(starting);
        let failed = self.failed.iter().map(|at| (*at, true));
        let mut builds: Vec<(Time, bool)> = members.map(|at| (at, false)).chain(failed).collect();
        builds.sort_unstable_by_key(|build| Reverse(*build));
        let builds = builds.iter().copied();
        let (failures, last) = back_off::failures(builds, self.base, now, tuning)?;
        let until = back_off::end(failures, last, tuning).filter(|until| now <= *until)?;
        let until = forgotten(oldest).map_or(until, |last| until.min(last));
        until.checked_add_signed(TimeDelta::microseconds(1))
    }

    /// Deletes the oldest.
    fn delete(&mut self, number: usize, now: Time) {
        for member in self.ready.drain(..number) {
            self.outcome.idle += now - member.ready_at;
        }
    }

    fn create(&mut self, now: Time) {
        let turn = usize::try_from(self.outcome.created).unwrap_or(0);
        let builds = self.rules.builds;
        let build = turn.checked_rem(builds.len()).and_then(|it| builds.get(it));
        let build = build.copied().unwrap_or(Build::of(SHORTEST));
        self.outcome.created += 1;
        let begins = match self.free.pop() {
            Some(Reverse(free)) => free.max(now),
            None => now,
        };
        let end = begins.checked_add_signed(build.takes.max(SHORTEST));
        let end = end.unwrap_or(Time::MAX_UTC);
        if self.rules.provisioners.is_some_and(|number| number > 0) {
            self.free.push(Reverse(end));
        }
        self.starting.push(Reverse((end, now, build.succeeds)));
    }
}
