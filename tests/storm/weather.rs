//! One storm from its first step to its end.

use std::collections::BTreeMap;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;

use super::ground::Ground;
use super::history::{Claimable, Event, History, Scene};
use super::invariants;
use super::rows::{self, Checked};
use super::runs::{Answer, Order, Run};
use super::script::{Deed, Fault, Kind, Program, Step};
use super::state::State;
use super::tally::Tally;
use super::world::{Touched, World};
use super::{Failure, Storm, deeds, liveness};
use crate::support::host::Host;
use crate::support::process::prebuildctl;

/// After how many steps the workspaces that are gone are read again as well.
const WHOLE: usize = 20;

/// How long the server may take to notice that a program is gone.
const GOODBYE: Duration = Duration::from_secs(5);

/// How long it may take where the program's host has vanished.
const VANISHED: Duration = Duration::from_secs(60);

/// Lets a storm rage.
///
/// # Errors
/// The first thing that should never have happened.
pub fn rage(ground: &Ground, storm: &Storm, tally: &mut Tally) -> Result<(), Failure> {
    let mut rng = Rng::with_seed(storm.seed);
    let mut world = World::new(ground, storm.kind, &mut rng);
    let mut history = History::default();
    let failed = |step, what| Failure { step, what };
    let mut state = world
        .state()
        .map_err(|error| failed(None, error.to_string()))?;
    for step in storm.script() {
        if storm
            .only
            .as_ref()
            .is_some_and(|only| !only.contains(&step.number))
        {
            continue;
        }
        state = take(&mut world, &step, &state, &mut history, tally)
            .map_err(|what| failed(Some(step.number), what))?;
    }
    let judged = history.judge()?;
    tally.count_many("claims answered with a workspace", judged.claimed);
    tally.count_many("claims answered with none, which was so", judged.none);
    tally.count_many(
        "claims answered with none, beside a struck run",
        judged.unsure,
    );
    liveness::settle(&mut world).map_err(|what| failed(None, what))?;
    tally.end();
    Ok(())
}

/// Takes a step, and looks at what came of it. Returns the rows after it.
fn take(
    world: &mut World<'_>,
    step: &Step,
    before: &State,
    history: &mut History,
    tally: &mut Tally,
) -> Result<State, String> {
    let mut rng = Rng::with_seed(step.seed);
    let is_alone = step.programs.len() == 1 && step.deed.is_none();
    let plan = match step.programs[..] {
        [(Program::Pass | Program::Approved, _)] if is_alone => Some(plan(world)),
        _ => None,
    };
    let orders: Vec<Order<'_>> = step
        .programs
        .iter()
        .map(|(program, fault)| Order::new(world, *program, *fault, &mut rng))
        .collect();
    let (mut runs, touched) = if is_alone {
        (
            orders.into_iter().map(Order::run).collect(),
            Ok(Touched::default()),
        )
    } else {
        at_once(world, orders, step.deed, &mut rng)
    };
    let touched = touched.map_err(|error| format!("the world can't go on: {error}"))?;
    if step.deed == Some(Deed::ServerCrashes) {
        for run in &mut runs {
            run.is_struck = true;
            // Which is an excuse, unlike sleep.
            run.fault = run.fault.filter(|it| !matches!(it, Fault::Suspend(_)));
        }
    }
    runs.iter().for_each(|run| world.note(run));
    count(step, &runs, world, tally);
    if let Some(refused) = world.refused.take() {
        if step.programs.is_empty() || refused.contains("deadlock") {
            return Err(format!("the world was refused: {refused}"));
        }
        tally.count("deed undone beside programs");
    }
    if world.kind != Kind::Sqlite && !runs.is_empty() {
        let is_vanished =
            |run: &Run| run.is_struck && matches!(run.fault, Some(Fault::Vanish { .. }));
        if runs.iter().any(is_vanished) {
            let gone = await_goodbye(world, VANISHED);
            world.ground.host().into_iter().for_each(Host::come_back);
            gone?;
        } else {
            await_goodbye(world, GOODBYE)?;
        }
    }
    let known = (!step.number.is_multiple_of(WHOLE)).then_some(before);
    let sqlite = world.is_sqlite();
    let after = State::read(&mut world.session, sqlite, known).map_err(|it| it.to_string())?;
    rows::are_sound(&after)?;
    invariants::of_step(before, &after, &touched, &runs)?;
    if let (Some(plan), Some(run)) = (plan, runs.first()) {
        if !run.is_excused() {
            invariants::of_lone_pass(before, &after, &plan, run)?;
        } else {
            invariants::of_struck_pass(before, &after, &plan)?;
        }
        let done = invariants::changes(before, &after) != [0; 3];
        if plan != [0; 3] && run.is_excused() {
            tally.count(if done {
                "struck pass done"
            } else {
                "struck pass undone"
            });
        }
    }
    if let ([run], true) = (&runs[..], is_alone) {
        of_lone_run(before, &after, run)?;
    }
    remember(step, before, &after, &touched, &runs, history);
    Ok(after)
}

/// Starts the programs together, and does the deed beside them.
fn at_once(
    world: &mut World<'_>,
    orders: Vec<Order<'_>>,
    deed: Option<Deed>,
    rng: &mut Rng,
) -> (Vec<Run>, sqlx::Result<Touched>) {
    thread::scope(|scope| {
        let runs: Vec<_> = orders
            .into_iter()
            .map(|order| scope.spawn(|| order.run()))
            .collect();
        if !runs.is_empty() && deed.is_some() {
            // Programs need some milliseconds to get to their statements.
            thread::sleep(world.usual(Program::Pass) * rng.u32(0..1000) / 1000);
        }
        let touched = deed.map_or_else(
            || Ok(Touched::default()),
            |deed| deeds::act(world, deed, rng),
        );
        let runs = runs.into_iter().map(|run| run.join().expect("a run"));
        (runs.collect(), touched)
    })
}

/// What a pass would create, delete and cancel.
fn plan(world: &World<'_>) -> [i64; 3] {
    let plan = prebuildctl(["plan", "--format", "json"])
        .on(&world.database)
        .run()
        .json();
    if plan["reconciliation_paused"] == true {
        return [0; 3];
    }
    ["create", "delete", "cancel_pending"].map(|key| plan["summary"][key].as_i64().unwrap_or(0))
}

/// What a run does that has the world to itself can be foretold.
fn of_lone_run(before: &State, after: &State, run: &Run) -> Checked {
    if run.is_excused() {
        return Ok(());
    }
    if let Some(told) = run.report.counts {
        let done = invariants::changes(before, after);
        if told != done {
            return Err(format!("a loop told {told:?} and has done {done:?}"));
        }
    }
    // Each pool's oldest go first, and as many as are asked for.
    let mut asked: BTreeMap<(&str, &str), (usize, Vec<&String>)> = BTreeMap::new();
    for (request, answer) in &run.requests {
        let pool = asked
            .entry((&request.template, &request.preset))
            .or_default();
        pool.0 += 1;
        if let Answer::Claimed(id) = answer {
            pool.1.push(id);
        }
    }
    for ((template, preset), (count, mut given)) in asked {
        let mut oldest = before.claimable(template, preset);
        oldest.truncate(count);
        oldest.sort();
        given.sort();
        if given != oldest {
            return Err(format!(
                "{count} workspaces of {template}/{preset} were asked for, the oldest are {oldest:?}, \
                 and {given:?} were given"
            ));
        }
    }
    Ok(())
}

fn count(step: &Step, runs: &[Run], world: &World<'_>, tally: &mut Tally) {
    tally.count("step");
    if let Some(deed) = step.deed {
        let beside = if runs.is_empty() {
            ""
        } else {
            " beside programs"
        };
        let name = format!("{deed:?}");
        let name = name.split([' ', '(']).next().unwrap_or_default();
        tally.count(format!("deed {name}{beside}"));
    }
    for run in runs {
        let name = run.program.name();
        let beside = if runs.len() > 1 { " beside others" } else { "" };
        tally.count(format!("run {name}{beside}"));
        tally.count_many(format!("ms {name}"), millis(run));
        if !run.report.outcome.is_empty() {
            tally.count(format!("pass {}", run.report.outcome));
        }
        if let Some(fault) = run.fault {
            let struck = if run.is_struck { "struck" } else { "missed" };
            tally.count(format!("{struck}: {}", fault.name()));
            if run.is_struck {
                tally.count(format!("{name} struck: {}", fault.name()));
            }
        }
    }
    if step.deed == Some(Deed::ServerCrashes) && world.ground.server().is_some() {
        tally.count("struck: server crash");
    }
}

fn millis(run: &Run) -> u64 {
    u64::try_from(run.ended.duration_since(run.begun).as_millis()).unwrap_or(u64::MAX)
}

/// Waits until the server has let go of everything that programs held: the lock in particular.
fn await_goodbye(world: &mut World<'_>, patience: Duration) -> Checked {
    const HELD: &str = "SELECT (SELECT count(*) FROM pg_stat_activity
            WHERE datname = current_database() AND application_name = 'prebuildctl'),
        (SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'
            AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))";
    let deadline = Instant::now() + patience;
    loop {
        let held = world
            .session
            .try_rows(HELD)
            .map_err(|error| error.to_string())?;
        let held: Vec<String> = held.into_iter().flatten().flatten().collect();
        if held == ["0", "0"] {
            return Ok(());
        }
        if Instant::now() > deadline {
            return Err(format!(
                "nobody runs, and there are {} sessions and {} advisory locks",
                held[0], held[1]
            ));
        }
        thread::sleep(Duration::from_millis(1));
    }
}

/// Notes the answers of claims, and what they are measured by.
fn remember(
    step: &Step,
    before: &State,
    after: &State,
    touched: &Touched,
    runs: &[Run],
    history: &mut History,
) {
    let mut scene = Scene {
        held: touched.held.union(&touched.workspaces).cloned().collect(),
        // A struck run had any workspace in hands when others asked, or others of its own requests.
        is_unsure: runs
            .iter()
            .any(|run| run.is_struck && (runs.len() > 1 || run.requests.len() > 1)),
        ..Scene::default()
    };
    let mut is_about_claims = false;
    for run in runs {
        for (request, answer) in &run.requests {
            is_about_claims = true;
            let pool = (request.template.clone(), request.preset.clone());
            for (state, claimable) in [(before, &mut scene.before), (after, &mut scene.after)] {
                note(state, &pool, claimable);
            }
            let claimed = match answer {
                Answer::Claimed(id) => Some(id.clone()),
                Answer::NoneClaimable => None,
                Answer::Unknown => continue,
            };
            history.events.push(Event {
                step: step.number,
                template: pool.0,
                preset: pool.1,
                begun: run.begun,
                ended: run.ended,
                claimed,
            });
        }
    }
    if is_about_claims {
        history.scenes.insert(step.number, scene);
    }
}

fn note(state: &State, pool: &(String, String), claimable: &mut Claimable) {
    claimable.entry(pool.clone()).or_insert_with(|| {
        state
            .claimable(&pool.0, &pool.1)
            .into_iter()
            .cloned()
            .collect()
    });
}
