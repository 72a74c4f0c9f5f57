//! The configuration file, its profiles, and where the database's URL comes from.

use std::fs::{Permissions, create_dir_all, set_permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::Value;

use super::assert_error;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::report::counts;
use crate::support::scene::{Job, Scene};
use crate::support::{both, everywhere, pass, postgres, sqlite};

/// Writes the file that a user of this home folder has.
fn configure(home: &TestDir, text: &str) {
    let folder = home.join(".config/prebuildctl");
    create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config.toml"), text).unwrap();
}

fn set_mode(path: &Path, mode: u32) {
    set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Value and source of a setting.
fn shown<'a>(shown: &'a Value, name: &str) -> (String, &'a str) {
    let settings = shown["settings"].as_array().unwrap();
    let setting = settings.iter().find(|it| it["name"] == name).unwrap();
    let values = setting["values"].as_array().unwrap().iter();
    let values: Vec<&str> = values.map(|it| it.as_str().unwrap()).collect();
    (values.join(","), setting["source"].as_str().unwrap())
}

#[test]
fn config_show_says_every_value_and_what_gave_it() {
    let home = TestDir::new();
    configure(
        &home,
        "database_url = 'sqlite:here.db'\nformat = 'json'\ntimeout = '1m'\nmax_delete = '10%'\n\
         [profiles.prod]\ntimeout = '2m'\nmax_create = 7\ntemplate = ['web', 'data']\n",
    );
    let show = |arguments: &[&str]| {
        let command = ["config", "show"].iter().chain(arguments);
        let run = prebuildctl(command).within(&home);
        run.env("CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT", "9")
    };
    let prod = show(&["--profile=prod", "--connect-timeout=3s"])
        .run()
        .json();
    let file = home.join(".config/prebuildctl/config.toml");
    assert_eq!(prod["file"], file.to_str().unwrap());
    assert_eq!(prod["profile"], "prod");
    let line = |number| format!("line {number}");
    let in_prod = |number| format!("profile \"prod\", line {number}");
    let url_source = format!("line 1 of {file:?}");
    for (name, value, source) in [
        ("database_url", "SQLite database \"here.db\"", url_source),
        ("format", "json", line(2)),
        ("timeout", "2m", in_prod(6)),
        ("max_create", "7", in_prod(7)),
        ("template", "web,data", in_prod(8)),
        ("max_delete", "10%", line(4)),
        ("connect_timeout", "3s", "--connect-timeout".to_owned()),
        (
            "failure_hard_limit",
            "9",
            "CODER_WORKSPACE_PREBUILDS_FAILURE_HARD_LIMIT".to_owned(),
        ),
        ("backoff_interval", "1m", "default".to_owned()),
        ("organization", "", "default".to_owned()),
    ] {
        assert_eq!(
            shown(&prod, name),
            (value.to_owned(), source.as_str()),
            "{name}"
        );
    }

    let table = show(&["--format=table", "--profile=prod"]).run();
    assert!(table.ok().contains("with the profile prod"), "{table:?}");
    let plain = prebuildctl(["config", "show", "-o", "json"]).run().json();
    assert_eq!(
        (&plain["file"], &plain["profile"]),
        (&Value::Null, &Value::Null)
    );
    let nobody = prebuildctl(["config", "show", "-o", "json"])
        .within(&home)
        .env("PREBUILDCTL_CONFIG", "/dev/null")
        .run();
    assert_eq!(shown(&nobody.json(), "timeout").1, "default");
}

#[test]
fn a_mistake_in_the_file_is_a_usage_error_with_its_line() {
    let home = TestDir::new();
    configure(&home, "[profiles.prod]\n\nmax_delet = 3\n");
    let refused = |arguments: &[&str], named: &[&str]| {
        let output = prebuildctl(arguments).within(&home).run();
        assert_error(&output, 64, named);
    };
    let named = ["config.toml", "line 3", "max_delet", "\"max_delete\""];
    refused(&["plan"], &named);
    configure(&home, "[profiles.prod]\n[profiles.test]\n");
    refused(
        &["plan", "--profile=prd"],
        &["\"prd\"", "\"prod\"", "\"test\""],
    );
    refused(&["plan", "--config=nowhere.toml"], &["nowhere.toml"]);
    refused(&["plan", "--config=."], &["is a folder"]);
    // Nothing that needs no run is in its way.
    prebuildctl(["--help"]).within(&home).run().ok();
    let output = prebuildctl(["plan", "--profile=x"]).run();
    assert_error(&output, 64, &["there is no configuration file"]);
}

#[test]
fn limits_and_filters_of_a_profile_hold_as_flags_do() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let data = scene.template("data");
        scene.preset(&data, "pool", 1);
        let dir = TestDir::new();
        let file = dir.write(
            "c.toml",
            "format = 'json'\n[profiles.web]\ntemplate = 'web'\nmax_create = 2\n[profiles.data]\ntemplate = ['data']\n",
        );
        let run = |arguments: &[&str]| {
            let command = ["reconcile-once"].iter().chain(arguments);
            let run = prebuildctl(command).on(database);
            run.env("PREBUILDCTL_CONFIG", &file).run()
        };
        let before = database.dump();
        let refused = run(&["--profile=web"]);
        refused.expect_code(6);
        assert!(refused.stderr.contains("--max-create 2"), "{refused:?}");
        assert!(before == database.dump());
        let report = run(&["--profile=data"]).json();
        assert_eq!(counts(&report), [1, 0, 0, 0, 0]);
        let report = run(&["--profile=web", "--max-create=3"]).json();
        assert_eq!(counts(&report), [3, 0, 0, 0, 0]);
    });
}

#[test]
fn an_approved_plan_is_carried_out_whole_whatever_the_profile_says() {
    both(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.preset(&web, "pool", 3);
        let dir = TestDir::new();
        let plan = dir.join("plan.json");
        prebuildctl(["plan", "--out"])
            .arg(&plan)
            .on(database)
            .run()
            .ok();
        let file = dir.write(
            "c.toml",
            "max_in_flight = 1\nkeep_until_ready = true\ntemplate = 'web'\n",
        );
        let arguments = [
            "--config",
            file.to_str().unwrap(),
            "--plan",
            plan.to_str().unwrap(),
        ];
        assert_eq!(counts(&pass(database, &arguments).json()), [3, 0, 0, 0, 0]);
    });
}

#[test]
fn the_url_can_be_in_a_file_in_a_credential_or_in_a_profile() {
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    scene.prebuild(&web, &pool, Job::Succeeded, 60);
    let dir = TestDir::new();
    let url = dir.write("database-url", &format!("{}\n", database.url));
    let file = dir.write(
        "c.toml",
        &format!("[profiles.one]\ndatabase_url = '{}'\n", database.url),
    );
    let other = dir.write("d.toml", &format!("database_url_file = {url:?}\n"));
    let names = |run: Output| run.ok().trim().to_owned();
    let list = || prebuildctl(["list", "-o", "name"]);
    let expected = names(list().on(&database).run());
    assert!(expected.starts_with("prebuilds/"), "{expected}");
    let nowhere = "sqlite:nowhere.db";
    let by_file = list().env("PREBUILDCTL_DATABASE_URL_FILE", &url);
    assert_eq!(names(by_file.env("DATABASE_URL", nowhere).run()), expected);
    let by_credential = list().env("CREDENTIALS_DIRECTORY", dir.path());
    assert_eq!(
        names(by_credential.env("CODER_PG_CONNECTION_URL", nowhere).run()),
        expected
    );
    let by_profile = list().arg("--config").arg(&file).arg("--profile=one");
    assert_eq!(names(by_profile.run()), expected);
    assert_eq!(names(list().arg("--config").arg(&other).run()), expected);

    // A variable goes before a profile that was asked for, and that is said.
    let passed_over = list().arg("--config").arg(&file).arg("--profile=one");
    let passed_over = passed_over.env("DATABASE_URL", nowhere).run();
    assert_error(
        &passed_over,
        1,
        &["DATABASE_URL, which goes before", "nowhere.db"],
    );
    let missing = list().env("PREBUILDCTL_DATABASE_URL_FILE", "nowhere").run();
    assert_error(
        &missing,
        64,
        &[
            "PREBUILDCTL_DATABASE_URL_FILE",
            "\"nowhere\"",
            "can't be read",
        ],
    );
    let empty = dir.write("empty", "\n");
    let empty = list().env("PREBUILDCTL_DATABASE_URL_FILE", &empty).run();
    assert_error(&empty, 64, &["PREBUILDCTL_DATABASE_URL_FILE", "is empty"]);
}

const SECRET: &str = "hunter2-of-nobody";

#[test]
fn a_password_that_others_can_see_is_warned_of_and_shown_nowhere() {
    let dir = TestDir::new();
    let url = format!("postgres://ann:{SECRET}@db.example.com/coder");
    let show = || prebuildctl(["config", "show", "-o", "json"]);
    let said = |run: Output| {
        assert!(
            !run.ok().contains(SECRET) && !run.stderr.contains(SECRET),
            "{run:?}"
        );
        run.stderr
    };
    let flag = said(show().args(&["--database-url", &url]).run());
    assert!(flag.contains("password on the command line"), "{flag}");
    let without = show().args(&["--database-url", "postgres://db.example.com/coder"]);
    assert_eq!(said(without.run()), "");
    assert_eq!(said(show().env("PREBUILDCTL_DATABASE_URL", &url).run()), "");

    let file = dir.write("url", &url);
    let profile = dir.write("c.toml", &format!("database_url = '{url}'\n"));
    for (mode, is_warned_of) in [(0o644, true), (0o600, false), (0o620, true)] {
        set_mode(&file, mode);
        set_mode(&profile, mode);
        let by_file = said(show().env("PREBUILDCTL_DATABASE_URL_FILE", &file).run());
        let by_profile = said(show().arg("--config").arg(&profile).run());
        for said in [by_file, by_profile] {
            let is_said = said.contains(&format!("mode {mode:04o}")) && said.contains("chmod 600");
            assert_eq!(is_said, is_warned_of, "{said}");
        }
    }
}

#[test]
fn passwords_are_taken_from_pgpass_and_its_mode_is_warned_of() {
    let Some(database) = postgres() else { return };
    let home = TestDir::new();
    let file = home.write(".pgpass", &format!("*:*:*:*:{SECRET}\n"));
    let run = || prebuildctl(["snapshot", "-q"]).within(&home).on(&database);
    set_mode(&file, 0o600);
    assert_eq!(run().run().expect_code(0).stderr, "");
    set_mode(&file, 0o640);
    let output = run().run();
    output.ok();
    let has_password = database.url.contains("@")
        && database.url.split('@').next().unwrap().matches(':').count() > 1;
    assert_eq!(
        output.stderr.contains(".pgpass\" are not used"),
        !has_password,
        "{output:?}"
    );
}
