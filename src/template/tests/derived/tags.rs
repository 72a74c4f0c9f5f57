//! Provisioner tags.

use crate::template::Reason;
use crate::template::resolve::Stage;

use super::support::{Case, template};

fn tags(body: &str) -> Case {
    template(&format!(
        "data \"coder_workspace\" \"me\" {{}}\ndata \"coder_workspace_owner\" \"me\" {{}}\n\
         locals {{\n key = \"k\"\n all = {{ a = \"1\", b = null }}\n }}\n\
         data \"coder_workspace_tags\" \"t\" {{\n{body}\n}}"
    ))
}

#[test]
fn numbers_and_booleans_become_text_and_nulls_vanish() {
    tags("tags = { n = 1.50, big = 12345678901, b = false, none = null, empty = \"\" }").builds(
        &[],
        &[
            ("n", "1.5"),
            ("big", "1.23456789e+10"),
            ("b", "false"),
            ("empty", ""),
        ],
    );
}

#[test]
fn keys_are_words_texts_or_expressions() {
    tags("tags = { word = 1, \"a text\" = 2, (local.key) = 3, \"<${local.key}>\" = 4 }").builds(
        &[],
        &[("word", "1"), ("a text", "2"), ("k", "3"), ("<k>", "4")],
    );
}

#[test]
fn of_two_entries_with_one_key_only_the_later_counts() {
    tags("tags = { k = \"std\", (local.key) = null }").builds(&[], &[]);
    tags("tags = { k = [], (local.key) = \"std\" }").builds(&[], &[("k", "std")]);
    tags("tags = { k = \"std\", (local.key) = [] }").is_refused(Stage::Tags, Reason::Tag);
    // Between blocks an entry that is null is none at all.
    tags("tags = { k = \"std\" }")
        .file(
            "z.tf",
            "data \"coder_workspace_tags\" \"z\" {\n tags = { k = null }\n}",
        )
        .builds(&[], &[("k", "std")]);
}

#[test]
fn collections_and_unknown_values_are_no_tags() {
    for value in [
        "[\"a\"]",
        "{}",
        "data.coder_workspace.me.name",
        "sensitive(\"x\")",
    ] {
        tags(&format!("tags = {{ good = \"1\", bad = {value} }}"))
            .is_refused(Stage::Tags, Reason::Tag);
    }
}

#[test]
fn the_tags_may_be_any_object() {
    tags("tags = local.all").builds(&[], &[("a", "1")]);
    tags("tags = merge(local.all, { c = 3 })").builds(&[], &[("a", "1"), ("c", "3")]);
    tags("").builds(&[], &[]);
    tags("tags = null").is_refused(Stage::Parameters, Reason::Tag);
    tags("tags = tomap({ a = \"1\" })").is_refused(Stage::Parameters, Reason::Tag);
}

#[test]
fn later_blocks_win_in_the_order_of_files() {
    tags("tags = { a = \"main\", b = \"main\" }")
        .file(
            "z.tf",
            "data \"coder_workspace_tags\" \"z\" {\n tags = { b = \"z\", c = \"z\" }\n}",
        )
        .file(
            "a.tf",
            "data \"coder_workspace_tags\" \"a\" {\n tags = { a = \"a\", c = \"a\" }\n}",
        )
        .builds(&[], &[("a", "main"), ("b", "z"), ("c", "z")]);
}

#[test]
fn blocks_of_tags_may_have_count_and_for_each() {
    tags("count = data.coder_workspace_owner.me.name == \"prebuilds\" ? 1 : 0\n tags = { pool = \"yes\" }")
        .builds(&[], &[("pool", "yes")]);
    tags("for_each = toset([\"x\", \"y\"])\n tags = { (each.key) = each.value }")
        .builds(&[], &[("x", "x"), ("y", "y")]);
}

#[test]
fn the_owner_is_known() {
    tags(
        "tags = {\n id = data.coder_workspace_owner.me.id\n name = data.coder_workspace_owner.me.name\n \
         full = data.coder_workspace_owner.me.full_name\n mail = data.coder_workspace_owner.me.email\n \
         login = data.coder_workspace_owner.me.login_type\n \
         groups = join(\",\", data.coder_workspace_owner.me.groups)\n \
         role = data.coder_workspace_owner.me.rbac_roles[0].name\n \
         key = split(\" \", data.coder_workspace_owner.me.ssh_public_key)[0]\n}",
    )
    .owner("alice", &["Everyone", "gold"])
    .builds(
        &[],
        &[
            ("id", "00000000-0000-4000-8000-000000000001"),
            ("name", "alice"),
            ("full", "alice Full"),
            ("mail", "alice@example.test"),
            ("login", "oidc"),
            ("groups", "Everyone,gold"),
            ("role", "member"),
            ("key", "ssh-ed25519"),
        ],
    );
}

#[test]
fn the_owner_is_known_under_the_label_me_only() {
    template(
        "data \"coder_workspace_owner\" \"you\" {}\n\
         data \"coder_workspace_tags\" \"t\" {\n tags = { who = data.coder_workspace_owner.you.name }\n}",
    )
    .is_refused(Stage::Tags, Reason::Tag);
}

#[test]
fn a_provider_function_is_refused() {
    tags("tags = { a = provider::coder::anything(\"x\") }").is_refused(Stage::Tags, Reason::Tag);
}
