//! The command line: what goes in, what a person or a collector of logs sees, and the README's
//! examples.

mod bad_input;
mod examples;
mod terminal;
