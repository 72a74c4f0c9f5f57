//! What a person at a terminal sees, and what a log collector reads from standard error.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::Scene;
use crate::support::{sqlite, wait_until};

/// Runs the command line on a terminal of its own; its exit code and all that it shows there. None
/// where no tool for that is installed.
fn on_terminal(database: &Database, arguments: &str) -> Option<(i32, String)> {
    on_sized_terminal(database, "", arguments, 80, 24)
}

/// The same on a terminal of this size, with these variables set.
fn on_sized_terminal(
    database: &Database,
    variables: &str,
    arguments: &str,
    columns: usize,
    rows: usize,
) -> Option<(i32, String)> {
    let program = env!("CARGO_BIN_EXE_prebuildctl");
    let command = format!("stty cols {columns} rows {rows}; {variables} {program} {arguments}");
    let home = TestDir::new();
    let output = Command::new("script")
        .args(["-qec", &command, "/dev/null"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SHELL", "/bin/sh")
        .env("HOME", home.path())
        .env("PREBUILDCTL_DATABASE_URL", &database.url)
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no script command");
        return None;
    };
    let shown = String::from_utf8_lossy(&output.stdout).into_owned();
    Some((output.status.code().expect("an exit code"), shown))
}

#[test]
fn a_terminal_shows_the_data_and_nothing_about_the_program() {
    let database = sqlite();
    for (arguments, code) in [
        ("snapshot", 0),
        ("-v snapshot --color never", 0),
        ("snapshot --preset nobody", 1),
    ] {
        let Some((ended, shown)) = on_terminal(&database, arguments) else {
            return;
        };
        assert_eq!(ended, code, "{arguments}: {shown}");
        for noise in ["panicked", "ansi"] {
            assert!(!shown.contains(noise), "{arguments}: {shown}");
        }
    }
}

#[test]
fn colours_on_a_terminal_follow_the_flag() {
    let database = sqlite();
    for (color, expected) in [("auto", true), ("always", true), ("never", false)] {
        let arguments = format!("-v --color {color} snapshot --preset nobody");
        let Some((_, shown)) = on_terminal(&database, &arguments) else {
            return;
        };
        assert_eq!(shown.contains('\u{1b}'), expected, "{color}: {shown}");
    }
}

#[test]
fn every_line_on_standard_error_is_json_where_the_log_is() {
    let database = sqlite();
    let lines = |arguments: &[&str], code: i32| -> Vec<Value> {
        let arguments = ["--log-format", "json"].iter().chain(arguments);
        let output = prebuildctl(arguments).on(&database).run();
        output.expect_code(code);
        let parse = |line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        output.stderr.lines().map(parse).collect()
    };
    let [error] = &lines(&["snapshot", "--preset", "nobody"], 1)[..] else {
        panic!("not one line");
    };
    assert_eq!(error["level"], "ERROR");
    assert_eq!(error["target"], "prebuildctl");
    assert!(error["message"].as_str().unwrap().contains("nobody"));
    assert!(error["timestamp"].as_str().unwrap().ends_with('Z'));

    let provision = ["provision", "--simulate", "--drain"];
    let [status] = &lines(&provision, 0)[..] else {
        panic!("not one line");
    };
    assert_eq!(status["level"], "INFO");
    assert_eq!(
        status["message"],
        "0 builds succeeded, 0 failed, 0 cancelled."
    );
    assert!(lines(&[&["--quiet"], &provision[..]].concat(), 0).is_empty());
}

#[test]
fn a_terminal_cuts_names_in_the_middle_and_breaks_no_line() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let version = scene.template("a-template-with-a-name-that-no-terminal-is-wide-enough-for");
    scene.preset(&version, "small", 6);
    for columns in [60, 80, 140] {
        for command in ["snapshot --color never", "plan --color never"] {
            let Some((_, shown)) = on_sized_terminal(&database, "", command, columns, 50) else {
                return;
            };
            let widest = shown
                .lines()
                .filter(|line| !line.starts_with("Plan for"))
                .map(|line| line.trim_end().chars().count())
                .max();
            assert!(widest <= Some(columns), "{columns}: {shown}");
            assert!(shown.contains("/small "), "{shown}");
            assert_eq!(shown.contains('…'), columns < 140, "{shown}");
        }
    }
}

#[test]
fn what_is_longer_than_the_terminal_goes_through_the_pager() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let version = scene.template("web");
    for number in 0..30 {
        scene.preset(&version, &format!("p{number}"), 1);
    }
    let pager = "PAGER='sed s/^/paged:/'";
    for (command, rows, paged) in [
        ("snapshot", 20, true),
        ("snapshot", 60, false),
        ("snapshot --no-pager", 20, false),
    ] {
        let Some((code, shown)) = on_sized_terminal(&database, pager, command, 80, rows) else {
            return;
        };
        assert_eq!(code, 0, "{shown}");
        assert_eq!(shown.contains("paged:web/p7"), paged, "{command}: {shown}");
        assert_eq!(shown.matches("web/p7 ").count(), 1, "{command}: {shown}");
    }
    let missing = "PAGER=no-such-pager";
    if let Some((_, shown)) = on_sized_terminal(&database, missing, "snapshot", 80, 20) {
        assert_eq!(shown.matches("web/p7 ").count(), 1, "{shown}");
    }
}

#[test]
fn a_watched_table_is_drawn_again_and_again_until_a_signal() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    for number in 0..40 {
        scene.preset(&web, &format!("p{number}"), 1);
    }
    // Its terminal is kept in a file, and the program's number in another.
    let home = TestDir::new();
    let program = env!("CARGO_BIN_EXE_prebuildctl");
    let command = "stty cols 80 rows 24; echo $$ > number; exec $PROGRAM snapshot --watch 10ms";
    let terminal = Command::new("script")
        .args(["-qefc", command, "shown"])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("SHELL", "/bin/sh")
        .env("PROGRAM", program)
        .env("PREBUILDCTL_DATABASE_URL", &database.url)
        .current_dir(home.path())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .spawn();
    let Ok(mut terminal) = terminal else {
        eprintln!("skipped: there is no script command");
        return;
    };
    let read = |name: &str| std::fs::read_to_string(home.join(name)).unwrap_or_default();
    wait_until("the table is drawn twice", || {
        read("shown").matches("every 10ms (Ctrl-C ends)").count() >= 2
    });
    let kill = Command::new("kill")
        .args(["-INT", read("number").trim()])
        .status();
    assert!(kill.unwrap().success());
    let code = terminal.wait().unwrap().code();
    let shown = read("shown");
    assert_eq!(code, Some(130), "{shown}");
    assert!(
        !shown.contains("error") && !shown.contains("SIGINT"),
        "{shown}"
    );
    // No more than fits, and the cursor is back.
    assert!(shown.contains(" more lines"), "{shown}");
    let (hidden, back) = (shown.find("\u{1b}[?25l"), shown.rfind("\u{1b}[?25h"));
    assert!(hidden.is_some() && hidden < back, "{shown}");
}

#[test]
fn nothing_is_watched_without_a_terminal() {
    let database = sqlite();
    let output = prebuildctl(["plan", "--watch"]).on(&database).run();
    output.expect_code(64);
    assert!(output.stderr.contains("--watch draws"), "{output:?}");
}
