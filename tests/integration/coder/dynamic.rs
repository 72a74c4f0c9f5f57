//! Templates with dynamic parameters: rendered from their source, for the owner of each build.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, PREBUILDS_USER, Scene, id};
use crate::support::{coder_releases, pass};

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
    for (_, database) in coder_releases() {
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
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.import(&version, &[("main.tf", TEMPLATE)], "1.5");
        scene.preset(&version, "pool", 1);
        assert_eq!(pass(&database, &[]).json()["created"], 1);
        let tags =
            database.value("SELECT tags FROM provisioner_jobs WHERE type = 'workspace_build'");
        let tags: Value = serde_json::from_str(&tags.unwrap()).unwrap();
        // The import's own tag only.
        let expected = json!({ "scope": "organization", "owner": "", "zone": "eu" });
        assert_eq!(tags, expected);
    }
}

/// A template that tells workspaces of pools from those of people by a group of coderd's.
const BY_GROUP: &str = r#"
data "coder_workspace_owner" "me" {}

locals {
  is_pool = contains(data.coder_workspace_owner.me.groups, "coderprebuiltworkspaces")
}

data "coder_parameter" "tier" {
  name    = "tier"
  default = local.is_pool ? "pool" : "person"
}

data "coder_parameter" "reason" {
  count = local.is_pool ? 0 : 1
  name  = "reason"
}

data "coder_workspace_tags" "all" {
  tags = {
    roles = join(",", [for role in data.coder_workspace_owner.me.rbac_roles : role.name])
    everyone = contains(data.coder_workspace_owner.me.groups, "Everyone")
  }
}
"#;

#[test]
fn the_first_pass_renders_for_the_prebuilds_user_as_the_member_that_it_makes_it() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.import(&version, &[("main.tf", BY_GROUP)], "1.10");
        scene.preset(&version, "pool", 1);
        let plan = prebuildctl(["plan"]).on(&database).run();
        plan.ok();
        assert!(!plan.stderr.contains("create_refused"), "{plan:?}");
        assert_eq!(pass(&database, &[]).json()["created"], 1);
        let (tags, parameters) = newest(&database);
        assert_eq!(parameters, json!({ "tier": "pool" }));
        assert_eq!(tags["everyone"], "true");
        assert_eq!(tags["roles"], "member,organization-member");
    }
}

#[test]
fn a_source_that_can_not_be_rendered_is_named_beforehand_with_file_and_line() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        let source = "data \"coder_parameter\" \"a\" {\n  name = \"a\"\n  type = \"number\"\n}\n";
        scene.import(&version, &[("main.tf", source)], "1.10");
        scene.preset(&version, "pool", 1);
        let plan = prebuildctl(["plan"]).on(&database).run();
        plan.ok();
        assert!(plan.stderr.contains("main.tf:"), "{plan:?}");
        let report: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
        assert_eq!(report["created"], 0);
        let status = "SELECT prebuild_status FROM template_version_presets";
        assert_eq!(database.value(status).unwrap(), "validation_failed");
    }
}

/// The same with a size of the disk that never changes.
const WITH_DISK: &str = r#"
data "coder_parameter" "disk" {
  name    = "disk"
  type    = "number"
  default = 10
}

data "coder_parameter" "once" {
  name      = "once"
  default   = "-"
  ephemeral = true
  mutable   = true
}
"#;

/// A pool with one workspace that is ready.
fn ready_pool(database: &Database) -> (Scene, String) {
    let scene = Scene::new(database);
    let version = scene.template("web");
    let source = format!("{TEMPLATE}{WITH_DISK}");
    scene.import(&version, &[("main.tf", &source)], "1.10");
    let preset = scene.preset(&version, "pool", 1);
    scene.preset_value(&preset, "region", "us");
    assert_eq!(pass(database, &[]).json()["created"], 1);
    scene.finish_builds();
    (scene, preset)
}

fn claim(database: &Database, values: &[&str]) -> Output {
    let claim = ["claim", "--preset=pool", "--user=ann", "--name=api"];
    let claim = prebuildctl(claim).on(database);
    let claim = values
        .iter()
        .fold(claim, |it, value| it.arg("--param").arg(value));
    claim.run()
}

#[test]
fn a_claim_is_rendered_for_the_person_with_what_the_person_gives() {
    for (_, database) in coder_releases() {
        let (scene, preset) = ready_pool(&database);
        claim(
            &database,
            &["size=huge", "region=eu", "once=now", "unheard=of"],
        )
        .ok();
        let (tags, parameters) = newest(&database);
        let expected = json!({ "scope": "organization", "owner": "", "zone": "eu-huge",
                               "queue": "people" });
        assert_eq!(tags, expected);
        let expected = json!({ "region": "us", "size": "huge", "disk": "10", "once": "now" });
        assert_eq!(parameters, expected);
        let build = database.row(
            "SELECT b.build_number, b.transition, b.initiator_id, b.template_version_preset_id,
                    j.input ->> 'prebuilt_workspace_stage'
             FROM workspace_builds b JOIN provisioner_jobs j ON j.id = b.job_id
             ORDER BY b.build_number DESC LIMIT 1",
        );
        assert_eq!(build, ["2", "start", &scene.person, &preset, "2"]);
    }
}

#[test]
fn a_claim_that_changes_what_is_immutable_is_refused_and_changes_nothing() {
    for (_, database) in coder_releases() {
        ready_pool(&database);
        let before = database.dump();
        let refused = claim(&database, &["disk=20"]);
        refused.expect_code(1);
        let said = "the parameter \"disk\": it is immutable and would change (main.tf:";
        assert!(refused.stderr.contains(said), "{}", refused.stderr);
        assert_eq!(database.dump(), before);
    }
}

#[test]
fn a_delete_is_rendered_with_the_values_of_the_last_build() {
    for (_, database) in coder_releases() {
        let (scene, preset) = ready_pool(&database);
        let first = newest(&database);
        scene.execute(
            "UPDATE template_version_presets SET desired_instances = 0;
             INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             SELECT id, 'unheard', 'of' FROM workspace_builds;
             UPDATE workspace_build_parameters SET value = 'given' WHERE name = 'once'",
        );
        let report = pass(&database, &[]).json();
        assert_eq!(report["deleted"], 1);
        assert_eq!(report["presets"][0]["diagnostics"], json!([]));
        // What holds for one build only and what no parameter has are not carried over.
        assert_eq!(newest(&database), first);
        let build = database.row(
            "SELECT build_number, transition, template_version_preset_id FROM workspace_builds
             ORDER BY build_number DESC LIMIT 1",
        );
        assert_eq!(build, ["2", "delete", &preset]);
    }
}

/// A template one of whose sizes is for a group only.
const FOR_A_GROUP: &str = r#"
data "coder_workspace_owner" "me" {}

data "coder_parameter" "size" {
  name    = "size"
  default = "small"
  option {
    name  = "small"
    value = "small"
  }
  dynamic "option" {
    for_each = contains(data.coder_workspace_owner.me.groups, "big") ? ["large"] : []
    content {
      name  = option.value
      value = option.value
    }
  }
}
"#;

#[test]
fn who_may_not_have_a_preset_is_refused_and_keeps_nobody_else_from_it() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.import(&version, &[("main.tf", FOR_A_GROUP)], "1.10");
        let preset = scene.preset(&version, "pool", 0);
        scene.preset_value(&preset, "size", "large");
        for age in 1..=6 {
            let made = scene.prebuild(&version, &preset, Job::Succeeded, age * 100);
            scene.execute(&format!(
                "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
                 VALUES ('{}', 'size', 'large')",
                made.build
            ));
        }
        let (bob, group, organization) = (id(), id(), &scene.organization);
        scene.execute(&format!(
            "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at)
             VALUES ('{bob}', 'bob@example.com', 'bob', '', now(), now());
             INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
             VALUES ('{bob}', '{organization}', now(), now());
             INSERT INTO groups (id, name, organization_id)
             VALUES ('{group}', 'big', '{organization}');
             INSERT INTO group_members (user_id, group_id) VALUES ('{bob}', '{group}')"
        ));
        // Whatever the prebuilds user itself may have by now.
        for name in ["api", "box"] {
            let alone = prebuildctl(["claim", "--preset=pool", "--user=ann", "--name=a", "-v"]);
            let alone = alone.on(&database).run();
            alone.expect_code(1);
            assert!(alone.stderr.contains("size"), "{alone:?}");
            assert!(!alone.stderr.contains("passed over"), "{alone:?}");
            let line = |user: &str, n: u8| {
                format!(r#"{{"preset": "pool", "user": "{user}", "name": "{name}-{n}"}}"#)
            };
            let lines = [line("ann", 1), line("bob", 2), line("bob", 3)].join("\n");
            let batch = prebuildctl(["claim", "--batch=-", "--parallel=1"]);
            let answers = batch.on(&database).stdin(lines).run().stdout;
            let status = |answer: &str| {
                let answer: Value = serde_json::from_str(answer).unwrap();
                answer["status"].as_str().unwrap().to_owned()
            };
            let statuses: Vec<String> = answers.lines().map(status).collect();
            assert_eq!(statuses, ["error", "claimed", "claimed"], "{answers}");
            scene.execute(&format!(
                "INSERT INTO group_members (user_id, group_id)
                 VALUES ('{PREBUILDS_USER}', '{group}') ON CONFLICT DO NOTHING"
            ));
        }
    }
}
