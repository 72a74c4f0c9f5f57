//! `start`, `stop`, `retry` and `delete`: claimed workspaces of a database of our own.

use std::process::ExitCode;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::Args;
use serde::Serialize;

use crate::actions::life::{Wish, find};
use crate::cli::{Context, PARTIAL, Progress, WaitArgs, actor};
use crate::life::{self, Life, LifeOutcome};
use crate::model::names::{known, suggest};
use crate::model::{ClaimedWorkspace, FormatVersion};
use crate::render;
use crate::store::{LifeSession, Person};

/// Which workspaces are meant.
#[derive(Debug, Args)]
pub(crate) struct WhichArgs {
    /// Claimed workspaces: by id, by OWNER/NAME, or by a name that only one owner uses
    #[arg(value_name = "[OWNER/]NAME|ID", required_unless_present = "all")]
    workspaces: Vec<String>,
    /// All workspaces of the owner
    #[arg(long, requires = "owner", conflicts_with = "workspaces")]
    all: bool,
    /// Only workspaces of this user
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
}

/// Start claimed workspaces
///
/// For a database created by prebuildctl. Queues a start build with the values and the template version
/// of the last build; a start that failed is made once more. A workspace that runs stays as it is.
///
/// With --wait, exits with 3 when some builds failed or were not done in time, with 1 when all were; and
/// prints the folders of the agents.
#[derive(Debug, Args)]
pub(crate) struct StartArgs {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Stop claimed workspaces
///
/// For a database created by prebuildctl. Queues a stop build; what a stop leaves, such as files, is
/// there again after the next start.
#[derive(Debug, Args)]
pub(crate) struct StopArgs {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Make failed builds of claimed workspaces once more
///
/// For a database created by prebuildctl. Queues the last build of a workspace again, with the same
/// values, if it failed or was cancelled: the one that hands a claimed workspace over, too.
#[derive(Debug, Args)]
pub(crate) struct RetryArgs {
    #[command(flatten)]
    which: WhichArgs,
    #[command(flatten)]
    wait: WaitArgs,
}

/// List claimed workspaces and, with --yes, delete them
///
/// For a database created by prebuildctl. Queues delete builds, so that provisioners remove what was
/// built; a workspace is gone once that has succeeded. Nobody gets a used workspace: the pool makes a new
/// one.
#[derive(Debug, Args)]
pub(crate) struct DeleteArgs {
    #[command(flatten)]
    which: WhichArgs,
    /// Delete the workspaces instead of only listing them
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

/// The document of these commands, version 1.
#[derive(Serialize)]
pub(super) struct Document<'a> {
    pub(super) version: FormatVersion,
    /// Whether the workspaces were only listed.
    pub(super) dry_run: bool,
    pub(super) workspaces: &'a [Life],
}

pub(crate) async fn start(context: &Context, args: StartArgs) -> Result<ExitCode> {
    run(context, &args.which, args.wait, Wish::Start, true).await
}

pub(crate) async fn stop(context: &Context, args: StopArgs) -> Result<ExitCode> {
    run(context, &args.which, args.wait, Wish::Stop, true).await
}

pub(crate) async fn retry(context: &Context, args: RetryArgs) -> Result<ExitCode> {
    run(context, &args.which, args.wait, Wish::Retry, true).await
}

pub(crate) async fn delete(context: &Context, args: DeleteArgs) -> Result<ExitCode> {
    run(context, &args.which, args.wait, Wish::Delete, args.yes).await
}

async fn run(
    context: &Context,
    which: &WhichArgs,
    wait: WaitArgs,
    wish: Wish,
    yes: bool,
) -> Result<ExitCode> {
    let mut session = context.store()?.open_lives(actor()).await?;
    let workspaces = session.read_claimed().await?;
    let people = session.read_people().await?;
    let mut lives = which.select(&workspaces, &people)?;
    let mut waited = Ok(());
    if yes {
        life::queue(&mut session, &mut lives, wish).await?;
        waited = await_builds(context, &mut session, &mut lives, wish, wait).await;
    }
    session.close().await;
    let document = Document {
        version: FormatVersion,
        dry_run: !yes,
        workspaces: &lives,
    };
    context
        .output
        .report_written(&document, |_| render::life::view(&lives, !yes, wish.done()))?;
    waited.and_then(|()| exit_code(&lives, wait.patience().is_some()))
}

/// Waits until the builds are done, if that is asked for. What is queued is so after an error as well, and
/// has to be told.
pub(super) async fn await_builds(
    context: &Context,
    session: &mut LifeSession,
    lives: &mut [Life],
    wish: Wish,
    wait: WaitArgs,
) -> Result<()> {
    if let Some(patience) = wait.patience() {
        let total = lives.len() as u64;
        let mut progress = Progress::of_waiting(&context.output);
        let on_progress = &mut |done| progress.set(done, total);
        let waited = life::wait(session, lives, wish, patience, on_progress).await;
        waited.context("what is queued goes on, but can't be waited for")?;
    }
    Ok(())
}

impl WhichArgs {
    /// The workspaces that are meant, each once.
    fn select(&self, workspaces: &[ClaimedWorkspace], people: &[Person]) -> Result<Vec<Life>> {
        let is_owned = |it: &&ClaimedWorkspace| {
            let owner = self.owner.as_deref();
            owner.is_none_or(|owner| {
                it.owner_name.eq_ignore_ascii_case(owner) || it.owner_id.to_string() == owner
            })
        };
        let owned: Vec<ClaimedWorkspace> = workspaces.iter().filter(is_owned).cloned().collect();
        if let Some(owner) = &self.owner
            && owned.is_empty()
        {
            // Without any there is nothing to do, unless nobody has that name.
            user(people, owner)?;
        }
        if self.all {
            return Ok(owned.iter().map(Life::listed).collect());
        }
        let mut lives: Vec<Life> = Vec::new();
        for name in &self.workspaces {
            let workspace = find(&owned, name).map_err(anyhow::Error::msg)?;
            if lives.iter().all(|it| it.id != workspace.id) {
                lives.push(Life::listed(workspace));
            }
        }
        Ok(lives)
    }
}

/// The user of this name or id.
pub(super) fn user<'p>(people: &'p [Person], name: &str) -> Result<&'p Person> {
    let is_meant =
        |it: &&Person| it.username.eq_ignore_ascii_case(name) || it.id.to_string() == name;
    people.iter().find(is_meant).ok_or_else(|| {
        let names = people.iter().map(|it| it.username.clone());
        anyhow!(
            "there is no user {name:?}; {}",
            known(&suggest(name, names))
        )
    })
}

/// The exit code for what came of workspaces. A build that is not done after a wait has failed.
pub(super) fn exit_code(lives: &[Life], waited: bool) -> Result<ExitCode> {
    let is_bad = |it: &&Life| match it.outcome {
        LifeOutcome::Busy | LifeOutcome::LostRace | LifeOutcome::Failed => true,
        LifeOutcome::Queued => waited,
        LifeOutcome::Listed | LifeOutcome::Done | LifeOutcome::Unchanged => false,
    };
    match lives.iter().filter(is_bad).count() {
        0 => Ok(ExitCode::SUCCESS),
        bad if bad < lives.len() => Ok(ExitCode::from(PARTIAL)),
        _ if lives.iter().all(|it| it.outcome == LifeOutcome::Queued) => {
            bail!("not done in time; what is queued goes on as soon as a provisioner takes it")
        }
        1 => bail!("the workspace did not reach the requested state"),
        _ => bail!("none of the workspaces is as it was to be"),
    }
}
