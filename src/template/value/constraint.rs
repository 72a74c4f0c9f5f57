//! The type that a variable's block asks for, with the defaults of its optional attributes.
//!
//! Invariant: a value that a constraint has been applied to is of the constraint's type.

use std::collections::BTreeMap;
use std::sync::Arc;

use hcl_edit::expr::{Expression, FuncCall, Object, ObjectKey};

use super::{Type, Value, convert};
use crate::template::evaluate::{Budget, Failure, Scope, Step, evaluate};

/// A type, in which attributes of objects may be optional.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Constraint(Shape);

#[derive(Debug, Clone, PartialEq)]
enum Shape {
    Plain(Type),
    List(Box<Self>),
    Set(Box<Self>),
    Map(Box<Self>),
    Tuple(Vec<Self>),
    Object(BTreeMap<Arc<str>, Attribute>),
}

#[derive(Debug, Clone, PartialEq)]
struct Attribute {
    shape: Shape,
    optional: bool,
    default: Option<Value>,
}

impl Constraint {
    /// Reads a constraint: `string`, `list(number)`, `object({ a = optional(bool, true) })`.
    /// Terraform: `list` and `map` alone, and names of types in quotation marks, are of old.
    ///
    /// # Errors
    ///
    /// The expression is no type, or a default doesn't fit.
    pub(crate) fn parse(expression: &Expression) -> Result<Self, Failure> {
        match expression {
            Expression::String(name) => named(name.value()).map(Self),
            other => shape(other).map(Self),
        }
    }

    /// The value as the constraint's type, missing optional attributes set to their defaults.
    ///
    /// # Errors
    ///
    /// The value doesn't fit.
    pub(crate) fn apply(&self, value: &Value) -> Result<Value, Failure> {
        self.0.apply(value)
    }
}

impl Shape {
    fn type_of(&self) -> Type {
        match self {
            Self::Plain(known) => known.clone(),
            Self::List(element) => Type::list(element.type_of()),
            Self::Set(element) => Type::set(element.type_of()),
            Self::Map(element) => Type::map(element.type_of()),
            Self::Tuple(elements) => Type::Tuple(elements.iter().map(Self::type_of).collect()),
            Self::Object(attributes) => {
                let types = attributes
                    .iter()
                    .map(|(name, attribute)| (name.clone(), attribute.shape.type_of()));
                Type::Object(types.collect())
            }
        }
    }

    fn apply(&self, value: &Value) -> Result<Value, Failure> {
        convert(&self.completed(value)?, &self.type_of())
    }

    /// The value with missing attributes filled in, wherever they are; collections become tuples
    /// and objects, so that their elements may differ until they are converted.
    fn completed(&self, value: &Value) -> Result<Value, Failure> {
        let (plain, sensitive) = value.reveal();
        let completed = match (self, plain) {
            (
                Self::List(element) | Self::Set(element),
                Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items),
            ) => {
                let items = items.iter().map(|item| element.completed(item));
                Value::Tuple(items.collect::<Result<_, _>>()?)
            }
            (Self::Map(element), Value::Map(_, entries) | Value::Object(entries)) => {
                let entries = entries
                    .iter()
                    .map(|(key, item)| Ok((key.clone(), element.completed(item)?)));
                Value::Object(entries.collect::<Result<_, Failure>>()?)
            }
            (Self::Tuple(elements), Value::Tuple(items)) if elements.len() == items.len() => {
                let items = elements.iter().zip(items.iter());
                let items = items.map(|(element, item)| element.completed(item));
                Value::Tuple(items.collect::<Result<_, _>>()?)
            }
            (Self::Object(attributes), Value::Map(_, entries) | Value::Object(entries)) => {
                let mut filled = BTreeMap::new();
                for (name, attribute) in attributes {
                    let given = entries.get(name);
                    let value = match (given, &attribute.default) {
                        (Some(given), Some(default)) if given.is_null() => default.clone(),
                        (Some(given), _) => attribute.shape.completed(given)?,
                        (None, Some(default)) => default.clone(),
                        (None, None) if attribute.optional => {
                            Value::Null(attribute.shape.type_of())
                        }
                        (None, None) => continue,
                    };
                    filled.insert(name.clone(), value);
                }
                Value::Object(filled.into())
            }
            // An empty collection of objects has the type alone to go by.
            (shape, Value::Unknown(_)) => Value::Unknown(shape.type_of()),
            (_, other) => other.clone(),
        };
        Ok(if sensitive {
            completed.sensitive()
        } else {
            completed
        })
    }
}

fn named(name: &str) -> Result<Shape, Failure> {
    Ok(match name {
        "any" => Shape::Plain(Type::Any),
        "bool" => Shape::Plain(Type::Bool),
        "number" => Shape::Plain(Type::Number),
        "string" => Shape::Plain(Type::String),
        "list" => Shape::List(Box::new(Shape::Plain(Type::Any))),
        "map" => Shape::Map(Box::new(Shape::Plain(Type::Any))),
        other => return Err(Failure::refused(format!("there is no type {other:?}"))),
    })
}

fn shape(expression: &Expression) -> Result<Shape, Failure> {
    match expression {
        Expression::Variable(name) => named(name.as_str()),
        Expression::FuncCall(call) if !call.name.is_namespaced() => constructed(call),
        _ => Err(Failure::refused(
            "a type is a name, or a name with types in parentheses",
        )),
    }
}

fn constructed(call: &FuncCall) -> Result<Shape, Failure> {
    let name = call.name.name.as_str();
    let mut arguments = call.args.iter();
    let (Some(argument), None) = (arguments.next(), arguments.next()) else {
        return Err(Failure::refused(format!(
            "the type {name:?} takes one argument"
        )));
    };
    let element = || shape(argument).map(Box::new);
    Ok(match (name, argument) {
        ("list", _) => Shape::List(element()?),
        ("set", _) => Shape::Set(element()?),
        ("map", _) => Shape::Map(element()?),
        ("tuple", Expression::Array(elements)) => {
            Shape::Tuple(elements.iter().map(shape).collect::<Result<_, _>>()?)
        }
        ("object", Expression::Object(object)) => Shape::Object(attributes(object)?),
        _ => {
            return Err(Failure::refused(format!(
                "there is no type {name:?} of that"
            )));
        }
    })
}

fn attributes(object: &Object) -> Result<BTreeMap<Arc<str>, Attribute>, Failure> {
    let mut attributes = BTreeMap::new();
    for (key, value) in object {
        let name = match key {
            ObjectKey::Ident(name) => name.as_str(),
            ObjectKey::Expression(Expression::Variable(name)) => name.as_str(),
            ObjectKey::Expression(Expression::String(name)) => name.value(),
            ObjectKey::Expression(_) => {
                return Err(Failure::refused("the name of an attribute is no name"));
            }
        };
        attributes.insert(name.into(), attribute(value.expr())?);
    }
    Ok(attributes)
}

fn attribute(expression: &Expression) -> Result<Attribute, Failure> {
    let optional = match expression {
        Expression::FuncCall(call) if call.name.name.as_str() == "optional" => call,
        other => {
            return Ok(Attribute {
                shape: shape(other)?,
                optional: false,
                default: None,
            });
        }
    };
    let mut arguments = optional.args.iter();
    let (Some(first), default, None) = (arguments.next(), arguments.next(), arguments.next())
    else {
        return Err(Failure::refused("`optional` takes a type and a default"));
    };
    let shape = shape(first)?;
    let default = match default {
        Some(default) => Some(shape.apply(&evaluate(default, &Nothing(Budget::new(STEPS)))?)?),
        None => None,
    };
    Ok(Attribute {
        shape,
        optional: true,
        default,
    })
}

/// Steps that a default may take; it is a constant.
const STEPS: u64 = 100_000;

/// A scope in which no name means anything.
struct Nothing(Budget);

impl Scope for Nothing {
    fn resolve(&self, root: &str, _: &[Step]) -> Result<(Value, usize), Failure> {
        Err(Failure::refused(format!(
            "{root:?} can't be used in a type"
        )))
    }

    fn budget(&self) -> &Budget {
        &self.0
    }
}

#[cfg(test)]
mod tests;
