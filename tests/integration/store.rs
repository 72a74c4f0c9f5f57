//! Databases and servers: which of them can be worked with, by whom, and what is said of the others.

mod pooler;
mod roles;
mod servers;
mod two_sessions;
pub mod unusable;
