//! The flags of `plan` that change what is planned, and what they do to its input.
//!
//! Changes are made to what was read, never to a database or a file.

use anyhow::Result;
use clap::Args;

use crate::actions::what_if::{Changes, Overrides, change_facts, change_snapshot};
use crate::cli::reading::{Reading, complete};
use crate::cli::{Context, parse_desired, parse_promotion};
use crate::error::Failure;
use crate::model::facts::Facts;
use crate::model::names::Selection;
use crate::model::settings::Tuning;
use crate::model::{Snapshot, Time};
use crate::store::Reader;

/// Changes to the input of the calculation.
#[derive(Debug, Args)]
#[command(next_help_heading = "What if")]
pub(super) struct WhatIfArgs {
    /// Plan as if N instances of the preset were desired outside its schedules; repeatable
    #[arg(long, value_name = "PRESET=N")]
    set_desired: Vec<String>,
    /// Plan as if VERSION (a name or an id) were the template's active one; repeatable
    ///
    /// Applied before --set-desired; filters come last. Needs a database: a snapshot has only the
    /// versions of its presets.
    #[arg(long, value_name = "[ORG/]TEMPLATE=VERSION")]
    promote: Vec<String>,
}

impl WhatIfArgs {
    /// The changes, if any flag is given.
    ///
    /// # Errors
    /// A malformed value, which is shown escaped; a promotion where a saved snapshot is planned.
    pub(super) fn overrides(&self, in_snapshot: bool) -> Result<Option<Overrides>> {
        if self.set_desired.is_empty() && self.promote.is_empty() {
            return Ok(None);
        }
        if in_snapshot && !self.promote.is_empty() {
            let problem = "--promote needs a database: a snapshot doesn't hold a template's other \
                           versions";
            return Err(Failure::usage(problem).into());
        }
        let promotions = self.promote.iter().map(|text| {
            parse_promotion(text).map_err(|problem| Failure::usage(format!("--promote {problem}")))
        });
        let desired = self.set_desired.iter().map(|text| {
            parse_desired(text)
                .map_err(|problem| Failure::usage(format!("--set-desired {problem}")))
        });
        Ok(Some(Overrides {
            promotions: promotions.collect::<Result<_, _>>()?,
            desired: desired.collect::<Result<_, _>>()?,
        }))
    }
}

/// Reads the selected presets as [`crate::cli::reading::read`] does, after making the changes.
pub(super) async fn read(
    context: &Context,
    at: Option<Time>,
    tuning: &Tuning,
    selection: &Selection,
    overrides: &Overrides,
) -> Result<(Reading, Changes)> {
    let mut reader = context.store()?.open_reader().await?;
    let (facts, changes) = read_facts(context, &mut reader, overrides).await?;
    let now = at.unwrap_or_else(|| reader.now());
    let reading = complete(reader, facts, now, tuning, selection).await?;
    Ok((reading, changes))
}

/// Reads facts and makes the changes in them.
pub(super) async fn read_facts(
    context: &Context,
    reader: &mut Reader,
    overrides: &Overrides,
) -> Result<(Facts, Changes)> {
    let (mut facts, what_if) = reader.read_what_if(overrides).await?;
    let changes = change_facts(&mut facts, what_if, overrides)?;
    warn(context, &changes);
    Ok((facts, changes))
}

/// Sets the numbers in a saved snapshot.
pub(super) fn change(
    context: &Context,
    snapshot: &mut Snapshot,
    overrides: &Overrides,
) -> Result<Changes> {
    let changes = change_snapshot(snapshot, &overrides.desired)?;
    warn(context, &changes);
    Ok(changes)
}

fn warn(context: &Context, changes: &Changes) {
    for warning in &changes.warnings {
        context.output.warning(warning);
    }
}
