//! Renders what a database holds: which presets are meant, and for whom.

use anyhow::{Context as _, Result, anyhow};
use uuid::Uuid;

use super::Asked;
use crate::builds::witness::differences;
use crate::cli::{Context, owner};
use crate::model::names::{Kind, Scoped as _, ambiguous, known, suggest};
use crate::model::rendering::{Rendering, TemplateDiagnostic};
use crate::store::PoolRow;
use crate::template::Values;

/// Renders the presets that the name stands for.
pub(super) async fn render(
    context: &Context,
    name: &str,
    user: Option<&str>,
    asked: &Asked,
) -> Result<Vec<Rendering>> {
    let mut reader = context.store()?.open_reader().await?;
    let rows = reader.read_pools(name.parse().ok()).await?;
    let rows = find(name, &rows)?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.template_version_id).collect();
    let versions = reader.read_versions(&ids).await?;
    let version = versions.values().next().with_context(|| {
        format!("{name:?} has no template version with an import job to build from")
    })?;
    let owner = owner(context, &mut reader, version.organization_id, user).await?;
    let owner = owner.with_context(|| {
        let user = user.unwrap_or_default();
        format!("user {user:?} is no member of the template's organization, and can't build it")
    })?;
    let mut witnesses = Vec::new();
    if asked.is_plain() {
        let presets: Vec<Uuid> = rows
            .iter()
            .filter_map(|row| Some(row.preset.as_ref()?.0))
            .collect();
        witnesses = reader.read_witnesses(owner.id.parse()?, &presets).await?;
    }
    reader.close().await;
    let none = Values::new();
    let rendering = |row: &&PoolRow| {
        let preset = row.preset.as_ref();
        let values = preset.and_then(|(id, _)| version.presets.get(id));
        let preset_id = preset.map(|(id, _)| *id);
        let mut rendering = asked.render(version, preset_id, values.unwrap_or(&none), &owner);
        rendering.template = Some(row.template_name.clone());
        rendering.preset = preset.map(|(_, name)| name.clone());
        let witness = witnesses.iter().find(|it| Some(it.preset_id) == preset_id);
        if let Some(witness) = witness {
            let found = differences(witness, version, &owner);
            rendering
                .diagnostics
                .extend(found.into_iter().map(TemplateDiagnostic::of_build));
        }
        rendering
    };
    Ok(rows.iter().map(rendering).collect())
}

/// The preset that the name stands for, or the presets of the active version of the template; a
/// template without presets is a row as well. All rows are of one version.
fn find<'r>(name: &str, rows: &'r [PoolRow]) -> Result<Vec<&'r PoolRow>> {
    let is_preset = |row: &PoolRow| row.scope().is_named(Kind::Preset, name);
    let is_template = |row: &PoolRow| row.scope().is_named(Kind::Template, name);
    let id: Option<Uuid> = name.parse().ok();
    let in_use = rows
        .iter()
        .filter(|row| !row.template_deleted && (row.using_active_version || id.is_some()));
    let (presets, templates): (Vec<&PoolRow>, Vec<&PoolRow>) = in_use
        .filter(|row| is_preset(row) || is_template(row))
        .partition(|row| is_preset(row));
    let is_one = |rows: &[&PoolRow]| {
        rows.windows(2)
            .all(|pair| matches!(pair, [a, b] if a.template_version_id == b.template_version_id))
    };
    match (presets.as_slice(), templates.as_slice()) {
        ([], []) => {
            let names = |kind| rows.iter().filter_map(move |row| row.scope().name(kind));
            let names = names(Kind::Preset).chain(names(Kind::Template));
            let known = known(&suggest(name, names));
            Err(anyhow!(
                "{name:?} names neither a preset nor a template; {known}"
            ))
        }
        ([_], []) => Ok(presets),
        ([], _) if is_one(&templates) => Ok(templates),
        ([], _) => Err(ambiguous(Kind::Template, name, &templates).into()),
        (_, _) => {
            let mut ambiguous_name = ambiguous(Kind::Preset, name, &presets);
            let templates = templates.iter();
            ambiguous_name
                .fits
                .extend(templates.filter_map(|row| row.scope().name(Kind::Template)));
            Err(ambiguous_name.into())
        }
    }
}
