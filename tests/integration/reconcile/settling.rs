//! Pools settle: one pass is enough, and the next has nothing to do.

use serde_json::Value;

use super::{busy_scenes, plan};
use crate::support::report::{counts, ids};
use crate::support::scene::{Job, PREBUILDS_USER, Scene, TAGS, Workspace, id};
use crate::support::service::WORKSPACES;
use crate::support::{everywhere, pass};

#[test]
fn pools_settle_after_one_pass_whose_builds_end_well() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (web, data) = (scene.template("web"), scene.template("data"));
        let pool = scene.preset(&web, "pool", 4);
        scene.prebuild(&web, &pool, Job::Succeeded, 60);
        scene.prebuild(&web, &pool, Job::Running, 60);
        let full = scene.preset(&web, "full", 1);
        for age in [300, 200, 100] {
            scene.prebuild(&web, &full, Job::Succeeded, age);
        }
        let outdated = scene.preset(&data, "pool", 2);
        scene.prebuild(&data, &outdated, Job::Succeeded, 60);
        scene.prebuild(&data, &outdated, Job::Pending, 60);
        let next = scene.version(&data.template, "v2");
        scene.activate(&next);
        scene.preset(&next, "pool", 3);

        let report = pass(database, &[]).json();
        let done = ["created", "deleted", "cancelled"].map(|key| report[key].as_i64().unwrap());
        assert_eq!(done, [2 + 3, 2 + 1, 1]);
        // What is queued is not queued again.
        let again = pass(database, &[]).json();
        assert_eq!(again["outcome"], "nothing_to_do", "{again:#}");
        scene.finish_builds();
        let plan = plan(database);
        assert_eq!(plan["has_changes"], false, "{plan:#}");
        let of_ours = format!("{WORKSPACES} WHERE NOT deleted AND owner_id = '{PREBUILDS_USER}'");
        assert_eq!(database.count(&of_ours), 4 + 1 + 3);
    });
}

#[test]
fn a_second_pass_does_nothing_more_in_any_scene_and_all_of_them_settle() {
    for seed in [71, 72] {
        for database in busy_scenes(seed) {
            let first: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            let done = |report: &Value| {
                ["created", "deleted", "cancelled"].map(|key| report[key].as_i64().unwrap())
            };
            assert!(done(&first)[0] > 0 && done(&first)[1] > 0, "{first:#}");
            let second: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            assert_eq!(done(&second), [0; 3], "{second:#}");
            // A scene has builds under way that nobody can place before they have ended, such as one
            // for a workspace that was claimed. After some rounds all is in order.
            let scene = Scene::new(&database);
            let settled = (0..4).any(|_| {
                scene.finish_builds();
                let report = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
                done(&report) == [0; 3]
            });
            assert!(
                settled,
                "still something to do: {:#}",
                plan(&database)["presets"]
            );
        }
    }
}

/// A second build of a workspace, by a person.
fn build_again(scene: &Scene, workspace: &Workspace, transition: &str, is_done: bool) {
    let (build, job, then, person) = (id(), id(), scene.ago(30), &scene.person);
    let time = if is_done {
        format!("'{then}'")
    } else {
        "NULL".to_owned()
    };
    scene.execute(&format!(
        "INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at,
            organization_id, initiator_id, provisioner, storage_method, type, input, file_id, tags)
         VALUES ('{job}', '{then}', '{then}', {time}, {time}, '{}', '{person}', 'terraform', 'file',
            'workspace_build', '{{}}', '{job}', '{TAGS}');
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
            template_version_id, build_number, transition, initiator_id, job_id)
         SELECT '{build}', '{then}', '{then}', workspace_id, template_version_id, 2, '{transition}',
            '{person}', '{job}'
         FROM workspace_builds WHERE id = '{}'",
        scene.organization, workspace.build
    ));
}

#[test]
fn a_queued_first_build_without_anything_to_remove_is_cancelled_by_one_pass() {
    type Spoil = fn(&Scene, &Workspace);
    let cases: [(&str, Spoil); 4] = [
        ("deleted", |scene, workspace| {
            scene.execute(&format!(
                "UPDATE workspaces SET deleted = true WHERE id = '{}'",
                workspace.id
            ));
        }),
        ("stopped since", |scene, workspace| {
            build_again(scene, workspace, "stop", true);
        }),
        ("started again", |scene, workspace| {
            build_again(scene, workspace, "start", false);
        }),
        ("being deleted", |scene, workspace| {
            build_again(scene, workspace, "delete", false);
        }),
    ];
    for (name, spoil) in cases {
        eprintln!("------ {name}");
        everywhere(|database| {
            let scene = Scene::new(database);
            let old = scene.template("web");
            let preset = scene.preset(&old, "pool", 1);
            let new = scene.version(&old.template, "v2");
            scene.activate(&new);
            let workspace = scene.prebuild(&old, &preset, Job::Pending, 60);
            spoil(&scene, &workspace);
            let rows = "SELECT deleted, updated_at FROM workspaces";
            let builds = "SELECT id, job_id, build_number FROM workspace_builds ORDER BY 1";
            let jobs = format!(
                "SELECT id, job_status, canceled_at FROM provisioner_jobs
                 WHERE id <> '{}' ORDER BY 1",
                workspace.job
            );
            let all = [rows, builds, &jobs];
            let before = all.map(|sql| database.rows(sql));
            assert_eq!(plan(database)["has_changes"], true);

            let report = pass(database, &[]).json();
            assert_eq!(counts(&report), [0, 0, 1, 0, 0], "{report:#}");
            let cancelled = ids(&report["presets"][0]["cancelled"]);
            assert_eq!(cancelled, [workspace.job.as_str()]);
            let status = format!(
                "SELECT job_status FROM provisioner_jobs WHERE id = '{}'",
                workspace.job
            );
            assert_eq!(database.value(&status).as_deref(), Some("canceled"));
            // Neither the workspace nor any other build has changed, and none was added.
            assert_eq!(all.map(|sql| database.rows(sql)), before);

            assert_eq!(plan(database)["has_changes"], false, "{name}");
            let settled = database.dump();
            assert_eq!(pass(database, &[]).json()["outcome"], "nothing_to_do");
            assert!(settled == database.dump());
        });
    }
}
