//! `render`: the parameters and provisioner tags that a build would get.
//!
//! Reads only. A folder of Terraform files needs no database at all.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Result;
use clap::{ArgGroup, Args};
use uuid::Uuid;

use crate::builds::Version;
use crate::builds::preview::preview;
use crate::cli::{BUILD_REFUSED, Context, parameters, parse_parameter};
use crate::model::rendering::{RenderedOwner, Rendering};
use crate::model::text::printable;
use crate::render::rendering;
use crate::template::{Owner, Request, Template, Values};

mod database;
mod folder;

/// Show the parameters and provisioner tags that a build gets
///
/// Renders a preset, or all presets of a template's active version, as coderd does for a first build.
/// Changes nothing. With --dir, renders a folder of Terraform files, before it is pushed and without
/// any database: first without a preset, then with each preset that the files declare.
///
/// Exits with 0 also when a build would be refused.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("from").required(true).args(["name", "dir"])))]
pub(crate) struct RenderArgs {
    /// Preset, by id or [[ORG/]TEMPLATE/]NAME, or template, by [ORG/]NAME
    #[arg(value_name = "PRESET|TEMPLATE")]
    name: Option<String>,
    /// Render for this user, by id or name [default: the prebuilds user]
    #[arg(long = "for", value_name = "USER", conflicts_with = "dir")]
    user: Option<String>,
    /// Value that a person gives for a parameter; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    param: Vec<(String, String)>,
    /// Value of the workspace's last build, as for a claim; repeatable
    #[arg(long, value_name = "NAME=VALUE", value_parser = parse_parameter)]
    previous: Vec<(String, String)>,
    /// Render the Terraform files of this folder instead of a database's template
    #[arg(long, value_name = "PATH")]
    dir: Option<PathBuf>,
    /// Owner to render the folder for, as JSON: id, name, full_name, email, login_type, groups
    ///
    /// Keys that are missing are those of the prebuilds user.
    #[arg(long, value_name = "JSON", conflicts_with = "name", value_parser = parse_owner)]
    owner: Option<RenderedOwner>,
    /// Exit with 2 when a build would be refused
    #[arg(long)]
    detailed_exitcode: bool,
}

/// The values that are asked for.
struct Asked {
    given: Values,
    /// None: it is a first build.
    last_build: Option<Values>,
}

impl Asked {
    /// Whether nothing is asked for but what the preset and the template give.
    fn is_plain(&self) -> bool {
        self.given.is_empty() && self.last_build.is_none()
    }

    /// Renders a build with the values of a preset. The id is that of a stored one.
    fn render(
        &self,
        version: &Version,
        preset_id: Option<Uuid>,
        preset: &Values,
        owner: &Owner,
    ) -> Rendering {
        let none = Values::new();
        let request = Request {
            owner,
            is_first: self.last_build.is_none(),
            last_build: self.last_build.as_ref().unwrap_or(&none),
            given: &self.given,
            preset,
        };
        preview(version, preset_id, &request)
    }
}

pub(crate) async fn run(context: &Context, args: RenderArgs) -> Result<ExitCode> {
    let asked = Asked {
        given: parameters("--param", args.param)?,
        last_build: match args.previous.as_slice() {
            [] => None,
            _ => Some(parameters("--previous", args.previous)?),
        },
    };
    let renderings = match (args.dir, args.name) {
        (Some(dir), _) => from_folder(context, &dir, args.owner, &asked)?,
        (None, name) => {
            let name = name.unwrap_or_default();
            database::render(context, &name, args.user.as_deref(), &asked).await?
        }
    };
    let is_refused = renderings.iter().any(|it| !it.refused.is_empty());
    context
        .output
        .report(&renderings, |_| rendering::view(&renderings))?;
    Ok(if args.detailed_exitcode && is_refused {
        ExitCode::from(BUILD_REFUSED)
    } else {
        ExitCode::SUCCESS
    })
}

fn from_folder(
    context: &Context,
    folder: &Path,
    owner: Option<RenderedOwner>,
    asked: &Asked,
) -> Result<Vec<Rendering>> {
    let source = folder::read(folder)?;
    if !source.links.is_empty() {
        let links = source.links.join(", ");
        let message = format!("left out, because they are links: {}", printable(&links));
        context.output.warning(&message);
    }
    let template = Template::from_source(&source.files, &source.modules);
    let owner = Owner::from(owner.unwrap_or_default());
    let presets = match &template {
        Ok(template) if asked.is_plain() => template.presets(&owner),
        Ok(_) | Err(_) => Vec::new(),
    };
    let version = Version::of_source(template);
    let mut renderings = vec![asked.render(&version, None, &Values::new(), &owner)];
    renderings.extend(presets.into_iter().map(|preset| Rendering {
        preset: Some(preset.name),
        ..asked.render(&version, None, &preset.values, &owner)
    }));
    Ok(renderings)
}

fn parse_owner(text: &str) -> Result<RenderedOwner, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}
