//! Databases of our own, without Coder: pools are declared, and workers here build what is queued.

mod apply;
mod demo;
mod lives;
mod pool_life;
mod provision;
mod schedules;
mod users;
