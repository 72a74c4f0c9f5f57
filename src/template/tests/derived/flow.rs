//! Whose values win, and what a later build may change.

use crate::template::resolve::{Source, Stage};
use crate::template::{Choice, Definition, Owner, Reason, Request, Values, resolve_definitions};

use super::support::{Case, template, values};

fn parameter(body: &str) -> Case {
    template(&format!(
        "data \"coder_parameter\" \"p\" {{\n name = \"p\"\n default = \"d\"\n{body}\n}}"
    ))
}

#[test]
fn the_preset_wins_over_the_person_and_the_person_over_the_last_build() {
    let case = parameter("mutable = true");
    case.clone()
        .last_build(&[("p", "l")])
        .builds(&[("p", "l")], &[]);
    case.clone()
        .last_build(&[("p", "l")])
        .given(&[("p", "g")])
        .builds(&[("p", "g")], &[]);
    case.last_build(&[("p", "l")])
        .given(&[("p", "g")])
        .preset(&[("p", "s")])
        .builds(&[("p", "s")], &[]);
}

#[test]
fn sources_are_told() {
    let build = template(
        r#"data "coder_parameter" "a" {
             name    = "a"
             default = "1"
           }
           data "coder_parameter" "b" {
             name    = "b"
             default = "1"
           }"#,
    )
    .preset(&[("b", "2")])
    .outcome()
    .expect("a build");
    let sources: Vec<_> = build.parameters.iter().map(|it| it.source).collect();
    assert_eq!(sources, [Source::Default, Source::Preset]);
}

#[test]
fn an_immutable_value_stays() {
    let case = parameter("").last_build(&[("p", "l")]);
    case.builds(&[("p", "l")], &[]);
    case.clone().given(&[("p", "l")]).builds(&[("p", "l")], &[]);
    case.given(&[("p", "g")])
        .is_refused(Stage::Parameters, Reason::Immutable);
}

#[test]
fn a_new_immutable_parameter_may_be_given() {
    parameter("")
        .last_build(&[])
        .given(&[("p", "g")])
        .builds(&[("p", "g")], &[]);
}

#[test]
fn an_ephemeral_value_holds_for_one_build() {
    let case = parameter("mutable = true\n ephemeral = true");
    case.clone()
        .last_build(&[("p", "l")])
        .builds(&[("p", "d")], &[]);
    case.last_build(&[("p", "l")])
        .given(&[("p", "g")])
        .builds(&[("p", "g")], &[]);
}

#[test]
fn mutable_is_a_boolean_not_a_text() {
    parameter("mutable = \"true\"")
        .last_build(&[("p", "l")])
        .given(&[("p", "g")])
        .is_refused(Stage::Parameters, Reason::Immutable);
}

#[test]
fn a_monotonic_value_goes_one_way() {
    let disk = |rule: &str| {
        template(&format!(
            "data \"coder_parameter\" \"p\" {{\n name = \"p\"\n type = \"number\"\n default = 10\n \
             mutable = true\n validation {{\n monotonic = \"{rule}\"\n }}\n}}"
        ))
        .last_build(&[("p", "20")])
    };
    let given = |rule: &str, value: &str| disk(rule).given(&[("p", value)]);
    given("increasing", "20").builds(&[("p", "20")], &[]);
    given("increasing", "30").builds(&[("p", "30")], &[]);
    given("increasing", "19").is_refused(Stage::Parameters, Reason::Validation);
    given("decreasing", "19").builds(&[("p", "19")], &[]);
    given("decreasing", "21").is_refused(Stage::Parameters, Reason::Validation);
    given("sideways", "20").is_refused(Stage::Parameters, Reason::Definition);
    disk("increasing")
        .last_build(&[("p", "much")])
        .given(&[("p", "1")])
        .builds(&[("p", "1")], &[]);
}

#[test]
fn names_that_no_parameter_has_are_dropped() {
    parameter("")
        .last_build(&[("p", "l"), ("old", "1")])
        .given(&[("wrong", "1")])
        .preset(&[("ghost", "1")])
        .builds(&[("p", "l")], &[]);
}

#[test]
fn what_the_last_build_had_is_judged_again() {
    let case = template(
        r#"data "coder_workspace_owner" "me" {}
           data "coder_parameter" "p" {
             name    = "p"
             default = "std"
             mutable = true
             dynamic "option" {
               for_each = concat(["std"], contains(data.coder_workspace_owner.me.groups, "gold") ? ["vip"] : [])
               content {
                 name  = option.value
                 value = option.value
               }
             }
           }"#,
    )
    .last_build(&[("p", "vip")]);
    case.clone()
        .owner("alice", &["Everyone", "gold"])
        .builds(&[("p", "vip")], &[]);
    case.owner("bob", &["Everyone"])
        .is_refused(Stage::Parameters, Reason::Option);
}

#[test]
fn a_default_that_follows_the_owner_is_immutable_once_built() {
    let case = template(
        r#"data "coder_workspace_owner" "me" {}
           data "coder_parameter" "p" {
             name    = "p"
             default = data.coder_workspace_owner.me.name
           }
           data "coder_workspace_tags" "t" {
             tags = { who = data.coder_workspace_owner.me.name, p = data.coder_parameter.p.value }
           }"#,
    );
    case.builds(
        &[("p", "prebuilds")],
        &[("who", "prebuilds"), ("p", "prebuilds")],
    );
    case.owner("alice", &["Everyone"])
        .last_build(&[("p", "prebuilds")])
        .builds(
            &[("p", "prebuilds")],
            &[("who", "alice"), ("p", "prebuilds")],
        );
}

/// A parameter as it is stored at import, not rendered.
fn stored(kind: &str, options: &[&str]) -> Definition {
    let option = |value: &&str| Choice {
        name: (*value).to_owned(),
        value: (*value).to_owned(),
        ..Choice::default()
    };
    Definition {
        name: "p".to_owned(),
        kind: kind.to_owned(),
        mutable: true,
        options: options.iter().map(option).collect(),
        ..Definition::default()
    }
}

#[test]
fn stored_definitions_are_judged_by_the_same_rules_and_have_no_tags() {
    let (owner, nothing) = (Owner::default(), Values::new());
    let resolve = |definition: Definition, preset: &[(&str, &str)]| {
        let preset = values(preset);
        let request = Request {
            owner: &owner,
            is_first: true,
            last_build: &nothing,
            given: &nothing,
            preset: &preset,
        };
        let build = resolve_definitions(&[definition], &request);
        build
            .map(|build| (build.values(), build.tags))
            .map_err(|refusal| {
                refusal
                    .problems
                    .first()
                    .map(|problem| problem.diagnostic.reason)
            })
    };
    let built = |value: &str| Ok((values(&[("p", value)]), Values::new()));
    let default = |value: &str| Definition {
        default_value: value.to_owned(),
        ..stored("string", &["a", "b"])
    };
    assert_eq!(resolve(default("a"), &[]), built("a"));
    assert_eq!(
        resolve(default("a"), &[("p", "b"), ("ghost", "x")]),
        built("b")
    );
    assert_eq!(
        resolve(default("a"), &[("p", "c")]),
        Err(Some(Reason::Option))
    );
    let required = |definition| Definition {
        required: true,
        ..definition
    };
    assert_eq!(resolve(required(stored("string", &[])), &[]), built(""));
    assert_eq!(
        resolve(required(stored("bool", &[])), &[]),
        Err(Some(Reason::Validation))
    );
    assert_eq!(
        resolve(required(stored("string", &["a"])), &[]),
        Err(Some(Reason::Option))
    );
}
