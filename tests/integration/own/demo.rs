//! `demo`: the tour runs to its end, and touches nothing that was there before.

use crate::support::process::{TestDir, prebuildctl};

#[test]
fn the_tour_ends_with_a_full_pool_and_nothing_left_to_do() {
    let dir = TestDir::new();
    let output = prebuildctl(["demo", "my tour"]).within(&dir).run();
    let told = output.ok();
    assert!(told.contains("$ prebuildctl reconcile-once\n"), "{told}");
    assert!(told.contains("\n   $ cd 'my tour'\n"), "{told}");

    let url = format!("sqlite:{}", dir.join("my tour/prebuilds.db").display());
    let on = |command: &[&str]| {
        prebuildctl(command)
            .env("PREBUILDCTL_DATABASE_URL", &url)
            .run()
    };
    let plan = on(&["plan", "--detailed-exitcode", "--format", "json"]).json();
    let states: Vec<(&str, i64, i64)> = plan["presets"]
        .as_array()
        .expect("presets")
        .iter()
        .map(|it| {
            let count = |key: &str| it["state"][key].as_i64().expect("a count");
            let name = it["preset"]["name"].as_str().expect("a name");
            (name, count("eligible"), count("desired"))
        })
        .collect();
    assert_eq!(states, [("america", 2, 2), ("europe", 4, 4)]);
    let again = prebuildctl(["demo", "my tour"]).within(&dir).run();
    again.expect_code(1);
}

#[test]
fn the_steps_follow_the_options_of_the_call() {
    let dir = TestDir::new();
    let run = |name: &str, arguments: &[&str]| {
        let command = ["demo", name];
        let run = prebuildctl(command.iter().chain(arguments)).within(&dir);
        run.env("PREBUILDCTL_FORMAT", "json").run()
    };
    // As JSON, nothing but documents.
    let output = run("documents", &[]);
    let documents: Vec<serde_json::Value> = serde_json::Deserializer::from_str(output.ok())
        .into_iter()
        .map(|document| document.expect("JSON"))
        .collect();
    assert!(documents.len() >= 6, "{output:?}");
    assert!(output.stderr.contains("The pools are full."), "{output:?}");

    let output = run("quiet", &["--format", "table", "--quiet"]);
    assert!(!output.ok().contains("\"version\""), "{output:?}");
    assert_eq!(output.stderr, "");

    let output = run("colours", &["--format", "table", "--color", "always"]);
    assert!(output.ok().contains('\u{1b}'), "{output:?}");
}

#[test]
fn a_folder_with_anything_in_it_is_left_alone() {
    let dir = TestDir::new();
    let pools = dir.write("pools.toml", "mine");
    let output = prebuildctl(["demo", "."]).within(&dir).run();
    output.expect_code(1);
    assert!(output.stderr.contains("is not empty"), "{output:?}");
    assert_eq!(output.stdout, "");
    assert_eq!(std::fs::read_to_string(pools).expect("a file"), "mine");
    assert!(!dir.join("prebuilds.db").exists());

    // What is no folder is left alone too.
    dir.write("file", "mine");
    let output = prebuildctl(["demo", "file"]).within(&dir).run();
    output.expect_code(1);
    let kept = std::fs::read_to_string(dir.join("file"));
    assert_eq!(kept.expect("a file"), "mine");
}
