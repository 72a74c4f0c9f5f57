//! Brackets and braces: tuples, objects and `for`.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Array, Expression, ForExpr, Object, ObjectKey};

use super::{Context, Failure, Local};
use crate::template::value::{Type, Value, convert};

impl Context<'_> {
    pub(super) fn array(&self, array: &Array) -> Result<Value, Failure> {
        let items = array
            .iter()
            .map(|item| self.evaluate(item))
            .collect::<Result<Vec<_>, _>>()?;
        self.made(Value::tuple(items), array.len())
    }

    pub(super) fn object(&self, object: &Object) -> Result<Value, Failure> {
        let mut entries = BTreeMap::new();
        let (mut known, mut sensitive) = (true, false);
        for (key, value) in object {
            let key = match key {
                ObjectKey::Ident(name) => Value::text(name.as_str()),
                ObjectKey::Expression(Expression::Variable(name)) => Value::text(name.as_str()),
                ObjectKey::Expression(Expression::Null(_)) => Value::text("null"),
                ObjectKey::Expression(Expression::Traversal(_)) => {
                    return Err(Failure::refused(
                        "a reference as the key of an object must be in parentheses",
                    ));
                }
                ObjectKey::Expression(expression) => self.charged(expression)?,
            };
            let value = self.evaluate(value.expr())?;
            match object_key(&key)? {
                Key::Known(name, hidden) => {
                    sensitive |= hidden;
                    entries.insert(name, value);
                }
                Key::Unknown => known = false,
            }
        }
        let value = match known {
            true => Value::Object(entries.into()),
            false => Value::unknown(),
        };
        self.made(
            if sensitive { value.sensitive() } else { value },
            object.len(),
        )
    }

    pub(super) fn for_expression(&self, each: &ForExpr) -> Result<Value, Failure> {
        let intro = &each.intro;
        let collection = self.evaluate(&intro.collection_expr)?;
        let (collection, sensitive) = collection.reveal();
        let value = match elements(collection)? {
            None => Value::unknown(),
            Some(elements) => {
                let key_name = intro.key_var.as_ref().map(|name| name.as_str());
                let names = (key_name, intro.value_var.as_str());
                match &each.key_expr {
                    Some(key) => self.for_object(each, key, names, elements)?,
                    None => self.for_tuple(each, names, elements)?,
                }
            }
        };
        Ok(if sensitive { value.sensitive() } else { value })
    }

    fn for_tuple(
        &self,
        each: &ForExpr,
        names: (Option<&str>, &str),
        elements: Vec<(Value, Value)>,
    ) -> Result<Value, Failure> {
        let mut items = Vec::new();
        let (mut known, mut sensitive) = (true, false);
        for element in elements {
            self.with_element(names, element, |inner| {
                match inner.included(each)? {
                    (Some(true), hidden) => {
                        sensitive |= hidden;
                        items.push(inner.evaluate(&each.value_expr)?);
                    }
                    (Some(false), hidden) => sensitive |= hidden,
                    (None, _) => known = false,
                }
                Ok(())
            })?;
        }
        let length = items.len();
        let value = if known {
            Value::tuple(items)
        } else {
            Value::unknown()
        };
        self.made(if sensitive { value.sensitive() } else { value }, length)
    }

    fn for_object(
        &self,
        each: &ForExpr,
        key: &Expression,
        names: (Option<&str>, &str),
        elements: Vec<(Value, Value)>,
    ) -> Result<Value, Failure> {
        let mut entries: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
        let (mut known, mut sensitive, mut length) = (true, false, 0);
        for element in elements {
            self.with_element(names, element, |inner| {
                match inner.included(each)? {
                    (Some(true), hidden) => sensitive |= hidden,
                    (Some(false), hidden) => {
                        sensitive |= hidden;
                        return Ok(());
                    }
                    (None, _) => {
                        known = false;
                        return Ok(());
                    }
                }
                let key = object_key(&inner.charged(key)?)?;
                let value = inner.evaluate(&each.value_expr)?;
                let Key::Known(name, hidden) = key else {
                    known = false;
                    return Ok(());
                };
                sensitive |= hidden;
                length += 1;
                let group = entries.entry(name.clone()).or_default();
                if !group.is_empty() && !each.grouping {
                    return Err(Failure::refused(
                        "two elements have one key; `...` after the value groups them",
                    ));
                }
                group.push(value);
                Ok(())
            })?;
        }
        let value = match (known, each.grouping) {
            (false, _) => Value::unknown(),
            (true, true) => Value::Object(
                entries
                    .into_iter()
                    .map(|(key, group)| (key, Value::tuple(group)))
                    .collect(),
            ),
            (true, false) => Value::Object(
                entries
                    .into_iter()
                    .filter_map(|(key, group)| Some((key, group.into_iter().next()?)))
                    .collect(),
            ),
        };
        self.made(if sensitive { value.sensitive() } else { value }, length)
    }

    /// Goes on with the variables of a `for` set to one element.
    pub(super) fn with_element<T>(
        &self,
        (key_name, value_name): (Option<&str>, &str),
        (key, value): (Value, Value),
        body: impl FnOnce(Context<'_>) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        let value = Local {
            name: value_name,
            value,
            outer: self.local,
        };
        let context = Context {
            scope: self.scope,
            local: Some(&value),
        };
        match key_name {
            None => body(context),
            Some(name) => {
                // The value's name wins over an equal one of the key.
                let key = Local {
                    name,
                    value: key,
                    outer: self.local,
                };
                let value = Local {
                    name: value.name,
                    value: value.value,
                    outer: Some(&key),
                };
                body(Context {
                    scope: self.scope,
                    local: Some(&value),
                })
            }
        }
    }

    /// Whether the condition of a `for` takes the element, none where that is unknown; and whether
    /// the condition is sensitive.
    fn included(&self, each: &ForExpr) -> Result<(Option<bool>, bool), Failure> {
        let Some(condition) = &each.cond else {
            return Ok((Some(true), false));
        };
        let value = convert(&self.charged(&condition.expr)?, &Type::Bool)?;
        match value.reveal() {
            (Value::Bool(included), hidden) => Ok((Some(*included), hidden)),
            (Value::Null(_), _) => Err(Failure::refused("the condition of a `for` is null")),
            (_, hidden) => Ok((None, hidden)),
        }
    }
}

/// The key of an attribute.
enum Key {
    /// Known; whether it is sensitive.
    Known(Arc<str>, bool),
    Unknown,
}

fn object_key(key: &Value) -> Result<Key, Failure> {
    let key = convert(key, &Type::String)?;
    match key.reveal() {
        (Value::String(name), hidden) => Ok(Key::Known(name.clone(), hidden)),
        (Value::Null(_), _) => Err(Failure::refused("the key of an object is null")),
        _ => Ok(Key::Unknown),
    }
}

/// Keys and values of what a `for` can go through, none where they are unknown.
pub(super) fn elements(collection: &Value) -> Result<Option<Vec<(Value, Value)>>, Failure> {
    let numbered = |items: &[Value]| {
        (0i64..)
            .zip(items)
            .map(|(index, item)| (index.into(), item.clone()))
            .collect()
    };
    match collection {
        Value::List(_, items) | Value::Tuple(items) => Ok(Some(numbered(items))),
        Value::Set(_, items) => Ok(Some(
            items
                .iter()
                .map(|item| (item.clone(), item.clone()))
                .collect(),
        )),
        Value::Map(_, entries) | Value::Object(entries) => Ok(Some(
            entries
                .iter()
                .map(|(key, value)| (Value::String(key.clone()), value.clone()))
                .collect(),
        )),
        Value::Null(_) => Err(Failure::refused("a `for` can't go through null")),
        Value::Unknown(known) if known.is_primitive() => Err(Failure::refused(format!(
            "a `for` can't go through {known}"
        ))),
        Value::Unknown(_) => Ok(None),
        Value::Sensitive(inner) => elements(inner),
        other => Err(Failure::refused(format!(
            "a `for` can't go through {}",
            other.kind()
        ))),
    }
}
