//! Which workspaces of a pool are offered: those whose agents are all ready, those in contact first, and
//! none that can't be claimed at all.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{answers, assert_untouched, claim_small, line, refused, start_batch};
use crate::support::database::Database;
use crate::support::process::{Output, Running, prebuildctl};
use crate::support::scene::claims::{
    LARGE, OLD_SMALL, PLAIN, Prebuilt, SMALL, claim, coderd_databases, everywhere, id, postgres,
};
use crate::support::scene::seconds_ago;

/// Makes sure that doctor has a finding that begins so.
#[track_caller]
fn assert_found(database: &Database, beginning: &str) {
    let output = prebuildctl(["doctor", "--format=json"]).on(database).run();
    let report: Value = serde_json::from_str(&output.stdout).unwrap();
    let findings = report["findings"].as_array().unwrap();
    let begins = |it: &Value| it["message"].as_str().unwrap().starts_with(beginning);
    assert!(findings.iter().any(begins), "{report:#}");
}

#[test]
fn sub_agents_count_like_any_other() {
    everywhere(|database| {
        for number in [2001, 2002] {
            let agents = &["ready", "starting"];
            let base = Prebuilt::new(number, SMALL);
            Prebuilt { agents, ..base }.add(database);
            database.execute(&format!(
                "UPDATE workspace_agents SET parent_id = '{}' WHERE id = '{}'",
                id(number * 10),
                id(number * 10 + 1)
            ));
        }
        let output = claim_small(database, "a");
        output.expect_code(4);
        assert!(output.stderr.contains("none of them ready"), "{output:?}");
        let ready = "UPDATE workspace_agents SET lifecycle_state = 'ready' WHERE id = ";
        database.execute(&format!("{ready}'{}'", id(20021)));
        let answer = claim_small(database, "a").json();
        assert_eq!(answer["workspace_id"], id(2002));
    });
}

#[test]
fn workspaces_whose_agents_are_out_of_contact_go_last() {
    everywhere(|database| {
        // The last contact in seconds, and how long the template lets agents be away.
        for (number, contact, patience) in [
            (2001, Some(7200), 0),
            (2002, Some(300), 0),
            (2003, Some(300), 600),
            (2004, Some(60), 0),
            (2005, None, 0),
        ] {
            Prebuilt::new(number, SMALL).add(database);
            let contact = contact.map_or("NULL".to_owned(), |seconds| {
                format!("'{}'", seconds_ago(seconds))
            });
            database.execute(&format!(
                "UPDATE workspace_agents
                 SET last_connected_at = {contact}, connection_timeout_seconds = {patience}
                 WHERE id = '{}'",
                id(number * 10)
            ));
        }
        let found =
            "2 of the ready workspaces out of contact with an agent, such as prebuild-2001 for 120";
        assert_found(database, found);
        let run = |command: &[&str]| prebuildctl(command).on(database).run();
        let snapshot = run(&["snapshot"]);
        let note = "2 of 5 ready out of contact, for up to 2h";
        assert!(
            snapshot.ok().replace("\n", " ").contains(note),
            "{snapshot:?}"
        );
        let document = run(&["snapshot", "--format=json"]).json();
        let silent = document["running"].as_array().unwrap().iter();
        let silent = silent.filter(|it| it["out_of_contact_since"].is_string());
        let silent: Vec<&str> = silent.map(|it| it["name"].as_str().unwrap()).collect();
        assert_eq!(silent, ["prebuild-2001", "prebuild-2002"]);
        let listed = |arguments: &[&str]| {
            let command = [
                &["cleanup", "--state=stuck-agents", "--format=json"],
                arguments,
            ]
            .concat();
            let report = run(&command).json();
            let names = report["workspaces"].as_array().unwrap().iter();
            names.map(|it| it["name"].clone()).collect::<Vec<Value>>()
        };
        assert_eq!(listed(&[]), ["prebuild-2001"]);
        assert_eq!(
            listed(&["--older-than=4m"]),
            ["prebuild-2001", "prebuild-2002"]
        );
        let order = ["a", "b", "c", "d", "e"]
            .map(|name| claim_small(database, name).json()["workspace_id"].clone());
        let expected = [2003, 2004, 2005, 2001, 2002].map(|number| Value::from(id(number)));
        assert_eq!(order, expected);
        claim_small(database, "f").expect_code(4);

        Prebuilt::new(2011, SMALL).add(database);
        database.execute(&format!(
            "UPDATE workspace_agents SET last_connected_at = '{}' WHERE id = '{}'",
            seconds_ago(7200),
            id(20110)
        ));
        let deleted = run(&["cleanup", "--state=stuck-agents", "--yes", "--format=json"]).json();
        assert_eq!(deleted["queued"], 1);
    });
}

/// A workspace of the preset `large`, whose region a claim must not change.
fn add_large(database: &Database, number: u64, region: &str) {
    Prebuilt::new(number, LARGE).add(database);
    database.execute(&format!(
        "UPDATE workspace_build_parameters SET value = '{region}'
         WHERE workspace_build_id = '{}' AND name = 'region'",
        id(number * 1000 + 1)
    ));
}

#[test]
fn a_workspace_that_can_not_be_claimed_is_passed_over() {
    everywhere(|database| {
        for (number, region) in [(2001, "eu"), (2002, "eu"), (2003, "us")] {
            add_large(database, number, region);
        }
        assert_found(
            database,
            "acme/backend/large: 2 workspaces can't be claimed",
        );
        let large = ["--preset", "large", "--user", "ada", "--name", "a"];
        assert_eq!(claim(database, &large).json()["workspace_id"], id(2003));
        // What is wrong with a request is no fault of the workspace.
        Prebuilt::new(2009, PLAIN).add(database);
        let plain = ["--preset", "plain", "--user", "ada", "--name", "b"];
        let bad = [&plain[..], &["--param", "cores=99"]].concat();
        refused(database, &bad, 1, &["above the maximum"]);
        assert_eq!(claim(database, &plain).json()["workspace_id"], id(2009));
        let again = ["--preset", "large", "--user", "ada", "--name", "c"];
        refused(database, &again, 1, &["can't be claimed", "region"]);
        for number in [2001, 2002] {
            assert_untouched(database, number);
        }
    });
}

#[test]
fn a_crowd_gets_all_but_the_oldest_which_can_not_be_claimed() {
    const CLAIMERS: usize = 16;
    for database in postgres()
        .into_iter()
        .chain(coderd_databases().map(|(_, it)| it))
    {
        add_large(&database, 2000, "eu");
        for number in 1..=2 * CLAIMERS as u64 {
            add_large(&database, 2000 + number, "us");
        }
        let running: Vec<Running> = (0..CLAIMERS)
            .map(|n| {
                let lines = (0..3).map(|m| line("large", "ada", &format!("box-{n}-{m}")));
                start_batch(&database, "2", lines.collect())
            })
            .collect();
        let outputs: Vec<Output> = running.into_iter().map(Running::wait).collect();
        let answers: Vec<Value> = outputs.iter().flat_map(answers).collect();
        assert_eq!(answers.len(), 3 * CLAIMERS);
        let claimed = answers.iter().filter(|it| it["status"] == "claimed");
        let claimed: BTreeSet<String> = claimed
            .map(|it| it["workspace_id"].as_str().unwrap().to_owned())
            .collect();
        let expected = (1..=2 * CLAIMERS as u64).map(|number| id(2000 + number));
        assert_eq!(claimed, expected.collect());
        assert_untouched(&database, 2000);
    }
}

#[test]
fn a_workspace_on_the_active_version_with_a_preset_of_another_is_passed_over() {
    everywhere(|database| {
        // A promotion while coderd makes workspaces: on the new version, with a preset of the old one.
        let made = Prebuilt {
            preset: OLD_SMALL,
            ..Prebuilt::new(2001, SMALL)
        };
        made.add(database);
        let plan = prebuildctl(["plan", "--format", "json"]).on(database).run();
        let plan = plan.json();
        let presets = plan["presets"].as_array().unwrap();
        assert!(
            presets.iter().all(|it| it["state"]["eligible"] == 0),
            "{plan}"
        );
        let old = ["--preset", &id(OLD_SMALL), "--user", "ada", "--name", "x"];
        refused(database, &old, 4, &["not the active one"]);
        let new = ["--preset", "small", "--user", "ada", "--name", "x"];
        refused(database, &new, 4, &["none is starting"]);
        assert_untouched(database, 2001);
    });
}
