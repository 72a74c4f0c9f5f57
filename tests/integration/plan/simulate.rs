//! `simulate`: pools under arrivals, without any database.

use crate::support::process::{Output, TestDir, prebuildctl};

fn simulate(arguments: &[&str]) -> Output {
    prebuildctl([&["simulate"], arguments].concat()).run()
}

const DAYS: [&str; 4] = [
    "--rate=12/h",
    "--build-time=5m",
    "--for=4d",
    "--instances=2",
];

#[test]
fn a_file_of_arrivals_is_replayed_to_the_second() {
    let folder = TestDir::new();
    let file = folder.path().join("arrivals");
    // Two members: the third arrival finds none, since builds take five minutes from the next pass on.
    let times =
        ["09:00:10", "09:01:10", "09:05:50", "09:06:05"].map(|it| format!("2026-03-04T{it}Z"));
    std::fs::write(&file, format!("# exported\n{}\n", times.join("\n"))).unwrap();
    let file = format!("--arrivals={}", file.display());
    let of =
        |more: &[&str]| simulate(&[&[&*file, "--build-time=5m", "-o=json"], more].concat()).json();
    let document = of(&["--instances=2"]);
    assert_eq!(document["version"], 1);
    assert_eq!(document["from"], "2026-03-04T00:00:00Z");
    assert_eq!(document["to"], "2026-03-05T00:00:00Z");
    assert_eq!(document["arrivals"], 4);
    let row = &document["simulations"][0];
    assert_eq!(
        (&row["hits"], &row["misses"], &row["created"]),
        (&3.into(), &1.into(), &3.into())
    );
    assert_eq!(row["hit_rate"], 0.75);
    let sizes = of(&["--instances=0..3"]);
    let rates = sizes["simulations"].as_array().unwrap().iter();
    let rates: Vec<f64> = rates.map(|it| it["hit_rate"].as_f64().unwrap()).collect();
    assert_eq!(rates, [0.0, 0.5, 0.75, 1.0]);
    let by_day = of(&["--instances=0", "--schedule=* 8-10 * * *=3"]);
    assert_eq!(by_day["simulations"][0]["hits"], 4);
    assert_eq!(by_day["simulations"][0]["surplus"], 3);
    let elsewhere = of(&[
        "--instances=0",
        "--schedule=* 8-10 * * *=3",
        "--timezone=Asia/Tokyo",
    ]);
    assert_eq!(elsewhere["simulations"][0]["hits"], 0);
}

#[test]
fn equal_arguments_give_equal_answers_in_every_format() {
    let first = simulate(&DAYS);
    assert_eq!(first.ok(), simulate(&DAYS).ok());
    let heading = "INSTANCES  HITS MISSES HIT RATE IDLE HOURS CREATED EXPIRED SURPLUS";
    let heading: Vec<&str> = heading.split_whitespace().collect();
    let line = first.stdout.lines().next().unwrap();
    assert_eq!(line.split_whitespace().collect::<Vec<_>>(), heading);
    let other = simulate(&[&DAYS[..], &["--seed=2"]].concat());
    assert_ne!(first.ok(), other.ok());
    let csv = simulate(&[&DAYS[..], &["-o=csv"]].concat());
    let heading = "instances,hits,misses,hit_rate,idle_hours,created,expired,surplus\n";
    assert!(csv.ok().starts_with(heading), "{csv:?}");
}

#[test]
fn mistakes_are_told_before_anything_is_worked_out() {
    for wrong in [
        &["--schedule=* 8-17 * * 1-5=3", "--schedule=* 9 * * *=1"][..],
        &["--schedule=nonsense=3"],
        &["--timezone=Europe/Nowhere"],
        &["--for=100y"],
        &["--arrivals=none"],
        &["--provisioners=0"],
    ] {
        simulate(&[&DAYS[..], wrong].concat()).expect_code(64);
    }
    let without_times = [
        "simulate",
        "--arrivals=-",
        "--build-time=5m",
        "--instances=1",
    ];
    prebuildctl(without_times)
        .stdin("# none\n")
        .run()
        .expect_code(64);
    prebuildctl(without_times)
        .stdin("noon\n")
        .run()
        .expect_code(64);
}
