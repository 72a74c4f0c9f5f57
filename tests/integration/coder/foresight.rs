//! What plan, doctor and cleanup say beforehand about builds that can't be made, and what passes say
//! about delete builds that the template doesn't give.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene, Version, Workspace};
use crate::support::statements::statements_of;
use crate::support::{Coder, coder, coder_releases, everywhere, pass};

/// A size that every build must be given, and a tag of the person.
const NEEDY: &str = r#"
data "coder_parameter" "size" {
  name    = "size"
  mutable = true
}

data "coder_workspace_tags" "all" {
  tags = { size = data.coder_parameter.size.value }
}
"#;

fn run(database: &Database, arguments: &[&str]) -> Output {
    prebuildctl(arguments).on(database).run()
}

/// The codes of a preset's diagnostics in the plan.
fn codes(database: &Database) -> Vec<String> {
    let plan = run(database, &["plan", "--format=json"]).json();
    let found = plan["presets"][0]["diagnostics"].as_array().unwrap().iter();
    found
        .map(|it| it["code"].as_str().unwrap().to_owned())
        .collect()
}

fn findings(database: &Database) -> Vec<String> {
    let output = run(database, &["doctor", "--format=json"]);
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap().iter();
    let builds = findings.filter(|it| it["check"] == "builds");
    builds
        .map(|it| it["message"].as_str().unwrap().to_owned())
        .collect()
}

/// A classic template whose tag only coderd can work out, with two running workspaces.
fn classic(database: &Database, desired: i64) -> (Scene, Version, String, Vec<Workspace>) {
    let scene = Scene::new(database);
    let version = scene.template("web");
    let preset = scene.preset(&version, "pool", desired);
    scene.execute(&format!(
        "UPDATE templates SET use_classic_parameter_flow = true;
         INSERT INTO template_version_workspace_tags (template_version_id, key, value)
         VALUES ('{}', 'at', 'timestamp()')",
        version.id
    ));
    let workspaces = [7200, 3600].map(|age| scene.prebuild(&version, &preset, Job::Succeeded, age));
    (scene, version, preset, workspaces.into())
}

#[test]
fn a_delete_that_will_be_refused_is_said_beforehand() {
    everywhere(|database| {
        classic(database, 1);
        assert_eq!(codes(database), ["delete_refused"]);
        let plan = run(database, &["plan", "--detailed-exitcode"]);
        let said = "can't delete 1 workspace: workspace tag \"at\"";
        assert!(plan.expect_code(2).stderr.contains(said), "{plan:?}");
        assert!(
            findings(database)[0].contains(said),
            "{:?}",
            findings(database)
        );
        run(database, &["doctor"]).expect_code(1);
        let output = pass(database, &[]);
        assert!(output.stdout.contains("can't delete"), "{output:?}");
    });
}

#[test]
fn a_cancellation_that_will_be_refused_is_said_beforehand() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        scene.prebuild(&version, &preset, Job::Pending, 60);
        scene.activate(&scene.version(&version.template, "v2"));
        assert_eq!(codes(database), Vec::<String>::new());
        // Its import counts for its builds, whatever is active.
        scene.execute(&format!(
            "UPDATE template_versions SET job_id = (SELECT job_id FROM workspace_builds
             WHERE template_version_id = '{0}') WHERE id = '{0}'",
            version.id
        ));
        assert_eq!(codes(database), ["cancel_refused"]);
        let output = pass(database, &[]);
        assert!(output.stdout.contains("can't cancel"), "{output:?}");
    });
}

#[test]
fn leftovers_that_can_not_be_deleted_are_named_in_their_list() {
    everywhere(|database| {
        let (scene, version, preset, _) = classic(database, 2);
        scene.prebuild(&version, &preset, Job::Failed, 60);
        let list = run(database, &["cleanup", "--format=json"]).json();
        let found = &list["workspaces"][0]["diagnostics"][0];
        assert_eq!(found["code"], "delete_refused");
        let people = run(database, &["cleanup"]);
        let line = "warning: 1 workspace: it can't be deleted: workspace tag \"at\"";
        assert!(people.stderr.contains(line), "{people:?}");
    });
}

/// A dynamic template of which the newest source asks for what workspaces lack: one running
/// workspace whose build has another value and a tag of its own.
fn changed(database: &Database, desired: i64) -> (Scene, Workspace) {
    let scene = Scene::new(database);
    let version = scene.template("web");
    scene.import(&version, &[("main.tf", NEEDY)], "1.10");
    let preset = scene.preset(&version, "pool", desired);
    let workspace = scene.prebuild(&version, &preset, Job::Succeeded, 60);
    scene.execute(&format!(
        "INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         VALUES ('{}', 'old', 'value');
         UPDATE provisioner_jobs SET tags = '{{\"scope\": \"organization\", \"owner\": \"\",
            \"zone\": \"eu\", \"size\": \"old\"}}' WHERE id = '{}'",
        workspace.build, workspace.job
    ));
    (scene, workspace)
}

#[test]
fn a_delete_that_the_template_does_not_give_takes_the_last_build_and_says_so() {
    for (_, database) in coder_releases() {
        let (_, workspace) = changed(&database, 0);
        assert_eq!(codes(&database), ["delete_not_rendered"]);
        let plan = run(&database, &["plan"]);
        assert!(plan.stderr.contains("main.tf:2"), "{plan:?}");
        let report = pass(&database, &[]).json();
        let entry = &report["presets"][0];
        assert_eq!(entry["deleted"], json!([workspace.id]));
        assert_eq!(entry["error"], Value::Null);
        let found = &entry["diagnostics"][0];
        assert_eq!(found["code"], "delete_not_rendered");
        assert_eq!(found["severity"], "warning");
        let message = found["message"].as_str().unwrap();
        assert!(
            message.contains("1 workspace") && message.contains("main.tf:2"),
            "{message}"
        );
        let job = "SELECT j.tags FROM provisioner_jobs j JOIN workspace_builds b ON b.job_id = j.id
               WHERE b.transition = 'delete'";
        let tags: Value = serde_json::from_str(&database.value(job).unwrap()).unwrap();
        let expected = json!({ "scope": "organization", "owner": "", "zone": "eu", "size": "old" });
        assert_eq!(tags, expected);
        let values = "SELECT p.name, p.value FROM workspace_build_parameters p
                  JOIN workspace_builds b ON b.id = p.workspace_build_id
                  WHERE b.transition = 'delete'";
        assert_eq!(database.row(values), ["old", "value"]);
    }
}

#[test]
fn people_read_below_the_table_what_was_not_rendered() {
    for (_, database) in coder_releases() {
        changed(&database, 0);
        let output = run(&database, &["reconcile-once"]);
        let line = "warning: web/pool: the template gives no delete build for 1 workspace, so that the \
                last build's values and tags are taken: the parameter \"size\": a value is required";
        assert!(output.stderr.contains(line), "{output:?}");
        assert!(
            output.stderr.contains("[delete_not_rendered]"),
            "{}",
            output.stdout
        );
    }
}

#[test]
fn a_clean_up_says_what_is_not_rendered_in_its_list_and_in_its_report() {
    for (_, database) in coder_releases() {
        let (scene, workspace) = changed(&database, 1);
        scene.execute(&format!(
            "UPDATE provisioner_jobs SET error = 'failed' WHERE id = '{}'",
            workspace.job
        ));
        for arguments in [&["cleanup"][..], &["cleanup", "--yes"]] {
            let arguments = [arguments, &["--format=json"]].concat();
            let report = run(&database, &arguments).json();
            let found = &report["workspaces"][0]["diagnostics"];
            assert_eq!(found[0]["code"], "delete_not_rendered", "{report:#}");
            assert_eq!(found.as_array().unwrap().len(), 1);
        }
        assert_eq!(database.count("SELECT count(*) FROM workspace_builds"), 2);
    }
}

#[test]
fn claims_that_only_the_pool_can_be_rendered_for_are_said_beforehand() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        let source = r#"
data "coder_workspace_owner" "me" {}

data "coder_parameter" "kind" {
  name    = "kind"
  default = data.coder_workspace_owner.me.name == "prebuilds" ? "pool" : "person"
  option {
    name  = "pool"
    value = data.coder_workspace_owner.me.name == "prebuilds" ? "pool" : "other"
  }
}
"#;
        scene.import(&version, &[("main.tf", source)], "1.10");
        let preset = scene.preset(&version, "pool", 1);
        let said = "a claim by a member who is in no group and gives no values is refused: the \
                parameter \"kind\"";
        // The plan creates, and knows of claims then.
        assert_eq!(codes(&database), ["claim_refused"]);
        scene.prebuild(&version, &preset, Job::Succeeded, 60);
        assert_eq!(codes(&database), Vec::<String>::new());
        let findings = findings(&database);
        assert!(findings[0].contains(said), "{findings:?}");
    }
}

#[test]
fn looking_ahead_takes_as_many_statements_for_sixty_deletes_as_for_ten() {
    let count = |size: i64| {
        let database = coder(Coder::Current)?;
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.import(&version, &[("main.tf", NEEDY)], "1.10");
        let preset = scene.preset(&version, "pool", 0);
        for _ in 0..size {
            scene.prebuild(&version, &preset, Job::Succeeded, 60);
        }
        for name in ["docs", "data"] {
            let other = scene.template(name);
            scene.import(&other, &[("main.tf", NEEDY)], "1.10");
            scene.preset(&other, "pool", size);
        }
        let mut said = 0;
        let count = statements_of(&database, || {
            let plan = run(&database, &["plan", "--format=json"]).json();
            let presets = plan["presets"].as_array().unwrap().iter();
            said = presets
                .map(|it| it["diagnostics"].as_array().unwrap().len())
                .sum();
        });
        assert_eq!(said, 3);
        count
    };
    assert_eq!(count(10), count(60));
}
