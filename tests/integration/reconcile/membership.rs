//! The prebuilds user in organizations and in its quota group, and what is said about a quota of
//! zero.

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, PREBUILDS_USER, Scene, id};
use crate::support::{coder_releases, everywhere, gate, pass};

/// The memberships of the prebuilds user and its group, in the scene's organization.
fn memberships(database: &Database, scene: &Scene) -> [Vec<Vec<Option<String>>>; 3] {
    let organization = &scene.organization;
    [
        format!(
            "SELECT roles, created_at = updated_at FROM organization_members
             WHERE organization_id = '{organization}' AND user_id = '{PREBUILDS_USER}'"
        ),
        format!(
            "SELECT name, display_name, avatar_url, quota_allowance, source FROM groups
             WHERE organization_id = '{organization}'"
        ),
        format!(
            "SELECT user_id, name FROM group_members JOIN groups ON id = group_id
             WHERE organization_id = '{organization}'"
        ),
    ]
    .map(|sql| database.rows(&sql))
}

fn row(values: &[&str]) -> Vec<Vec<Option<String>>> {
    vec![
        values
            .iter()
            .map(|value| Some((*value).to_owned()))
            .collect(),
    ]
}

#[track_caller]
fn assert_joined(database: &Database, scene: &Scene) {
    let [members, groups, group_members] = memberships(database, scene);
    let no_roles = if database.is_sqlite() { "[]" } else { "{}" };
    assert_eq!(members, row(&[no_roles, "1"]));
    let group = "coderprebuiltworkspaces";
    assert_eq!(
        groups,
        row(&[group, "Prebuilt Workspaces", "", "0", "user"])
    );
    assert_eq!(group_members, row(&[PREBUILDS_USER, group]));
}

#[test]
fn the_prebuilds_user_joins_organizations_with_pools_and_no_others() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let other = scene.organization("other");
        let version = scene.template("web");
        pass(database, &[]).ok();
        assert!(memberships(database, &scene).iter().all(Vec::is_empty));
        // A deleted template counts, and so does a pool of none.
        scene.preset(&version, "pool", 0);
        database.execute("UPDATE templates SET deleted = true");
        pass(database, &[]).ok();
        assert_joined(database, &scene);
        let of_other =
            format!("SELECT count(*) FROM organization_members WHERE organization_id = '{other}'");
        assert_eq!(database.count(&of_other), 0);
        let before = database.dump();
        pass(database, &[]).ok();
        assert!(before == database.dump());
    });
}

#[test]
fn what_is_missing_is_made_up_for() {
    type Break = fn(&Database);
    let breaks: [Break; 3] = [
        |database| {
            database.execute("DELETE FROM group_members");
        },
        |database| {
            database
                .execute("DELETE FROM group_members; DELETE FROM groups WHERE name LIKE 'coder%'");
        },
        |database| {
            let member = format!("user_id = '{PREBUILDS_USER}'");
            database.execute(&format!("DELETE FROM organization_members WHERE {member}"));
        },
    ];
    for break_it in breaks {
        everywhere(|database| {
            let scene = Scene::new(database);
            let version = scene.template("web");
            scene.preset(&version, "pool", 0);
            pass(database, &[]).ok();
            break_it(database);
            pass(database, &[]).ok();
            assert_joined(database, &scene);
        });
    }
}

#[test]
fn a_group_that_somebody_else_makes_meanwhile_is_joined_at_once() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        scene.preset(&version, "pool", 0);
        let (group, organization) = (id(), &scene.organization);
        gate::build(&database, "groups", &format!("NEW.id <> '{group}'"));
        let shut = gate::shut(&database);
        let running = prebuildctl(["reconcile-once"]).on(&database).spawn();
        gate::wait_for_comer(&database);
        database.execute(&format!(
            "INSERT INTO groups (id, name, display_name, organization_id)
             VALUES ('{group}', 'coderprebuiltworkspaces', 'Prebuilt Workspaces',
                '{organization}')"
        ));
        drop(shut);
        running.wait().ok();
        assert_joined(&database, &scene);
    }
}

#[test]
fn a_paused_pass_joins_nothing() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        scene.preset(&version, "pool", 1);
        database.execute(
            r#"INSERT INTO site_configs (key, value)
               VALUES ('prebuilds_settings', '{"reconciliation_paused": true}')"#,
        );
        pass(database, &[]).ok();
        assert!(memberships(database, &scene).iter().all(Vec::is_empty));
    });
}

#[test]
fn a_quota_of_zero_under_costs_is_told() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        scene.prebuild(&version, &preset, Job::Succeeded, 60);
        pass(&database, &[]).ok();
        let told = || {
            let run = |command| prebuildctl([command]).on(&database).run();
            let (snapshot, plan) = (run("snapshot"), run("plan"));
            let told = snapshot.stderr.contains("quota allowance");
            assert_eq!(plan.stderr.contains("quota allowance"), told, "{plan:?}");
            assert!(!plan.ok().contains("quota allowance"));
            told
        };
        assert!(!told());
        // What a completed build costs stands in its own row.
        database.execute("UPDATE workspace_builds SET daily_cost = 5");
        assert!(told());
        database.execute("UPDATE workspace_builds SET daily_cost = 0");
        assert!(!told());
        // What the import of the version has found.
        database.execute(
            "UPDATE workspace_resources
             SET daily_cost = 5, transition = 'start', job_id = (SELECT job_id FROM template_versions)",
        );
        assert!(told());
        database.execute("UPDATE groups SET quota_allowance = 10 WHERE name LIKE 'coder%'");
        assert!(!told());
    }
}
