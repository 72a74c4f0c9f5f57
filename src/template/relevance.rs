//! Which blocks a render has to look at: parameters, tags, and what they are made of.
//!
//! Invariant: a block that is left out is referred to by no block that isn't, so that leaving it out
//! changes nothing but the time it takes.

use std::collections::{BTreeMap, BTreeSet};

use hcl_edit::Decorated;
use hcl_edit::expr::{Expression, FuncCall, Traversal, TraversalOperator};
use hcl_edit::visit::{Visit, visit_expr, visit_func_call, visit_traversal};

use super::configuration::{Attribute, Block, Body, Configuration};
use super::functions::reads_files;

/// Data sources that a render is about.
const ALWAYS: [&str; 3] = [
    "coder_parameter",
    "coder_workspace_tags",
    "coder_workspace_owner",
];

/// The types of resources, and of data sources with `data.` before them, that some block refers to.
#[derive(Debug, Default)]
pub(super) struct Relevance {
    types: BTreeMap<String, Attributes>,
    /// Those of them whose blocks were not looked at.
    new_types: Vec<String>,
    /// Data sources that are asked for besides.
    wanted: &'static [&'static str],
    /// Whether what counts calls a function that reads files.
    pub(super) reads_files: bool,
}

/// The type by which others refer to a block.
fn type_of(block: &Block) -> String {
    let kind = block.first_label();
    match &*block.kind {
        "data" => format!("data.{kind}"),
        _ => kind.to_owned(),
    }
}

/// The attributes of a type that some block refers to.
#[derive(Debug, Default)]
struct Attributes {
    names: BTreeSet<String>,
    /// Whether something refers to a block as a whole.
    all: bool,
}

impl Relevance {
    /// What counts in those configurations, the wanted data sources among it.
    pub(super) fn of<'a>(
        configurations: impl Iterator<Item = &'a Configuration>,
        wanted: &'static [&'static str],
    ) -> Self {
        let mut relevance = Self {
            wanted,
            ..Self::default()
        };
        let blocks = configurations.flat_map(|it| it.blocks.iter().map(AsRef::as_ref));
        let (mut counting, others): (Vec<&Block>, Vec<&Block>) =
            blocks.partition(|block| relevance.covers(block));
        let mut waiting: BTreeMap<String, Vec<&Block>> = BTreeMap::new();
        let can_count = |block: &&Block| matches!(&*block.kind, "data" | "resource");
        for block in others.into_iter().filter(can_count) {
            waiting.entry(type_of(block)).or_default().push(block);
        }
        while let Some(block) = counting.pop() {
            relevance.add(&block.body);
            for kind in std::mem::take(&mut relevance.new_types) {
                let of_kind = if kind == "data" {
                    waiting
                        .extract_if(.., |it, _| it == "data" || it.starts_with("data."))
                        .collect()
                } else {
                    waiting.remove_entry(&kind).into_iter().collect::<Vec<_>>()
                };
                counting.extend(of_kind.into_iter().flat_map(|(_, blocks)| blocks));
            }
        }
        relevance
    }

    /// Whether a block counts.
    pub(super) fn covers(&self, block: &Block) -> bool {
        let kind = block.first_label();
        match &*block.kind {
            "data" => {
                ALWAYS.contains(&kind)
                    || self.wanted.contains(&kind)
                    || self.types.contains_key("data")
                    || self.types.contains_key(&type_of(block))
            }
            "resource" => self.types.contains_key(kind),
            "variable" | "locals" | "module" | "output" => true,
            _ => false,
        }
    }

    /// Whether an attribute's value counts for other blocks.
    pub(super) fn covers_attribute(&self, block: &Block, attribute: &Attribute) -> bool {
        let kind = block.first_label();
        let attributes = match &*block.kind {
            "data" if self.types.contains_key("data") => return true,
            "data" => self.types.get(&type_of(block)),
            "resource" => self.types.get(kind),
            _ => return true,
        };
        attributes.is_some_and(|known| known.all || known.names.contains(&*attribute.name))
    }

    /// Notes a reference to a type: the attributes that it may ask for are among the names after the
    /// block's own name.
    fn refer(&mut self, kind: String, after_name: &[Decorated<TraversalOperator>]) {
        if !self.types.contains_key(&kind) {
            self.new_types.push(kind.clone());
        }
        let attributes = self.types.entry(kind).or_default();
        let mut asked = after_name
            .iter()
            .filter_map(|operator| attribute_name(operator))
            .peekable();
        attributes.all |= asked.peek().is_none();
        attributes.names.extend(asked.map(str::to_owned));
    }

    fn add(&mut self, body: &Body) {
        for attribute in &body.attributes {
            self.visit_expr(&attribute.expression);
        }
        for block in &body.blocks {
            self.add(&block.body);
        }
    }
}

impl Visit for Relevance {
    fn visit_traversal(&mut self, node: &Traversal) {
        let Expression::Variable(root) = &node.expr else {
            visit_traversal(self, node);
            return;
        };
        let operators = node.operators.as_slice();
        let kind = operators
            .first()
            .and_then(|operator| attribute_name(operator));
        match (root.as_str(), kind) {
            ("data", Some(kind)) => {
                self.refer(
                    format!("data.{kind}"),
                    operators.get(2..).unwrap_or_default(),
                );
            }
            (root, _) => self.refer(root.to_owned(), operators.get(1..).unwrap_or_default()),
        }
        for operator in operators {
            self.visit_traversal_operator(operator);
        }
    }

    fn visit_func_call(&mut self, node: &FuncCall) {
        self.reads_files |= reads_files(&node.name.name);
        visit_func_call(self, node);
    }

    fn visit_expr(&mut self, node: &Expression) {
        if let Expression::Variable(name) = node {
            self.refer(name.to_string(), &[]);
        }
        visit_expr(self, node);
    }
}

/// The name that a step leads to, if one stands there.
fn attribute_name(operator: &Decorated<TraversalOperator>) -> Option<&str> {
    match operator.value() {
        TraversalOperator::GetAttr(name) => Some(name.as_str()),
        TraversalOperator::Index(Expression::String(name)) => Some(name.as_str()),
        _ => None,
    }
}
