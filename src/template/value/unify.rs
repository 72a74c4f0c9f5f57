//! Which types convert to which, and the one type that values of several types can take together.
//! Both are one recursion: the elements of a tuple unify before they convert to those of a list.
//!
//! Invariant: types alone decide; no value is looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Type;

/// Which conversions count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ways {
    /// Those that succeed for every value.
    Safe,
    /// Those that some values fail, too.
    All,
}

/// The type that a value of one type has after conversion to another, in which [`Type::Any`]
/// stands for whatever fits; none where no conversion exists.
pub(super) fn converted(from: &Type, to: &Type, ways: Ways) -> Option<Type> {
    let all = ways == Ways::All;
    match (from, to) {
        (_, Type::Any) => Some(from.clone()),
        (Type::Any, _) => all.then(|| to.clone()),
        (Type::Bool, Type::Bool) | (Type::Number, Type::Number) => Some(to.clone()),
        (Type::Bool | Type::Number | Type::String, Type::String) => Some(Type::String),
        (Type::String, Type::Bool | Type::Number) => all.then(|| to.clone()),
        (Type::List(from) | Type::Set(from), Type::List(to)) => {
            converted(from, to, ways).map(Type::list)
        }
        (Type::Set(from), Type::Set(to)) => converted(from, to, ways).map(Type::set),
        (Type::List(from), Type::Set(to)) if all => converted(from, to, ways).map(Type::set),
        (Type::Map(from), Type::Map(to)) => converted(from, to, ways).map(Type::map),
        (Type::Tuple(from), Type::List(to)) => shared(from.iter(), to, ways).map(Type::list),
        (Type::Tuple(from), Type::Set(to)) => shared(from.iter(), to, ways).map(Type::set),
        (Type::Tuple(from), Type::Tuple(to)) if from.len() == to.len() => {
            let elements = from.iter().zip(to.iter());
            let elements = elements.map(|(from, to)| converted(from, to, ways));
            Some(Type::Tuple(elements.collect::<Option<_>>()?))
        }
        (Type::Object(from), Type::Map(to)) => shared(from.values(), to, ways).map(Type::map),
        (Type::Object(from), Type::Object(to)) => {
            attributes(to, |name, wanted| converted(from.get(name)?, wanted, ways))
        }
        (Type::Map(from), Type::Object(to)) if all => {
            attributes(to, |_, wanted| converted(from, wanted, ways))
        }
        _ => None,
    }
}

/// The one type that elements of several types convert to.
fn shared<'a>(from: impl Iterator<Item = &'a Type> + Clone, to: &Type, ways: Ways) -> Option<Type> {
    let to = match to {
        Type::Any => unify(from.clone(), ways)?,
        known => known.clone(),
    };
    let mut element = to.clone();
    for from in from {
        element = converted(from, &to, ways)?;
    }
    Some(if to.has_any() { element } else { to })
}

fn attributes(
    to: &BTreeMap<Arc<str>, Type>,
    from: impl Fn(&Arc<str>, &Type) -> Option<Type>,
) -> Option<Type> {
    let attributes = to
        .iter()
        .map(|(name, wanted)| Some((name.clone(), from(name, wanted)?)));
    Some(Type::Object(attributes.collect::<Option<_>>()?))
}

/// The type that each of the types converts to; none where there is no such type. Types that are
/// not known make the outcome unknown where more than the plain types are at stake.
pub(super) fn unify<'a>(types: impl Iterator<Item = &'a Type>, ways: Ways) -> Option<Type> {
    let mut different: Vec<&Type> = Vec::new();
    for one in types {
        if !different.contains(&one) {
            different.push(one);
        }
    }
    match different.as_slice() {
        [] => return Some(Type::Any),
        [one] => return Some((*one).clone()),
        _ => {}
    }
    let known: Vec<&Type> = different
        .iter()
        .copied()
        .filter(|one| !one.is_any())
        .collect();
    let open = known.len() < different.len();
    let kinds: BTreeSet<Kind> = known.iter().map(|one| Kind::of(one)).collect();
    let element = || elements_of(&known, ways);
    let one_kind = match kinds.iter().collect::<Vec<_>>().as_slice() {
        [Kind::Plain] => None,
        [_] if open => return Some(Type::Any),
        [Kind::List] => Some(element().map(Type::list)),
        [Kind::Set] => Some(element().map(Type::set)),
        [Kind::Map] => Some(element().map(Type::map)),
        [Kind::Tuple] => Some(tuples(&known, ways)),
        [Kind::Object] => Some(objects(&known, ways)),
        // A tuple is often meant as a list, an object as a map.
        [Kind::List, Kind::Tuple] => element().map(Type::list).map(Some),
        [Kind::Map, Kind::Object] => element().map(Type::map).map(Some),
        _ => kinds
            .is_superset(&BTreeSet::from([Kind::Tuple, Kind::Object]))
            .then_some(None),
    };
    one_kind.unwrap_or_else(|| one_of(&different, ways))
}

/// What kind of type it is, the element's aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Plain,
    List,
    Set,
    Tuple,
    Map,
    Object,
}

impl Kind {
    const fn of(one: &Type) -> Self {
        match one {
            Type::Any | Type::Bool | Type::Number | Type::String => Self::Plain,
            Type::List(_) => Self::List,
            Type::Set(_) => Self::Set,
            Type::Tuple(_) => Self::Tuple,
            Type::Map(_) => Self::Map,
            Type::Object(_) => Self::Object,
        }
    }
}

/// The type among them that all others convert to, one that they convert to safely first.
fn one_of(types: &[&Type], ways: Ways) -> Option<Type> {
    let suits = |to: &Type, ways| types.iter().all(|from| converted(from, to, ways).is_some());
    let known = || types.iter().copied().filter(|one| **one != Type::Any);
    let open = known().count() < types.len();
    // What is not known is taken for what the others are.
    let safe = known().find(|to| {
        known().all(|from| converted(from, to, Ways::Safe).is_some()) && suits(to, ways)
    });
    let found = safe.or_else(|| known().find(|to| ways == Ways::All && suits(to, ways)));
    found.cloned().or(open.then_some(Type::Any))
}

fn elements_of(types: &[&Type], ways: Ways) -> Option<Type> {
    let mut elements: Vec<&Type> = Vec::new();
    for one in types {
        match one {
            Type::List(element) | Type::Set(element) | Type::Map(element) => elements.push(element),
            Type::Tuple(parts) => elements.extend(parts.iter()),
            Type::Object(attributes) => elements.extend(attributes.values()),
            _ => {}
        }
    }
    unify(elements.into_iter(), ways)
}

/// An object where all have the same attributes, else a map.
fn objects(types: &[&Type], ways: Ways) -> Option<Type> {
    let objects: Vec<&BTreeMap<Arc<str>, Type>> = types
        .iter()
        .filter_map(|one| match one {
            Type::Object(attributes) => Some(&**attributes),
            _ => None,
        })
        .collect();
    let names: BTreeSet<&Arc<str>> = objects.iter().flat_map(|object| object.keys()).collect();
    if objects.iter().any(|object| object.len() != names.len()) {
        return elements_of(types, ways).map(Type::map);
    }
    let attribute = |name: &Arc<str>| {
        let types = objects.iter().filter_map(|object| object.get(name));
        Some((name.clone(), unify(types, ways)?))
    };
    Some(Type::Object(
        names.into_iter().map(attribute).collect::<Option<_>>()?,
    ))
}

/// A tuple where all have the same length, else a list.
fn tuples(types: &[&Type], ways: Ways) -> Option<Type> {
    let tuples: Vec<&[Type]> = types
        .iter()
        .filter_map(|one| match one {
            Type::Tuple(elements) => Some(elements.as_slice()),
            _ => None,
        })
        .collect();
    let length = tuples.first().map_or(0, |tuple| tuple.len());
    if tuples.iter().any(|tuple| tuple.len() != length) {
        return elements_of(types, ways).map(Type::list);
    }
    let element = |index: usize| unify(tuples.iter().filter_map(|tuple| tuple.get(index)), ways);
    Some(Type::Tuple(
        (0..length).map(element).collect::<Option<_>>()?,
    ))
}

/// The type that values of several types can take together, as the branches of a condition do.
pub(crate) fn unified<'a>(types: impl Iterator<Item = &'a Type>) -> Option<Type> {
    unify(types, Ways::All)
}
