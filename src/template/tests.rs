//! Templates and expressions against what coderd 2.36.0 gave for them (`tests/data/template`), against
//! results derived by hand, and at random.

mod arbitrary;
mod bounds;
mod derived;
mod expressions;
mod random;
mod shapes;
