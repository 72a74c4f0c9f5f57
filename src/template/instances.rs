//! Blocks as they stand after `count`, `for_each` and dynamic blocks.
//!
//! Invariant: an instance is made of its block once; what was expanded stays as it is, even if a
//! later round would expand it otherwise.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::configuration::{Block, Body};
use super::value::{Items, Value};

/// Which of the instances of a block it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// Of `count`.
    Index(usize),
    /// Of `for_each`.
    Name(Arc<str>),
}

/// Names that mean something in one block only: `each`, `count`, a dynamic block's iterator.
pub(super) type Own = Vec<(Arc<str>, Value)>;

/// A block, or one instance of it.
#[derive(Clone, Debug)]
pub(super) struct Instance {
    pub(super) block: Arc<Block>,
    /// Which instance it is, once `count` or `for_each` is worked out.
    pub(super) key: Option<Key>,
    pub(super) own: Own,
    /// What became of its dynamic blocks, by their places among the nested blocks.
    pub(super) dynamic: Vec<(usize, Vec<Own>)>,
}

impl Instance {
    /// The block as it is before anything is expanded.
    pub(super) fn new(block: &Arc<Block>) -> Self {
        Self {
            block: Arc::clone(block),
            key: None,
            own: Vec::new(),
            dynamic: Vec::new(),
        }
    }

    /// One instance of the block.
    pub(super) fn of(block: &Arc<Block>, key: Key, own: Own) -> Self {
        Self {
            block: Arc::clone(block),
            key: Some(key),
            own,
            dynamic: Vec::new(),
        }
    }

    /// The nested blocks of a type, first those that stand there, then those of dynamic blocks; each
    /// with the names that mean something in it.
    pub(super) fn nested(&self, kind: &str) -> Vec<(&Body, Own)> {
        let blocks = &self.block.body.blocks;
        let plain = blocks.iter().filter(|block| &*block.kind == kind);
        let mut nested: Vec<_> = plain.map(|block| (&block.body, self.own.clone())).collect();
        for (index, contents) in &self.dynamic {
            let Some(block) = blocks
                .get(*index)
                .filter(|block| block.first_label() == kind)
            else {
                continue;
            };
            let Some(content) = block
                .body
                .blocks
                .iter()
                .find(|block| &*block.kind == "content")
            else {
                continue;
            };
            for own in contents {
                let names = own.iter().chain(&self.own).cloned().collect();
                nested.push((&content.body, names));
            }
        }
        nested
    }
}

/// The value of one instance among those of a block.
pub(super) fn instance_of<'a>(key: Option<&Key>, all: Option<&'a Value>) -> Option<&'a Value> {
    match (key, all) {
        (None, all) => all,
        (Some(Key::Index(index)), Some(Value::Tuple(elements))) => elements.get(*index),
        (Some(Key::Name(name)), Some(Value::Object(instances))) => instances.get(name),
        _ => None,
    }
}

/// The instances of a block on their way into one value: a tuple for `count`, an object for
/// `for_each`.
#[derive(Default)]
pub(super) enum Gathered {
    #[default]
    Nothing,
    One(Value),
    ByIndex(Vec<Value>),
    ByName(BTreeMap<Arc<str>, Value>),
}

impl Gathered {
    pub(super) fn from_value(value: Option<&Value>) -> Self {
        match value {
            Some(Value::Tuple(elements)) => Self::ByIndex(elements.to_vec()),
            Some(Value::Object(instances)) => Self::ByName((**instances).clone()),
            _ => Self::Nothing,
        }
    }

    pub(super) fn add(&mut self, key: Option<&Key>, value: Value) {
        match (key, &mut *self) {
            (None, _) => *self = Self::One(value),
            (Some(Key::Index(index)), Self::ByIndex(elements)) => {
                if elements.len() <= *index {
                    elements.resize(index + 1, Value::unknown());
                }
                elements.splice(index..=index, [value]);
            }
            (Some(Key::Name(name)), Self::ByName(instances)) => {
                instances.insert(Arc::clone(name), value);
            }
            (Some(Key::Index(_)), _) => {
                *self = Self::ByIndex(Vec::new());
                self.add(key, value);
            }
            (Some(Key::Name(_)), _) => {
                *self = Self::ByName(BTreeMap::new());
                self.add(key, value);
            }
        }
    }

    pub(super) fn into_value(self) -> Value {
        match self {
            Self::Nothing => Value::object::<Arc<str>>([]),
            Self::One(value) => value,
            Self::ByIndex(elements) => Value::tuple(elements),
            Self::ByName(instances) => Value::object(instances),
        }
    }
}

/// The value of a block with several instances, with the value of one of them.
pub(super) fn among_instances(key: Option<&Key>, known: Option<&Value>, value: Value) -> Value {
    match key {
        None => value,
        Some(Key::Index(index)) => with_element(known, *index, value),
        Some(Key::Name(name)) => with_attribute(known, name, value),
    }
}

/// The tuple with that element at an index; as long as it must be.
pub(super) fn with_element(tuple: Option<&Value>, index: usize, element: Value) -> Value {
    let mut elements: Vec<Value> = match tuple {
        Some(Value::Tuple(items)) => items.iter().cloned().collect(),
        _ => Vec::new(),
    };
    if elements.len() <= index {
        elements.resize(index + 1, Value::unknown());
    }
    if let Some(place) = elements.get_mut(index) {
        *place = element;
    }
    Value::Tuple(elements.into_iter().collect::<Items>())
}

/// The object with that attribute.
pub(super) fn with_attribute(object: Option<&Value>, name: &Arc<str>, value: Value) -> Value {
    let mut attributes: BTreeMap<Arc<str>, Value> = match object {
        Some(Value::Object(entries)) => entries
            .iter()
            .map(|(name, value)| (Arc::clone(name), value.clone()))
            .collect(),
        _ => BTreeMap::new(),
    };
    attributes.insert(Arc::clone(name), value);
    Value::Object(attributes.into_iter().collect())
}
