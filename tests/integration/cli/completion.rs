//! Completion: what a shell is told can follow, from the database of the line.

use crate::support::database::Database;
use crate::support::process::{Output, Prebuildctl, TestDir, prebuildctl};
use crate::support::scene::Scene;
use crate::support::{everywhere, sqlite};

/// Asks as the script for bash does, for what can stand in the place of the last word.
fn ask(words: &[&str]) -> Prebuildctl {
    let index = words.len().to_string();
    prebuildctl(["--", "prebuildctl"].iter().chain(words))
        .env("COMPLETE", "bash")
        .env("_CLAP_IFS", "\n")
        .env("_CLAP_COMPLETE_INDEX", index)
        .env("_CLAP_COMPLETE_COMP_TYPE", "9")
        .env("_CLAP_COMPLETE_SPACE", "false")
}

fn candidates(output: &Output) -> Vec<&str> {
    assert_eq!((output.code, output.stderr.as_str()), (0, ""), "{output:?}");
    output.stdout.lines().collect()
}

#[track_caller]
fn assert_offered(database: &Database, words: &[&str], expected: &[&str]) {
    let output = ask(words).on(database).run();
    assert_eq!(candidates(&output), expected, "{words:?}");
}

#[test]
fn bash_is_offered_no_name_that_it_would_split_or_run() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.preset(&web, "$(touch pwned)", 1);
    scene.preset(&web, "two words", 1);
    scene.preset(&web, "plain", 1);
    assert_offered(&database, &["plan", "--preset", ""], &["plain"]);
    let fish = ask(&["plan", "--preset", ""]).env("COMPLETE", "fish");
    let offered = fish.on(&database).run();
    assert_eq!(
        candidates(&offered),
        ["$(touch pwned)", "plain", "two words"]
    );
}

#[test]
fn names_of_the_database_are_offered() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let (web, data) = (scene.template("web"), scene.template("data"));
        scene.preset(&web, "small", 1);
        scene.preset(&web, "large", 1);
        scene.preset(&data, "large", 1);
        let large = ["data/large", "web/large"];
        assert_offered(
            database,
            &["plan", "--preset", ""],
            &["data/large", "small", "web/large"],
        );
        assert_offered(
            database,
            &["claim", "--preset", "web/"],
            &["web/large", "web/small"],
        );
        assert_offered(database, &["invalidate", "acme/d"], &["acme/data/large"]);
        assert_offered(database, &["wait", "d"], &large[..1]);
        assert_offered(database, &["snapshot", "--template", ""], &["data", "web"]);
        assert_offered(database, &["snapshot", "--organization", "a"], &["acme"]);
        let name = database.column(&format!(
            "SELECT username FROM users WHERE id = '{}'",
            scene.person
        ));
        let begun = name[0][..2].to_uppercase();
        let users = ask(&["claim", "--user", &begun]).on(database).run();
        assert_eq!(candidates(&users), [name[0].as_str()]);
    });
}

#[test]
fn flags_of_the_line_say_which_database() {
    let database = sqlite();
    let scene = Scene::new(&database);
    scene.preset(&scene.template("web"), "small", 1);
    let url = format!("--database-url={}", database.url);
    let by_flag = ask(&["plan", &url, "--preset", "s"]).run();
    assert_eq!(candidates(&by_flag), ["small"]);
    let dir = TestDir::new();
    let text = format!("[profiles.here]\ndatabase_url = '{}'\n", database.url);
    let config = format!("--config={}", dir.write("c.toml", &text).display());
    let by_profile = ask(&[&config, "--profile=here", "plan", "--preset", ""]).run();
    assert_eq!(candidates(&by_profile), ["small"]);
}

#[test]
fn a_database_that_is_away_gives_nothing_and_says_nothing() {
    // Nobody answers there, and nobody refuses.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let silent = format!("postgres://ann@{address}/coder");
    for url in [
        "sqlite:nowhere.db",
        "mysql://x",
        "postgres://127.0.0.1:1/x",
        &silent,
    ] {
        let output = ask(&["plan", "--preset", ""])
            .env("PREBUILDCTL_DATABASE_URL", url)
            .run();
        assert_eq!(candidates(&output), [""; 0], "{url}");
    }
}

#[test]
fn every_shell_gets_a_script_that_asks_the_program() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = prebuildctl(["completions", shell]).run();
        assert!(script.ok().contains("COMPLETE"), "{script:?}");
        assert!(script.stdout.contains("prebuildctl"), "{script:?}");
    }
    let flags = ask(&["reconcile-once", "--limit-p"]).run();
    assert_eq!(candidates(&flags), ["--limit-per"]);
}
