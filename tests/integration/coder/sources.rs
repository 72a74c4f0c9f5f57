//! What templates get whose labels, names, conditions and values all depend on something else.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, PREBUILDS_USER, Scene, Version, Workspace};
use crate::support::{coder_releases, pass};

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).expect("JSON")
}

/// Builds on both an older and the current schema of Coder's.
fn on_coder(body: impl Fn(&Database)) {
    for (_, database) in coder_releases() {
        body(&database);
    }
}

/// A template of one source with a pool.
fn template(scene: &Scene, name: &str, source: &str, desired: i64) -> (Version, String) {
    let version = scene.template(name);
    scene.import(&version, &[("main.tf", source)], "1.10");
    let preset = scene.preset(&version, "p", desired);
    (version, preset)
}

/// Names and values of parameters.
type Values = &'static [(&'static str, &'static str)];

/// Tags of the import, and those of the template over them.
fn tags(more: &Value) -> Value {
    let mut tags = json!({ "scope": "organization", "owner": "", "zone": "eu" });
    let all = tags.as_object_mut().unwrap();
    all.extend(more.as_object().unwrap().clone());
    tags
}

/// Tags and parameters of the newest build of each template with that transition.
fn builds(database: &Database, transition: &str) -> BTreeMap<String, (Value, Value)> {
    let rows = database.rows(&format!(
        "SELECT t.name, j.tags, COALESCE((SELECT jsonb_object_agg(p.name, p.value)
            FROM workspace_build_parameters AS p WHERE p.workspace_build_id = b.id), '{{}}')
         FROM workspace_builds AS b JOIN provisioner_jobs AS j ON j.id = b.job_id
         JOIN workspaces AS w ON w.id = b.workspace_id JOIN templates AS t ON t.id = w.template_id
         WHERE b.transition = '{transition}' ORDER BY b.build_number"
    ));
    let build = |row: &[Option<String>]| match row {
        [Some(name), Some(tags), Some(parameters)] => {
            (name.clone(), (parsed(tags), parsed(parameters)))
        }
        other => panic!("{other:?}"),
    };
    rows.iter().map(|row| build(row)).collect()
}

const SWAPPED: &str = r#"
data "coder_parameter" "region" {
  name    = "Region"
  default = "eu-a"
}
data "coder_parameter" "home" {
  name    = "region"
  default = "north"
}
data "coder_workspace_tags" "t" {
  tags = { zone = data.coder_parameter.region.value }
}
"#;

const LABELLED: &str = r#"
data "coder_parameter" "where" {
  name    = "Region"
  default = "eu-a"
}
data "coder_workspace_tags" "t" {
  tags = { region = data.coder_parameter.where.value }
}
"#;

const FOLLOWING: &str = r#"
data "coder_parameter" "region" {
  name    = "region"
  default = "us"
}
data "coder_parameter" "image" {
  name    = "image"
  default = data.coder_parameter.region.value == "eu" ? "eu-img" : "us-img"
}
"#;

const GROUPS: &str = r#"
data "coder_workspace_owner" "me" {}
data "coder_workspace_tags" "t" {
  tags = { g = contains(data.coder_workspace_owner.me.groups, "gold") ? "gpu" : "cpu" }
}
"#;

const LOCAL: &str = r#"
locals { color = "blue" }
data "coder_workspace_tags" "t" {
  tags = { g = local.color }
}
"#;

const COUNTED: &str = r#"
data "coder_parameter" "size" {
  count   = 1
  name    = "size"
  default = "s"
}
data "coder_workspace_tags" "t" {
  tags = { g = data.coder_parameter.size[0].value }
}
"#;

const STAGE: &str = r#"
data "coder_workspace" "me" {}
data "coder_workspace_tags" "t" {
  tags = { g = data.coder_workspace.me.is_prebuild ? "1" : "0" }
}
"#;

#[test]
fn first_builds_get_what_the_source_says_for_the_presets_values() {
    on_coder(|database| {
        let scene = Scene::new(database);
        let templates: &[(&str, &str, Values)] = &[
            ("swapped", SWAPPED, &[("Region", "eu-b")]),
            ("labelled", LABELLED, &[("Region", "eu-b")]),
            ("following", FOLLOWING, &[("region", "eu")]),
            ("groups", GROUPS, &[]),
            ("local", LOCAL, &[]),
            ("counted", COUNTED, &[("size", "m")]),
            ("stage", STAGE, &[]),
            // A parameter that no block defines any more is dropped.
            (
                "gone",
                LABELLED,
                &[("Region", "eu"), ("from_old_version", "x")],
            ),
        ];
        for (name, source, values) in templates {
            let (_, preset) = template(&scene, name, source, 1);
            for (parameter, value) in *values {
                scene.preset_value(&preset, parameter, value);
            }
        }
        let report = pass(database, &[]);
        assert_eq!(parsed(&report.stdout)["created"], 7, "{}", report.stdout);
        let expected = [
            (
                "swapped",
                json!({ "zone": "eu-b" }),
                json!({ "Region": "eu-b", "region": "north" }),
            ),
            (
                "labelled",
                json!({ "region": "eu-b" }),
                json!({ "Region": "eu-b" }),
            ),
            (
                "following",
                json!({}),
                json!({ "region": "eu", "image": "eu-img" }),
            ),
            ("groups", json!({ "g": "cpu" }), json!({})),
            ("local", json!({ "g": "blue" }), json!({})),
            ("counted", json!({ "g": "m" }), json!({ "size": "m" })),
            ("gone", json!({ "region": "eu" }), json!({ "Region": "eu" })),
        ];
        let expected: BTreeMap<_, _> = expected
            .into_iter()
            .map(|(name, more, values)| (name.to_owned(), (tags(&more), values)))
            .collect();
        assert_eq!(builds(database, "start"), expected);
        // coderd knows nothing of the workspace when it renders.
        let failed = "SELECT t.name FROM template_version_presets AS p
            JOIN template_versions AS v ON v.id = p.template_version_id
            JOIN templates AS t ON t.id = v.template_id
            WHERE p.prebuild_status = 'validation_failed'";
        assert_eq!(database.column(failed), ["stage"]);
    });
}

/// A built workspace with these values.
fn built(scene: &Scene, version: &Version, preset: &str, values: &[(&str, &str)]) -> Workspace {
    let workspace = scene.prebuild(version, preset, Job::Succeeded, 600);
    for (name, value) in values {
        scene.execute(&format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{}', '{name}', '{value}')",
            workspace.build
        ));
    }
    workspace
}

const HIDING: &str = r#"
data "coder_parameter" "kind" {
  name    = "kind"
  default = "vm"
}
data "coder_parameter" "image" {
  count = data.coder_parameter.kind.value == "vm" ? 1 : 0
  name  = "image"
}
"#;

#[test]
fn deletes_are_rendered_with_the_values_of_the_last_build() {
    on_coder(|database| {
        let scene = Scene::new(database);
        let (version, preset) = template(&scene, "labelled", LABELLED, 0);
        built(&scene, &version, &preset, &[("Region", "eu-b")]);
        // What is required shows only for another value.
        let (version, preset) = template(&scene, "hiding", HIDING, 0);
        built(&scene, &version, &preset, &[("kind", "pod")]);
        assert_eq!(parsed(&pass(database, &[]).stdout)["deleted"], 2);
        let expected = [
            (
                "labelled",
                json!({ "region": "eu-b" }),
                json!({ "Region": "eu-b" }),
            ),
            ("hiding", json!({}), json!({ "kind": "pod" })),
        ];
        let expected =
            expected.map(|(name, more, values)| (name.to_owned(), (tags(&more), values)));
        assert_eq!(builds(database, "delete"), expected.into());
    });
}

const ROUTED: &str = r#"
data "coder_workspace_owner" "me" {}
data "coder_workspace_tags" "all" {
  tags = { cluster = "c1" }
}
data "coder_workspace_tags" "prebuilds" {
  count = data.coder_workspace_owner.me.name == "prebuilds" ? 1 : 0
  tags  = { is_prebuild = "true" }
}
"#;

#[test]
fn tags_for_the_prebuilds_user_are_not_those_of_a_claim() {
    on_coder(|database| {
        let scene = Scene::new(database);
        let (version, preset) = template(&scene, "routed", ROUTED, 2);
        built(&scene, &version, &preset, &[]);
        assert_eq!(parsed(&pass(database, &[]).stdout)["created"], 1);
        let pool = tags(&json!({ "cluster": "c1", "is_prebuild": "true" }));
        assert_eq!(builds(database, "start")["routed"].0, pool);
        let arguments = [
            "claim",
            "--preset=routed/p",
            "--name=mine",
            "--user",
            &scene.person,
        ];
        prebuildctl(arguments).on(database).run().ok();
        let claimed = database.value(&format!(
            "SELECT j.tags FROM provisioner_jobs AS j JOIN workspace_builds AS b ON b.job_id = j.id
             JOIN workspaces AS w ON w.id = b.workspace_id
             WHERE w.owner_id <> '{PREBUILDS_USER}' AND b.build_number = 2"
        ));
        assert_eq!(parsed(&claimed.unwrap()), tags(&json!({ "cluster": "c1" })));
    });
}

#[test]
fn tags_of_classic_templates_may_call_the_functions_that_coderd_has_there() {
    let cases = [
        (
            "format",
            "format(\"param is %s\", data.coder_parameter.p.value)",
            Some("param is v"),
        ),
        ("lower", "lower(var.r.value)", Some("us")),
        ("try", "try(data.coder_parameter.p.value, \"x\")", Some("v")),
        (
            "lookup",
            "lookup({ v = \"1\" }, data.coder_parameter.p.value, \"0\")",
            Some("1"),
        ),
        (
            "tostring",
            "tostring(data.coder_parameter.p.value == \"v\")",
            Some("true"),
        ),
        (
            "coalesce",
            "coalesce(\"\", data.coder_parameter.p.value)",
            Some("v"),
        ),
        ("jsondecode", "jsondecode(\"[\\\"a\\\"]\")[0]", Some("a")),
        ("join", "join(\"-\", [\"a\", \"b\"])", Some("a-b")),
        // A variable by itself is a map with its value, of which no function makes a text.
        ("map", "lower(var.r)", None),
        ("later", "one([\"a\"])", None),
        ("file", "file(\"a\")", None),
    ];
    on_coder(|database| {
        let scene = Scene::new(database);
        for (name, expression, _) in cases {
            let version = scene.template(name);
            let version_id = &version.id;
            scene.parameter(&version, "p", Some("v"));
            scene.preset(&version, "p", 1);
            scene.execute(&format!(
                "INSERT INTO template_version_workspace_tags (template_version_id, key, value)
                 VALUES ('{version_id}', 'g', '{expression}');
                 INSERT INTO template_version_variables (template_version_id, name, description,
                    type, value, default_value, required, sensitive)
                 VALUES ('{version_id}', 'r', '', 'string', '', 'US', false, false)"
            ));
        }
        database.execute("UPDATE templates SET use_classic_parameter_flow = true");
        pass(database, &[]);
        let built: BTreeMap<String, Value> = builds(database, "start")
            .into_iter()
            .map(|(name, (tags, _))| (name, tags["g"].clone()))
            .collect();
        let expected = cases
            .into_iter()
            .filter_map(|(name, _, value)| Some((name.to_owned(), Value::from(value?))));
        assert_eq!(built, expected.collect());
        let failed = "SELECT count(*) FROM template_version_presets
            WHERE prebuild_status = 'validation_failed'";
        assert_eq!(database.count(failed), 3);
    });
}

#[test]
fn a_damaged_source_is_named_and_keeps_no_other_from_its_pass() {
    on_coder(|database| {
        let scene = Scene::new(database);
        let source = "data \"coder_parameter\" \"p\" {\n  name = \"p\"\n  default = \"d\"\n}\n";
        template(&scene, "fine", source, 1);
        let no_plan = "the plan of the import can't be read";
        let no_archive = "the archive can't be read";
        for (name, damage, problem) in [
            ("text", "cached_plan = '\"x\"'", no_plan),
            ("list", "cached_plan = '[3]'", no_plan),
            ("shape", "cached_plan = '{\"prior_state\": 7}'", no_plan),
            ("cut", "data = substring(data FOR 600)", no_archive),
            ("noise", "data = decode('deadbeef', 'hex')", no_archive),
        ] {
            let (version, _) = template(&scene, name, source, 1);
            let Version { id, import_job, .. } = &version;
            scene.execute(&if damage.starts_with("data") {
                format!(
                    "UPDATE files SET {damage} WHERE id =
                        (SELECT file_id FROM provisioner_jobs WHERE id = '{import_job}')"
                )
            } else {
                format!(
                    "UPDATE template_version_terraform_values SET {damage}
                     WHERE template_version_id = '{id}'"
                )
            });
            let filter = format!("--template={name}");
            let command = ["plan", "--format=json", &filter];
            let plan = prebuildctl(command).on(database).run().json();
            let said = plan["presets"][0]["diagnostics"][0]["message"].as_str();
            let said = said.unwrap_or_else(|| panic!("{name}: {plan}"));
            assert!(said.contains(problem), "{name}: {said}");
        }
        let output = pass(database, &[]);
        output.expect_code(3);
        let report: Value = parsed(&output.stdout);
        assert_eq!(report["created"], 1, "{report:#}");
        let presets = report["presets"].as_array().unwrap().iter();
        let failed = presets.filter(|it| it["error"].is_string());
        assert_eq!(failed.count(), 5, "{report:#}");
    });
}
