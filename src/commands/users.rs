//! `users`: who can own workspaces in a database of our own, and what becomes of theirs.

use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, Subcommand};
use serde::Serialize;
use uuid::Uuid;

use super::life::{Document, await_builds, exit_code, user};
use crate::actions::life::{Wish, find};
use crate::cli::{Context, WaitArgs, actor};
use crate::error::Failure;
use crate::life::{self, Life, LifeOutcome};
use crate::model::text::{count, plural, printable};
use crate::model::{ClaimedWorkspace, FormatVersion};
use crate::render::{self, View};
use crate::store::{LifeSession, Person};

/// List the users of a database of your own, hand over their workspaces, or remove them
///
/// For a database created by prebuildctl; apply creates users.
#[derive(Debug, Args)]
pub(crate) struct UsersArgs {
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// List the users with the number of their workspaces, as without a subcommand
    List,
    Transfer(TransferArgs),
    Remove(RemoveArgs),
}

/// Give a user's workspaces to another user
///
/// All of them, or those that are named. Each gets a build like its last one, by which the provisioner learns
/// of the new owner. Workspaces with a build under way or a failed one are left alone.
#[derive(Debug, Args)]
pub(crate) struct TransferArgs {
    /// The present owner
    #[arg(value_name = "FROM")]
    from: String,
    /// The new owner
    #[arg(value_name = "TO")]
    to: String,
    /// Only these workspaces [default: all]
    #[arg(value_name = "WORKSPACE")]
    workspaces: Vec<String>,
    #[command(flatten)]
    wait: WaitArgs,
}

/// Show what removing a user takes and, with --yes, remove the user
///
/// Refused while the user owns workspaces, unless --delete-workspaces deletes them. The user is removed once
/// they are gone: with --wait by the same command, otherwise when it is run again.
#[derive(Debug, Args)]
pub(crate) struct RemoveArgs {
    #[arg(value_name = "USER")]
    user: String,
    /// Delete the user's workspaces
    #[arg(long)]
    delete_workspaces: bool,
    /// Remove the user instead of only showing what that takes
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    wait: WaitArgs,
}

/// The document of `users list`, version 1.
#[derive(Serialize)]
struct Users {
    version: FormatVersion,
    users: Vec<UserRow>,
}

/// A user with the number of workspaces.
#[derive(Serialize)]
pub(crate) struct UserRow {
    id: Uuid,
    username: String,
    email: String,
    workspaces: i64,
}

/// The document of `users remove`, version 1.
#[derive(Serialize)]
struct Removed<'a> {
    version: FormatVersion,
    user: &'a str,
    /// Whether the user is gone.
    removed: bool,
    workspaces: &'a [Life],
}

pub(crate) async fn run(context: &Context, args: UsersArgs) -> Result<ExitCode> {
    let mut session = context.store()?.open_lives(actor()).await?;
    let people = session.read_people().await?;
    let workspaces = session.read_claimed().await?;
    match args.action.unwrap_or(Action::List) {
        Action::List => {
            session.close().await;
            let row = |person: Person| UserRow {
                workspaces: count(owned(&workspaces, person.id).count()),
                id: person.id,
                username: person.username,
                email: person.email,
            };
            let users = Users {
                version: FormatVersion,
                users: people.into_iter().map(row).collect(),
            };
            context.output.report(&users, |_| {
                let rows = users.users.iter();
                let rows = rows.map(|it| {
                    (
                        it.id,
                        it.username.as_str(),
                        it.email.as_str(),
                        it.workspaces,
                    )
                });
                render::users::view(rows)
            })?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Transfer(args) => transfer(context, session, &people, &workspaces, args).await,
        Action::Remove(args) => remove(context, session, &people, &workspaces, args).await,
    }
}

fn owned(workspaces: &[ClaimedWorkspace], owner: Uuid) -> impl Iterator<Item = &ClaimedWorkspace> {
    workspaces.iter().filter(move |it| it.owner_id == owner)
}

async fn transfer(
    context: &Context,
    mut session: LifeSession,
    people: &[Person],
    workspaces: &[ClaimedWorkspace],
    args: TransferArgs,
) -> Result<ExitCode> {
    let (from, to) = (user(people, &args.from)?, user(people, &args.to)?);
    let owned: Vec<ClaimedWorkspace> = owned(workspaces, from.id).cloned().collect();
    let mut lives: Vec<Life> = Vec::new();
    for name in &args.workspaces {
        let workspace = find(&owned, name).map_err(anyhow::Error::msg)?;
        if lives.iter().all(|it| it.id != workspace.id) {
            lives.push(Life::listed(workspace));
        }
    }
    if args.workspaces.is_empty() {
        lives.extend(owned.iter().map(Life::listed));
    }
    life::transfer(&mut session, &mut lives, to).await?;
    // A build that fails is made once more by retry.
    let waited = await_builds(context, &mut session, &mut lives, Wish::Retry, args.wait).await;
    session.close().await;
    let document = Document {
        version: FormatVersion,
        dry_run: false,
        workspaces: &lives,
    };
    context.output.report_written(&document, |_| {
        render::life::view(&lives, false, "transferred")
    })?;
    waited.and_then(|()| exit_code(&lives, args.wait.patience().is_some()))
}

async fn remove(
    context: &Context,
    mut session: LifeSession,
    people: &[Person],
    workspaces: &[ClaimedWorkspace],
    args: RemoveArgs,
) -> Result<ExitCode> {
    let person = user(people, &args.user)?;
    let name = person.username.as_str();
    let mut lives: Vec<Life> = owned(workspaces, person.id).map(Life::listed).collect();
    if let Some(first) = lives.first()
        && !args.delete_workspaces
    {
        let (owner, example) = (&first.owner_name, &first.name);
        let refused = Failure::refused(&format!(
            "user {name:?} owns {}, such as {owner}/{example}",
            plural(lives.len(), "workspace")
        ));
        bail!(refused.with_hint(
            "hand them over with prebuildctl users transfer, or give --delete-workspaces"
        ));
    }
    let mut done = Ok(false);
    if args.yes {
        life::queue(&mut session, &mut lives, Wish::Delete).await?;
        done = end(context, &mut session, &mut lives, name, args.wait).await;
    }
    session.close().await;
    let document = Removed {
        version: FormatVersion,
        user: name,
        removed: *done.as_ref().unwrap_or(&false),
        workspaces: &lives,
    };
    context.output.report_written(&document, |_| {
        let name = printable(name);
        let sentence = match (args.yes, document.removed) {
            (false, _) => format!("User {name}: nothing was changed. --yes removes the user.\n"),
            (true, true) => format!("User {name} is removed.\n"),
            (true, false) => format!(
                "User {name} is not removed yet: run it again once the workspaces are gone.\n"
            ),
        };
        if lives.is_empty() {
            return View::of(sentence);
        }
        let mut view = render::life::view(&lives, !args.yes, Wish::Delete.done());
        view.lines(sentence);
        view
    })?;
    done.and_then(|_| exit_code(&lives, args.wait.patience().is_some()))
}

/// Removes a user once the workspaces are gone. Returns whether they are, and the user with them.
async fn end(
    context: &Context,
    session: &mut LifeSession,
    lives: &mut [Life],
    name: &str,
    wait: WaitArgs,
) -> Result<bool> {
    await_builds(context, session, lives, Wish::Delete, wait).await?;
    let is_gone = |it: &Life| it.outcome == LifeOutcome::Done;
    Ok(lives.iter().all(is_gone) && session.remove_user(name).await?)
}
