//! The forms of tables: what programs get is whole, a row a line, and nothing but rows.

use serde_json::Value;

use super::assert_error;
use crate::support::database::Database;
use crate::support::everywhere;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;

const LONG: &str = "a-template-whose-name-is-as-long-as-the-database-takes-it-today";

/// Two pools: one is full, the builds of the other one fail. The id of the full one.
fn fill(database: &Database) -> String {
    let scene = Scene::new(database);
    let version = scene.template(LONG);
    let small = scene.preset(&version, "small", 1);
    let broken = scene.preset(&version, "large, \"broken\"", 10);
    scene.prebuild(&version, &small, Job::Succeeded, 7200);
    for age in [180, 120, 60] {
        scene.prebuild(&version, &broken, Job::Failed, age);
    }
    small
}

fn run(database: &Database, arguments: &str) -> Output {
    prebuildctl(arguments.split_whitespace()).on(database).run()
}

#[test]
fn a_row_of_a_piped_table_is_a_line_with_everything_in_it() {
    everywhere(|database| {
        fill(database);
        let shown = run(database, "snapshot");
        let lines: Vec<&str> = shown.ok().lines().collect();
        assert_eq!(lines.len(), 4, "{lines:#?}");
        assert!(lines[0].starts_with("PRESET "), "{lines:#?}");
        assert!(
            lines[1].starts_with(&format!("{LONG}/large, \"broken\" ")),
            "{lines:#?}"
        );
        assert!(
            lines[1].contains("hard limited") && lines[1].ends_with("3 failed"),
            "{lines:#?}"
        );
        assert!(
            lines[2].starts_with(&format!("{LONG}/small ")),
            "{lines:#?}"
        );
        assert!(lines[3].starts_with("TOTAL "), "{lines:#?}");
        // What a plan has several of in a row stands side by side.
        let planned = run(database, "plan --all");
        let rows = planned.ok().lines().filter(|line| line.starts_with(LONG));
        assert_eq!(rows.count(), 2, "{planned:?}");
    });
}

#[test]
fn values_for_programs_have_stable_columns_whole_names_and_no_totals() {
    everywhere(|database| {
        let id = fill(database);
        let csv = run(database, "snapshot -o csv --sort preset");
        let lines: Vec<&str> = csv.ok().lines().collect();
        let headers = "preset,desired,running,ready,starting,deleting,expired,notes,version,id";
        assert_eq!(lines[0], headers);
        assert!(
            lines[1].starts_with(&format!(
                "\"acme/{LONG}/large, \"\"broken\"\"\",10,0,0,0,0,0,"
            )),
            "{lines:#?}"
        );
        assert_eq!(lines[2], format!("acme/{LONG}/small,1,1,1,0,0,0,,v1,{id}"));
        assert_eq!(lines.len(), 3);
        assert_eq!(csv.stderr, "");

        let tsv = run(
            database,
            "plan -o tsv --no-headers --columns id,action,preset --preset small",
        );
        assert_eq!(tsv.ok(), format!("{id}\t-\tacme/{LONG}/small\n"));
        // The sentence below the table is not data.
        assert!(
            tsv.stderr.contains("nothing to do; 1 preset considered."),
            "{tsv:?}"
        );
        assert_eq!(run(database, "-q plan -o tsv").stderr, "");

        let names = run(database, "plan -o name --all");
        let broken = format!("acme/{LONG}/large, \"broken\"");
        assert_eq!(names.ok(), format!("{broken}\nacme/{LONG}/small\n"));
        let again = prebuildctl(["snapshot", "-o", "name", "--preset", &broken])
            .on(database)
            .run();
        assert_eq!(again.ok(), format!("{broken}\n"));
    });
}

#[test]
fn rows_are_ordered_by_a_column_numbers_by_value_and_the_totals_stay_last() {
    everywhere(|database| {
        fill(database);
        let desired = |sort: &str| {
            let arguments = format!("snapshot --columns desired --no-headers --sort {sort}");
            run(database, &arguments)
                .ok()
                .split_whitespace()
                .map(str::to_owned)
                .collect::<Vec<_>>()
        };
        assert_eq!(desired("desired"), ["1", "10", "11"]);
        assert_eq!(desired("-desired"), ["10", "1", "11"]);
        assert_eq!(desired("READY"), ["10", "1", "11"]);
    });
}

#[test]
fn a_column_that_no_table_has_is_a_usage_error_that_lists_them() {
    everywhere(|database| {
        fill(database);
        for arguments in [
            "snapshot --columns preset,sise",
            "snapshot --sort sise -o csv",
        ] {
            assert_error(
                &run(database, arguments),
                64,
                &["no column \"sise\"", "\"ready\"", "\"notes\""],
            );
        }
    });
}

#[test]
fn yaml_holds_the_same_document_as_json() {
    everywhere(|database| {
        fill(database);
        let at = "--at 2026-03-04T12:00:00Z";
        let json = run(database, &format!("snapshot -o json {at}")).json();
        let yaml = run(database, &format!("snapshot -o yaml {at}"));
        let read: Value = serde_saphyr::from_str(yaml.ok()).expect("YAML");
        assert_eq!(read, json);
    });
}

#[test]
fn a_claim_is_a_sentence_for_people_and_a_row_for_programs() {
    everywhere(|database| {
        fill(database);
        let claimed = run(
            database,
            "claim --preset small --user ann --name mine -o name",
        );
        assert_eq!(claimed.ok(), "mine\n");
        assert!(
            claimed.stderr.starts_with("Claimed workspace mine ("),
            "{claimed:?}"
        );
    });
}

#[test]
fn a_table_without_rows_still_has_its_headers_for_programs() {
    everywhere(|database| {
        Scene::new(database);
        let headers = "preset,created,deleted,cancelled,error,id\n";
        assert_eq!(run(database, "reconcile-once -o csv").ok(), headers);
    });
}

#[test]
fn a_mistake_in_what_is_shown_does_not_hide_what_was_done() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "small", 2);
        let pass = prebuildctl(["reconcile-once", "--columns", "nonsense", "--sort", "no"]);
        let pass = pass.on(database).run();
        assert!(pass.ok().contains("web/small"), "{pass:?}");
        assert!(
            pass.stderr
                .contains("warning: --columns: this table has no column \"nonsense\"")
        );
        assert_eq!(database.count(WORKSPACES), 2);
        let plan = prebuildctl(["plan", "--all", "--columns", "nonsense"]);
        plan.on(database).run().expect_code(64);
    });
}
