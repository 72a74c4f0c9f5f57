//! Expressions against what coderd's renderer gives for them: `data/expressions/expressions.jsonl`
//! holds each with its JSON text and its text as a tag.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::template::evaluate::{Budget, Failure, Files, Library, Scope, Step, evaluate};
use crate::template::value::Value;
use hcl_edit::expr::Expression;
use serde_json::Value as Json;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/template/expressions")
}

/// The files beside the expressions.
struct Folder;

impl Files for Folder {
    fn read(&self, path: &str) -> Result<Option<Arc<[u8]>>, Failure> {
        let path = folder().join(path);
        Ok(path.is_file().then(|| fs::read(path).unwrap().into()))
    }

    fn list(&self, path: &str) -> Vec<String> {
        let entries = fs::read_dir(folder().join(path))
            .unwrap()
            .map(|entry| entry.unwrap());
        entries
            .filter(|entry| entry.path().is_file())
            .map(|entry| entry.file_name().into_string().unwrap())
            .collect()
    }
}

/// The names of `context.tf`.
struct Context {
    locals: BTreeMap<String, Expression>,
    budget: Budget,
}

impl Context {
    fn new() -> Self {
        let text = fs::read_to_string(folder().join("context.tf")).unwrap();
        let body = crate::template::syntax::body(&text).unwrap();
        let blocks = body
            .blocks()
            .filter(|block| block.ident.as_str() == "locals");
        let locals = blocks
            .flat_map(|block| block.body.attributes())
            .map(|attribute| (attribute.key.as_str().to_owned(), attribute.value.clone()));
        Self {
            locals: locals.collect(),
            budget: Budget::default(),
        }
    }
}

impl Scope for Context {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        let names: Vec<&str> = steps
            .iter()
            .map_while(|step| match step {
                Step::Attribute(name) => Some(&**name),
                Step::Index(_) => None,
            })
            .collect();
        match (root, names.as_slice()) {
            ("local", [name, ..]) => match self.locals.get(*name) {
                Some(expression) => Ok((evaluate(expression, self)?, 1)),
                None => Err(Failure::refused(format!("there is no local {name:?}"))),
            },
            ("data", ["coder_parameter", name, "value", ..]) => {
                let value = match *name {
                    "region" => "eu".into(),
                    "cpu" => 4.into(),
                    "flag" => true.into(),
                    _ => return Err(Failure::refused(format!("there is no parameter {name:?}"))),
                };
                Ok((value, 3))
            }
            ("data", ["coder_workspace_owner", "me", name, ..]) => {
                let value = match *name {
                    "id" => "c42fdf75-3097-471c-8c33-fb52454d81c0".into(),
                    "name" => "prebuilds".into(),
                    "full_name" => "Prebuilds Owner".into(),
                    "email" => "prebuilds@system".into(),
                    "login_type" => "none".into(),
                    "groups" => Value::tuple(["Everyone".into(), "coderprebuiltworkspaces".into()]),
                    _ => return Err(Failure::refused(format!("an owner has no {name:?}"))),
                };
                Ok((value, 3))
            }
            ("path", ["module", ..]) => Ok((".".into(), 1)),
            _ => Err(Failure::refused(format!("there is no {root:?}"))),
        }
    }

    fn library(&self) -> Library<'_> {
        Library::Rendering(&Folder)
    }

    fn budget(&self) -> &Budget {
        &self.budget
    }
}

fn outcome(text: &str, context: &mut Context) -> Option<Value> {
    context.budget = Budget::default();
    evaluate(&crate::template::syntax::expression(text).ok()?, context).ok()
}

/// The outcome in the form of the data: null where it is refused, false for a tag that is left out.
fn text_of(text: &str, context: &mut Context) -> Json {
    match outcome(text, context).map(|value| value.tag_text()) {
        Some(Ok(Some(text))) => text.into(),
        Some(Ok(None)) => false.into(),
        Some(Err(_)) | None => Json::Null,
    }
}

#[test]
fn expressions_come_to_what_coderd_gives() {
    let lines = fs::read_to_string(folder().join("expressions.jsonl")).unwrap();
    let mut context = Context::new();
    let mut different = Vec::new();
    let mut count = 0;
    for line in lines.lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        let text = row["expression"].as_str().unwrap();
        count += 1;
        for (kind, wrapped) in [
            ("json", format!("jsonencode({text})")),
            ("text", text.to_owned()),
        ] {
            let found = text_of(&wrapped, &mut context);
            if found != row[kind] {
                different.push(format!("{text}: {kind} {found} instead of {}", row[kind]));
            }
        }
    }
    assert!(
        different.is_empty(),
        "{} of {count}:\n{}",
        different.len(),
        different.join("\n")
    );
}
