//! One render: a template for an owner and the values given.
//!
//! Invariant: a render that can't be completed says so in its diagnostics, and has then neither
//! parameters nor tags that anyone could take for results.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, Reason, Severity};
use super::evaluate::{Budget, Failure, FailureKind};
use super::parameters::{self, Parameter};
use super::rounds::Module;
use super::tags::{self, Tags};
use super::value::{Type, Value};
use super::{Owner, Template, secrets};

/// What a render works with.
pub(super) struct Render<'t> {
    pub(super) template: &'t Template,
    pub(super) owner: Value,
    pub(super) values: &'t BTreeMap<String, String>,
    pub(super) budget: Budget,
    /// The instances made so far.
    pub(super) instances: Cell<u64>,
    warnings: RefCell<Vec<Diagnostic>>,
}

/// What a template comes to.
#[derive(Clone, Debug)]
pub(crate) struct Rendered {
    /// The parameters that exist, in the order of forms.
    pub parameters: Vec<Parameter>,
    /// The tags, or why there are none.
    pub tags: Tags,
    /// What is to be said about the template as a whole; an error means that nothing else counts.
    pub diagnostics: Vec<Diagnostic>,
}

impl Rendered {
    /// Why the template as a whole can't be rendered; empty when it can.
    pub(crate) fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics
            .iter()
            .filter(|it| it.severity == Severity::Error)
    }

    fn failed(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            parameters: Vec::new(),
            tags: Err(Vec::new()),
            diagnostics,
        }
    }
}

/// Renders a template.
pub(super) fn render(
    template: &Template,
    owner: &Owner,
    values: &BTreeMap<String, String>,
) -> Rendered {
    let render = Render {
        template,
        owner: owner_value(owner),
        values,
        budget: Budget::default(),
        instances: Cell::new(0),
        warnings: RefCell::default(),
    };
    let outcome = render.run();
    let mut diagnostics = template.warnings.clone();
    for warning in render.warnings.take() {
        if !diagnostics.contains(&warning) {
            diagnostics.push(warning);
        }
    }
    let mut rendered = match outcome {
        Ok((parameters, tags, errors)) => {
            diagnostics.extend(errors);
            Rendered {
                parameters,
                tags,
                diagnostics,
            }
        }
        Err(failure) => {
            diagnostics.push(Diagnostic::error(
                reason(&failure),
                failure.to_string(),
                None,
            ));
            Rendered::failed(diagnostics)
        }
    };
    secrets::hide(&template.secrets, &mut rendered);
    rendered
}

impl Render<'_> {
    /// Notes a warning.
    pub(super) fn warn(&self, warning: Diagnostic) {
        self.warnings.borrow_mut().push(warning);
    }

    fn run(&self) -> Result<(Vec<Parameter>, Tags, Vec<Diagnostic>), Failure> {
        let template = self.template;
        let Some(root) = template.configurations.get(".") else {
            return Ok((Vec::new(), Ok(BTreeMap::new()), Vec::new()));
        };
        let mut module = Module::new(self, root, ".", template.variables.clone());
        module.run()?;
        let modules = module.all();
        let mut errors = Vec::new();
        let parameters = parameters::read(&modules, &mut errors)?;
        let tags = tags::read(&modules, &mut errors)?;
        Ok((parameters, tags, errors))
    }
}

/// What a failure means for a render.
pub(super) const fn reason(failure: &Failure) -> Reason {
    match failure.kind {
        FailureKind::Refused => Reason::Template,
        FailureKind::Unsupported | FailureKind::Bound => Reason::Unsupported,
    }
}

fn owner_value(owner: &Owner) -> Value {
    let text = |text: &String| Value::from(text.as_str());
    let groups = owner.groups.iter().map(text).collect();
    let roles = owner.rbac_roles.iter().map(|role| {
        Value::object([
            ("name", text(&role.name)),
            ("org_id", text(&role.organization_id)),
        ])
    });
    Value::object([
        ("id", text(&owner.id)),
        ("name", text(&owner.name)),
        ("full_name", text(&owner.full_name)),
        ("email", text(&owner.email)),
        ("login_type", text(&owner.login_type)),
        ("ssh_public_key", text(&owner.ssh_public_key)),
        ("groups", Value::List(Type::String, groups)),
        ("rbac_roles", Value::tuple(roles)),
    ])
}
