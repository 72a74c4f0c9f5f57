//! Conversion of values to types, by Terraform's rules.
//!
//! Invariant: whether a conversion exists is a matter of the two types alone (`unify.rs`); a value can
//! only make an existing one fail, as `"x"` does for a number.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::unify::{Ways, converted};
use super::{Number, Type, Value};
use crate::template::evaluate::Failure;

/// Converts a value. [`Type::Any`] inside the wanted type stands for whatever fits.
///
/// # Errors
///
/// No conversion between the types exists, or the value has none.
pub(crate) fn convert(value: &Value, to: &Type) -> Result<Value, Failure> {
    if let Value::Sensitive(inner) = value {
        return convert(inner, to).map(Value::sensitive);
    }
    match (value, to) {
        (_, Type::Any)
        | (Value::Bool(_), Type::Bool)
        | (Value::Number(_), Type::Number)
        | (Value::String(_), Type::String) => return Ok(value.clone()),
        (Value::Bool(value), Type::String) => return Ok(Value::text(value.to_string())),
        (Value::Number(value), Type::String) => return Ok(Value::text(value.to_string())),
        (Value::String(text), Type::Bool) => return bool_of(text).map(Value::Bool),
        (Value::String(text), Type::Number) => {
            return Number::parse(text)?
                .map(Value::Number)
                .ok_or_else(|| Failure::refused("a number is required"));
        }
        _ => {}
    }
    let from = value.type_of();
    if from == *to {
        return Ok(value.clone());
    }
    let known = converted(&from, to, Ways::All).ok_or_else(|| mismatch(&from, to))?;
    cast(value, &known)
}

fn bool_of(text: &str) -> Result<bool, Failure> {
    match text {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        _ => Err(Failure::refused("a bool is required")),
    }
}

fn mismatch(from: &Type, to: &Type) -> Failure {
    Failure::refused(match (from, to) {
        (Type::Object(from), Type::Object(to)) => {
            match to.keys().find(|name| !from.contains_key(*name)) {
                Some(name) => format!("attribute \"{name}\" is required"),
                None => String::from("an object with other types of attributes is required"),
            }
        }
        _ => format!("{to} is required, {from} is given"),
    })
}

/// Carries out a conversion that exists.
fn cast(value: &Value, to: &Type) -> Result<Value, Failure> {
    let each = |items: &[Value], to: &Type| {
        items
            .iter()
            .map(|item| convert(item, to))
            .collect::<Result<Vec<_>, _>>()
    };
    Ok(match (value, to) {
        (Value::Null(_), _) => Value::Null(to.clone()),
        (Value::Unknown(_), _) => Value::Unknown(to.clone()),
        (Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items), Type::List(to)) => {
            Value::list(to, each(items, to)?)?
        }
        (Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items), Type::Set(to)) => {
            Value::set(to, each(items, to)?)?
        }
        (Value::Tuple(items), Type::Tuple(to)) => {
            let items = items
                .iter()
                .zip(to.iter())
                .map(|(item, to)| convert(item, to));
            Value::Tuple(items.collect::<Result<_, _>>()?)
        }
        (Value::Map(_, entries) | Value::Object(entries), Type::Map(to)) => {
            let entries = entries
                .iter()
                .map(|(key, item)| Ok((key.clone(), convert(item, to)?)));
            Value::map(to, entries.collect::<Result<_, Failure>>()?)?
        }
        (Value::Map(_, entries) | Value::Object(entries), Type::Object(to)) => {
            let attribute = |(name, to): (&Arc<str>, &Type)| match entries.get(name) {
                Some(item) => Ok((name.clone(), convert(item, to)?)),
                None => Err(Failure::refused(format!(
                    "attribute \"{name}\" is required"
                ))),
            };
            Value::Object(to.iter().map(attribute).collect::<Result<_, _>>()?)
        }
        _ => return Err(mismatch(&value.type_of(), to)),
    })
}

impl Value {
    /// A list of values of that type.
    ///
    /// # Errors
    ///
    /// The values are of several types.
    pub(crate) fn list(element: &Type, values: Vec<Self>) -> Result<Self, Failure> {
        Ok(Self::List(
            element_type(element, values.iter())?,
            values.into(),
        ))
    }

    /// A map of values of that type.
    ///
    /// # Errors
    ///
    /// The values are of several types.
    pub(crate) fn map(element: &Type, values: BTreeMap<Arc<str>, Self>) -> Result<Self, Failure> {
        Ok(Self::Map(
            element_type(element, values.values())?,
            values.into(),
        ))
    }

    /// A set of values of that type, each once. What is sensitive in it makes all of it sensitive,
    /// what is unknown all of it unknown: two unknown elements may be one.
    ///
    /// # Errors
    ///
    /// The values are of several types.
    pub(crate) fn set(element: &Type, values: Vec<Self>) -> Result<Self, Failure> {
        let sensitive = values.iter().any(Self::has_sensitive);
        let mut values: Vec<Self> = match sensitive {
            true => values.iter().map(Self::revealed).collect(),
            false => values,
        };
        let element = element_type(element, values.iter())?;
        let set = if values.iter().all(Self::is_wholly_known) {
            values.sort_by(super::order::in_sets);
            values.dedup();
            Self::Set(element, values.into())
        } else {
            Self::Unknown(Type::set(element))
        };
        Ok(if sensitive { set.sensitive() } else { set })
    }
}

/// The type that all values have, where the wanted one leaves it open.
fn element_type<'a>(
    element: &Type,
    values: impl Iterator<Item = &'a Value>,
) -> Result<Type, Failure> {
    if !element.has_any() {
        return Ok(element.clone());
    }
    let mut known = None;
    for value in values {
        let next = value.type_of();
        if !next.has_any() && *known.get_or_insert_with(|| next.clone()) != next {
            return Err(Failure::refused("all elements must have one type"));
        }
    }
    Ok(known.unwrap_or_else(|| element.clone()))
}
