//! `list`: workspaces, whoever owns them.
//!
//! Reads only, on a session that can't write.

use std::collections::BTreeSet;
use std::process::ExitCode;

use anyhow::{Result, bail};
use chrono::TimeDelta;
use clap::builder::PossibleValue;
use clap::{Args, ValueEnum};
use serde::Serialize;
use uuid::Uuid;

use crate::cli::{Context, FilterArgs, parse_delta};
use crate::model::names::{Scope, Scoped as _, Selection};
use crate::model::workspace::{VersionFilter, Workspace, WorkspaceFilter, WorkspaceState};
use crate::model::{FormatVersion, PREBUILDS_USER_ID};
use crate::render;
use crate::store::{OwnerLookup, Reader};

/// List workspaces, claimed or not, with their state
///
/// Lists all that exist, or those of pools, templates, organizations or an owner. Names of presets are those
/// of active versions, and workspaces of other versions of the same name are listed as well. With -o name
/// prints OWNER/NAME, as show, logs and other commands take it.
#[derive(Debug, Args)]
pub(crate) struct ListArgs {
    /// Only workspaces of this user, by id or name
    #[arg(long, value_name = "USER")]
    owner: Option<String>,
    /// Only workspaces in this state; repeatable
    #[arg(long, value_enum, value_name = "STATE")]
    state: Vec<WorkspaceState>,
    /// Only workspaces of pools, which nobody has claimed
    #[arg(long, conflicts_with_all = ["claimed", "owner"])]
    unclaimed: bool,
    /// Only workspaces that came from a pool and were claimed
    #[arg(long)]
    claimed: bool,
    /// Only workspaces created longer ago, such as 2h or 7d
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    older_than: Option<TimeDelta>,
    /// Only workspaces created since, such as 2h or 7d ago
    #[arg(long, value_name = "DURATION", value_parser = parse_delta)]
    younger_than: Option<TimeDelta>,
    /// Only workspaces whose latest build is on this template version: active, inactive or a name
    #[arg(long, value_name = "VERSION", value_parser = parse_version)]
    on_version: Option<VersionFilter>,
    #[command(flatten)]
    filter: FilterArgs,
}

impl ValueEnum for WorkspaceState {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::OF_LIVE
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.label()))
    }
}

/// What `list --format json` writes, version 1.
#[derive(Serialize)]
struct Document {
    version: FormatVersion,
    workspaces: Vec<Listed>,
}

/// A workspace with what follows from its rows.
#[derive(Serialize)]
struct Listed {
    state: WorkspaceState,
    #[serde(flatten)]
    workspace: Workspace,
}

pub(crate) async fn run(context: &Context, args: ListArgs) -> Result<ExitCode> {
    let mut reader = context.store()?.open_reader().await?;
    let now = reader.now();
    let selection = args.filter.selection();
    let mut workspaces = read(&mut reader, &args, &selection).await?;
    reader.close().await;
    let filter = WorkspaceFilter {
        states: args.state,
        only_prebuilt: args.unclaimed,
        only_claimed: args.claimed,
        older_than: args.older_than,
        younger_than: args.younger_than,
        version: args.on_version,
    };
    workspaces.retain(|it| filter.admits(it, PREBUILDS_USER_ID, now));
    let listed = workspaces.into_iter().map(|workspace| Listed {
        state: workspace.state(),
        workspace,
    });
    let document = Document {
        version: FormatVersion,
        workspaces: listed.collect(),
    };
    context.output.report(&document, |_| {
        render::workspaces::list(document.workspaces.iter().map(|it| &it.workspace), now)
    })?;
    Ok(ExitCode::SUCCESS)
}

/// The workspaces of the owner and of the names that are asked for.
async fn read(
    reader: &mut Reader,
    args: &ListArgs,
    selection: &Selection,
) -> Result<Vec<Workspace>> {
    let templates = reader.template_scopes().await?;
    let mut workspaces = match (&args.owner, args.unclaimed) {
        (None, false) => {
            let chosen = templates.iter().filter(|it| {
                // A preset may be one of an older version.
                let Scope {
                    organization,
                    template,
                    ..
                } = it.scope();
                let scope = Scope {
                    organization,
                    template,
                    preset: None,
                };
                selection.without_presets().admits(&scope)
            });
            let chosen: BTreeSet<Uuid> = chosen.map(|it| it.template_id).collect();
            let chosen: Vec<Uuid> = chosen.into_iter().collect();
            reader.workspaces_of_templates(&chosen).await?
        }
        (None, true) => reader.workspaces_of_owner(PREBUILDS_USER_ID).await?,
        (Some(user), _) => {
            let owner = find_user(reader, user).await?;
            reader.workspaces_of_owner(owner).await?
        }
    };
    // A name that only workspaces of older versions have is known as well.
    let scopes = templates.iter().map(|it| it.scope());
    let scopes: Vec<Scope<'_>> = scopes
        .chain(workspaces.iter().map(|it| it.scope()))
        .collect();
    selection.check(&scopes)?;
    workspaces.retain(|it| selection.admits(&it.scope()));
    Ok(workspaces)
}

/// The id of a user, deleted or not.
async fn find_user(reader: &mut Reader, user: &str) -> Result<Uuid> {
    let lookup = OwnerLookup {
        user,
        name: "",
        organization_id: Uuid::nil(),
    };
    let found = reader.look_up(&[lookup]).await?;
    match found.first().and_then(|it| it.user.as_ref()) {
        Some((id, ..)) => Ok(*id),
        None => bail!("there is no user {user:?}"),
    }
}

fn parse_version(text: &str) -> Result<VersionFilter, String> {
    Ok(match text {
        "" => return Err("give active, inactive or the name of a version".to_owned()),
        "active" => VersionFilter::Active,
        "inactive" => VersionFilter::Inactive,
        name => VersionFilter::Named(name.to_owned()),
    })
}
