//! Where values come from: files, variables, the plan of the import, locals, modules' folders.

use crate::template::Reason;
use crate::template::resolve::Stage;

use super::support::template;

const CLUSTER: &str = r#"
    variable "cluster" {
      type    = string
      default = "main"
    }
    data "coder_workspace_tags" "t" { tags = { cluster = var.cluster } }"#;

#[test]
fn a_variable_has_its_default() {
    template(CLUSTER).builds(&[], &[("cluster", "main")]);
}

#[test]
fn files_of_variables_win_over_defaults_and_later_ones_over_earlier() {
    template(CLUSTER)
        .file("terraform.tfvars", "cluster = \"terraform\"\nother = 1\n")
        .file("b.auto.tfvars", "cluster = \"b\"")
        .builds(&[], &[("cluster", "terraform")]);
    // Terraform itself would not look into this one.
    template(CLUSTER)
        .file("env/prod.tfvars.json", "{\"cluster\": \"prod\"}")
        .builds(&[], &[("cluster", "prod")]);
}

#[test]
fn the_versions_variables_win_over_files() {
    let case = template(CLUSTER).file("a.auto.tfvars", "cluster = \"file\"");
    case.clone()
        .variable("cluster", "string", "set", "main")
        .builds(&[], &[("cluster", "set")]);
    case.clone()
        .variable("cluster", "string", "", "main")
        .builds(&[], &[("cluster", "main")]);
    case.variable("cluster", "string", "", "")
        .builds(&[], &[("cluster", "file")]);
}

#[test]
fn variables_are_of_their_types() {
    template(
        r#"variable "n" { type = number }
           variable "b" { type = bool }
           variable "l" { type = list(string) }
           variable "o" {
             type = object({ a = string, z = optional(string, "last") })
           }
           data "coder_workspace_tags" "t" {
             tags = { n = var.n + 1, b = !var.b, l = var.l[1], o = "${var.o.a}-${var.o.z}" }
           }"#,
    )
    .variable("n", "number", "41", "")
    .variable("b", "bool", "true", "")
    .variable("l", "list(string)", "[\"x\",\"y\"]", "")
    .variable("o", "object({a=string})", "{\"a\":1}", "")
    .builds(
        &[],
        &[("n", "42"), ("b", "false"), ("l", "y"), ("o", "1-last")],
    );
}

#[test]
fn a_variable_without_a_type_is_a_text_whatever_it_looks_like() {
    for value in ["1.20", "true", "[\"a\",\"b\"]", "null"] {
        template(
            "variable \"cluster\" {}\n\
             data \"coder_workspace_tags\" \"t\" {\n tags = { raw = var.cluster }\n}",
        )
        .variable("cluster", "", value, "")
        .builds(&[], &[("raw", value)]);
    }
}

#[test]
fn a_variable_of_another_type_must_be_json() {
    let main = "variable \"zones\" {\n type = list(string)\n}";
    let case = template(main).variable("zones", "list(string)", "eu, us", "");
    let errors = case.template().expect_err("the value is no JSON");
    assert!(
        errors[0]
            .to_string()
            .contains("the variable \"zones\" has a value that is no list(string)")
    );
}

#[test]
fn a_variable_without_value_is_unknown() {
    template("variable \"v\" {}\ndata \"coder_workspace_tags\" \"t\" {\n tags = { v = var.v }\n}")
        .is_refused(Stage::Tags, Reason::Tag);
}

#[test]
fn other_providers_values_come_from_the_plan() {
    let case = template(
        r#"data "http" "zones" { url = "https://example.test" }
           data "http" "many" {
             count = 2
             url   = "https://example.test/${count.index}"
           }
           data "coder_workspace_tags" "t" {
             tags = {
               zone = jsondecode(data.http.zones.response_body)[0]
               url  = data.http.zones.url
               many = data.http.many[1].response_body
             }
           }"#,
    );
    case.is_refused(Stage::Tags, Reason::Tag);
    case.plan(
        r#"{"prior_state": {"values": {"root_module": {"resources": [
             {"mode": "data", "type": "http", "name": "zones", "values": {"response_body": "[\"z1\"]", "body": null}},
             {"mode": "data", "type": "http", "name": "many", "index": 0, "values": {"response_body": "first"}},
             {"mode": "data", "type": "http", "name": "many", "index": 1, "values": {"response_body": "second"}},
             {"mode": "data", "type": "http", "name": "many", "index": 4000000000000000, "values": {}},
             {"mode": "data", "type": "coder_workspace", "name": "me", "values": {"name": "default"}}
           ]}}}}"#,
    )
    .builds(&[], &[("zone", "z1"), ("url", "https://example.test"), ("many", "second")]);
}

#[test]
fn nothing_of_coders_own_data_comes_from_the_plan() {
    template(
        r#"data "coder_workspace" "me" {}
           data "coder_workspace_tags" "t" { tags = { name = data.coder_workspace.me.name } }"#,
    )
    .plan(
        r#"{"prior_state": {"values": {"root_module": {"resources": [
             {"mode": "data", "type": "coder_workspace", "name": "me", "values": {"name": "default"}}]}}}}"#,
    )
    .is_refused(Stage::Tags, Reason::Tag);
}

#[test]
fn resources_have_the_attributes_that_stand_there() {
    let case = |attribute: &str| {
        template(&format!(
            "resource \"terraform_data\" \"host\" {{\n input = upper(\"x\")\n}}\n\
             data \"coder_workspace_tags\" \"t\" {{\n tags = {{ a = terraform_data.host.{attribute} }}\n}}"
        ))
    };
    case("input").builds(&[], &[("a", "X")]);
    case("output").is_refused(Stage::Tags, Reason::Tag);
    case("id").is_refused(Stage::Tags, Reason::Tag);
}

#[test]
fn json_files_hold_the_same_blocks() {
    template("")
        .file(
            "params.tf.json",
            r#"{"//": "made by a tool",
                "locals": {"zone": "eu-1"},
                "data": {
                  "coder_parameter": {
                    "zone": {"name": "zone", "default": "${local.zone}"},
                    "cpu": [{"name": "cpu", "type": "number", "default": 4}]
                  },
                  "coder_workspace_tags": {"t": {"tags": {
                    "zone": "z-${data.coder_parameter.zone.value}", "cpu": 4, "(x)": true}}}
                }}"#,
        )
        .builds(
            &[("zone", "eu-1"), ("cpu", "4")],
            &[("zone", "z-eu-1"), ("cpu", "4"), ("(x)", "true")],
        );
}

#[test]
fn options_in_json_do_not_count() {
    template("")
        .file(
            "p.tf.json",
            r#"{"data": {"coder_parameter": {"p": {"name": "p", "default": "a",
                 "option": [{"name": "a", "value": "a"}]}}}}"#,
        )
        .preset(&[("p", "z")])
        .builds(&[("p", "z")], &[]);
}

#[test]
fn override_files_override() {
    template(
        r#"data "coder_parameter" "p" {
             name    = "p"
             default = "a"
             option {
               name  = "a"
               value = "a"
             }
           }
           locals { tag = "main" }
           data "coder_workspace_tags" "t" { tags = { tag = local.tag } }"#,
    )
    .file(
        "p_override.tf",
        "data \"coder_parameter\" \"p\" {\n default = \"b\"\n option {\n name = \"b\"\n value = \"b\"\n }\n}",
    )
    .file("override.tf", "locals {\n tag = \"overridden\"\n}")
    .builds(&[("p", "b")], &[("tag", "overridden")]);
}

#[test]
fn an_override_of_nothing_overrides_nothing_at_all() {
    template("locals {\n tag = \"main\"\n}\ndata \"coder_workspace_tags\" \"t\" {\n tags = { tag = local.tag }\n}")
        .file("override.tf", "data \"coder_parameter\" \"ghost\" {\n name = \"ghost\"\n default = \"x\"\n}")
        .builds(&[("ghost", "x")], &[("tag", "main")]);
}

#[test]
fn files_of_the_archive_can_be_read() {
    template(
        r#"locals { teams = jsondecode(file("${path.module}/teams.json")) }
           data "coder_workspace_tags" "t" {
             tags = { first = local.teams[0], there = fileexists("teams.json"), root = path.root }
           }"#,
    )
    .file("teams.json", "[\"core\"]")
    .builds(&[], &[("first", "core"), ("there", "true"), ("root", ".")]);
}

#[test]
fn heredocs_keep_their_lines() {
    template(
        "data \"coder_parameter\" \"p\" {\n name = \"p\"\n default = <<-EOT\n    a\n      b ${1 + 1}\n    EOT\n}",
    )
    .builds(&[("p", "a\n  b 2\n")], &[]);
}

#[test]
fn locals_may_come_in_any_order_and_a_part_that_is_refused_leaves_the_others() {
    template(
        r#"locals { c = "${local.b}c" }
           locals {
             b     = "${local.a}b"
             a     = "a"
             parts = { bad = data.coder_workspace.me.name, good = local.c }
           }
           data "coder_workspace" "me" {}
           data "coder_workspace_tags" "t" { tags = { good = local.parts.good } }"#,
    )
    .builds(&[], &[("good", "abc")]);
}

#[test]
fn values_of_secret_variables_stand_in_no_message() {
    let case = template(
        r#"variable "token" {}
           data "coder_parameter" "p" {
             name    = "p-${var.token}"
             default = "d-${var.token}"
             option {
               name  = "a"
               value = "a"
             }
           }
           data "coder_workspace_tags" "t" { tags = { "k-${var.token}" = tonumber(var.token) } }"#,
    )
    .secret("token", "hunter22");
    let refusal = case.outcome().expect_err("the default is no option");
    assert!(!refusal.to_string().contains("hunter22"), "{refusal}");
    let rendered = case.template().expect("a template").render(
        &crate::template::Owner::default(),
        &super::support::values(&[]),
    );
    assert!(
        !format!("{:?}", rendered.tags).contains("hunter22"),
        "{:?}",
        rendered.tags
    );
}
