//! `plan --timetable`: the plans of a span of time, as a timetable.
//!
//! Reads only. Every step is planned for the pools as they are now.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;

use super::{PlanArgs, read_file, what_if};
use crate::actions::timetable::{Span, timetable};
use crate::actions::what_if::Overrides;
use crate::cli::{Context, parse_delta, parse_time};
use crate::error::Failure;
use crate::model::facts::BackoffChanges;
use crate::model::names::select;
use crate::model::{Snapshot, Time};
use crate::{clock, render};

const DEFAULT_LENGTH: TimeDelta = TimeDelta::days(7);
const DEFAULT_STEP: TimeDelta = TimeDelta::minutes(1);

/// The steps of a timetable; each of these flags selects it.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Timetable")]
#[group(conflicts_with_all = ["at", "out", "detailed_exitcode", "explain", "group_by", "problems"])]
pub(super) struct TimetableArgs {
    /// Show what is wanted when
    #[arg(long)]
    timetable: bool,
    /// Length of the timetable in days [default: 7]
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u16).range(1..))]
    days: Option<u16>,
    /// Start of the timetable [default: this minute, or that of the saved snapshot]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    from: Option<Time>,
    /// End of the timetable [default: 7 days after --from]
    #[arg(long, value_name = "TIME", value_parser = parse_time)]
    to: Option<Time>,
    /// Time between two plans of the timetable [default: 1m]
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    step: Option<TimeDelta>,
}

impl TimetableArgs {
    pub(super) fn is_given(&self) -> bool {
        self.timetable
            || self.days.is_some()
            || self.from.is_some()
            || self.to.is_some()
            || self.step.is_some()
    }

    /// The span of the flags and their defaults.
    fn span(&self, now: Time) -> Result<Span> {
        // Whole minutes, so that hours begin at a step.
        let from = self.from.unwrap_or_else(|| whole_minute(now));
        let length = self
            .days
            .map_or(DEFAULT_LENGTH, |days| TimeDelta::days(days.into()));
        let to = self.to.or_else(|| from.checked_add_signed(length));
        let to = to.unwrap_or(Time::MAX_UTC);
        let step = self.step.unwrap_or(DEFAULT_STEP);
        Ok(Span::new(from, to, step).map_err(Failure::usage)?)
    }
}

pub(super) async fn run(context: &Context, args: &PlanArgs) -> Result<ExitCode> {
    let overrides = args.what_if.overrides(args.snapshot.is_some())?;
    let (snapshot, changes, span) = match &args.snapshot {
        Some(path) => {
            let mut snapshot = read_file(path).await?;
            if let Some(overrides) = &overrides {
                what_if::change(context, &mut snapshot, overrides)?;
            }
            let span = args.timetable.span(snapshot.taken_at)?;
            (snapshot, BackoffChanges::new(), span)
        }
        None => read_database(context, args, overrides.as_ref()).await?,
    };
    let snapshot = select(snapshot, &args.filter.selection())?;
    let timetable = timetable(&snapshot, &changes, &args.tuning.tuning(), &span);
    context.output.report(&timetable, |all| {
        render::timetable::view(&timetable, &snapshot, all)
    })?;
    Ok(ExitCode::SUCCESS)
}

async fn read_database(
    context: &Context,
    args: &PlanArgs,
    overrides: Option<&Overrides>,
) -> Result<(Snapshot, BackoffChanges, Span)> {
    let span = args.timetable.span(clock::now())?;
    let tuning = args.tuning.tuning();
    let mut reader = context.store()?.open_reader().await?;
    let facts = match overrides {
        None => reader.read_facts().await?,
        Some(made) => what_if::read_facts(context, &mut reader, made).await?.0,
    };
    reader.close().await;
    let changes = facts.backoff_changes(span.from(), span.to(), &tuning);
    Ok((facts.into_snapshot(span.from(), &tuning), changes, span))
}

fn whole_minute(time: Time) -> Time {
    let seconds = time.timestamp();
    Time::from_timestamp(seconds - seconds.rem_euclid(60), 0).unwrap_or(time)
}
