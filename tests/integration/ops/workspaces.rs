//! `list`, `show` and `logs`: workspaces as people look for them, on every kind of database.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Job, PREBUILDS_USER, Scene, Version, Workspace, seconds_ago};
use crate::support::{both, coder_releases, everywhere};

fn run(database: &Database, arguments: &[&str]) -> Output {
    prebuildctl(arguments).on(database).run()
}

/// The ids of a list, in its order.
fn listed(database: &Database, arguments: &[&str]) -> Vec<String> {
    let command = [&["list", "-o", "json"], arguments].concat();
    let list = run(database, &command).json();
    assert_eq!(list["version"], 1);
    let workspaces = list["workspaces"].as_array().unwrap().iter();
    let mut ids: Vec<String> = workspaces
        .map(|it| it["id"].as_str().unwrap().to_owned())
        .collect();
    ids.sort();
    ids
}

/// A pool with a ready member, a failed one and one of an old version, and a workspace of a person.
struct Four {
    ready: Workspace,
    failed: Workspace,
    outdated: Workspace,
    own: Workspace,
    web: Version,
    scene: Scene,
}

impl Four {
    fn new(database: &Database) -> Self {
        let scene = Scene::new(database);
        let old = scene.template("web");
        let old_pool = scene.preset(&old, "small", 1);
        let outdated = scene.prebuild(&old, &old_pool, Job::Succeeded, 90_000);
        let web = scene.version(&old.template, "v2");
        scene.activate(&web);
        let pool = scene.preset(&web, "small", 1);
        let ready = scene.prebuild(&web, &pool, Job::Succeeded, 600);
        let failed = scene.prebuild(&web, &pool, Job::Failed, 300);
        let other = scene.template("db");
        let preset = scene.preset(&other, "large", 0);
        let own = scene.of_person(&other, &preset, Job::Succeeded, 60);
        Self {
            ready,
            failed,
            outdated,
            own,
            web,
            scene,
        }
    }
}

fn ids(workspaces: &[&Workspace]) -> Vec<String> {
    let mut ids: Vec<String> = workspaces.iter().map(|it| it.id.clone()).collect();
    ids.sort();
    ids
}

#[test]
fn lists_are_of_pools_templates_owners_or_all() {
    everywhere(|database| {
        let four = Four::new(database);
        let Four {
            ready,
            failed,
            outdated,
            own,
            ..
        } = &four;
        let of = |arguments: &[&str]| listed(database, arguments);
        assert_eq!(of(&[]), ids(&[ready, failed, outdated, own]));
        let of_pool = ids(&[ready, failed, outdated]);
        assert_eq!(of(&["--preset", "web/small"]), of_pool);
        assert_eq!(of(&["--template", "acme/w*"]), of_pool);
        assert_eq!(of(&["--unclaimed"]), of_pool);
        assert_eq!(of(&["--owner", "ann"]), ids(&[own]));
        assert_eq!(of(&["--owner", PREBUILDS_USER]), of_pool);
        assert_eq!(of(&["--claimed"]), [""; 0]);
        assert_eq!(of(&["--state", "failed"]), ids(&[failed]));
        let states = ["--state=failed", "--state=running", "--younger-than=1h"];
        assert_eq!(of(&states), ids(&[ready, failed, own]));
        assert_eq!(of(&["--older-than", "1d"]), ids(&[outdated]));
        assert_eq!(of(&["--on-version", "inactive"]), ids(&[outdated]));
        assert_eq!(of(&["--on-version", "v2"]), ids(&[ready, failed]));
        // A template without workspaces is known, another name is not.
        four.scene.template("empty");
        assert_eq!(of(&["--template", "empty"]), [""; 0]);
        let unknown = run(database, &["list", "--template", "wbe"]);
        unknown.expect_code(1);
        assert!(unknown.stderr.contains("\"acme/web\""), "{unknown:?}");
        run(database, &["list", "--owner", "nobody"]).expect_code(1);
        assert_eq!(four.web.template, four.web.template);
    });
}

#[test]
fn a_row_says_what_a_workspace_is_and_its_name_finds_it() {
    everywhere(|database| {
        let four = Four::new(database);
        let columns = "workspace,preset,owner,state,ready,version";
        let csv = ["list", "-o", "csv", "--columns", columns, "--owner", "ann"];
        assert_eq!(
            run(database, &csv).ok(),
            format!("{columns}\nann/made-4,acme/db/large,ann,running,yes,v1\n")
        );
        let names = run(database, &["list", "-o", "name", "--owner", "ann"]);
        assert_eq!(names.ok(), "ann/made-4\n");
        for name in ["ann/made-4", "made-4", four.own.id.as_str()] {
            let shown = run(database, &["show", name, "-o", "json"]).json();
            assert_eq!(shown["workspace"]["id"], four.own.id.as_str(), "{name}");
        }
        let missing = run(database, &["show", "ann/none"]);
        missing.expect_code(1);
        assert!(missing.stderr.contains("prebuildctl list"), "{missing:?}");
    });
}

#[test]
fn a_claimed_workspace_tells_whose_it_is_since_when_and_what_was_built() {
    everywhere(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        scene.parameter(&web, "size", Some("small"));
        let pool = scene.preset(&web, "pool", 1);
        scene.preset_value(&pool, "size", "large");
        scene.prebuild(&web, &pool, Job::Succeeded, 600);
        let claim = ["claim", "--preset=pool", "--user=ann", "--name=mine"];
        run(database, &claim).ok();
        scene.execute(
            "UPDATE provisioner_jobs SET started_at = created_at, completed_at = created_at,
                error = 'no space left' WHERE job_status = 'pending'",
        );
        assert_eq!(listed(database, &["--claimed"]).len(), 1);
        let shown = run(database, &["show", "mine", "-o", "json"]).json();
        assert_eq!(shown["state"], "failed");
        assert_eq!(shown["claimed"]["by"], "ann");
        assert!(shown["claimed"]["at"].is_string(), "{shown:#}");
        assert_eq!(shown["parameters"], json!({ "size": "large" }));
        assert_eq!(shown["replaced"], Value::Null);
        let builds = shown["builds"].as_array().unwrap();
        let told =
            |build: &Value| json!([build["build_number"], build["job_status"], build["error"]]);
        let told: Vec<Value> = builds.iter().map(told).collect();
        assert_eq!(
            told,
            [
                json!([2, "failed", "no space left"]),
                json!([1, "succeeded", null])
            ]
        );
        let text = run(database, &["show", "mine"]);
        for part in ["by ann at ", "claim ", "no space left", "size = \"large\""] {
            assert!(text.ok().contains(part), "{part}: {text:?}");
        }
        // A name that is free again still finds the workspace that had it.
        scene.execute("UPDATE workspaces SET deleted = true WHERE name = 'mine'");
        let gone = run(database, &["show", "ann/mine", "-o", "json"]).json();
        assert_eq!(gone["state"], "deleted");
    });
}

#[test]
fn agents_are_shown_with_their_directories() {
    everywhere(|database| {
        let four = Four::new(database);
        four.scene.execute(&format!(
            "UPDATE workspace_agents SET directory = '/home/ann', lifecycle_state = 'start_error'
             WHERE resource_id = '{}'",
            four.own.job
        ));
        let shown = run(database, &["show", &four.own.id, "-o", "json"]).json();
        let agent = &shown["agents"][0];
        assert_eq!(agent["name"], "main");
        assert_eq!(agent["directory"], "/home/ann");
        assert_eq!(agent["lifecycle_state"], "start_error");
        assert_eq!(shown["workspace"]["latest_build"]["ready"], false);
    });
}

#[test]
fn values_that_a_sensitive_variable_holds_are_never_shown() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        scene.parameter(&web, "token", Some("none"));
        let pool = scene.preset(&web, "pool", 1);
        let made = scene.prebuild(&web, &pool, Job::Succeeded, 600);
        scene.execute(&format!(
            "INSERT INTO template_version_variables
             VALUES ('{}', 'key', '', 'string', 's3cr3t-word', '', true, true);
             INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
             VALUES ('{}', 'token', 'a s3cr3t-word in it')",
            web.id, made.build
        ));
        let shown = run(&database, &["show", &made.id, "-o", "json"]);
        assert_eq!(
            shown.json()["parameters"],
            json!({ "token": "(sensitive)" })
        );
        let text = run(&database, &["show", &made.id]);
        assert!(!format!("{shown:?}{text:?}").contains("s3cr3t"), "{text:?}");
    }
}

/// A line of a job's log.
fn log(database: &Database, job: &str, stage: &str, output: &str) {
    let at = seconds_ago(0);
    database.session().execute_with(
        &format!(
            "INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
             VALUES ('{job}', '{at}', 'provisioner', 'info', '{stage}', $1)"
        ),
        output,
    );
}

#[test]
fn logs_are_printed_as_a_terminal_may_show_them() {
    everywhere(|database| {
        let four = Four::new(database);
        let job = &four.own.job;
        log(
            database,
            job,
            "Planning",
            "\u{1b}[1mfound\u{1b}[0m 2\tthings",
        );
        log(database, job, "Planning", "10%\r100%");
        log(database, job, "Applying", "\u{202e}done");
        log(database, &four.ready.job, "Planning", "of another job");
        let printed = run(database, &["logs", "made-4"]);
        let text = "==> Planning\nfound 2    things\n100%\n==> Applying\n\\u{202e}done\n";
        assert_eq!(printed.ok(), text);
        assert_eq!(run(database, &["logs", "--job", job]).ok(), text);
        let lines = run(database, &["logs", "made-4", "--build=1", "-o", "json"]);
        let first = lines.ok().lines().next().unwrap();
        let first: Value = serde_json::from_str(first).unwrap();
        assert_eq!(first["job_id"], job.as_str());
        assert_eq!(first["output"], "\u{1b}[1mfound\u{1b}[0m 2\tthings");
        let failed = run(database, &["logs", "--job", &four.failed.job]);
        assert_eq!(failed.ok(), "");
        assert!(failed.stderr.contains("exit status 1"), "{failed:?}");
        run(database, &["logs", "made-4", "--build=7"]).expect_code(1);
        let unknown = ["logs", "--job", four.own.id.as_str()];
        run(database, &unknown).expect_code(1);
        run(database, &["logs"]).expect_code(64);
    });
}

#[test]
fn following_a_log_waits_for_lines_and_ends_with_the_build() {
    both(|database| {
        let scene = Scene::new(database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        let made = scene.prebuild(&web, &pool, Job::Running, 60);
        log(database, &made.job, "Planning", "first");
        let following = prebuildctl(["logs", "--job", &made.job, "--follow", "-v"])
            .on(database)
            .spawn();
        log(database, &made.job, "Planning", "second");
        scene.finish_builds();
        let output = following.wait();
        assert_eq!(output.ok(), "==> Planning\nfirst\nsecond\n");
    });
}

#[test]
fn claims_that_replaced_resources_are_told_on_databases_of_coder() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 1);
        let made = scene.prebuild(&web, &pool, Job::Succeeded, 600);
        let (person, then) = (&scene.person, seconds_ago(60));
        scene.execute(&format!(
            "UPDATE workspaces SET owner_id = '{person}', name = 'mine' WHERE id = '{}';
             INSERT INTO notification_templates (id, name, title_template, body_template)
             VALUES ('89d9745a-816e-4695-a17f-3d0a229e2b8d', 'replaced', '', '')
             ON CONFLICT DO NOTHING",
            made.id
        ));
        // One for each person who looks after templates.
        for user in [person.as_str(), PREBUILDS_USER] {
            scene.execute(&format!(
                "INSERT INTO notification_messages (id, notification_template_id, user_id, method,
                    created_by, payload, targets, created_at)
                 VALUES (gen_random_uuid(), '89d9745a-816e-4695-a17f-3d0a229e2b8d', '{user}', 'smtp',
                    'prebuilds_reconciler', '{{\"labels\": {{\"claimant\": \"ann\"}}, \"data\":
                        {{\"replacements\": {{\"docker_container.main\": \"image, env\"}}}}}}',
                    ARRAY['{person}', '{}']::uuid[], '{then}')",
                made.id
            ));
        }
        let told = "docker_container.main (image, env)";
        let snapshot = run(&database, &["snapshot"]);
        assert!(snapshot.stderr.contains("1 claim replaced"), "{snapshot:?}");
        assert!(snapshot.stderr.contains(told), "{snapshot:?}");
        let shown = run(&database, &["show", "mine"]);
        assert!(shown.ok().contains(told), "{shown:?}");
        let shown = run(&database, &["show", "mine", "-o", "json"]).json();
        let replaced = json!({ "docker_container.main": ["image", "env"] });
        assert_eq!(shown["replaced"], replaced);
        let doctor = run(&database, &["doctor", "-o", "csv"]);
        let finding = doctor
            .stdout
            .lines()
            .find(|it| it.starts_with("replacements,"));
        assert!(finding.is_some_and(|it| it.contains(told)), "{doctor:?}");
        let dir = TestDir::new();
        let metrics = dir.join("prebuilds.prom");
        let file = format!("--metrics-file={}", metrics.display());
        run(&database, &["reconcile-once", &file]).ok();
        let metrics = std::fs::read_to_string(metrics).unwrap();
        let mut samples = metrics.lines();
        let sample = samples.find(|it| it.starts_with("prebuildctl_recent_resource_replacements{"));
        assert!(sample.is_some_and(|it| it.ends_with(" 1")), "{metrics}");
    }
}
