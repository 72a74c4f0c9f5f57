//! Tests of the schedule, in time that passes as soon as every task waits.

use std::cell::RefCell;

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio::time::sleep;

use super::*;
use crate::service::signals::Stop;

const SECOND: Duration = Duration::from_secs(1);
const MINUTE: Duration = Duration::from_secs(60);

/// When the runs began, in milliseconds; each takes as long as `run` says, and fails where it says.
async fn starts(
    max_runs: u64,
    run: impl Fn(usize) -> (Duration, RunOutcome),
    around: impl AsyncFnOnce(&UnboundedSender<Signal>, &Notify),
) -> (Vec<u128>, Result<Ending>) {
    let began = Instant::now();
    let starts = RefCell::new(Vec::new());
    let wake = Notify::new();
    let (sender, mut signals) = unbounded_channel();
    let schedule = Schedule {
        interval: MINUTE,
        max_runs: Some(max_runs),
    };
    let ending = {
        let driven = drive(
            schedule,
            &mut signals,
            &wake,
            || 0.0,
            async || {
                let (elapsed, outcome) = run(starts.borrow().len());
                starts.borrow_mut().push(began.elapsed().as_millis());
                sleep(elapsed).await;
                Ok(outcome)
            },
        );
        let around = async {
            around(&sender, &wake).await;
            std::future::pending::<()>().await;
        };
        tokio::select! {
            ending = driven => ending,
            () = around => unreachable!(),
        }
    };
    (starts.into_inner(), ending)
}

fn well(elapsed: Duration) -> impl Fn(usize) -> (Duration, RunOutcome) {
    move |_| (elapsed, RunOutcome::Success)
}

#[tokio::test(start_paused = true)]
async fn the_first_run_is_at_once_and_the_others_keep_the_interval() {
    let (starts, ending) = starts(3, well(SECOND), async |_, _| ()).await;
    assert_eq!(starts, [0, 60_000, 120_000]);
    assert_eq!(ending.unwrap(), Ending::Finished);
}

#[tokio::test(start_paused = true)]
async fn missed_ticks_are_not_caught_up() {
    let (starts, _) = starts(3, well(SECOND * 150), async |_, _| ()).await;
    assert_eq!(starts, [0, 180_000, 360_000]);
}

#[tokio::test(start_paused = true)]
async fn failures_are_tried_again_sooner_until_one_goes_well() {
    let run = |number| match number {
        3 => (Duration::ZERO, RunOutcome::Success),
        _ => (Duration::ZERO, RunOutcome::Failure),
    };
    let (starts, _) = starts(6, run, async |_, _| ()).await;
    assert_eq!(starts, [0, 1_000, 3_000, 7_000, 67_000, 68_000]);
}

#[tokio::test(start_paused = true)]
async fn being_woken_often_means_one_run_soon() {
    let (starts, _) = starts(3, well(Duration::ZERO), async |_, wake| {
        sleep(SECOND * 10).await;
        for _ in 0..5 {
            wake.notify_one();
            sleep(SECOND / 100).await;
        }
    })
    .await;
    assert_eq!(starts, [0, 10_200, 70_200]);
}

#[tokio::test(start_paused = true)]
async fn a_storm_leaves_rest_between_runs() {
    let (starts, _) = starts(4, well(SECOND), async |_, wake| {
        loop {
            wake.notify_one();
            sleep(SECOND / 100).await;
        }
    })
    .await;
    assert_eq!(starts, [0, 5_000, 10_000, 15_000]);
}

#[tokio::test(start_paused = true)]
async fn a_change_during_a_run_brings_another_one() {
    let (starts, _) = starts(2, well(SECOND / 10), async |_, wake| {
        sleep(SECOND / 20).await;
        wake.notify_one();
    })
    .await;
    assert_eq!(starts, [0, 1_100]);
}

#[tokio::test(start_paused = true)]
async fn a_hangup_brings_a_run_at_once() {
    let (starts, _) = starts(2, well(Duration::ZERO), async |signals, _| {
        sleep(SECOND / 10).await;
        signals.send(Signal::Hangup).unwrap();
    })
    .await;
    assert_eq!(starts, [0, 100]);
}

#[tokio::test(start_paused = true)]
async fn the_first_signal_lets_the_run_finish_and_the_second_drops_it() {
    let stop = Signal::Stop(Stop::Terminate);
    let (_, ending) = starts(9, well(SECOND), async |signals, _| {
        sleep(SECOND / 2).await;
        signals.send(stop).unwrap();
    })
    .await;
    assert_eq!(ending.unwrap(), Ending::Stopped);

    let began = Instant::now();
    let (_, ending) = starts(9, well(MINUTE * 99), async |signals, _| {
        sleep(SECOND).await;
        signals.send(stop).unwrap();
        sleep(SECOND).await;
        signals.send(stop).unwrap();
    })
    .await;
    assert!(ending.unwrap_err().to_string().contains("SIGTERM"));
    assert_eq!(began.elapsed(), SECOND * 2);
}

#[tokio::test(start_paused = true)]
async fn a_signal_between_runs_stops_at_once() {
    let (starts, ending) = starts(9, well(Duration::ZERO), async |signals, _| {
        sleep(SECOND).await;
        signals.send(Signal::Stop(Stop::Interrupt)).unwrap();
    })
    .await;
    assert_eq!(starts, [0]);
    assert_eq!(ending.unwrap(), Ending::Stopped);
}

#[test]
fn intervals_of_any_length_have_a_next_tick() {
    assert_eq!(until_next_tick(SECOND, Duration::ZERO), Duration::ZERO);
    assert_eq!(until_next_tick(MINUTE, MINUTE), MINUTE);
    assert_eq!(
        until_next_tick(SECOND, Duration::MAX),
        Duration::MAX - SECOND
    );
}
