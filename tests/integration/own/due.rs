//! Claimed workspaces whose time has come, and what keeps passes from stopping or starting them.

use super::lives::{apply, pools, run};
use crate::support::both;

#[test]
fn a_workspace_that_cannot_be_stopped_keeps_no_other_from_it_and_is_told_of_once() {
    both(|database| {
        let run = |command: &str| run(database, command);
        apply(database, &pools(2, ""));
        run("reconcile-once").ok();
        run("provision --drain --simulate --build-time 0s").ok();
        for name in ["bad", "good"] {
            run(&format!(
                "claim --preset small --user ada --name {name} --ttl 1h"
            ))
            .ok();
        }
        run("provision --drain --simulate --build-time 0s").ok();
        database.execute(
            "UPDATE workspace_builds SET deadline = '2026-01-05T08:00:00.000000Z' WHERE build_number = 2",
        );
        let bad = database.value("SELECT id FROM workspaces WHERE name = 'bad'");
        let bad = bad.expect("a workspace");
        let condition = format!("NEW.workspace_id = '{bad}'");
        database.refuse("INSERT ON workspace_builds", &condition, "out of luck");
        run("reconcile-once").expect_code(3);
        let stops =
            "SELECT w.name FROM workspace_builds AS b JOIN workspaces AS w ON w.id = b.workspace_id
            WHERE b.transition = 'stop'";
        assert_eq!(database.column(stops), ["good"]);
        for _ in 0..2 {
            run("reconcile-once").expect_code(1);
        }
        let history = run("history --event stop -o json").json();
        let entries = history["entries"].as_array().expect("entries");
        let messages = entries
            .iter()
            .map(|it| it["message"].as_str().unwrap_or_default());
        let messages: Vec<&str> = messages.collect();
        let [failed, stopped] = messages[..] else {
            panic!("{messages:?}");
        };
        assert!(
            failed.starts_with("ada/bad: failed: ") && failed.contains("out of luck"),
            "{failed}"
        );
        assert_eq!(stopped, "ada/good: its time was over");
    });
}
