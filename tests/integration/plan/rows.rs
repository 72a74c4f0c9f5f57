//! Which presets the tables of `snapshot`, `plan` and `doctor` show, and how they sum up.

use crate::support::database::Database;
use crate::support::everywhere;
use crate::support::process::{Output, prebuildctl};
use crate::support::scene::{Job, Scene};

/// In template `web` a pool that is full, one that is being filled and one that needs a workspace; in
/// `ml`, of another organization, one that is full and three that are wrong.
fn fill(database: &Database) {
    let scene = Scene::new(database);
    let web = scene.template("web");
    let full = scene.preset(&web, "full", 1);
    scene.prebuild(&web, &full, Job::Succeeded, 60);
    let filling = scene.preset(&web, "filling", 1);
    scene.prebuild(&web, &filling, Job::Running, 60);
    scene.preset(&web, "short", 2);
    let ml = scene.template("ml");
    let organization = scene.organization("labs");
    scene.execute(&format!(
        "UPDATE templates SET organization_id = '{organization}' WHERE id = '{}'",
        ml.template
    ));
    let calm = scene.preset(&ml, "calm", 1);
    scene.prebuild(&ml, &calm, Job::Succeeded, 60);
    for name in ["a", "b", "c"] {
        scene.preset(&ml, name, -1);
    }
}

fn run(database: &Database, arguments: &str) -> Output {
    let output = prebuildctl(arguments.split(' ')).on(database).run();
    output.ok();
    output
}

/// The first column of the rows.
fn names(database: &Database, arguments: &str) -> Vec<String> {
    let output = run(database, &format!("{arguments} -o name"));
    output.stdout.lines().map(str::to_owned).collect()
}

const WRONG: [&str; 3] = ["labs/ml/a", "labs/ml/b", "labs/ml/c"];

#[test]
fn a_plan_shows_what_changes_or_is_wrong_and_counts_the_rest() {
    everywhere(|database| {
        fill(database);
        let notable = ["acme/web/filling", "acme/web/short"];
        assert_eq!(names(database, "plan"), [&notable[..], &WRONG].concat());
        let plan = run(database, "plan");
        let rest = "Not shown: 2 presets with nothing to do (--all shows them).\n";
        assert!(plan.stdout.contains(rest), "{plan:?}");

        let all = names(database, "plan --all");
        assert_eq!(all.len(), 7);
        assert!(!run(database, "plan --all").stdout.contains("Not shown"));
        // Whoever names a preset wants to know of it.
        assert_eq!(names(database, "plan --preset full"), ["acme/web/full"]);
        assert_eq!(
            run(database, "plan -o json").json()["presets"]
                .as_array()
                .unwrap()
                .len(),
            7
        );
    });
}

#[test]
fn only_problems_are_shown_where_these_are_asked_for() {
    everywhere(|database| {
        fill(database);
        let short = ["acme/web/filling", "acme/web/short"];
        let problems = [&short[..], &WRONG].concat();
        for command in ["snapshot", "plan"] {
            assert_eq!(names(database, &format!("{command} --problems")), problems);
            let shown = run(database, &format!("{command} --problems"));
            let rest = "Not shown: 2 presets without a problem.\n";
            assert!(shown.stdout.contains(rest), "{shown:?}");
        }
        assert_eq!(names(database, "snapshot").len(), 7);

        let checks = |arguments: &[&str]| -> Vec<String> {
            let doctor = prebuildctl(["doctor", "-o", "csv", "--no-headers"]);
            let doctor = arguments
                .iter()
                .fold(doctor, |doctor, word| doctor.arg(word));
            let output = doctor.on(database).run();
            output.expect_code(1);
            output.stdout.lines().map(str::to_owned).collect()
        };
        let is_fine = |line: &String| line.split(',').nth(1) == Some("ok");
        assert!(checks(&[]).iter().any(is_fine));
        let problems = checks(&["--problems"]);
        assert!(
            !problems.is_empty() && !problems.iter().any(is_fine),
            "{problems:?}"
        );
    });
}

#[test]
fn groups_sum_up_the_presets_of_a_template_or_an_organization() {
    everywhere(|database| {
        fill(database);
        let rows = run(database, "snapshot --group-by template -o csv");
        let expected = "template,presets,desired,running,ready,starting,deleting,expired,problems\n\
                        acme/web,3,4,1,1,1,0,0,2\n\
                        labs/ml,4,1,1,1,0,0,0,3\n";
        assert_eq!(rows.stdout, expected);
        let rows = run(database, "plan --group-by organization --all -o csv");
        let expected = "organization,presets,desired,running,create,delete,cancel,blocked,problems\n\
                        acme,3,4,1,2,0,0,0,2\n\
                        labs,4,1,1,0,0,0,0,3\n";
        assert_eq!(rows.stdout, expected);
        let table = run(database, "plan --group-by organization --all");
        assert!(table.stdout.contains("TOTAL"), "{table:?}");
        assert!(
            table.stdout.contains("2 to create; 7 presets considered"),
            "{table:?}"
        );
        // Only of what is shown.
        let rows = run(
            database,
            "plan --group-by organization --problems -o csv --no-headers",
        );
        assert_eq!(rows.stdout, "acme,2,3,0,2,0,0,0,2\nlabs,3,0,0,0,0,0,0,3\n");
    });
}

#[test]
fn what_is_wrong_is_a_line_for_each_kind_on_standard_error_and_no_error() {
    everywhere(|database| {
        fill(database);
        for command in ["plan", "plan -o csv"] {
            let plan = run(database, command);
            assert!(
                !plan.stdout.contains("[negative_desired_instances]"),
                "{plan:?}"
            );
            let said = |text: &str| -> Vec<String> {
                let lines = text.lines().filter(|line| line.contains("[negative_"));
                lines.map(str::to_owned).collect()
            };
            let [line] = &said(&plan.stderr)[..] else {
                panic!("{plan:?}");
            };
            let beginning = "warning: 3 presets, such as labs/ml/a: ";
            assert!(line.starts_with(beginning), "{line}");
            let each = run(database, &format!("-v {command}"));
            assert_eq!(said(&each.stderr).len(), 3, "{each:?}");
        }
        // A page of its own has them as well.
        let page = run(database, "plan -o markdown").stdout;
        assert!(
            page.contains("Warning: 3 presets, such as labs/ml/a: "),
            "{page}"
        );
    });
}
