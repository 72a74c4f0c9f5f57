//! Values of expressions, and the conversions between them.
//!
//! Each conversion is HCL's own or a refusal. Numbers are those that a 64-bit float holds exactly as
//! written; beyond that the result is unknown.

use std::collections::BTreeMap;

use hcl::expr::BinaryOperator;

use super::{invalid, unknown};
use crate::builds::parameters::Problem;

/// Whole numbers beyond this are not exact.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;
/// Numbers from here on are printed with an exponent.
const EXPONENT_FROM: f64 = 1e10;
/// Numbers below this, apart from zero, are printed with an exponent.
const EXPONENT_BELOW: f64 = 1e-4;
/// Digits that a tag's number is rounded to.
const TAG_DIGITS: usize = 10;
/// Digits that a 64-bit float keeps.
const EXACT_DIGITS: usize = 15;

/// The value of an expression.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Self>),
    /// Entries of different types, such as an expression in braces.
    Object(BTreeMap<String, Self>),
    /// Entries of one type.
    Map(BTreeMap<String, Self>),
    /// The same value under every key.
    Any(Box<Self>),
}

impl Value {
    /// A number, provided that it is exact.
    pub(super) fn number(number: Option<f64>) -> Result<Self, Problem> {
        match number {
            Some(number) if is_exact(number) => Ok(Self::Number(number)),
            _ => Err(unknown("a number has more digits than are kept here")),
        }
    }

    /// What kind of value it is, for messages.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a truth value",
            Self::Number(_) => "a number",
            Self::Text(_) => "a text",
            Self::List(_) => "a list",
            Self::Object(_) | Self::Any(_) => "an object",
            Self::Map(_) => "a map",
        }
    }

    fn is_collection(&self) -> bool {
        !matches!(
            self,
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_)
        )
    }

    /// The text of a tag in the classic flow.
    pub(super) fn into_tag(self) -> Result<String, Problem> {
        match self {
            Self::Text(text) => Ok(text),
            Self::Bool(value) => Ok(value.to_string()),
            Self::Number(number) => {
                let size = number.abs();
                let plain = size < EXPONENT_FROM && (size >= EXPONENT_BELOW || size == 0.0);
                if plain && digits(number) <= TAG_DIGITS {
                    Ok(number_text(number))
                } else {
                    Err(unknown(format!("the number {number} has no plain form")))
                }
            }
            Self::Map(mut entries)
                if entries.values().all(|entry| matches!(entry, Self::Text(_))) =>
            {
                match entries.remove("value") {
                    Some(Self::Text(text)) => Ok(text),
                    _ => Err(invalid("a map without a value")),
                }
            }
            Self::Object(_) => Err(unknown("an object stands where a text is wanted")),
            other => Err(invalid(format!("{} is no text", other.kind()))),
        }
    }

    /// The text that takes the place of an interpolation.
    pub(super) fn text(&self) -> Result<String, Problem> {
        match self {
            Self::Text(text) => Ok(text.clone()),
            Self::Bool(value) => Ok(value.to_string()),
            Self::Number(number) => Ok(number_text(*number)),
            other => Err(invalid(format!("{} is no text", other.kind()))),
        }
    }

    /// Whether a condition holds.
    pub(super) fn truth(&self) -> Result<bool, Problem> {
        match self {
            Self::Bool(value) => Ok(*value),
            Self::Text(text) => match text.as_str() {
                "true" | "1" => Ok(true),
                "false" | "0" => Ok(false),
                text => Err(invalid(format!("{text:?} is neither true nor false"))),
            },
            other => Err(invalid(format!(
                "{} is neither true nor false",
                other.kind()
            ))),
        }
    }

    /// The number that an operand stands for.
    pub(super) fn quantity(&self) -> Result<f64, Problem> {
        let Self::Text(text) = self else {
            return match self {
                Self::Number(number) => Ok(*number),
                other => Err(invalid(format!("{} is no number", other.kind()))),
            };
        };
        let number: f64 = text
            .parse()
            .map_err(|_| invalid(format!("{text:?} is no number")))?;
        let plain = text
            .chars()
            .all(|c| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'));
        if plain && text.len() <= EXACT_DIGITS {
            Ok(number)
        } else {
            Err(unknown(format!(
                "{text:?} may not be read as a number alike"
            )))
        }
    }

    /// An entry by name.
    pub(super) fn entry(self, name: &str) -> Result<Self, Problem> {
        match self {
            Self::Object(mut entries) | Self::Map(mut entries) => entries
                .remove(name)
                .ok_or_else(|| invalid(format!("nothing here is called {name:?}"))),
            Self::Any(value) => Ok(*value),
            other => Err(invalid(format!("{} has no {name:?}", other.kind()))),
        }
    }

    /// An element by name or position.
    pub(super) fn element(self, index: &Self) -> Result<Self, Problem> {
        match (self, index) {
            (value, Self::Text(name)) => value.entry(name),
            (Self::List(elements), Self::Number(place)) => elements
                .into_iter()
                .enumerate()
                .find(|(number, _)| number.to_string() == place.to_string())
                .map(|(_, element)| element)
                .ok_or_else(|| invalid(format!("a list has no element {place}"))),
            _ => Err(unknown("the expression holds what is not evaluated here")),
        }
    }

    /// The value as one of two results of a conditional, which are of one type.
    pub(super) fn unified_with(self, other: Option<&Self>) -> Result<Self, Problem> {
        let Some(other) = other else { return Ok(self) };
        match (&self, other) {
            (Self::Null, _) | (_, Self::Null) => Ok(self),
            (Self::Bool(_) | Self::Number(_), Self::Text(_)) => self.text().map(Self::Text),
            (Self::Bool(_), Self::Number(_)) | (Self::Number(_), Self::Bool(_)) => Err(unknown(
                "a conditional of a number and a truth value is not evaluated here",
            )),
            (one, two) if one.is_collection() != two.is_collection() => Err(invalid(
                "the results of a conditional are of different types",
            )),
            (Self::Map(_), Self::Map(_)) => Ok(self),
            (one, _) if one.is_collection() => Err(unknown(
                "a conditional of lists or objects is not evaluated here",
            )),
            _ => Ok(self),
        }
    }

    /// Whether two values are the same; nothing is converted for it.
    fn equals(&self, other: &Self) -> Result<bool, Problem> {
        if self.is_collection() && other.is_collection() {
            return Err(unknown("lists and objects are not compared here"));
        }
        Ok(self == other)
    }
}

/// The result of an operation.
pub(super) fn combine(
    left: &Value,
    operator: BinaryOperator,
    right: &Value,
) -> Result<Value, Problem> {
    use BinaryOperator as Op;

    let truths = || Ok::<_, Problem>((left.truth()?, right.truth()?));
    let numbers = || Ok::<_, Problem>((left.quantity()?, right.quantity()?));
    match operator {
        Op::Eq => left.equals(right).map(Value::Bool),
        Op::NotEq => left.equals(right).map(|equal| Value::Bool(!equal)),
        Op::And => truths().map(|(one, two)| Value::Bool(one && two)),
        Op::Or => truths().map(|(one, two)| Value::Bool(one || two)),
        Op::Less => numbers().map(|(one, two)| Value::Bool(one < two)),
        Op::LessEq => numbers().map(|(one, two)| Value::Bool(one <= two)),
        Op::Greater => numbers().map(|(one, two)| Value::Bool(one > two)),
        Op::GreaterEq => numbers().map(|(one, two)| Value::Bool(one >= two)),
        Op::Plus | Op::Minus | Op::Mul | Op::Div | Op::Mod => {
            let (one, two) = numbers()?;
            calculate(one, operator, two)
        }
    }
}

/// Arithmetic on whole numbers: fractions would be rounded differently.
fn calculate(one: f64, operator: BinaryOperator, two: f64) -> Result<Value, Problem> {
    use BinaryOperator as Op;

    let is_whole = |number: f64| number.fract() == 0.0 && number.abs() <= MAX_WHOLE;
    if matches!(operator, Op::Div | Op::Mod) && two == 0.0 {
        return Err(invalid("a division by zero"));
    }
    let result = match operator {
        Op::Plus => one + two,
        Op::Minus => one - two,
        Op::Mul => one * two,
        Op::Div => one / two,
        _ => one % two,
    };
    let signed_remainder = operator == Op::Mod && (one < 0.0 || two < 0.0);
    if is_whole(one) && is_whole(two) && is_whole(result) && !signed_remainder {
        // No negative zero.
        Ok(Value::Number(result + 0.0))
    } else {
        Err(unknown("arithmetic on fractions is not evaluated here"))
    }
}

/// Whether what a float prints is what somebody has written.
fn is_exact(number: f64) -> bool {
    number.is_finite() && digits(number) <= EXACT_DIGITS
}

/// Significant digits of the shortest decimal text.
fn digits(number: f64) -> usize {
    let text = format!("{:e}", number.abs());
    let mantissa = text.split('e').next().unwrap_or_default();
    mantissa.chars().filter(char::is_ascii_digit).count()
}

/// The shortest decimal text, never with an exponent.
fn number_text(number: f64) -> String {
    (number + 0.0).to_string()
}
