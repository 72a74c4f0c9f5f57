//! Builds that exist against what would be rendered now, and what explanations say of builds.

use serde_json::{Value, json};

use crate::render::TEMPLATE;
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, Version, id};
use crate::support::{Coder, coder, coder_releases, pass};

/// A pool of one workspace that a pass has created; ann is in the group gold.
fn scene(database: &Database, source: &str) -> (Scene, Version, String) {
    let scene = Scene::new(database);
    let version = scene.template("web");
    scene.import(&version, &[("main.tf", source)], "1.10");
    let preset = scene.preset(&version, "pool", 1);
    scene.preset_value(&preset, "region", "us");
    let group = id();
    scene.execute(&format!(
        "INSERT INTO groups (id, name, organization_id) VALUES ('{group}', 'gold', '{}');
         INSERT INTO group_members (user_id, group_id) VALUES ('{}', '{group}')",
        scene.organization, scene.person
    ));
    assert_eq!(pass(database, &[]).json()["created"], 1);
    (scene, version, preset)
}

fn findings(database: &Database) -> Vec<(String, String)> {
    let output = prebuildctl(["doctor", "--format=json"]).on(database).run();
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    findings
        .filter(|it| it["check"] == "rendering")
        .map(|it| (text(&it["level"]), text(&it["message"])))
        .collect()
}

fn differences(database: &Database, arguments: &[&str]) -> Vec<String> {
    let render = prebuildctl(["render", "--format=json"]).on(database);
    let render = arguments
        .iter()
        .fold(render, |it, argument| it.arg(argument));
    let entry = render.run().json()[0].clone();
    let found = entry["diagnostics"].as_array().unwrap().iter();
    found
        .map(|it| {
            assert_eq!(it["code"], "differs_from_build", "{it}");
            it["message"].as_str().unwrap().to_owned()
        })
        .collect()
}

/// Writes another size and queue into all builds.
const TAMPER: &str = "UPDATE workspace_build_parameters SET value = 'tiny' WHERE name = 'size';
    UPDATE provisioner_jobs SET tags = jsonb_set(tags, '{queue}', '\"other\"')
    WHERE type = 'workspace_build'";

#[test]
fn a_build_that_would_be_made_otherwise_now_is_shown_with_both_values() {
    for (_, database) in coder_releases() {
        let (scene, ..) = scene(&database, TEMPLATE);
        let same = "the newest builds of 1 pool are as they would be made now";
        assert_eq!(findings(&database), [("ok".to_owned(), same.to_owned())]);
        assert_eq!(differences(&database, &["pool"]), Vec::<String>::new());

        scene.execute(TAMPER);
        let name = database.value("SELECT name FROM workspaces").unwrap();
        let expected = [
            format!(
                "parameter \"size\" is \"large\" now, and \"tiny\" in build 1 of workspace {name:?}"
            ),
            format!(
                "tag \"queue\" is \"slow\" now, and \"other\" in build 1 of workspace {name:?}"
            ),
        ];
        assert_eq!(differences(&database, &["pool"]), expected);
        assert_eq!(
            differences(&database, &["pool", "--param=size=x"]),
            Vec::<String>::new()
        );
        let named = expected.map(|it| ("warning".to_owned(), format!("acme/web/pool: {it}")));
        assert_eq!(findings(&database), named);
    }
}

#[test]
fn what_a_person_gave_for_a_build_is_no_difference() {
    for (_, database) in coder_releases() {
        let (scene, version, preset) = scene(&database, TEMPLATE);
        let own = scene.of_person(&version, &preset, Job::Succeeded, 60);
        scene.execute(&format!(
            "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         VALUES ('{0}', 'region', 'us'), ('{0}', 'size', 'huge');
         UPDATE provisioner_jobs SET tags = '{{\"scope\": \"organization\", \"owner\": \"\",
            \"zone\": \"z-us\", \"queue\": \"fast\"}}' WHERE id = '{1}'",
            own.build, own.job
        ));
        assert_eq!(
            differences(&database, &["pool", "--for=ann"]),
            Vec::<String>::new()
        );
        scene.execute(TAMPER);
        let found = differences(&database, &["pool", "--for=ann"]);
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(
            found[0].starts_with("tag \"queue\" is \"fast\" now, and \"other\""),
            "{found:?}"
        );
    }
}

#[test]
fn a_difference_shows_no_sensitive_value() {
    for (_, database) in coder_releases() {
        let source = r#"
variable "token" {
  default   = "hunter2"
  sensitive = true
}

data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
}

data "coder_workspace_tags" "t" {
  tags = { queue = nonsensitive(var.token) }
}
"#;
        let (scene, ..) = scene(&database, source);
        scene.execute(
            "UPDATE provisioner_jobs SET tags = jsonb_set(tags, '{queue}', '\"old-hunter2\"')
         WHERE type = 'workspace_build'",
        );
        let found = differences(&database, &["pool"]);
        let start = "tag \"queue\" is \"(sensitive)\" now, and \"(sensitive)\" in build 1 of";
        assert!(found[0].starts_with(start), "{found:?}");
    }
}

#[test]
fn a_difference_shows_no_value_that_forms_hide() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let source = r#"
data "coder_parameter" "password" {
  name    = "password"
  default = "hunter2"
  styling = jsonencode({ mask_input = true })
}
"#;
    let (scene, ..) = scene(&database, source);
    scene.execute(
        "DELETE FROM workspace_build_parameters;
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         SELECT id, 'password', 'old-word' FROM workspace_builds",
    );
    let found = differences(&database, &["pool"]);
    let start = "parameter \"password\" is \"(sensitive)\" now, and \"(sensitive)\" in build 1 of";
    assert!(found[0].starts_with(start), "{found:?}");
}

#[test]
fn an_explanation_shows_the_build_and_the_claim_of_a_person() {
    for (_, database) in coder_releases() {
        let (scene, version, _) = scene(&database, TEMPLATE);
        let moon = scene.preset(&version, "moon", 1);
        scene.preset_value(&moon, "region", "moon");
        let explain = |arguments: &[&str]| {
            let plan = prebuildctl(["plan", "--explain"]).on(&database);
            let plan = arguments.iter().fold(plan, |it, argument| it.arg(argument));
            let output = plan.run();
            output.ok().split_whitespace().collect::<Vec<_>>().join(" ")
        };
        let text = explain(&[]);
        let build = "build region=\"us\", size=\"large\"; tags queue=\"slow\", zone=\"z-us\"";
        assert!(text.contains(build), "{text}");
        let refused = "build refused: the parameter \"region\": the value is not one of the options \
                   (main.tf:4)";
        assert!(text.contains(refused), "{text}");
        assert!(!text.contains("claim by"), "{text}");
        let text = explain(&["--for=ann", "--preset=pool"]);
        let claim =
            "claim by ann: region=\"us\", size=\"large\"; tags queue=\"fast\", zone=\"z-us\"";
        assert!(text.contains(build) && text.contains(claim), "{text}");
        let unknown = prebuildctl(["plan", "--explain", "--for=nobody"])
            .on(&database)
            .run();
        assert!(
            unknown.expect_code(1).stderr.contains("no user"),
            "{unknown:?}"
        );
        prebuildctl(["plan", "--for=ann"])
            .on(&database)
            .run()
            .expect_code(64);
    }
}

#[test]
fn an_import_that_serves_one_user_serves_the_prebuilds_user_in_every_flow() {
    let flows = [true, false].into_iter();
    for (is_classic, (_, database)) in flows.flat_map(|it| coder_releases().map(move |of| (it, of)))
    {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.preset(&version, "pool", 1);
        scene.execute(&format!(
            "UPDATE templates SET use_classic_parameter_flow = {is_classic};
             UPDATE provisioner_jobs SET tags = '{{\"scope\": \"user\"}}'"
        ));
        assert_eq!(pass(&database, &[]).json()["created"], 1);
        let tags = "SELECT tags FROM provisioner_jobs WHERE type = 'workspace_build'";
        let tags: Value = serde_json::from_str(&database.value(tags).unwrap()).unwrap();
        let owner = "c42fdf75-3097-471c-8c33-fb52454d81c0";
        assert_eq!(tags, json!({ "scope": "user", "owner": owner }));
    }
}
