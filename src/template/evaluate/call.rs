//! Function calls.

use hcl_edit::expr::{FuncArgs, FuncCall};

use super::{Context, Failure, FailureKind};
use crate::template::functions;
use crate::template::value::{Type, Value};

impl Context<'_> {
    pub(super) fn call(&self, call: &FuncCall) -> Result<Value, Failure> {
        let name = call.name.name.as_str();
        if call.name.is_namespaced() {
            return Err(Failure::refused(format!(
                "there is no function {name:?} of a provider"
            )));
        }
        match name {
            "try" => self.first_valid(&call.args),
            "can" => self.is_valid(&call.args),
            _ => {
                let arguments = self.arguments(&call.args)?;
                functions::call(name, arguments, self.scope.library(), self.budget())
            }
        }
    }

    /// The values of the arguments; none where the last, which is to be spread, is unknown.
    fn arguments(&self, arguments: &FuncArgs) -> Result<Option<Vec<Value>>, Failure> {
        let mut values = arguments
            .iter()
            .map(|argument| self.evaluate(argument))
            .collect::<Result<Vec<_>, _>>()?;
        if !arguments.expand_final() {
            return Ok(Some(values));
        }
        let last = values.pop().unwrap_or(Value::null());
        let (last, sensitive) = last.reveal();
        match last {
            Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => {
                let spread = items.iter().cloned();
                match sensitive {
                    true => values.extend(spread.map(Value::sensitive)),
                    false => values.extend(spread),
                }
                Ok(Some(values))
            }
            Value::Unknown(known) if !known.is_primitive() => Ok(None),
            _ => Err(Failure::refused(
                "only a list, a set or a tuple can be spread with `...`",
            )),
        }
    }

    /// Terraform's `try`: the first argument that isn't refused.
    fn first_valid(&self, arguments: &FuncArgs) -> Result<Value, Failure> {
        if arguments.is_empty() {
            return Err(Failure::refused("`try` takes at least one argument"));
        }
        let mut last = Failure::refused("no argument of `try` is valid");
        for argument in arguments.iter() {
            match self.evaluate(argument) {
                // What is unknown now may turn out to be invalid.
                Ok(value) if !value.is_wholly_known() => return Ok(Value::unknown()),
                Ok(value) => return Ok(value),
                Err(failure) if failure.kind == FailureKind::Refused => last = failure,
                Err(failure) => return Err(failure),
            }
        }
        Err(Failure::refused(format!(
            "no argument of `try` is valid: {last}"
        )))
    }

    /// Terraform's `can`: whether its argument isn't refused.
    fn is_valid(&self, arguments: &FuncArgs) -> Result<Value, Failure> {
        let mut arguments = arguments.iter();
        let (Some(argument), None) = (arguments.next(), arguments.next()) else {
            return Err(Failure::refused("`can` takes one argument"));
        };
        match self.evaluate(argument) {
            Ok(value) if !value.is_wholly_known() => Ok(Value::Unknown(Type::Bool)),
            Ok(_) => Ok(true.into()),
            Err(failure) if failure.kind == FailureKind::Refused => Ok(false.into()),
            Err(failure) => Err(failure),
        }
    }
}
