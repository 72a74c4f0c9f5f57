//! Storms: a world of pools, people, provisioners and programs at work at once, all of it driven by one
//! seed, while programs are killed, connections break and disks fill up.
//!
//! A storm is a list of [`script::Step`]s. In each the world does something by its own SQL, or programs
//! run, or both at once. When all of them are done the rows are read and held against the invariants:
//! [`rows`] looks at one moment, [`invariants`] at what has changed since the step before, [`history`] at
//! the answers of all claims, when the storm is over. Then all faults stop, and the pools must settle
//! ([`liveness`]).
//!
//! What is random is decided by the seed. What runs at the same time takes its own course, so that a
//! failure may need some replays to show again; [`shrink`] finds the steps that it takes. A storm in which
//! nothing struck proves nothing: [`tally`] counts.
//!
//! It must use nothing of the program but its command line, and judges by rows that it reads itself.

mod coderd;
mod deeds;
pub mod ground;
pub mod history;
mod invariants;
mod liveness;
mod provisioner;
mod rows;
mod runs;
pub mod script;
pub mod shrink;
mod state;
pub mod tally;
mod weather;
mod world;

use std::collections::BTreeSet;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use ground::Ground;
use script::{Drill, Kind, Program, Step};
use tally::Tally;

/// A storm to be.
#[derive(Clone, Debug)]
pub struct Storm {
    pub kind: Kind,
    pub seed: u64,
    pub steps: usize,
    /// Whether hosts vanish, where there can be any of their own.
    pub hosts: bool,
    /// The one program that is struck, if it is a drill.
    pub drill: Option<Drill>,
    /// The numbers of the steps that are taken; the others are left out.
    pub only: Option<BTreeSet<usize>>,
}

impl Storm {
    fn script(&self) -> Vec<Step> {
        script::steps(self.seed, self.kind, self.steps, self.hosts, self.drill)
    }
}

impl fmt::Display for Storm {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "seed {} on {:?}", self.seed, self.kind)
    }
}

/// What went wrong, and in which step; none: when it was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub step: Option<usize>,
    pub what: String,
}

/// The kind of a seed's storm: they take turns. Workers are drilled on databases of our own, since Coder has its
/// provisioners.
pub fn kind(kinds: &[Kind], seed: u64, drill: Option<Drill>) -> Kind {
    let turn = seed % kinds.len().max(1) as u64;
    let kind = usize::try_from(turn).map_or(Kind::Sqlite, |turn| kinds[turn]);
    let is_worker = drill.is_some_and(|it| it.program == Program::Provision);
    if is_worker && kind == Kind::Coder {
        Kind::Postgres
    } else {
        kind
    }
}

/// Lets the storms rage on several workers. Returns what was counted, and what is to be said of each that
/// failed; none where the kind's database isn't to be had. A line tells of each storm that ends, of one
/// that fails before the steps are found that it takes, and what was counted, after every `totals` storms:
/// so a run that is cut off was not in vain.
pub fn rage(
    storms: &[Storm],
    workers: usize,
    totals: usize,
    on_line: &(dyn Fn(&str) + Sync),
) -> Option<(Tally, Vec<String>)> {
    let kinds: Vec<Kind> = storms.iter().map(|storm| storm.kind).collect();
    let kinds = if kinds.iter().all(|kind| *kind == Kind::Sqlite) {
        vec![Kind::Sqlite]
    } else {
        kinds
    };
    let (next, over) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let (done, failures) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let worked = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let ground = Ground::new(&kinds, storms.iter().any(|it| it.hosts))?;
                    while let Some(storm) = storms.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let mut tally = Tally::default();
                        let begun = Instant::now();
                        if let Err(failure) = rage_once(&ground, storm, &mut tally) {
                            on_line(&format!("{storm} FAILED: {failure:?}"));
                            let report = shrink::report(&ground, storm, &failure);
                            on_line(&report);
                            failures.lock().expect("no panics").push(report);
                        }
                        let mut done = done.lock().expect("no panics");
                        done.add(&tally);
                        on_line(&format!("{storm} over, {} ms", begun.elapsed().as_millis()));
                        if (1 + over.fetch_add(1, Ordering::SeqCst)).is_multiple_of(totals) {
                            on_line(&done.to_string());
                        }
                    }
                    Some(())
                })
            })
            .collect();
        let worked: Vec<_> = workers
            .into_iter()
            .map(|worker| worker.join().expect("a worker"))
            .collect();
        worked.iter().all(Option::is_some)
    });
    let failures = failures.into_inner().expect("no panics");
    // What has failed is told, whatever the other workers found.
    (worked || !failures.is_empty()).then(|| (done.into_inner().expect("no panics"), failures))
}

/// Lets one storm rage. A tool of the tests that panics, since a program hangs as a rule, ends no other one.
fn rage_once(ground: &Ground, storm: &Storm, tally: &mut Tally) -> Result<(), Failure> {
    let storm = AssertUnwindSafe(|| weather::rage(ground, storm, tally));
    catch_unwind(storm).unwrap_or_else(|panic| {
        let what = panic.downcast_ref::<String>().cloned();
        let what = what.or_else(|| panic.downcast_ref::<&str>().map(|it| (*it).to_owned()));
        Err(Failure {
            step: None,
            what: what.unwrap_or_default(),
        })
    })
}
