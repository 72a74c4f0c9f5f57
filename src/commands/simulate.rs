//! `simulate`: what a pool would do under arrivals, without any database.
//!
//! The calculation is that of `recommend` and of passes. Equal arguments give equal answers.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use chrono::{NaiveTime, TimeDelta};
use chrono_tz::Tz;
use clap::Args;
use fastrand::Rng;
use serde::Serialize;
use uuid::Uuid;

use crate::actions::schedule::Calendar;
use crate::cli::{Context, files, parse_delta};
use crate::demand::arrivals::{MAX_ARRIVALS, builds, poisson};
use crate::demand::hours::{Hours, LARGEST, LONGEST};
use crate::demand::replay::{Figures, Rules, replay};
use crate::error::Failure;
use crate::model::settings::Tuning;
use crate::model::{FormatVersion, PrebuildStatus, Preset, Schedule, Time, time};
use crate::render;

/// The first instant of what is made up: a Monday.
const MONDAY: &str = "2024-01-01T00:00:00Z";

/// Show what a pool of some size would do under arrivals, without any database
///
/// People arrive at the times of a file, or at a rate and independently of each other. Whoever finds a member
/// claims it, and the next pass creates another one; whoever finds none builds a workspace of their own. The pool
/// begins full. With a range of sizes there is a row for each.
#[derive(Debug, Args)]
pub(crate) struct SimulateArgs {
    /// Arrivals at this rate, such as 12/h or 200/d
    #[arg(long, value_name = "N/UNIT", value_parser = parse_rate, required_unless_present = "arrivals")]
    rate: Option<f64>,
    /// Arrivals of this file, or - for standard input: an RFC 3339 time a line
    #[arg(long, value_name = "FILE", conflicts_with_all = ["rate", "duration", "seed"])]
    arrivals: Option<PathBuf>,
    /// How long until a created workspace can be claimed: 4m, or 3m..5m for any time between
    #[arg(long, value_name = "DURATION[..DURATION]", value_parser = parse_build_time)]
    build_time: (TimeDelta, TimeDelta),
    /// Size of the pool outside schedules, or from..to for a row for each
    #[arg(long, value_name = "N[..N]", value_parser = parse_instances)]
    instances: (i64, i64),
    /// Size of the pool at the times of a schedule, such as '* 8-17 * * 1-5=10'; repeatable
    #[arg(long, value_name = "CRON=N", value_parser = parse_schedule)]
    schedule: Vec<(String, i64)>,
    /// Time zone of the schedules
    #[arg(long, value_name = "ZONE", default_value = "UTC")]
    timezone: Tz,
    /// Age at which members that nobody has claimed are replaced
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    ttl: Option<TimeDelta>,
    /// Most builds at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST))]
    provisioners: Option<u32>,
    /// Time between passes
    #[arg(long, value_name = "DURATION", default_value = "1m", value_parser = parse_delta)]
    interval: TimeDelta,
    /// How long people arrive at the rate
    #[arg(long = "for", value_name = "DURATION", default_value = "4w", value_parser = parse_delta)]
    duration: TimeDelta,
    /// Another number for other arrivals at the same rate
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
}

/// What `simulate --format json` writes, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    #[serde(with = "time")]
    from: Time,
    #[serde(with = "time")]
    to: Time,
    arrivals: usize,
    simulations: Vec<Simulated>,
}

/// What a pool of one size would have done.
#[derive(Serialize)]
struct Simulated {
    /// The size outside schedules.
    instances: i64,
    #[serde(flatten)]
    figures: Figures,
}

pub(crate) async fn run(context: &Context, args: SimulateArgs) -> Result<ExitCode> {
    let mut rng = Rng::with_seed(args.seed);
    let (from, to, arrivals) = match &args.arrivals {
        Some(path) => {
            let input = files::read(path, files::MAX_DOCUMENT).await?;
            let times = read_times(&input.bytes);
            let times =
                times.map_err(|problem| Failure::usage(format!("{}, {problem}", input.name)))?;
            if times.len() > MAX_ARRIVALS {
                bail!(Failure::usage(format!(
                    "{} has more than {MAX_ARRIVALS} arrivals; leave some out",
                    input.name
                )));
            }
            whole_days(times)?
        }
        None => {
            let from = time::parse(MONDAY).map_err(anyhow::Error::msg)?;
            let to = from.checked_add_signed(args.duration);
            let to = to.context("--for is too long")?;
            let hourly = args.rate.unwrap_or_default();
            (from, to, poisson(hourly, from, to, &mut rng))
        }
    };
    if to - from > LONGEST {
        bail!(Failure::usage(
            "more than five years are too long; give a shorter --for, or fewer times"
        ));
    }
    if args.arrivals.is_none() && arrivals.len() >= MAX_ARRIVALS {
        bail!(Failure::usage(format!(
            "these are more than {MAX_ARRIVALS} arrivals; give a shorter --for, or a lower --rate"
        )));
    }
    // On a thread of its own, so that signals are heard meanwhile.
    let simulating = move || simulate(&args, &mut rng, from, to, &arrivals);
    let document = tokio::task::spawn_blocking(simulating).await??;
    context.output.report(&document, |_| {
        let rows = document.simulations.iter();
        let rows = rows.map(|it| (it.instances, &it.figures));
        render::simulate::view(rows, document.arrivals, to - from)
    })?;
    Ok(ExitCode::SUCCESS)
}

fn simulate(
    args: &SimulateArgs,
    rng: &mut Rng,
    from: Time,
    to: Time,
    arrivals: &[Time],
) -> Result<Document> {
    let (shortest, longest) = args.build_time;
    let builds = builds(shortest, longest, rng);
    let rules = Rules {
        builds: &builds,
        // No pool has part of a second, and none has 0.
        ttl_secs: args.ttl.map(|it| it.num_seconds().max(1)),
        interval: args.interval,
        provisioners: args.provisioners.and_then(|it| usize::try_from(it).ok()),
        // No build fails.
        tuning: Tuning::default(),
    };
    let hours = Hours::new(args.timezone, from, to);
    let mut simulations = Vec::new();
    for instances in args.instances.0..=args.instances.1 {
        let (preset, schedules) = pool(instances, args);
        let calendar = Calendar::new(&preset, &schedules.iter().collect::<Vec<_>>());
        if let Some(found) = calendar.desired(from).diagnostics.first() {
            bail!(Failure::usage(format!("--schedule: {}", found.message)));
        }
        let outcome = replay(&rules, instances, &hours.steps_of(&calendar), arrivals, to);
        simulations.push(Simulated {
            instances,
            figures: Figures::from(&outcome),
        });
    }
    Ok(Document {
        version: FormatVersion,
        from,
        to,
        arrivals: arrivals.len(),
        simulations,
    })
}

/// The preset and the schedules that such a pool would have.
fn pool(instances: i64, args: &SimulateArgs) -> (Preset, Vec<Schedule>) {
    let preset = Preset {
        id: Uuid::nil(),
        name: "simulated".to_owned(),
        organization_id: Uuid::nil(),
        organization_name: String::new(),
        template_id: Uuid::nil(),
        template_name: String::new(),
        template_version_id: Uuid::nil(),
        template_version_name: String::new(),
        using_active_version: true,
        deleted: false,
        deprecated: false,
        desired_instances: instances,
        ttl_secs: None,
        scheduling_timezone: args.timezone.name().to_owned(),
        prebuild_status: PrebuildStatus::Healthy,
        last_invalidated_at: None,
        scaled: None,
    };
    let schedules = (1..)
        .zip(&args.schedule)
        .map(|(number, (cron, desired))| Schedule {
            id: Uuid::from_u128(number),
            preset_id: preset.id,
            cron_expression: cron.clone(),
            desired_instances: *desired,
        });
    let schedules = schedules.collect();
    (preset, schedules)
}

/// The times of a file, in order. Lines that are empty or begin with `#` are left out.
fn read_times(bytes: &[u8]) -> Result<Vec<Time>, String> {
    let text = str::from_utf8(bytes).map_err(|_| "which is no text in UTF-8".to_owned())?;
    let lines = (1..).zip(text.lines().map(str::trim));
    let lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let times = lines.map(|(number, line)| {
        time::parse(line).map_err(|problem| format!("line {number}: {problem}"))
    });
    let mut times = times.collect::<Result<Vec<Time>, String>>()?;
    times.sort_unstable();
    Ok(times)
}

/// The days in UTC that hold these times.
fn whole_days(times: Vec<Time>) -> Result<(Time, Time, Vec<Time>)> {
    let (Some(first), Some(last)) = (times.first(), times.last()) else {
        bail!(Failure::usage("--arrivals: there is no time in the file"));
    };
    let midnight = |time: &Time| time.date_naive().and_time(NaiveTime::MIN).and_utc();
    let to = midnight(last).checked_add_signed(TimeDelta::days(1));
    Ok((
        midnight(first),
        to.context("the last time is too late")?,
        times,
    ))
}

/// Reads `12/h` as a number an hour.
fn parse_rate(text: &str) -> Result<f64, String> {
    let form = || format!("{text:?} is not of the form 12/h, 3/m, 200/d or 1000/w");
    let (number, unit) = text.split_once('/').ok_or_else(form)?;
    let hours = match unit {
        "m" => 1.0 / 60.0,
        "h" => 1.0,
        "d" => 24.0,
        "w" => 168.0,
        _ => return Err(form()),
    };
    let number = number.trim().parse::<f64>().map_err(|_| form())?;
    let hourly = number / hours;
    let is_rate = (0.0..=100_000.0).contains(&hourly);
    is_rate
        .then_some(hourly)
        .ok_or_else(|| format!("{text:?} is not from 0 to 100,000 an hour"))
}

/// Reads `4m` or `3m..5m`.
fn parse_build_time(text: &str) -> Result<(TimeDelta, TimeDelta), String> {
    let delta = |text: &str| parse_delta(text).map_err(|error| format!("{text:?}: {error}"));
    let (shortest, longest) = text.split_once("..").unwrap_or((text, text));
    let (shortest, longest) = (delta(shortest)?, delta(longest)?);
    if shortest > longest {
        return Err("the first time is longer than the second".to_owned());
    }
    Ok((shortest, longest))
}

/// Reads `3` or `0..6`.
fn parse_instances(text: &str) -> Result<(i64, i64), String> {
    let size = |text: &str| {
        let size = text.parse().ok().filter(|it| (0..=LARGEST).contains(it));
        size.ok_or_else(|| format!("{text:?} is not a number from 0 to {LARGEST}"))
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let (from, to) = (size(from)?, size(to)?);
    if from > to {
        return Err("the first number is larger than the second".to_owned());
    }
    Ok((from, to))
}

/// Reads `* 8-17 * * 1-5=10`.
fn parse_schedule(text: &str) -> Result<(String, i64), String> {
    let form = || format!("{text:?} is not of the form CRON=N, such as '* 8-17 * * 1-5=10'");
    let (cron, size) = text.rsplit_once('=').ok_or_else(form)?;
    let (size, largest) = parse_instances(size)?;
    if size != largest {
        return Err(format!("{text:?} has a range, and a schedule has one size"));
    }
    Ok((cron.trim().to_owned(), size))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::at;

    #[test]
    fn rates_are_read_as_numbers_an_hour() {
        assert_eq!(parse_rate("12/h"), Ok(12.0));
        assert_eq!(parse_rate("0.5/m"), Ok(30.0));
        assert_eq!(parse_rate("240/d"), Ok(10.0));
        assert_eq!(parse_rate("168/w"), Ok(1.0));
        for wrong in ["12", "x/h", "12/y", "-1/h", "NaN/h", "inf/h", "1e9/m", ""] {
            assert!(parse_rate(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn ranges_are_read_from_the_smaller_end() {
        let minutes = TimeDelta::minutes;
        assert_eq!(parse_build_time("3m..5m"), Ok((minutes(3), minutes(5))));
        assert_eq!(
            parse_build_time("90s"),
            Ok((TimeDelta::seconds(90), TimeDelta::seconds(90)))
        );
        assert_eq!(parse_instances("2..4"), Ok((2, 4)));
        assert_eq!(parse_instances("0"), Ok((0, 0)));
        assert_eq!(
            parse_schedule("* 8-17 * * 1-5=10"),
            Ok(("* 8-17 * * 1-5".to_owned(), 10))
        );
        assert!(parse_build_time("5m..3m").is_err() && parse_build_time("3..5m").is_err());
        for wrong in ["4..2", "-1", "10001", "1..", "x"] {
            assert!(parse_instances(wrong).is_err(), "{wrong}");
        }
        assert!(parse_schedule("* * * * *").is_err() && parse_schedule("* * * * *=x").is_err());
    }

    #[test]
    fn arrivals_of_a_file_are_put_in_order_and_fill_whole_days() {
        let text = "# exported\n2026-03-05T09:00:00+01:00\r\n\n2026-03-04T12:00:00Z\n";
        let times = read_times(text.as_bytes()).unwrap();
        let (from, to, times) = whole_days(times).unwrap();
        assert_eq!(
            times,
            [at("2026-03-04T12:00:00Z"), at("2026-03-05T08:00:00Z")]
        );
        assert_eq!(
            (from, to),
            (at("2026-03-04T00:00:00Z"), at("2026-03-06T00:00:00Z"))
        );
        let wrong = read_times(b"2026-03-04T12:00:00Z\nnoon\n").unwrap_err();
        assert!(wrong.starts_with("line 2: \"noon\""), "{wrong}");
        assert!(read_times(b"\xff").is_err() && whole_days(Vec::new()).is_err());
    }
}
