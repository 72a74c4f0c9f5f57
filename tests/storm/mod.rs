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
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use ground::Ground;
use script::Kind;
use tally::Tally;

/// A storm to be.
#[derive(Clone, Debug)]
pub struct Storm {
    pub kind: Kind,
    pub seed: u64,
    pub steps: usize,
    /// The numbers of the steps that are taken; the others are left out.
    pub only: Option<BTreeSet<usize>>,
}

/// What went wrong, and in which step; none: when it was over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    pub step: Option<usize>,
    pub what: String,
}

/// Names the storm that a panic ends.
struct Sign<'s>(&'s Storm);

impl Drop for Sign<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            eprintln!("in the storm of seed {} on {:?}", self.0.seed, self.0.kind);
        }
    }
}

/// The kind of a seed's storm: they take turns.
pub fn kind(kinds: &[Kind], seed: u64) -> Kind {
    let turn = seed % kinds.len().max(1) as u64;
    usize::try_from(turn).map_or(Kind::Sqlite, |turn| kinds[turn])
}

/// Lets the storms rage on several workers. Returns what was counted, and what is to be said of each that
/// failed; none where the kind's database isn't to be had.
pub fn rage(
    storms: &[Storm],
    workers: usize,
    on_progress: &(dyn Fn(usize) + Sync),
) -> Option<(Tally, Vec<String>)> {
    let kinds: Vec<Kind> = storms.iter().map(|storm| storm.kind).collect();
    let kinds = if kinds.iter().all(|kind| *kind == Kind::Sqlite) {
        vec![Kind::Sqlite]
    } else {
        kinds
    };
    let next = AtomicUsize::new(0);
    let (done, failures) = (Mutex::new(Tally::default()), Mutex::new(Vec::new()));
    let worked = thread::scope(|scope| {
        let workers: Vec<_> = (0..workers)
            .map(|_| {
                scope.spawn(|| {
                    let ground = Ground::new(&kinds)?;
                    while let Some(storm) = storms.get(next.fetch_add(1, Ordering::SeqCst)) {
                        let mut tally = Tally::default();
                        // Should a tool of the tests fail, the panic has the name of the storm.
                        let _sign = Sign(storm);
                        if let Err(failure) = weather::rage(&ground, storm, &mut tally) {
                            let report = shrink::report(&ground, storm, &failure);
                            failures.lock().expect("no panics").push(report);
                        }
                        let mut done = done.lock().expect("no panics");
                        done.add(&tally);
                        on_progress(done.storms());
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
    worked.then(|| (done.into_inner().expect("no panics"), failures))
}
