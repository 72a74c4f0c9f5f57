//! `condition ? yes : no`.
//!
//! Invariant: the outcome has the type that both branches share, whichever is taken; a refused
//! branch only matters if it is taken.

use hcl_edit::expr::Conditional;

use super::{Context, Failure, FailureKind};
use crate::template::value::{Type, Value, convert, unified};

impl Context<'_> {
    pub(super) fn conditional(&self, conditional: &Conditional) -> Result<Value, Failure> {
        self.choose(
            self.evaluate(&conditional.true_expr),
            self.evaluate(&conditional.false_expr),
            || self.charged(&conditional.cond_expr),
        )
    }

    /// Takes one of two outcomes.
    pub(super) fn choose(
        &self,
        yes: Result<Value, Failure>,
        no: Result<Value, Failure>,
        condition: impl FnOnce() -> Result<Value, Failure>,
    ) -> Result<Value, Failure> {
        let failed = |branch: &Result<Value, Failure>| match branch {
            Err(failure) if failure.kind != FailureKind::Refused => Some(failure.clone()),
            _ => None,
        };
        if let Some(failure) = failed(&yes).or_else(|| failed(&no)) {
            return Err(failure);
        }
        for value in [&yes, &no].into_iter().flatten() {
            self.budget().spend(value.weight())?;
        }
        let common = common_type(&yes, &no).ok_or_else(|| {
            Failure::refused("the two results of a condition have no common type")
        })?;
        let condition = convert(&condition()?, &Type::Bool)?;
        let (condition, sensitive) = condition.reveal();
        let value = match condition {
            Value::Bool(true) => convert(&yes?, &common)?,
            Value::Bool(false) => convert(&no?, &common)?,
            Value::Null(_) => return Err(Failure::refused("a condition is null")),
            _ => Value::Unknown(common),
        };
        Ok(if sensitive { value.sensitive() } else { value })
    }
}

fn common_type(yes: &Result<Value, Failure>, no: &Result<Value, Failure>) -> Option<Type> {
    let type_of = |branch: &Result<Value, Failure>| match branch {
        Ok(value) => value.type_of(),
        Err(_) => Type::Any,
    };
    let bare = |branch: &Result<Value, Failure>| matches!(branch, Ok(Value::Null(Type::Any)));
    match (bare(yes), bare(no)) {
        (true, _) => Some(type_of(no)),
        (_, true) => Some(type_of(yes)),
        _ => unified([type_of(yes), type_of(no)].iter()),
    }
}
