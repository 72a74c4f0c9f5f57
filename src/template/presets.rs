//! The presets that a template declares, as far as its source settles them.
//!
//! Invariant: a preset that is listed has a known name and known values. What depends on more than
//! the source is left out.

use super::instances::Instance;
use super::module::Module;
use super::render::Render;
use super::resolve::Values;
use super::value::{Type, Value, convert};
use super::{Owner, Template};

/// The type of the data sources that are presets.
pub(super) const PRESET: &str = "coder_workspace_preset";

/// A preset as its template declares it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Preset {
    pub name: String,
    /// Values by the names of parameters.
    pub values: Values,
}

impl Template {
    /// The presets of the root module of a template that was read by [`Template::from_source`], for
    /// an owner without values; none where it can't be rendered.
    pub(crate) fn presets(&self, owner: &Owner) -> Vec<Preset> {
        let values = Values::new();
        let render = Render::new(self, owner, &values);
        let Ok(Some(module)) = Module::root(&render) else {
            return Vec::new();
        };
        let presets = module
            .blocks("data")
            .filter(|it| it.block.is_data(PRESET))
            .filter_map(|instance| preset(&module, instance));
        let shown = presets.map(|preset| Preset {
            name: self.secrets.hide_value(preset.name),
            ..preset
        });
        shown.collect()
    }
}

fn preset(module: &Module<'_>, instance: &Instance) -> Option<Preset> {
    let body = &instance.block.body;
    let is_expanded = instance.key.is_some();
    if !is_expanded && (body.attribute("count").is_some() || body.attribute("for_each").is_some()) {
        return None;
    }
    let scope = module.scope(&instance.own);
    let name = text(&scope.value(body.attribute("name")?).ok()?)?;
    let values = match body.attribute("parameters") {
        None => Values::new(),
        Some(parameters) => match scope.value(parameters).ok()? {
            Value::Object(entries) | Value::Map(_, entries) => entries
                .iter()
                .map(|(name, value)| Some((name.to_string(), text(value)?)))
                .collect::<Option<Values>>()?,
            _ => return None,
        },
    };
    Some(Preset { name, values })
}

fn text(value: &Value) -> Option<String> {
    match convert(value, &Type::String) {
        Ok(Value::String(text)) => Some((*text).to_owned()),
        _ => None,
    }
}
