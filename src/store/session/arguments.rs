//! Arguments of statements, as both databases take them.
//!
//! Sets of ids and of rows travel as one JSON argument each, which both databases unfold.

use std::borrow::Cow;

use chrono::SecondsFormat;
use serde::{Serialize, Serializer};
use sqlx::postgres::PgArguments;
use sqlx::query::Query;
use sqlx::sqlite::SqliteArguments;
use sqlx::{Database, Encode, Postgres, Sqlite, Type};
use uuid::Uuid;

use crate::model::Time;

#[derive(Clone, Debug)]
pub(in crate::store) enum Arg<'a> {
    Id(Uuid),
    Time(Time),
    Int(i64),
    Bool(bool),
    Text(Option<Cow<'a, str>>),
    Bytes(&'a [u8]),
}

/// The arguments of a statement, in the order of `$1`, `$2`, …
macro_rules! args {
    ($($argument:expr),* $(,)?) => {
        &[$($crate::store::session::arguments::Arg::from($argument)),*]
    };
}

pub(in crate::store) use args;

macro_rules! from {
    ($($type:ty: $value:ident => $arg:expr;)+) => {$(
        impl<'a> From<$type> for Arg<'a> {
            fn from($value: $type) -> Self {
                $arg
            }
        }
    )+};
}

from! {
    Uuid: id => Self::Id(id);
    Time: time => Self::Time(time);
    i64: number => Self::Int(number);
    bool: truth => Self::Bool(truth);
    String: text => Self::Text(Some(text.into()));
    &'a String: text => Self::Text(Some(text.into()));
    &'a str: text => Self::Text(Some(text.into()));
    Option<&'a str>: text => Self::Text(text.map(Cow::from));
    &'a [u8]: bytes => Self::Bytes(bytes);
}

/// A set of ids as one argument: a JSON array.
pub(in crate::store) fn id_list(ids: &[Uuid]) -> String {
    json_rows(ids)
}

/// A set of rows as one argument: a JSON array of objects.
pub(in crate::store) fn json_rows<T: Serialize>(rows: &[T]) -> String {
    // Plain structs of ids, numbers and texts always have a JSON form.
    serde_json::to_string(rows).unwrap_or_default()
}

/// A time as SQLite holds it, which PostgreSQL reads as well.
pub(in crate::store) fn time_text(time: Time) -> String {
    time.to_rfc3339_opts(SecondsFormat::Micros, true)
}

pub(in crate::store) fn serialize_time<S: Serializer>(
    time: &Time,
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&time_text(*time))
}

/// The statement with its arguments, in the form that one database has for ids and times.
fn bind<'a, DB, I, T>(
    sql: &'static str,
    arguments: &[Arg<'a>],
    id: fn(Uuid) -> I,
    time: fn(Time) -> T,
) -> Query<'a, DB, DB::Arguments>
where
    DB: Database,
    I: Encode<'a, DB> + Type<DB>,
    T: Encode<'a, DB> + Type<DB>,
    i64: Encode<'a, DB> + Type<DB>,
    bool: Encode<'a, DB> + Type<DB>,
    Option<Cow<'a, str>>: Encode<'a, DB> + Type<DB>,
    &'a [u8]: Encode<'a, DB> + Type<DB>,
{
    let mut query = sqlx::query(sql);
    for argument in arguments {
        query = match argument {
            Arg::Id(value) => query.bind(id(*value)),
            Arg::Time(value) => query.bind(time(*value)),
            Arg::Int(value) => query.bind(*value),
            Arg::Bool(value) => query.bind(*value),
            Arg::Text(value) => query.bind(value.clone()),
            Arg::Bytes(value) => query.bind(*value),
        };
    }
    query
}

/// For PostgreSQL, which has types of its own.
pub(super) fn for_postgres<'a>(
    sql: &'static str,
    arguments: &[Arg<'a>],
) -> Query<'a, Postgres, PgArguments> {
    bind(sql, arguments, |id| id, |time| time)
}

/// For SQLite, which holds both as text.
pub(super) fn for_sqlite<'a>(
    sql: &'static str,
    arguments: &[Arg<'a>],
) -> Query<'a, Sqlite, SqliteArguments> {
    bind(sql, arguments, |id| id.to_string(), time_text)
}
