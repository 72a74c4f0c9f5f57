//! What was asked of each pool, in numbers: the document of `demand`.
//!
//! Says of every number what is not known about it, rather than leave it out.

use chrono::TimeDelta;
use serde::Serialize;

use super::history::{History, PastDay, histories};
use super::hours::{WEEK, hour_of_week};
use super::replay::rounded;
use crate::actions::zone::clock_changes;
use crate::model::demand::DemandFacts;
use crate::model::names::{Scoped as _, Selection};
use crate::model::text::{self, count, plural, span};
use crate::model::{Diagnostic, FormatVersion, PresetReference, Time, time};

/// Less history than this says little about a week.
const ENOUGH: TimeDelta = TimeDelta::days(14);

/// The share of time without a member from which on unknown misses are worth a word.
const OFTEN_EMPTY: f64 = 0.01;

/// What was asked of pools. What `demand --format json` writes, version 1.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Demand {
    pub version: FormatVersion,
    #[serde(with = "time")]
    pub since: Time,
    #[serde(with = "time")]
    pub until: Time,
    /// From when on requests that find no member leave a trace; no later than `until`.
    #[serde(with = "time")]
    pub misses_from: Time,
    pub pools: Vec<PoolDemand>,
}

/// What was asked of one pool.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PoolDemand {
    pub preset: PresetReference,
    /// IANA name of the zone that the hours are those of.
    pub timezone: String,
    /// Members that people claimed.
    pub claims: i64,
    /// How many of those workspaces have been deleted since.
    pub deleted: i64,
    /// Requests that found no member since `misses_from`; null where that is the end.
    pub misses: Option<i64>,
    /// Requests that left members alone.
    pub passed_by: i64,
    /// The share of claims among claims and misses since `misses_from`; null without any.
    pub hit_rate: Option<f64>,
    /// What misses waited for builds of their own.
    pub wait: Spread,
    pub idle_member_hours: f64,
    /// The share of time without a member to claim.
    pub empty_share: f64,
    /// How long members took to build.
    pub build: Spread,
    pub failed_builds: i64,
    /// Claims and misses by hour of the week, by the clocks of the zone, Monday first.
    pub by_hour: Vec<Day>,
    /// Day by day from the beginning of the span on.
    pub by_day: Vec<PastDay>,
    pub notes: Vec<Diagnostic>,
}

/// How long some things took.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub(crate) struct Spread {
    pub number: i64,
    /// Null when there are none.
    pub median_secs: Option<i64>,
    /// No more than one in twenty took longer; null when there are none.
    pub p95_secs: Option<i64>,
}

/// A day of the week, all such days of the span together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Day {
    pub day: &'static str,
    /// From midnight on, an entry for each hour.
    pub claims: [i64; 24],
    pub misses: [i64; 24],
}

/// Days in the order in which people read a week, with their numbers in cron expressions.
const DAYS: [(&str, usize); 7] = [
    ("monday", 1),
    ("tuesday", 2),
    ("wednesday", 3),
    ("thursday", 4),
    ("friday", 5),
    ("saturday", 6),
    ("sunday", 0),
];

impl Spread {
    fn of(spans: impl Iterator<Item = TimeDelta>) -> Self {
        let mut spans: Vec<i64> = spans.map(|it| it.num_seconds()).collect();
        spans.sort_unstable();
        let rank = |share: usize| {
            let place = (spans.len() * share).div_ceil(100);
            spans.get(place.saturating_sub(1)).copied()
        };
        Self {
            number: count(spans.len()),
            median_secs: rank(50),
            p95_secs: rank(95),
        }
    }
}

/// What was asked of the selected pools of `facts` from `since` to `until`.
pub(crate) fn demand(
    facts: &DemandFacts,
    selection: &Selection,
    since: Time,
    until: Time,
) -> Demand {
    let histories = histories(facts, since, until);
    let selected = histories
        .iter()
        .filter(|it| selection.admits(&it.preset.scope()));
    let pools = selected.map(|it| PoolDemand {
        notes: notes(it, &histories, since, until),
        ..of_pool(it, until)
    });
    Demand {
        version: FormatVersion,
        since,
        until,
        misses_from: facts.misses_from.unwrap_or(since).clamp(since, until),
        pools: pools.collect(),
    }
}

fn of_pool(history: &History<'_>, until: Time) -> PoolDemand {
    let misses = count(history.misses.len());
    let unseen = history
        .claims
        .partition_point(|at| *at < history.misses_from);
    let seen = count(history.claims.len() - unseen);
    let is_known = history.misses_from < until;
    let is_rated = is_known && seen + misses > 0;
    let succeeded = history.builds.iter().filter(|it| it.succeeds);
    PoolDemand {
        preset: history.preset.into(),
        timezone: history.zone().name().to_owned(),
        claims: count(history.claims.len()),
        deleted: history.deleted,
        misses: is_known.then_some(misses),
        passed_by: history.passed_by,
        hit_rate: is_rated.then(|| rounded(seen as f64 / (seen + misses) as f64)),
        wait: Spread::of(history.misses.iter().filter_map(|it| it.waited)),
        idle_member_hours: rounded(history.idle.num_seconds() as f64 / 3600.0),
        empty_share: rounded(share(history.empty, until - history.known_from)),
        build: Spread::of(succeeded.map(|it| it.takes)),
        failed_builds: count(history.builds.iter().filter(|it| !it.succeeds).count()),
        by_hour: by_hour(history),
        by_day: history.days.clone(),
        notes: Vec::new(),
    }
}

fn share(part: TimeDelta, all: TimeDelta) -> f64 {
    part.num_seconds() as f64 / all.num_seconds().max(1) as f64
}

fn by_hour(history: &History<'_>) -> Vec<Day> {
    let zone = history.zone();
    let counted = |times: &mut dyn Iterator<Item = Time>| {
        let mut numbers = [0; WEEK];
        for at in times {
            numbers[hour_of_week(zone, at)] += 1;
        }
        numbers
    };
    let claims = counted(&mut history.claims.iter().copied());
    let misses = counted(&mut history.misses.iter().map(|it| it.at));
    let of = |numbers: &[i64; WEEK], number: usize| {
        let mut hours = [0; 24];
        hours.copy_from_slice(&numbers[number * 24..(number + 1) * 24]);
        hours
    };
    let days = DAYS.iter().map(|&(day, number)| Day {
        day,
        claims: of(&claims, number),
        misses: of(&misses, number),
    });
    days.collect()
}

/// What must be known about a pool's numbers to trust them. `all` are the pools that it stands among.
pub(super) fn notes(
    history: &History<'_>,
    all: &[History<'_>],
    since: Time,
    until: Time,
) -> Vec<Diagnostic> {
    let is_active = history.preset.is_active();
    let known = history
        .first
        .map_or(TimeDelta::zero(), |first| until - first.max(since));
    let mut notes = Vec::new();
    if !is_active {
        notes.push(Diagnostic::warning(
            "out_of_use",
            "the active version of the template has no such preset: it was renamed or removed"
                .to_owned(),
        ));
    } else if known < ENOUGH {
        let known = match known.is_zero() {
            true => "nothing is known of it in this time".to_owned(),
            false => format!("only {} are known of it", span(known)),
        };
        let enough = span(ENOUGH);
        notes.push(Diagnostic::warning(
            "little_history",
            format!("{known}; less than {enough} say little about a week"),
        ));
    }
    notes.extend(renamed(history, all, since));
    let empty = share(
        history.empty_unseen,
        history.misses_from - history.known_from,
    );
    if is_active && empty >= OFTEN_EMPTY {
        notes.push(Diagnostic::warning(
            "misses_unknown",
            format!(
                "before {} requests that found no member left no trace in this database, and there was none \
                 for {:.0}% of that time: more may have been asked for; the hit rate of demand counts from then",
                text::time(&history.misses_from),
                empty * 100.0
            ),
        ));
    }
    let zone = history.zone();
    let changes = clock_changes(zone, since, until);
    if let Some(change) = changes.first().filter(|_| !history.is_empty()) {
        let day = change.at.with_timezone(&zone).date_naive();
        notes.push(Diagnostic::warning(
            "clock_change",
            format!(
                "the clocks of {zone} were changed on {day}: hours are those that they showed, before and \
                 after"
            ),
        ));
    }
    notes
}

/// What is said of a preset that may have had another name: the older names of its template stopped being
/// asked for, and it has no history from before.
fn renamed(history: &History<'_>, all: &[History<'_>], since: Time) -> Option<Diagnostic> {
    let is_new = history.first.is_none_or(|first| first > since);
    if !history.preset.is_active() || !is_new {
        return None;
    }
    let others = all.iter().filter(|it| !it.preset.is_active());
    let other = others
        .filter(|it| it.preset.template_id == history.preset.template_id)
        .max_by_key(|it| it.claims.len() + it.misses.len())?;
    let requests = plural(other.claims.len() + other.misses.len(), "request");
    Some(Diagnostic::warning(
        "renamed",
        format!(
            "earlier versions have a preset {:?}, with {requests} in this time; if this one is meant to take \
             its place, they are not counted here",
            other.preset.name
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{at, preset};
    use crate::model::demand::{PastMember, RecordedMiss, Request};
    use crate::model::{JobStatus, Preset};

    const SINCE: &str = "2026-03-02T00:00:00Z";
    const UNTIL: &str = "2026-03-30T00:00:00Z";

    /// A member that was built within five minutes and left at that time.
    fn member(preset: &Preset, created_at: &str, left_at: Option<&str>) -> PastMember {
        let created_at = at(created_at);
        PastMember {
            preset_id: preset.id,
            created_at,
            job_status: JobStatus::Succeeded,
            completed_at: Some(created_at + TimeDelta::minutes(3)),
            agents_ready_at: Some(created_at + TimeDelta::minutes(5)),
            claimed: left_at.is_some(),
            deleted: false,
            left_at: left_at.map(at),
        }
    }

    fn request(preset: &Preset, created_at: &str) -> Request {
        let created_at = at(created_at);
        Request {
            preset_id: Some(preset.id),
            created_at,
            completed_at: Some(created_at + TimeDelta::minutes(7)),
        }
    }

    fn of(facts: &DemandFacts) -> Vec<PoolDemand> {
        demand(facts, &Selection::default(), at(SINCE), at(UNTIL)).pools
    }

    #[test]
    fn requests_are_misses_where_there_was_no_member() {
        let mut preset = preset(1, 1);
        preset.scheduling_timezone = "Europe/Berlin".to_owned();
        let mut failed = member(&preset, "2026-03-05T00:00:00Z", None);
        failed.job_status = JobStatus::Failed;
        let mut stuck = member(&preset, "2026-03-05T00:00:00Z", None);
        stuck.agents_ready_at = None;
        let facts = DemandFacts {
            members: vec![
                // Here from the beginning, though it is older.
                member(
                    &preset,
                    "2026-03-01T00:00:00Z",
                    Some("2026-03-02T10:00:00Z"),
                ),
                member(
                    &preset,
                    "2026-03-02T10:55:00Z",
                    Some("2026-03-02T13:00:00Z"),
                ),
                failed,
                stuck,
            ],
            requests: vec![
                request(&preset, "2026-03-02T10:59:00Z"),
                request(&preset, "2026-03-02T11:00:00Z"),
                request(&preset, "2026-03-02T13:00:00Z"),
            ],
            presets: vec![preset],
            ..DemandFacts::default()
        };
        let pools = of(&facts);
        assert_eq!(pools.len(), 1);
        let pool = &pools[0];
        assert_eq!((pool.claims, pool.misses, pool.passed_by), (2, Some(2), 1));
        assert_eq!(pool.hit_rate, Some(0.5));
        assert_eq!((pool.idle_member_hours, pool.failed_builds), (12.0, 1));
        assert_eq!(pool.build.median_secs, Some(300));
        assert_eq!((pool.wait.number, pool.wait.p95_secs), (2, Some(420)));
        // Berlin is an hour ahead.
        let monday = &pool.by_hour[0];
        assert_eq!((monday.claims[11], monday.claims[14]), (1, 1));
        assert_eq!((monday.misses[11], monday.misses[14]), (1, 1));
        assert_eq!(pool.by_day.len(), 28);
        let first = pool.by_day[0];
        assert_eq!((first.claims, first.misses, first.members), (2, 2, 0.5));
        let codes: Vec<&str> = pool.notes.iter().map(|it| it.code.as_str()).collect();
        assert_eq!(codes, ["clock_change"]);
    }

    #[test]
    fn recorded_misses_count_and_are_unknown_only_before_that_began() {
        let preset = preset(1, 1);
        let miss = |asked_at: &str| RecordedMiss {
            preset_id: preset.id,
            asked_at: at(asked_at),
            created_at: at(asked_at),
        };
        let member = |left_at: &str| member(&preset, "2026-03-02T00:00:00Z", Some(left_at));
        let mut facts = DemandFacts {
            members: vec![
                member("2026-03-03T00:00:00Z"),
                member("2026-03-20T00:00:00Z"),
            ],
            // The second one while there was a member, which it could not have for some reason.
            misses: vec![
                miss("2026-03-22T00:00:00Z"),
                miss("2026-03-12T00:00:00Z"),
                miss("2026-04-02T00:00:00Z"),
            ],
            presets: vec![preset.clone()],
            ..DemandFacts::default()
        };
        let mut told = |from: &str| {
            facts.misses_from = Some(at(from));
            let pool = of(&facts).remove(0);
            let notes = pool.notes.iter().filter(|it| it.code == "misses_unknown");
            let notes: Vec<String> = notes.map(|it| it.message.clone()).collect();
            (pool.misses, pool.hit_rate, notes)
        };
        assert_eq!(told("2026-01-01T00:00:00Z"), (Some(2), Some(0.5), vec![]));
        let never_empty = told("2026-03-10T00:00:00Z");
        assert_eq!(never_empty, (Some(2), Some(0.3333), vec![]));
        let unknown = |day: &str, share: u8| {
            vec![format!(
                "before {day} 00:00:00 UTC requests that found no member left no trace in this database, and \
                 there was none for {share}% of that time: more may have been asked for; the hit rate of demand \
                 counts from then"
            )]
        };
        let since = told("2026-03-21T00:00:00Z");
        assert_eq!(since, (Some(2), Some(0.0), unknown("2026-03-21", 5)));
        let never = told("2026-05-01T00:00:00Z");
        assert_eq!(never, (None, None, unknown("2026-03-30", 36)));
    }

    #[test]
    fn a_name_goes_on_through_versions() {
        let (new, mut old, mut gone) = (preset(1, 1), preset(2, 1), preset(3, 1));
        old.name.clone_from(&new.name);
        old.using_active_version = false;
        gone.deleted = true;
        let facts = DemandFacts {
            members: vec![
                member(&old, "2026-03-02T00:00:00Z", Some("2026-03-03T00:00:00Z")),
                member(&gone, "2026-03-02T00:00:00Z", Some("2026-03-03T00:00:00Z")),
            ],
            presets: vec![old, new.clone(), gone],
            ..DemandFacts::default()
        };
        let pools = of(&facts);
        assert_eq!(pools.len(), 1);
        assert_eq!((pools[0].preset.id, pools[0].claims), (new.id, 1));
    }

    #[test]
    fn ranks_are_the_nearest_that_hold() {
        let spread = |numbers: std::ops::RangeInclusive<i64>| {
            let spread = Spread::of(numbers.map(TimeDelta::seconds));
            (spread.median_secs, spread.p95_secs)
        };
        assert_eq!(spread(1..=20), (Some(10), Some(19)));
        assert_eq!(spread(7..=7), (Some(7), Some(7)));
        assert_eq!(Spread::of(std::iter::empty()), Spread::default());
    }
}
