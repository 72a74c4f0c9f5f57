//! The provisioner tags that a template renders: all `coder_workspace_tags` blocks that exist, later
//! ones win.
//!
//! Invariant: a tag is a known text; an entry that is null is left out, anything else refuses all. An
//! entry without value refuses the build that would have it; tags without known keys refuse every
//! render, even the one with the values of the last build.

use std::collections::BTreeMap;

use hcl_edit::Span;
use hcl_edit::expr::Expression;

use super::configuration::Attribute;
use super::diagnostic::{Diagnostic, Place, Reason};
use super::evaluate::{Failure, FailureKind, evaluate};
use super::instances::Instance;
use super::module::Module;
use super::value::Value;

/// The tags, or what is wrong with each that there can't be.
pub(crate) type Tags = Result<BTreeMap<String, String>, Vec<Diagnostic>>;

/// Reads the tags of all modules.
///
/// # Errors
///
/// A bound is exceeded.
pub(super) fn read(modules: &[&Module<'_>], errors: &mut Vec<Diagnostic>) -> Result<Tags, Failure> {
    let mut reader = Reader {
        tags: BTreeMap::new(),
        problems: Vec::new(),
        errors,
    };
    for module in modules {
        for instance in module
            .blocks("data")
            .filter(|it| it.block.is_data("coder_workspace_tags"))
        {
            // coderd 2.36.0 passes over a block without tags.
            if let Some(tags) = instance.block.body.attribute("tags") {
                reader.block(module, instance, tags)?;
            }
        }
    }
    Ok(if reader.problems.is_empty() {
        Ok(reader.tags)
    } else {
        Err(reader.problems)
    })
}

struct Reader<'e> {
    tags: BTreeMap<String, String>,
    /// What is wrong with entries.
    problems: Vec<Diagnostic>,
    /// What is wrong with the template as a whole.
    errors: &'e mut Vec<Diagnostic>,
}

impl Reader<'_> {
    fn block(
        &mut self,
        module: &Module<'_>,
        instance: &Instance,
        tags: &Attribute,
    ) -> Result<(), Failure> {
        let scope = module.scope(&instance.own);
        let mut expression = &*tags.expression;
        while let Expression::Parenthesis(inner) = expression {
            expression = inner.inner();
        }
        if let Expression::Object(object) = expression {
            // The finished object counts: of two entries with one key only the later is there.
            let mut entries = BTreeMap::new();
            for (key, value) in object {
                let place = tags
                    .location
                    .place_at(value.expr().span().map(|span| span.start));
                match scope.key(key) {
                    Ok(Some(key)) => {
                        entries.insert(key, (evaluate(value.expr(), &scope), place));
                    }
                    Ok(None) => {
                        let message = "a tag has a key that is no known text";
                        self.errors
                            .push(Diagnostic::error(Reason::Tag, message, place));
                    }
                    Err(failure) => self
                        .errors
                        .push(problem("the key of a tag", &failure, place)?),
                }
            }
            for (key, (outcome, place)) in entries {
                self.entry(&key, outcome, place)?;
            }
            return Ok(());
        }
        let place = tags.location.place();
        match evaluate(expression, &scope) {
            Ok(Value::Object(entries)) => {
                for (key, value) in entries.iter() {
                    self.entry(key, Ok(value.clone()), place.clone())?;
                }
            }
            Ok(_) => {
                let message = "the attribute \"tags\" is no known object";
                self.errors
                    .push(Diagnostic::error(Reason::Tag, message, place));
            }
            Err(failure) => {
                self.errors
                    .push(problem("the attribute \"tags\"", &failure, place)?);
            }
        }
        Ok(())
    }

    fn entry(
        &mut self,
        key: &str,
        outcome: Result<Value, Failure>,
        place: Place,
    ) -> Result<(), Failure> {
        match outcome.and_then(|value| value.tag_text()) {
            Ok(Some(text)) => {
                self.tags.insert(key.to_owned(), text);
            }
            Ok(None) => {}
            Err(failure) => {
                self.problems
                    .push(problem(&format!("the tag {key:?}"), &failure, place)?);
            }
        }
        Ok(())
    }
}

/// What is wrong with something that has no value.
///
/// # Errors
///
/// A bound is exceeded.
fn problem(what: &str, failure: &Failure, place: Place) -> Result<Diagnostic, Failure> {
    let reason = match failure.kind {
        FailureKind::Refused => Reason::Tag,
        FailureKind::Unsupported => Reason::Unsupported,
        FailureKind::Bound => return Err(failure.clone()),
    };
    Ok(Diagnostic::error(
        reason,
        format!("{what} has no value: {failure}"),
        place,
    ))
}
