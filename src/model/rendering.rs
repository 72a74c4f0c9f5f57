//! What a build would get: the render document, version 1, which is a list of these.
//!
//! Holds no value of a sensitive variable: what contains one stands here as `(sensitive)`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{FormatVersion, PREBUILDS_USER_ID, Severity};

/// What a build of a preset would get, or why there would be none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct Rendering {
    pub version: FormatVersion,
    /// Name of the template; null without a database.
    pub template: Option<String>,
    /// Name of the preset; null without one.
    pub preset: Option<String>,
    /// Whom it was rendered for.
    pub owner: RenderedOwner,
    /// Which of coderd's flows a build takes.
    pub flow: BuildFlow,
    /// The parameters that are written, by name; those known so far when the build is refused.
    pub parameters: Vec<RenderedParameter>,
    /// Tags of the job, without `scope` and `owner` where those are the usual ones.
    pub tags: BTreeMap<String, String>,
    /// Why no build would be made; empty when one would.
    pub refused: Vec<String>,
    pub diagnostics: Vec<TemplateDiagnostic>,
}

/// A workspace's owner, as templates see one. Keys that are missing when it is read are those of the
/// prebuilds user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct RenderedOwner {
    pub id: String,
    /// The username.
    pub name: String,
    /// The name for people.
    pub full_name: String,
    pub email: String,
    /// How the user logs in, such as `password` or `oidc`.
    pub login_type: String,
    /// Names of the user's groups in the template's organization, `Everyone` among them.
    pub groups: Vec<String>,
}

impl Default for RenderedOwner {
    fn default() -> Self {
        Self {
            id: PREBUILDS_USER_ID.to_string(),
            name: "prebuilds".to_owned(),
            full_name: "Prebuilds Owner".to_owned(),
            email: "prebuilds@system".to_owned(),
            login_type: "none".to_owned(),
            groups: ["Everyone", "coderprebuiltworkspaces"]
                .map(str::to_owned)
                .to_vec(),
        }
    }
}

/// Which of coderd's flows a build takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BuildFlow {
    /// The template is rendered from its source.
    Dynamic,
    /// By the rows of the version, without tags of the template's own.
    Static,
    /// By the rows of the version, its tags among them.
    Classic,
}

/// A parameter of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct RenderedParameter {
    pub name: String,
    /// Null where it is unknown or missing.
    pub value: Option<String>,
    pub source: ValueSource,
    /// `string`, `number`, `bool` or `list(string)`.
    #[serde(rename = "type")]
    pub kind: String,
    pub mutable: bool,
    pub ephemeral: bool,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ValueSource {
    /// The preset.
    Preset,
    /// The person who asks for the build.
    Given,
    /// The last build of the workspace.
    LastBuild,
    /// The template.
    Default,
}

/// Something to tell people about a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(crate) struct TemplateDiagnostic {
    pub severity: Severity,
    /// Stable identifier in snake case, for scripts.
    pub code: String,
    pub message: String,
    /// Path of the file in the template; null where it is about none.
    pub file: Option<String>,
    /// From 1; null where no line is known.
    pub line: Option<usize>,
}

impl TemplateDiagnostic {
    /// A difference from a build that was made.
    pub(crate) fn of_build(message: String) -> Self {
        Self {
            severity: Severity::Warning,
            code: "differs_from_build".to_owned(),
            message,
            file: None,
            line: None,
        }
    }
}
