//! How large each pool should be: the document of `recommend`.
//!
//! What is recommended was tried: beside each size stands what it would have done, and what the present one would
//! have, under the same arrivals with the same builds.

use std::collections::HashMap;

use chrono::TimeDelta;
use chrono_tz::Tz;
use serde::Serialize;

use super::advice::{Goal, Record, advise, rules};
use super::change::change;
use super::history::{History, histories};
use super::hours::{Hours, LARGEST, WEEK};
use super::lines::{Kept, Line};
use super::replay::{Build, Figures, Rules, replay, rounded};
use super::summary::notes;
use crate::actions::schedule::Calendar;
use crate::model::demand::DemandFacts;
use crate::model::names::{Scoped as _, Selection};
use crate::model::settings::Tuning;
use crate::model::text::count;
use crate::model::{Diagnostic, FormatVersion, Preset, PresetReference, Time, time};

/// How long a build is taken to be where none is known.
const UNKNOWN_BUILD: TimeDelta = TimeDelta::minutes(5);

/// How large pools should be. What `recommend --format json` writes, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recommendations {
    pub version: FormatVersion,
    #[serde(with = "time")]
    pub since: Time,
    #[serde(with = "time")]
    pub until: Time,
    /// How many builds of a pool run at once in replays; null: all.
    pub provisioners: Option<usize>,
    pub pools: Vec<Recommendation>,
}

/// How large one pool should be.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Recommendation {
    pub preset: PresetReference,
    /// Age in seconds after which members expire, which stays as it is.
    pub ttl_secs: Option<i64>,
    /// The beginning of the arrivals that count: since then they are known, and of one kind.
    #[serde(with = "time")]
    pub from: Time,
    /// Claims and misses since then.
    pub arrivals: i64,
    pub now: Kept,
    /// What the present size would have done.
    pub now_replayed: Figures,
    /// Null where nothing was asked of the pool.
    pub recommended: Option<Kept>,
    /// What the recommended one would have done.
    pub replayed: Option<Figures>,
    /// What sizes fitted to other weeks do in each week; null with less than two weeks.
    pub held_out: Option<Figures>,
    /// By how much the hit rate of those is lower; null without.
    pub error: Option<f64>,
    /// The present and the recommended size in each hour of the week, from Sunday midnight on.
    #[serde(skip)]
    pub sizes: Option<[[i64; WEEK]; 2]>,
    /// Whose clocks those hours are by: that of the recommended schedules.
    #[serde(skip)]
    pub zone: Tz,
    /// Whether the goal is reached, in the weeks held out where there are any; null without a recommendation.
    pub reached: Option<bool>,
    pub notes: Vec<Diagnostic>,
}

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish {
    pub goal: Goal,
    /// The zone of schedules; none: that of the preset, or UTC.
    pub zone: Option<Tz>,
    /// How many builds of a pool run at once; none: all.
    pub provisioners: Option<usize>,
    /// How failed builds delay others.
    pub tuning: Tuning,
}

/// The sizes for the pools of `facts` that are in use and selected, from what was asked of them from `since`
/// to `until`.
pub(crate) fn recommend(
    facts: &DemandFacts,
    selection: &Selection,
    wish: Wish,
    since: Time,
    until: Time,
) -> Recommendations {
    let histories = histories(facts, since, until);
    let mut hours: HashMap<Tz, Hours> = HashMap::new();
    let mut pools = Vec::new();
    for history in &histories {
        let preset = history.preset;
        if !preset.is_active() || !selection.admits(&preset.scope()) {
            continue;
        }
        let zone = wish.zone.unwrap_or(history.zone());
        let hours = hours
            .entry(zone)
            .or_insert_with(|| Hours::new(zone, since, until));
        let mut advised = of_pool(history, hours, wish);
        let more = std::mem::take(&mut advised.notes);
        advised.notes = notes(history, &histories, since, until);
        advised.notes.extend(more);
        pools.push(advised);
    }
    Recommendations {
        version: FormatVersion,
        since,
        until,
        provisioners: wish.provisioners,
        pools,
    }
}

fn of_pool(history: &History<'_>, hours: &Hours, wish: Wish) -> Recommendation {
    let mut notes = Vec::new();
    let mut arrivals = history.arrivals();
    let known = history
        .first
        .unwrap_or(hours.from)
        .clamp(hours.from, hours.to);
    let change = change(&arrivals, known, hours.to);
    let from = change.map_or(known, |it| it.at);
    if let Some(change) = change {
        let day = from.with_timezone(&hours.zone).date_naive();
        let (before, after) = (change.before, change.after);
        let message = format!(
            "requests went from {before:.0} to {after:.0} a week about {day}; only what came since counts"
        );
        notes.push(Diagnostic::warning("changed", message));
    }
    arrivals.retain(|at| *at >= from);
    let builds = builds(history, &mut notes);
    let hours = hours.part(from, hours.to);
    let preset = Preset {
        scaled: None,
        ..history.preset.clone()
    };
    let calendar = Calendar::new(&preset, &history.schedules);
    let rules = rules(&builds, preset.ttl_secs, wish.provisioners, wish.tuning);
    let base = preset.desired_instances;
    let now = replayed_now(&calendar, base, &rules, &hours, &arrivals);
    if hours
        .steps_of(&calendar)
        .iter()
        .any(|it| it.desired == LARGEST)
    {
        let message = format!("replays have at most {LARGEST} members, however many are desired");
        notes.push(Diagnostic::warning("too_large", message));
    }
    let advice = (!arrivals.is_empty()).then(|| {
        let record = Record {
            arrivals: &arrivals,
            builds: &builds,
            ttl_secs: history.preset.ttl_secs,
            provisioners: wish.provisioners,
            tuning: wish.tuning,
            hours: &hours,
        };
        advise(&record, wish.goal)
    });
    let advice = advice.as_ref();
    if advice.is_some_and(|it| !it.reached) {
        let message =
            "no size reaches the goal in weeks that it was not fitted to; this comes nearest";
        notes.push(Diagnostic::warning("not_reached", message.to_owned()));
    }
    let figures = advice.map(|it| Figures::from(&it.fitted));
    let held_out = advice
        .and_then(|it| it.held_out.as_ref())
        .map(Figures::from);
    let rate = |figures: &Option<Figures>| figures.and_then(|it| it.hit_rate);
    let error = rate(&figures).zip(rate(&held_out));
    Recommendation {
        preset: history.preset.into(),
        ttl_secs: history.preset.ttl_secs,
        from,
        arrivals: count(arrivals.len()),
        now: kept(history),
        now_replayed: now,
        recommended: advice.map(|it| Kept::of(&it.sizes, hours.zone.name())),
        replayed: figures,
        held_out,
        error: error.map(|(fitted, held_out)| rounded((fitted - held_out).max(0.0))),
        sizes: advice.map(|it| [hours.sizes_of(&calendar), it.sizes]),
        zone: hours.zone,
        reached: advice.map(|it| it.reached),
        notes,
    }
}

/// The builds that members had, or what stands for them.
fn builds(history: &History<'_>, notes: &mut Vec<Diagnostic>) -> Vec<Build> {
    if history.builds.iter().any(|it| it.succeeds) {
        return history.builds.clone();
    }
    let waits = history.misses.iter().filter_map(|it| it.waited);
    let waits: Vec<Build> = waits.map(Build::of).collect();
    if !waits.is_empty() {
        return waits;
    }
    let minutes = UNKNOWN_BUILD.num_minutes();
    let message = format!("no build of it ended well in this time; {minutes}m are taken for one");
    notes.push(Diagnostic::warning("unknown_builds", message));
    vec![Build::of(UNKNOWN_BUILD)]
}

/// What the present number and schedules would have done.
fn replayed_now(
    calendar: &Calendar<'_>,
    base: i64,
    rules: &Rules<'_>,
    hours: &Hours,
    arrivals: &[Time],
) -> Figures {
    let steps = match calendar.zone() == hours.zone {
        true => hours.steps_of(calendar),
        false => Hours::new(calendar.zone(), hours.from, hours.to).steps_of(calendar),
    };
    Figures::from(&replay(rules, base, &steps, arrivals, hours.to))
}

/// The present number and schedules.
fn kept(history: &History<'_>) -> Kept {
    let lines = history.schedules.iter().map(|schedule| Line {
        cron: schedule.cron_expression.clone(),
        instances: schedule.desired_instances,
    });
    Kept {
        instances: history.preset.desired_instances,
        timezone: history.preset.scheduling_timezone.clone(),
        schedules: lines.collect(),
    }
}
