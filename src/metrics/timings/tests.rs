//! Tests of what is counted of jobs, and that what happens is counted once.

use prometheus::proto::{MetricFamily, MetricType};
use proptest::prelude::*;

use super::*;

const BEGIN: i64 = 1_772_625_600;

fn at(second: i64) -> Time {
    Time::from_timestamp(BEGIN + second, 0).unwrap()
}

/// A prebuilt workspace's first build, made at 0, taken at 2 and done at 32.
fn job() -> JobTiming {
    JobTiming {
        id: Uuid::from_u128(1),
        created_at: at(0),
        taken_at: Some(at(2)),
        succeeded: Some((at(2), at(32))),
        provisioner: "terraform".into(),
        job_type: "workspace_build".into(),
        by_prebuilds_user: true,
        build: Some(TimedBuild {
            stage: Some(Stage::Create),
            transition: "start".into(),
            reason: "initiator".into(),
            is_first: true,
            organization: "acme".into(),
            template: "web".into(),
            preset: "small".into(),
        }),
    }
}

/// The build of a person's workspace.
fn of_person(change: impl Fn(&mut TimedBuild)) -> JobTiming {
    let mut job = job();
    job.by_prebuilds_user = false;
    if let Some(build) = &mut job.build {
        build.stage = None;
        change(build);
    }
    job
}

const ALL: Events = Events {
    made: true,
    taken: true,
    succeeded: true,
};

/// Counts and sums by name and labels, the labels in the order of their names.
fn samples(families: &[MetricFamily]) -> Vec<(String, f64)> {
    let mut samples = Vec::new();
    for family in families {
        for metric in family.get_metric() {
            let labels = metric.get_label().iter().map(|label| label.value());
            let of = format!(
                "{}({})",
                family.name().trim_start_matches("coderd_"),
                labels.collect::<Vec<_>>().join(",")
            );
            if family.get_field_type() == MetricType::HISTOGRAM {
                let histogram = metric.get_histogram();
                assert_eq!(histogram.get_sample_count(), 1, "{of}");
                samples.push((of, histogram.get_sample_sum()));
            } else {
                samples.push((of, metric.get_counter().get_value()));
            }
        }
    }
    samples
}

fn observed(job: &JobTiming, news: Events) -> Vec<(String, f64)> {
    let timings = Timings::new().unwrap();
    timings.observe(job, news);
    samples(&timings.collect())
}

fn sample(of: &str, value: f64) -> (String, f64) {
    (of.to_owned(), value)
}

#[test]
fn the_first_build_of_a_pool_is_a_creation() {
    assert_eq!(
        observed(&job(), ALL),
        [
            sample(
                "workspace_creation_duration_seconds(acme,small,web,prebuild)",
                30.0
            ),
            sample(
                "provisioner_job_queue_wait_seconds(prebuild,workspace_build,terraform,start)",
                2.0
            ),
            sample(
                "workspace_builds_enqueued_total(prebuild,terraform,success,start)",
                1.0
            ),
        ]
    );
}

#[test]
fn the_build_of_a_claim_is_the_persons_own() {
    let job = of_person(|build| {
        build.stage = Some(Stage::Claim);
        build.is_first = false;
    });
    assert_eq!(
        observed(&job, ALL),
        [
            sample(
                "prebuilt_workspace_claim_duration_seconds(acme,small,web)",
                30.0
            ),
            sample(
                "provisioner_job_queue_wait_seconds(initiator,workspace_build,terraform,start)",
                2.0
            ),
            sample(
                "workspace_builds_enqueued_total(initiator,terraform,success,start)",
                1.0
            ),
        ]
    );
}

#[test]
fn of_other_builds_only_first_starts_are_creations() {
    let first = of_person(|build| build.preset = String::new());
    let creation = "workspace_creation_duration_seconds(acme,,web,regular)";
    let done = Events {
        succeeded: true,
        ..Events::default()
    };
    assert_eq!(observed(&first, done), [sample(creation, 30.0)]);
    let later = of_person(|build| build.is_first = false);
    assert_eq!(observed(&later, done), []);
    let mut deletion = job();
    deletion.build.as_mut().unwrap().transition = "delete".into();
    assert_eq!(observed(&deletion, done), []);
}

#[test]
fn jobs_that_build_no_workspace_wait_as_well() {
    let mut import = job();
    import.by_prebuilds_user = false;
    import.build = None;
    import.job_type = "template_version_import".into();
    // Taken before it was made: the clocks disagree.
    import.taken_at = Some(at(-1));
    assert_eq!(
        observed(&import, ALL),
        [sample(
            "provisioner_job_queue_wait_seconds(,template_version_import,terraform,)",
            0.001
        )]
    );
}

#[test]
fn a_job_that_ran_when_the_loop_began_counts_for_what_happens_next() {
    let mut window = Window::new(at(10));
    assert_eq!(window.since(), at(10));
    let news = window.news(&[job()], at(40));
    let ended = Events {
        succeeded: true,
        ..Events::default()
    };
    assert_eq!(news, [ended]);
    assert_eq!(window.news(&[job()], at(50)), [Events::default()]);
}

/// When a job was made, taken and done, and how late each of these became visible, in seconds.
type History = [(i64, i64); 3];

fn histories() -> impl Strategy<Value = Vec<History>> {
    let step = (0..200_i64, 0..60_i64);
    let history = (-200..400_i64, [step.clone(), step.clone(), step]).prop_map(|(made, steps)| {
        let mut time = made;
        steps.map(|(wait, late)| {
            time += wait;
            (time, late)
        })
    });
    prop::collection::vec(history, 0..12)
}

/// The jobs that a look at `now` finds, those without any event after `since` left out.
fn look(histories: &[History], since: Time, now: i64) -> Vec<JobTiming> {
    let seen = |(time, late): (i64, i64)| (time + late <= now).then(|| at(time));
    let jobs = (1..).zip(histories).filter_map(|(id, history)| {
        let [made, taken, done] = history.map(seen);
        // Whoever sees a later event sees the earlier ones.
        let taken = taken.or(done.map(|_| at(history[1].0)));
        let made = made.or(taken.map(|_| at(history[0].0)))?;
        Some(JobTiming {
            id: Uuid::from_u128(id),
            created_at: made,
            taken_at: taken,
            succeeded: done.map(|done| (taken.unwrap_or(made), done)),
            ..job()
        })
    });
    jobs.filter(|job| {
        let ended = job.succeeded.map(|(_, ended)| ended);
        let times = [Some(job.created_at), job.taken_at, ended];
        times.into_iter().flatten().any(|time| time > since)
    })
    .collect()
}

proptest! {
    #[test]
    fn what_happens_after_the_beginning_counts_once(
        histories in histories(), looks in prop::collection::vec(1..300_i64, 1..12),
    ) {
        let mut window = Window::new(at(0));
        let mut counts = [0; 3];
        let mut now = 0;
        // The last look is long after everything has become visible.
        for step in looks.into_iter().chain([2_000]) {
            now += step;
            let jobs = look(&histories, window.since(), now);
            for news in window.news(&jobs, at(now)) {
                for (count, is_new) in counts.iter_mut().zip([news.made, news.taken, news.succeeded]) {
                    *count += usize::from(is_new);
                }
            }
        }
        let expected = [0, 1, 2].map(|event| histories.iter().filter(|it| it[event].0 > 0).count());
        prop_assert_eq!(counts, expected);
    }
}
