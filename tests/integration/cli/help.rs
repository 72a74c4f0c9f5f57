//! What the program says of itself: version, manual pages, mistakes as lines of JSON.

use serde_json::Value;

use super::document;
use crate::support::pass;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::sqlite;

#[test]
fn the_long_version_tells_where_the_program_comes_from() {
    let version = env!("CARGO_PKG_VERSION");
    let long = prebuildctl(["--version"]).run();
    let begins = format!("prebuildctl {version} (");
    assert!(
        long.ok().starts_with(&begins) && long.stdout.ends_with(")\n"),
        "{long:?}"
    );
    let short = prebuildctl(["-V"]).run();
    assert_eq!(short.ok(), format!("prebuildctl {version}\n"));
}

#[test]
fn every_command_has_a_manual_page_with_its_exit_status_environment_and_files() {
    let dir = TestDir::new();
    prebuildctl(["man"]).arg(dir.path()).run().ok();
    let read = |name: &str| std::fs::read_to_string(dir.join(name)).unwrap();
    let entries = std::fs::read_dir(dir.path()).unwrap();
    let names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert!(names.len() > 35, "{names:?}");
    for name in &names {
        let page = read(name);
        for section in [
            "NAME",
            "SYNOPSIS",
            "DESCRIPTION",
            "\"EXIT STATUS\"",
            "ENVIRONMENT",
            "FILES",
        ] {
            assert!(
                page.contains(&format!(".SH {section}\n")),
                "{section} of {name}"
            );
        }
    }
    let page = read("prebuildctl-reconcile-once.1");
    assert!(
        page.contains(".SH EXAMPLES\n") && page.contains("\\-\\-limit\\-per template"),
        "{page}"
    );
    assert!(page.contains("CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT"));
    // The examples are those of commands that there are.
    let with_examples = names
        .iter()
        .filter(|name| read(name).contains(".SH EXAMPLES\n"));
    assert_eq!(with_examples.count(), 8);
}

#[test]
fn usage_errors_are_lines_of_json_where_log_lines_are() {
    let unknown_profile: &[&str] = &["plan", "--log-format=json", "--profile=nobody"];
    for (arguments, variable) in [
        (&["plan", "--log-format=json", "--no-such-flag"][..], ""),
        (&["--log-format", "json", "no-such-command"], ""),
        (&["plan", "--format=xml"], "json"),
        (&["claim", "--preset=x"], "json"),
        (unknown_profile, ""),
    ] {
        let run = prebuildctl(arguments);
        let output = match variable {
            "" => run.run(),
            format => run.env("PREBUILDCTL_LOG_FORMAT", format).run(),
        };
        output.expect_code(64);
        assert_eq!(output.stdout, "");
        let line: Value = serde_json::from_str(&output.stderr)
            .unwrap_or_else(|error| panic!("{error}: {arguments:?}: {output:?}"));
        assert_eq!(line["level"], "ERROR");
        let message = line["message"].as_str().unwrap();
        assert!(
            !message.starts_with("error:") && !message.contains('\u{1b}'),
            "{message}"
        );
    }
    let help = prebuildctl(["--help", "--log-format=json"]).run();
    assert!(help.ok().contains("Exit codes:\n  0 "), "{help:?}");
}

#[test]
fn a_report_is_one_line_where_log_lines_are_json() {
    let database = sqlite();
    let report = pass(&database, &["--log-format=json"]);
    assert_eq!(report.ok().lines().count(), 1, "{report:?}");
    assert_eq!(report.json()["outcome"], "nothing_to_do");
    let arguments = ["plan", "--snapshot=-", "-o", "json", "--log-format=json"];
    let plan = prebuildctl(arguments).stdin(document().to_string()).run();
    assert_eq!(plan.ok().lines().count(), 1);
    let indented = pass(&database, &[]);
    assert!(indented.ok().lines().count() > 1);
}
