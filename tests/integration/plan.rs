//! Snapshots and plans: what is read and worked out, with nothing written.

mod explain;
mod provisioners;
pub mod published_schemas;
mod rows;
mod simulate;
mod snapshot;
mod timetable;
mod what_if;
