//! Databases of our own, without Coder: pools are declared, and workers here build what is queued.

mod apply;
mod declare;
mod demo;
mod due;
mod lives;
mod lives_at_random;
mod pool_life;
mod provision;
mod schedules;
mod users;
