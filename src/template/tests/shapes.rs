//! Templates in which each way of writing them occurs once, against what coderd 2.36.0 wrote for
//! them: the first builds of prebuilds, claims of those by two people, and deletes.

use std::collections::BTreeMap;

use crate::template::resolve::{Build, Refusal};
use crate::template::{Import, Owner, Request, Template, Values, Variable};
use data_encoding::BASE64;
use serde::Deserialize;

const TEMPLATES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/template/shapes/templates.jsonl"
));
const PREBUILDS: &str = "c42fdf75-3097-471c-8c33-fb52454d81c0";

#[derive(Deserialize)]
struct Case {
    template: String,
    archive: String,
    import_tags: Values,
    plan: String,
    modules: Option<String>,
    variables: Vec<Row>,
    presets: BTreeMap<String, Values>,
    create: Vec<Outcome>,
    claim: Vec<Outcome>,
    delete: Vec<Outcome>,
}

#[derive(Deserialize)]
struct Row {
    name: String,
    kind: String,
    value: String,
    default_value: String,
    sensitive: bool,
}

#[derive(Deserialize)]
struct Outcome {
    preset: String,
    user: Option<String>,
    #[serde(default)]
    given: Values,
    parameters: Option<Values>,
    tags: Option<Values>,
}

fn owner(name: &str) -> Owner {
    let (id, full_name, email, login_type, groups) = match name {
        "prebuilds" => (
            PREBUILDS,
            "Prebuilds Owner",
            "prebuilds@system",
            "none",
            vec!["Everyone", "coderprebuiltworkspaces"],
        ),
        "alice" => (
            "a11ce000-0000-4000-8000-000000000001",
            "Alice",
            "alice@example.test",
            "password",
            vec!["Everyone", "gold", "beta"],
        ),
        "bob" => (
            "b0b00000-0000-4000-8000-000000000002",
            "Bob",
            "bob@example.test",
            "password",
            vec!["Everyone"],
        ),
        other => panic!("nobody is called {other}"),
    };
    Owner {
        id: id.to_owned(),
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        email: email.to_owned(),
        login_type: login_type.to_owned(),
        groups: groups.into_iter().map(str::to_owned).collect(),
        ..Owner::default()
    }
}

fn decode(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).expect("test data is base64")
}

impl Case {
    fn template(&self) -> Template {
        let variables: Vec<_> = self
            .variables
            .iter()
            .map(|row| Variable {
                name: row.name.clone(),
                kind: row.kind.clone(),
                value: row.value.clone(),
                default_value: row.default_value.clone(),
                sensitive: row.sensitive,
            })
            .collect();
        let modules = self.modules.as_deref().map(decode);
        let import = Import {
            modules: modules.as_deref(),
            plan: Some(&self.plan),
            variables: &variables,
        };
        Template::parse(&decode(&self.archive), import).expect("an imported template can be read")
    }

    /// The tags of a job: those of the import, for this owner, and the template's over them.
    fn tags(&self, owner: &Owner, overlay: &Values) -> Values {
        let mut tags = self.import_tags.clone();
        tags.retain(|_, value| !value.is_empty());
        let is_user = tags.get("scope").is_some_and(|scope| scope == "user");
        let scope = if is_user { "user" } else { "organization" };
        tags.insert("scope".to_owned(), scope.to_owned());
        tags.insert(
            "owner".to_owned(),
            if is_user {
                owner.id.clone()
            } else {
                String::new()
            },
        );
        tags.extend(overlay.clone());
        tags
    }
}

#[derive(Default)]
struct Score {
    equal: usize,
    wrong: Vec<String>,
}

impl Score {
    fn judge(
        &mut self,
        case: &Case,
        owner: &Owner,
        expected: &Outcome,
        got: Result<Build, Refusal>,
    ) {
        let refusal = got.as_ref().err().map(Refusal::to_string);
        let got = got
            .ok()
            .map(|build| (build.values(), case.tags(owner, &build.tags)));
        let expected_build = expected.parameters.clone().zip(expected.tags.clone());
        if got == expected_build {
            self.equal += 1;
        } else {
            let (template, preset) = (&case.template, &expected.preset);
            self.wrong.push(format!(
                "{template}/{preset} for {} {:?}\n  coderd {expected_build:?}\n  ours   {got:?} {refusal:?}",
                owner.name, expected.given
            ));
        }
    }

    fn assert(&self, count: usize) {
        let total = self.equal + self.wrong.len();
        assert!(
            self.wrong.is_empty(),
            "{} of {total} are equal\n{}",
            self.equal,
            self.wrong.join("\n")
        );
        assert_eq!(total, count);
    }
}

fn cases() -> impl Iterator<Item = Case> {
    TEMPLATES
        .lines()
        .map(|line| serde_json::from_str(line).expect("a case is JSON"))
}

#[test]
fn every_first_build_is_coderds() {
    let (mut score, owner, nothing) = (Score::default(), owner("prebuilds"), Values::new());
    for case in cases() {
        let template = case.template();
        for expected in &case.create {
            let request = Request {
                owner: &owner,
                is_first: true,
                last_build: &nothing,
                given: &nothing,
                preset: &case.presets[&expected.preset],
            };
            score.judge(&case, &owner, expected, template.resolve(&request));
        }
    }
    score.assert(110);
}

#[test]
fn every_claim_is_coderds() {
    let mut score = Score::default();
    for case in cases() {
        let template = case.template();
        for expected in &case.claim {
            let owner = owner(expected.user.as_deref().expect("a claim has a user"));
            let request = Request {
                owner: &owner,
                is_first: false,
                last_build: case.built(&expected.preset),
                given: &expected.given,
                preset: &case.presets[&expected.preset],
            };
            score.judge(&case, &owner, expected, template.resolve(&request));
        }
    }
    score.assert(200);
}

#[test]
fn every_delete_is_coderds() {
    let (mut score, owner, nothing) = (Score::default(), owner("prebuilds"), Values::new());
    for case in cases() {
        let template = case.template();
        for expected in &case.delete {
            let request = Request {
                owner: &owner,
                is_first: false,
                last_build: case.built(&expected.preset),
                given: &nothing,
                preset: &nothing,
            };
            score.judge(&case, &owner, expected, template.resolve(&request));
        }
    }
    score.assert(100);
}

impl Case {
    /// The values of the first build for a preset.
    fn built(&self, preset: &str) -> &Values {
        let create = self.create.iter().find(|create| create.preset == preset);
        create
            .and_then(|create| create.parameters.as_ref())
            .expect("the preset was built")
    }
}
