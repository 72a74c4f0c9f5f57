//! A session with a database: where it is, how it is opened, what its schema and its rights are, and
//! how rows and errors come out of it.
//!
//! The only place that knows the drivers of both databases.

mod access;
pub(in crate::store) mod arguments;
pub(in crate::store) mod clock;
pub(in crate::store) mod connection;
pub(in crate::store) mod dialect;
pub(in crate::store) mod error;
pub(in crate::store) mod file;
pub(in crate::store) mod migrate;
mod postgres_url;
pub(in crate::store) mod rights;
pub(in crate::store) mod row;
pub(in crate::store) mod schema;
pub(in crate::store) mod second;
pub(in crate::store) mod server;
pub(in crate::store) mod statement;
pub(in crate::store) mod target;
mod write_lock;
