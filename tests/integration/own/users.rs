//! Users of a database of our own: whose workspaces are whose, and what becomes of them.

use crate::support::database::Database;
use crate::support::process::{Output, prebuildctl};
use crate::support::{both, postgres, wait_until, wait_until_blocked};

const POOLS: &str = r#"
    [[organizations]]
    name = "acme"
    [[users]]
    username = "ada"
    organizations = ["acme"]
    [[users]]
    username = "grace"
    organizations = ["acme"]
    [[users]]
    username = "edith"
    [[templates]]
    organization = "acme"
    name = "web"
    [[templates.presets]]
    name = "small"
    instances = 3
"#;

/// Says whose workspace a build is of.
const SAYING: &str = r#"echo "$PREBUILDCTL_TRANSITION $PREBUILDCTL_STAGE $PREBUILDCTL_OWNER_NAME""#;

fn run(database: &Database, command: &str) -> Output {
    prebuildctl(command.split_whitespace()).on(database).run()
}

fn build(database: &Database) {
    let words = ["provision", "--drain", "--exec", "sh", "-c", SAYING];
    prebuildctl(words).on(database).run().ok();
}

/// Ada has a running workspace `one` and a stopped one `two`.
fn fill(database: &Database) {
    let file = prebuildctl(["apply", "-"]).on(database).stdin(POOLS);
    file.run().ok();
    run(database, "reconcile-once").ok();
    build(database);
    run(database, "claim --preset small --user ada --name one").ok();
    run(database, "claim --preset small --user ada --name two").ok();
    build(database);
    run(database, "stop two").ok();
    build(database);
}

fn owners(database: &Database) -> Vec<String> {
    database.column(
        "SELECT u.username || '/' || w.name FROM workspaces AS w
         JOIN users AS u ON u.id = w.owner_id
         WHERE NOT w.deleted AND u.username <> 'prebuilds' ORDER BY 1",
    )
}

#[test]
fn users_are_listed_with_the_number_of_their_workspaces() {
    both(|database| {
        fill(database);
        let users = run(database, "users --format json").json();
        let rows = users["users"].as_array().expect("rows");
        let rows: Vec<String> = rows
            .iter()
            .map(|it| {
                format!(
                    "{}{}",
                    it["username"].as_str().expect("a name"),
                    it["workspaces"]
                )
            })
            .collect();
        assert_eq!(rows, ["ada2", "edith0", "grace0"]);
        let shown = run(
            database,
            "users list --format tsv --columns user,workspaces",
        );
        assert_eq!(shown.ok(), "user\tworkspaces\nada\t2\nedith\t0\ngrace\t0\n");
    });
}

#[test]
fn workspaces_are_handed_over_with_a_build_that_says_so() {
    both(|database| {
        fill(database);
        let refused = run(database, "users transfer ada edith");
        let said = "edith is not a member of organization acme";
        assert!(refused.expect_code(1).stdout.contains(said), "{refused:?}");
        run(database, "claim --preset small --user grace --name two").ok();
        build(database);
        let some = run(database, "users transfer ada grace");
        let taken = "grace has a workspace of this name already";
        assert!(some.expect_code(3).stdout.contains(taken), "{some:?}");
        assert_eq!(owners(database), ["ada/two", "grace/one", "grace/two"]);
        let busy = run(database, "users transfer grace ada one");
        assert!(
            busy.expect_code(1)
                .stdout
                .contains("try again when that is done"),
            "{busy:?}"
        );
        build(database);
        run(database, "delete grace/two --yes").ok();
        build(database);
        let waiting = prebuildctl(["users", "transfer", "ada", "grace", "--wait"]);
        let waiting = waiting.on(database).spawn();
        wait_until("it is handed over", || {
            owners(database) == ["grace/one", "grace/two"]
        });
        build(database);
        assert!(waiting.wait().ok().contains("1 transferred"));
        let said = database.column(
            "SELECT DISTINCT output FROM provisioner_job_logs WHERE output LIKE '%grace'
             ORDER BY output",
        );
        assert_eq!(
            said,
            ["delete none grace", "start claim grace", "stop none grace"]
        );
        assert!(run(database, "start grace/two").ok().contains("1 queued"));
    });
}

#[test]
fn a_user_goes_when_nothing_is_owned_any_more() {
    both(|database| {
        fill(database);
        let refused = run(database, "users remove ada --yes");
        assert!(
            refused.expect_code(6).stderr.contains("owns 2 workspaces"),
            "{refused:?}"
        );
        let shown = run(database, "users remove ada --delete-workspaces");
        assert!(shown.ok().contains("nothing was changed"), "{shown:?}");
        let first = run(database, "users remove ada --delete-workspaces --yes");
        assert!(first.ok().contains("is not removed yet"), "{first:?}");
        build(database);
        assert!(
            run(database, "users remove ADA --yes")
                .ok()
                .contains("User ada is removed.")
        );
        let users = run(database, "users --format name --columns user");
        assert_eq!(users.ok(), "edith\ngrace\n");
        assert_eq!(owners(database), [""; 0]);
        let unknown = run(database, "users remove ada --yes");
        assert!(
            unknown
                .expect_code(1)
                .stderr
                .contains("there is no user \"ada\""),
            "{unknown:?}"
        );
    });
}

#[test]
fn what_people_do_to_their_workspaces_is_kept_in_the_history() {
    both(|database| {
        fill(database);
        run(database, "retry one").ok();
        run(database, "users transfer ada grace one").ok();
        build(database);
        run(database, "delete two --yes").ok();
        build(database);
        run(database, "users remove ada --yes").ok();
        let history = run(
            database,
            "history --format tsv --no-headers --columns event,what",
        );
        let told: Vec<&str> = history
            .ok()
            .lines()
            .filter(|it| !it.starts_with("pass"))
            .collect();
        assert_eq!(
            told,
            [
                "apply\torganization acme: create; user ada: create with email \"ada@localhost\"; user ada: add to \
                 organization acme; user grace: create with email \"grace@localhost\"; user grace: add to \
                 organization acme; user edith: create with email \"edith@localhost\"; template acme/web: \
                 create with version v1: 0 parameters, 1 preset",
                "claim\tgrace/one",
                "claim\tada/two",
                "stop\tada/two",
                "transfer\tada/one to grace",
                "delete\tada/two",
                "remove_user\tada",
            ]
        );
        let typo = run(database, "history --event remove_users");
        assert!(
            typo.expect_code(64).stderr.contains("remove_user"),
            "{typo:?}"
        );
        let nobody = run(database, "stop --all --owner adda");
        assert!(
            nobody
                .expect_code(1)
                .stderr
                .contains("there is no user \"adda\""),
            "{nobody:?}"
        );
        let nothing = run(database, "stop --all --owner edith");
        assert_eq!(nothing.code, 0, "{nothing:?}");
    });
}

#[test]
fn nobody_is_removed_who_is_given_a_workspace_meanwhile() {
    both(|database| {
        fill(database);
        for round in 0..6 {
            let giving = prebuildctl(["users", "transfer", "ada", "grace", "one"]).on(database);
            let giving = giving.spawn();
            let removed = run(database, "users remove grace --yes");
            let given = giving.wait();
            let orphans = database.column(
                "SELECT w.name FROM workspaces AS w JOIN users AS u ON u.id = w.owner_id
                 WHERE u.deleted AND NOT w.deleted",
            );
            assert_eq!(orphans, [""; 0], "round {round}: {removed:?} {given:?}");
            if removed.code == 0 {
                database.execute("UPDATE users SET deleted = false WHERE username = 'grace'");
            }
            build(database);
            let back = run(database, "users transfer grace ada one");
            assert!([0, 1].contains(&back.code), "{back:?}");
            build(database);
        }
    });
}

#[test]
fn a_claim_whose_owner_membership_or_template_is_being_removed_is_refused() {
    for (removal, said) in [
        (
            "UPDATE users SET deleted = true WHERE username = 'grace'",
            "grace",
        ),
        (
            "DELETE FROM organization_members AS m USING users AS u
             WHERE u.id = m.user_id AND u.username = 'grace'",
            "is not a member",
        ),
        ("UPDATE templates SET deleted = true", "is deleted"),
    ] {
        let Some(database) = postgres() else { return };
        fill(&database);
        let mut session = database.session();
        session.execute("BEGIN");
        session.execute("LOCK TABLE templates, workspaces IN SHARE ROW EXCLUSIVE MODE");
        session.execute(removal);
        let claim = [
            "claim", "--preset", "small", "--user", "grace", "--name", "late",
        ];
        let claim = prebuildctl(claim).on(&database).spawn();
        wait_until_blocked(&database);
        session.execute("COMMIT");
        let refused = claim.wait();
        assert!(
            refused.expect_code(1).stderr.contains(said),
            "{removal}: {refused:?}"
        );
        assert_eq!(owners(&database), ["ada/one", "ada/two"]);
    }
}

#[test]
fn what_was_queued_is_told_when_it_can_not_be_waited_for() {
    for command in [
        "stop one",
        "users remove ada --delete-workspaces --yes",
        "users transfer ada grace one",
    ] {
        both(|database| {
            fill(database);
            let jobs = "SELECT count(*) FROM provisioner_jobs
                        WHERE type = 'workspace_build' AND completed_at IS NULL";
            let command = format!("{command} --wait --format json");
            let run = prebuildctl(command.split_whitespace()).on(database).spawn();
            wait_until("it is queued", || database.count(jobs) > 0);
            database.execute("ALTER TABLE provisioner_jobs RENAME error TO mistake");
            let output = run.wait();
            output.expect_code(1);
            let document: serde_json::Value = serde_json::from_str(&output.stdout).unwrap();
            let queued = document["workspaces"].as_array().unwrap();
            assert!(
                queued.iter().all(|it| it["outcome"] == "queued"),
                "{output:?}"
            );
            assert!(output.stderr.contains("can't be waited for"), "{output:?}");
        });
    }
}
