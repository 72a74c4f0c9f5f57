//! `show`: everything about one workspace.
//!
//! Reads only, on a session that can't write.

use std::collections::BTreeMap;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::builds::Stage;
use crate::builds::stored::shown_values;
use crate::cli::{Context, find_workspace};
use crate::model::workspace::Workspace;
use crate::model::{FormatVersion, PREBUILDS_USER_ID};
use crate::render;
use crate::render::workspaces::{Claimed, Shown};
use crate::store::{PastBuild, Reader};

/// Show one workspace: its state, builds, parameters and agents
///
/// Shows who claimed it and when, the directories of its agents, and the errors of builds that failed. Values
/// of sensitive variables and of parameters that forms hide are never shown.
#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// Id of the workspace, or its name; a deleted one is found, too
    #[arg(value_name = "ID|[OWNER/]NAME")]
    workspace: String,
}

pub(crate) async fn run(context: &Context, args: ShowArgs) -> Result<ExitCode> {
    let mut reader = context.store()?.open_reader().await?;
    let now = reader.now();
    let id = find_workspace(&mut reader, &args.workspace).await?;
    let Some(workspace) = reader.workspace(id).await? else {
        bail!("there is no workspace {id}");
    };
    let builds = reader.builds_of(id).await?;
    let agents = match &workspace.latest_build {
        Some(build) => reader.agents_of(build.job_id).await?,
        None => Vec::new(),
    };
    let parameters = parameters(&mut reader, &workspace).await?;
    let replacements = reader.recent_replacements(workspace.created_at).await?;
    let replaced = replacements.into_iter().find(|it| it.workspace_id == id);
    reader.close().await;
    let shown = Shown {
        version: FormatVersion,
        state: workspace.state(),
        claimed: claimed(&workspace, &builds),
        workspace,
        parameters,
        agents,
        replaced: replaced.map(|it| it.replaced),
        builds,
    };
    context
        .output
        .report(&shown, |_| render::workspaces::show(&shown, now))?;
    Ok(ExitCode::SUCCESS)
}

/// Who claimed the workspace, and when; none where nobody did or no build tells.
fn claimed(workspace: &Workspace, builds: &[PastBuild]) -> Option<Claimed> {
    let claim = builds
        .iter()
        .find(|build| build.stage == Some(Stage::Claim))?;
    (workspace.owner_id != PREBUILDS_USER_ID).then(|| Claimed {
        by: workspace.owner_name.clone(),
        at: claim.created_at,
        // Earlier releases of Coder let the prebuilds user ask.
        asked_for_by: claim
            .initiator_name
            .clone()
            .filter(|_| claim.initiator_id != PREBUILDS_USER_ID),
    })
}

/// The parameter values of the latest build as people may see them.
async fn parameters(
    reader: &mut Reader,
    workspace: &Workspace,
) -> Result<BTreeMap<String, String>> {
    let Some(build) = &workspace.latest_build else {
        return Ok(BTreeMap::new());
    };
    let values: BTreeMap<String, String> =
        reader.parameters_of(build.id).await?.into_iter().collect();
    if values.is_empty() {
        return Ok(values);
    }
    let encrypted = reader.find_encrypted(&[workspace.id]).await?;
    let encrypted = encrypted.contains(&workspace.id);
    let versions = reader.read_versions(&[build.template_version_id]).await?;
    let version = versions.get(&build.template_version_id);
    let version = version.context("the template version of the latest build has no import job")?;
    Ok(shown_values(version, &values, encrypted))
}
