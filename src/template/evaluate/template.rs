//! Text with `${...}` and `%{...}`.

use hcl_edit::template::{Element, ForDirective, HeredocTemplate, StringTemplate};

use super::collections::elements;
use super::layout::{self, Part};
use super::{Context, Failure};
use crate::template::value::{Type, Value, convert};

/// What the parts of a template come to so far.
struct Text {
    written: String,
    known: bool,
    sensitive: bool,
}

impl Text {
    const fn new() -> Self {
        Self {
            written: String::new(),
            known: true,
            sensitive: false,
        }
    }

    fn add(&mut self, value: &Value) -> Result<(), Failure> {
        let value = convert(value, &Type::String)?;
        let (value, sensitive) = value.reveal();
        self.sensitive |= sensitive;
        match value {
            Value::String(text) => self.written.push_str(text),
            Value::Null(_) => return Err(Failure::refused("null can't be part of a text")),
            _ => self.known = false,
        }
        Ok(())
    }

    fn finish(self) -> Value {
        let value = if self.known {
            Value::text(self.written)
        } else {
            Value::Unknown(Type::String)
        };
        if self.sensitive {
            value.sensitive()
        } else {
            value
        }
    }
}

impl Context<'_> {
    /// A template in quotation marks. One that is nothing but `${...}` is the value itself.
    pub(super) fn string_template(&self, template: &StringTemplate) -> Result<Value, Failure> {
        let mut elements = template.iter();
        if let (Some(Element::Interpolation(only)), None) = (elements.next(), elements.next()) {
            return self.evaluate(&only.expr);
        }
        self.parts(&layout::quoted(template)?)
    }

    /// A heredoc, as text.
    pub(super) fn heredoc(&self, heredoc: &HeredocTemplate) -> Result<Value, Failure> {
        self.parts(&layout::heredoc(heredoc)?)
    }

    fn parts(&self, parts: &[Part<'_>]) -> Result<Value, Failure> {
        let _level = self.budget().enter()?;
        let mut text = Text::new();
        for part in parts {
            let value = match part {
                Part::Text(literal) => {
                    self.budget().spend(1 + literal.len() as u64 / 32)?;
                    text.written.push_str(literal);
                    continue;
                }
                Part::Value(expression) => self.evaluate(expression)?,
                Part::If { directive, yes, no } => {
                    self.choose(self.parts(yes), self.parts(no), || {
                        self.charged(&directive.if_expr.cond_expr)
                    })?
                }
                Part::For { directive, body } => self.repeated(directive, body)?,
            };
            self.budget().spend(value.weight())?;
            text.add(&value)?;
        }
        Ok(text.finish())
    }

    fn repeated(&self, directive: &ForDirective, body: &[Part<'_>]) -> Result<Value, Failure> {
        let each = &directive.for_expr;
        let collection = self.evaluate(&each.collection_expr)?;
        let (collection, sensitive) = collection.reveal();
        let mut text = Text {
            sensitive,
            ..Text::new()
        };
        let Some(elements) = elements(collection)? else {
            text.known = false;
            return Ok(text.finish());
        };
        let names = (
            each.key_var.as_ref().map(|name| name.as_str()),
            each.value_var.as_str(),
        );
        for element in elements {
            let part = self.with_element(names, element, |inner| inner.parts(body))?;
            self.budget().spend(1 + part.weight())?;
            text.add(&part)?;
        }
        Ok(text.finish())
    }
}
