//! Functions on YAML: version 1.1, as Terraform reads and writes it.
mod decode;
mod encode;

use super::signature::{ANY, Function, RETURNS_ANY, RETURNS_TEXT, TEXT};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("yamldecode", &[TEXT], RETURNS_ANY, |call| {
        decode::value(call.text(0)?, call.budget)
    }),
    Function::new(
        "yamlencode",
        &[ANY.nullable().untyped()],
        RETURNS_TEXT,
        |call| Ok(encode::text(call.argument(0)?)?.into()),
    ),
];
