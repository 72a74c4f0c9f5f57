//! Templates made at random, against what coderd 2.36.0 made of them.

use std::collections::BTreeMap;

use crate::template::resolve::Stage;
use crate::template::resolve::{Build, Refusal};
use crate::template::{Folder, Import, Owner, Request, Template, Values};
use serde::Deserialize;

const TEMPLATES: &str = include_str!(concat!(
    env!("CARGO_MANIFEST_DIR"),
    "/tests/data/template/random/templates.jsonl"
));

#[derive(Deserialize)]
struct Case {
    template: String,
    create: Create,
    claims: Vec<Claim>,
}

#[derive(Deserialize)]
struct Create {
    preset: Values,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Deserialize)]
struct Claim {
    owner: String,
    given: Values,
    #[serde(flatten)]
    outcome: Outcome,
}

#[derive(Debug, Deserialize)]
struct Outcome {
    #[serde(default)]
    parameters: Option<Values>,
    #[serde(default)]
    tags: Option<Values>,
    #[serde(default)]
    refused: Option<String>,
    #[serde(default)]
    because: Option<String>,
}

fn owner(name: &str) -> Owner {
    let (full_name, email, login_type, groups) = match name {
        "prebuilds" => (
            "Prebuilds Owner",
            "prebuilds@system",
            "none",
            vec!["Everyone", "coderprebuiltworkspaces"],
        ),
        "alice" => (
            "Alice",
            "alice@example.test",
            "password",
            vec!["Everyone", "gold", "beta"],
        ),
        "bob" => ("Bob", "bob@example.test", "password", vec!["Everyone"]),
        other => panic!("nobody is called {other}"),
    };
    Owner {
        name: name.to_owned(),
        full_name: full_name.to_owned(),
        email: email.to_owned(),
        login_type: login_type.to_owned(),
        groups: groups.into_iter().map(str::to_owned).collect(),
        ..Owner::default()
    }
}

/// A build, or the stage at which it is refused and all the reasons.
type Got = Result<(Values, Values), (String, Vec<String>)>;

fn got(outcome: Result<Build, Refusal>) -> Got {
    outcome
        .map(|build| (build.values(), build.tags))
        .map_err(|refusal| {
            let stage = match refusal.stage {
                Stage::Parameters => "parameters",
                Stage::Tags => "tags",
            };
            let reasons = refusal
                .problems
                .iter()
                .map(|it| it.diagnostic.reason.to_string());
            (stage.to_owned(), reasons.collect())
        })
}

impl Outcome {
    /// coderd names one of the reasons, of whichever parameter it comes across first.
    fn is(&self, got: &Got) -> bool {
        match got {
            Ok((parameters, tags)) => {
                self.parameters.as_ref() == Some(parameters) && self.tags.as_ref() == Some(tags)
            }
            Err((stage, reasons)) => {
                let because = self.because.as_ref();
                self.refused.as_ref() == Some(stage)
                    && because.is_some_and(|it| reasons.contains(it))
            }
        }
    }
}

#[test]
fn every_build_of_every_random_template_is_coderds() {
    let (mut builds, mut wrong) = (0, Vec::new());
    for (index, line) in TEMPLATES.lines().enumerate() {
        let case: Case = serde_json::from_str(line).expect("a case is JSON");
        let files = Folder::new([("main.tf", case.template.as_bytes())]).expect("one small file");
        let template = Template::from_folder(&files, Import::default()).expect("it can be read");
        let nothing = BTreeMap::new();
        let mut judge = |what: &str, outcome: &Outcome, build: Result<_, Refusal>| {
            builds += 1;
            let text = build
                .as_ref()
                .err()
                .map(Refusal::to_string)
                .unwrap_or_default();
            let got = got(build);
            if !outcome.is(&got) {
                wrong.push(format!(
                    "{index} {what}\n  coderd {outcome:?}\n  ours   {got:?} {text}"
                ));
            }
        };
        let prebuilds = owner("prebuilds");
        let create = Request {
            owner: &prebuilds,
            is_first: true,
            last_build: &nothing,
            given: &nothing,
            preset: &case.create.preset,
        };
        judge("create", &case.create.outcome, template.resolve(&create));
        let Some(last_build) = &case.create.outcome.parameters else {
            assert!(
                case.claims.is_empty(),
                "nothing is claimed where nothing was built"
            );
            continue;
        };
        for claim in &case.claims {
            let owner = owner(&claim.owner);
            let request = Request {
                owner: &owner,
                is_first: false,
                last_build,
                given: &claim.given,
                ..create
            };
            judge(
                &format!("claim {} {:?}", claim.owner, claim.given),
                &claim.outcome,
                template.resolve(&request),
            );
        }
    }
    let (equal, first) = (
        builds - wrong.len(),
        wrong.iter().take(12).cloned().collect::<Vec<_>>(),
    );
    assert!(
        wrong.is_empty(),
        "{equal} of {builds} builds are equal\n{}",
        first.join("\n")
    );
    assert_eq!(builds, 1_534);
}
