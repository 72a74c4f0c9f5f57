//! Rows with infinite times and those of far years: each is named, its preset is left alone, and all others
//! are kept.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::report::counts;
use crate::support::scene::{Job, Scene};
use crate::support::{Coder, coder, pass, postgres};

fn diagnostics(entry: &Value) -> Vec<(&str, &str)> {
    let all = entry["diagnostics"].as_array().unwrap().iter();
    all.map(|it| {
        (
            it["code"].as_str().unwrap(),
            it["message"].as_str().unwrap(),
        )
    })
    .collect()
}

fn run(database: &Database, command: &str) -> Output {
    prebuildctl(command.split(' ')).on(database).run()
}

#[test]
fn a_row_with_an_infinite_time_is_named_and_its_preset_left_alone() {
    let databases = [postgres(), coder(Coder::Current)];
    for database in databases.into_iter().flatten() {
        let scene = Scene::new(&database);
        for time in [
            "infinity",
            "-infinity",
            "20000-01-01",
            "290000-01-01",
            "4000-01-01 BC",
        ] {
            let web = scene.template(&format!("web {time}"));
            let marked = scene.preset(&web, "marked", 1);
            let ageless = scene.preset(&web, "ageless", 1);
            let unbuilt = scene.preset(&web, "unbuilt", 1);
            let kept = scene.preset(&web, "kept", 1);
            let workspace = scene.prebuild(&web, &ageless, Job::Succeeded, 60);
            let build = scene.prebuild(&web, &unbuilt, Job::Succeeded, 60);
            scene.execute(&format!(
                "UPDATE template_version_presets SET last_invalidated_at = '{time}' WHERE id = '{marked}';
                 UPDATE workspaces SET created_at = '{time}' WHERE id = '{}';
                 UPDATE workspace_builds SET created_at = '{time}' WHERE id = '{}';
                 UPDATE provisioner_jobs SET created_at = '{time}' WHERE id = '{}'",
                workspace.id, build.build, build.job
            ));
            let plan = run(&database, "plan --format=json").json();
            let mut left_alone = 0;
            for entry in plan["presets"].as_array().unwrap() {
                let preset = entry["preset"]["id"].as_str().unwrap();
                let row = match preset {
                    _ if preset == marked => {
                        format!("template_version_presets.last_invalidated_at of preset {marked} ")
                    }
                    _ if preset == ageless => {
                        format!("workspaces.created_at of workspace {} ", workspace.id)
                    }
                    _ if preset == unbuilt => format!(
                        "workspace_builds.created_at of the newest build of workspace {} ",
                        build.id
                    ),
                    _ => continue,
                };
                let found = diagnostics(entry);
                assert_eq!(found[0].0, "unreadable_time", "{entry}");
                assert!(found[0].1.starts_with(&row), "{entry}");
                assert_eq!(entry["actions"], json!([]));
                left_alone += 1;
            }
            assert_eq!(left_alone, 3, "{plan}");

            // A plan of the saved snapshot is the same.
            let snapshot = run(&database, "snapshot --format=json");
            let saved = ["plan", "--format=json", "--snapshot=-"];
            let saved = prebuildctl(saved).stdin(snapshot.ok()).run().json();
            for (saved, plan) in saved["presets"]
                .as_array()
                .unwrap()
                .iter()
                .zip(plan["presets"].as_array().unwrap())
            {
                for key in ["preset", "state", "actions"] {
                    assert_eq!(saved[key], plan[key], "{time}");
                }
            }
            for command in [
                "doctor",
                "plan --explain",
                "cleanup",
                "snapshot",
                &format!("reset-limit {ageless}"),
            ] {
                let output = run(&database, command);
                assert!(
                    output.code <= 1 && !output.stderr.contains("can't be read: column"),
                    "{output:?}"
                );
            }
            let report = pass(&database, &[]).json();
            assert_eq!(counts(&report), [1, 0, 0, 0, 0], "{time}: {report}");
            assert_eq!(report["presets"][0]["preset"]["id"], kept.as_str());
            // A mark is set to a time by a new one.
            run(&database, &format!("invalidate {marked} --yes")).ok();
            let plan = run(&database, &format!("plan --format=json --preset {marked}")).json();
            assert_eq!(diagnostics(&plan["presets"][0]), []);
            scene.execute("DELETE FROM workspaces; UPDATE templates SET deleted = true");
        }
    }
}
