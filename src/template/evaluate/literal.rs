//! Numbers as expressions write them.

use hcl_edit::{Formatted, Number as Written};

use super::Failure;
use crate::template::value::{Number, Value};

/// The number with all digits that the text has.
pub(super) fn number(literal: &Formatted<Written>) -> Result<Value, Failure> {
    let text = match literal.as_repr() {
        Some(text) => text.replace([' ', '\t'], ""),
        None => literal.value().to_string(),
    };
    match Number::parse(&text)? {
        Some(number) => Ok(number.into()),
        None => Err(Failure::refused(format!("{text:?} is no number"))),
    }
}
