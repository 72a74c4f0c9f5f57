//! Rows as values of the domain: the one way in which they come out of a database.
//!
//! Values are read in the order of the statement's columns, and every named field checks that it is
//! its own column's turn: a statement and a type that part ways fail with the name of the column,
//! and nothing is looked up by name. A value that can't be read is an error of its column, never a
//! panic.
//!
//! The databases differ in ids and times. PostgreSQL has types of its own; SQLite holds text: ids
//! hyphenated and in lower case, times in UTC with exactly six decimals, so that they sort.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use serde::de::IntoDeserializer;
use serde::de::value::{Error as LabelError, StrDeserializer};
use sqlx::error::BoxDynError;
use sqlx::postgres::{PgRow, PgValueRef};
use sqlx::sqlite::{SqliteRow, SqliteValueRef};
use sqlx::{Column as _, Database, Decode, Postgres, Row as _, Sqlite, Type, ValueRef as _};
use uuid::Uuid;

use crate::model::{JobStatus, PrebuildStatus, Time, Transition, time};
use crate::store::StoreError;
use crate::template::{Choice, Role, Variable};

/// Microseconds between 1970 and 2000, where PostgreSQL's times begin.
const POSTGRES_EPOCH_MICROS: i64 = 946_684_800_000_000;

/// What a row, or consecutive columns of one, are read as.
pub(in crate::store) trait FromRow: Sized {
    /// Takes as many columns as it needs.
    ///
    /// # Errors
    /// [`StoreError::Row`], which names the column that can't be read.
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError>;
}

/// What a single value is read as.
pub(in crate::store) trait Column: Sized {
    /// What a null stands for; none where there must not be one.
    const NULL: Option<Self> = None;

    /// Reads a value that is not null.
    fn read(value: Value<'_>) -> Result<Self, BoxDynError>;
}

/// A value as either database holds it.
pub(in crate::store) enum Value<'r> {
    Postgres(PgValueRef<'r>),
    Sqlite(SqliteValueRef<'r>),
}

#[derive(Clone, Copy)]
enum Row<'r> {
    Postgres(&'r PgRow),
    Sqlite(&'r SqliteRow),
}

/// The columns of a row that are still to be read.
pub(in crate::store) struct Columns<'r> {
    row: Row<'r>,
    next: usize,
}

/// Implements [`FromRow`] for structs: a field for each column, both of one name and in one order.
/// A function after `=>` makes the field of the column's value, a field after `..` takes the rest of
/// the row, and those after `;` begin as their default.
macro_rules! rows {
    ($($row:ty {
        $($field:ident $(=> $convert:expr)?),* $(, ..$rest:ident)? $(,)? $(; $($later:ident),+)?
    })+) => {$(
        impl $crate::store::session::row::FromRow for $row {
            fn from_row(
                columns: &mut $crate::store::session::row::Columns<'_>,
            ) -> Result<Self, $crate::store::StoreError> {
                Ok(Self {
                    $($field: columns.field(stringify!($field))$(.map($convert))??,)*
                    $($rest: columns.rest()?,)?
                    $($($later: Default::default(),)+)?
                })
            }
        }
    )+};
}

pub(in crate::store) use rows;

impl<'r> From<&'r PgRow> for Columns<'r> {
    fn from(row: &'r PgRow) -> Self {
        let row = Row::Postgres(row);
        Self { row, next: 0 }
    }
}

impl<'r> From<&'r SqliteRow> for Columns<'r> {
    fn from(row: &'r SqliteRow) -> Self {
        let row = Row::Sqlite(row);
        Self { row, next: 0 }
    }
}

impl Columns<'_> {
    /// Reads the next column, whose name must be that of the field. The name of its table may stand
    /// in front, for errors to say.
    pub(in crate::store) fn field<T: FromRow>(&mut self, name: &str) -> Result<T, StoreError> {
        let found = self.name().unwrap_or("nothing");
        if found == name
            || found
                .rsplit_once('.')
                .is_some_and(|(_, found)| found == name)
        {
            return T::from_row(self);
        }
        let problem = format!("the statement returns {found} in its place");
        Err(StoreError::row(name, problem))
    }

    /// Reads what is left of the row.
    pub(in crate::store) fn rest<T: FromRow>(&mut self) -> Result<T, StoreError> {
        T::from_row(self)
    }

    /// Reads the next column, whatever its name.
    fn column<T: Column>(&mut self) -> Result<T, StoreError> {
        let value = if self.next_is_null()? {
            T::NULL.ok_or_else(|| "it is null".into())
        } else {
            self.value().map_err(BoxDynError::from).and_then(T::read)
        };
        let value =
            value.map_err(|problem| StoreError::row(self.name().unwrap_or_default(), problem))?;
        self.next += 1;
        Ok(value)
    }

    /// Whether the next column's value is null.
    fn next_is_null(&self) -> Result<bool, StoreError> {
        let is_null = match self.value() {
            Ok(Value::Postgres(value)) => value.is_null(),
            Ok(Value::Sqlite(value)) => value.is_null(),
            Err(error) => return Err(StoreError::row("", error)),
        };
        Ok(is_null)
    }

    fn value(&self) -> Result<Value<'_>, sqlx::Error> {
        match self.row {
            Row::Postgres(row) => row.try_get_raw(self.next).map(Value::Postgres),
            Row::Sqlite(row) => row.try_get_raw(self.next).map(Value::Sqlite),
        }
    }

    fn name(&self) -> Option<&str> {
        match self.row {
            Row::Postgres(row) => row.columns().get(self.next).map(|column| column.name()),
            Row::Sqlite(row) => row.columns().get(self.next).map(|column| column.name()),
        }
    }
}

impl<T: Column> FromRow for T {
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        columns.column()
    }
}

/// None when the first column is null. Of more than one column it must be what a row ends with.
impl<T: FromRow> FromRow for Option<T> {
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        if columns.next_is_null()? {
            columns.next += 1;
            return Ok(None);
        }
        T::from_row(columns).map(Some)
    }
}

/// Keeps a value that can't be read from failing the whole statement; must be what a row ends with.
impl<T: FromRow> FromRow for Result<T, StoreError> {
    fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
        Ok(T::from_row(columns))
    }
}

macro_rules! tuples {
    ($(($($part:ident),+))+) => {$(
        impl<$($part: FromRow),+> FromRow for ($($part,)+) {
            fn from_row(columns: &mut Columns<'_>) -> Result<Self, StoreError> {
                Ok(($($part::from_row(columns)?,)+))
            }
        }
    )+};
}

tuples! { (A, B) (A, B, C) (A, B, C, D) }

/// Types that the driver of each database reads, and what a null stands for.
macro_rules! plain {
    ($($type:ty: $null:expr),+) => {$(
        impl Column for $type {
            const NULL: Option<Self> = $null;

            fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
                match value {
                    Value::Postgres(value) => checked::<Postgres, Self>(value),
                    Value::Sqlite(value) => checked::<Sqlite, Self>(value),
                }
            }
        }
    )+};
}

// As in a condition, null is not true.
plain! { i64: None, bool: Some(false), String: None, Vec<u8>: None }

impl Column for i32 {
    fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
        Ok(i64::read(value)?.try_into()?)
    }
}

impl Column for Uuid {
    fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
        match value {
            Value::Postgres(value) => checked::<Postgres, Self>(value),
            Value::Sqlite(value) => Ok(checked::<Sqlite, &str>(value)?.parse()?),
        }
    }
}

impl Column for Time {
    /// Reads PostgreSQL's number itself: the driver's own conversion panics on infinite times and those of
    /// far years. For these stands the nearest end of what documents can hold.
    fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
        match value {
            Value::Postgres(value) => {
                of_type::<Postgres, Self>(&value)?;
                let micros = <i64 as Decode<Postgres>>::decode(value)?;
                Ok(time::nearest(micros.saturating_add(POSTGRES_EPOCH_MICROS)))
            }
            Value::Sqlite(value) => Ok(time::parse(checked::<Sqlite, &str>(value)?)?),
        }
    }
}

/// Enums, by their labels in the database. A label that a later release has added must not keep
/// everything else from being read.
macro_rules! labels {
    ($($label:ty),+) => {$(
        impl Column for $label {
            fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
                let label: StrDeserializer<'_, LabelError> = text(value)?.into_deserializer();
                Ok(serde::Deserialize::deserialize(label).unwrap_or(Self::Unknown))
            }
        }
    )+};
}

labels! { JobStatus, PrebuildStatus, Transition }

/// JSON, which a statement on PostgreSQL casts to text.
macro_rules! json {
    ($($type:ty),+) => {$(
        impl Column for $type {
            fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
                Ok(serde_json::from_str(text(value)?)?)
            }
        }
    )+};
}

json! {
    BTreeMap<String, String>, BTreeMap<String, Vec<String>>, Vec<String>, Vec<Role>, Vec<Variable>
}

/// Coder writes null for a parameter without options.
impl Column for Vec<Choice> {
    fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
        let options: Option<Self> = serde_json::from_str(text(value)?)?;
        Ok(options.unwrap_or_default())
    }
}

/// Nanoseconds, as databases hold how long a workspace runs.
impl Column for TimeDelta {
    fn read(value: Value<'_>) -> Result<Self, BoxDynError> {
        i64::read(value).map(Self::nanoseconds)
    }
}

fn text(value: Value<'_>) -> Result<&str, BoxDynError> {
    match value {
        Value::Postgres(value) => checked::<Postgres, &str>(value),
        Value::Sqlite(value) => checked::<Sqlite, &str>(value),
    }
}

fn checked<'r, DB: Database, T: Decode<'r, DB> + Type<DB>>(
    value: DB::ValueRef<'r>,
) -> Result<T, BoxDynError> {
    of_type::<DB, T>(&value)?;
    T::decode(value)
}

fn of_type<'r, DB: Database, T: Type<DB>>(value: &DB::ValueRef<'r>) -> Result<(), BoxDynError> {
    let found = value.type_info();
    if T::compatible(&found) {
        return Ok(());
    }
    Err(format!("it is of type {found}, not {}", T::type_info()).into())
}

#[cfg(test)]
mod tests {
    use std::fmt::Debug;

    use sqlx::{Connection as _, SqliteConnection};

    use super::*;

    #[derive(Debug, PartialEq)]
    struct Build {
        number: i64,
        transition: Transition,
    }

    #[derive(Debug, PartialEq)]
    struct Workspace {
        id: Uuid,
        created_at: Option<Time>,
        ready: bool,
        build: Option<Build>,
    }

    rows! {
        Build { number, transition }
        Workspace { id, created_at, ready, ..build }
    }

    fn read<T: FromRow>(sql: &'static str) -> Result<T, String> {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let row = runtime.unwrap().block_on(async {
            let mut connection = SqliteConnection::connect("sqlite::memory:").await?;
            sqlx::query(sql).fetch_one(&mut connection).await
        });
        T::from_row(&mut Columns::from(&row.unwrap())).map_err(|error| error.to_string())
    }

    fn fails<T: FromRow + Debug>(sql: &'static str, problem: &str) {
        let expected = format!("a row can't be read: column {problem}");
        assert_eq!(read::<T>(sql).unwrap_err(), expected);
    }

    #[test]
    fn a_row_is_read_in_the_order_of_its_columns() {
        let workspace: Workspace = read(
            "SELECT '00000000-0000-0000-0000-000000000001' AS id, \
             '2026-01-01T00:00:00.000001Z' AS created_at, 1 AS ready, \
             7 AS number, 'start' AS transition",
        )
        .unwrap();
        assert_eq!(workspace.id, Uuid::from_u128(1));
        assert_eq!(workspace.created_at.unwrap().timestamp_subsec_micros(), 1);
        assert!(workspace.ready);
        let transition = Transition::Start;
        assert_eq!(
            workspace.build,
            Some(Build {
                number: 7,
                transition
            })
        );
    }

    #[test]
    fn nulls_are_none_and_not_true() {
        let workspace: Workspace = read(
            "SELECT '00000000-0000-0000-0000-000000000001' AS id, NULL AS created_at, \
             NULL AS ready, NULL AS number, NULL AS transition",
        )
        .unwrap();
        assert_eq!((workspace.created_at, workspace.build), (None, None));
        assert!(!workspace.ready);
        fails::<Build>("SELECT NULL AS number", "number: it is null");
    }

    #[test]
    fn an_error_names_the_column() {
        fails::<Build>(
            "SELECT 7 AS number, 8 AS transition",
            "transition: it is of type INTEGER, not TEXT",
        );
        fails::<Build>(
            "SELECT 'seven' AS number",
            "number: it is of type TEXT, not INTEGER",
        );
        fails::<(Uuid, i64)>("SELECT 7 AS id, 1", "id: it is of type INTEGER, not TEXT");
    }

    #[test]
    fn a_label_of_a_later_release_is_unknown() {
        let labels: (Transition, JobStatus, PrebuildStatus) =
            read("SELECT 'hibernate', 'queued', 'resting'").unwrap();
        let unknown = (
            Transition::Unknown,
            JobStatus::Unknown,
            PrebuildStatus::Unknown,
        );
        assert_eq!(labels, unknown);
    }

    #[test]
    fn a_statement_that_lacks_a_column_is_an_error() {
        let problem = "number: the statement returns transition in its place";
        fails::<Build>("SELECT 'start' AS transition, 7 AS number", problem);
        let problem = "transition: the statement returns nothing in its place";
        fails::<Build>("SELECT 7 AS number", problem);
    }

    #[test]
    fn an_unreadable_row_can_be_kept_apart() {
        let (number, build): (i64, Result<Build, StoreError>) =
            read("SELECT 1, 7 AS number, NULL AS transition").unwrap();
        assert_eq!(number, 1);
        assert!(build.is_err());
    }
}
