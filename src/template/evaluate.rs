//! Evaluates expressions of Terraform's language.
//!
//! Invariant: an expression comes to a value or a [`Failure`] within the bounds of the scope's
//! [`Budget`], whatever it says; nothing but the scope decides what its names mean.
mod budget;
mod call;
mod collections;
mod conditional;
mod failure;
mod layout;
mod literal;
mod operators;
mod template;
mod traversal;

pub(crate) use budget::Budget;
pub(crate) use failure::{Failure, FailureKind};

use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use super::value::{MAX_DEPTH, Value};

/// One step from a value to a part of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Step {
    /// `.name`
    Attribute(Arc<str>),
    /// `[key]`, the key evaluated; it may be unknown.
    Index(Value),
}

/// What names mean where an expression stands.
pub(crate) trait Scope {
    /// The value of a root name and the first of the steps after it, and how many of the steps
    /// that took; the evaluator takes the others. Steps end at the first splat.
    ///
    /// # Errors
    ///
    /// The name has no meaning here, or its value can't be had.
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure>;

    /// The functions that the expression can call.
    fn library(&self) -> Library<'_> {
        Library::Empty
    }

    /// What may still be spent.
    fn budget(&self) -> &Budget;
}

/// The functions that an expression can call.
#[derive(Clone, Copy)]
pub(crate) enum Library<'a> {
    /// None at all.
    Empty,
    /// Those that coderd has for the tags of classic templates: some years older than its renderer's,
    /// and none that reads files.
    Classic,
    /// Those of coderd's renderer, with the files that they read.
    Rendering(&'a dyn Files),
}

/// The files that the functions of an expression can read. Paths are relative to where Terraform
/// would run and clean: `a/b`, without `.`, empty or inner `..` steps; `.` is the folder itself.
pub(crate) trait Files {
    /// The content of the file at a path, none where no file lies.
    ///
    /// # Errors
    ///
    /// The path is there but can't be read, a folder for example.
    fn read(&self, path: &str) -> Result<Option<Arc<[u8]>>, Failure>;

    /// The paths of all files below a folder, relative to it, in any order.
    fn list(&self, folder: &str) -> Vec<String>;
}

/// Evaluates an expression.
///
/// # Errors
///
/// Terraform refuses the expression, it needs what isn't supported, or the budget is spent.
pub(crate) fn evaluate(expression: &Expression, scope: &dyn Scope) -> Result<Value, Failure> {
    Context { scope, local: None }.evaluate(expression)
}

/// Where an expression stands: the scope, and the variables of the `for`s around it.
#[derive(Clone, Copy)]
struct Context<'a> {
    scope: &'a dyn Scope,
    local: Option<&'a Local<'a>>,
}

/// A variable of a `for`, and those outside of it.
struct Local<'a> {
    name: &'a str,
    value: Value,
    outer: Option<&'a Self>,
}

impl<'a> Context<'a> {
    fn budget(&self) -> &'a Budget {
        self.scope.budget()
    }

    fn local(&self, name: &str) -> Option<&'a Value> {
        let mut next = self.local;
        while let Some(local) = next {
            if local.name == name {
                return Some(&local.value);
            }
            next = local.outer;
        }
        None
    }

    fn evaluate(&self, expression: &Expression) -> Result<Value, Failure> {
        let _level = self.budget().enter()?;
        self.budget().spend(1)?;
        self.outcome(expression)
            .map_err(|failure| failure.at(expression.span()))
    }

    fn outcome(&self, expression: &Expression) -> Result<Value, Failure> {
        match expression {
            Expression::Null(_) => Ok(Value::null()),
            Expression::Bool(value) => Ok(Value::Bool(*value.value())),
            Expression::Number(number) => literal::number(number),
            Expression::String(text) => Ok(Value::text(text.value().as_str())),
            Expression::Array(array) => self.array(array),
            Expression::Object(object) => self.object(object),
            Expression::StringTemplate(template) => self.string_template(template),
            Expression::HeredocTemplate(heredoc) => self.heredoc(heredoc),
            Expression::Parenthesis(inner) => self.evaluate(inner.inner()),
            Expression::Variable(name) => self.root(name.as_str(), &[]).map(|(value, _)| value),
            Expression::Conditional(conditional) => self.conditional(conditional),
            Expression::FuncCall(call) => self.call(call),
            Expression::Traversal(traversal) => self.traversal(traversal),
            Expression::UnaryOp(operation) => self.unary(operation),
            Expression::BinaryOp(operation) => self.binary(operation),
            Expression::ForExpr(each) => self.for_expression(each),
        }
    }

    /// The value of an expression that all of is going to be looked at, charged for that.
    fn charged(&self, expression: &Expression) -> Result<Value, Failure> {
        let value = self.evaluate(expression)?;
        self.budget().spend(value.weight())?;
        Ok(value)
    }

    /// The value, unless it is nested too deep; its making is charged for.
    fn made(&self, value: Value, parts: usize) -> Result<Value, Failure> {
        self.budget().spend(parts as u64)?;
        if value.depth() > MAX_DEPTH {
            return Err(Failure::bound("a value is nested too deep"));
        }
        Ok(value)
    }
}

#[cfg(test)]
pub(super) mod tests;
