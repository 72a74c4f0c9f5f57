//! What parameters are: types, form types, options, rules.

use crate::template::Reason;
use crate::template::resolve::Stage;

use super::support::{Case, template};

fn parameter(body: &str) -> Case {
    template(&format!(
        "data \"coder_parameter\" \"label\" {{\n name = \"p\"\n{body}\n}}"
    ))
}

#[test]
fn the_type_is_string_unless_it_says_otherwise() {
    parameter("default = 007").builds(&[("p", "7")], &[]);
    parameter("default = \"007\"").builds(&[("p", "007")], &[]);
}

#[test]
fn numbers_are_of_any_form_where_no_rule_asks_for_whole_ones() {
    let number = parameter("type = \"number\"\n default = 1.50");
    number.builds(&[("p", "1.5")], &[]);
    number
        .clone()
        .preset(&[("p", "1e3")])
        .builds(&[("p", "1e3")], &[]);
    number
        .preset(&[("p", "many")])
        .is_refused(Stage::Parameters, Reason::Validation);
}

#[test]
fn a_rule_asks_for_whole_numbers() {
    let number =
        parameter("type = \"number\"\n default = 5\n validation {\n min = 2\n max = 8\n }");
    number
        .clone()
        .preset(&[("p", "8")])
        .builds(&[("p", "8")], &[]);
    for value in ["9", "1", "4.5", ""] {
        number
            .clone()
            .preset(&[("p", value)])
            .is_refused(Stage::Parameters, Reason::Validation);
    }
}

#[test]
fn limits_have_all_their_digits() {
    let limited = |limits: &str| {
        parameter(&format!(
            "type = \"number\"\n default = 5\n validation {{\n {limits}\n }}"
        ))
    };
    let value = |value| [("p", value)];
    let exact = limited("min = -9007199254740993.9\n max = 9007199254740993.9");
    for most in ["9007199254740993", "-9007199254740993"] {
        exact.clone().preset(&value(most)).builds(&value(most), &[]);
    }
    for more in ["9007199254740994", "-9007199254740994"] {
        let case = exact.clone().preset(&value(more));
        case.is_refused(Stage::Parameters, Reason::Validation);
    }
    let largest = value("9223372036854775807");
    limited("min = -1e30\n max = 1e30")
        .preset(&largest)
        .builds(&largest, &[]);
}

#[test]
fn a_default_that_breaks_the_rule_hurts_only_where_it_is_taken() {
    let number = parameter("type = \"number\"\n default = 1\n validation {\n min = 2\n }");
    number.is_refused(Stage::Parameters, Reason::Validation);
    number.preset(&[("p", "3")]).builds(&[("p", "3")], &[]);
}

#[test]
fn limits_may_follow_parameters_and_locals() {
    let case = template(
        r#"locals { least = 2 }
           data "coder_parameter" "most" {
             name    = "most"
             type    = "number"
             default = 16
           }
           data "coder_parameter" "cpu" {
             name    = "cpu"
             type    = "number"
             default = 4
             validation {
               min = local.least
               max = tonumber(data.coder_parameter.most.value)
             }
           }"#,
    );
    case.clone()
        .preset(&[("cpu", "16")])
        .builds(&[("most", "16"), ("cpu", "16")], &[]);
    case.clone()
        .preset(&[("cpu", "1")])
        .is_refused(Stage::Parameters, Reason::Validation);
    case.preset(&[("most", "8"), ("cpu", "16")])
        .is_refused(Stage::Parameters, Reason::Validation);
}

#[test]
fn a_text_must_match_somewhere() {
    let text = parameter("default = \"ab\"\n validation {\n regex = \"b+\"\n error = \"no b\"\n }");
    text.clone()
        .preset(&[("p", "xbbx")])
        .builds(&[("p", "xbbx")], &[]);
    text.preset(&[("p", "x")])
        .is_refused(Stage::Parameters, Reason::Validation);
}

#[test]
fn a_regular_expression_needs_an_error_text() {
    parameter("default = \"a\"\n validation {\n regex = \"a\"\n }")
        .is_refused(Stage::Parameters, Reason::Definition);
}

#[test]
fn rules_of_other_types_spoil_a_parameter() {
    parameter("default = \"a\"\n validation {\n min = 1\n }")
        .is_refused(Stage::Parameters, Reason::Definition);
    parameter(
        "type = \"bool\"\n default = true\n validation {\n regex = \"t\"\n error = \"e\"\n }",
    )
    .is_refused(Stage::Parameters, Reason::Definition);
}

#[test]
fn booleans_have_the_forms_of_go() {
    let flag = parameter("type = \"bool\"\n default = true");
    flag.builds(&[("p", "true")], &[]);
    flag.clone()
        .preset(&[("p", "T")])
        .builds(&[("p", "T")], &[]);
    flag.preset(&[("p", "yes")])
        .is_refused(Stage::Parameters, Reason::Validation);
}

#[test]
fn lists_are_json_of_texts() {
    let list = parameter("type = \"list(string)\"\n default = jsonencode([\"a\"])");
    list.builds(&[("p", "[\"a\"]")], &[]);
    list.clone()
        .preset(&[("p", "[]")])
        .builds(&[("p", "[]")], &[]);
    for value in ["a,b", "[1]", "{}"] {
        list.clone()
            .preset(&[("p", value)])
            .is_refused(Stage::Parameters, Reason::Validation);
    }
}

const AB: &str =
    "option {\n name = \"A\"\n value = \"a\"\n }\n option {\n name = \"B\"\n value = \"b\"\n }";

#[test]
fn a_multi_select_chooses_among_its_options() {
    let select = parameter(&format!(
        "type = \"list(string)\"\n form_type = \"multi-select\"\n default = jsonencode([])\n {AB}"
    ));
    select
        .clone()
        .preset(&[("p", "[\"b\",\"a\"]")])
        .builds(&[("p", "[\"b\",\"a\"]")], &[]);
    select
        .clone()
        .preset(&[("p", "[\"c\"]")])
        .is_refused(Stage::Parameters, Reason::Option);
    select
        .preset(&[("p", "a")])
        .is_refused(Stage::Parameters, Reason::Option);
}

#[test]
fn a_list_with_options_is_one_of_them_as_a_whole() {
    let list = parameter(
        "type = \"list(string)\"\n default = \"[]\"\n option {\n name = \"None\"\n value = \"[]\"\n }\n \
         option {\n name = \"One\"\n value = jsonencode([\"one\"])\n }",
    );
    list.clone()
        .preset(&[("p", "[\"one\"]")])
        .builds(&[("p", "[\"one\"]")], &[]);
    list.preset(&[("p", "[ ]")])
        .is_refused(Stage::Parameters, Reason::Option);
}

#[test]
fn the_form_must_fit_the_type() {
    for form in ["dropdown", "radio"] {
        parameter(&format!("default = \"a\"\n form_type = \"{form}\"\n {AB}"))
            .builds(&[("p", "a")], &[]);
        parameter(&format!("default = \"a\"\n form_type = \"{form}\""))
            .is_refused(Stage::Parameters, Reason::Definition);
    }
    parameter("default = \"a\"\n form_type = \"textarea\"").builds(&[("p", "a")], &[]);
    parameter("type = \"number\"\n default = 1\n form_type = \"slider\"")
        .builds(&[("p", "1")], &[]);
    parameter("type = \"bool\"\n default = true\n form_type = \"switch\"")
        .builds(&[("p", "true")], &[]);
    parameter("default = \"a\"\n form_type = \"wheel\"")
        .is_refused(Stage::Parameters, Reason::Template);
}

#[test]
fn options_are_unlike_each_other_and_of_the_type() {
    let twice = "option {\n name = \"A\"\n value = \"a\"\n }";
    parameter(&format!("default = \"a\"\n {twice}\n {twice}"))
        .is_refused(Stage::Parameters, Reason::Definition);
    parameter(&format!("type = \"number\"\n default = 1\n {AB}"))
        .is_refused(Stage::Parameters, Reason::Definition);
}

#[test]
fn two_parameters_of_one_name_spoil_every_build() {
    template(
        r#"data "coder_parameter" "a" {
             name    = "p"
             default = "x"
           }
           data "coder_parameter" "b" {
             name    = "p"
             default = "y"
           }"#,
    )
    .is_refused(Stage::Parameters, Reason::Template);
}

#[test]
fn a_name_must_be_known() {
    template(
        r#"data "coder_workspace" "me" {}
           data "coder_parameter" "a" {
             name    = "p-${data.coder_workspace.me.name}"
             default = "x"
           }"#,
    )
    .is_refused(Stage::Parameters, Reason::Template);
}

#[test]
fn an_unknown_default_needs_a_value() {
    let unknown = template(
        r#"data "coder_workspace" "me" {}
           data "coder_parameter" "a" {
             name    = "p"
             default = data.coder_workspace.me.id
           }"#,
    );
    unknown.is_refused(Stage::Parameters, Reason::Unknown);
    unknown.preset(&[("p", "x")]).builds(&[("p", "x")], &[]);
}

#[test]
fn a_default_that_is_refused_asks_for_nothing_and_writes_nothing() {
    for default in [
        "\"/home/${data.coder_workspace.me.name}\"",
        "coder_agent.main.token",
        "module.home.path",
    ] {
        let case = template(&format!(
            "data \"coder_workspace\" \"me\" {{}}\nresource \"coder_agent\" \"main\" {{}}\n\
             module \"home\" {{\n source = \"./home\"\n}}\n\
             data \"coder_parameter\" \"a\" {{\n name = \"p\"\n default = {default}\n}}"
        ));
        case.builds(&[], &[]);
        case.preset(&[("p", "x")]).builds(&[("p", "x")], &[]);
    }
}

#[test]
fn a_default_of_null_asks_for_nothing_and_writes_nothing() {
    parameter("default = null").builds(&[], &[]);
    parameter("").is_refused(Stage::Parameters, Reason::Required);
    parameter("").preset(&[("p", "")]).builds(&[("p", "")], &[]);
}

#[test]
fn parameters_that_depend_on_each_other_in_a_ring_have_no_value() {
    template(
        r#"data "coder_parameter" "a" {
             name    = "a"
             default = data.coder_parameter.b.value
           }
           data "coder_parameter" "b" {
             name    = "b"
             default = data.coder_parameter.a.value
           }"#,
    )
    .builds(&[], &[]);
}
