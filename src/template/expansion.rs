//! How many instances of blocks there are: `count`, `for_each` and dynamic blocks.
//!
//! Invariant: a block is expanded once, in the first round in which the number is known; all the
//! instances of a render together are at most [`INSTANCES`].

use std::sync::Arc;

use hcl_edit::expr::{Expression, TraversalOperator};
use hcl_edit::visit::Visit;

use super::configuration::{Attribute, Block};
use super::evaluate::Failure;
use super::instances::{Instance, Key, Own};
use super::module::{Module, PARAMETER};
use super::value::{Type, Value, convert};

/// Instances that a render may have, those of dynamic blocks among them.
pub(super) const INSTANCES: u64 = 10_000;

/// What a `for_each` goes through: keys and values.
type Elements = Vec<(Arc<str>, Value)>;

impl Module<'_> {
    /// Expands what can be expanded by now.
    pub(super) fn expand(&mut self) -> Result<(), Failure> {
        self.expand_count()?;
        self.expand_for_each()?;
        self.expand_dynamic()
    }

    fn expand_count(&mut self) -> Result<(), Failure> {
        for instance in std::mem::take(&mut self.instances) {
            match self.count(&instance)? {
                None => self.instances.push(instance),
                Some(count) => {
                    self.spend_instances(count)?;
                    self.changes += 1;
                    let mut values = Vec::new();
                    for index in 0..count {
                        let own = vec![("count".into(), index_object(index))];
                        let clone = Instance::of(&instance.block, Key::Index(index), own);
                        values.push(self.instance_value(&clone)?);
                        self.instances.push(clone);
                    }
                    self.set_instances(&instance.block, Value::tuple(values));
                }
            }
        }
        Ok(())
    }

    /// The number of instances that a block's `count` asks for, once that is known. What is no number
    /// counts as one.
    fn count(&self, instance: &Instance) -> Result<Option<usize>, Failure> {
        let block = &instance.block;
        let Some(count) = block.body.attribute("count") else {
            return Ok(None);
        };
        if instance.key.is_some() || !self.is_expandable(block) {
            return Ok(None);
        }
        let value = plain(self.scope(&instance.own).value(count)?)?;
        Ok(match &value {
            Value::Unknown(_) => None,
            Value::Number(number) => {
                let whole = number.to_float().trunc();
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a float becomes the nearest number that fits"
                )]
                Some(whole.max(0.0) as usize)
            }
            _ => Some(1),
        })
    }

    /// Expands the blocks with `for_each`.
    pub(super) fn expand_for_each(&mut self) -> Result<(), Failure> {
        for instance in std::mem::take(&mut self.instances) {
            match self.for_each(&instance)? {
                None => self.instances.push(instance),
                Some(elements) => {
                    self.spend_instances(elements.len())?;
                    self.changes += 1;
                    let mut values = std::collections::BTreeMap::new();
                    for (key, value) in elements {
                        let each = [("key", Value::String(Arc::clone(&key))), ("value", value)];
                        let own = vec![("each".into(), Value::object(each))];
                        let clone = Instance::of(&instance.block, Key::Name(Arc::clone(&key)), own);
                        values.insert(key, self.instance_value(&clone)?);
                        self.instances.push(clone);
                    }
                    if values.is_empty() {
                        self.set_instances(&instance.block, Value::tuple([]));
                    } else {
                        self.replace_instances(&instance.block, Value::object(values));
                    }
                }
            }
        }
        Ok(())
    }

    /// The elements that a block's `for_each` goes through, once they are known. What can't be gone
    /// through has none.
    fn for_each(&self, instance: &Instance) -> Result<Option<Elements>, Failure> {
        let block = &instance.block;
        let Some(for_each) = block.body.attribute("for_each") else {
            return Ok(None);
        };
        if instance.key.is_some()
            || !self.is_expandable(block)
            || self.waits_for_locals(for_each)?
        {
            return Ok(None);
        }
        let value = plain(self.scope(&instance.own).value(for_each)?)?;
        let by_value = |items: &[Value]| -> Elements {
            let texts = items.iter().filter(|item| !item.is_null());
            texts
                .filter_map(|item| Some((text(item)?, item.clone())))
                .collect()
        };
        Ok(match &value {
            Value::Unknown(_) => None,
            Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
                Some(by_value(items))
            }
            Value::Map(_, entries) | Value::Object(entries) => {
                let entries = entries.iter().filter(|(_, value)| !value.is_null());
                Some(
                    entries
                        .map(|(key, value)| (Arc::clone(key), value.clone()))
                        .collect(),
                )
            }
            _ => Some(Vec::new()),
        })
    }

    /// Whether an attribute refers to a local that is an object with something unknown in it, up to
    /// the second level: coderd's renderer waits for those.
    fn waits_for_locals(&self, attribute: &Attribute) -> Result<bool, Failure> {
        let mut locals = Locals::default();
        locals.visit_expr(&attribute.expression);
        let has_unknown = |value: &Value| matches!(value, Value::Object(entries) if entries.values().any(|it| !it.is_known()));
        for name in &locals.names {
            let Some(value @ Value::Object(entries)) = self.names.get("local", name) else {
                continue;
            };
            self.render.budget.spend(value.weight())?;
            if has_unknown(value) || entries.values().any(has_unknown) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn expand_dynamic(&mut self) -> Result<(), Failure> {
        for index in 0..self.instances.len() {
            let Some(instance) = self.instances.get(index) else {
                break;
            };
            if !instance.block.is_data(PARAMETER) {
                continue;
            }
            let block = Arc::clone(&instance.block);
            for (place, nested) in block.body.blocks.iter().enumerate() {
                let Some(instance) = self.instances.get(index) else {
                    break;
                };
                let is_expanded = instance.dynamic.iter().any(|(known, _)| *known == place);
                if &*nested.kind != "dynamic" || is_expanded {
                    continue;
                }
                let contents = self.contents(nested, &instance.own)?;
                self.spend_instances(contents.len())?;
                // Nothing is settled by an empty collection: a later round may see another one.
                if let Some(instance) = self.instances.get_mut(index)
                    && !contents.is_empty()
                {
                    instance.dynamic.push((place, contents));
                    self.changes += 1;
                }
            }
        }
        Ok(())
    }

    /// The names of each block that a dynamic block stands for, by now.
    fn contents(&self, dynamic: &Block, own: &Own) -> Result<Vec<Own>, Failure> {
        let Some(for_each) = dynamic.body.attribute("for_each") else {
            return Ok(Vec::new());
        };
        let iterator: Arc<str> = match dynamic.body.attribute("iterator").map(|it| &*it.expression)
        {
            Some(Expression::Variable(name)) => name.as_str().into(),
            Some(_) => return Ok(Vec::new()),
            None => dynamic.first_label().into(),
        };
        let value = plain(self.scope(own).value(for_each)?)?;
        if !value.is_wholly_known() {
            return Ok(Vec::new());
        }
        let elements: Vec<(Value, Value)> = match &value {
            Value::List(_, items) | Value::Tuple(items) => items
                .iter()
                .enumerate()
                .map(|(at, item)| (index_value(at), item.clone()))
                .collect(),
            Value::Set(_, items) => items
                .iter()
                .map(|item| (item.clone(), item.clone()))
                .collect(),
            Value::Map(_, entries) | Value::Object(entries) => entries
                .iter()
                .map(|(key, it)| (Value::String(Arc::clone(key)), it.clone()))
                .collect(),
            _ => Vec::new(),
        };
        let elements = elements.into_iter().filter(|(_, value)| !value.is_null());
        let names = elements.map(|(key, value)| {
            vec![(
                Arc::clone(&iterator),
                Value::object([("key", key), ("value", value)]),
            )]
        });
        Ok(names.collect())
    }

    fn is_expandable(&self, block: &Block) -> bool {
        matches!(&*block.kind, "data" | "resource" | "module")
            && self.render.template.matters(block)
    }

    fn spend_instances(&self, count: usize) -> Result<(), Failure> {
        let before = self.render.instances.get();
        let now = before.saturating_add(u64::try_from(count).unwrap_or(u64::MAX));
        if now > INSTANCES {
            return Err(Failure::bound(format!(
                "the template has more than {INSTANCES} instances"
            )));
        }
        self.render.instances.set(now);
        Ok(())
    }

    fn set_instances(&mut self, block: &Block, value: Value) {
        let name: Arc<str> = block.name().into();
        match &*block.kind {
            "data" => self.names.set_data(block.first_label(), &name, value),
            "module" => self.names.set("module", [(name, value)]),
            _ => self.names.set(block.first_label(), [(name, value)]),
        }
    }

    fn replace_instances(&mut self, block: &Block, value: Value) {
        let name: Arc<str> = block.name().into();
        match &*block.kind {
            "data" => self.names.replace_data(block.first_label(), &name, value),
            "module" => self.names.replace_named("module", &name, value),
            _ => self.names.replace_named(block.first_label(), &name, value),
        }
    }
}

/// A value that instances are made of. A sensitive one breaks coderd's renderer.
fn plain(value: Value) -> Result<Value, Failure> {
    match value {
        Value::Sensitive(_) => Err(Failure::unsupported("a sensitive number of instances")),
        value => Ok(value),
    }
}

fn index_value(index: usize) -> Value {
    i64::try_from(index).map_or_else(|_| Value::unknown(), Value::from)
}

fn index_object(index: usize) -> Value {
    Value::object([("index", index_value(index))])
}

fn text(value: &Value) -> Option<Arc<str>> {
    match convert(value, &Type::String) {
        Ok(Value::String(text)) => Some(text),
        Ok(_) | Err(_) => None,
    }
}

/// The locals that an expression refers to.
#[derive(Default)]
struct Locals {
    names: Vec<String>,
}

impl Visit for Locals {
    fn visit_traversal(&mut self, node: &hcl_edit::expr::Traversal) {
        if let (Expression::Variable(root), Some(TraversalOperator::GetAttr(name))) = (
            &node.expr,
            node.operators.first().map(|operator| operator.value()),
        ) && root.as_str() == "local"
        {
            self.names.push(name.to_string());
        }
        hcl_edit::visit::visit_traversal(self, node);
    }
}
