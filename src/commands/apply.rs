//! `apply` and `init`: bring a database of one's own in line with a file, or create its schema.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;
use serde::Serialize;
use tempfile::TempDir;

use crate::actions;
use crate::cli::files::{self, Input, MAX_DECLARATION};
use crate::cli::{Context, TuningArgs, actor};
use crate::declaration;
use crate::model::{FormatVersion, Plan};
use crate::render;
use crate::store::{Declaring, Store, Target};

/// Declare organizations, users, templates and presets in a TOML file
///
/// For a database created by prebuildctl; creates the embedded one if there is none. What builds see makes
/// a new active version of a template, whose pool members are replaced; instances, ttl, schedules, time
/// zones and texts change in place. Applying a file again changes nothing, and what the file doesn't
/// mention is left alone, unless --prune removes it. If the file has mistakes, they are shown with line
/// and column, and nothing is written.
#[derive(Debug, Args)]
pub(crate) struct ApplyArgs {
    /// The file, or - for standard input
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Show the changes and what the next pass would do then; write nothing
    #[arg(long)]
    dry_run: bool,
    /// Remove what the file doesn't hold; without --yes only shown
    ///
    /// Templates with their pools, users, memberships and organizations. What claimed workspaces need is
    /// kept.
    #[arg(long)]
    prune: bool,
    /// Remove what --prune shows
    #[arg(long, requires = "prune", conflicts_with = "dry_run")]
    yes: bool,
    #[command(flatten)]
    tuning: TuningArgs,
}

/// Create the schema in an empty database, or update it
///
/// Creates the embedded database if there is none. Refuses a database that Coder manages or that
/// contains anything else.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {}

/// The document of `apply`, version 1.
#[derive(Serialize)]
struct Applied {
    version: FormatVersion,
    /// Whether nothing was written.
    dry_run: bool,
    /// A line for each change.
    changes: Vec<String>,
    /// A line for each thing that the file doesn't hold and that is kept all the same.
    kept: Vec<String>,
    /// What the next pass would do; none unless nothing was written.
    plan: Option<Plan>,
}

pub(crate) async fn run(context: &Context, args: ApplyArgs) -> Result<ExitCode> {
    let Input { bytes, name } = files::read(&args.file, MAX_DECLARATION).await?;
    let text = String::from_utf8(bytes).with_context(|| format!("can't read {name}"))?;
    let parse = |known: Option<&[String]>| {
        declaration::parse_for(&text, known)
            .with_context(|| format!("{name} is not understood; nothing was written"))
    };
    // A file with mistakes makes no database.
    for warning in declaration::warnings(&parse(None)?) {
        context.output.warning(&warning);
    }
    let dry_run = args.dry_run || args.prune && !args.yes;
    let (store, _folder) = store(context, dry_run)?;
    let declaring = if args.prune && !dry_run {
        Declaring::Pruned
    } else {
        Declaring::Everything
    };
    let mut session = store.open_declarer(declaring).await?;
    let stored = session.read().await?;
    let declaration = parse(Some(&stored.organizations))?;
    // Who is removed leaves a name and an address to others.
    let (mut changes, kept) = if args.prune {
        declaration::prune(&declaration, &stored)
    } else {
        (Vec::new(), Vec::new())
    };
    changes.extend(declaration::changes(&declaration, &stored));
    if let Some(problem) = declaration::taken_email(&changes, &stored) {
        bail!("{problem}; nothing was written");
    }
    session.write(&changes).await?;
    let mut plan = None;
    if dry_run {
        let tuning = args.tuning.tuning();
        let (facts, now) = session.read_facts().await?;
        let snapshot = facts.into_snapshot(now, &tuning);
        plan = Some(actions::plan(&snapshot, &tuning, now));
        session.close().await;
    } else {
        let lines: Vec<&str> = changes.iter().map(|it| it.summary.as_str()).collect();
        if !lines.is_empty() {
            let message = lines.join("; ");
            session.note("apply", &actor(), "", &message).await?;
        }
        session.commit().await?;
    }
    let applied = Applied {
        version: FormatVersion,
        dry_run,
        changes: changes.into_iter().map(|change| change.summary).collect(),
        kept,
        plan,
    };
    context.output.report(&applied, |_| {
        let hint = if args.prune && !args.dry_run {
            "; --yes does it"
        } else {
            ""
        };
        let plan = applied.plan.as_ref();
        render::apply::view(&applied.changes, &applied.kept, plan, hint)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The database; for a dry run without one, an empty one that goes with the folder.
fn store(context: &Context, dry_run: bool) -> Result<(Store, Option<TempDir>)> {
    let store = context.store()?;
    match store.target() {
        Target::Sqlite(path) if dry_run && is_void(path) => {
            let folder = tempfile::tempdir().context("can't make a folder for the dry run")?;
            let path = folder.path().join("prebuilds.db");
            Ok((store.at(Target::Sqlite(path)), Some(folder)))
        }
        _ => Ok((store, None)),
    }
}

/// Whether nothing is in the file, or there is none.
fn is_void(path: &Path) -> bool {
    path.metadata().map_or(true, |file| file.len() == 0)
}

pub(crate) async fn init(context: &Context) -> Result<ExitCode> {
    let store = context.store()?;
    let message = if store.init().await? {
        "is ready"
    } else {
        "was already ready"
    };
    context
        .output
        .status(&format!("{} {message}.", store.target()));
    Ok(ExitCode::SUCCESS)
}
