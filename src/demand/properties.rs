//! What holds of replays whatever the demand: they do what passes do, and agree with queueing theory.

use std::cmp::Reverse;

use chrono::TimeDelta;
use chrono_tz::Tz;
use fastrand::Rng;
use proptest::prelude::*;

use super::arrivals::{builds, poisson};
use super::hours::{Hours, Step};
use super::replay::{Build, Outcome, Rules, replay};
use crate::actions::back_off::failures;
use crate::actions::plan;
use crate::actions::schedule::Calendar;
use crate::actions::testing::{TUNING, at, backoff, preset, running, schedule, snapshot};
use crate::model::settings::Tuning;
use crate::model::{
    Action, Backoff, DeleteReason, InProgress, Preset, RunningPrebuild, Schedule, Time, Transition,
};

/// A Wednesday.
const FROM: &str = "2026-03-04T06:00:00Z";
const PASS: TimeDelta = TimeDelta::minutes(1);

/// The same pool kept by whole passes over whole snapshots, one a minute.
struct Passes<'a> {
    preset: &'a Preset,
    schedules: &'a [Schedule],
    rules: &'a Rules<'a>,
    /// How many there have been, from which they have their ids.
    members: u128,
    ready: Vec<(RunningPrebuild, Time)>,
    /// The ends of builds, when they were asked for, and whether they succeed.
    starting: Vec<(Time, Time, bool)>,
    /// When builds were asked for that failed.
    failed: Vec<Time>,
    outcome: Outcome,
}

impl Passes<'_> {
    fn end_builds(&mut self, now: Time) {
        self.starting.sort();
        while self.starting.first().is_some_and(|(end, ..)| *end <= now) {
            let (end, created_at, succeeds) = self.starting.remove(0);
            if succeeds {
                self.add(created_at, end);
            } else {
                self.outcome.failed += 1;
                self.failed.push(created_at);
            }
        }
    }

    fn add(&mut self, created_at: Time, ready_at: Time) {
        self.members += 1;
        let mut member = running(self.members, self.preset, FROM);
        member.created_at = created_at;
        self.ready.push((member, ready_at));
        self.ready.sort_by_key(|(it, _)| (it.created_at, it.id));
    }

    fn pass(&mut self, now: Time) {
        let mut snapshot = snapshot(vec![self.preset.clone()]);
        snapshot.schedules = self.schedules.to_vec();
        snapshot.running = self.ready.iter().map(|(it, _)| it.clone()).collect();
        snapshot.in_progress = vec![InProgress {
            template_id: self.preset.template_id,
            template_version_id: self.preset.template_version_id,
            preset_id: Some(self.preset.id),
            transition: Transition::Start,
            count: i64::try_from(self.starting.len()).unwrap(),
        }];
        let members = self.ready.iter().map(|(it, _)| it.created_at);
        let members = members.chain(self.starting.iter().map(|(_, at, _)| *at));
        let failed = self.failed.iter().map(|at| (*at, true));
        let mut builds: Vec<_> = members.map(|at| (at, false)).chain(failed).collect();
        builds.sort_by_key(|build| Reverse(*build));
        let base = self.preset.desired_instances;
        let counted = failures(builds.into_iter(), base, now, &TUNING);
        let counted = counted.map(|(num_failed, last_build_at)| Backoff {
            last_build_at,
            ..backoff(self.preset, num_failed, FROM)
        });
        snapshot.backoffs = counted.into_iter().collect();
        for action in &plan(&snapshot, &TUNING, now).presets[0].actions {
            match action {
                Action::Delete {
                    reason,
                    workspace_ids,
                } => {
                    let gone = |it: &RunningPrebuild| workspace_ids.contains(&it.id);
                    let idle = self.ready.iter().filter(|(it, _)| gone(it));
                    self.outcome.idle += idle.map(|(_, ready_at)| now - *ready_at).sum();
                    self.ready.retain(|(it, _)| !gone(it));
                    let number = i64::try_from(workspace_ids.len()).unwrap();
                    match reason {
                        DeleteReason::Expired => self.outcome.expired += number,
                        _ => self.outcome.surplus += number,
                    }
                }
                Action::Create { count, .. } => {
                    for _ in 0..*count {
                        let turn = usize::try_from(self.outcome.created).unwrap();
                        let build = self.rules.builds[turn % self.rules.builds.len()];
                        self.outcome.created += 1;
                        self.starting.push((now + build.takes, now, build.succeeds));
                    }
                }
                Action::Backoff { .. } => {}
                other => panic!("{other:?}"),
            }
        }
    }

    fn run(mut self, arrivals: &[Time], from: Time, to: Time) -> Outcome {
        let calendar = self.schedules.iter().collect::<Vec<_>>();
        let desired = Calendar::new(self.preset, &calendar).desired(from).count;
        for _ in 0..desired {
            self.add(from, from);
        }
        let mut arrivals = arrivals.iter().peekable();
        let mut now = from;
        while now < to {
            self.end_builds(now);
            self.pass(now);
            let next = (now + PASS).min(to);
            while let Some(at) = arrivals.next_if(|at| **at < next) {
                self.end_builds(*at);
                if self.ready.is_empty() {
                    self.outcome.misses += 1;
                } else {
                    self.outcome.hits += 1;
                    self.outcome.idle += *at - self.ready.remove(0).1;
                }
            }
            now = next;
        }
        self.starting.retain(|(end, ..)| *end < to);
        self.end_builds(to);
        self.outcome.idle += self.ready.iter().map(|(_, ready_at)| to - *ready_at).sum();
        self.outcome
    }
}

fn build() -> impl Strategy<Value = Build> {
    let micros = prop_oneof![1..2_000_000_000i64, 1..100_000_000i64];
    (micros, prop::bool::weighted(0.8)).prop_map(|(micros, succeeds)| Build {
        takes: TimeDelta::microseconds(1_000_000 + micros),
        succeeds,
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn a_replay_does_what_a_pass_each_minute_would_do(
        base in 0..4i64,
        by_day in 0..6i64,
        ttl_secs in prop_oneof![Just(None), Just(Some(0)), (600..20_000i64).prop_map(Some)],
        build_times in prop::collection::vec(build(), 1..5),
        arrivals in prop::collection::vec(1..28_800_000_000i64, 0..60),
    ) {
        let from = at(FROM);
        let to = from + TimeDelta::hours(8);
        let mut preset = preset(1, base);
        preset.ttl_secs = ttl_secs;
        preset.scheduling_timezone = "Europe/Berlin".to_owned();
        let schedules = [
            schedule(2, &preset, "* 8-10 * * 1-5", by_day),
            schedule(3, &preset, "* 12 * * *", 1),
        ];
        let mut arrivals: Vec<Time> = arrivals
            .into_iter()
            // Off the instants of passes.
            .map(|micros| from + TimeDelta::microseconds(micros / 60 * 60 + 7))
            .collect();
        arrivals.sort();
        let rules = Rules { builds: &build_times, ttl_secs, interval: PASS, provisioners: None, tuning: TUNING };
        let calendar = Calendar::new(&preset, &[&schedules[0], &schedules[1]]);
        let steps = Hours::new(calendar.zone(), from, to).steps_of(&calendar);
        let passes = Passes {
            preset: &preset,
            schedules: &schedules,
            rules: &rules,
            members: 0,
            ready: Vec::new(),
            starting: Vec::new(),
            failed: Vec::new(),
            outcome: Outcome::default(),
        };
        let expected = passes.run(&arrivals, from, to);
        prop_assert_eq!(replay(&rules, base, &steps, &arrivals, to), expected);
    }

    #[test]
    fn whatever_arrives_hits_or_misses(
        desired in 0..5i64,
        provisioners in prop::option::of(0..4usize),
        build_times in prop::collection::vec(build(), 0..3),
        arrivals in prop::collection::vec(0..86_400i64, 0..50),
        interval in 0..600i64,
    ) {
        let from = at(FROM);
        let mut arrivals: Vec<Time> =
            arrivals.into_iter().map(|secs| from + TimeDelta::seconds(secs)).collect();
        arrivals.sort();
        let interval = TimeDelta::seconds(interval);
        let rules = Rules { builds: &build_times, ttl_secs: Some(3600), interval, provisioners, tuning: TUNING };
        let to = from + TimeDelta::days(1);
        let outcome = replay(&rules, desired, &[Step { at: from, desired }], &arrivals, to);
        let number = i64::try_from(arrivals.len()).unwrap();
        prop_assert_eq!(outcome.hits + outcome.misses, number);
        prop_assert!(outcome.idle <= TimeDelta::days(desired), "{:?}", outcome);
    }
}

/// The chance that all of `size` members are being built, at `load` arrivals during a build: Erlang's loss
/// formula, which holds whatever the spread of build times.
fn erlang_loss(size: i64, load: f64) -> f64 {
    (1..=size).fold(1.0, |loss, members| {
        load * loss / (members as f64 + load * loss)
    })
}

/// The smallest size that leaves fewer than one in so many arrivals without a member, if those who find none
/// waited for the next one: a quantile of the arrivals during a build.
fn base_stock(load: f64, goal: f64) -> i64 {
    let (mut size, mut term) = (1, (-load).exp());
    let mut sum = term;
    while sum < goal {
        term *= load / size as f64;
        sum += term;
        size += 1;
    }
    size
}

/// The share of misses among some 20,000 arrivals.
fn loss(size: i64, load: f64, shortest: i64, longest: i64, seed: u64) -> f64 {
    let mut rng = Rng::with_seed(seed);
    let from = at(FROM);
    let minutes = (shortest + longest) as f64 / 2.0;
    let hourly = load * 60.0 / minutes;
    let builds = builds(
        TimeDelta::minutes(shortest),
        TimeDelta::minutes(longest),
        &mut rng,
    );
    #[expect(clippy::cast_possible_truncation, reason = "a span of the test")]
    let to = from + TimeDelta::hours((20_000.0 / hourly) as i64);
    let arrivals = poisson(hourly, from, to, &mut rng);
    let rules = Rules {
        builds: &builds,
        ttl_secs: None,
        interval: TimeDelta::zero(),
        provisioners: None,
        tuning: TUNING,
    };
    let outcome = replay(
        &rules,
        size,
        &[Step {
            at: from,
            desired: size,
        }],
        &arrivals,
        to,
    );
    1.0 - outcome.hit_rate().unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn misses_are_as_many_as_erlangs_formula_says(
        size in 0..10i64,
        load in 0.2..6.0f64,
        shortest in 1..10i64,
        spread in 0..10i64,
        seed in any::<u64>(),
    ) {
        let lost = loss(size, load, shortest, shortest + spread, seed);
        let expected = erlang_loss(size, load);
        prop_assert!((lost - expected).abs() < 0.025, "{lost}, where theory says {expected}");
    }

    #[test]
    fn the_size_that_a_quantile_of_arrivals_during_a_build_gives_reaches_its_goal(
        load in 0.2..6.0f64,
        goal in 0.8..0.99f64,
        seed in any::<u64>(),
    ) {
        let size = base_stock(load, goal);
        prop_assert!(loss(size, load, 4, 4, seed) < 1.0 - goal + 0.015);
        // As those who find none don't wait, it may be one too many, but never many.
        let smallest = (0..).find(|size| erlang_loss(*size, load) <= 1.0 - goal).unwrap();
        prop_assert!(smallest <= size && size <= smallest + 3, "{smallest} and {size}");
        prop_assert!(loss(smallest, load, 4, 4, seed) < 1.0 - goal + 0.025);
        if smallest > 0 {
            prop_assert!(loss(smallest - 1, load, 4, 4, seed) > 1.0 - goal - 0.025);
        }
    }
}

#[test]
fn a_pool_without_hours_has_nothing_to_offer() {
    let rules = Rules {
        builds: &[],
        ttl_secs: None,
        interval: PASS,
        provisioners: None,
        tuning: TUNING,
    };
    let outcome = replay(&rules, 0, &[], &[at(FROM)], at(FROM));
    assert_eq!((outcome.hits, outcome.misses), (0, 1));
    assert_eq!(
        Hours::new(Tz::UTC, at(FROM), at(FROM)).steps_of(&Calendar::new(&preset(1, 1), &[])),
        []
    );
}

#[test]
fn a_failed_build_delays_the_next_one() {
    let from = at(FROM);
    let after = |secs| from + TimeDelta::seconds(secs);
    let failed = Build {
        takes: TimeDelta::seconds(30),
        succeeds: false,
    };
    let rules = Rules {
        builds: &[failed, Build::of(TimeDelta::seconds(60))],
        ttl_secs: None,
        interval: PASS,
        provisioners: None,
        tuning: TUNING,
    };
    // The pass after a minute creates the one that fails, and its back-off of a minute lasts through the pass at its
    // end.
    let arrivals = [after(7), after(210)];
    let steps = [Step {
        at: from,
        desired: 1,
    }];
    let hits = |rules: &Rules<'_>, base| replay(rules, base, &steps, &arrivals, after(600)).hits;
    assert_eq!(hits(&rules, 1), 1);
    let hasty = Rules {
        tuning: Tuning::default(),
        ..rules
    };
    assert_eq!(hits(&hasty, 1), 2);
    // Of a pool that is there by schedule alone no build counts.
    assert_eq!(hits(&rules, 0), 2);
}
