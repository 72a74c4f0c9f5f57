//! A gate in PostgreSQL: whatever comes by with a row waits there for as long as it is shut.
//!
//! It is no lock of a table, a row or a key, for which passes and claims wait for only half a second
//! before they give way: a test can take its time while somebody stands at the gate.

use super::database::{Database, Session};
use super::wait_until;

/// Shuts the gate until the transaction ends.
pub const SHUT: &str = "BEGIN; SELECT pg_advisory_xact_lock(4242)";

/// The sessions that have come to the gate in transactions that go on.
const COMERS: &str = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND objid = 4243
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())";

/// Puts a gate before inserts of the table's rows for which the condition holds. It stands open.
pub fn build(database: &Database, table: &str, condition: &str) {
    database.execute(&format!(
        "CREATE FUNCTION gate() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             PERFORM pg_advisory_xact_lock_shared(4243);
             WHILE NOT pg_try_advisory_xact_lock(4242) LOOP PERFORM pg_sleep(0.01); END LOOP;
             RETURN NEW;
         END $$;
         CREATE TRIGGER gate BEFORE INSERT ON {table} FOR EACH ROW WHEN ({condition})
         EXECUTE FUNCTION gate()"
    ));
}

/// Shuts the gate for as long as the session is there.
pub fn shut(database: &Database) -> Session {
    let mut session = database.session();
    session.execute("SELECT pg_advisory_lock(4242)");
    session
}

/// Waits until one session stands at the gate; returns its process.
#[track_caller]
pub fn wait_for_comer(database: &Database) -> String {
    let mut comer = None;
    wait_until("somebody stands at the gate", || {
        comer = database.value(COMERS);
        comer.is_some()
    });
    comer.expect("somebody at the gate")
}
