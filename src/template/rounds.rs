//! The blocks of one module, worked out in rounds until nothing changes.
//!
//! coderd's renderer doesn't follow references. It goes through all blocks again and again, each time
//! with the values of the time before, and expands `count` and `for_each` as soon as their values are
//! known. What an expression like `try` makes of a name that has no value yet may thus decide how many
//! instances there are. The outcome is coderd's, so that the rounds are gone through here as well.
//!
//! Invariant: a module takes at most [`ROUNDS`] rounds at a time, and all work is paid from the
//! render's budget.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::configuration::{Attribute, Block};
use super::evaluate::{Failure, FailureKind, evaluate};
use super::instances::{Gathered, Instance, Key, Own, instance_of, with_attribute};
use super::module::{Module, PARAMETER};
use super::names::{Unsupported, merged};
use super::plan::Source;
use super::value::{Constraint, Value};
use super::variables::Values;

/// The rounds after which coderd's renderer takes the values as they are.
pub(super) const ROUNDS: usize = 32;

/// Values of blocks by type and name.
type BlockValues = BTreeMap<(Arc<str>, Arc<str>), Value>;

impl Module<'_> {
    /// Goes through the blocks until nothing changes.
    pub(super) fn rounds(&mut self) -> Result<(), Failure> {
        for _ in 0..ROUNDS {
            // What a round makes follows from the state before it and nothing else.
            let before = (self.names.clone(), self.changes);
            if self.settled.as_ref() == Some(&before) {
                break;
            }
            self.round()?;
            self.expand()?;
            let is_same = self.names == before.0 && self.changes == before.1;
            self.settled = is_same.then_some(before);
        }
        Ok(())
    }

    fn round(&mut self) -> Result<(), Failure> {
        let variables = self.variables()?;
        self.names.set("var", variables);
        let locals = self.locals()?;
        self.names.set("local", locals);
        for ((kind, name), value) in self.block_values("resource")? {
            self.names.set(&kind, [(name, value)]);
        }
        for ((kind, label), value) in self.block_values("data")? {
            self.names.set_data(&kind, &label, value);
        }
        let modules = self.block_values("module")?;
        self.names.set(
            "module",
            modules.into_iter().map(|((_, name), value)| (name, value)),
        );
        self.add_plan()?;
        self.add_owner();
        self.add_parameter_values()
    }

    fn variables(&mut self) -> Result<Values, Failure> {
        let (mut values, own) = (Values::new(), Own::new());
        for block in self.blocks_of("variable") {
            let name: Arc<str> = block.name().into();
            let outcome = match self.inputs.get(&name) {
                Some(value) => Ok(value.clone()),
                None => match block.body.attribute("default") {
                    Some(default) => self.scope(&own).nullable(default),
                    None => continue,
                },
            };
            let outcome = outcome.and_then(|value| match block.body.attribute("type") {
                Some(constraint) => {
                    let expression = constraint.as_native()?;
                    Constraint::parse(&expression)?.apply(&value)
                }
                None => Ok(value),
            });
            // A variable whose value doesn't fit has none.
            if matches!(&outcome, Err(failure) if failure.kind == FailureKind::Refused) {
                continue;
            }
            let value = self.noted(outcome, || Unsupported::named("var", &name))?;
            values.insert(name, value);
        }
        Ok(values)
    }

    pub(super) fn locals(&mut self) -> Result<Values, Failure> {
        let mut values = Values::new();
        for block in self.blocks_of("locals") {
            for attribute in &block.body.attributes {
                let outcome = self.scope(&Own::new()).value(attribute);
                let value = self.noted(outcome, || Unsupported::named("local", &attribute.name))?;
                values.insert(Arc::clone(&attribute.name), value);
            }
        }
        Ok(values)
    }

    fn blocks_of(&self, kind: &str) -> Vec<Arc<Block>> {
        self.blocks(kind)
            .map(|instance| Arc::clone(&instance.block))
            .collect()
    }

    /// The values of all blocks of a kind by type and name; instances together in one value.
    fn block_values(&mut self, kind: &str) -> Result<BlockValues, Failure> {
        let mut values: BTreeMap<_, Gathered> = BTreeMap::new();
        let instances = std::mem::take(&mut self.instances);
        let mut outcome = Ok(());
        for instance in instances
            .iter()
            .filter(|instance| &*instance.block.kind == kind)
        {
            let labels = &instance.block.labels;
            let wanted = if kind == "module" { 1 } else { 2 };
            let (Some(first), Some(last)) = (labels.first(), labels.last()) else {
                continue;
            };
            // Instances of modules keep their outputs; nothing is laid over them.
            let is_instance_of_module = kind == "module" && instance.key.is_some();
            let is_relevant = self.render.template.matters(&instance.block);
            if labels.len() < wanted || is_instance_of_module || !is_relevant {
                continue;
            }
            let name = (Arc::clone(first), Arc::clone(last));
            match self.instance_value(instance) {
                Ok(value) => {
                    values
                        .entry(name)
                        .or_default()
                        .add(instance.key.as_ref(), value);
                }
                Err(failure) => outcome = Err(failure),
            }
        }
        self.instances = instances;
        outcome?;
        Ok(values
            .into_iter()
            .map(|(name, value)| (name, value.into_value()))
            .collect())
    }

    /// What data sources of other providers came to at import.
    fn add_plan(&mut self) -> Result<(), Failure> {
        let template = self.render.template;
        let sources = template.plan.sources(&self.address);
        let of_one_block = |a: &Source, b: &Source| a.kind == b.kind && a.label == b.label;
        for sources in sources.chunk_by(of_one_block) {
            self.add_sources_of(sources)?;
        }
        Ok(())
    }

    /// Adds the values of the instances of one data source, all of them at once.
    fn add_sources_of(&mut self, sources: &[Source]) -> Result<(), Failure> {
        let Some(first) = sources.first() else {
            return Ok(());
        };
        let Some(known) = self.names.data(&first.kind, &first.label) else {
            return Ok(());
        };
        let mut values = Vec::new();
        for source in sources {
            let value = match (&source.key, known) {
                (None, known) => merged(known, &source.value),
                (Some(key @ Key::Index(_)), Value::Tuple(_)) => {
                    match instance_of(Some(key), Some(known)) {
                        Some(element) => merged(element, &source.value),
                        None => source.value.clone(),
                    }
                }
                (Some(Key::Name(_)), Value::Object(_)) => source.value.clone(),
                _ => continue,
            };
            values.push((source.key.as_ref(), value));
        }
        if values.is_empty() {
            return Ok(());
        }
        // There are values up to the last index, whatever instances the plan has.
        let index = |source: &Source| match source.key {
            Some(Key::Index(index)) => index as u64,
            _ => 0,
        };
        let last = sources.iter().map(index).max();
        self.render.budget.spend(last.unwrap_or(0))?;
        let mut gathered = Gathered::from_value(Some(known));
        for (key, value) in values {
            gathered.add(key, value);
        }
        self.names
            .set_data(&first.kind, &first.label, gathered.into_value());
        Ok(())
    }

    /// The facts of the owner, where the template asks for them under the label `me`.
    fn add_owner(&mut self) {
        const KIND: &str = "coder_workspace_owner";
        let me =
            |instance: &Instance| instance.block.is_data(KIND) && instance.block.name() == "me";
        if self.instances.iter().any(me) {
            self.names
                .set_data(KIND, &"me".into(), self.render.owner.clone());
        }
    }

    /// The values of parameters: those given, which are text, else the defaults as they are.
    fn add_parameter_values(&mut self) -> Result<(), Failure> {
        let instances = std::mem::take(&mut self.instances);
        let is_parameter = |instance: &&Instance| instance.block.is_data(PARAMETER);
        let parameters: Vec<&Instance> = instances.iter().filter(is_parameter).collect();
        let mut of_one_block = parameters.chunk_by(|a, b| Arc::ptr_eq(&a.block, &b.block));
        let outcome = of_one_block.try_for_each(|block| self.add_values_of(block));
        self.instances = instances;
        outcome
    }

    /// Adds the values of the instances of one parameter.
    fn add_values_of(&mut self, instances: &[&Instance]) -> Result<(), Failure> {
        let mut values = Vec::new();
        for instance in instances {
            if let Some(value) = self.parameter_value(instance)? {
                values.push((instance.key.as_ref(), value));
            }
        }
        let Some(first) = instances.first().filter(|_| !values.is_empty()) else {
            return Ok(());
        };
        let label: Arc<str> = first.block.name().into();
        let known = self.names.data(PARAMETER, &label);
        let mut gathered = Gathered::from_value(known);
        for (key, value) in values {
            let own = with_attribute(instance_of(key, known), &"value".into(), value);
            gathered.add(key, own);
        }
        let value = gathered.into_value();
        self.render.budget.spend(value.weight())?;
        self.names.set_data(PARAMETER, &label, value);
        Ok(())
    }

    /// The value of a parameter by now, if it has a name and a value.
    fn parameter_value(&mut self, instance: &Instance) -> Result<Option<Value>, Failure> {
        let body = &instance.block.body;
        let (Some(name), None) = (body.attribute("name"), body.attribute("value")) else {
            return Ok(None);
        };
        let noted = |attribute| Unsupported::attribute(&instance.block, attribute);
        let outcome = self.scope(&instance.own).value(name);
        let Value::String(given_name) = self.noted(outcome, || noted(name))? else {
            return Ok(None);
        };
        if let Some(given) = self.render.values.get(&*given_name) {
            return Ok(Some(given.as_str().into()));
        }
        let Some(default) = body.attribute("default") else {
            return Ok(None);
        };
        let outcome = match &default.constant {
            Some(value) => Ok(value.clone()),
            None => evaluate(&default.expression, &self.scope(&instance.own)),
        };
        // coderd drops a default that is refused: the parameter has no value then, and needs none.
        if matches!(&outcome, Err(failure) if failure.kind == FailureKind::Refused) {
            return Ok(None);
        }
        let value = Attribute {
            name: "value".into(),
            ..default.clone()
        };
        self.noted(outcome, || noted(&value)).map(Some)
    }
}
