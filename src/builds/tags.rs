//! Workspace tags: the expressions of a template version, evaluated for one build.
//!
//! Pure: an expression sees variables, parameters and the owner, as far as its flow offers them, and
//! nothing else. It must not guess. What coderd would certainly refuse is invalid; what this file
//! doesn't evaluate exactly as coderd does (functions, loops, other data sources, numbers beyond what
//! both would print alike) is unknown, and then no tag at all comes out.
//!
//! The expressions are parsed by a library and evaluated here, because the conversions are what
//! matters: operands turn into numbers and truth values as HCL has it, both results of a conditional
//! are of one type, and a variable of the classic flow is a map around its text.

mod value;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use hcl::expr::{Expression, Object, ObjectKey, Operation, TemplateExpr, Traversal};
use hcl::expr::{TraversalOperator, UnaryOperator};
use hcl::template::{Element, Strip, Template};
use uuid::Uuid;

use crate::builds::parameters::{Flow, Problem, join};
use value::Value;

/// Longest expression that is looked at, and deepest nesting: beyond what anybody writes, and what
/// the parser could take without running out of stack.
const MAX_LENGTH: usize = 4096;
const MAX_DEPTH: usize = 64;

/// A template variable of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Variable {
    /// Its type: `string`, `number`, `bool` or anything else.
    pub kind: String,
    /// Its value, or else its default.
    pub value: String,
}

/// The owner of the workspace that a build is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Owner {
    /// User id.
    pub id: Uuid,
    /// User name, where it is known.
    pub name: Option<String>,
}

impl From<Uuid> for Owner {
    fn from(id: Uuid) -> Self {
        Self { id, name: None }
    }
}

/// What expressions can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Scope<'a> {
    /// How the template is worked out.
    pub flow: Flow,
    /// Variables by name; none where the database doesn't hold them.
    pub variables: Option<&'a BTreeMap<String, Variable>>,
    /// Final parameter values by name.
    pub parameters: &'a BTreeMap<String, String>,
    /// Owner of the workspace.
    pub owner: &'a Owner,
}

/// Evaluates expressions by tag.
///
/// # Errors
/// One problem for all tags: certain as soon as one of them is.
pub(crate) fn evaluate(
    expressions: &BTreeMap<String, String>,
    scope: &Scope<'_>,
) -> Result<BTreeMap<String, String>, Problem> {
    let mut tags = BTreeMap::new();
    let mut problems = Vec::new();
    for (key, expression) in expressions {
        match evaluate_tag(expression, scope) {
            Ok(value) => {
                tags.insert(key.clone(), value);
            }
            Err(problem) => problems.push((format!("workspace tag {key:?}"), problem)),
        }
    }
    if problems.is_empty() {
        Ok(tags)
    } else {
        Err(join(scope.flow, problems))
    }
}

fn evaluate_tag(text: &str, scope: &Scope<'_>) -> Result<String, Problem> {
    let brackets = text.matches(['(', '[', '{', '?', '!']).count();
    if text.len() > MAX_LENGTH || brackets > MAX_DEPTH {
        return Err(unknown("the expression is too long or nested too deeply"));
    }
    // The server's parser takes some that this one doesn't, such as those with comments.
    let expression: Expression = text
        .trim()
        .parse()
        .map_err(|_| unknown(format!("{text:?} is not an expression that is read here")))?;
    let value = scope.evaluate(&expression, 0)?;
    match (scope.flow, value) {
        (Flow::Classic, value) => value.into_tag(),
        (Flow::Dynamic, Value::Text(text)) => Ok(text),
        (Flow::Dynamic, value) => Err(invalid(format!("{} is no text", value.kind()))),
    }
}

fn invalid(problem: impl Into<String>) -> Problem {
    Problem::Invalid(problem.into())
}

fn unknown(problem: impl Into<String>) -> Problem {
    Problem::Unknown(problem.into())
}

impl Scope<'_> {
    fn evaluate(&self, expression: &Expression, depth: usize) -> Result<Value, Problem> {
        if depth > MAX_DEPTH {
            return Err(unknown("the expression is nested too deeply"));
        }
        let depth = depth + 1;
        match expression {
            Expression::Null => Ok(Value::Null),
            Expression::Bool(value) => Ok(Value::Bool(*value)),
            Expression::Number(number) => Value::number(number.as_f64()),
            Expression::String(text) => Ok(Value::Text(text.clone())),
            Expression::Array(elements) => elements
                .iter()
                .map(|element| self.evaluate(element, depth))
                .collect::<Result<_, _>>()
                .map(Value::List),
            Expression::Object(object) => self.object(object, depth),
            Expression::TemplateExpr(template) => self.template(template, depth),
            Expression::Variable(name) => self.root(name.as_str()),
            Expression::Traversal(traversal) => self.traversal(traversal, depth),
            Expression::Parenthesis(inner) => self.evaluate(inner, depth),
            Expression::Conditional(conditional) => {
                // Both results are worked out, because they share one type; one that is not taken
                // may fail.
                let condition = self.evaluate(&conditional.cond_expr, depth)?.truth()?;
                let yes = self.evaluate(&conditional.true_expr, depth);
                let no = self.evaluate(&conditional.false_expr, depth);
                let (taken, other) = if condition { (yes, no) } else { (no, yes) };
                taken?.unified_with(other.ok().as_ref())
            }
            Expression::Operation(operation) => match &**operation {
                Operation::Unary(unary) => {
                    let operand = self.evaluate(&unary.expr, depth)?;
                    match unary.operator {
                        UnaryOperator::Not => operand.truth().map(|truth| Value::Bool(!truth)),
                        UnaryOperator::Neg => Value::number(Some(-operand.quantity()?)),
                    }
                }
                Operation::Binary(binary) => {
                    let left = self.evaluate(&binary.lhs_expr, depth)?;
                    let right = self.evaluate(&binary.rhs_expr, depth)?;
                    value::combine(&left, binary.operator, &right)
                }
            },
            Expression::FuncCall(call) => Err(unknown(format!(
                "the function {:?} is not evaluated here",
                call.name.to_string()
            ))),
            _ => Err(unknown("the expression holds what is not evaluated here")),
        }
    }

    fn object(
        &self,
        object: &Object<ObjectKey, Expression>,
        depth: usize,
    ) -> Result<Value, Problem> {
        let mut entries = BTreeMap::new();
        for (key, expression) in object {
            let key = match key {
                ObjectKey::Identifier(name) => name.to_string(),
                ObjectKey::Expression(key) => self.evaluate(key, depth)?.text()?,
                _ => return Err(unknown("the expression holds what is not evaluated here")),
            };
            entries.insert(key, self.evaluate(expression, depth)?);
        }
        Ok(Value::Object(entries))
    }

    fn template(&self, template: &TemplateExpr, depth: usize) -> Result<Value, Problem> {
        let TemplateExpr::QuotedString(_) = template else {
            return Err(unknown("text in several lines is not evaluated here"));
        };
        let template = Template::from_expr(template)
            .map_err(|_| invalid(format!("{:?} is not a template", template.to_string())))?;
        // A lone interpolation keeps its type.
        if let [Element::Interpolation(only)] = template.elements() {
            return self.evaluate(&only.expr, depth);
        }
        let mut text = String::new();
        for element in template.elements() {
            match element {
                Element::Literal(literal) => text.push_str(literal),
                Element::Interpolation(part) if part.strip == Strip::None => {
                    text.push_str(&self.evaluate(&part.expr, depth)?.text()?);
                }
                Element::Interpolation(_) | Element::Directive(_) => {
                    return Err(unknown("template directives are not evaluated here"));
                }
            }
        }
        Ok(Value::Text(text))
    }

    fn traversal(&self, traversal: &Traversal, depth: usize) -> Result<Value, Problem> {
        let mut value = self.evaluate(&traversal.expr, depth)?;
        for operator in &traversal.operators {
            value = match operator {
                TraversalOperator::GetAttr(name) => value.entry(name.as_str())?,
                TraversalOperator::Index(index) => {
                    let index = self.evaluate(index, depth)?;
                    value.element(&index)?
                }
                _ => return Err(unknown("the expression holds what is not evaluated here")),
            };
        }
        Ok(value)
    }

    /// What a name stands for.
    fn root(&self, name: &str) -> Result<Value, Problem> {
        match (name, self.flow) {
            ("var", _) => self.variables(),
            ("data", Flow::Classic) if !self.parameters.is_empty() => {
                let parameters = self.parameters.iter();
                let parameters = parameters.map(|(name, value)| (name.clone(), wrapped(value)));
                let parameters = Value::Map(parameters.collect());
                Ok(Value::Map(single("coder_parameter", parameters)))
            }
            ("data", Flow::Dynamic) => Ok(Value::Object(BTreeMap::from([
                ("coder_parameter".to_owned(), self.rendered_parameters()),
                ("coder_workspace_owner".to_owned(), self.rendered_owner()),
            ]))),
            _ => Err(invalid(format!("nothing here is called {name:?}"))),
        }
    }

    fn variables(&self) -> Result<Value, Problem> {
        let Some(variables) = self.variables else {
            return Err(unknown(
                "the database doesn't hold the template's variables",
            ));
        };
        match self.flow {
            Flow::Classic => {
                let variables = variables.iter();
                let wrapped = variables.map(|(name, it)| (name.clone(), wrapped(&it.value)));
                Ok(Value::Map(wrapped.collect()))
            }
            Flow::Dynamic => {
                let variables = variables.iter();
                // Those of other types are as good as not there: asking for one is refused.
                let typed =
                    variables.filter_map(|(name, it)| Some((name.clone(), typed(it).ok()?)));
                Ok(Value::Object(typed.collect()))
            }
        }
    }

    /// Parameters by the label of their blocks, which is taken to be the parameter's name, as the
    /// classic flow takes it.
    fn rendered_parameters(&self) -> Value {
        let parameters = self.parameters.iter();
        let parameters = parameters.map(|(name, value)| {
            let value = single("value", Value::Text(value.clone()));
            (name.clone(), Value::Object(value))
        });
        Value::Object(parameters.collect())
    }

    /// The owner, whatever label the template gives it.
    fn rendered_owner(&self) -> Value {
        let mut owner = single("id", Value::Text(self.owner.id.to_string()));
        if let Some(name) = &self.owner.name {
            owner.insert("name".to_owned(), Value::Text(name.clone()));
        }
        Value::Any(Box::new(Value::Object(owner)))
    }
}

/// A variable or parameter as the classic flow has it.
fn wrapped(value: &str) -> Value {
    Value::Map(single("value", Value::Text(value.to_owned())))
}

fn single(key: &str, value: Value) -> BTreeMap<String, Value> {
    BTreeMap::from([(key.to_owned(), value)])
}

/// A variable as the rendered template has it.
fn typed(variable: &Variable) -> Result<Value, Problem> {
    let text = Value::Text(variable.value.clone());
    match variable.kind.as_str() {
        "string" => Ok(text),
        "number" => Value::number(Some(text.quantity()?)),
        "bool" => text.truth().map(Value::Bool),
        kind => Err(unknown(format!("a variable of type {kind:?}"))),
    }
}
