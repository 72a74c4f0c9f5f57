//! Unary and binary operators.

use std::cmp::Ordering;

use hcl_edit::expr::{BinaryOp, BinaryOperator, UnaryOp, UnaryOperator};

use super::{Context, Failure, FailureKind};
use crate::template::value::{Number, Type, Value, convert, equal};

impl Context<'_> {
    pub(super) fn unary(&self, operation: &UnaryOp) -> Result<Value, Failure> {
        let value = self.charged(&operation.expr)?;
        let outcome = match operation.operator.value() {
            UnaryOperator::Neg => match operand(&value, &Type::Number)? {
                Value::Number(number) => number.negated().into(),
                other => other,
            },
            UnaryOperator::Not => match operand(&value, &Type::Bool)? {
                Value::Bool(value) => (!value).into(),
                other => other,
            },
        };
        Ok(if value.reveal().1 {
            outcome.sensitive()
        } else {
            outcome
        })
    }

    pub(super) fn binary(&self, operation: &BinaryOp) -> Result<Value, Failure> {
        let operator = *operation.operator.value();
        let left = self.charged(&operation.lhs_expr);
        if let Some(decided) = decided_by(operator, &left) {
            return Ok(decided);
        }
        let right = self.charged(&operation.rhs_expr);
        if let (Err(failure), Some(decided)) = (&left, decided_by(operator, &right))
            && failure.kind == FailureKind::Refused
        {
            return Ok(decided);
        }
        let (left, right) = (left?, right?);
        let sensitive = match operator {
            BinaryOperator::Eq | BinaryOperator::NotEq => {
                left.has_sensitive() || right.has_sensitive()
            }
            _ => left.reveal().1 || right.reveal().1,
        };
        let outcome = apply(operator, &left, &right)?;
        self.budget().spend(outcome.weight())?;
        Ok(if sensitive {
            outcome.sensitive()
        } else {
            outcome
        })
    }
}

/// The outcome if one operand alone decides it: `false && ...`, `... || true`. coderd 2.36.0 then
/// doesn't mind what the other one is, not even whether it is refused.
fn decided_by(operator: BinaryOperator, operand: &Result<Value, Failure>) -> Option<Value> {
    let deciding = match operator {
        BinaryOperator::And => false,
        BinaryOperator::Or => true,
        _ => return None,
    };
    let value = convert(operand.as_ref().ok()?, &Type::Bool).ok()?;
    (value.reveal().0 == &Value::Bool(deciding)).then_some(value)
}

fn apply(operator: BinaryOperator, left: &Value, right: &Value) -> Result<Value, Failure> {
    let (kind, wanted) = match operator {
        BinaryOperator::Eq | BinaryOperator::NotEq => {
            let wanted = operator == BinaryOperator::Eq;
            return Ok(match equal(left, right) {
                Some(equal) => (equal == wanted).into(),
                None => Value::Unknown(Type::Bool),
            });
        }
        BinaryOperator::And | BinaryOperator::Or => (Type::Bool, Type::Bool),
        BinaryOperator::Less
        | BinaryOperator::LessEq
        | BinaryOperator::Greater
        | BinaryOperator::GreaterEq => (Type::Number, Type::Bool),
        BinaryOperator::Plus
        | BinaryOperator::Minus
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::Mod => (Type::Number, Type::Number),
    };
    match (operand(left, &kind)?, operand(right, &kind)?) {
        (Value::Number(left), Value::Number(right)) => calculate(operator, &left, &right),
        (Value::Bool(left), Value::Bool(right)) => Ok(match operator {
            BinaryOperator::And => (left && right).into(),
            _ => (left || right).into(),
        }),
        // One side is unknown: the other may decide alone.
        (Value::Bool(known), _) | (_, Value::Bool(known))
            if known == (operator == BinaryOperator::Or) =>
        {
            Ok(known.into())
        }
        _ => Ok(Value::Unknown(wanted)),
    }
}

fn calculate(operator: BinaryOperator, left: &Number, right: &Number) -> Result<Value, Failure> {
    let order = left.cmp(right);
    Ok(match operator {
        BinaryOperator::Plus => left.plus(right)?.into(),
        BinaryOperator::Minus => left.minus(right)?.into(),
        BinaryOperator::Mul => left.times(right)?.into(),
        BinaryOperator::Div => left.divided_by(right)?.into(),
        BinaryOperator::Mod => left.modulo(right)?.into(),
        BinaryOperator::Less => (order == Ordering::Less).into(),
        BinaryOperator::LessEq => (order != Ordering::Greater).into(),
        BinaryOperator::Greater => (order == Ordering::Greater).into(),
        BinaryOperator::GreaterEq => (order != Ordering::Less).into(),
        _ => return Err(Failure::refused("the operator takes no numbers")),
    })
}

/// The operand as a value of that type, without its sensitive mark.
fn operand(value: &Value, wanted: &Type) -> Result<Value, Failure> {
    let value = convert(value.reveal().0, wanted).map_err(|failure| match failure.kind {
        FailureKind::Refused => Failure::refused(format!("unsuitable operand: {failure}")),
        _ => failure,
    })?;
    match value {
        Value::Null(_) => Err(Failure::refused("an operand is null")),
        known => Ok(known),
    }
}
