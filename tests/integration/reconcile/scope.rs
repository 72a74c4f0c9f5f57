//! What a pass is about, whom it tells and what it reports.

use serde_json::{Value, json};

use crate::support::scene::{Scene, id};
use crate::support::{both, everywhere, pass, servers};

fn keys(value: &Value) -> Vec<&str> {
    let mut keys: Vec<_> = value
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    keys.sort_unstable();
    keys
}

#[test]
fn the_report_has_the_keys_that_scripts_rely_on() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        scene.preset(&version, "empty", 0);
        let report = pass(database, &[]).json();
        let expected = [
            "cancelled",
            "claimed",
            "created",
            "deferred",
            "deleted",
            "elapsed_ms",
            "kept",
            "lost_races",
            "outcome",
            "planned_at",
            "presets",
            "version",
        ];
        assert_eq!(keys(&report), expected);
        assert_eq!(report["version"], 1);
        assert_eq!(report["outcome"], "applied");
        assert!(report["elapsed_ms"].as_u64().unwrap() < 60_000);
        assert_eq!(
            report["presets"].as_array().unwrap().len(),
            1,
            "only those with actions"
        );
        let entry = &report["presets"][0];
        assert_eq!(
            keys(entry),
            [
                "cancelled",
                "created",
                "deleted",
                "diagnostics",
                "error",
                "preset"
            ]
        );
        assert_eq!(entry["error"], Value::Null);
        assert_eq!(entry["diagnostics"], json!([]));
        let name = json!({
            "id": preset, "name": "pool", "organization_name": "acme", "template_name": "web",
            "template_version_name": "v1", "using_active_version": true,
        });
        assert_eq!(entry["preset"], name);

        let report = pass(database, &[]).json();
        assert_eq!(report["outcome"], "nothing_to_do");
        assert_eq!(keys(&report), expected);
    });
}

#[test]
fn a_pass_without_any_preset_has_nothing_to_do() {
    everywhere(|database| {
        let output = pass(database, &["--fail-if-locked"]);
        assert_eq!(output.json()["outcome"], "nothing_to_do");
        assert_eq!(output.stderr, "");
    });
}

#[test]
fn filters_leave_other_presets_alone() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (web, data) = (scene.template("web"), scene.template("data"));
        let pool = scene.preset(&web, "pool", 1);
        scene.preset(&web, "other", 1);
        scene.preset(&data, "pool", 1);
        let made_for = |arguments: &[&str]| {
            pass(database, arguments).ok();
            database.column(
                "SELECT p.name FROM workspace_builds AS b
                 JOIN template_version_presets AS p ON p.id = b.template_version_preset_id
                 ORDER BY 1",
            )
        };
        assert_eq!(made_for(&["--preset", &pool]), ["pool"]);
        assert_eq!(made_for(&["--template", "web"]), ["other", "pool"]);
        assert_eq!(
            made_for(&["--organization", "acme"]),
            ["other", "pool", "pool"]
        );

        let output = pass(database, &["--template", "wbe"]);
        output.expect_code(1);
        assert!(output.stderr.contains("template \"wbe\""), "{output:?}");
        assert!(output.stderr.contains("acme/web"), "{output:?}");
    });
}

#[test]
fn two_templates_of_one_name_in_two_organizations_do_not_mix() {
    both(|database| {
        let one = Scene::new(database);
        let web = one.template("web");
        one.preset(&web, "pool", 1);
        let other = one.organization("other");
        let then = one.ago(100);
        let twin = one.version(&web.template, "twin");
        let template = id();
        database.execute(&format!(
            "INSERT INTO templates (id, created_at, updated_at, organization_id, name, provisioner,
                active_version_id, created_by)
             VALUES ('{template}', '{then}', '{then}', '{other}', 'web', 'terraform', '{}', '{}');
             UPDATE template_versions SET template_id = '{template}', organization_id = '{other}'
             WHERE id = '{}'",
            twin.id, one.person, twin.id
        ));
        one.preset(&twin, "pool", 1);
        pass(database, &["--template", "other/web"]).ok();
        assert_eq!(
            database.column("SELECT organization_id FROM workspaces"),
            [other]
        );
    });
}

#[test]
fn provisioners_hear_of_new_jobs_once_they_are_there() {
    for database in servers() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let heard = database.listen("provisioner_job_posted", || {
            pass(&database, &[]).ok();
        });
        let payload = json!({
            "organization_id": scene.organization, "type": "terraform",
            "tags": { "scope": "organization", "owner": "", "zone": "eu" },
        });
        let heard: Vec<Value> = heard
            .iter()
            .map(|text| serde_json::from_str(text).unwrap())
            .collect();
        assert_eq!(heard, vec![payload; 3]);
    }
}
