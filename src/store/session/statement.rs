//! Statements: the same request to either database.
//!
//! Their texts are the files of `sql`, a folder for each noun. One text is for both databases, with
//! the [words](super::dialect) of the few idioms that differ; a pair of texts is for statements that
//! differ in substance.

use std::sync::OnceLock;

use super::dialect::{Dialect, expand};

/// A request to a database.
pub(in crate::store) struct Statement {
    /// What it is for: the beginning of an error message, such as "reading the presets".
    pub doing: &'static str,
    postgres: Text,
    sqlite: Text,
}

/// A text, and once it was needed what it is without words.
struct Text {
    source: &'static str,
    expanded: OnceLock<String>,
}

impl Statement {
    /// A statement with one text.
    pub(in crate::store) const fn both(doing: &'static str, sql: &'static str) -> Self {
        Self::twins(doing, sql, sql)
    }

    /// A statement that differs between the two in more than words.
    pub(in crate::store) const fn twins(
        doing: &'static str,
        postgres: &'static str,
        sqlite: &'static str,
    ) -> Self {
        Self {
            doing,
            postgres: Text::new(postgres),
            sqlite: Text::new(sqlite),
        }
    }

    pub(in crate::store) fn for_postgres(&'static self) -> &'static str {
        self.postgres.expand(Dialect::Postgres)
    }

    pub(in crate::store) fn for_sqlite(&'static self) -> &'static str {
        self.sqlite.expand(Dialect::Sqlite)
    }
}

impl Text {
    const fn new(source: &'static str) -> Self {
        Self {
            source,
            expanded: OnceLock::new(),
        }
    }

    fn expand(&'static self, dialect: Dialect) -> &'static str {
        self.expanded.get_or_init(|| expand(self.source, dialect))
    }
}

/// Names statements: what each is for, and the file with its text, `twins` before a pair of files
/// or `sql` before a text that needs no file.
macro_rules! statements {
    (@ $doing:literal, $path:literal) => {
        $crate::store::session::statement::Statement::both($doing, $crate::store::session::statement::sql!($path, ""))
    };
    (@ $doing:literal, twins $path:literal) => {
        $crate::store::session::statement::Statement::twins(
            $doing,
            $crate::store::session::statement::sql!($path, ".postgres"),
            $crate::store::session::statement::sql!($path, ".sqlite"),
        )
    };
    (@ $doing:literal, sql $text:literal) => {
        $crate::store::session::statement::Statement::both($doing, $text)
    };
    ($(
        $(#[$doc:meta])*
        $visibility:vis $name:ident: $doing:literal, $($kind:ident)? $text:literal;
    )+) => {$(
        $(#[$doc])*
        $visibility static $name: $crate::store::session::statement::Statement =
            $crate::store::session::statement::statements!(@ $doing, $($kind)? $text);
    )+};
}

/// The text of a file of `sql`.
macro_rules! sql {
    ($path:literal, $database:literal) => {
        include_str!(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/src/store/sql/",
            $path,
            $database,
            ".sql"
        ))
    };
    ($path:literal) => {
        $crate::store::session::statement::sql!($path, "")
    };
}

pub(in crate::store) use {sql, statements};
