//! Pools whose builds no live provisioner takes are named, with the nearest provisioner.

use crate::ops::doctor::findings;
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::Scene;
use crate::support::{everywhere, pass};

const OFFERED: &str = r#"{"scope": "organization", "owner": "", "is_prebuild": "true"}"#;
const WANTED: &str =
    r#"{"scope": "organization", "owner": "", "is_prebuild": "true", "cluster": "c1"}"#;
const PROBLEM: &str = "no live provisioner serves its builds (cluster=c1, is_prebuild=true); the nearest, \
                       \"daemon\", lacks cluster=c1";

/// A pool of one whose jobs want a cluster that no provisioner offers.
fn pool(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let web = scene.template("web");
    scene.preset(&web, "p", 1);
    scene.execute(&format!(
        "UPDATE provisioner_jobs SET tags = '{WANTED}' WHERE id = '{}'",
        web.import_job
    ));
    scene.daemon(OFFERED, 5);
    scene
}

fn doctor(database: &Database) -> Vec<String> {
    let output = prebuildctl(["doctor", "--format=json"]).on(database).run();
    let found = findings(&output).into_iter();
    let found = found.filter(|[check, ..]| check == "provisioners");
    found.map(|[_, _, message]| message).collect()
}

/// What `plan` says of provisioners, before or after it has queued builds.
fn plan(database: &Database) -> Vec<String> {
    let command = ["plan", "--explain", "--format=json"];
    let plan = prebuildctl(command).on(database).run().json();
    let found = plan["presets"][0]["diagnostics"].as_array().unwrap().iter();
    let found = found.filter(|it| it["code"] == "no_provisioner");
    found
        .map(|it| it["message"].as_str().unwrap().to_owned())
        .collect()
}

fn snapshot(database: &Database) -> String {
    let output = prebuildctl(["snapshot"]).on(database).run();
    output.ok().to_owned() + &output.stderr
}

#[test]
fn a_pool_whose_tags_no_provisioner_offers_is_named_with_the_nearest_one() {
    everywhere(|database| {
        let scene = pool(database);
        assert_eq!(doctor(database), [format!("acme/web/p: {PROBLEM}")]);
        assert_eq!(plan(database), [PROBLEM]);
        assert!(!snapshot(database).contains("provisioner"));

        pass(database, &[]).ok();
        let waits = format!("1 job waits: {PROBLEM}");
        assert_eq!(doctor(database), [format!("acme/web/p: {PROBLEM}")]);
        assert_eq!(plan(database), [waits.as_str()]);
        let shown = snapshot(database)
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let expected = format!("warning: acme/web/p: {waits}");
        assert!(shown.contains(&expected), "no {expected:?} in {shown}");

        scene.execute(&format!("UPDATE provisioner_daemons SET tags = '{WANTED}'"));
        assert_eq!(doctor(database), [] as [&str; 0]);
        assert_eq!(plan(database), [] as [&str; 0]);
        assert!(!snapshot(database).contains("provisioner"));
    });
}

#[test]
fn a_pool_whose_organization_has_no_live_provisioner_is_named_where_another_one_has() {
    everywhere(|database| {
        let scene = pool(database);
        let other = scene.organization("elsewhere");
        scene.execute(&format!(
            "UPDATE provisioner_daemons SET organization_id = '{other}'"
        ));
        let problem = "no provisioner of its organization is alive to serve its builds (cluster=c1, \
                       is_prebuild=true); \"daemon\" serves another one";
        assert_eq!(doctor(database), [format!("acme/web/p: {problem}")]);
        assert_eq!(plan(database), [problem]);
        pass(database, &[]).ok();
        let waits = format!("acme/web/p: 1 job waits: {problem}");
        assert!(snapshot(database).contains(&waits), "{waits}");
    });
}

#[test]
fn without_any_live_provisioner_it_is_not_a_matter_of_tags() {
    everywhere(|database| {
        let scene = pool(database);
        scene.execute("UPDATE provisioner_daemons SET last_seen_at = created_at");
        assert_eq!(doctor(database), [] as [&str; 0]);
        assert_eq!(plan(database), [] as [&str; 0]);
    });
}
