//! Expressions of workspace tags: what a template says, and what coderd makes of it.

use proptest::prelude::*;
use proptest::sample::select;

use crate::template::{Values, Variable};

/// An expression of a workspace tag.
#[derive(Clone, Debug)]
pub(super) enum Tag {
    Text(String),
    Number(i32),
    /// The parameter, or the map around its value.
    Parameter(usize, bool),
    /// The variable, or the map around its value.
    Variable(usize, bool),
    Upper(Box<Self>),
    Join(Vec<Self>),
    IsEqual(Box<Self>, Box<Self>),
    Either(Box<Self>, Box<Self>),
    List,
}

/// What a tag's expression is worth to coderd.
#[derive(Clone, Debug, PartialEq)]
enum Worth {
    Text(String),
    Number(i32),
    Bool(bool),
    /// The map around this value.
    Wrapped(String),
    List,
}

/// Parameters that tags name; no template has the last.
pub(super) const NAMES: [&str; 5] = ["p0", "p1", "my size", "p3", "nobody's"];
/// Variables that tags name; no template has the last.
pub(super) const VARIABLES: [&str; 3] = ["v0", "v1", "nobody"];

pub(super) fn tag() -> impl Strategy<Value = Tag> {
    let leaf = prop_oneof![
        3 => select(vec!["", "a", "B-1"]).prop_map(|text| Tag::Text(text.to_owned())),
        1 => (0..50i32).prop_map(Tag::Number),
        4 => (0..NAMES.len(), prop::bool::weighted(0.95)).prop_map(|(at, value)| Tag::Parameter(at, value)),
        3 => (0..VARIABLES.len(), prop::bool::weighted(0.95)).prop_map(|(at, value)| Tag::Variable(at, value)),
        1 => Just(Tag::List),
    ];
    leaf.prop_recursive(3, 8, 3, |inner| {
        let boxed = || inner.clone().prop_map(Box::new);
        prop_oneof![
            boxed().prop_map(Tag::Upper),
            prop::collection::vec(inner.clone(), 1..3).prop_map(Tag::Join),
            (boxed(), boxed()).prop_map(|(a, b)| Tag::IsEqual(a, b)),
            (boxed(), boxed()).prop_map(|(a, b)| Tag::Either(a, b)),
        ]
    })
}

impl Tag {
    /// As a template has it.
    pub(super) fn source(&self) -> String {
        match self {
            Self::Text(text) => format!("{text:?}"),
            Self::Number(number) => number.to_string(),
            Self::Parameter(at, value) => {
                let suffix = if *value { ".value" } else { "" };
                format!("data.coder_parameter[{:?}]{suffix}", NAMES[*at])
            }
            Self::Variable(at, value) => {
                let suffix = if *value { ".value" } else { "" };
                format!("var.{}{suffix}", VARIABLES[*at])
            }
            Self::Upper(of) => format!("upper({})", of.source()),
            Self::Join(parts) => {
                let parts: Vec<_> = parts
                    .iter()
                    .map(|it| format!("${{{}}}", it.source()))
                    .collect();
                format!("\"<{}>\"", parts.join("-"))
            }
            Self::IsEqual(a, b) => format!("({} == {})", a.source(), b.source()),
            Self::Either(a, b) => format!("try({}, {})", a.source(), b.source()),
            Self::List => "[\"a\"]".to_owned(),
        }
    }

    /// The tag's text; none where coderd refuses it. A map around a value stands for it.
    pub(super) fn expected(&self, parameters: &Values, variables: &[Variable]) -> Option<String> {
        match self.worth(parameters, variables)? {
            Worth::Wrapped(value) => Some(value),
            worth => worth.text(),
        }
    }

    /// None is an error.
    fn worth(&self, parameters: &Values, variables: &[Variable]) -> Option<Worth> {
        let worth = |of: &Self| of.worth(parameters, variables);
        let wrapped = |value: &str, bare: bool| {
            let value = value.to_owned();
            Some(if bare {
                Worth::Wrapped(value)
            } else {
                Worth::Text(value)
            })
        };
        match self {
            Self::Text(text) => Some(Worth::Text(text.clone())),
            Self::Number(number) => Some(Worth::Number(*number)),
            Self::Parameter(at, value) => wrapped(parameters.get(NAMES[*at])?, !value),
            Self::Variable(at, value) => {
                let variable = variables.iter().find(|it| it.name == VARIABLES[*at])?;
                let effective = [&variable.value, &variable.default_value];
                wrapped(effective[usize::from(variable.value.is_empty())], !value)
            }
            Self::Upper(of) => Some(Worth::Text(worth(of)?.text()?.to_uppercase())),
            Self::Join(parts) => {
                let parts: Option<Vec<_>> = parts.iter().map(|it| worth(it)?.text()).collect();
                Some(Worth::Text(format!("<{}>", parts?.join("-"))))
            }
            Self::IsEqual(a, b) => Some(Worth::Bool(worth(a)? == worth(b)?)),
            Self::Either(a, b) => worth(a).or_else(|| worth(b)),
            Self::List => Some(Worth::List),
        }
    }
}

impl Worth {
    /// Where a text is wanted in an expression.
    fn text(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Number(number) => Some(number.to_string()),
            Self::Bool(is) => Some(is.to_string()),
            Self::Wrapped(_) | Self::List => None,
        }
    }
}
