//! What a template comes to for an owner and the values given.
//!
//! Invariant: a render that can't be completed says so in its diagnostics, and has then neither
//! parameters nor tags that anyone could take for results.

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, Severity};
use super::evaluate::Failure;
use super::module::Module;
use super::parameters::{self, Parameter};
use super::render::Render;
use super::secrets::Secrets;
use super::tags::{self, Tags};
use super::{Owner, Template};

/// What a template comes to.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// The parameters that exist, in the order of forms.
    pub parameters: Vec<Parameter>,
    /// The tags, or why there are none.
    pub tags: Tags,
    /// What is to be said about the template as a whole; an error means that nothing else counts.
    pub diagnostics: Vec<Diagnostic>,
}

impl Template {
    /// Renders the template for an owner, with values by the names of parameters.
    ///
    /// The result has no errors of its own kind: what is wrong stands in it.
    #[must_use]
    pub(crate) fn render(&self, owner: &Owner, values: &BTreeMap<String, String>) -> Rendered {
        let render = Render::new(self, owner, values);
        let mut rendered = Rendered::of(&render).unwrap_or_else(|failure| {
            let message = failure.to_string();
            Rendered {
                parameters: Vec::new(),
                tags: Err(Vec::new()),
                diagnostics: vec![Diagnostic::error((&failure).into(), message, None)],
            }
        });
        let mut diagnostics = self.warnings.clone();
        for warning in render.warnings.take() {
            if !diagnostics.contains(&warning) {
                diagnostics.push(warning);
            }
        }
        diagnostics.append(&mut rendered.diagnostics);
        rendered.diagnostics = diagnostics;
        rendered.hide(&self.secrets);
        rendered
    }
}

impl Rendered {
    /// Why the template as a whole can't be rendered; empty when it can.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|it| it.severity == Severity::Error)
    }

    /// Works all modules out. The diagnostics are errors only.
    fn of(render: &Render<'_>) -> Result<Self, Failure> {
        let mut diagnostics = Vec::new();
        let Some(module) = Module::root(render)? else {
            return Ok(Self {
                parameters: Vec::new(),
                tags: Ok(BTreeMap::new()),
                diagnostics,
            });
        };
        let modules = module.all();
        Ok(Self {
            parameters: parameters::read(&modules, &mut diagnostics)?,
            tags: tags::read(&modules, &mut diagnostics)?,
            diagnostics,
        })
    }

    /// Hides secrets in all messages.
    fn hide(&mut self, secrets: &Secrets) {
        let parameters = self.parameters.iter_mut();
        for misfit in parameters.flat_map(|it| &mut it.problems) {
            secrets.hide_in(&mut misfit.message);
        }
        let tags = self.tags.as_mut().err().into_iter().flatten();
        for diagnostic in self.diagnostics.iter_mut().chain(tags) {
            secrets.hide_in(&mut diagnostic.message);
        }
    }
}
