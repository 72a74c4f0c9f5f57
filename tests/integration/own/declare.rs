//! Declaring beyond `apply`: changes in place, dry runs, what is pruned, promoted, scaled and exported.

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::Scene;
use crate::support::{Coder, both, coder, postgres, wait_until_blocked};

const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[templates]]
    organization = "acme"
    name = "web"
    [[templates.parameters]]
    name = "cores"
    default = "2"
    options = ["2", "4"]
    [[templates.presets]]
    name = "small"
    default = true
    parameters = { cores = "2" }
    instances = 2
    ttl = "8h"
    timezone = "UTC"
    schedules = [{ cron = "* 8-9 * * *", instances = 2 }]
    [[templates.presets]]
    name = "large"
    parameters = { cores = "4" }
    instances = 1
"#;

fn run(database: &Database, command: &str) -> Output {
    prebuildctl(command.split_whitespace()).on(database).run()
}

fn apply(database: &Database, flags: &str, declaration: &str) -> Output {
    let words = ["apply", "-"].into_iter().chain(flags.split_whitespace());
    prebuildctl(words).on(database).stdin(declaration).run()
}

/// The pools, full.
fn fill(database: &Database) {
    apply(database, "", POOLS).ok();
    settle(database);
}

/// Passes and builds until nothing is to be done.
fn settle(database: &Database) {
    for _ in 0..2 {
        run(database, "reconcile-once").ok();
        run(database, "provision --simulate --build-time 0s --drain").ok();
    }
    run(database, "plan --detailed-exitcode").ok();
}

fn live(database: &Database) -> Vec<String> {
    database.column("SELECT id FROM workspaces WHERE NOT deleted ORDER BY id")
}

#[test]
fn members_stay_when_a_template_changes_in_place() {
    both(|database| {
        fill(database);
        let members = live(database);
        let changed = POOLS
            .replace("default = true", "description = \"Two cores\"")
            .replace("ttl = \"8h\"", "ttl = \"9h\"")
            .replace("* 8-9", "* 7-9")
            .replace("\"UTC\"", "\"Asia/Tokyo\"")
            .replace("name = \"large\"", "name = \"large\"\ndefault = true")
            .replace(
                "[\"2\", \"4\"]",
                "[\"2\", { value = \"4\", name = \"four\" }]",
            );
        let changed = changed + "[[templates.presets]]\nname = \"extra\"\ninstances = 1\n";
        let said = apply(database, "", &changed).ok().to_owned();
        assert!(said.starts_with("template acme/web: in place: "), "{said}");
        assert_eq!(apply(database, "", &changed).ok().lines().count(), 1);
        assert!(
            apply(database, "", &changed)
                .ok()
                .contains("Nothing to change")
        );
        settle(database);
        let now = live(database);
        assert_eq!(now.len(), 4);
        assert!(members.iter().all(|id| now.contains(id)));
        assert_eq!(database.count("SELECT count(*) FROM template_versions"), 1);

        let rebuilt = changed.replace("cores = \"2\"", "cores = \"4\"");
        let said = apply(database, "", &rebuilt);
        assert!(said.ok().contains("new version v2: "), "{said:?}");
        assert!(
            said.stdout.contains("; replaces 4 prebuilt workspaces"),
            "{said:?}"
        );
    });
}

#[test]
fn a_dry_run_shows_changes_and_the_pass_after_them_and_writes_nothing() {
    both(|database| {
        fill(database);
        let stored = database.dump();
        let grown = POOLS.replace("instances = 1", "instances = 3");
        let shown = apply(database, "--dry-run", &grown);
        assert!(
            shown.ok().contains("preset \"large\": instances 1 -> 3"),
            "{shown:?}"
        );
        assert!(shown.stdout.contains("2 to create"), "{shown:?}");
        let document = apply(database, "--dry-run --format json", &grown).json();
        assert_eq!(document["dry_run"], true);
        assert_eq!(document["plan"]["summary"]["create"], 2);
        assert_eq!(database.dump(), stored);
    });
    let home = TestDir::new();
    let first = prebuildctl(["apply", "-", "--dry-run"]).within(&home);
    let first = first.stdin(POOLS).run();
    assert!(first.ok().contains("3 to create"), "{first:?}");
    assert!(!home.join(".local/share/prebuildctl").exists());
}

#[test]
fn what_a_file_no_longer_holds_is_removed_when_it_is_confirmed() {
    both(|database| {
        fill(database);
        run(database, "claim --preset small --user ada --name shop").ok();
        settle(database);
        let grace = "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"grace\"\n";
        apply(database, "", grace).ok();
        let nothing = "[[organizations]]\nname = \"other\"\n";
        let preview = apply(database, "--prune", nothing);
        assert!(preview.ok().contains("user grace: remove"), "{preview:?}");
        assert!(preview.stdout.contains("; --yes does it"), "{preview:?}");
        let needed = "kept for 1 claimed workspace, such as ada/shop";
        assert!(
            preview
                .stdout
                .contains(&format!("template acme/web: {needed}")),
            "{preview:?}"
        );
        let users = "SELECT username FROM users WHERE NOT deleted ORDER BY username";
        assert_eq!(database.column(users), ["ada", "grace", "prebuilds"]);

        apply(database, "--prune --yes", nothing).ok();
        assert_eq!(database.column(users), ["ada", "prebuilds"]);
        run(database, "delete shop --yes").ok();
        run(database, "provision --simulate --build-time 0s --drain").ok();
        let pruned = apply(database, "--prune --yes", nothing);
        assert!(
            pruned.ok().contains("template acme/web: remove"),
            "{pruned:?}"
        );
        assert!(
            pruned
                .stdout
                .contains("acme: kept until its last workspace is gone")
        );
        settle(database);
        assert_eq!(live(database), [""; 0]);
        apply(database, "--prune --yes", nothing).ok();
        assert_eq!(database.column(users), ["prebuilds"]);
        let organizations = "SELECT name FROM organizations WHERE NOT deleted";
        assert_eq!(database.column(organizations), ["other"]);
        // All of it can be declared anew.
        fill(database);
        apply(database, "--yes", POOLS).expect_code(64);
    });
}

#[test]
fn nobody_is_removed_to_whom_a_workspace_is_being_given() {
    let Some(database) = postgres() else { return };
    fill(&database);
    let grace = "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"grace\"\n";
    apply(&database, "", grace).ok();
    let mut claim = database.session();
    claim.execute(
        "BEGIN;
         UPDATE workspaces SET owner_id = (SELECT id FROM users WHERE username = 'grace')
         WHERE id = (SELECT min(CAST(id AS text)) FROM workspaces)::uuid",
    );
    let words = ["apply", "-", "--prune", "--yes"];
    let pruning = prebuildctl(words).on(&database).stdin(POOLS).spawn();
    wait_until_blocked(&database);
    claim.execute("COMMIT");
    let pruned = pruning.wait();
    let kept = "user grace: kept for 1 claimed workspace, such as grace/";
    assert!(pruned.ok().contains(kept), "{pruned:?}");
    let live = "SELECT username FROM users WHERE NOT deleted AND username = 'grace'";
    assert_eq!(database.column(live), ["grace"]);
}

#[test]
fn nobody_is_given_a_workspace_who_is_just_removed_from_its_organization() {
    let Some(database) = postgres() else { return };
    fill(&database);
    let grace = "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"grace\"\norganizations = [\"acme\"]\n";
    apply(&database, "", grace).ok();
    run(&database, "claim --preset small --user ada --name box").ok();
    settle(&database);
    let mut pruning = database.session();
    pruning.execute(
        "BEGIN; LOCK TABLE workspaces IN SHARE ROW EXCLUSIVE MODE;
         DELETE FROM organization_members
         WHERE user_id = (SELECT id FROM users WHERE username = 'grace')",
    );
    let words = ["users", "transfer", "ada", "grace", "box"];
    let transfer = prebuildctl(words).on(&database).spawn();
    wait_until_blocked(&database);
    pruning.execute("COMMIT");
    let output = transfer.wait();
    assert!(output.stdout.contains("removed meanwhile"), "{output:?}");
    let owner = "SELECT username FROM users JOIN workspaces ON owner_id = users.id
                 WHERE workspaces.name = 'box'";
    assert_eq!(database.column(owner), ["ada"]);
}

#[test]
fn a_version_is_promoted_and_the_one_before_it_again() {
    both(|database| {
        fill(database);
        apply(
            database,
            "",
            &POOLS.replace("cores = \"2\"", "cores = \"4\""),
        )
        .ok();
        settle(database);
        let back = run(database, "promote web=v1");
        let expected = "Version v1 of template acme/web is the active one; passes replace 3 \
                        prebuilt workspaces of other versions.\n";
        assert_eq!(back.ok(), expected);
        settle(database);
        assert_eq!(live(database).len(), 3);
        let again = run(database, "promote acme/web=v1 --format json").json();
        assert_eq!(again["changed"], false);
        assert_eq!(again["replaced"], 0);
        assert!(
            apply(database, "", POOLS)
                .ok()
                .contains("Nothing to change")
        );
        let unknown = run(database, "promote web=v9");
        assert!(
            unknown
                .expect_code(1)
                .stderr
                .contains("has no version \"v9\""),
            "{unknown:?}"
        );
        run(database, "promote web").expect_code(64);
    });
}

#[test]
fn a_time_beyond_all_calendars_is_refused_and_an_unreadable_one_holds_nothing_up() {
    both(|database| {
        apply(database, "", POOLS).ok();
        for command in ["scale small=4 --for 9999999d", "pause --for 9999999d"] {
            let refused = run(database, command);
            let said = "is more than 100 years";
            assert!(refused.expect_code(64).stderr.contains(said), "{refused:?}");
        }
        database.execute(
            r#"INSERT INTO site_configs (key, value) VALUES ('prebuildctl_scales',
                '[{"template_id":"00000000-0000-0000-0000-000000000001","preset":"small",
                   "scaled":{"desired_instances":1,"until":"+29404-01-01T00:00:00Z"}}]')"#,
        );
        run(database, "snapshot").ok();
        run(database, "scale small=4 --for 2h").ok();
        let stored =
            database.value("SELECT value FROM site_configs WHERE key = 'prebuildctl_scales'");
        let stored = stored.expect("a row");
        assert!(
            stored.contains("small") && !stored.contains("29404"),
            "{stored}"
        );
    });
}

#[test]
fn a_pool_with_too_many_digits_is_refused_before_it_takes_all_memory() {
    both(|database| {
        apply(database, "", POOLS).ok();
        // The other pool's schedule decides for two hours of the day.
        run(database, "scale large=2147483647").ok();
        assert!(run(database, "plan").ok().contains("2147483647"));
        let refused = run(database, "reconcile-once");
        let said = "more than --max-create 100000 allows";
        assert!(refused.expect_code(6).stderr.contains(said), "{refused:?}");
        assert_eq!(database.count("SELECT count(*) FROM workspaces"), 0);
    });
}

#[test]
fn a_pool_is_scaled_without_a_new_version() {
    both(|database| {
        fill(database);
        let members = live(database);
        let scaled = run(database, "scale small=4 acme/web/large=0");
        assert_eq!(
            scaled.ok(),
            "acme/web/small: desired 2 -> 4; its schedule decides while it holds.\n\
             acme/web/large: desired 1 -> 0.\n"
        );
        let desired = "SELECT name || desired_instances FROM template_version_presets
                       ORDER BY name";
        assert_eq!(database.column(desired), ["large0", "small4"]);
        run(database, "reconcile-once").ok();
        run(database, "provision --simulate --build-time 0s --drain").ok();
        let kept = live(database);
        let kept = kept.iter().filter(|id| members.contains(id));
        assert_eq!(kept.count(), 2);
        let desired = || {
            let plan = run(database, "plan --format json").json();
            plan["presets"][0]["state"]["desired"]
                .as_i64()
                .expect("a number")
        };
        let scaled = run(database, "scale large=5 --for 2h");
        assert!(
            scaled
                .ok()
                .starts_with("acme/web/large: desired 0 -> 5 until 20"),
            "{scaled:?}"
        );
        assert_eq!(desired(), 5);
        let explained = run(database, "plan --explain --all --preset large");
        let told = explained
            .ok()
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(
            told.contains("desired 5, as it is scaled, until "),
            "{told}"
        );
        assert!(told.contains("; then 0, set by the preset"), "{told}");
        let timetable = run(database, "plan --days 1 --preset large --format json").json();
        let entries = timetable["presets"][0]["entries"]
            .as_array()
            .expect("entries");
        let numbers: Vec<i64> = entries
            .iter()
            .filter_map(|it| it["desired"].as_i64())
            .collect();
        assert_eq!(numbers, [5, 0], "{timetable:#}");
        run(database, "scale large=5 --for 0s").expect_code(64);
        assert!(run(database, "snapshot").ok().contains("scaled until 20"));
        let later = run(database, "plan --at 2096-01-01T00:00:00Z --format json").json();
        assert_eq!(later["presets"][0]["state"]["desired"], 0);
        // A new version keeps it, and so does a file that says otherwise.
        apply(
            database,
            "",
            &POOLS.replace("cores = \"4\"", "cores = \"2\""),
        )
        .ok();
        let presets = run(database, "snapshot --format json").json();
        assert_eq!(
            presets["presets"][2]["scaled"]["desired_instances"], 5,
            "{presets}"
        );
        run(database, "scale large=3").ok();
        run(database, "scale medium=4").expect_code(1);
        run(database, "scale small=-1").expect_code(64);
        let twice = run(database, "scale small=1 acme/web/small=2");
        twice.expect_code(64);
        assert!(
            twice.stderr.contains("names \"acme/web/small\" twice"),
            "{twice:?}"
        );
    });
}

#[test]
fn what_is_exported_and_applied_again_changes_nothing() {
    both(|database| {
        fill(database);
        let stored = database.dump();
        let exported = run(database, "export");
        let again = apply(database, "--prune --yes", exported.ok());
        assert!(again.ok().contains("Nothing to change"), "{again:?}");
        assert_eq!(database.dump(), stored);
    });
}

#[test]
fn pools_of_coder_are_exported_and_can_be_declared_elsewhere() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.parameter(&web, "cores", Some("2"));
    let small = scene.preset(&web, "small", 2);
    scene.preset_value(&small, "cores", "4");
    let stored = database.dump();
    let exported = run(&database, "export").ok().to_owned();
    assert_eq!(database.dump(), stored);
    both(|own| {
        let applied = apply(own, "", &exported);
        assert!(
            applied.ok().contains("template acme/web: create"),
            "{exported}{applied:?}"
        );
        let plan = run(own, "plan --format json").json();
        assert_eq!(plan["summary"]["create"], 2);
    });
    for command in ["promote web=v1", "scale small=1", "users"] {
        run(&database, command).expect_code(6);
    }
}
