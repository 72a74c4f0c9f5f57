//! Copies what pools need from a PostgreSQL database into a SQLite database of our own, so that
//! both hold the same scene.
//!
//! It translates by the PostgreSQL types alone and must not know tables or columns: those that both
//! sides have are copied.

use super::database::{Database, Session, TextRow};

/// Replaces the contents of the SQLite database by those of the PostgreSQL database.
pub fn copy(from: &Database, to: &Database) {
    let (mut from, mut to) = (from.session(), to.session());
    to.execute("PRAGMA foreign_keys = OFF; BEGIN");
    for table in tables(&mut to) {
        to.execute(&format!("DELETE FROM {table}"));
        copy_table(&mut from, &mut to, &table);
    }
    to.execute("COMMIT");
    assert_eq!(to.rows("PRAGMA foreign_key_check"), Vec::<TextRow>::new());
}

/// The tables of our own SQLite schema that Coder has, too.
pub fn tables(sqlite: &mut Session) -> Vec<String> {
    let names = sqlite.rows(
        "SELECT name FROM sqlite_schema
         WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_sqlx%' ESCAPE '\\'
            AND name NOT LIKE 'prebuildctl%'
         ORDER BY name",
    );
    names
        .into_iter()
        .map(|mut row| row.remove(0).expect("a name"))
        .collect()
}

fn copy_table(from: &mut Session, to: &mut Session, table: &str) {
    // Everything but generated columns.
    let known = to.rows(&format!(
        "SELECT name FROM pragma_table_xinfo('{table}') WHERE NOT hidden"
    ));
    let columns = from.rows(&format!(
        "SELECT column_name, data_type FROM information_schema.columns
         WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
    ));
    let columns: Vec<(String, String)> = columns
        .into_iter()
        .filter(|row| known.iter().any(|name| name[0] == row[0]))
        .map(|row| {
            (
                row[0].clone().expect("a name"),
                row[1].clone().expect("a type"),
            )
        })
        .collect();

    let fields: Vec<_> = columns
        .iter()
        .map(|(name, kind)| as_json(name, kind))
        .collect();
    // A jsonb object would refuse more than a hundred arguments, and keep no order.
    let rows = from.value(&format!(
        "SELECT coalesce(json_agg(json_build_array({})), '[]') FROM {table}",
        fields.join(", ")
    ));
    let names: Vec<_> = columns
        .iter()
        .map(|(name, _)| format!(r#""{name}""#))
        .collect();
    let values: Vec<_> = columns
        .iter()
        .enumerate()
        .map(|(at, (_, kind))| from_json(at, kind))
        .collect();
    to.execute_with(
        &format!(
            "INSERT INTO {table} ({}) SELECT {} FROM json_each($1)",
            names.join(", "),
            values.join(", ")
        ),
        &rows.expect("an array"),
    );
}

/// How PostgreSQL puts a column into a JSON array.
fn as_json(name: &str, kind: &str) -> String {
    const TIME: &str = r#"'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'"#;
    match kind {
        "timestamp with time zone" => format!(r#"to_char("{name}" AT TIME ZONE 'UTC', {TIME})"#),
        "timestamp without time zone" => format!(r#"to_char("{name}", {TIME})"#),
        "boolean" => format!(r#""{name}"::integer"#),
        "smallint" | "integer" | "bigint" => format!(r#""{name}""#),
        "bytea" => format!(r#"encode("{name}", 'hex')"#),
        "ARRAY" => format!(r#"to_json("{name}")::text"#),
        _ => format!(r#""{name}"::text"#),
    }
}

/// How SQLite takes it out again.
fn from_json(at: usize, kind: &str) -> String {
    match kind {
        "bytea" => format!("unhex(value ->> {at})"),
        _ => format!("value ->> {at}"),
    }
}
