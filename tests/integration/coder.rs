//! What Coder itself would have done, row by row and refusal by refusal.

mod builds;
mod combinations;
mod dynamic;
mod foresight;
mod refusals;
mod sources;
mod witness;
