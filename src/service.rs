//! What programs that run for long have in common: when the next run is due, signals, and the
//! service manager.
//!
//! Knows nothing of pools; whatever runs is an argument.

pub(crate) mod backoff;
pub(crate) mod driver;
pub(crate) mod signals;
pub(crate) mod systemd;
