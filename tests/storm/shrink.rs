//! Makes a failure small: the fewest steps of its storm with which something still fails.
//!
//! Steps don't depend on each other, so that any of them can be left out. What runs at once takes its
//! own course: a failure that is a race is tried several times before a step counts as needed.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::ground::Ground;
use super::script::Kind;
use super::tally::Tally;
use super::{Failure, Storm, rage_once};

/// How often a storm is repeated before it counts as passing.
const TRIES: usize = 3;

/// How long to go on looking for fewer steps.
const PATIENCE: Duration = Duration::from_secs(60);

/// What to say of a storm that failed: how to repeat it, and with which steps.
pub fn report(ground: &Ground, storm: &Storm, failure: &Failure) -> String {
    let Storm { kind, seed, .. } = storm;
    let place = failure
        .step
        .map_or("at the end".to_owned(), |step| format!("in step {step}"));
    let mut text = format!("seed {seed} on {kind:?} failed {place}: {}\n", failure.what);
    // Nothing fails before the first failure: this is the shortest prefix for all that is seen at once.
    let count = failure.step.map_or(storm.steps, |step| step + 1);
    let all: BTreeSet<usize> = match &storm.only {
        Some(only) => only.iter().copied().filter(|step| *step < count).collect(),
        None => (0..count).collect(),
    };
    let database = if *kind == Kind::Sqlite {
        "sqlite"
    } else {
        "postgres"
    };
    let hosts = if storm.hosts { " --hosts" } else { "" };
    let drill = storm.drill.map_or_else(String::new, |drill| {
        let fault = if drill.cuts { "cut" } else { "kill" };
        format!(" --drill {}:{fault}", drill.program.name())
    });
    let command = format!(
        "cargo run --release --example storm -- --seed {seed} --steps {} --database {database}{hosts}{drill}",
        storm.steps
    );
    let Some(mut last) = fails(ground, storm, &all) else {
        text.push_str(&format!(
            "it did not fail again in {TRIES} replays of its first {count} steps: a race\n  {command}\n"
        ));
        tell(storm, &failure.step.into_iter().collect(), &mut text);
        return text;
    };
    let prefix = shortest_prefix(ground, storm, &all);
    let kept = fewest(ground, storm, prefix.clone(), &mut last);
    let numbers: Vec<String> = kept.iter().map(usize::to_string).collect();
    text.push_str(&format!(
        "the shortest prefix that fails has {} steps; of these it takes {}: {}\n  {command} --only {}\n",
        prefix.last().map_or(0, |last| last + 1),
        kept.len(),
        last.what,
        numbers.join(",")
    ));
    tell(storm, &kept, &mut text);
    text
}

/// Says what happens in these steps.
fn tell(storm: &Storm, numbers: &BTreeSet<usize>, text: &mut String) {
    for step in storm.script() {
        if numbers.contains(&step.number) {
            text.push_str(&format!(
                "  {}: {:?} {:?}\n",
                step.number, step.programs, step.deed
            ));
        }
    }
}

/// How the storm fails with these steps alone, if it does.
fn fails(ground: &Ground, storm: &Storm, only: &BTreeSet<usize>) -> Option<Failure> {
    let storm = Storm {
        only: Some(only.clone()),
        ..storm.clone()
    };
    (0..TRIES).find_map(|_| rage_once(ground, &storm, &mut Tally::default()).err())
}

/// The first steps, as many as it takes: only what is seen at the end of a storm can be there long before.
fn shortest_prefix(ground: &Ground, storm: &Storm, all: &BTreeSet<usize>) -> BTreeSet<usize> {
    let all: Vec<usize> = all.iter().copied().collect();
    let prefix = |length: usize| -> BTreeSet<usize> { all[..length].iter().copied().collect() };
    let (mut passes, mut failing) = (0, all.len());
    while passes + 1 < failing {
        let middle = passes.midpoint(failing);
        if fails(ground, storm, &prefix(middle)).is_some() {
            failing = middle;
        } else {
            passes = middle;
        }
    }
    prefix(failing)
}

/// Leaves out runs of steps, shorter and shorter ones, as long as something fails without them.
fn fewest(
    ground: &Ground,
    storm: &Storm,
    mut kept: BTreeSet<usize>,
    last: &mut Failure,
) -> BTreeSet<usize> {
    let deadline = Instant::now() + PATIENCE;
    let mut length = kept.len() / 2;
    while length > 0 {
        let mut start = 0;
        while start < kept.len() && Instant::now() < deadline {
            let place = |it: &(usize, &usize)| (start..start + length).contains(&it.0);
            let fewer = kept.iter().enumerate().filter(|it| !place(it));
            let fewer: BTreeSet<usize> = fewer.map(|(_, step)| *step).collect();
            match fails(ground, storm, &fewer) {
                Some(failure) => {
                    kept = fewer;
                    *last = failure;
                }
                None => start += length,
            }
        }
        length /= 2;
    }
    kept
}
