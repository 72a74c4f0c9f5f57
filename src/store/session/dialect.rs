//! One text for both databases: the words in braces that statements use where the two differ.
//!
//! | word | PostgreSQL | SQLite |
//! |---|---|---|
//! | `{ids $1}` | ids of a JSON array, as a query with the column `id` | the same |
//! | `{texts $1}` | texts of a JSON array, as a query | the same |
//! | `{rows $1 n: a uuid, b text}` | objects of a JSON array as the relation `n` | the same |
//! | `{cast $1 uuid}` | a cast to a type that only PostgreSQL has | the value |
//! | `{every x}` | whether `x` holds for all; null for none | the same |
//! | `{look_up t AS w ON x}` | the rows of `t` for each row before it, never the other way round | the same |
//! | `{lock w}` | locks the rows of `w`, passing over locked ones | nothing |
//! | `{hold w}` | the same, and lets others change what is no key | nothing |
//! | `{either x \| y}` | `x` | `y` |
//!
//! Any other word is a fragment: a file of `sql/fragment` with the word's argument in place of `{}`.
//! What is neither, such as the literal `'{}'`, stays as it is. Words may stand within the argument of
//! another.
//!
//! `WHERE true` stands before `ON CONFLICT` where nothing else does: SQLite takes it for a join's
//! `ON` otherwise.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    Postgres,
    Sqlite,
}

/// Rules that several statements have in common.
const FRAGMENTS: &[(&str, &str)] = &[
    // The agents of a job's resources that are not deleted.
    ("agents", include_str!("../sql/fragment/agents.sql")),
    // Whether workspace w of template t, with its latest build b of job j, is to be claimed from a preset's
    // pool.
    ("claimable", include_str!("../sql/fragment/claimable.sql")),
    // Until when an agent counts as in contact, in seconds: for as long after its last contact as its
    // template says, or else for two minutes, as the template's default is. Null where no contact times
    // are kept, as on databases of our own.
    (
        "contact_end",
        include_str!("../sql/fragment/contact_end.sql"),
    ),
    // Whether the agents of a job are in contact at $4.
    ("in_contact", include_str!("../sql/fragment/in_contact.sql")),
    // The number of a workspace's latest build.
    ("latest", include_str!("../sql/fragment/latest.sql")),
    // A build's parameter values.
    ("parameters", include_str!("../sql/fragment/parameters.sql")),
    // What `demand` tells of a member with its first build f, its workspace w and its second build n; w is
    // somebody else's than the user's in the braces once it is claimed.
    (
        "past_member",
        include_str!("../sql/fragment/past_member.sql"),
    ),
    // The requests f for workspaces w among what is in the braces, of people, who are not the prebuilds user ($1).
    (
        "past_request",
        include_str!("../sql/fragment/past_request.sql"),
    ),
    // What claims need to know of a pool: a preset with its template's version v, template t and organization o.
    ("pool_row", include_str!("../sql/fragment/pool_row.sql")),
    // The preset of a workspace's newest build that names one.
    (
        "pool_preset",
        include_str!("../sql/fragment/pool_preset.sql"),
    ),
    // The ids of jobs that were made, taken or completed after a time: by their status, and by an index
    // that Coder's databases lack.
    (
        "recent_jobs",
        include_str!("../sql/fragment/recent_jobs.sql"),
    ),
    // Whether a workspace is a live one of the prebuilds user. A literal, because with an argument
    // PostgreSQL's generic plans take it for any user, who has a few workspaces; and because databases
    // of our own have an index of just these.
    ("unclaimed", include_str!("../sql/fragment/unclaimed.sql")),
    // The template of a preset.
    ("template", include_str!("../sql/fragment/template.sql")),
    // The variables of a template version, on Coder's databases.
    ("variables", include_str!("../sql/fragment/variables.sql")),
    // A job of a workspace build that no worker has, in the words of the index on them.
    ("waiting", include_str!("../sql/fragment/waiting.sql")),
];

/// The text of a statement as PostgreSQL gets it: for tests that have every statement explained.
pub fn postgres_text(text: &str) -> String {
    expand(text, Dialect::Postgres)
}

/// The text with all words replaced.
pub(super) fn expand(text: &str, dialect: Dialect) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let (before, opened) = rest.split_at(start);
        let end = closing_brace(opened);
        let word = opened.get(1..end).and_then(|word| replace(word, dialect));
        expanded.push_str(before);
        match word {
            Some(word) => {
                expanded.push_str(&word);
                rest = opened.get(end + 1..).unwrap_or_default();
            }
            None => {
                expanded.push('{');
                rest = &opened[1..];
            }
        }
    }
    expanded + rest
}

/// Where the brace is closed that the text begins with.
fn closing_brace(text: &str) -> usize {
    let mut depth = 0;
    let closes = text.find(|character| {
        depth += match character {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        depth == 0
    });
    closes.unwrap_or(text.len())
}

/// What a word stands for; none for anything else in braces.
fn replace(word: &str, dialect: Dialect) -> Option<String> {
    let (name, argument) = word.split_once(char::is_whitespace)?;
    let argument = &expand(argument, dialect);
    let is_postgres = dialect == Dialect::Postgres;
    Some(match name {
        "ids" if is_postgres => format!(
            "SELECT CAST(jsonb_array_elements_text(CAST({argument} AS jsonb)) AS uuid) AS id"
        ),
        "ids" => format!("SELECT value AS id FROM json_each({argument})"),
        "texts" if is_postgres => {
            format!("SELECT jsonb_array_elements_text(CAST({argument} AS jsonb))")
        }
        "texts" => format!("SELECT value FROM json_each({argument})"),
        "rows" => rows(argument, dialect)?,
        "cast" => match argument.rsplit_once(' ')? {
            (value, kind) if is_postgres => format!("CAST({value} AS {kind})"),
            (value, _) => value.to_owned(),
        },
        "every" if is_postgres => format!("bool_and({argument})"),
        "every" => format!("min({argument})"),
        "look_up" => look_up(argument, dialect)?,
        "lock" if is_postgres => format!("FOR UPDATE OF {argument} SKIP LOCKED"),
        "hold" if is_postgres => format!("FOR KEY SHARE OF {argument} SKIP LOCKED"),
        "lock" | "hold" => String::new(),
        "either" => match argument.split_once(" | ")? {
            (postgres, _) if is_postgres => postgres.to_owned(),
            (_, sqlite) => sqlite.to_owned(),
        },
        name => {
            let (_, fragment) = FRAGMENTS.iter().find(|(known, _)| *known == name)?;
            expand(&fragment.trim_end().replace("{}", argument), dialect)
        }
    })
}

/// The join of `t AS w ON x`. OFFSET keeps PostgreSQL from joining in another order, whatever its
/// statistics suggest, as CROSS does with SQLite. The condition is to be one on a unique key: beside
/// another one, statistics could suggest to look through all rows that the other one holds for.
fn look_up(text: &str, dialect: Dialect) -> Option<String> {
    let (relation, condition) = text.split_once(" ON ")?;
    if dialect == Dialect::Sqlite {
        return Some(format!("CROSS JOIN {text}"));
    }
    let (_, alias) = relation.split_once(" AS ")?;
    Some(format!(
        "CROSS JOIN LATERAL (SELECT {alias}.* FROM {relation} WHERE {condition} OFFSET 0) AS {alias}"
    ))
}

/// The relation of `$1 n: a uuid, b text`.
fn rows(text: &str, dialect: Dialect) -> Option<String> {
    let (head, columns) = text.split_once(':')?;
    let (argument, relation) = head.split_once(' ')?;
    let columns = columns.trim();
    if dialect == Dialect::Postgres {
        return Some(format!(
            "jsonb_to_recordset(CAST({argument} AS jsonb)) AS {relation} ({columns})"
        ));
    }
    let column = |column: &str| {
        let (name, kind) = column.trim().split_once(' ')?;
        // A value that stays JSON, and one that becomes SQL.
        let arrow = if kind == "jsonb" { "->" } else { "->>" };
        Some(format!("value {arrow} '{name}' AS {name}"))
    };
    let columns: Option<Vec<String>> = columns.split(',').map(column).collect();
    let columns = columns?.join(", ");
    Some(format!(
        "(SELECT {columns} FROM json_each({argument})) AS {relation}"
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    fn both(text: &str, postgres: &str, sqlite: &str) {
        assert_eq!(expand(text, Dialect::Postgres), postgres);
        assert_eq!(expand(text, Dialect::Sqlite), sqlite);
    }

    #[test]
    fn sets_of_ids_and_texts_are_unfolded() {
        both(
            "DELETE FROM t WHERE id IN ({ids $1}) AND name IN ({texts $2})",
            "DELETE FROM t WHERE id IN \
             (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid) AS id) \
             AND name IN (SELECT jsonb_array_elements_text(CAST($2 AS jsonb)))",
            "DELETE FROM t WHERE id IN (SELECT value AS id FROM json_each($1)) \
             AND name IN (SELECT value FROM json_each($2))",
        );
    }

    #[test]
    fn rows_become_a_relation() {
        both(
            "FROM {rows $1 n:\n    id uuid, tags jsonb,\n    at timestamptz}",
            "FROM jsonb_to_recordset(CAST($1 AS jsonb)) AS n (id uuid, tags jsonb,\n    \
             at timestamptz)",
            "FROM (SELECT value ->> 'id' AS id, value -> 'tags' AS tags, value ->> 'at' AS at \
             FROM json_each($1)) AS n",
        );
    }

    #[test]
    fn what_only_one_database_knows_is_left_out_of_the_other() {
        both(
            "SELECT {every a = 'b'}, {cast $1 t} {lock w}",
            "SELECT bool_and(a = 'b'), CAST($1 AS t) FOR UPDATE OF w SKIP LOCKED",
            "SELECT min(a = 'b'), $1 ",
        );
        both(
            "{either '{a,b}' | '[\"a\"]'}, '{}'",
            "'{a,b}', '{}'",
            "'[\"a\"]', '{}'",
        );
    }

    #[test]
    fn rows_are_looked_up_in_the_order_of_the_text() {
        both(
            "FROM n {look_up t AS w ON w.id = n.id} {hold w}",
            "FROM n CROSS JOIN LATERAL (SELECT w.* FROM t AS w WHERE w.id = n.id OFFSET 0) AS w \
             FOR KEY SHARE OF w SKIP LOCKED",
            "FROM n CROSS JOIN t AS w ON w.id = n.id ",
        );
    }

    #[test]
    fn words_may_stand_within_others() {
        both(
            "{look_up t AS w ON w.id IN ({ids $1})}",
            "CROSS JOIN LATERAL (SELECT w.* FROM t AS w WHERE w.id IN \
             (SELECT CAST(jsonb_array_elements_text(CAST($1 AS jsonb)) AS uuid) AS id) OFFSET 0) AS w",
            "CROSS JOIN t AS w ON w.id IN (SELECT value AS id FROM json_each($1))",
        );
    }

    #[test]
    fn fragments_take_an_argument() {
        let latest = "(SELECT max(l.build_number) FROM workspace_builds AS l \
                      WHERE l.workspace_id = w.id)";
        both(
            "b.build_number = {latest w.id}",
            &format!("b.build_number = {latest}"),
            &format!("b.build_number = {latest}"),
        );
    }

    #[test]
    fn every_word_of_every_statement_is_known() {
        let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql")];
        let mut files = 0;
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() && !path.ends_with("fragment") {
                    folders.push(path);
                } else if path.is_file() {
                    let text = std::fs::read_to_string(&path).unwrap();
                    for dialect in [Dialect::Postgres, Dialect::Sqlite] {
                        let expanded = expand(&text, dialect);
                        let expanded = expanded.replace("'{}'", "").replace("'{ }'", "");
                        let left = expanded.replace("'{echo,terraform}'", "");
                        assert!(!left.contains(['{', '}']), "{path:?}: {left}");
                    }
                    files += 1;
                }
            }
        }
        assert!(files > 50);
    }
}
