//! What all modules of one render share: the template, the owner, the values given, and what is left
//! of the bounds.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

use super::diagnostic::Diagnostic;
use super::evaluate::Budget;
use super::value::{Type, Value};
use super::{Owner, Template};

/// One render: a template for an owner and the values given.
pub(super) struct Render<'t> {
    pub(super) template: &'t Template,
    pub(super) owner: Value,
    pub(super) values: &'t BTreeMap<String, String>,
    pub(super) budget: Budget,
    /// The instances made so far.
    pub(super) instances: Cell<u64>,
    pub(super) warnings: RefCell<Vec<Diagnostic>>,
}

impl<'t> Render<'t> {
    /// A render before its first module.
    pub(super) fn new(
        template: &'t Template,
        owner: &Owner,
        values: &'t BTreeMap<String, String>,
    ) -> Self {
        Self {
            template,
            owner: owner_value(owner),
            values,
            budget: Budget::default(),
            instances: Cell::new(0),
            warnings: RefCell::default(),
        }
    }

    /// Notes a warning.
    pub(super) fn warn(&self, warning: Diagnostic) {
        self.warnings.borrow_mut().push(warning);
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
