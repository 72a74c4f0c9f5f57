//! Functions on sets.

use super::Call;
use super::signature::{Function, Kind, Returns, SET};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, convert, unified};

const SETS: Returns = Returns::Of(|arguments| Ok(Type::set(element(arguments)?)));

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("setintersection", &[SET], SETS, |call| {
        combine(call, |kept, next| {
            kept.retain(|value| next.contains(value));
        })
    })
    .rest(SET),
    Function::new("setsubtract", &[SET, SET], SETS, |call| {
        combine(call, |kept, next| {
            kept.retain(|value| !next.contains(value));
        })
    }),
    Function::new("setunion", &[SET], SETS, |call| {
        combine(call, |kept, next| kept.extend(next.iter().cloned()))
    })
    .rest(SET),
    Function::new(
        "alltrue",
        &[super::signature::BOOLS],
        Returns::Kind(Kind::Bool),
        |call| all_or_any(call, true),
    )
    .partial(),
    Function::new(
        "anytrue",
        &[super::signature::BOOLS],
        Returns::Kind(Kind::Bool),
        |call| all_or_any(call, false),
    )
    .partial(),
];

/// The type that the elements of all sets take together.
fn element(sets: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = sets
        .iter()
        .filter_map(|set| set.type_of().element().cloned())
        .collect();
    // A set without elements fits any other.
    let known: Vec<&Type> = types.iter().filter(|one| !one.is_any()).collect();
    unified(known.into_iter())
        .ok_or_else(|| Failure::refused("the elements of the sets have no common type"))
}

fn combine(call: &Call<'_>, step: impl Fn(&mut Vec<Value>, &[Value])) -> Result<Value, Failure> {
    let element = element(&call.arguments)?;
    let wanted = Type::set(element.clone());
    let mut kept: Option<Vec<Value>> = None;
    for (index, set) in call.arguments.iter().enumerate() {
        let set = convert(set, &wanted)?;
        let next = super::items(&set)?;
        match &mut kept {
            None => kept = Some(next.to_vec()),
            Some(kept) => {
                let work = (kept.len() as u64).saturating_mul(next.len() as u64);
                call.budget.spend(work.saturating_add(index as u64))?;
                step(kept, next);
            }
        }
    }
    Value::set(&element, kept.unwrap_or_default())
}

/// Whether all elements are true, or any is. Terraform: the first element that isn't known leaves
/// open whether all are; whether any is, a later one can still settle.
fn all_or_any(call: &Call<'_>, all: bool) -> Result<Value, Failure> {
    let mut unknown = false;
    for item in call.items(0)? {
        match item {
            Value::Unknown(_) if all => return Ok(Value::Unknown(Type::Bool)),
            Value::Unknown(_) => unknown = true,
            Value::Bool(true) if !all => return Ok(true.into()),
            Value::Bool(true) => {}
            _ if all => return Ok(false.into()),
            _ => {}
        }
    }
    Ok(if unknown {
        Value::Unknown(Type::Bool)
    } else {
        all.into()
    })
}
