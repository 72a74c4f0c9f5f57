//! Steps from a value to its parts: attributes, indexes, splats.

use std::sync::Arc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, Traversal, TraversalOperator};

use super::{Context, Failure, Step};
use crate::template::value::{Number, Type, Value, convert};

type Operator = Decorated<TraversalOperator>;

/// The operators before the first splat, and those from it on.
fn at_splat(operators: &[Operator]) -> (&[Operator], &[Operator]) {
    let splat = operators.iter().position(|operator| {
        matches!(
            operator.value(),
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_)
        )
    });
    operators.split_at(splat.unwrap_or(operators.len()))
}

impl Context<'_> {
    /// The value of a name, and how many steps after it that took.
    pub(super) fn root(&self, name: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        match self.local(name) {
            Some(value) => Ok((value.clone(), 0)),
            None => self.scope.resolve(name, steps),
        }
    }

    pub(super) fn traversal(&self, traversal: &Traversal) -> Result<Value, Failure> {
        let (plain, splats) = at_splat(&traversal.operators);
        let (value, rest) = match &traversal.expr {
            Expression::Variable(name) => {
                let steps = self.steps(plain)?;
                let (value, taken) = self.root(name.as_str(), &steps)?;
                (walk(value, steps.get(taken..).unwrap_or_default())?, splats)
            }
            other => (self.evaluate(other)?, traversal.operators.as_slice()),
        };
        self.after(value, rest)
    }

    fn steps(&self, operators: &[Operator]) -> Result<Vec<Step>, Failure> {
        operators
            .iter()
            .map(|operator| self.step(operator))
            .collect()
    }

    fn step(&self, operator: &TraversalOperator) -> Result<Step, Failure> {
        match operator {
            TraversalOperator::GetAttr(name) => Ok(Step::Attribute(name.as_str().into())),
            TraversalOperator::Index(key) => self.charged(key).map(Step::Index),
            TraversalOperator::LegacyIndex(index) => {
                let index = i64::try_from(*index.value())
                    .map_err(|_| Failure::refused("an index is too large"))?;
                Ok(Step::Index(index.into()))
            }
            TraversalOperator::AttrSplat(_) | TraversalOperator::FullSplat(_) => {
                Err(Failure::refused("a splat is no single step"))
            }
        }
    }

    /// Goes on after a value.
    fn after(&self, value: Value, operators: &[Operator]) -> Result<Value, Failure> {
        let (plain, splats) = at_splat(operators);
        let value = walk(value, &self.steps(plain)?)?;
        let Some((first, rest)) = splats.split_first() else {
            return Ok(value);
        };
        // `[*]` goes through all steps after it for each element, `.*` through those with a dot.
        let inner = match first.value() {
            TraversalOperator::FullSplat(_) => rest.len(),
            _ => rest
                .iter()
                .position(|operator| {
                    !matches!(
                        operator.value(),
                        TraversalOperator::GetAttr(_) | TraversalOperator::LegacyIndex(_)
                    )
                })
                .unwrap_or(rest.len()),
        };
        let (inner, outer) = rest.split_at(inner);
        let _level = self.budget().enter()?;
        self.after(self.splat(&value, inner)?, outer)
    }

    /// The steps for each element of a sequence; another value counts as a sequence of itself,
    /// null as an empty one.
    fn splat(&self, value: &Value, operators: &[Operator]) -> Result<Value, Failure> {
        let each = |item: &Value| self.after(item.clone(), operators);
        let all = |items: &[Value]| items.iter().map(each).collect::<Result<Vec<_>, _>>();
        let (value, sensitive) = value.reveal();
        let outcome = match value {
            Value::Tuple(items) => Value::tuple(all(items)?),
            Value::List(element, items) | Value::Set(element, items) => {
                let values = all(items)?;
                for value in &values {
                    self.budget().spend(value.weight())?;
                }
                let element = match values.first() {
                    Some(first) => first.type_of(),
                    None => each(&Value::Unknown(element.clone()))?.type_of(),
                };
                Value::list(&element, values)?
            }
            Value::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_)) => {
                return Err(Failure::refused(
                    "a splat can't go through a sequence that is null",
                ));
            }
            Value::Null(_) => Value::tuple([]),
            Value::Unknown(Type::List(element) | Type::Set(element)) => {
                let element = each(&Value::Unknown((**element).clone()))?.type_of();
                Value::Unknown(Type::list(element))
            }
            Value::Unknown(Type::Tuple(elements)) => {
                let unknown: Vec<Value> = elements.iter().cloned().map(Value::Unknown).collect();
                Value::Unknown(Value::tuple(all(&unknown)?).type_of())
            }
            Value::Unknown(_) => Value::unknown(),
            single => Value::tuple([each(single)?]),
        };
        let length = match &outcome {
            Value::Tuple(items) | Value::List(_, items) => items.len(),
            _ => 0,
        };
        self.made(
            if sensitive {
                outcome.sensitive()
            } else {
                outcome
            },
            length,
        )
    }
}

/// Takes steps from a value.
pub(super) fn walk(value: Value, steps: &[Step]) -> Result<Value, Failure> {
    steps
        .iter()
        .try_fold(value, |value, step| take(&value, step))
}

/// Takes one step from a value.
fn take(value: &Value, step: &Step) -> Result<Value, Failure> {
    let (inner, mut sensitive) = value.reveal();
    let part = match step {
        Step::Attribute(name) => attribute(inner, name)?,
        Step::Index(key) => {
            sensitive |= key.reveal().1;
            index(inner, key.reveal().0)?
        }
    };
    Ok(if sensitive { part.sensitive() } else { part })
}

fn attribute(value: &Value, name: &Arc<str>) -> Result<Value, Failure> {
    let missing = || Failure::refused(format!("there is no attribute {name:?}"));
    match value {
        Value::Object(entries) | Value::Map(_, entries) => {
            entries.get(name).cloned().ok_or_else(missing)
        }
        Value::Unknown(Type::Object(attributes)) => attributes
            .get(name)
            .cloned()
            .map(Value::Unknown)
            .ok_or_else(missing),
        Value::Unknown(Type::Map(element)) => Ok(Value::Unknown((**element).clone())),
        Value::Unknown(Type::Any) => Ok(Value::unknown()),
        Value::Null(_) => Err(Failure::refused(format!("null has no attribute {name:?}"))),
        other => Err(Failure::refused(format!(
            "{} has no attributes",
            other.kind()
        ))),
    }
}

fn index(value: &Value, key: &Value) -> Result<Value, Failure> {
    match value {
        Value::Null(_) => return Err(Failure::refused("null has no elements")),
        Value::Unknown(Type::Any) => return Ok(Value::unknown()),
        _ if matches!(key, Value::Unknown(Type::Any)) => return Ok(Value::unknown()),
        _ if key.is_null() => return Err(Failure::refused("an index is null")),
        _ => {}
    }
    let no_element = || Failure::refused("there is no element of that index");
    let numbered = || convert(key, &Type::Number);
    let named = || convert(key, &Type::String);
    match value {
        Value::List(element, items) => match numbered()? {
            Value::Number(at) => part(items, &at).cloned().ok_or_else(no_element),
            _ => Ok(Value::Unknown(element.clone())),
        },
        Value::Unknown(Type::List(element)) => match numbered()? {
            Value::Number(at) if place(&at).is_none() => Err(no_element()),
            _ => Ok(Value::Unknown((**element).clone())),
        },
        Value::Tuple(items) => match numbered()? {
            Value::Number(at) => part(items, &at).cloned().ok_or_else(no_element),
            _ => Ok(Value::unknown()),
        },
        Value::Unknown(Type::Tuple(elements)) => match numbered()? {
            Value::Number(at) => part(elements, &at)
                .cloned()
                .map(Value::Unknown)
                .ok_or_else(no_element),
            _ => Ok(Value::unknown()),
        },
        Value::Map(element, entries) => match named()? {
            Value::String(key) => entries.get(&key).cloned().ok_or_else(no_element),
            _ => Ok(Value::Unknown(element.clone())),
        },
        Value::Unknown(Type::Map(element)) => named().map(|_| Value::Unknown((**element).clone())),
        Value::Object(entries) => match named()? {
            Value::String(key) => entries.get(&key).cloned().ok_or_else(no_element),
            _ => Ok(Value::unknown()),
        },
        Value::Unknown(Type::Object(attributes)) => match named()? {
            Value::String(key) => attributes
                .get(&key)
                .cloned()
                .map(Value::Unknown)
                .ok_or_else(no_element),
            _ => Ok(Value::unknown()),
        },
        other => Err(Failure::refused(format!("{} has no indexes", other.kind()))),
    }
}

fn part<'a, T>(parts: &'a [T], index: &Number) -> Option<&'a T> {
    parts.get(place(index)?)
}

fn place(index: &Number) -> Option<usize> {
    usize::try_from(index.to_i64()?).ok()
}
