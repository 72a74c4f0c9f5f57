//! Small templates with results derived by hand from what is known of coderd's renderer
//! (its rules, not a run of it): the figures here are no measurements.

mod conditions;
mod definitions;
mod flow;
mod sources;
mod support;
mod tags;
