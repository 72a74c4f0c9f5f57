//! Builds by a command: what it is told, what it may write, and how it ends.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn a_command_is_told_about_its_job() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            env > "$OUT/env"
            pwd > "$OUT/folder"
            ls -A | wc -l > "$OUT/files"
            cat "$PREBUILDCTL_PARAMETERS_FILE" > "$OUT/parameters"
            cat "$PREBUILDCTL_STATE_FILE" > "$OUT/state""#;
        build(database, &out, script).ok();
        let text = |name: &str| std::fs::read_to_string(out.join(name)).expect("a file");
        let env = text("env");
        let id = |sql: &str| database.value(sql).expect("a value");
        for (name, value) in [
            ("TRANSITION", "start".to_owned()),
            ("STAGE", "create".to_owned()),
            ("WORKSPACE_ID", id("SELECT id FROM workspaces")),
            ("WORKSPACE_NAME", id("SELECT name FROM workspaces")),
            ("OWNER_ID", id("SELECT owner_id FROM workspaces")),
            ("OWNER_NAME", "prebuilds".to_owned()),
            ("ORGANIZATION_NAME", "acme".to_owned()),
            ("TEMPLATE_NAME", "backend".to_owned()),
            (
                "TEMPLATE_VERSION_NAME",
                id("SELECT name FROM template_versions"),
            ),
            ("PRESET_NAME", "small".to_owned()),
            ("BUILD_ID", id("SELECT id FROM workspace_builds")),
            ("BUILD_NUMBER", "1".to_owned()),
            ("JOB_ID", id("SELECT job_id FROM workspace_builds")),
            ("PARAMETER_DISK_SIZE", "20".to_owned()),
        ] {
            let line = format!("PREBUILDCTL_{name}={value}");
            assert!(env.lines().any(|it| it == line), "{line} is not in\n{env}");
        }
        // The database's URL can hold a password.
        assert!(!env.contains("DATABASE_URL"), "{env}");
        assert_eq!(text("parameters"), r#"{"disk size":"20"}"#);
        assert_eq!(text("state"), "");
        assert_eq!(text("files").trim(), "0");
        assert!(!Path::new(text("folder").trim()).exists());
    });
}

#[test]
fn a_command_is_found_in_a_folder_of_the_path_that_is_a_relative_one() {
    for folder in [".", ""] {
        let database = sqlite();
        queue(&database, &one());
        let dir = TestDir::new();
        let program = dir.write("build.sh", "#!/bin/sh\n");
        std::fs::set_permissions(&program, Permissions::from_mode(0o755)).expect("a program");
        let path = std::env::var("PATH").expect("a path");
        let provision = provision(&database, &["--drain", "--exec", "build.sh"]);
        let provision = provision
            .within(&dir)
            .env("PATH", format!("{folder}:{path}"));
        provision.run().ok();
        assert_eq!(statuses(&database), ["succeeded"]);
    }
}

#[test]
fn nobody_else_reads_the_folder_of_a_build_whatever_the_umask() {
    let database = sqlite();
    queue(&database, &one());
    let out = TestDir::new();
    let script = r#"cd .. && stat -c '%a %n' . * > "$OUT/modes""#;
    let arguments = ["provision", "--drain", "--exec", "sh", "-c", script];
    let provision = prebuildctl_after("umask 0", arguments);
    provision.on(&database).env("OUT", out.path()).run().ok();
    let modes = std::fs::read_to_string(out.join("modes")).expect("modes");
    assert_eq!(
        modes,
        "700 .\n600 parameters.json\n600 running\n600 state\n700 work\n"
    );
}

#[test]
fn a_command_is_given_no_password_of_a_database() {
    let database = sqlite();
    queue(&database, &one());
    let out = TestDir::new();
    let mut provision = by_script(&database, &out, &["--drain"], r#"env > "$OUT/env""#);
    for name in [
        "PGPASSWORD",
        "PGPASSFILE",
        "PGSSLPASSWORD",
        "CODER_PG_PASSWORD",
        "CODER_PG_CONNECTION_URL",
        "DATABASE_URL",
        "PREBUILDCTL_DATABASE_URL_FILE",
        "PREBUILDCTL_ON_EVENT",
        "CREDENTIALS_DIRECTORY",
    ] {
        provision = provision.env(name, "s3cret");
    }
    let config = out.write("s3cret.toml", "");
    provision = provision.env("PREBUILDCTL_CONFIG", config);
    provision.env("PGHOST", "127.0.0.1").run().ok();
    let env = std::fs::read_to_string(out.join("env")).expect("variables");
    assert!(
        !env.contains("s3cret") && !env.contains("DATABASE_URL"),
        "{env}"
    );
    assert!(env.contains("PGHOST="), "{env}");
}

#[test]
fn state_is_handed_on_from_build_to_build() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            echo "$PREBUILDCTL_TRANSITION of <$(cat "$PREBUILDCTL_STATE_FILE")>" >> "$OUT/said"
            test "$PREBUILDCTL_TRANSITION" = delete || echo machine-7 > "$PREBUILDCTL_STATE_FILE""#;
        build(database, &out, script).ok();
        apply(database, &POOLS.replace("instances = 3", "instances = 0"));
        run(database, "reconcile-once").ok();
        build(database, &out, script).ok();
        let said = std::fs::read_to_string(out.join("said")).expect("something said");
        assert_eq!(said, "start of <>\ndelete of <machine-7>\n");
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE deleted"),
            1
        );
    });
}

#[test]
fn logs_are_bounded_whatever_a_command_prints() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            head -c 100000 /dev/zero | tr '\0' x; echo
            printf 'a\0b\377c\n'
            i=0; while [ $i -lt 1100 ]; do
                printf '%01000d\n' $i
                i=$((i + 1))
            done"#;
        build(database, &out, script).ok();
        assert_eq!(statuses(database), ["succeeded"]);
        let rows = database.rows("SELECT output FROM provisioner_job_logs ORDER BY id LIMIT 2");
        assert_eq!(rows[0][0], Some("x".repeat(1024)));
        assert_eq!(rows[1][0].as_deref(), Some("a\u{fffd}b\u{fffd}c"));
        let job = database.rows(
            "SELECT logs_length, logs_overflowed FROM provisioner_jobs
             WHERE type = 'workspace_build'",
        );
        let length: i64 = job[0][0]
            .as_deref()
            .expect("a length")
            .parse()
            .expect("a number");
        assert!((1_047_000..=1_048_576).contains(&length), "{length}");
        assert_eq!(job[0][1].as_deref(), Some("1"));
    });
}

#[test]
fn what_a_claim_replaced_is_recorded_even_in_a_full_log() {
    both(|database| {
        queue(database, &one());
        simulate(database);
        let job = claim(database);
        let out = TestDir::new();
        let script = r#"
            i=0; while [ $i -lt 1100 ]; do
                printf '%01000d\n' $i
                i=$((i + 1))
            done
            echo '{"docker_container.main": ["image"]}' > "$PREBUILDCTL_REPLACEMENTS_FILE""#;
        build(database, &out, script).ok();
        assert_eq!(
            database.rows(&format!(
                "SELECT job_status, logs_length, logs_overflowed FROM provisioner_jobs
                 WHERE id = '{job}'"
            )),
            [["succeeded", "1048035", "1"].map(|text| Some(text.to_owned()))]
        );
        let recorded = "SELECT output FROM provisioner_job_logs
                        WHERE stage = 'Resource replacement'";
        assert_eq!(
            database.value(recorded).as_deref(),
            Some(r#"{"docker_container.main":["image"]}"#)
        );
    });
}

#[test]
fn a_command_may_say_what_it_built() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"cat > "$PREBUILDCTL_RESOURCES_FILE" <<'END'
            {"resources": [
                {"type": "docker_volume", "name": "home"},
                {"type": "docker_container", "name": "workspace", "agents": [
                    {"name": "dev", "operating_system": "linux", "architecture": "arm64",
                     "directory": "/home/ada"}]}]}"#;
        build(database, &out, script).ok();
        let rows = database.rows(
            "SELECT r.type, r.name, a.name, a.architecture, a.directory, a.lifecycle_state
             FROM workspace_resources AS r LEFT JOIN workspace_agents AS a ON a.resource_id = r.id
             ORDER BY r.type",
        );
        let agent = [
            "docker_container",
            "workspace",
            "dev",
            "arm64",
            "/home/ada",
            "ready",
        ];
        assert_eq!(rows[0], agent.map(|text| Some(text.to_owned())));
        assert_eq!(rows[1][0].as_deref(), Some("docker_volume"));
        run(database, "plan --detailed-exitcode").expect_code(0);
    });
}

#[test]
fn resources_that_are_not_understood_fail_the_build() {
    both(|database| {
        for (document, problem) in [
            ("{}", "missing field `resources`"),
            (
                r#"{"resources": [{"type": "x", "name": ""}]}"#,
                "name is empty",
            ),
            (
                r#"{"resources": [{"type": "x", "name": "y",
                    "agents": [{"name": "dev"}, {"name": "DEV"}]}]}"#,
                "two agents are named",
            ),
        ] {
            queue(database, &one());
            let out = TestDir::new();
            out.write("document", document);
            build(
                database,
                &out,
                r#"cp "$OUT/document" "$PREBUILDCTL_RESOURCES_FILE""#,
            )
            .ok();
            let failed = "SELECT error FROM provisioner_jobs WHERE job_status = 'failed'";
            let error = database.value(failed).expect("an error");
            assert!(error.contains(problem), "{error}");
            database.execute("DELETE FROM workspaces");
            database.execute("DELETE FROM provisioner_jobs WHERE type = 'workspace_build'");
        }
    });
}

#[test]
fn replaced_resources_are_told_for_a_month() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            test "$PREBUILDCTL_STAGE" = claim && test "$PREBUILDCTL_OWNER_NAME" = ada
            echo '{"docker_container.main": ["image", "env"]}' > "$PREBUILDCTL_REPLACEMENTS_FILE""#;
        // Only claims count.
        build(database, &out, &script.replace(" && test", " ; test")).ok();
        let told = || {
            let output = run(database, "snapshot");
            output.stderr.contains("docker_container.main (image, env)")
        };
        assert!(!told());
        database.execute("DELETE FROM provisioner_job_logs");
        simulate(database);
        claim(database);
        let output = build(database, &out, script);
        output.ok();
        assert!(
            output
                .stderr
                .contains("by ada replaced docker_container.main"),
            "{}",
            output.stderr
        );
        let line = database.rows(
            "SELECT level, output FROM provisioner_job_logs WHERE stage = 'Resource replacement'",
        );
        let expected = ["warn", r#"{"docker_container.main":["image","env"]}"#];
        assert_eq!(line, [expected.map(|text| Some(text.to_owned())).to_vec()]);
        assert!(told());
        let json = run(database, "snapshot --format json").json();
        assert!(json.get("replacements").is_none());
        database
            .execute("UPDATE provisioner_job_logs SET created_at = '2020-01-01T00:00:00.000000Z'");
        assert!(!told());
    });
}

#[test]
fn the_example_builds_git_worktrees() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/git-worktree.sh");
    both(|database| {
        let out = TestDir::new();
        let repository = out.join("repository");
        let git = |arguments: &str| {
            let done = std::process::Command::new("git")
                .args(["-c", "user.name=x", "-c", "user.email=x@localhost", "-C"])
                .arg(&repository)
                .args(arguments.split_whitespace())
                .output()
                .expect("git is there");
            assert!(done.status.success(), "{done:?}");
            String::from_utf8(done.stdout).expect("text")
        };
        std::fs::create_dir(&repository).expect("a folder");
        git("init -q");
        std::fs::write(repository.join("hello"), "hello").expect("a file");
        git("add hello");
        git("commit -q -m hello");
        let pools = one()
            .replace("name = \"disk size\"", "name = \"repository\"")
            .replace("\"10\"", &format!("{:?}", repository.display().to_string()))
            .replace("parameters = { \"disk size\" = \"20\" }", "");
        queue(database, &pools);
        let build = || {
            provision(database, &["--drain", "--exec", example])
                .env("PREBUILDCTL_WORKTREES", out.join("worktrees"))
                .run()
                .ok();
        };
        build();
        let failed = "SELECT max(error) FROM provisioner_jobs";
        assert_eq!(database.value(failed), None);
        let name = database
            .value("SELECT name FROM workspaces")
            .expect("a name");
        let pool = out.join("worktrees/prebuilds").join(name);
        assert!(pool.join("hello").exists());
        std::fs::write(pool.join("built ahead"), "").expect("a file");

        claim(database);
        build();
        let mine = out.join("worktrees/ada/mine");
        assert_eq!(database.value(failed), None);
        assert!(mine.join("built ahead").exists() && !pool.exists());
        assert_eq!(
            database
                .value("SELECT directory FROM workspace_agents ORDER BY created_at DESC LIMIT 1"),
            Some(mine.display().to_string())
        );

        let ada = database.value("SELECT id FROM users WHERE username = 'ada'");
        queue_build(database, "delete", 0, &ada.expect("ada"));
        build();
        assert_eq!(database.value(failed), None);
        assert!(!mine.exists());
        assert_eq!(git("worktree list").lines().count(), 1);
        assert_eq!(
            database.count("SELECT count(*) FROM workspaces WHERE NOT deleted"),
            0
        );
    });
}

#[test]
fn folders_of_builds_are_in_the_folder_that_systemd_has_for_state() {
    let database = sqlite();
    queue(&database, &one());
    let (out, state) = (TestDir::new(), TestDir::new());
    let script = r#"echo "$PREBUILDCTL_STATE_FILE" > "$OUT/file""#;
    let worker = by_script(&database, &out, &["--drain"], script);
    worker.env("STATE_DIRECTORY", state.path()).run().ok();
    let file = std::fs::read_to_string(out.join("file")).expect("a path");
    assert!(Path::new(&file).starts_with(state.path()), "{file}");
}
