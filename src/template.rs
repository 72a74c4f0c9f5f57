//! Renders templates with dynamic parameters: which parameters a build has for an owner, with which
//! values, and which provisioner tags its job gets. The results are coderd's.
//!
//! coderd evaluates a template's own Terraform configuration for each build. The rooms below do the
//! same, from the archive inwards: `archive` and `configuration` read what is stored, `plan` and
//! `variables` what came to it at import; `modules`, `rounds` and `expansion` work the blocks of each
//! `module` out, `evaluate`, `functions` and `value` their expressions; `parameters`, `rules` and
//! `tags` read the outcome, `rendered` puts it together, and `resolve` makes a build of it.
//!
//! Invariant: pure. The same template, owner and values give the same result; nothing is read from
//! anywhere, and strangers' code takes bounded time and memory. Where only coderd can tell, the
//! result says so ([`Reason::Unsupported`]) instead of guessing.

mod archive;
mod configuration;
mod diagnostic;
mod evaluate;
mod expansion;
mod functions;
mod instances;
mod module;
mod modules;
mod names;
mod parameters;
mod plan;
mod presets;
mod relevance;
mod render;
mod rendered;
mod resolve;
mod rounds;
mod rules;
mod scope;
mod secrets;
pub(crate) mod syntax;
mod tags;
#[cfg(test)]
mod tests;
mod value;
mod variables;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use uuid::Uuid;

pub(crate) use archive::{ArchiveError, Folder, MAX_BYTES, MAX_FILES, check_link};
pub(crate) use diagnostic::{Diagnostic, Reason, Severity};
pub(crate) use evaluate::{Budget, Failure, FailureKind, Library, Scope, Step, evaluate};
pub(crate) use functions::regular_expression;
pub(crate) use parameters::Parameter;
pub(crate) use resolve::{Build, Refusal, Request, Resolved, Source, Values, resolve_definitions};
pub(crate) use rules::{
    BOOL, Choice, DECREASING, Definition, INCREASING, LIST, MULTI_SELECT, Misfit, NUMBER, STRING,
    form_type,
};
pub(crate) use secrets::{HIDDEN, Secrets};
pub(crate) use value::{Type, Value};
pub(crate) use variables::Variable;

use configuration::{Block, Configuration};
use modules::Manifest;
use plan::Plan;
use relevance::Relevance;

/// A template, read once for many renders. Cheap to share between threads.
#[derive(Debug)]
pub(crate) struct Template {
    /// The files, where an expression may read them.
    files: Folder,
    /// The configurations of the root (`.`) and of the stored modules, by their folders.
    configurations: BTreeMap<String, Configuration>,
    manifest: Manifest,
    plan: Plan,
    variables: variables::Values,
    relevance: Relevance,
    secrets: Secrets,
    warnings: Vec<Diagnostic>,
}

/// What is stored of a template version besides its archive.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Import<'a> {
    /// The modules of the import, a tar or zip archive (`cached_module_files`).
    pub modules: Option<&'a [u8]>,
    /// The plan of the import as JSON (`cached_plan`).
    pub plan: Option<&'a str>,
    /// The values of its variables (`template_version_variables`).
    pub variables: &'a [Variable],
}

/// For whom a template is rendered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
pub(crate) struct Owner {
    /// The user's id.
    pub id: String,
    /// The username.
    pub name: String,
    /// The name for people.
    pub full_name: String,
    /// The email address.
    pub email: String,
    /// How the user logs in: `none`, `password`, `github`, `oidc`, ...
    pub login_type: String,
    /// The public key that coderd made for the user; empty: none.
    pub ssh_public_key: String,
    /// Names of the user's groups in the version's organization, `Everyone` among them.
    pub groups: Vec<String>,
    /// The user's roles.
    pub rbac_roles: Vec<Role>,
}

/// A role of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
pub(crate) struct Role {
    /// The role's name.
    pub name: String,
    /// The organization in which it holds; empty: in all.
    pub organization_id: String,
}

impl Owner {
    /// The same as a member of the organization and of these groups there.
    pub(crate) fn joined(mut self, organization_id: Uuid, groups: &[&str]) -> Self {
        for group in groups {
            if self.groups.iter().all(|it| it != group) {
                self.groups.push((*group).to_owned());
            }
        }
        let role = Role {
            name: "organization-member".to_owned(),
            organization_id: organization_id.to_string(),
        };
        if !self.rbac_roles.contains(&role) {
            self.rbac_roles.push(role);
        }
        self
    }

    /// The same with its groups and roles in the order of their names: the database has none.
    pub(crate) fn sorted(mut self) -> Self {
        self.groups.sort();
        self.rbac_roles.sort();
        self
    }
}

impl Template {
    /// Reads a template from its archive, tar or zip.
    ///
    /// # Errors
    ///
    /// What can't be read, at least one error.
    pub(crate) fn parse(archive: &[u8], import: Import<'_>) -> Result<Self, Vec<Diagnostic>> {
        let files = Folder::unpack(archive).map_err(|error| unreadable("template", &error))?;
        Self::from_folder(&files, import)
    }

    /// Reads a template from its files.
    ///
    /// # Errors
    ///
    /// What can't be read, at least one error.
    pub(crate) fn from_folder(files: &Folder, import: Import<'_>) -> Result<Self, Vec<Diagnostic>> {
        let modules = match import.modules {
            Some(archive) => {
                Folder::unpack(archive).map_err(|error| unreadable("modules", &error))?
            }
            None => Folder::default(),
        };
        Self::read(files, &modules, import, &[])
    }

    /// Reads a template from the files of its folder and the modules that Terraform has put below
    /// it, to be asked for its presets too.
    ///
    /// # Errors
    ///
    /// What can't be read, at least one error.
    pub(crate) fn from_source(files: &Folder, modules: &Folder) -> Result<Self, Vec<Diagnostic>> {
        Self::read(files, modules, Import::default(), &[presets::PRESET])
    }

    fn read(
        files: &Folder,
        modules: &Folder,
        import: Import<'_>,
        wanted: &'static [&'static str],
    ) -> Result<Self, Vec<Diagnostic>> {
        let files = files.overlaid(modules::FOLDER, modules);
        let manifest = Manifest::read(&files);
        let plan = Plan::read(import.plan.unwrap_or_default()).map_err(|problem| {
            let message = format!("the plan of the import can't be read: {problem}");
            vec![Diagnostic::error(Reason::Template, message, None)]
        })?;
        let mut warnings = Vec::new();
        let configurations = read_configurations(&files, &manifest, &mut warnings)?;
        let variables = variables::values(&files, import.variables)?;
        let relevance = Relevance::of(configurations.values(), wanted);
        let secrets = secrets::find(import.variables, &variables, configurations.values());
        // Many templates are kept at a time, and few of them read files.
        let files = if relevance.reads_files {
            files
        } else {
            Folder::default()
        };
        Ok(Self {
            files,
            configurations,
            manifest,
            plan,
            variables,
            relevance,
            secrets,
            warnings,
        })
    }

    /// What nothing may show.
    pub(crate) fn secrets(&self) -> &Secrets {
        &self.secrets
    }

    /// Whether a render has to look at a block.
    fn matters(&self, block: &Block) -> bool {
        self.relevance.covers(block)
    }
}

fn unreadable(what: &str, error: &ArchiveError) -> Vec<Diagnostic> {
    let message = format!("the {what} of the version can't be read: {error}");
    vec![Diagnostic::error(Reason::Unsupported, message, None)]
}

/// Reads the root and the stored modules; with override files merged, unless one can't be.
fn read_configurations(
    files: &Folder,
    manifest: &Manifest,
    warnings: &mut Vec<Diagnostic>,
) -> Result<BTreeMap<String, Configuration>, Vec<Diagnostic>> {
    let read = |merging| {
        let mut room = configuration::MAX_BYTES;
        let folders: BTreeSet<&str> = manifest
            .folders
            .values()
            .map(String::as_str)
            .chain(["."])
            .collect();
        let mut configurations = BTreeMap::new();
        for folder in folders {
            configurations.insert(
                folder.to_owned(),
                Configuration::read(files, folder, merging, &mut room)?,
            );
        }
        Ok::<_, Vec<Diagnostic>>(configurations)
    };
    let mut configurations = read(true)?;
    if configurations
        .values()
        .any(|configuration| configuration.unmerged)
    {
        let message = "an override file has a block that overrides none, so that none are merged";
        warnings.push(Diagnostic::warning(message, None));
        configurations = read(false)?;
    }
    configurations.retain(|folder, it| folder == "." || !it.blocks.is_empty());
    Ok(configurations)
}
