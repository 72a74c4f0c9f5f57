//! Which kinds of form elements there are for a parameter.
//!
//! Invariant: the kind decides of what type the options are; of a multi-select they are texts, else of
//! the parameter's own type (Coder's provider: `form_type`).

use super::{BOOL, LIST, MULTI_SELECT, NUMBER, STRING};

/// The type of the options and the kind of form element, for a parameter's type, whether it has
/// options, and the kind asked for (empty: the usual one).
///
/// # Errors
///
/// There is no such element for such a parameter.
pub(crate) fn form_type<'a>(
    kind: &'a str,
    has_options: bool,
    asked: &'a str,
) -> Result<(&'a str, &'a str), String> {
    let allowed: &[&str] = match (kind, has_options) {
        (STRING | NUMBER | BOOL, true) => &["radio", "dropdown"],
        (STRING, false) => &["input", "textarea"],
        (NUMBER, false) => &["input", "slider"],
        (BOOL, false) => &["checkbox", "switch"],
        (LIST, true) => &["radio", MULTI_SELECT],
        (LIST, false) => &["tag-select"],
        _ => return Err(format!("there is no parameter type {kind:?}")),
    };
    let form = match (asked, allowed) {
        ("", [usual, ..]) => usual,
        _ => asked,
    };
    if !allowed.contains(&form) {
        let with = if has_options { "with" } else { "without" };
        return Err(format!(
            "there is no form type {form:?} for a {kind} {with} options"
        ));
    }
    let options = if kind == LIST && form == MULTI_SELECT {
        STRING
    } else {
        kind
    };
    Ok((options, form))
}
