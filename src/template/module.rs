//! One module while it is worked out: what it is called with, its blocks and their values by now.
//!
//! Invariant: an expression that this renderer can't work out leaves an unknown value and a note, so
//! that whatever depends on it can be told from what coderd can't know either.

use std::sync::Arc;

use super::configuration::Configuration;
use super::evaluate::{Failure, FailureKind};
use super::instances::{Instance, Own};
use super::names::{Names, Unsupported};
use super::render::Render;
use super::scope::{BlockScope, ModuleFiles};
use super::value::Value;
use super::variables::Values;

/// The type of the data sources that are parameters.
pub(super) const PARAMETER: &str = "coder_parameter";

/// A module.
pub(super) struct Module<'r> {
    pub(super) render: &'r Render<'r>,
    pub(super) files: ModuleFiles,
    /// Its address, as in a plan; empty for the root.
    pub(super) address: String,
    /// Its key in Terraform's list of modules; empty for the root.
    pub(super) key: String,
    /// Modules above it.
    pub(super) depth: usize,
    pub(super) names: Names,
    pub(super) instances: Vec<Instance>,
    /// The values of its variables.
    pub(super) inputs: Values,
    pub(super) children: Vec<Child<'r>>,
    /// How often anything was expanded or another input came.
    pub(super) changes: u64,
    /// The names, and the changes up to then, after which another round changed nothing.
    pub(super) settled: Option<(Names, u64)>,
}

/// A module that another one calls.
pub(super) struct Child<'r> {
    pub(super) call: Instance,
    pub(super) module: Module<'r>,
    /// The inputs with which it was worked out last.
    pub(super) inputs: Option<Values>,
}

impl<'r> Module<'r> {
    /// The module before the first round.
    pub(super) fn new(
        render: &'r Render<'r>,
        configuration: &Configuration,
        folder: &str,
        inputs: Values,
    ) -> Self {
        let mut names = Names::default();
        names.set("terraform", [("workspace".into(), "default".into())]);
        let paths = [("root", "."), ("module", folder), ("cwd", "/")];
        names.set("path", paths.map(|(name, path)| (name.into(), path.into())));
        Self {
            render,
            files: ModuleFiles {
                files: render.template.files.clone(),
                folder: folder.to_owned(),
            },
            address: String::new(),
            key: String::new(),
            depth: 0,
            names,
            instances: configuration.blocks.iter().map(Instance::new).collect(),
            inputs,
            children: Vec::new(),
            changes: 0,
            settled: None,
        }
    }

    /// What the expressions of a block see.
    pub(super) fn scope<'a>(&'a self, own: &'a Own) -> BlockScope<'a> {
        BlockScope {
            names: &self.names,
            own,
            files: &self.files,
            budget: &self.render.budget,
        }
    }

    /// The blocks of a kind.
    pub(super) fn blocks<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = &'a Instance> {
        self.instances
            .iter()
            .filter(move |instance| &*instance.block.kind == kind)
    }

    /// The value of an attribute; what can't be worked out here is noted and unknown.
    pub(super) fn noted(
        &mut self,
        outcome: Result<Value, Failure>,
        name: impl FnOnce() -> Unsupported,
    ) -> Result<Value, Failure> {
        match outcome {
            Err(failure) if failure.kind == FailureKind::Unsupported => {
                self.names.note(name(), Some(failure));
                Ok(Value::unknown())
            }
            Err(failure) => Err(failure),
            Ok(value) => {
                // Rounds compare and merge values as a whole, however much of them is shared.
                self.render.budget.spend(value.weight())?;
                if self.names.has_notes() {
                    self.names.note(name(), None);
                }
                Ok(value)
            }
        }
    }

    /// The value of a block: its attributes, and an id that is unknown.
    pub(super) fn instance_value(&mut self, instance: &Instance) -> Result<Value, Failure> {
        let block = &instance.block;
        let mut attributes: Vec<(Arc<str>, Value)> = vec![("id".into(), Value::unknown())];
        let relevance = &self.render.template.relevance;
        for attribute in &block.body.attributes {
            if &*attribute.name == "for_each" || !relevance.covers_attribute(block, attribute) {
                continue;
            }
            let outcome = self.scope(&instance.own).value(attribute);
            let value = self.noted(outcome, || Unsupported::attribute(block, attribute))?;
            attributes.push((Arc::clone(&attribute.name), value));
        }
        Ok(Value::object(attributes))
    }
}
