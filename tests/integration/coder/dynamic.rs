//! Templates with dynamic parameters: rendered from their source, for the owner of each build.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::Scene;
use crate::support::{Coder, coder, pass};

/// A template whose size follows from its region, and its tags from who owns the workspace.
const TEMPLATE: &str = r#"
data "coder_workspace_owner" "me" {}

data "coder_parameter" "place" {
  name    = "region"
  default = "eu"
}

data "coder_parameter" "size" {
  name    = "size"
  mutable = true
  default = data.coder_parameter.place.value == "eu" ? "small" : "large"
}

data "coder_workspace_tags" "all" {
  tags = {
    zone  = lower("EU-${data.coder_parameter.size.value}")
    queue = data.coder_workspace_owner.me.name == "prebuilds" ? "pool" : "people"
  }
}
"#;

/// Tags and parameters of the newest build.
fn newest(database: &Database) -> (Value, Value) {
    let build = "(SELECT id FROM workspace_builds ORDER BY build_number DESC LIMIT 1)";
    let tags = database.value(&format!(
        "SELECT tags FROM provisioner_jobs WHERE id = (SELECT job_id FROM workspace_builds
         WHERE id = {build})"
    ));
    let parameters = database.value(&format!(
        "SELECT jsonb_object_agg(name, value) FROM workspace_build_parameters
         WHERE workspace_build_id = {build}"
    ));
    let json = |text: Option<String>| serde_json::from_str(&text.unwrap()).unwrap();
    (json(tags), json(parameters))
}

#[test]
fn each_build_is_rendered_from_the_source_for_its_owner() {
    for release in [Coder::Older, Coder::Current] {
        let Some(database) = coder(release) else {
            return;
        };
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.import(&version, &[("main.tf", TEMPLATE)], "1.10");
        let preset = scene.preset(&version, "pool", 1);
        scene.preset_value(&preset, "region", "us");
        assert_eq!(pass(&database, &[]).json()["created"], 1);
        let (tags, parameters) = newest(&database);
        let expected = |queue: &str, size: &str| {
            json!({ "scope": "organization", "owner": "", "zone": format!("eu-{size}"),
                    "queue": queue })
        };
        assert_eq!(tags, expected("pool", "large"));
        assert_eq!(parameters, json!({ "region": "us", "size": "large" }));
    }
}

#[test]
fn a_version_of_an_older_daemon_is_not_rendered() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let scene = Scene::new(&database);
    let version = scene.template("web");
    scene.import(&version, &[("main.tf", TEMPLATE)], "1.5");
    scene.preset(&version, "pool", 1);
    assert_eq!(pass(&database, &[]).json()["created"], 1);
    let tags = database.value("SELECT tags FROM provisioner_jobs WHERE type = 'workspace_build'");
    let tags: Value = serde_json::from_str(&tags.unwrap()).unwrap();
    // The import's own tag only.
    let expected = json!({ "scope": "organization", "owner": "", "zone": "eu" });
    assert_eq!(tags, expected);
}

#[test]
fn a_source_that_can_not_be_rendered_is_named_beforehand_with_file_and_line() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let scene = Scene::new(&database);
    let version = scene.template("web");
    let source = "data \"coder_parameter\" \"a\" {\n  name = \"a\"\n  type = \"number\"\n}\n";
    scene.import(&version, &[("main.tf", source)], "1.10");
    scene.preset(&version, "pool", 1);
    let plan = prebuildctl(["plan"]).on(&database).run();
    plan.ok();
    assert!(plan.stdout.contains("main.tf:"), "{}", plan.stdout);
    let report: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
    assert_eq!(report["created"], 0);
    let status = "SELECT prebuild_status FROM template_version_presets";
    assert_eq!(database.value(status).unwrap(), "validation_failed");
}
