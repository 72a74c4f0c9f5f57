//! Functions on maps and objects, and those on any collection.

use std::collections::BTreeMap;
use std::sync::Arc;

use unicode_segmentation::UnicodeSegmentation;

use super::Call;
use super::signature::{
    ANY, Function, RETURNS_ANY, RETURNS_NUMBER, Returns, TEXT, TEXT_LISTS, TEXTS,
};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, convert, unified};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("coalesce", &[], RETURNS_ANY, coalesce)
        .rest(ANY.nullable().unknown())
        .structural(),
    Function::new("keys", &[ANY.unknown()], RETURNS_ANY, keys).structural(),
    Function::new("length", &[ANY.unknown()], RETURNS_NUMBER, length).structural(),
    Function::new("lookup", &[ANY, TEXT], Returns::Of(lookup_type), lookup)
        .rest(ANY.nullable().unknown())
        .structural(),
    Function::new("merge", &[], RETURNS_ANY, merge)
        .rest(ANY.nullable().untyped())
        .structural(),
    Function::new(
        "transpose",
        &[TEXT_LISTS],
        Returns::Of(|_| Ok(Type::map(Type::list(Type::String)))),
        transpose,
    ),
    Function::new("values", &[ANY], RETURNS_ANY, values).structural(),
    Function::new("zipmap", &[TEXTS, ANY], RETURNS_ANY, zip).structural(),
];

fn no_map(value: &Value) -> Failure {
    Failure::refused(format!("{} is no map or object", value.kind()))
}

fn entries(value: &Value) -> Result<&BTreeMap<Arc<str>, Value>, Failure> {
    match value {
        Value::Map(_, entries) | Value::Object(entries) => Ok(entries),
        other => Err(no_map(other)),
    }
}

/// The first that is neither null nor an empty text, as the type that all share.
fn coalesce(call: &Call<'_>) -> Result<Value, Failure> {
    let types: Vec<Type> = call.arguments.iter().map(Value::type_of).collect();
    let shared = unified(types.iter())
        .ok_or_else(|| Failure::refused("the arguments have no common type"))?;
    for argument in &call.arguments {
        let value = convert(argument, &shared)?;
        match value.reveal().0 {
            Value::Unknown(_) => return Ok(Value::Unknown(shared)),
            Value::Null(_) => {}
            Value::String(text) if text.is_empty() => {}
            _ => return Ok(value),
        }
    }
    Err(Failure::refused("every argument is null or an empty text"))
}

fn keys(call: &Call<'_>) -> Result<Value, Failure> {
    let names =
        |names: &mut dyn Iterator<Item = &Arc<str>>| names.cloned().map(Value::String).collect();
    match call.argument(0)? {
        Value::Map(_, entries) => Ok(Value::List(Type::String, names(&mut entries.keys()))),
        Value::Object(entries) => Ok(Value::Tuple(names(&mut entries.keys()))),
        Value::Unknown(Type::Object(attributes)) => Ok(Value::Tuple(names(&mut attributes.keys()))),
        Value::Unknown(Type::Map(_)) => Ok(Value::Unknown(Type::list(Type::String))),
        Value::Unknown(Type::Any) => Ok(Value::unknown()),
        other => Err(no_map(other)),
    }
}

fn length(call: &Call<'_>) -> Result<Value, Failure> {
    let length = match call.argument(0)? {
        Value::String(text) => text.graphemes(true).count(),
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => items.len(),
        Value::Map(_, entries) | Value::Object(entries) => entries.len(),
        Value::Unknown(Type::Tuple(elements)) => elements.len(),
        Value::Unknown(Type::Object(attributes)) => attributes.len(),
        Value::Unknown(known) if !matches!(known, Type::Bool | Type::Number) => {
            return Ok(Value::Unknown(Type::Number));
        }
        other => {
            return Err(Failure::refused(format!("{} has no length", other.kind())));
        }
    };
    Ok(i64::try_from(length).unwrap_or(i64::MAX).into())
}

fn lookup_type(arguments: &[Value]) -> Result<Type, Failure> {
    Ok(match arguments.first().map(Value::type_of) {
        Some(Type::Map(element)) => (*element).clone(),
        _ => Type::Any,
    })
}

fn lookup(call: &Call<'_>) -> Result<Value, Failure> {
    if call.arguments.len() > 3 {
        return Err(Failure::refused("there is more than one default"));
    }
    let (map, key, default) = (call.argument(0)?, call.text(1)?, call.arguments.get(2));
    let missing = || Failure::refused("the map doesn't have that key, and there is no default");
    match map {
        Value::Map(element, entries) => {
            let default = default
                .map(|default| convert(default, element))
                .transpose()?;
            entries.get(key).cloned().or(default).ok_or_else(missing)
        }
        Value::Object(entries) => entries.get(key).or(default).cloned().ok_or_else(missing),
        other => Err(no_map(other)),
    }
}

/// Later entries win. Arguments of one type make one of that type, others an object.
fn merge(call: &Call<'_>) -> Result<Value, Failure> {
    let mut merged = BTreeMap::new();
    for argument in &call.arguments {
        if argument.is_null()
            && matches!(
                argument.type_of(),
                Type::Any | Type::Map(_) | Type::Object(_)
            )
        {
            continue;
        }
        for (key, value) in entries(argument)? {
            merged.insert(key.clone(), value.clone());
        }
    }
    let mut types = call.arguments.iter().map(Value::type_of);
    match types.next() {
        Some(first @ Type::Map(_)) if types.all(|other| other == first) => {
            Value::map(first.element().unwrap_or(&Type::Any), merged)
        }
        _ => Ok(Value::Object(merged.into())),
    }
}

fn transpose(call: &Call<'_>) -> Result<Value, Failure> {
    let mut turned: BTreeMap<Arc<str>, Vec<Value>> = BTreeMap::new();
    for (key, list) in entries(call.argument(0)?)? {
        for item in super::items(list)? {
            match item {
                Value::String(text) => {
                    turned
                        .entry(text.clone())
                        .or_default()
                        .push(Value::String(key.clone()));
                }
                _ => return Err(Failure::refused("an element is null")),
            }
        }
    }
    let lists = turned
        .into_iter()
        .map(|(key, keys)| (key, Value::List(Type::String, keys.into())));
    Ok(Value::Map(Type::list(Type::String), lists.collect()))
}

fn values(call: &Call<'_>) -> Result<Value, Failure> {
    match call.argument(0)? {
        Value::Map(element, entries) => Ok(Value::List(
            element.clone(),
            entries.values().cloned().collect(),
        )),
        Value::Object(entries) => Ok(Value::Tuple(entries.values().cloned().collect())),
        other => Err(no_map(other)),
    }
}

fn zip(call: &Call<'_>) -> Result<Value, Failure> {
    let (keys, values) = (call.items(0)?, call.argument(1)?);
    let items = match values {
        Value::Set(..) => return Err(Failure::refused("a set has no order")),
        other => super::items(other)?,
    };
    if keys.len() != items.len() {
        return Err(Failure::refused("there are not as many keys as values"));
    }
    let mut merged = BTreeMap::new();
    let mut sensitive = false;
    for (key, item) in keys.iter().zip(items) {
        let (key, hidden) = key.reveal();
        sensitive |= hidden;
        match key {
            Value::String(key) => merged.insert(key.clone(), item.clone()),
            Value::Unknown(_) => return Ok(Value::unknown()),
            _ => return Err(Failure::refused("a key is null")),
        };
    }
    let value = match values {
        Value::List(element, _) => Value::map(element, merged)?,
        _ => Value::Object(merged.into()),
    };
    Ok(if sensitive { value.sensitive() } else { value })
}
