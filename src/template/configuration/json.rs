//! Configuration written as JSON.
//!
//! Invariant: texts are templates of the native syntax, and what lies inside of a top-level block is
//! an attribute, never a nested block. coderd's renderer looks for no nested blocks in JSON: the
//! options and rules of such parameters don't count there.

use std::sync::Arc;

use hcl_edit::Decorated;
use hcl_edit::expr::{Array, Expression, Object, ObjectKey, ObjectValue};
use hcl_edit::template::{Element, StringTemplate};
use serde_json::{Map, Value};

use super::super::diagnostic::{Diagnostic, Place};
use super::super::syntax;
use super::{Attribute, Block, Body, Location, Source, unreadable};

/// How many labels the blocks of Terraform have that a configuration may hold.
const LABELS: [(&str, usize); 9] = [
    ("terraform", 0),
    ("locals", 0),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("module", 1),
    ("data", 2),
    ("resource", 2),
    ("check", 1),
];

/// Reads a `.tf.json` file.
pub(super) fn read(path: String, text: &str) -> Result<Body, Diagnostic> {
    let reader = Reader::new(path);
    let mut body = Body::default();
    for (kind, value) in reader.parse(text)? {
        if let Some((kind, labels)) = LABELS.iter().find(|(known, _)| *known == kind) {
            reader.blocks(kind, *labels, &mut Vec::new(), value, &mut body.blocks)?;
        }
    }
    Ok(body)
}

/// Reads a `.tfvars.json` file.
pub(super) fn read_attributes(path: String, text: &str) -> Result<Vec<Attribute>, Diagnostic> {
    let reader = Reader::new(path);
    let values = reader.parse(text)?;
    values
        .into_iter()
        .map(|(name, value)| reader.attribute(&name, value))
        .collect()
}

struct Reader {
    source: Arc<Source>,
}

impl Reader {
    fn new(file: String) -> Self {
        Self {
            source: Arc::new(Source {
                file,
                lines: Vec::new(),
            }),
        }
    }

    fn location(&self) -> Location {
        Location::new(&self.source, None)
    }

    fn error(&self, problem: &str) -> Diagnostic {
        unreadable(
            problem,
            Place {
                file: self.source.file.clone(),
                line: None,
            },
        )
    }

    fn parse(&self, text: &str) -> Result<Map<String, Value>, Diagnostic> {
        serde_json::from_str(text).map_err(|error| self.error(&error.to_string()))
    }

    /// The blocks of a type: a level of objects for each label, then one body or a list of them.
    fn blocks(
        &self,
        kind: &str,
        labels: usize,
        above: &mut Vec<Arc<str>>,
        value: Value,
        blocks: &mut Vec<Block>,
    ) -> Result<(), Diagnostic> {
        let bodies = match value {
            Value::Array(values) => values,
            Value::Null => return Ok(()),
            value => vec![value],
        };
        for body in bodies {
            let Value::Object(entries) = body else {
                return Err(self.error(&format!("a {kind} block is no object")));
            };
            if above.len() < labels {
                for (label, value) in entries {
                    above.push(label.into());
                    self.blocks(kind, labels, above, value, blocks)?;
                    above.pop();
                }
            } else {
                let attributes = entries.into_iter().filter(|(name, _)| name != "//");
                let attributes = attributes.map(|(name, value)| self.attribute(&name, value));
                let body = Body {
                    attributes: attributes.collect::<Result<_, _>>()?,
                    blocks: Vec::new(),
                };
                let location = self.location();
                blocks.push(Block {
                    kind: kind.into(),
                    labels: above.clone(),
                    body,
                    location,
                });
            }
        }
        Ok(())
    }

    fn attribute(&self, name: &str, value: Value) -> Result<Attribute, Diagnostic> {
        Ok(Attribute::new(
            name,
            self.expression(value)?,
            self.location(),
        ))
    }

    fn expression(&self, value: Value) -> Result<Expression, Diagnostic> {
        Ok(match value {
            Value::Null => Expression::null(),
            Value::Bool(value) => Expression::Bool(Decorated::new(value)),
            Value::Number(number) => syntax::expression(&number.to_string())
                .map_err(|error| self.error(&error.message))?,
            Value::String(text) => self.template(&text)?,
            Value::Array(values) => {
                let mut array = Array::new();
                for value in values {
                    array.push(self.expression(value)?);
                }
                Expression::Array(array)
            }
            Value::Object(entries) => {
                let mut object = Object::new();
                for (key, value) in entries {
                    let key = ObjectKey::Expression(self.template(&key)?);
                    object.insert(key, ObjectValue::new(self.expression(value)?));
                }
                Expression::Object(object)
            }
        })
    }

    /// A text: one interpolation alone stands for its value, as in the native syntax.
    fn template(&self, text: &str) -> Result<Expression, Diagnostic> {
        if !text.contains("${") && !text.contains("%{") {
            return Ok(Expression::String(Decorated::new(text.to_owned())));
        }
        let template = syntax::template(text)
            .map_err(|error| self.error(&format!("in a text: {}", error.message)))?;
        let elements: Vec<Element> = template.into_iter().collect();
        Ok(Expression::StringTemplate(
            elements.into_iter().collect::<StringTemplate>(),
        ))
    }
}
