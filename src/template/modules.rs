//! A module with the modules that it calls: each runs in turn until nothing changes.
//!
//! Terraform's list of modules (`.terraform/modules/modules.json`, from the import's archive of
//! modules) says where their files lie. What isn't in it doesn't exist for coderd's renderer: remote
//! modules without that archive, and modules in folders of the template itself.
//!
//! Invariant: modules are nested at most [`MAX_DEPTH`] deep.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::Deserialize;

use super::archive::{Folder, clean};
use super::diagnostic::Diagnostic;
use super::evaluate::{Failure, FailureKind};
use super::instances::{Instance, Key, Own, among_instances};
use super::module::{Child, Module};
use super::render::Render;
use super::rounds::ROUNDS;
use super::value::Value;
use super::variables::Values;

/// Where the archive of modules lies in the template.
pub(super) const FOLDER: &str = ".terraform/modules";

/// Levels of modules.
const MAX_DEPTH: usize = 20;

/// Terraform's list of modules: folders by the keys of modules.
#[derive(Debug, Default)]
pub(super) struct Manifest {
    pub(super) folders: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(rename = "Modules", default)]
    modules: Vec<Entry>,
}

#[derive(Deserialize)]
struct Entry {
    #[serde(rename = "Key", default)]
    key: String,
    #[serde(rename = "Dir", default)]
    folder: String,
}

impl Manifest {
    /// Reads the list of a template; none is an empty one.
    pub(super) fn read(files: &Folder) -> Self {
        let bytes = files.get(&format!("{FOLDER}/modules.json"));
        let document = bytes.and_then(|bytes| serde_json::from_slice::<Document>(bytes).ok());
        let mut manifest = Self::default();
        for entry in document.map_or_else(Vec::new, |document| document.modules) {
            if let Some(folder) = clean(&entry.folder) {
                manifest.folders.entry(entry.key).or_insert(folder);
            }
        }
        manifest
    }
}

impl<'r> Module<'r> {
    /// The root module of a render, worked out; none where the template is empty.
    ///
    /// # Errors
    ///
    /// A bound is exceeded, or a number of instances can't be worked out here.
    pub(super) fn root(render: &'r Render<'r>) -> Result<Option<Self>, Failure> {
        let template = render.template;
        let Some(root) = template.configurations.get(".") else {
            return Ok(None);
        };
        let mut module = Self::new(render, root, ".", template.variables.clone());
        module.run()?;
        Ok(Some(module))
    }

    /// Works the module out, and those below it.
    ///
    /// # Errors
    ///
    /// A bound is exceeded, or a number of instances can't be worked out here.
    pub(super) fn run(&mut self) -> Result<(), Failure> {
        self.rounds()?;
        self.expand()?;
        self.expand()?;
        let locals = self.locals()?;
        self.names.replace("local", locals);
        self.expand_for_each()?;
        self.run_children()?;
        self.rounds()
    }

    /// Works out the modules that this one calls, until their inputs don't change.
    pub(super) fn run_children(&mut self) -> Result<(), Failure> {
        let mut children = self.load_children()?;
        if !children.is_empty() {
            for _ in 0..ROUNDS {
                let mut is_changed = false;
                for child in &mut children {
                    // Once one has changed, coderd's renderer leaves the others to the next turn.
                    is_changed = is_changed || self.run_child(child)?;
                }
                if !is_changed {
                    break;
                }
            }
            self.rounds()?;
        }
        self.children = children;
        Ok(())
    }

    fn load_children(&self) -> Result<Vec<Child<'r>>, Failure> {
        let mut children = Vec::new();
        for call in self.blocks("module") {
            let block = &call.block;
            let Some(source) = block.body.attribute("source") else {
                continue;
            };
            let source = match self.scope(&call.own).value(source) {
                Err(failure) if failure.kind != FailureKind::Unsupported => return Err(failure),
                source => source,
            };
            if !matches!(source, Ok(Value::String(_))) {
                continue;
            }
            let key = joined(&self.key, ".", block.name());
            let template = self.render.template;
            let folder = template.manifest.folders.get(&key);
            let known = folder.and_then(|it| Some((it, template.configurations.get(it)?)));
            let Some((folder, configuration)) = known else {
                self.render.warn(Diagnostic::warning(
                    format!(
                        "the module {:?} is not among the modules stored at import, so that its \
                         parameters and outputs don't exist",
                        block.name()
                    ),
                    block.location.place(),
                ));
                continue;
            };
            if self.depth >= MAX_DEPTH {
                return Err(Failure::bound("modules are nested too deep"));
            }
            let mut module = Module::new(self.render, configuration, folder, Values::new());
            module.address = joined(
                &self.address,
                ".",
                &format!("module.{}{}", block.name(), index(call)),
            );
            module.key = key;
            module.depth = self.depth + 1;
            children.push(Child {
                call: call.clone(),
                module,
                inputs: None,
            });
        }
        Ok(children)
    }

    /// Works a module out, if its inputs changed; whether they did.
    fn run_child(&mut self, child: &mut Child<'r>) -> Result<bool, Failure> {
        let inputs = self.inputs_of(&child.call)?;
        if child.inputs.as_ref() == Some(&inputs) {
            return Ok(false);
        }
        child.module.inputs = inputs;
        child.module.changes += 1;
        child.module.run()?;
        let name: Arc<str> = child.call.block.name().into();
        let outputs = child.module.outputs()?;
        let known = self.names.get("module", &name);
        let value = among_instances(child.call.key.as_ref(), known, outputs);
        self.names.set("module", [(name, value)]);
        // Outputs may feed back into inputs: what they were before the next rounds counts.
        child.inputs = Some(self.inputs_of(&child.call)?);
        self.rounds()?;
        Ok(true)
    }

    fn inputs_of(&mut self, call: &Instance) -> Result<Values, Failure> {
        Ok(match self.instance_value(call)? {
            Value::Object(inputs) => inputs
                .iter()
                .map(|(name, value)| (Arc::clone(name), value.clone()))
                .collect(),
            _ => Values::new(),
        })
    }

    fn outputs(&self) -> Result<Value, Failure> {
        let mut outputs = BTreeMap::new();
        for output in self.blocks("output") {
            if let Some(value) = output.block.body.attribute("value") {
                let value = self.scope(&Own::new()).value(value)?;
                self.render.budget.spend(value.weight())?;
                outputs.insert(Arc::<str>::from(output.block.name()), value);
            }
        }
        Ok(Value::object(outputs))
    }

    /// This module and all below it, in the order in which coderd's renderer lists them.
    pub(super) fn all(&self) -> Vec<&Self> {
        let below = self.children.iter().flat_map(|child| child.module.all());
        std::iter::once(self).chain(below).collect()
    }
}

fn joined(above: &str, separator: &str, name: &str) -> String {
    if above.is_empty() {
        name.to_owned()
    } else {
        format!("{above}{separator}{name}")
    }
}

fn index(call: &Instance) -> String {
    match &call.key {
        None => String::new(),
        Some(Key::Index(index)) => format!("[{index}]"),
        Some(Key::Name(name)) => format!("[{name:?}]"),
    }
}
