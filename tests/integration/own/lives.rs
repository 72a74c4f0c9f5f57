//! What comes after a claim: workspaces are started, stopped, built again and deleted, and nothing of
//! them is left.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::database::Database;
use crate::support::process::{Output, Prebuildctl, Running, TestDir, prebuildctl};
use crate::support::service::stop;
use crate::support::{Coder, both, coder, wait_until};

/// Builds that make a folder in $BUILT by the name of the workspace's id, and keep its name as state; $FAIL
/// names transitions that fail.
const FOLDERS: &str = r#"
    case " $FAIL " in *" $PREBUILDCTL_TRANSITION "*) echo "no space left" >&2; exit 1 ;; esac
    if [ "$PREBUILDCTL_TRANSITION" = delete ]; then
        rmdir "$BUILT/$(cat "$PREBUILDCTL_STATE_FILE")"
        exit
    fi
    mkdir -p "$BUILT/$PREBUILDCTL_WORKSPACE_ID"
    printf %s "$PREBUILDCTL_WORKSPACE_ID" > "$PREBUILDCTL_STATE_FILE"
    printf '{"resources": [{"type": "folder", "name": "main", "agents": [
        {"name": "main", "directory": "%s"}]}]}' "$BUILT/$PREBUILDCTL_WORKSPACE_ID" \
        > "$PREBUILDCTL_RESOURCES_FILE""#;

pub(super) fn pools(instances: u32, parameters: &str) -> String {
    format!(
        r#"
        [[organizations]]
        name = "acme"
        [[users]]
        username = "ada"
        organizations = ["acme"]
        [[users]]
        username = "grace"
        organizations = ["acme"]
        [[templates]]
        organization = "acme"
        name = "web"
        {parameters}
        [[templates.presets]]
        name = "small"
        instances = {instances}
    "#
    )
}

pub(super) fn run(database: &Database, command: &str) -> Output {
    prebuildctl(command.split_whitespace()).on(database).run()
}

pub(super) fn apply(database: &Database, declaration: &str) {
    let file = prebuildctl(["apply", "-"]).on(database).stdin(declaration);
    file.run().ok();
}

/// Runs all queued builds to the end.
fn build(database: &Database, built: &TestDir, fail: &str) {
    let all = ["provision", "--drain", "--exec", "sh", "-c", FOLDERS];
    let provision = prebuildctl(all).on(database).env("BUILT", built.path());
    provision.env("FAIL", fail).run().ok();
}

/// A worker that runs builds as they come.
fn worker(database: &Database, built: &TestDir) -> Running {
    let all = ["provision", "--poll-interval", "50ms", "--exec", "sh", "-c"];
    let provision = prebuildctl(all).arg(FOLDERS).on(database);
    provision.env("BUILT", built.path()).spawn()
}

fn claim(name: &str) -> Prebuildctl {
    claim_for("ada", name)
}

fn claim_for(user: &str, name: &str) -> Prebuildctl {
    let words = ["claim", "--preset", "small", "--user", user, "--name", name];
    prebuildctl(words)
}

/// A database with a workspace `ada/shop` that is handed over, and nothing else.
fn with_one(database: &Database, built: &TestDir) {
    apply(database, &pools(1, ""));
    run(database, "reconcile-once").ok();
    build(database, built, "");
    claim("shop").on(database).run().ok();
    apply(database, &pools(0, ""));
    build(database, built, "");
}

fn folders(built: &TestDir) -> usize {
    std::fs::read_dir(built.path()).expect("a folder").count()
}

/// Transition, status and stage of every build of the workspace.
fn builds(database: &Database, name: &str) -> Vec<String> {
    database.column(&format!(
        "SELECT b.transition || ' ' || j.job_status || ' '
                || CAST(j.input ->> 'prebuilt_workspace_stage' AS text)
         FROM workspaces AS w
         JOIN workspace_builds AS b ON b.workspace_id = w.id
         JOIN provisioner_jobs AS j ON j.id = b.job_id
         WHERE w.name = '{name}' ORDER BY b.build_number"
    ))
}

fn outcomes(output: &Output) -> Vec<(String, String)> {
    let document: serde_json::Value = serde_json::from_str(&output.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    let rows = document["workspaces"].as_array().expect("rows").iter();
    rows.map(|it| (text(&it["name"]), text(&it["outcome"])))
        .collect()
}

#[test]
fn a_workspace_stops_starts_and_goes_with_all_that_was_built() {
    both(|database| {
        let built = TestDir::new();
        with_one(database, &built);
        let worker = worker(database, &built);
        let say = |command: &str| run(database, command).ok().to_owned();

        assert!(say("start shop").contains("1 unchanged"));
        assert!(say("stop shop --wait").contains("1 workspace: 1 stopped."));
        assert!(say("stop ada/shop").contains("1 unchanged"));
        let started = say("start shop --wait --format json");
        let started: serde_json::Value = serde_json::from_str(&started).expect("JSON");
        let workspace = &started["workspaces"][0];
        let folder = built.join(workspace["id"].as_str().expect("an id"));
        assert_eq!(
            workspace["agents"][0]["directory"],
            folder.display().to_string()
        );
        assert_eq!(folders(&built), 1);

        assert!(say("delete shop").contains("nothing was changed"));
        assert_eq!(builds(database, "shop").len(), 4);
        assert!(say("delete shop --yes --wait 20s").contains("1 deleted"));
        assert_eq!(folders(&built), 0);
        assert_eq!(
            builds(database, "shop"),
            ["start 1", "start 2", "stop 0", "start 0", "delete 0"]
                .map(|it| it.replace(' ', " succeeded "))
        );
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE NOT deleted"),
            0
        );
        let gone = run(database, "delete shop --yes");
        assert!(
            gone.expect_code(1)
                .stderr
                .contains("there is no claimed workspace \"shop\"")
        );
        stop(worker);
    });
}

#[test]
fn a_build_under_way_keeps_others_from_a_workspace_until_it_has_ended() {
    both(|database| {
        let built = TestDir::new();
        with_one(database, &built);
        run(database, "stop shop").ok();
        assert!(run(database, "stop shop").ok().contains("1 queued"));
        let busy = run(database, "start shop --format json");
        assert_eq!(
            outcomes(busy.expect_code(1)),
            [("shop".into(), "busy".into())]
        );
        let late = run(database, "stop shop --wait 100ms");
        assert!(late.expect_code(1).stdout.contains("queued"));
        let waiting = prebuildctl(["delete", "shop", "--yes", "--wait"])
            .on(database)
            .spawn();
        build(database, &built, "");
        wait_until("the delete is queued", || {
            builds(database, "shop").len() == 4
        });
        build(database, &built, "");
        waiting.wait().ok();
        assert_eq!(folders(&built), 0);
    });
}

#[test]
fn a_failed_claim_build_is_shown_and_made_once_more_as_a_claim() {
    both(|database| {
        let built = TestDir::new();
        apply(database, &pools(1, ""));
        run(database, "reconcile-once").ok();
        build(database, &built, "");
        let waiting = claim("shop").arg("--wait").on(database).spawn();
        wait_until("it is claimed", || !builds(database, "shop").is_empty());
        build(database, &built, "start");
        let failed = waiting.wait();
        assert!(
            failed.expect_code(1).stderr.contains("its build failed"),
            "{failed:?}"
        );
        assert!(failed.stderr.contains("no space left"));

        let shown = run(database, "snapshot");
        assert!(
            shown.ok().contains("Claimed: ada/shop: claim failed: "),
            "{shown:?}"
        );
        let claimed = &run(database, "snapshot --format json").json()["claimed"][0];
        assert_eq!(claimed["job_status"], "failed");
        assert_eq!(claimed["is_claim"], true);
        let doctor = run(database, "doctor");
        assert!(
            doctor.stdout.contains("prebuildctl retry WORKSPACE"),
            "{doctor:?}"
        );

        run(database, "retry shop").ok();
        build(database, &built, "");
        assert_eq!(
            builds(database, "shop"),
            ["start succeeded 1", "start failed 2", "start succeeded 2"]
        );
        assert!(run(database, "retry shop").ok().contains("1 unchanged"));
    });
}

#[test]
fn a_failed_delete_keeps_the_workspace_and_its_state() {
    both(|database| {
        let built = TestDir::new();
        with_one(database, &built);
        let waiting = prebuildctl(["delete", "shop", "--yes", "--wait"])
            .on(database)
            .spawn();
        wait_until("it is queued", || builds(database, "shop").len() == 3);
        build(database, &built, "delete");
        assert!(
            waiting
                .wait()
                .expect_code(1)
                .stdout
                .contains("no space left")
        );
        assert_eq!(folders(&built), 1);
        run(database, "retry shop").ok();
        build(database, &built, "");
        assert_eq!(folders(&built), 0);
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE NOT deleted"),
            0
        );
    });
}

#[test]
fn all_workspaces_of_a_user_go_and_nobody_else_s() {
    both(|database| {
        let built = TestDir::new();
        apply(database, &pools(3, ""));
        run(database, "reconcile-once").ok();
        build(database, &built, "");
        claim("one").on(database).run().ok();
        claim("two").on(database).run().ok();
        claim_for("grace", "one").on(database).run().ok();
        apply(database, &pools(0, ""));
        build(database, &built, "");
        let ambiguous = run(database, "stop one");
        assert!(
            ambiguous
                .expect_code(1)
                .stderr
                .contains("\"ada/one\", \"grace/one\"")
        );
        run(database, "delete --all --yes").expect_code(64);
        let worker = worker(database, &built);
        let deleted = run(database, "delete --all --owner ada --yes --wait 20s");
        assert!(
            deleted.ok().contains("2 workspaces: 2 deleted."),
            "{deleted:?}"
        );
        stop(worker);
        let left = "SELECT u.username || '/' || w.name FROM workspaces AS w
                    JOIN users AS u ON u.id = w.owner_id WHERE NOT w.deleted";
        assert_eq!(database.column(left), ["grace/one"]);
        assert_eq!(folders(&built), 1);
        let none = run(database, "delete --all --owner ada --yes");
        assert!(none.ok().contains("There is no such workspace."));
    });
}

#[test]
fn a_claim_waits_until_a_workspace_can_be_claimed_and_is_built() {
    both(|database| {
        let built = TestDir::new();
        apply(database, &pools(1, ""));
        let none = claim("shop")
            .arg("--wait-available=100ms")
            .on(database)
            .run();
        none.expect_code(4);
        let unknown = [
            "claim", "--preset", "smal", "--user", "ada", "--name", "shop",
        ];
        let unknown = prebuildctl(unknown)
            .arg("--wait-available=1h")
            .on(database)
            .run();
        unknown.expect_code(4);
        let patient = ["--wait-available=30s", "--wait=30s", "--format=json"];
        let patient = patient.iter().fold(claim("shop"), |it, word| it.arg(word));
        let waiting = patient.on(database).spawn();
        run(database, "reconcile-once").ok();
        let worker = worker(database, &built);
        let claimed = waiting.wait().json();
        stop(worker);
        let folder = built.join(claimed["workspace_id"].as_str().expect("an id"));
        assert_eq!(claimed["build_status"], "succeeded");
        assert_eq!(
            claimed["agents"][0]["directory"],
            folder.display().to_string()
        );
        assert!(folder.is_dir());
    });
}

#[test]
fn on_coder_s_database_coderd_sees_to_people_s_workspaces() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    for command in ["start w", "stop w", "retry w", "delete w --yes"] {
        let refused = run(&database, command);
        let said = &refused.expect_code(6).stderr;
        assert!(
            said.contains("coderd sees to people's workspaces"),
            "{said}"
        );
    }
}

/// Makes the deadline of the workspace's latest build, or the time of the build itself, one of the past.
fn turn_back(database: &Database, column: &str) {
    database.execute(&format!(
        "UPDATE workspace_builds SET {column} = '2026-01-05T08:00:00.000000Z'
         WHERE build_number = (SELECT max(build_number) FROM workspace_builds)"
    ));
}

#[test]
fn passes_stop_workspaces_after_their_time_and_start_them_by_their_schedule() {
    both(|database| {
        let built = TestDir::new();
        apply(database, &pools(1, ""));
        run(database, "reconcile-once").ok();
        build(database, &built, "");
        let timed = ["--ttl=1h", "--autostart-schedule=30 9 * * *"];
        let timed = timed.iter().fold(claim("shop"), |it, word| it.arg(word));
        timed.on(database).run().ok();
        apply(database, &pools(0, ""));
        build(database, &built, "");
        run(database, "plan --detailed-exitcode").ok();

        turn_back(database, "deadline");
        let plan = run(database, "plan --detailed-exitcode");
        let line = "Claimed: stop ada/shop: its time was over at 2026-01-05 08:00:00 UTC.";
        assert!(plan.expect_code(2).stdout.contains(line), "{plan:?}");
        assert!(plan.stdout.contains("1 to stop"), "{plan:?}");
        let folder = TestDir::new();
        let file = folder.join("plan.json").display().to_string();
        run(database, &format!("plan --out {file}")).ok();
        let report = run(
            database,
            &format!("reconcile-once --plan {file} --format json"),
        )
        .json();
        assert_eq!(report["outcome"], "applied");
        assert_eq!(report["claimed"][0]["due"]["transition"], "stop");
        let stale = run(database, &format!("reconcile-once --plan {file}"));
        assert!(
            stale.expect_code(6).stderr.contains("now none is due"),
            "{stale:?}"
        );
        run(database, "plan --detailed-exitcode").ok();
        build(database, &built, "");
        assert!(run(database, "stop shop").ok().contains("1 unchanged"));

        turn_back(database, "created_at");
        let applied = run(database, "reconcile-once");
        assert!(
            applied.ok().contains("Claimed: start ada/shop: queued."),
            "{applied:?}"
        );
        build(database, &built, "");
        assert_eq!(
            builds(database, "shop"),
            ["start 1", "start 2", "stop 0", "start 0"].map(|it| it.replace(' ', " succeeded "))
        );
        let reasons = "SELECT reason FROM workspace_builds WHERE build_number > 2
                       ORDER BY build_number";
        assert_eq!(database.column(reasons), ["autostop", "autostart"]);
        let events = run(
            database,
            "history --event start --event stop -o tsv --no-headers",
        );
        for told in [
            "ada/shop: its time was over",
            "ada/shop: its schedule came round",
        ] {
            assert!(events.ok().contains(told), "{events:?}");
        }
        let snapshot = run(database, "snapshot --format json");
        let from_file = prebuildctl(["plan", "--snapshot", "-", "--at", "2036-01-05T08:00:00Z"]);
        let later = from_file.stdin(snapshot.ok()).run();
        assert!(later.ok().contains("Claimed: stop ada/shop"), "{later:?}");
    });
}

/// Runs git with a configuration of its own.
fn git(folder: &Path, arguments: &[&str]) -> String {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder).args(arguments);
    for name in ["AUTHOR", "COMMITTER"] {
        git.env(format!("GIT_{name}_NAME"), "Ada");
        git.env(format!("GIT_{name}_EMAIL"), "ada@localhost");
    }
    let output = git.output().expect("git is there");
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn the_worktrees_of_the_example_live_from_claim_to_delete() {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/git-worktree.sh");
    both(|database| {
        let dir = TestDir::new();
        let repository = dir.join("repository");
        std::fs::create_dir(&repository).expect("a folder");
        git(&repository, &["init", "--quiet"]);
        std::fs::write(repository.join("README"), "here").expect("a file");
        git(&repository, &["add", "README"]);
        git(&repository, &["commit", "--quiet", "--message", "Begin"]);
        let parameter = format!(
            "[[templates.parameters]]\nname = \"repository\"\ndefault = {:?}",
            repository.display().to_string()
        );
        apply(database, &pools(2, &parameter));
        run(database, "reconcile-once").ok();
        let words = ["provision", "--poll-interval", "50ms", "--exec"];
        let provision = prebuildctl(words).arg(&script).on(database);
        let worker = provision
            .env("PREBUILDCTL_WORKTREES", dir.join("trees"))
            .spawn();

        let patient = ["--wait-available=30s", "--wait=30s", "--format=json"];
        let patient = patient.iter().fold(claim("shop"), |it, word| it.arg(word));
        let claimed = patient.on(database).run().json();
        let tree = claimed["agents"][0]["directory"]
            .as_str()
            .expect("a folder");
        let tree = PathBuf::from(tree);
        assert_eq!(tree, dir.join("trees/ada/shop"));
        std::fs::write(tree.join("notes"), "mine").expect("a file");

        run(database, "stop shop --wait 20s").ok();
        run(database, "start shop --wait 20s").ok();
        assert_eq!(
            std::fs::read_to_string(tree.join("notes")).expect("a file"),
            "mine"
        );
        run(database, "delete --all --owner ada --yes --wait 20s").ok();
        assert!(!tree.exists());
        apply(database, &pools(0, &parameter));
        run(database, "reconcile-once").ok();
        wait_until("the pool is empty", || {
            database.count("SELECT count(*) FROM workspaces WHERE NOT deleted") == 0
        });
        stop(worker);
        assert_eq!(git(&repository, &["worktree", "list"]).lines().count(), 1);
    });
}
