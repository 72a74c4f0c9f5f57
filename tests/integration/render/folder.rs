//! `render --dir`: a folder before it is pushed, without any database.

use std::os::unix::fs::symlink;

use serde_json::{Value, json};

use super::TEMPLATE;
use crate::cli::assert_error;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::wait_until;

/// A folder with this template.
fn folder(template: &str) -> TestDir {
    let folder = TestDir::new();
    folder.write("main.tf", template);
    folder
}

fn render(folder: &TestDir, arguments: &[&str]) -> Output {
    let render = prebuildctl(["render", "--dir"]).arg(folder.path());
    arguments
        .iter()
        .fold(render, |render, argument| render.arg(argument))
        .run()
}

fn entries(folder: &TestDir, arguments: &[&str]) -> Vec<Value> {
    let arguments = [&["--format=json"], arguments].concat();
    let entries = render(folder, &arguments).json();
    entries.as_array().unwrap().clone()
}

fn values(entry: &Value) -> Value {
    let parameters = entry["parameters"].as_array().unwrap().iter();
    let pair = |it: &Value| (it["name"].as_str().unwrap().to_owned(), it["value"].clone());
    Value::Object(parameters.map(pair).collect())
}

#[test]
fn a_signal_ends_a_render_that_takes_long() {
    let slow = "tostring(length([for i in range(900) : length([for j in range(1000) : j])]))";
    let parameter = |n| {
        format!("data \"coder_parameter\" \"p{n}\" {{\n  name = \"p{n}\"\n  default = {slow}\n}}\n")
    };
    let folder = folder(&(0..4).map(parameter).collect::<String>());
    let running = prebuildctl(["render", "--dir"]).arg(folder.path()).spawn();
    wait_until("signals are heard", || running.catches_signals());
    running.signal("TERM");
    let output = running.wait();
    assert!(
        output.expect_code(143).stderr.contains("SIGTERM"),
        "{output:?}"
    );
}

#[test]
fn a_folder_is_rendered_without_a_preset_and_with_each_that_its_source_settles() {
    let entries = entries(&folder(TEMPLATE), &[]);
    let presets: Vec<&Value> = entries.iter().map(|entry| &entry["preset"]).collect();
    assert_eq!(presets, [&Value::Null, &json!("america"), &json!("moon")]);
    let prebuilds = json!({
        "id": "c42fdf75-3097-471c-8c33-fb52454d81c0", "name": "prebuilds",
        "full_name": "Prebuilds Owner", "email": "prebuilds@system", "login_type": "none",
        "groups": ["Everyone", "coderprebuiltworkspaces"],
    });
    let parameter = |name: &str, value: &str, source: &str, mutable: bool| {
        json!({ "name": name, "value": value, "source": source, "type": "string",
                "mutable": mutable, "ephemeral": false })
    };
    let expected = |preset: Value, region: &str, source: &str, size: &str| {
        json!({
            "version": 1, "template": null, "preset": preset, "owner": prebuilds,
            "flow": "dynamic",
            "parameters": [
                parameter("region", region, source, false),
                parameter("size", size, "default", true),
            ],
            "tags": { "zone": format!("z-{region}"), "queue": "slow" },
            "refused": [], "diagnostics": [],
        })
    };
    assert_eq!(entries[0], expected(Value::Null, "eu", "default", "small"));
    assert_eq!(
        entries[1],
        expected(json!("america"), "us", "preset", "large")
    );
    assert_eq!(entries[2]["tags"], json!({}));
    let message = "the parameter \"region\": the value is not one of the options";
    assert_eq!(
        entries[2]["refused"],
        json!([format!("{message} (main.tf:4)")])
    );
    let diagnostic = json!({ "severity": "error", "code": "option", "message": message,
                             "file": "main.tf", "line": 4 });
    assert_eq!(entries[2]["diagnostics"], json!([diagnostic]));
}

#[test]
fn the_owner_is_the_prebuilds_user_but_for_the_facts_that_are_given() {
    let folder = folder(TEMPLATE);
    let owner = r#"{"name": "ann", "groups": ["Everyone", "gold"]}"#;
    let entries = entries(&folder, &["--owner", owner]);
    assert_eq!(entries[0]["owner"]["name"], "ann");
    assert_eq!(entries[0]["owner"]["login_type"], "none");
    assert_eq!(
        entries[0]["tags"],
        json!({ "zone": "z-eu", "queue": "fast" })
    );
}

#[test]
fn with_values_only_the_build_that_is_asked_for_is_rendered() {
    let folder = folder(TEMPLATE);
    let given = entries(&folder, &["--param", "region=us", "--param", "unheard=of"]);
    assert_eq!(given.len(), 1);
    assert_eq!(
        values(&given[0]),
        json!({ "region": "us", "size": "large" })
    );
    assert_eq!(given[0]["parameters"][0]["source"], "given");

    let later = ["--previous", "region=us", "--previous", "size=huge"];
    let entry = &entries(&folder, &later)[0];
    assert_eq!(values(entry), json!({ "region": "us", "size": "huge" }));
    assert_eq!(entry["parameters"][1]["source"], "last_build");

    let moved = [&later[..], &["--param", "region=eu"]].concat();
    let entry = &entries(&folder, &moved)[0];
    assert_eq!(entry["diagnostics"][0]["code"], "immutable");
}

#[test]
fn people_see_tables_and_why_a_build_would_be_refused() {
    let output = render(&folder(TEMPLATE), &[]);
    assert_eq!(
        output.ok(),
        "without a preset for prebuilds, dynamic flow
KIND      NAME   VALUE SOURCE  TYPE
parameter region eu    default string
parameter size   small default string, mutable
tag       queue  slow
tag       zone   z-eu

america for prebuilds, dynamic flow
KIND      NAME   VALUE SOURCE  TYPE
parameter region us    preset  string
parameter size   large default string, mutable
tag       queue  slow
tag       zone   z-us

moon for prebuilds, dynamic flow
KIND      NAME   VALUE SOURCE  TYPE
parameter region moon  preset  string
parameter size   large default string, mutable
problem: main.tf:4: the parameter \"region\": the value is not one of the options [option]
No build would be made.
"
    );
}

#[test]
fn a_refused_build_has_an_exit_code_of_its_own_when_asked_for() {
    let fine = folder("data \"coder_parameter\" \"a\" {\n  name = \"a\"\n  default = 1\n}\n");
    render(&fine, &["--detailed-exitcode"]).expect_code(0);
    let refused = folder("data \"coder_parameter\" \"a\" {\n  name = \"a\"\n}\n");
    render(&refused, &[]).expect_code(0);
    render(&refused, &["--detailed-exitcode"]).expect_code(2);
    let entry = &entries(&refused, &[])[0];
    assert_eq!(entry["parameters"][0]["value"], Value::Null);
    assert_eq!(entry["diagnostics"][0]["code"], "required");
}

#[test]
fn broken_terraform_is_a_refusal_with_file_and_line() {
    let folder = folder("locals {\n  a = 1\n}\n\nlocals {\n  b = [1,\n");
    render(&folder, &["--detailed-exitcode"]).expect_code(2);
    let entry = &entries(&folder, &[])[0];
    let diagnostic = &entry["diagnostics"][0];
    assert_eq!(diagnostic["file"], "main.tf", "{entry:#}");
    assert!(
        diagnostic["line"].as_u64().is_some_and(|line| line >= 5),
        "{entry:#}"
    );
    assert_eq!(entry["refused"].as_array().unwrap().len(), 1);
}

#[test]
fn values_of_sensitive_variables_are_shown_nowhere() {
    let folder = folder(
        r#"
variable "token" {
  default   = "hunter2-hunter2"
  sensitive = true
}

data "coder_parameter" "a" {
  name    = "a"
  default = "x-${nonsensitive(var.token)}"
}

data "coder_parameter" "b" {
  name    = "b-${nonsensitive(var.token)}"
  type    = "number"
  default = nonsensitive(var.token)
}

data "coder_workspace_tags" "t" {
  tags = { t = nonsensitive(var.token) }
}
"#,
    );
    for format in ["table", "json", "markdown"] {
        let output = render(&folder, &["--format", format]);
        let all = output.stdout.clone() + &output.stderr;
        assert!(!all.contains("hunter2"), "{all}");
        assert!(all.contains("(sensitive)"), "{all}");
    }
}

#[test]
fn values_of_parameters_that_forms_hide_are_shown_nowhere() {
    let folder = folder(
        r#"
data "coder_parameter" "password" {
  name    = "password"
  default = "hunter2-hunter2"
  styling = jsonencode({ mask_input = true })
}

data "coder_parameter" "pin" {
  name    = "pin"
  default = "77"
  styling = jsonencode({ mask_input = true })
}

data "coder_parameter" "shown" {
  name    = "shown"
  default = "for all"
  styling = jsonencode({ placeholder = "anything" })
}

data "coder_workspace_tags" "t" {
  tags = { t = "x-${data.coder_parameter.password.value}" }
}
"#,
    );
    for format in ["table", "json", "markdown"] {
        for given in [&[][..], &["--param", "password=hunter2-given"]] {
            let output = render(&folder, &[&["--format", format], given].concat());
            let all = output.stdout.clone() + &output.stderr;
            assert!(!all.contains("hunter2") && !all.contains("77"), "{all}");
            assert_eq!(all.matches("(sensitive)").count(), 3, "{all}");
            assert!(all.contains("for all"), "{all}");
        }
    }
}

#[test]
fn modules_that_terraform_has_fetched_count_and_hidden_files_do_not() {
    let folder = folder(
        r#"
module "regions" {
  source = "example.com/regions"
}

data "coder_workspace_tags" "t" {
  tags = { hidden = fileexists(".secret") }
}
"#,
    );
    folder.write(".secret", "x");
    let modules = folder.join(".terraform/modules");
    std::fs::create_dir_all(modules.join("regions")).unwrap();
    std::fs::write(
        modules.join("modules.json"),
        r#"{"Modules": [{"Key": "", "Source": "", "Dir": "."},
            {"Key": "regions", "Source": "example.com/regions", "Dir": ".terraform/modules/regions"}]}"#,
    )
    .unwrap();
    let parameter =
        "data \"coder_parameter\" \"r\" {\n  name = \"region\"\n  default = \"eu\"\n}\n";
    std::fs::write(modules.join("regions/main.tf"), parameter).unwrap();
    let entry = &entries(&folder, &[])[0];
    assert_eq!(values(entry), json!({ "region": "eu" }));
    assert_eq!(entry["tags"], json!({ "hidden": "false" }));
}

#[test]
fn a_folder_that_can_not_be_a_template_is_an_error() {
    let empty = TestDir::new();
    let missing = empty.join("missing");
    let output = prebuildctl(["render", "--dir"]).arg(&missing).run();
    assert_error(&output, 1, &["can't read the folder", "missing"]);
    assert_error(&render(&empty, &[]), 1, &["no .tf file"]);

    let outside = empty.write("outside.tf", "locals {}");
    let linked = folder(TEMPLATE);
    symlink(&outside, linked.join("more.tf")).unwrap();
    assert_error(&render(&linked, &[]), 1, &["more.tf", "is a link"]);

    let huge = folder(TEMPLATE);
    let file = std::fs::File::create(huge.join("huge.bin")).unwrap();
    file.set_len(101 * 1024 * 1024).unwrap();
    assert_error(&render(&huge, &[]), 1, &["can't be pushed", "100 MB"]);
}

#[test]
fn what_a_link_leads_to_is_left_out_and_named() {
    let folder = folder(
        "data \"coder_workspace_tags\" \"t\" {\n  tags = { seen = fileexists(\"x/passwd\") }\n}\n",
    );
    symlink("/etc", folder.join("x")).unwrap();
    let output = render(&folder, &["--format=json"]);
    assert_eq!(output.json()[0]["tags"], json!({ "seen": "false" }));
    assert!(
        output.stderr.contains("they are links: x"),
        "{}",
        output.stderr
    );
}

#[test]
fn mistakes_on_the_command_line_are_usage_errors() {
    let folder = folder(TEMPLATE);
    for (arguments, text) in [
        (&["--owner", "ann"][..], "--owner"),
        (&["--owner", r#"{"shell": "zsh"}"#], "unknown field `shell`"),
        (&["--owner", r#"{"groups": "gold"}"#], "invalid type"),
        (&["--param", "region"], "NAME=VALUE"),
        (&["--param", "a=1", "--param", "a=2"], "given twice"),
        (&["--previous", "a=1", "--previous", "a=2"], "given twice"),
        (&["--for", "ann"], "--for"),
        (&["web"], "cannot be used with"),
    ] {
        let output = render(&folder, arguments);
        assert_error(&output, 64, &[text]);
    }
    prebuildctl(["render"]).run().expect_code(64);
    let output = prebuildctl(["render", "web", "--owner", "{}"]).run();
    assert_error(&output, 64, &["--owner"]);
}
