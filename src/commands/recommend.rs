//! `recommend`: how large pools should be.
//!
//! Reads only, on a session that can't write.

use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono_tz::Tz;
use clap::{Args, ValueEnum};

use super::demand::{PastArgs, read};
use crate::cli::{BackOffArgs, Context, FilterArgs};
use crate::demand::advice::Goal;
use crate::demand::hours::LARGEST;
use crate::demand::recommend::{Wish, recommend};
use crate::error::Failure;
use crate::render;

/// Recommend sizes and schedules of pools from what was asked of them
///
/// Replays recorded requests with recorded build times against sizes for each hour of the week, and looks for the
/// smallest that reach the goal in weeks that they were not fitted to. Sizes come as a number and schedules in the preset's
/// time zone, beside what they would have done and what the present ones would have.
#[derive(Debug, Args)]
pub(crate) struct RecommendArgs {
    #[command(flatten)]
    past: PastArgs,
    /// The share of requests that are to find a member, such as 99%
    #[arg(long, value_name = "SHARE", default_value = "99%", value_parser = parse_share,
          conflicts_with_all = ["max_idle_hours", "cost_per_hour"])]
    hit_rate: f64,
    /// Most hours a week that members of a pool may wait, added up, instead of a hit rate
    #[arg(long, value_name = "HOURS", value_parser = parse_cost, conflicts_with = "cost_per_hour")]
    max_idle_hours: Option<f64>,
    /// Cost of an hour of a member, for the least cost instead of a hit rate
    #[arg(long, value_name = "COST", value_parser = parse_cost, requires = "cost_of_a_miss")]
    cost_per_hour: Option<f64>,
    /// Cost of a request that finds no member
    #[arg(long, value_name = "COST", value_parser = parse_cost, requires = "cost_per_hour")]
    cost_of_a_miss: Option<f64>,
    /// Most builds of a pool at once: further ones wait for a provisioner [default: all run]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=LARGEST))]
    provisioners: Option<u32>,
    /// Time zone of schedules [default: that of the preset, or UTC]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<Tz>,
    /// Print only what is to be pasted: prebuilds blocks of a template, or lines of a file for apply
    #[arg(long = "as", value_enum, value_name = "FORM")]
    form: Option<Form>,
    #[command(flatten)]
    back_off: BackOffArgs,
    #[command(flatten)]
    filter: FilterArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Terraform,
    Toml,
}

impl RecommendArgs {
    fn goal(&self) -> Result<Goal> {
        if let Some(hours) = self.max_idle_hours {
            return Ok(Goal::IdleHours(hours));
        }
        let Some((hour, miss)) = self.cost_per_hour.zip(self.cost_of_a_miss) else {
            return Ok(Goal::HitRate(self.hit_rate));
        };
        let price = miss / hour;
        if !price.is_finite() {
            bail!(Failure::usage("--cost-per-hour must be more than 0"));
        }
        Ok(Goal::Price(price))
    }
}

pub(crate) async fn run(context: &Context, args: RecommendArgs) -> Result<ExitCode> {
    let selection = args.filter.selection();
    let wish = Wish {
        goal: args.goal()?,
        zone: args.timezone,
        provisioners: args.provisioners.and_then(|it| usize::try_from(it).ok()),
        tuning: args.back_off.tuning(),
    };
    let past = read(context, &args.past, &selection).await?;
    // On a thread of its own, so that signals are heard meanwhile.
    let advising = move || recommend(&past.facts, &selection, wish, past.since, past.until);
    let advice = tokio::task::spawn_blocking(advising).await?;
    args.past
        .write(context, || render::pages::recommendations(&advice))
        .await?;
    match args.form {
        Some(Form::Terraform) => context
            .output
            .data(&render::paste::terraform(&advice.pools))?,
        Some(Form::Toml) => context.output.data(&render::paste::toml(&advice.pools))?,
        None => context.output.report(&advice, |verbose| {
            render::recommend::view(&advice, wish.goal, verbose)
        })?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Reads `99%` or `0.99`.
fn parse_share(text: &str) -> Result<f64, String> {
    let share = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|it| it / 100.0),
        None => text.parse(),
    };
    let share = share.ok().filter(|share| *share > 0.0 && *share <= 1.0);
    share.ok_or_else(|| format!("{text:?} is no share such as 99% or 0.99"))
}

/// Reads a number that is not negative.
fn parse_cost(text: &str) -> Result<f64, String> {
    let cost = text.parse().ok();
    let cost = cost.filter(|cost: &f64| cost.is_finite() && *cost >= 0.0);
    cost.ok_or_else(|| format!("{text:?} is not a number of 0 or more"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_are_percentages_or_parts_of_one() {
        assert_eq!(parse_share("99%"), Ok(0.99));
        assert_eq!(parse_share("0.5"), Ok(0.5));
        assert_eq!(parse_share("100 %"), Ok(1.0));
        for wrong in ["99", "0%", "-1%", "NaN", "x%", ""] {
            assert!(parse_share(wrong).is_err(), "{wrong}");
        }
        assert_eq!(parse_cost("0.25"), Ok(0.25));
        assert!(parse_cost("-1").is_err() && parse_cost("inf").is_err());
    }
}
