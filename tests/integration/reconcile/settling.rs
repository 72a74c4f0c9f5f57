//! What is cancelled without a delete to follow: one pass is enough, and the next has nothing to do.

use serde_json::Value;

use crate::reconcile::rows::{counts, ids};
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene, TAGS, Workspace, id};
use crate::support::{on_every_release, pass};

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

fn plan(database: &Database) -> Value {
    let plan = prebuildctl(["plan", "--format=json"]).on(database).run();
    plan.json()
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
        on_every_release(|database| {
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
