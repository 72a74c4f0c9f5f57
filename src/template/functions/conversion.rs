//! Functions that convert, and those on sensitive marks.

use super::Call;
use super::signature::{ANY, Function, Kind, Parameter, RETURNS_BOOL, RETURNS_FIRST, Returns};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, convert};

pub(super) const FUNCTIONS: &[Function] = &[
    to("tobool", Returns::Kind(Kind::Bool), |call| {
        to_kind(call, Kind::Bool)
    }),
    to(
        "tolist",
        Returns::Of(|arguments| converted(arguments, Kind::List)),
        |call| to_kind(call, Kind::List),
    ),
    to(
        "tomap",
        Returns::Of(|arguments| converted(arguments, Kind::Map)),
        |call| to_kind(call, Kind::Map),
    ),
    to("tonumber", Returns::Kind(Kind::Number), |call| {
        to_kind(call, Kind::Number)
    }),
    to(
        "toset",
        Returns::Of(|arguments| converted(arguments, Kind::Set)),
        |call| to_kind(call, Kind::Set),
    ),
    to("tostring", Returns::Kind(Kind::Text), |call| {
        to_kind(call, Kind::Text)
    }),
    Function::new(
        "issensitive",
        &[ANY.nullable().untyped()],
        RETURNS_BOOL,
        |call| Ok(call.argument(0)?.reveal().1.into()),
    )
    .marking(),
    Function::new(
        "nonsensitive",
        &[ANY.nullable().unknown()],
        RETURNS_FIRST,
        |call| Ok(call.argument(0)?.reveal().0.clone()),
    )
    .marking(),
    Function::new(
        "sensitive",
        &[ANY.nullable().unknown()],
        RETURNS_FIRST,
        |call| Ok(call.argument(0)?.clone().sensitive()),
    )
    .marking(),
];

const fn to(
    name: &'static str,
    returns: Returns,
    run: fn(&Call<'_>) -> Result<Value, Failure>,
) -> Function {
    const PARAMETERS: &[Parameter] = &[ANY.nullable().untyped()];
    Function::new(name, PARAMETERS, returns, run).structural()
}

fn to_kind(call: &Call<'_>, kind: Kind) -> Result<Value, Failure> {
    convert(call.argument(0)?, &kind.type_of())
}

fn converted(arguments: &[Value], kind: Kind) -> Result<Type, Failure> {
    match arguments.first() {
        Some(value) => Ok(convert(&Value::Unknown(value.type_of()), &kind.type_of())?.type_of()),
        None => Ok(Type::Any),
    }
}
