//! What functions take and give.

use super::Call;
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

/// A function.
pub(super) struct Function {
    pub(super) name: &'static str,
    /// What it takes at least.
    pub(super) parameters: &'static [Parameter],
    /// What any further arguments are.
    pub(super) rest: Option<Parameter>,
    /// What it gives for unknown arguments.
    pub(super) returns: Returns,
    /// Whether an unknown part of an argument makes the outcome unknown, too; else only an argument
    /// that is unknown as a whole does.
    pub(super) wholly: bool,
    pub(super) marks: Marks,
    pub(super) run: fn(&Call<'_>) -> Result<Value, Failure>,
}

impl Function {
    /// A function for which everything must be known, and nothing null.
    pub(super) const fn new(
        name: &'static str,
        parameters: &'static [Parameter],
        returns: Returns,
        run: fn(&Call<'_>) -> Result<Value, Failure>,
    ) -> Self {
        Self {
            name,
            parameters,
            rest: None,
            returns,
            wholly: true,
            marks: Marks::Deep,
            run,
        }
    }

    /// The same with further arguments.
    pub(super) const fn rest(self, rest: Parameter) -> Self {
        Self {
            rest: Some(rest),
            ..self
        }
    }

    /// The same for arguments with unknown parts, whose elements it hands on as they are.
    pub(super) const fn structural(self) -> Self {
        Self {
            wholly: false,
            marks: Marks::Shallow,
            ..self
        }
    }

    /// The same for arguments with unknown parts, all sensitive if a part is.
    pub(super) const fn partial(self) -> Self {
        Self {
            wholly: false,
            ..self
        }
    }

    /// The same, seeing to sensitive marks itself.
    pub(super) const fn marking(self) -> Self {
        Self {
            wholly: false,
            marks: Marks::Own,
            ..self
        }
    }
}

/// What becomes of sensitive marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// One anywhere in an argument makes the outcome sensitive.
    Deep,
    /// One on an argument as a whole does; those inside stay where they are.
    Shallow,
    /// The function sees them.
    Own,
}

/// What an argument must be.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parameter {
    pub(super) kind: Kind,
    /// Null is taken.
    pub(super) null: bool,
    /// What is unknown is taken.
    pub(super) unknown: bool,
    /// What has no known type is taken.
    pub(super) any: bool,
}

impl Parameter {
    pub(super) const fn nullable(self) -> Self {
        Self { null: true, ..self }
    }

    pub(super) const fn unknown(self) -> Self {
        Self {
            unknown: true,
            any: true,
            ..self
        }
    }

    /// Takes what has no known type, such as a bare `null`.
    pub(super) const fn untyped(self) -> Self {
        Self { any: true, ..self }
    }
}

/// Types that parameters have.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Any,
    Bool,
    Number,
    Text,
    Bools,
    Texts,
    List,
    Set,
    Map,
    TextLists,
}

impl Kind {
    pub(super) const fn required(self) -> Parameter {
        let any = !matches!(self, Self::Any);
        Parameter {
            kind: self,
            null: false,
            unknown: false,
            any,
        }
    }

    pub(super) fn type_of(self) -> Type {
        match self {
            Self::Any => Type::Any,
            Self::Bool => Type::Bool,
            Self::Number => Type::Number,
            Self::Text => Type::String,
            Self::Bools => Type::list(Type::Bool),
            Self::Texts => Type::list(Type::String),
            Self::List => Type::list(Type::Any),
            Self::Set => Type::set(Type::Any),
            Self::Map => Type::map(Type::Any),
            Self::TextLists => Type::map(Type::list(Type::String)),
        }
    }
}

pub(super) const ANY: Parameter = Kind::Any.required();
pub(super) const NUMBER: Parameter = Kind::Number.required();
pub(super) const TEXT: Parameter = Kind::Text.required();
pub(super) const BOOLS: Parameter = Kind::Bools.required();
pub(super) const TEXTS: Parameter = Kind::Texts.required();
pub(super) const LIST: Parameter = Kind::List.required();
pub(super) const SET: Parameter = Kind::Set.required();
pub(super) const TEXT_LISTS: Parameter = Kind::TextLists.required();

/// The type of an outcome that isn't known.
pub(super) enum Returns {
    Kind(Kind),
    /// Follows from the arguments, which may be refused for it.
    Of(fn(&[Value]) -> Result<Type, Failure>),
}

impl Returns {
    pub(super) fn type_of(&self, arguments: &[Value]) -> Result<Type, Failure> {
        match self {
            Self::Kind(kind) => Ok(kind.type_of()),
            Self::Of(function) => function(arguments),
        }
    }
}

pub(super) const RETURNS_ANY: Returns = Returns::Kind(Kind::Any);
pub(super) const RETURNS_BOOL: Returns = Returns::Kind(Kind::Bool);
pub(super) const RETURNS_NUMBER: Returns = Returns::Kind(Kind::Number);
pub(super) const RETURNS_TEXT: Returns = Returns::Kind(Kind::Text);
pub(super) const RETURNS_TEXTS: Returns = Returns::Kind(Kind::Texts);

/// The type of the first argument.
pub(super) const RETURNS_FIRST: Returns =
    Returns::Of(|arguments| Ok(arguments.first().map_or(Type::Any, Value::type_of)));
