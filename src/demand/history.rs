//! What was asked of each pool and what it had, made of rows.
//!
//! A pool is a preset's name in a template, whatever the version: a new version goes on with the demand of the
//! one before it. Times outside the span that is asked for count for nothing, but that a member made before it
//! was there from its beginning.

use std::collections::HashMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;
use uuid::Uuid;

use super::replay::{Build, rounded};
use crate::model::demand::{DemandFacts, PastMember, Request};
use crate::model::text::count;
use crate::model::{JobStatus, Preset, Schedule, Time, time};

/// What happened to a pool.
#[derive(Clone, Debug)]
pub(crate) struct History<'a> {
    /// That of the active version, or else of any that had it.
    pub preset: &'a Preset,
    pub schedules: Vec<&'a Schedule>,
    /// When people claimed members, in order of time.
    pub claims: Vec<Time>,
    /// How many of those workspaces have been deleted since.
    pub deleted: i64,
    /// Requests that found no member, in order of time.
    pub misses: Vec<Miss>,
    /// Requests that left members alone: of another version, or with values that no member could take.
    pub passed_by: i64,
    /// Builds of members, in the order in which they were asked for.
    pub builds: Vec<Build>,
    /// How long members could be claimed and were not, added up.
    pub idle: TimeDelta,
    /// How long there was no member to claim.
    pub empty: TimeDelta,
    /// From when on misses are known: the beginning of the time in question or later.
    pub misses_from: Time,
    /// How long there was no member to claim before that.
    pub empty_unseen: TimeDelta,
    /// How it went, day by day from the beginning of the span on.
    pub days: Vec<PastDay>,
    /// The first sign of the pool, if there is any.
    pub first: Option<Time>,
    /// From when on there are hours to count: then, or the beginning of the time in question.
    pub known_from: Time,
}

/// A day of a pool: 24 hours, or what is left of them at the end of the span.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct PastDay {
    #[serde(with = "time")]
    pub from: Time,
    pub claims: i64,
    pub misses: i64,
    /// Members that could be claimed, on average.
    pub members: f64,
}

/// A request that found no member.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Miss {
    pub at: Time,
    /// How long its own build took; none when that failed or is not done.
    pub waited: Option<TimeDelta>,
}

impl History<'_> {
    /// The zone of the preset's schedules; UTC where it has none.
    pub(crate) fn zone(&self) -> Tz {
        self.preset.scheduling_timezone.parse().unwrap_or(Tz::UTC)
    }

    /// All who asked, in order of time.
    pub(crate) fn arrivals(&self) -> Vec<Time> {
        let misses = self.misses.iter().map(|it| it.at);
        let mut arrivals: Vec<Time> = self.claims.iter().copied().chain(misses).collect();
        arrivals.sort_unstable();
        arrivals
    }

    /// Whether nobody asked.
    pub(super) fn is_empty(&self) -> bool {
        self.claims.is_empty() && self.misses.is_empty() && self.passed_by == 0
    }
}

/// What happened to each pool from `since` to `until`, by name. Pools of deleted templates are left out, and so
/// are those that no active version has, unless somebody asked for them.
pub(crate) fn histories(facts: &DemandFacts, since: Time, until: Time) -> Vec<History<'_>> {
    let mut pools: HashMap<(Uuid, &str), Rows<'_>> = HashMap::new();
    let mut keys: HashMap<Uuid, (Uuid, &str)> = HashMap::new();
    for preset in facts.presets.iter().filter(|it| !it.deleted) {
        let key = (preset.template_id, preset.name.as_str());
        keys.insert(preset.id, key);
        let rows = pools.entry(key).or_insert_with(|| Rows::of(preset));
        if preset.is_active() {
            rows.preset = preset;
        }
    }
    for schedule in &facts.schedules {
        let rows = keys
            .get(&schedule.preset_id)
            .and_then(|key| pools.get_mut(key));
        if let Some(rows) = rows.filter(|rows| rows.preset.id == schedule.preset_id) {
            rows.schedules.push(schedule);
        }
    }
    for member in &facts.members {
        if let Some(rows) = keys
            .get(&member.preset_id)
            .and_then(|key| pools.get_mut(key))
        {
            rows.members.push(member);
        }
    }
    for request in &facts.requests {
        let key = request.preset_id.and_then(|id| keys.get(&id));
        if let Some(rows) = key.and_then(|key| pools.get_mut(key)) {
            rows.requests.push(request);
        }
    }
    for miss in &facts.misses {
        let key = keys.get(&miss.preset_id);
        if let Some(rows) = key.and_then(|key| pools.get_mut(key)) {
            rows.misses.push(miss.asked_at);
        }
    }
    let misses_from = facts.misses_from.unwrap_or(since).clamp(since, until);
    let histories = pools.into_values();
    let histories = histories.map(|rows| rows.history(since, misses_from, until));
    let mut histories: Vec<History<'_>> = histories
        .filter(|it| it.preset.is_active() || !it.is_empty())
        .collect();
    let name = |preset: &'_ Preset| {
        let names = [
            &preset.organization_name,
            &preset.template_name,
            &preset.name,
        ];
        (names.map(Clone::clone), preset.id)
    };
    histories.sort_by_cached_key(|it| name(it.preset));
    histories
}

/// The rows of a pool.
struct Rows<'a> {
    preset: &'a Preset,
    schedules: Vec<&'a Schedule>,
    members: Vec<&'a PastMember>,
    requests: Vec<&'a Request>,
    /// When those asked whose requests are recorded as having found nothing.
    misses: Vec<Time>,
}

impl<'a> Rows<'a> {
    fn of(preset: &'a Preset) -> Self {
        Self {
            preset,
            schedules: Vec::new(),
            members: Vec::new(),
            requests: Vec::new(),
            misses: Vec::new(),
        }
    }

    fn history(mut self, since: Time, misses_from: Time, until: Time) -> History<'a> {
        self.schedules.sort_by_key(|schedule| schedule.id);
        let within = |at: &Time| (since..until).contains(at);
        let stock = Stock::of(&self.members, until);
        let left = |member: &&&PastMember| member.left_at.is_some_and(|at| within(&at));
        let claimed = self.members.iter().filter(|it| it.claimed).filter(left);
        let mut claims: Vec<Time> = claimed.clone().filter_map(|it| it.left_at).collect();
        claims.sort_unstable();
        let recorded = self.misses.iter().copied().filter(within);
        let mut misses: Vec<Miss> = recorded.map(|at| Miss { at, waited: None }).collect();
        let mut passed_by = 0;
        for request in self.requests.iter().filter(|it| within(&it.created_at)) {
            if stock.at(request.created_at) > 0 {
                passed_by += 1;
            } else {
                let ended = request.completed_at.filter(|end| *end <= until);
                let waited = ended.map(|end| end - request.created_at);
                misses.push(Miss {
                    at: request.created_at,
                    waited,
                });
            }
        }
        misses.sort_unstable_by_key(|it| it.at);
        let recent = self.members.iter().filter(|it| within(&it.created_at));
        let members = self.members.iter().map(|it| it.created_at);
        let requests = self.requests.iter().map(|it| it.created_at);
        let first = members
            .chain(requests)
            .chain(self.misses.iter().copied())
            .min();
        // Before that there was no pool, as far as anybody knows.
        let known_from = first.unwrap_or(since).clamp(since, until);
        let (idle, empty) = stock.spans(known_from, until);
        let (_, empty_unseen) = stock.spans(known_from, misses_from.max(known_from));
        let days = stock.days(&claims, &misses, since, until);
        History {
            preset: self.preset,
            schedules: self.schedules,
            deleted: count(claimed.filter(|it| it.deleted).count()),
            claims,
            misses,
            passed_by,
            builds: recent.filter_map(|it| build(it, until)).collect(),
            idle,
            empty,
            misses_from,
            empty_unseen,
            days,
            first,
            known_from,
        }
    }
}

/// From when on a member could be claimed, if it ever could.
fn claimable_from(member: &PastMember) -> Option<Time> {
    let completed = member.completed_at?;
    if member.job_status != JobStatus::Succeeded {
        return None;
    }
    // Whoever claimed it found it ready, whatever its agents say since.
    let ready = member
        .agents_ready_at
        .or(member.claimed.then_some(completed))?;
    Some(ready.max(completed))
}

/// How long it took to build a member; none where that was not known yet.
fn build(member: &PastMember, until: Time) -> Option<Build> {
    let succeeds = member.job_status != JobStatus::Failed;
    let end = match succeeds {
        true => claimable_from(member)?,
        false => member.completed_at?,
    };
    (end <= until).then(|| Build {
        takes: (end - member.created_at).max(TimeDelta::zero()),
        succeeds,
    })
}

/// How many members there were to claim.
struct Stock {
    /// When each was ready, and when each left, both in order of time.
    ready: Vec<Time>,
    left: Vec<Time>,
}

impl Stock {
    fn of(members: &[&PastMember], until: Time) -> Self {
        let mut stock = Self {
            ready: Vec::new(),
            left: Vec::new(),
        };
        for member in members {
            let left = member.left_at.unwrap_or(until).min(until);
            if let Some(ready) = claimable_from(member).filter(|ready| *ready < left) {
                stock.ready.push(ready);
                stock.left.push(left);
            }
        }
        stock.ready.sort_unstable();
        stock.left.sort_unstable();
        stock
    }

    fn at(&self, at: Time) -> usize {
        let ready = self.ready.partition_point(|it| *it <= at);
        let left = self.left.partition_point(|it| *it <= at);
        ready.saturating_sub(left)
    }

    /// Tells of each stretch of time from `since` to `until` how many members there were.
    fn stretches(&self, since: Time, until: Time, mut tell: impl FnMut(Time, Time, i32)) {
        let ready = self.ready.iter().map(|at| (*at, 1));
        let left = self.left.iter().map(|at| (*at, -1));
        let mut changes: Vec<(Time, i32)> = ready.chain(left).collect();
        changes.sort_unstable_by_key(|(at, change)| (*at, -change));
        let (mut stock, mut from) = (0, since);
        for (at, change) in changes {
            let to = at.clamp(since, until);
            tell(from, to, stock);
            stock += change;
            from = to;
        }
        tell(from, until, stock);
    }

    /// How long members waited, added up, and how long there was none.
    fn spans(&self, since: Time, until: Time) -> (TimeDelta, TimeDelta) {
        let (mut idle, mut empty) = (TimeDelta::zero(), TimeDelta::zero());
        self.stretches(since, until, |from, to, stock| match stock {
            0 => empty += to - from,
            stock => idle += (to - from) * stock,
        });
        (idle, empty)
    }

    fn days(&self, claims: &[Time], misses: &[Miss], since: Time, until: Time) -> Vec<PastDay> {
        let day = |number: usize| {
            let days = i64::try_from(number).ok().and_then(TimeDelta::try_days);
            let from = since.checked_add_signed(days.unwrap_or_default());
            from.unwrap_or(until).min(until)
        };
        let number = usize::try_from((until - since).num_days() + 1).unwrap_or(0);
        let mut idle = vec![TimeDelta::zero(); number];
        self.stretches(since, until, |from, to, stock| {
            let mut place = usize::try_from((from - since).num_days()).unwrap_or(0);
            while stock > 0 && place < number && day(place) < to {
                let passed = to.min(day(place + 1)) - from.max(day(place));
                idle[place] += passed * stock;
                place += 1;
            }
        });
        let of = |(place, idle): (usize, TimeDelta)| {
            let (from, to) = (day(place), day(place + 1));
            let before = |at: Time| claims.partition_point(|it| *it < at);
            let missed = |at: Time| misses.partition_point(|it| it.at < at);
            let length = (to - from).num_seconds().max(1) as f64;
            PastDay {
                from,
                claims: count(before(to) - before(from)),
                misses: count(missed(to) - missed(from)),
                members: rounded(idle.num_seconds() as f64 / length),
            }
        };
        let days = idle.into_iter().enumerate().map(of);
        days.filter(|it| it.from < until).collect()
    }
}
