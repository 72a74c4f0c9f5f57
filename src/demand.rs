//! How large pools should be: what was asked of them, what would have been, and the sizes that serve it.
//!
//! Pure, like all that decides: the instants, the rows and the seed of whatever is random are arguments, and
//! equal arguments give equal answers. Desired instances, creates, surplus and expiry are those of
//! [`crate::actions`], so that a replay does what a pass would have done.
//!
//! | module | what it knows |
//! |---|---|
//! | [`hours`] | a span of time as the hours of a zone's week |
//! | [`replay`] | a pool under recorded or made-up arrivals |
//! | [`arrivals`] | arrivals that are made up |
//! | [`history`] | rows as what happened to each pool |
//! | [`summary`] | that in numbers, and what is not known about them |
//! | [`change`] | when demand became another one |
//! | [`needs`] | the sizes that arrivals need, at a price |
//! | [`advice`] | the price, and so the sizes, for a goal |
//! | [`lines`] | sizes as a number and schedules |
//! | [`recommend`] | all that for each pool |

pub(crate) mod advice;
pub(crate) mod arrivals;
mod change;
pub(crate) mod history;
pub(crate) mod hours;
pub(crate) mod lines;
mod needs;
#[cfg(test)]
mod properties;
pub(crate) mod recommend;
pub(crate) mod replay;
pub(crate) mod summary;
#[cfg(test)]
mod tests;
