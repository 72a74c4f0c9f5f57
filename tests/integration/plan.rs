//! Snapshots and plans: what is read and worked out, with nothing written.

mod explain;
mod schema;
mod snapshot;
mod timetable;
mod what_if;
