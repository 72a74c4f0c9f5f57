//! Makes another version of a template its active one in facts.
//!
//! The outcome is exact: every mark that says whether something is on the active version is set anew
//! for the template, and nothing of other templates is touched. A snapshot, whose rows have been
//! counted already, doesn't hold what that takes.

use std::collections::{BTreeSet, HashSet};

use uuid::Uuid;

use crate::actions::what_if::WhatIfError;
use crate::model::Preset;
use crate::model::facts::Facts;
use crate::model::names::{self, Kind, Scope, Scoped, ambiguous, suggest};

const FLAG: &str = "--promote";

/// A version that is to become its template's active one, as it was asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Promotion {
    /// Template, `[ORGANIZATION/]NAME`.
    pub template: String,
    /// Name or id of the version.
    pub version: String,
}

/// A version of a template that is not deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct TemplateVersion {
    pub id: Uuid,
    pub name: String,
    pub template_id: Uuid,
    pub template_name: String,
    pub organization_name: String,
    pub is_active: bool,
}

impl Scoped for TemplateVersion {
    fn scope(&self) -> Scope<'_> {
        Scope {
            organization: &self.organization_name,
            template: &self.template_name,
            preset: None,
        }
    }
}

impl TemplateVersion {
    /// `ORGANIZATION/NAME` of its template.
    pub(crate) fn template(&self) -> String {
        format!("{}/{}", self.organization_name, self.template_name)
    }
}

/// The versions that presets belong to, without those of deleted templates.
pub(crate) fn versions_of(presets: &[Preset]) -> Vec<TemplateVersion> {
    let mut seen = HashSet::new();
    presets
        .iter()
        .filter(|preset| !preset.deleted && seen.insert(preset.template_version_id))
        .map(|preset| TemplateVersion {
            id: preset.template_version_id,
            name: preset.template_version_name.clone(),
            template_id: preset.template_id,
            template_name: preset.template_name.clone(),
            organization_name: preset.organization_name.clone(),
            is_active: preset.using_active_version,
        })
        .collect()
}

/// Finds the versions that promotions mean: those that become active, and those that are.
pub(super) fn resolve(
    promotions: &[Promotion],
    versions: &[TemplateVersion],
) -> Result<(Vec<TemplateVersion>, Vec<TemplateVersion>), WhatIfError> {
    let (mut promoted, mut active) = (Vec::new(), Vec::new());
    let mut templates = BTreeSet::new();
    for promotion in promotions {
        let found = find(promotion, versions)?;
        if !templates.insert(found.template_id) {
            let name = found.template();
            return Err(WhatIfError::Twice { name });
        }
        if found.is_active {
            active.push(found.clone());
        } else {
            promoted.push(found.clone());
        }
    }
    Ok((promoted, active))
}

/// The version that a promotion means.
pub(crate) fn find<'a>(
    Promotion { template, version }: &Promotion,
    versions: &'a [TemplateVersion],
) -> Result<&'a TemplateVersion, WhatIfError> {
    let of_template = versions_of_template(template, versions)?;
    let names = of_template.iter().map(|it| it.name.clone());
    let found = of_template
        .iter()
        .find(|it| it.name == *version || it.id.to_string() == *version);
    found.copied().ok_or_else(|| WhatIfError::UnknownVersion {
        template: template.clone(),
        version: version.clone(),
        suggestions: suggest(version, names),
    })
}

/// That a promotion changes nothing.
pub(super) fn warning(active: &TemplateVersion) -> String {
    format!(
        "{FLAG} changes nothing for {:?}: version {:?} is the active one already",
        active.template(),
        active.name
    )
}

/// All versions of the one template that the name stands for.
fn versions_of_template<'a>(
    name: &str,
    versions: &'a [TemplateVersion],
) -> Result<Vec<&'a TemplateVersion>, WhatIfError> {
    let found = names::find(Kind::Template, name, versions)?;
    if found
        .windows(2)
        .all(|pair| pair[0].template_id == pair[1].template_id)
    {
        Ok(found)
    } else {
        Err(ambiguous(Kind::Template, name, &found).into())
    }
}

/// Makes the version active in facts. `versions` holds all those of its template.
pub(super) fn in_facts(facts: &mut Facts, version: &TemplateVersion, versions: &[TemplateVersion]) {
    let (template_id, version_id) = (version.template_id, version.id);
    let of_template: HashSet<Uuid> = versions
        .iter()
        .filter(|version| version.template_id == template_id)
        .map(|version| version.id)
        .collect();
    for preset in &mut facts.presets {
        if preset.template_id == template_id {
            preset.using_active_version = preset.template_version_id == version_id;
        }
    }
    for prebuild in &mut facts.prebuilds {
        if let Some(build) = &mut prebuild.latest_build
            && of_template.contains(&build.template_version_id)
        {
            build.on_active_version = build.template_version_id == version_id;
        }
    }
    for build in &mut facts.unfinished {
        let on_version = build.template_version_id == version_id;
        if build.template_id == Some(template_id) {
            build.on_active_version = on_version;
        }
        if build.workspace_template_id == template_id {
            build.on_active_version_of_workspace = on_version;
        }
    }
}
