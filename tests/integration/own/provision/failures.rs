//! Builds by a command that end badly: what is kept of them, and what is left running.

use std::os::unix::fs::PermissionsExt as _;

use super::*;

#[test]
fn a_failure_tells_why_and_leaves_state_and_log() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            echo pulling
            sleep 0.1
            echo half > "$PREBUILDCTL_STATE_FILE"
            echo "no such image" >&2
            exit 3"#;
        let output = build(database, &out, script);
        output.ok();
        let job = database
            .value("SELECT job_id FROM workspace_builds")
            .expect("a job");
        let expected = "the command failed with exit status 3: no such image";
        assert_eq!(error(database, &job), expected);
        assert!(output.stderr.contains(expected), "{}", output.stderr);
        assert_eq!(
            database.value("SELECT provisioner_state FROM workspace_builds"),
            Some("\\x68616c660a".to_owned())
        );
        let log = database
            .rows("SELECT source, level, stage, output FROM provisioner_job_logs ORDER BY id");
        let line = |level: &str, output: &str| {
            ["provisioner", level, "Starting workspace", output]
                .map(|text| Some(text.to_owned()))
                .to_vec()
        };
        assert_eq!(
            log,
            [line("info", "pulling"), line("error", "no such image")]
        );
        assert_eq!(
            database.count("SELECT count(*) FROM workspace_resources"),
            0
        );
    });
}

#[test]
fn the_error_is_found_in_what_is_printed_for_terminals() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = "
            echo applying
            printf '\\033[31m╷\\033[0m\\n\\033[31m│\\033[0m \\033[1mError: \\033[0mno such image\\n'
            printf '│\\n│   on main.tf line 3\\n╵\\n'
            echo '+ exit 1' >&2
            exit 1";
        build(database, &out, script).ok();
        let job = database
            .value("SELECT job_id FROM workspace_builds")
            .expect("a job");
        let expected =
            "the command failed with exit status 1: Error: no such image\non main.tf line 3";
        assert_eq!(error(database, &job), expected);
        // In one line where that is the form.
        let explained = run(database, "plan --explain");
        let told: Vec<&str> = explained.stdout.split_whitespace().collect();
        let told = told.join(" ");
        assert!(told.contains("no such image on main.tf line 3"), "{told}");
    });
}

#[test]
fn what_builds_print_is_shown_when_asked_for_behind_the_names_of_workspaces() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = "printf '\\033[1mpulling\\033[0m 1%%\\rpulling 100%%\\n'; echo careful >&2";
        let arguments = ["--drain", "--show-output"];
        let shown = by_script(database, &out, &arguments, script).run();
        let name = database.value("SELECT name FROM workspaces").unwrap();
        let told = shown.stderr;
        for line in [
            format!("acme/backend {name}: start build begins\n"),
            format!("{name} | pulling 100%\n"),
            format!("{name} | careful\n"),
        ] {
            assert!(told.contains(&line), "{line}: {told}");
        }
        assert!(told.find("begins") < told.find(" | pulling 100%"), "{told}");
        assert_eq!(shown.stdout, "");
    });
}

#[test]
fn a_nul_in_the_last_words_costs_neither_error_nor_state_nor_log() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            echo half > "$PREBUILDCTL_STATE_FILE"
            printf 'no such\0image\n' >&2
            exit 3"#;
        build(database, &out, script).ok();
        let job = database
            .value("SELECT job_id FROM workspace_builds")
            .expect("a job");
        assert_eq!(
            error(database, &job),
            "the command failed with exit status 3: no such\u{fffd}image"
        );
        assert_eq!(
            database.value("SELECT provisioner_state FROM workspace_builds"),
            Some("\\x68616c660a".to_owned())
        );
        assert_eq!(
            database.value("SELECT output FROM provisioner_job_logs"),
            Some("no such\u{fffd}image".to_owned())
        );
    });
}

#[test]
fn an_outcome_that_the_database_refuses_keeps_state_and_log() {
    both(|database| {
        queue(database, &one());
        // A trigger that refuses any resource.
        database.execute(if database.is_sqlite() {
            "CREATE TRIGGER refuse BEFORE INSERT ON workspace_resources
             BEGIN SELECT raise(ABORT, 'no room'); END"
        } else {
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql
                 AS $$ BEGIN RAISE EXCEPTION 'no room'; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON workspace_resources
                 FOR EACH ROW EXECUTE FUNCTION refuse()"
        });
        let out = TestDir::new();
        let script = r#"echo pulling; echo made > "$PREBUILDCTL_STATE_FILE""#;
        let output = build(database, &out, script);
        output.ok();
        assert_eq!(statuses(database), ["failed"]);
        let told = "0 builds succeeded, 1 failed";
        assert!(output.stderr.contains(told), "{output:?}");
        let job = database
            .value("SELECT job_id FROM workspace_builds")
            .expect("a job");
        let error = error(database, &job);
        assert!(error.contains("can't be stored"), "{error}");
        assert!(error.contains("no room"), "{error}");
        assert_eq!(
            database.value("SELECT provisioner_state FROM workspace_builds"),
            Some("\\x6d6164650a".to_owned())
        );
        assert_eq!(
            database.value("SELECT output FROM provisioner_job_logs"),
            Some("pulling".to_owned())
        );
    });
}

#[test]
fn a_build_that_takes_too_long_is_ended_with_all_its_processes() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        // The command and its child both turn a deaf ear to SIGTERM in turn: the child only.
        let script = r#"
            sh -c 'trap "" TERM; echo $$ > "$OUT/child"; while :; do sleep 1; done' &
            wait"#;
        by_script(
            database,
            &out,
            &["--drain", "--build-timeout", "1s"],
            script,
        )
        .run()
        .ok();
        let job = database
            .value("SELECT job_id FROM workspace_builds")
            .expect("a job");
        let error = error(database, &job);
        assert!(error.contains("longer than 1s"), "{error}");
        wait_until("the child is gone", || !is_alive(&out.join("child")));
    });
}

#[test]
fn a_program_under_a_wrapper_has_time_to_end_as_well() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        // The wrapper ends at once, the program after it has stored its state.
        let script = r#"
            sh -c 'trap "sleep 0.5; echo kept > \"$PREBUILDCTL_STATE_FILE\"; exit 1" TERM
                   while :; do sleep 0.05; done'
            echo done"#;
        let options = ["--drain", "--build-timeout=1s"];
        by_script(database, &out, &options, script).run().ok();
        assert_eq!(statuses(database), ["failed"]);
        let state = database.value("SELECT provisioner_state FROM workspace_builds");
        assert_eq!(state.as_deref(), Some("\\x6b6570740a"));
    });
}

#[test]
fn what_goes_on_in_the_background_may_print_as_long_as_the_worker_runs() {
    both(|database| {
        queue(database, &one());
        let out = TestDir::new();
        let script = r#"
            while echo tick && echo >> "$OUT/ticks"; do sleep 0.05; done &
            echo $! > "$OUT/child""#;
        let worker = by_script(database, &out, &[], script).spawn();
        let done = "SELECT count(*) FROM provisioner_jobs
                    WHERE type = 'workspace_build' AND job_status = 'succeeded'";
        until(database, done, 1);
        let ticks = || std::fs::read_to_string(out.join("ticks")).map_or(0, |it| it.len());
        let before = ticks();
        wait_until("more is printed", || ticks() >= before + 5);
        worker.signal("TERM");
        worker.wait().ok();
        wait_until("it can't print any more", || !is_alive(&out.join("child")));
        let said = "SELECT count(*) FROM provisioner_job_logs WHERE output <> 'tick'";
        assert_eq!(database.count(said), 0);
    });
}

#[test]
fn what_goes_on_in_the_background_does_not_hold_a_build_up() {
    let database = sqlite();
    queue(&database, &one());
    let out = TestDir::new();
    let script = r#"sleep 300 & echo $! > "$OUT/child""#;
    build(&database, &out, script).ok();
    assert_eq!(statuses(&database), ["succeeded"]);
    let child = std::fs::read_to_string(out.join("child")).expect("a process id");
    let ended = std::process::Command::new("kill")
        .arg(child.trim())
        .status();
    assert!(ended.expect("kill is there").success(), "{child} had ended");
}

#[test]
fn what_a_failed_build_leaves_running_is_ended() {
    let fails_by_itself = "exit 1";
    let fails_by_its_files = r#"echo '{' > "$PREBUILDCTL_RESOURCES_FILE""#;
    for end in [fails_by_itself, fails_by_its_files] {
        let database = sqlite();
        queue(&database, &one());
        let out = TestDir::new();
        let script = format!("sleep 60 > /dev/null 2>&1 & echo $! > \"$OUT/child\"; {end}");
        build(&database, &out, &script).ok();
        assert_eq!(statuses(&database), ["failed"], "{end}");
        wait_until("the child is gone", || !is_alive(&out.join("child")));
    }
}

#[test]
fn a_worker_that_can_not_begin_builds_puts_their_jobs_back_and_ends() {
    both(|database| {
        queue(database, POOLS);
        let before = statuses(database);
        let out = TestDir::new();
        let no_folder = by_script(database, &out, &["--drain"], "true");
        let no_folder = no_folder.env("TMPDIR", out.join("none")).run();
        let said = "can't make a folder for the build";
        assert!(
            no_folder.expect_code(1).stderr.contains(said),
            "{no_folder:?}"
        );
        assert_eq!(statuses(database), before);
        // The check at the start is long over by then.
        let program = out.write("program", "#!/bin/sh\nrm \"$0\"\n");
        std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
        let program = program.display().to_string();
        let worker = ["provision", "--drain", "--parallel=1", "--exec", &program];
        let gone = prebuildctl(worker).on(database).run();
        let said = "its jobs wait for a worker that can build";
        assert!(gone.expect_code(1).stderr.contains(said), "{gone:?}");
        let is = |status: &str| statuses(database).iter().filter(|it| *it == status).count();
        assert_eq!((is("succeeded"), is("failed")), (1, 0), "{gone:?}");
        simulate(database);
        assert_eq!(is("pending"), 0);
    });
}

#[test]
fn blank_lines_fill_a_log_and_the_error_is_found_behind_them() {
    let database = sqlite();
    queue(&database, &one());
    let out = TestDir::new();
    let script = r#"yes "" | head -n 300000; echo "error: out of disk" >&2; exit 1"#;
    build(&database, &out, script).ok();
    let job = database
        .value("SELECT job_id FROM workspace_builds")
        .unwrap();
    let told = error(&database, &job);
    assert!(told.ends_with("error: out of disk"), "{told}");
    // Some may not be read any more, but no more are stored.
    let lines = database.count("SELECT count(*) FROM provisioner_job_logs");
    assert!((1..=65_536).contains(&lines), "{lines}");
}
