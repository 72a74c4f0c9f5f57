//! Counts the statements that a server gets.

use super::database::Database;

/// How many statements some work sends; none where the server doesn't count them.
pub fn statements_of(database: &Database, work: impl FnOnce()) -> Option<i64> {
    let mut session = database.session();
    if session
        .try_execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        .is_err()
    {
        eprintln!("skipped: no pg_stat_statements here");
        return None;
    }
    session.execute(
        "SELECT pg_stat_statements_reset(0, oid, 0) FROM pg_database
         WHERE datname = current_database()",
    );
    work();
    let calls = session.value(
        "SELECT sum(calls)::bigint FROM pg_stat_statements
         WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database())
            AND toplevel AND query NOT LIKE '%pg_stat_statements%'",
    );
    let calls = calls.expect("statements").parse().expect("a number");
    assert!(calls > 5, "{calls} statements can't be all");
    Some(calls)
}
