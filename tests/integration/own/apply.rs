//! `apply` on both databases: what a file declares is what is stored, once, and nothing else.

use crate::support::database::Database;
use crate::support::process::{Output, Running, TestDir, prebuildctl};
use crate::support::{Coder, both, coder};

/// Something of everything that a file can declare.
const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "web"
    description = "Der Läufer"
    tags = { cluster = "eu-1" }
    [[templates.parameters]]
    name = "cores"
    type = "number"
    default = 2
    mutable = true
    validation = { min = 1, max = 32, monotonic = "increasing", error = "1 to 32" }
    [[templates.parameters]]
    name = "region"
    options = ["eu", { value = "us", name = "USA", description = "slower", icon = "/us.svg" }]
    form_type = "dropdown"
    order = 3
    [[templates.presets]]
    name = "small"
    icon = "/small.svg"
    default = true
    parameters = { cores = 4, region = "us" }
    instances = 3
    ttl = "8h"
    timezone = "Europe/Berlin"
    schedules = [{ cron = "* 8-18 * * 1-5", instances = 10 }, { cron = "* 9 * * 6", instances = 1 }]
    [[templates.presets]]
    name = "plain"
"#;

fn start(database: &Database, dir: &TestDir, pools: &str) -> Running {
    let file = dir.write("pools.toml", pools);
    prebuildctl(["apply".as_ref(), file.as_os_str()])
        .on(database)
        .spawn()
}

fn apply(database: &Database, pools: &str) -> Output {
    start(database, &TestDir::new(), pools).wait()
}

/// The rows of a statement with `|` between the columns.
fn lines(database: &Database, sql: &str) -> Vec<String> {
    let line = |row: Vec<Option<String>>| {
        let columns = row.into_iter().map(|column| column.unwrap_or("-".into()));
        columns.collect::<Vec<_>>().join("|")
    };
    database.rows(sql).into_iter().map(line).collect()
}

#[test]
fn a_minimum_and_a_maximum_are_a_rule_without_an_error_text_as_well() {
    both(|database| {
        let pools = POOLS.replace(", monotonic = \"increasing\", error = \"1 to 32\"", "");
        let pools = pools.replace("name = \"plain\"", "name = \"plain\"\ninstances = 1");
        let pools = pools.replace("name = \"region\"", "name = \"region\"\ndefault = \"eu\"");
        apply(database, &pools).ok();
        let run = |words: &str| prebuildctl(words.split(' ')).on(database).run();
        run("reconcile-once").ok();
        run("provision --simulate --build-time=0s --drain").ok();
        let claim = "claim --preset plain --user ada --name box --param";
        let refused = run(&format!("{claim} cores=33"));
        let said = &refused.expect_code(1).stderr;
        assert!(said.contains("must be from 1 to 32"), "{refused:?}");
        run(&format!("{claim} cores=32")).ok();
        let exported = run("export").ok().to_owned();
        assert!(!exported.contains("error ="), "{exported}");
        for again in [&pools, &exported] {
            assert!(apply(database, again).ok().contains("Nothing to change"));
        }
        apply(database, &exported.replace("max = 32", "max = 64")).ok();
        assert_eq!(
            lines(
                database,
                "SELECT validation_max, validation_error FROM template_version_parameters \
                 WHERE name = 'cores' ORDER BY validation_max"
            ),
            ["32", "64"].map(|max| format!("{max}|must be from {{min}} to {{max}}"))
        );
    });
}

#[test]
fn a_dry_run_leaves_an_empty_file_empty() {
    let dir = TestDir::new();
    let (file, empty) = (dir.write("pools.toml", POOLS), dir.write("empty.db", ""));
    let url = format!("sqlite:{}", empty.display());
    let words = ["apply", "--dry-run", "--database-url", &url];
    let output = prebuildctl(words).arg(&file).run();
    assert!(
        output.ok().contains("template acme/web: create"),
        "{output:?}"
    );
    assert_eq!(empty.metadata().unwrap().len(), 0);
}

#[test]
fn what_is_declared_is_stored_and_not_again() {
    both(|database| {
        assert_eq!(
            apply(database, POOLS).ok().lines().collect::<Vec<_>>(),
            [
                "organization acme: create",
                "user ada: create with email \"ada@localhost\"",
                "user ada: add to organization acme",
                "template acme/web: create with version v1: 2 parameters, 2 presets",
            ]
        );
        assert_eq!(
            lines(
                database,
                "SELECT p.name, p.type, p.default_value, p.validation_min, p.validation_max,
                 p.validation_monotonic, p.validation_error, p.display_order,
                 CAST(p.form_type AS text), CAST(p.required AS integer),
                 CAST(p.mutable AS integer), p.options -> 1 ->> 'name',
                 p.options -> 1 ->> 'description', p.options -> 1 ->> 'value'
                 FROM template_version_parameters AS p
                 JOIN templates AS t ON t.active_version_id = p.template_version_id
                 ORDER BY p.name"
            ),
            [
                "cores|number|2|1|32|increasing|1 to 32|0||0|1|-|-|-",
                "region|string||-|-|||3|dropdown|1|0|USA|slower|us",
            ]
        );
        assert_eq!(
            lines(
                database,
                "SELECT p.name, p.icon, CAST(p.is_default AS integer), p.desired_instances,
                 p.invalidate_after_secs, p.scheduling_timezone, v.name, v.value
                 FROM template_version_presets AS p
                 LEFT JOIN template_version_preset_parameters AS v
                 ON v.template_version_preset_id = p.id
                 ORDER BY p.name, v.name"
            ),
            [
                "plain||0|-|-||-|-",
                "small|/small.svg|1|3|28800|Europe/Berlin|cores|4",
                "small|/small.svg|1|3|28800|Europe/Berlin|region|us",
            ]
        );
        assert_eq!(
            lines(
                database,
                "SELECT p.name, s.cron_expression, s.desired_instances
                 FROM template_version_preset_prebuild_schedules AS s
                 JOIN template_version_presets AS p ON p.id = s.preset_id
                 ORDER BY s.cron_expression"
            ),
            ["small|* 8-18 * * 1-5|10", "small|* 9 * * 6|1"]
        );
        assert_eq!(
            lines(
                database,
                "SELECT v.name, CAST(j.type AS text), CAST(j.job_status AS text),
                 j.tags ->> 'cluster', j.tags ->> 'owner', j.tags ->> 'scope'
                 FROM provisioner_jobs AS j JOIN template_versions AS v ON v.job_id = j.id
                 WHERE v.organization_id = j.organization_id"
            ),
            ["v1|template_version_import|succeeded|eu-1||organization"]
        );
        let stored = database.dump();
        let again = apply(database, POOLS);
        assert_eq!(
            again.ok(),
            "Nothing to change: the database matches the file.\n"
        );
        assert_eq!(database.dump(), stored);
    });
}

#[test]
fn only_what_builds_see_makes_an_active_version() {
    both(|database| {
        apply(database, POOLS).ok();
        let changed = POOLS
            .replace("instances = 3", "instances = 5")
            .replace("Der Läufer", "The runner")
            .replace(
                "username = \"ada\"",
                "username = \"Ada\"\n email = \"a@b.c\"",
            );
        assert_eq!(
            apply(database, &changed).ok().lines().collect::<Vec<_>>(),
            [
                "user Ada: email \"ada@localhost\" -> \"a@b.c\"",
                "template acme/web: description \"Der Läufer\" -> \"The runner\"",
                "template acme/web: in place: preset \"small\": instances 3 -> 5",
            ]
        );
        assert_eq!(
            lines(
                database,
                "SELECT t.description, v.name, p.desired_instances
                 FROM templates AS t
                 JOIN template_versions AS v ON v.id = t.active_version_id
                 JOIN template_version_presets AS p ON p.template_version_id = v.id
                 WHERE p.name = 'small'"
            ),
            ["The runner|v1|5"]
        );
        assert_eq!(
            lines(database, "SELECT username, email FROM users ORDER BY email")[0],
            "ada|a@b.c"
        );
        let wanted = changed.replace("cores = 4", "cores = 8");
        assert_eq!(
            apply(database, &wanted).ok(),
            "template acme/web: new version v2: preset \"small\": parameter \"cores\" \"4\" -> \"8\"\n"
        );
    });
}

#[test]
fn files_applied_at_once_are_declared_once() {
    both(|database| {
        let dirs: Vec<TestDir> = (0..6).map(|_| TestDir::new()).collect();
        let running: Vec<Running> = dirs.iter().map(|dir| start(database, dir, POOLS)).collect();
        let outputs: Vec<Output> = running.into_iter().map(Running::wait).collect();
        let idle = |output: &&Output| output.ok().starts_with("Nothing to change");
        assert_eq!(outputs.iter().filter(idle).count(), 5);
        for (table, rows) in [("organizations", 1), ("templates", 1)] {
            let sql = format!("SELECT count(*) FROM {table} WHERE name IN ('acme', 'web')");
            assert_eq!(database.count(&sql), rows, "{table}");
        }
        assert_eq!(database.count("SELECT count(*) FROM template_versions"), 1);
    });
}

#[test]
fn standard_input_is_a_file_as_well() {
    both(|database| {
        let apply = |text: &str| prebuildctl(["apply", "-"]).stdin(text).on(database).run();
        let refused = apply("[[users]]");
        let expected = "standard input is not understood; nothing was written\n  caused by: line 1";
        assert!(refused.stderr.contains(expected), "{refused:?}");
        assert!(apply(POOLS).ok().contains("template acme/web: create"));
        assert!(apply(POOLS).ok().contains("Nothing to change"));
    });
}

#[test]
fn a_file_with_a_mistake_and_a_database_of_coder_are_left_alone() {
    both(|database| {
        let stored = database.dump();
        let refused = apply(database, &POOLS.replace("ttl = \"8h\"", "ttl = \"8m\""));
        let expected = "pools.toml\" is not understood; nothing was written";
        assert!(
            refused.expect_code(1).stderr.contains(expected),
            "{refused:?}"
        );
        assert_eq!(database.dump(), stored);
    });
    if let Some(database) = coder(Coder::Current) {
        let stored = database.dump();
        let refused = apply(&database, POOLS);
        let expected = "Coder manages this database";
        assert!(
            refused.expect_code(6).stderr.contains(expected),
            "{refused:?}"
        );
        assert_eq!(database.dump(), stored);
    }
}

/// A declaration of users with these addresses.
fn users(users: &[(&str, &str)]) -> String {
    let user = |(name, email)| format!("[[users]]\nusername = \"{name}\"\nemail = \"{email}\"\n");
    users.iter().copied().map(user).collect()
}

#[test]
fn addresses_move_from_one_user_to_another() {
    both(|database| {
        let emails = || {
            lines(
                database,
                "SELECT username, email FROM users WHERE NOT deleted AND NOT is_system
                 ORDER BY username",
            )
        };
        apply(
            database,
            &users(&[("ada", "a@x"), ("bob", "b@x"), ("eve", "e@x")]),
        )
        .ok();
        // Two swap theirs, and a new one takes the third's.
        let moved = [
            ("ada", "b@x"),
            ("bob", "A@x"),
            ("dan", "e@x"),
            ("eve", "e@y"),
        ];
        apply(database, &users(&moved)).ok();
        assert_eq!(emails(), ["ada|b@x", "bob|A@x", "dan|e@x", "eve|e@y"]);
        let again = apply(database, &users(&moved));
        assert!(again.ok().starts_with("Nothing to change"), "{again:?}");

        // Whoever the file doesn't name keeps an address ...
        let renamed = users(&[("ada", "b@x"), ("bob", "A@x"), ("daniel", "E@x")]);
        let refused = apply(database, &renamed);
        let said = "user daniel can't get the email \"E@x\": it is user dan's";
        assert!(refused.expect_code(1).stderr.contains(said), "{refused:?}");
        assert_eq!(emails(), ["ada|b@x", "bob|A@x", "dan|e@x", "eve|e@y"]);
        // ... and leaves it when removed.
        let pruning = prebuildctl(["apply", "-", "--prune", "--yes"]);
        pruning.on(database).stdin(renamed).run().ok();
        assert_eq!(emails(), ["ada|b@x", "bob|A@x", "daniel|E@x"]);
    });
}
