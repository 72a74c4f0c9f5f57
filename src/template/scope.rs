//! What the expressions of one block see: the names of its module, its own, and the module's files.
//!
//! Invariant: what coderd refuses comes to an unknown value, and what only coderd can work out comes
//! to no value at all; the two are never confused.

use std::sync::Arc;

use hcl_edit::expr::{Expression, ObjectKey};

use super::archive::{Folder, clean, prefix};
use super::configuration::Attribute;
use super::evaluate::{Budget, Failure, FailureKind, Files, Library, Scope, Step, evaluate};
use super::instances::Own;
use super::names::Names;
use super::value::{Type, Value, convert};

/// What the expressions of one block see.
pub(super) struct BlockScope<'a> {
    pub(super) names: &'a Names,
    pub(super) own: &'a Own,
    pub(super) files: &'a ModuleFiles,
    pub(super) budget: &'a Budget,
}

impl Scope for BlockScope<'_> {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        match self.own.iter().find(|(name, _)| **name == *root) {
            Some((_, value)) => Ok((value.clone(), 0)),
            None => self.names.resolve(root, steps, self.budget),
        }
    }

    fn library(&self) -> Library<'_> {
        Library::Rendering(self.files)
    }

    fn budget(&self) -> &Budget {
        self.budget
    }
}

impl BlockScope<'_> {
    /// The value of an attribute as coderd's renderer sees it: unknown where it is refused or null.
    ///
    /// # Errors
    ///
    /// Only coderd can work it out, or a bound is exceeded.
    pub(super) fn value(&self, attribute: &Attribute) -> Result<Value, Failure> {
        let value = self.nullable(attribute)?;
        Ok(if value.is_null() {
            Value::unknown()
        } else {
            value
        })
    }

    /// The value of an attribute, which may be null; unknown where it is refused.
    ///
    /// # Errors
    ///
    /// Only coderd can work it out, or a bound is exceeded.
    pub(super) fn nullable(&self, attribute: &Attribute) -> Result<Value, Failure> {
        match &attribute.constant {
            Some(value) => Ok(value.clone()),
            None => self.partial(&attribute.expression),
        }
    }

    /// The value of an expression. Where a part of an object or a tuple that stands there is refused,
    /// only that part is unknown.
    fn partial(&self, expression: &Expression) -> Result<Value, Failure> {
        match evaluate(expression, self) {
            Err(failure) if failure.kind == FailureKind::Refused => self.parts(expression),
            outcome => outcome,
        }
    }

    fn parts(&self, expression: &Expression) -> Result<Value, Failure> {
        let _level = self.budget.enter()?;
        match expression {
            Expression::Parenthesis(inner) => self.parts(inner.inner()),
            Expression::Array(array) => {
                let elements = array.iter().map(|element| self.partial(element));
                Ok(Value::tuple(elements.collect::<Result<Vec<_>, _>>()?))
            }
            Expression::Object(object) => {
                let mut attributes = Vec::new();
                for (key, value) in object {
                    let Some(key) = self.key(key)? else {
                        return Ok(Value::unknown());
                    };
                    attributes.push((key, self.partial(value.expr())?));
                }
                Ok(Value::object(attributes))
            }
            _ => Ok(Value::unknown()),
        }
    }

    /// The text that an object's key comes to; none where it comes to no known text.
    ///
    /// # Errors
    ///
    /// Only coderd can work it out, or a bound is exceeded.
    pub(super) fn key(&self, key: &ObjectKey) -> Result<Option<Arc<str>>, Failure> {
        let value = match key {
            ObjectKey::Ident(name) => return Ok(Some(name.as_str().into())),
            ObjectKey::Expression(Expression::Variable(name)) => {
                return Ok(Some(name.as_str().into()));
            }
            ObjectKey::Expression(expression) => evaluate(expression, self),
        };
        let text = value.and_then(|value| convert(&value, &Type::String));
        match text {
            Ok(Value::String(text)) => Ok(Some(text)),
            Ok(_) => Ok(None),
            Err(failure) if failure.kind == FailureKind::Refused => Ok(None),
            Err(failure) => Err(failure),
        }
    }
}

/// The files that a module's expressions read: relative paths begin in the module's folder.
#[derive(Clone, Debug)]
pub(super) struct ModuleFiles {
    pub(super) files: Folder,
    pub(super) folder: String,
}

impl ModuleFiles {
    fn path(&self, path: &str) -> Option<String> {
        clean(&format!("{}{path}", prefix(&self.folder)))
    }
}

impl Files for ModuleFiles {
    fn read(&self, path: &str) -> Result<Option<Arc<[u8]>>, Failure> {
        Ok(self
            .path(path)
            .and_then(|path| self.files.get(&path).map(Arc::clone)))
    }

    fn list(&self, folder: &str) -> Vec<String> {
        let Some(folder) = self.path(folder) else {
            return Vec::new();
        };
        let prefix = prefix(&folder);
        let inside = self
            .files
            .iter()
            .filter_map(|(path, _)| path.strip_prefix(prefix.as_str()));
        inside.map(str::to_owned).collect()
    }
}
