//! Blocks that exist under conditions: `count`, `for_each`, dynamic blocks, modules.

use crate::template::Reason;
use crate::template::resolve::Stage;

use super::support::template;

#[test]
fn count_index_tells_the_instances_apart() {
    template(
        r#"data "coder_parameter" "disk" {
             count   = 3
             name    = "disk_${count.index}"
             default = 10 * (count.index + 1)
             type    = "number"
           }
           data "coder_workspace_tags" "t" { tags = { all = join(",", data.coder_parameter.disk[*].value) } }"#,
    )
    .preset(&[("disk_1", "15")])
    .builds(
        &[("disk_0", "10"), ("disk_1", "15"), ("disk_2", "30")],
        &[("all", "10,15,30")],
    );
}

#[test]
fn for_each_over_a_map_gives_key_and_value() {
    template(
        r#"data "coder_parameter" "branch" {
             for_each = { api = "main", web = "dev" }
             name     = "branch of ${each.key}"
             default  = each.value
           }
           data "coder_workspace_tags" "t" { tags = { web = data.coder_parameter.branch["web"].value } }"#,
    )
    .builds(&[("branch of api", "main"), ("branch of web", "dev")], &[("web", "dev")]);
}

#[test]
fn a_count_of_a_text_is_one_instance() {
    let text = r#"
        data "coder_parameter" "n" {
          name    = "n"
          type    = "number"
          default = 2
        }
        data "coder_parameter" "m" {
          count   = data.coder_parameter.n.value
          name    = "m${count.index}"
          default = "x"
        }"#;
    // The default is a number, what is given is text.
    template(text).builds(&[("n", "2"), ("m0", "x"), ("m1", "x")], &[]);
    let given = [("n", "2")];
    template(text)
        .preset(&given)
        .builds(&[("n", "2"), ("m0", "x")], &[]);
    let converted = text.replace(
        "data.coder_parameter.n.value",
        "tonumber(data.coder_parameter.n.value)",
    );
    template(&converted)
        .preset(&given)
        .builds(&[("n", "2"), ("m0", "x"), ("m1", "x")], &[]);
}

#[test]
fn an_unknown_count_is_one_block_without_index() {
    template(
        r#"data "coder_workspace" "me" {}
           data "coder_parameter" "p" {
             count   = data.coder_workspace.me.start_count
             name    = "p"
             default = "x"
           }"#,
    )
    .builds(&[("p", "x")], &[]);
}

#[test]
fn a_negative_count_is_none() {
    template(
        r#"data "coder_parameter" "p" {
             count   = -1
             name    = "p"
             default = "x"
           }
           data "coder_workspace_tags" "t" { tags = { n = length(data.coder_parameter.p) } }"#,
    )
    .builds(&[], &[("n", "0")]);
}

#[test]
fn an_attempt_at_what_comes_later_in_a_round_decides_a_count_for_good() {
    // The local is worked out before any parameter has a value, so that `try` takes its second value,
    // and with it the count is known.
    template(
        r#"data "coder_parameter" "cpu" {
             name    = "cpu"
             default = "8"
           }
           locals { is_big = try(tonumber(data.coder_parameter.cpu.value) > 4, false) }
           data "coder_parameter" "fan" {
             count   = local.is_big ? 1 : 0
             name    = "fan"
             default = "on"
           }
           data "coder_workspace_tags" "t" { tags = { big = local.is_big } }"#,
    )
    .builds(&[("cpu", "8")], &[("big", "true")]);
}

#[test]
fn a_condition_without_attempt_waits_until_its_values_are_known() {
    template(
        r#"data "coder_parameter" "fan" {
             count   = local.is_big ? 1 : 0
             name    = "fan"
             default = "on"
           }
           locals {
             is_big = local.cores > 4
             cores  = tonumber(data.coder_parameter.cpu.value)
           }
           data "coder_parameter" "cpu" {
             name    = "cpu"
             default = "8"
           }"#,
    )
    .builds(&[("cpu", "8"), ("fan", "on")], &[]);
}

#[test]
fn options_may_follow_parameters() {
    let zones = template(
        r#"locals { zones = { eu = ["eu-1", "eu-2"], us = ["us-1"] } }
           data "coder_parameter" "region" {
             name    = "region"
             default = "eu"
           }
           data "coder_parameter" "zone" {
             name    = "zone"
             default = local.zones[data.coder_parameter.region.value][0]
             dynamic "option" {
               for_each = local.zones[data.coder_parameter.region.value]
               iterator = zone
               content {
                 name  = upper(zone.value)
                 value = zone.value
               }
             }
           }"#,
    );
    zones.builds(&[("region", "eu"), ("zone", "eu-1")], &[]);
    zones
        .clone()
        .preset(&[("region", "us")])
        .builds(&[("region", "us"), ("zone", "us-1")], &[]);
    zones
        .preset(&[("region", "us"), ("zone", "eu-2")])
        .is_refused(Stage::Parameters, Reason::Option);
}

#[test]
fn options_of_a_map_have_its_keys() {
    template(
        r#"data "coder_parameter" "size" {
             name    = "size"
             default = "s"
             dynamic "option" {
               for_each = { s = "Small", l = "Large" }
               content {
                 name  = option.value
                 value = option.key
               }
             }
           }"#,
    )
    .preset(&[("size", "l")])
    .builds(&[("size", "l")], &[]);
}

const SIZE: &str = r#"
    variable "label" { type = string }
    variable "choices" { default = ["small", "large"] }
    data "coder_parameter" "size" {
      name    = "size of ${var.label}"
      default = var.choices[0]
    }
    output "size" { value = data.coder_parameter.size.value }"#;

#[test]
fn stored_modules_have_parameters_arguments_and_outputs() {
    template(
        r#"module "size" {
             source  = "git::https://example.test/size"
             label   = "box"
             choices = [data.coder_parameter.first.value]
           }
           data "coder_parameter" "first" {
             name    = "first"
             default = "tiny"
           }
           data "coder_workspace_tags" "t" { tags = { size = module.size.size } }"#,
    )
    .module("size", SIZE)
    .builds(
        &[("first", "tiny"), ("size of box", "tiny")],
        &[("size", "tiny")],
    );
}

#[test]
fn modules_may_have_count_and_for_each() {
    template(
        r#"module "size" {
             count  = 2
             source = "size"
             label  = "box ${count.index}"
           }
           module "each" {
             for_each = toset(["a", "b"])
             source   = "size"
             label    = each.key
           }
           data "coder_workspace_tags" "t" {
             tags = { second = module.size[1].size, a = module.each["a"].size }
           }"#,
    )
    .module("size", SIZE)
    .module("each", SIZE)
    .preset(&[("size of box 1", "large")])
    .builds(
        &[
            ("size of box 0", "small"),
            ("size of box 1", "large"),
            ("size of a", "small"),
            ("size of b", "small"),
        ],
        &[("second", "large"), ("a", "small")],
    );
}

#[test]
fn modules_may_call_modules() {
    template(
        r#"module "outer" { source = "outer" }
                data "coder_workspace_tags" "t" { tags = { size = module.outer.size } }"#,
    )
    .module(
        "outer",
        r#"module "inner" {
             source = "./inner"
             label  = "inner"
           }
           output "size" { value = "<${module.inner.size}>" }"#,
    )
    .module("outer.inner", SIZE)
    .builds(&[("size of inner", "small")], &[("size", "<small>")]);
}

#[test]
fn a_module_that_is_not_stored_has_nothing() {
    let call = r#"
        module "size" {
          source = "./size"
          label  = "box"
        }
        data "coder_parameter" "p" {
          name    = "p"
          default = "x"
        }"#;
    template(call)
        .file("size/main.tf", SIZE)
        .builds(&[("p", "x")], &[]);
    template(&format!(
        "{call}\ndata \"coder_workspace_tags\" \"t\" {{ tags = {{ s = module.size.size }} }}"
    ))
    .file("size/main.tf", SIZE)
    .is_refused(Stage::Tags, Reason::Tag);
}
