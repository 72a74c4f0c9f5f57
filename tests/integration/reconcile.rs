//! Passes: pools are read, a plan is made and carried out.

mod approved;
mod blocked;
mod failures;
mod invariants;
mod killed;
mod limits;
mod lock;
mod membership;
pub mod rows;
mod run_loop;
mod settling;
pub mod statements;
