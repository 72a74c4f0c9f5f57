//! Values as the text of a tag or a parameter.

use super::Value;
use crate::template::evaluate::Failure;

/// Digits that a number keeps as a tag.
const DIGITS: u16 = 10;

impl Value {
    /// The text of the value as a tag's value; none for null, which leaves the tag out. coderd
    /// 2.36.0 writes a number with at most ten digits, as C's `%.10g` does.
    ///
    /// # Errors
    ///
    /// The value is no text, number or bool, or it is unknown or sensitive.
    pub(crate) fn tag_text(&self) -> Result<Option<String>, Failure> {
        match self {
            Self::Null(_) => Ok(None),
            Self::Bool(value) => Ok(Some(value.to_string())),
            Self::Number(value) => Ok(Some(value.to_general(DIGITS))),
            Self::String(value) => Ok(Some(value.to_string())),
            Self::Unknown(_) => Err(Failure::refused("the value is not known before the build")),
            Self::Sensitive(_) => Err(Failure::refused("the value is sensitive")),
            other => Err(Failure::refused(format!("{} has no text", other.kind()))),
        }
    }
}
