//! What the names of one module mean, as far as that is known by now.
//!
//! Invariant: a value that is set anew is merged with the one before, object by object, and only
//! [`Names::replace_data`] forgets anything. That is how coderd's renderer keeps them, and it shows:
//! an attribute that an object once had stays.

use std::collections::BTreeMap;
use std::iter;
use std::sync::Arc;

use super::configuration::{Attribute, Block};
use super::evaluate::{Budget, Failure, Step};
use super::value::{Entries, Value};

type Group = BTreeMap<Arc<str>, Value>;

/// The names of a module. Those of one block (`each`, `count`) are kept with the block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Names {
    /// `var`, `local`, `module`, `path`, `terraform`, and the types of resources.
    groups: BTreeMap<Arc<str>, Group>,
    /// Data sources by type and label.
    data: BTreeMap<Arc<str>, Group>,
    /// What can't be worked out here, though coderd can: a template can have very many.
    unsupported: BTreeMap<Unsupported, Failure>,
}

/// The name of a value that can't be worked out here. Those of one block stand next to one another, without an attribute
/// first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Unsupported {
    pub(super) root: Arc<str>,
    pub(super) group: Option<Arc<str>>,
    pub(super) name: Arc<str>,
    pub(super) attribute: Option<Arc<str>>,
}

impl Names {
    /// Sets names of a group: merges each with what it was.
    pub(super) fn set(&mut self, group: &str, values: impl IntoIterator<Item = (Arc<str>, Value)>) {
        merge_group(entry(&mut self.groups, group), values);
    }

    /// Sets all names of a group, none of the old stays.
    pub(super) fn replace(&mut self, group: &str, values: BTreeMap<Arc<str>, Value>) {
        *entry(&mut self.groups, group) = values;
    }

    /// Sets a data source: merges it with what it was.
    pub(super) fn set_data(&mut self, kind: &str, label: &Arc<str>, value: Value) {
        merge_group(entry(&mut self.data, kind), [(Arc::clone(label), value)]);
    }

    /// Sets a data source and forgets all others: so coderd's renderer does when it has worked out a
    /// `for_each`. The others come back with the next round.
    pub(super) fn replace_data(&mut self, kind: &str, label: &Arc<str>, value: Value) {
        self.data = BTreeMap::new();
        self.set_data(kind, label, value);
    }

    /// Sets a block of a type that has a group of its own, and forgets that group.
    pub(super) fn replace_named(&mut self, group: &str, name: &Arc<str>, value: Value) {
        self.replace(group, BTreeMap::from([(Arc::clone(name), value)]));
    }

    /// The value of a data source.
    pub(super) fn data(&self, kind: &str, label: &str) -> Option<&Value> {
        self.data.get(kind)?.get(label)
    }

    /// The value of a name of a group.
    pub(super) fn get(&self, group: &str, name: &str) -> Option<&Value> {
        self.groups.get(group)?.get(name)
    }

    /// Notes that a value can't be worked out here, or no longer.
    pub(super) fn note(&mut self, name: Unsupported, failure: Option<Failure>) {
        match failure {
            Some(failure) => self.unsupported.insert(name, failure),
            None => self.unsupported.remove(&name),
        };
    }

    /// Whether anything can't be worked out here.
    pub(super) fn has_notes(&self) -> bool {
        !self.unsupported.is_empty()
    }

    /// The value of a root name and the steps after it, and how many of them that took. A group as a whole is put
    /// together anew each time, which is paid by member.
    ///
    /// # Errors
    ///
    /// There is no such name, or its value can't be worked out here, or a bound is exceeded.
    pub(super) fn resolve(
        &self,
        root: &str,
        steps: &[Step],
        budget: &Budget,
    ) -> Result<(Value, usize), Failure> {
        self.check_supported(root, steps, budget)?;
        let object = |group: &Group| {
            budget.spend(group.len() as u64)?;
            Ok(object(group))
        };
        let step = |index: usize| steps.get(index).and_then(step_name);
        let missing = |what: &str| Failure::refused(format!("there is no {what}"));
        if root == "data" {
            let Some(kind) = step(0) else {
                let kinds = self.data.iter();
                let kinds = kinds.map(|(kind, group)| Ok((Arc::clone(kind), object(group)?)));
                let kinds: Vec<_> = kinds.collect::<Result<_, Failure>>()?;
                return Ok((Value::object(kinds), 0));
            };
            let group = self
                .data
                .get(kind)
                .ok_or_else(|| missing(&format!("data.{kind}")))?;
            let Some(label) = step(1) else {
                return Ok((object(group)?, 1));
            };
            let value = group
                .get(label)
                .ok_or_else(|| missing(&format!("data.{kind}.{label}")))?;
            return Ok((value.clone(), 2));
        }
        let group = self.groups.get(root).ok_or_else(|| missing(root))?;
        let Some(name) = step(0) else {
            return Ok((object(group)?, 0));
        };
        let value = group
            .get(name)
            .ok_or_else(|| missing(&format!("{root}.{name}")))?;
        Ok((value.clone(), 1))
    }

    fn check_supported(&self, root: &str, steps: &[Step], budget: &Budget) -> Result<(), Failure> {
        if !self.has_notes() {
            return Ok(());
        }
        let before_name = usize::from(root == "data");
        let named = |index: usize| steps.get(index).and_then(step_name).map(Arc::from);
        let group = (before_name > 0).then(|| named(0)).flatten();
        let name = named(before_name).filter(|_| group.is_some() || before_name == 0);
        let first = |name: Arc<str>| Unsupported {
            root: root.into(),
            group: group.clone(),
            name,
            attribute: None,
        };
        let Some(name) = name else {
            // Whatever lies behind it.
            let all = self.unsupported.range(first("".into())..);
            let is_behind = |name: &Unsupported| {
                *name.root == *root && (group.is_none() || name.group == group)
            };
            for (name, failure) in all.take_while(|(name, _)| is_behind(name)) {
                budget.spend(1)?;
                if name.concerns(steps) {
                    return Err(failure.clone());
                }
            }
            return Ok(());
        };
        let block = first(name);
        let attributes = steps.iter().skip(before_name + 1).filter_map(step_name);
        let mut attributes = attributes.map(Arc::from).peekable();
        if attributes.peek().is_none() {
            let of_block = self.unsupported.range(&block..).next();
            let of_block = of_block.filter(|(name, _)| name.is_of(&block));
            return of_block.map_or(Ok(()), |(_, failure)| Err(failure.clone()));
        }
        let attribute = |attribute| Unsupported {
            attribute,
            ..block.clone()
        };
        let mut asked = iter::once(None).chain(attributes.map(Some));
        let note = asked.find_map(|it| self.unsupported.get(&attribute(it)));
        note.map_or(Ok(()), |failure| Err(failure.clone()))
    }
}

impl Unsupported {
    /// A name of a group.
    pub(super) fn named(root: &str, name: &Arc<str>) -> Self {
        Self {
            root: root.into(),
            group: None,
            name: Arc::clone(name),
            attribute: None,
        }
    }

    /// An attribute of a block.
    pub(super) fn attribute(block: &Block, attribute: &Attribute) -> Self {
        let first: Arc<str> = block.first_label().into();
        let (root, group) = match &*block.kind {
            "data" => ("data".into(), Some(first)),
            "module" => ("module".into(), None),
            _ => (first, None),
        };
        let attribute = Some(Arc::clone(&attribute.name));
        Self {
            root,
            group,
            name: block.name().into(),
            attribute,
        }
    }

    /// Whether both are about the same block.
    fn is_of(&self, block: &Self) -> bool {
        (&self.root, &self.group, &self.name) == (&block.root, &block.group, &block.name)
    }

    /// Whether a reference to its root name, by steps of which some lead to no known name, may take in this value.
    fn concerns(&self, steps: &[Step]) -> bool {
        let path = self.group.iter().chain([&self.name]);
        let steps_to_name = path.clone().count();
        let is_on_path = path.zip(steps).all(|(name, step)| match step_name(step) {
            Some(step) => *step == **name,
            None => true,
        });
        let attributes = steps.iter().skip(steps_to_name).filter_map(step_name);
        let mut attributes = attributes.peekable();
        is_on_path
            && self.attribute.as_ref().is_none_or(|attribute| {
                attributes.peek().is_none() || attributes.any(|step| *step == **attribute)
            })
    }
}

fn entry<'a>(groups: &'a mut BTreeMap<Arc<str>, Group>, name: &str) -> &'a mut Group {
    if !groups.contains_key(name) {
        groups.insert(name.into(), Group::new());
    }
    groups.entry(name.into()).or_default()
}

fn merge_group(group: &mut Group, values: impl IntoIterator<Item = (Arc<str>, Value)>) {
    for (name, value) in values {
        let merged = match group.get(&name) {
            Some(before) => merged(before, &value),
            None => value,
        };
        group.insert(name, merged);
    }
}

fn object(group: &Group) -> Value {
    Value::object(
        group
            .iter()
            .map(|(name, value)| (Arc::clone(name), value.clone())),
    )
}

/// The name that a step leads to, where that is known.
fn step_name(step: &Step) -> Option<&str> {
    match step {
        Step::Attribute(name) => Some(name),
        Step::Index(Value::String(key)) => Some(key),
        Step::Index(_) => None,
    }
}

/// A value laid over another one: objects are merged at every level, anything else is replaced.
pub(super) fn merged(before: &Value, value: &Value) -> Value {
    match (before, value) {
        (Value::Object(old), Value::Object(new)) if !old.is_empty() && !new.is_empty() => {
            if new.iter().all(|(name, value)| old.get(name) == Some(value)) {
                return before.clone();
            }
            let mut both: BTreeMap<Arc<str>, Value> = old
                .iter()
                .map(|(name, value)| (Arc::clone(name), value.clone()))
                .collect();
            for (name, value) in new.iter() {
                let value = both
                    .get(name)
                    .map_or_else(|| value.clone(), |old| merged(old, value));
                both.insert(Arc::clone(name), value);
            }
            Value::Object(both.into_iter().collect::<Entries>())
        }
        _ => value.clone(),
    }
}
