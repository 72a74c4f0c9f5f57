//! Functions on lists and tuples.

use super::Call;
use super::signature::{
    ANY, Function, LIST, NUMBER, RETURNS_ANY, RETURNS_BOOL, RETURNS_FIRST, RETURNS_NUMBER,
    RETURNS_TEXTS, Returns, TEXTS,
};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, convert, equal, unified};

const CHUNKS: Returns = Returns::Of(|arguments| {
    Ok(Type::list(
        arguments.first().map_or(Type::Any, Value::type_of),
    ))
});

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("chunklist", &[LIST, NUMBER], CHUNKS, chunks).structural(),
    Function::new("coalescelist", &[], RETURNS_ANY, coalesce)
        .rest(ANY.unknown())
        .structural(),
    Function::new("compact", &[TEXTS], RETURNS_TEXTS, |call| {
        let kept = call.items(0)?.iter().filter(|item| match item {
            Value::String(text) => !text.is_empty(),
            _ => false,
        });
        Ok(Value::List(Type::String, kept.cloned().collect()))
    }),
    Function::new("concat", &[ANY], RETURNS_ANY, concat)
        .rest(ANY)
        .structural(),
    Function::new("contains", &[ANY, ANY], RETURNS_BOOL, contains).partial(),
    Function::new("distinct", &[LIST], RETURNS_FIRST, distinct),
    Function::new(
        "element",
        &[ANY, NUMBER],
        Returns::Of(element_type),
        element,
    )
    .structural(),
    Function::new("flatten", &[ANY], RETURNS_ANY, flatten).structural(),
    Function::new("index", &[ANY, ANY], RETURNS_NUMBER, index).partial(),
    Function::new("matchkeys", &[LIST, LIST, LIST], RETURNS_FIRST, match_keys),
    Function::new("one", &[ANY], RETURNS_ANY, one).structural(),
    Function::new("reverse", &[ANY], RETURNS_ANY, reverse).structural(),
    Function::new(
        "setproduct",
        &[ANY, ANY],
        Returns::Of(product_type),
        product,
    )
    .rest(ANY),
    Function::new(
        "slice",
        &[ANY, NUMBER, NUMBER],
        Returns::Of(slice_type),
        slice,
    )
    .structural(),
    Function::new("sort", &[TEXTS], RETURNS_TEXTS, |call| {
        let mut texts = Vec::new();
        for item in call.items(0)? {
            match item {
                Value::String(text) => texts.push(text.clone()),
                _ => return Err(Failure::refused("an element is null")),
            }
        }
        texts.sort();
        Ok(Value::List(
            Type::String,
            texts.into_iter().map(Value::String).collect(),
        ))
    }),
];

/// The elements of what is no set.
fn ordered(value: &Value) -> Result<&[Value], Failure> {
    match value {
        Value::Set(..) => Err(Failure::refused("a set has no order")),
        other => super::items(other),
    }
}

fn chunks(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.argument(0)?;
    let size = usize::try_from(call.integer(1)?)
        .map_err(|_| Failure::refused("the size of the parts is below zero"))?;
    let items = super::items(list)?;
    let element = list.type_of().element().cloned().unwrap_or(Type::Any);
    let size = if size == 0 { items.len() } else { size };
    let parts = items
        .chunks(size.max(1))
        .map(|part| Value::list(&element, part.to_vec()));
    Value::list(&list.type_of(), parts.collect::<Result<_, _>>()?)
}

/// The first list that isn't empty, unknown ones before it leaving that open.
fn coalesce(call: &Call<'_>) -> Result<Value, Failure> {
    let known = || call.arguments.iter().filter(|list| list.is_known());
    for list in known() {
        ordered(list)?;
    }
    for list in &call.arguments {
        match ordered(list) {
            Ok([]) => {}
            Ok(_) => return Ok(list.clone()),
            Err(_) => return Ok(Value::unknown()),
        }
    }
    Err(Failure::refused("every list is empty"))
}

/// Lists make a list of the type that they share, where a tuple is among them or they share none a
/// tuple.
fn concat(call: &Call<'_>) -> Result<Value, Failure> {
    let mut items = Vec::new();
    for list in &call.arguments {
        items.extend(ordered(list)?.iter().cloned());
    }
    let types = call
        .arguments
        .iter()
        .map(Value::type_of)
        .collect::<Vec<_>>();
    let lists = types.iter().all(|one| matches!(one, Type::List(_)));
    let empty = |list: &Value| matches!(list, Value::List(Type::Any, _));
    let shared = lists
        .then(|| {
            let known = call
                .arguments
                .iter()
                .zip(&types)
                .filter(|(list, _)| !empty(list));
            unified(known.filter_map(|(_, one)| one.element()))
        })
        .flatten();
    match shared {
        Some(element) => {
            let items = items.iter().map(|item| convert(item, &element));
            Value::list(&element, items.collect::<Result<_, _>>()?)
        }
        None => Ok(Value::tuple(items)),
    }
}

fn contains(call: &Call<'_>) -> Result<Value, Failure> {
    let wanted = call.argument(1)?;
    let mut unknown = false;
    for item in call.items(0)? {
        match equal(item, wanted) {
            Some(true) => return Ok(true.into()),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown {
        Value::Unknown(Type::Bool)
    } else {
        false.into()
    })
}

fn distinct(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.argument(0)?;
    let mut kept: Vec<Value> = Vec::new();
    for item in super::items(list)? {
        call.budget.spend(kept.len() as u64)?;
        if !kept.contains(item) {
            kept.push(item.clone());
        }
    }
    Value::list(list.type_of().element().unwrap_or(&Type::Any), kept)
}

fn element_type(arguments: &[Value]) -> Result<Type, Failure> {
    Ok(match arguments.first().map(Value::type_of) {
        Some(Type::List(element)) => (*element).clone(),
        Some(Type::Any) | None => Type::Any,
        Some(Type::Tuple(_)) => Type::Any,
        Some(other) => return Err(Failure::refused(format!("{other} has no order"))),
    })
}

/// Counts on from the other end before the first and after the last element.
fn element(call: &Call<'_>) -> Result<Value, Failure> {
    let items = ordered(call.argument(0)?)?;
    let length = i64::try_from(items.len()).unwrap_or(i64::MAX);
    call.integer(1)?
        .checked_rem_euclid(length)
        .and_then(|index| items.get(usize::try_from(index).ok()?))
        .cloned()
        .ok_or_else(|| Failure::refused("the list is empty"))
}

fn flatten(call: &Call<'_>) -> Result<Value, Failure> {
    let mut items = Vec::new();
    let (mut known, mut sensitive) = (true, false);
    call.items(0)?;
    spread(call.argument(0)?, &mut items, &mut known, &mut sensitive);
    let value = if known {
        Value::tuple(items)
    } else {
        Value::unknown()
    };
    Ok(if sensitive { value.sensitive() } else { value })
}

fn spread(value: &Value, items: &mut Vec<Value>, known: &mut bool, sensitive: &mut bool) {
    let (inner, hidden) = value.reveal();
    match inner {
        Value::List(_, inner) | Value::Set(_, inner) | Value::Tuple(inner) => {
            *sensitive |= hidden;
            for item in inner.iter() {
                spread(item, items, known, sensitive);
            }
        }
        // It may be a list that is to be spread, too.
        Value::Unknown(kind) if !kind.is_primitive() => *known = false,
        _ => items.push(value.clone()),
    }
}

fn index(call: &Call<'_>) -> Result<Value, Failure> {
    let wanted = call.argument(1)?;
    for (place, item) in (0i64..).zip(ordered(call.argument(0)?)?) {
        match equal(item, wanted) {
            Some(true) => return Ok(place.into()),
            Some(false) => {}
            None => return Ok(Value::Unknown(Type::Number)),
        }
    }
    Err(Failure::refused("the list doesn't have that element"))
}

fn match_keys(call: &Call<'_>) -> Result<Value, Failure> {
    let (values, keys, wanted) = (call.argument(0)?, call.argument(1)?, call.argument(2)?);
    let types = [keys.type_of(), wanted.type_of()];
    let shared = unified(types.iter())
        .ok_or_else(|| Failure::refused("the keys and the wanted keys have no common type"))?;
    let (keys, wanted) = (convert(keys, &shared)?, convert(wanted, &shared)?);
    let (items, keys, wanted) = (
        super::items(values)?,
        super::items(&keys)?,
        super::items(&wanted)?,
    );
    if items.len() != keys.len() {
        return Err(Failure::refused("there are not as many keys as values"));
    }
    call.budget
        .spend((keys.len() as u64).saturating_mul(wanted.len() as u64))?;
    let kept = items
        .iter()
        .zip(keys)
        .filter(|(_, key)| wanted.contains(key));
    let kept = kept.map(|(item, _)| item.clone()).collect();
    Value::list(values.type_of().element().unwrap_or(&Type::Any), kept)
}

fn one(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.argument(0)?;
    match super::items(list)? {
        [] => Ok(Value::Null(
            list.type_of().element().cloned().unwrap_or(Type::Any),
        )),
        [only] => Ok(only.clone()),
        _ => Err(Failure::refused("there is more than one element")),
    }
}

fn reverse(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.argument(0)?;
    let items = super::items(list)?.iter().rev().cloned().collect();
    Ok(match list {
        Value::List(element, _) | Value::Set(element, _) => Value::List(element.clone(), items),
        _ => Value::Tuple(items),
    })
}

/// The type that the elements of a sequence take together.
fn common_element(sequence: &Value) -> Result<Type, Failure> {
    match sequence.type_of() {
        Type::Tuple(parts) => unified(parts.iter())
            .ok_or_else(|| Failure::refused("the elements of a tuple have no common type")),
        other => Ok(other.element().cloned().unwrap_or(Type::Any)),
    }
}

fn product_type(arguments: &[Value]) -> Result<Type, Failure> {
    let types: Vec<Type> = arguments.iter().map(Value::type_of).collect();
    if types.iter().any(Type::is_any) {
        return Ok(Type::Any);
    }
    let row = Type::Tuple(
        arguments
            .iter()
            .map(common_element)
            .collect::<Result<_, _>>()?,
    );
    Ok(match types.iter().any(|one| matches!(one, Type::Set(_))) {
        true => Type::set(row),
        false => Type::list(row),
    })
}

/// Every combination of an element of each: a set if any of them is one, else a list.
fn product(call: &Call<'_>) -> Result<Value, Failure> {
    let mut elements = Vec::new();
    let mut sequences = Vec::new();
    for sequence in &call.arguments {
        let element = common_element(sequence)?;
        let items = super::items(sequence)?
            .iter()
            .map(|item| convert(item, &element));
        sequences.push(items.collect::<Result<Vec<_>, _>>()?);
        elements.push(element);
    }
    let count = sequences.iter().fold(1u64, |count, items| {
        count.saturating_mul(items.len() as u64)
    });
    call.budget
        .spend(count.saturating_mul(1 + sequences.len() as u64))?;
    let mut rows: Vec<Vec<Value>> = vec![Vec::new()];
    for items in &sequences {
        rows = rows
            .iter()
            .flat_map(|row| {
                items
                    .iter()
                    .map(|item| row.iter().chain([item]).cloned().collect::<Vec<_>>())
            })
            .collect();
    }
    let rows = rows.into_iter().map(Value::tuple).collect();
    let row = Type::Tuple(elements.into_iter().collect());
    match call
        .arguments
        .iter()
        .any(|sequence| matches!(sequence, Value::Set(..)))
    {
        true => Value::set(&row, rows),
        false => Value::list(&row, rows),
    }
}

fn slice_type(arguments: &[Value]) -> Result<Type, Failure> {
    Ok(match arguments.first().map(Value::type_of) {
        Some(list @ Type::List(_)) => list,
        _ => Type::Any,
    })
}

fn slice(call: &Call<'_>) -> Result<Value, Failure> {
    let list = call.argument(0)?;
    let bound = |index| {
        usize::try_from(call.integer(index)?)
            .map_err(|_| Failure::refused("an index is below zero"))
    };
    let (start, end) = (bound(1)?, bound(2)?);
    let items = ordered(list)?
        .get(start..end)
        .ok_or_else(|| Failure::refused("the list doesn't reach that far, or it ends too early"))?;
    Ok(match list {
        Value::List(element, _) => Value::List(element.clone(), items.to_vec().into()),
        _ => Value::tuple(items.iter().cloned()),
    })
}
