//! What the names of one module mean, as far as that is known by now.
//!
//! Invariant: a value that is set anew is merged with the one before, object by object, and only
//! [`Names::replace_data`] forgets anything. That is how coderd's renderer keeps them, and it shows:
//! an attribute that an object once had stays.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::configuration::{Attribute, Block};
use super::evaluate::{Failure, Step};
use super::value::{Entries, Value};

type Group = BTreeMap<Arc<str>, Value>;

/// The names of a module. Those of one block (`each`, `count`) are kept with the block.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Names {
    /// `var`, `local`, `module`, `path`, `terraform`, and the types of resources.
    groups: BTreeMap<Arc<str>, Group>,
    /// Data sources by type and label.
    data: BTreeMap<Arc<str>, Group>,
    /// What can't be worked out here, though coderd can, by place: a template can have very many.
    unsupported: BTreeMap<Place, Vec<(Unsupported, Failure)>>,
}

/// A root name and the path behind it: the group (of a data source: its type), if there is one, and the name.
type Place = (Arc<str>, Vec<Arc<str>>);

/// Names of a path.
const LONGEST_PATH: usize = 2;

/// The name of a value that can't be worked out here.
#[derive(Clone, Debug, PartialEq, Eq)]
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
        let place = name.place();
        let notes = self.unsupported.entry(place.clone()).or_default();
        notes.retain(|(known, _)| *known != name);
        notes.extend(failure.map(|failure| (name, failure)));
        if notes.is_empty() {
            self.unsupported.remove(&place);
        }
    }

    /// Whether anything can't be worked out here.
    pub(super) fn has_notes(&self) -> bool {
        !self.unsupported.is_empty()
    }

    /// The value of a root name and the steps after it, and how many of them that took.
    ///
    /// # Errors
    ///
    /// There is no such name, or its value can't be worked out here.
    pub(super) fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        self.check_supported(root, steps)?;
        let step = |index: usize| steps.get(index).and_then(step_name);
        let missing = |what: &str| Failure::refused(format!("there is no {what}"));
        if root == "data" {
            let Some(kind) = step(0) else {
                let kinds = self
                    .data
                    .iter()
                    .map(|(kind, group)| (Arc::clone(kind), object(group)));
                return Ok((Value::object(kinds), 0));
            };
            let group = self
                .data
                .get(kind)
                .ok_or_else(|| missing(&format!("data.{kind}")))?;
            let Some(label) = step(1) else {
                return Ok((object(group), 1));
            };
            let value = group
                .get(label)
                .ok_or_else(|| missing(&format!("data.{kind}.{label}")))?;
            return Ok((value.clone(), 2));
        }
        let group = self.groups.get(root).ok_or_else(|| missing(root))?;
        let Some(name) = step(0) else {
            return Ok((object(group), 0));
        };
        let value = group
            .get(name)
            .ok_or_else(|| missing(&format!("{root}.{name}")))?;
        Ok((value.clone(), 1))
    }

    fn check_supported(&self, root: &str, steps: &[Step]) -> Result<(), Failure> {
        if !self.has_notes() {
            return Ok(());
        }
        let path: Vec<Arc<str>> = steps
            .iter()
            .map_while(step_name)
            .take(LONGEST_PATH)
            .map(Arc::from)
            .collect();
        let at = |path: &[Arc<str>]| (Arc::from(root), path.to_vec());
        let notes: Vec<_> = if path.len() == LONGEST_PATH {
            let shorter = self.unsupported.get(&at(&path[..1]));
            shorter
                .into_iter()
                .chain(self.unsupported.get(&at(&path)))
                .collect()
        } else {
            // Whatever lies behind it.
            self.unsupported
                .range(at(&path)..)
                .take_while(|((of, place), _)| **of == *root && place.starts_with(&path))
                .map(|(_, notes)| notes)
                .collect()
        };
        let mut notes = notes.into_iter().flatten();
        match notes.find(|(name, _)| name.concerns(root, steps)) {
            Some((_, failure)) => Err(failure.clone()),
            None => Ok(()),
        }
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

    fn place(&self) -> Place {
        let path = self.group.iter().chain([&self.name]);
        (Arc::clone(&self.root), path.cloned().collect())
    }

    /// Whether a reference may take in this value.
    fn concerns(&self, root: &str, steps: &[Step]) -> bool {
        let path = self.group.iter().chain([&self.name]);
        let steps_to_name = path.clone().count();
        let is_on_path = path.zip(steps).all(|(name, step)| match step_name(step) {
            Some(step) => *step == **name,
            None => true,
        });
        if *self.root != *root || !is_on_path {
            return false;
        }
        let mut attributes = steps
            .iter()
            .skip(steps_to_name)
            .filter_map(step_name)
            .peekable();
        match &self.attribute {
            Some(attribute) => {
                attributes.peek().is_none() || attributes.any(|step| *step == **attribute)
            }
            None => true,
        }
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
