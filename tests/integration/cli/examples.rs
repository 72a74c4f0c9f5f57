//! The documentation's examples: they are taken from it and tried, as far as that goes without the
//! services that they are for.

pub mod docs;

use std::process::Command;

use clap::Parser as _;
use prebuildctl::Cli;
use serde_json::Value;

use super::packaging;
use crate::support::database::Database;
use crate::support::everywhere;
use crate::support::process::{Output, TestDir};
use crate::support::scene::{Job, Scene};
use crate::support::service::WORKSPACES;

/// The lines of the crontab: settings of the environment, and the one of times and a command.
fn crontab() -> (Vec<String>, String) {
    let mut blocks = docs::blocks().into_iter();
    let block = blocks.find(|block| block.language == "crontab").unwrap();
    let lines = block.text.lines().map(str::to_owned);
    let (mut jobs, settings): (Vec<_>, Vec<_>) =
        lines.partition(|line| line.starts_with(|c: char| c == '*' || c.is_ascii_digit()));
    assert_eq!(jobs.len(), 1);
    (settings, jobs.remove(0))
}

/// Times and command of the crontab's job, as cron reads it.
pub fn cron_job() -> (Vec<String>, String) {
    let (_, line) = crontab();
    let mut fields = line.splitn(6, ' ').map(str::to_owned);
    let times: Vec<_> = fields.by_ref().take(5).collect();
    let command = fields.next().unwrap();
    // One that is not escaped would be a line break.
    assert!(!command.replace("\\%", "").contains('%'), "{command}");
    (times, command.replace("\\%", "%"))
}

fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&docs::file(path)).unwrap()
}

/// The scripts of a job of the CI example.
fn scripts(job: &str) -> Vec<String> {
    let workflow = yaml(".github/workflows/prebuilds.yaml");
    let steps = workflow["jobs"][job]["steps"].as_array().unwrap().iter();
    steps
        .filter_map(|step| step["run"].as_str().map(str::to_owned))
        .collect()
}

#[track_caller]
pub fn assert_accepted(command: &[String]) {
    if let Err(error) = Cli::try_parse_from(command) {
        // Help and version end the parser as well.
        assert!(!error.use_stderr(), "{command:?}: {error}");
    }
}

#[test]
fn every_command_line_of_the_documentation_is_accepted() {
    let shell: Vec<_> = docs::blocks()
        .into_iter()
        .flat_map(|block| match block.language.as_str() {
            "console" => docs::commands(&docs::typed(&block.text)),
            "sh" | "bash" | "shell" => docs::commands(&block.text),
            _ => Vec::new(),
        })
        .collect();
    assert!(shell.len() >= 30, "{shell:?}");

    let in_ci = ["plan", "apply"].map(|job| docs::commands(&scripts(job).concat()));
    assert_eq!(in_ci.each_ref().map(Vec::len), [1, 1]);
    let by_cron = docs::commands(&cron_job().1);
    assert_eq!(by_cron.len(), 1);
    let all = shell.iter().chain(in_ci.iter().flatten());
    for command in all.chain(&by_cron) {
        assert_accepted(command);
    }
}

/// The anchors of a page's headings, as GitHub makes them.
fn anchors(page: &str) -> Vec<String> {
    let prose = docs::prose(page);
    let headings = prose.lines().filter_map(|line| line.strip_prefix('#'));
    let anchors = headings.map(|heading| {
        let heading = heading.trim_start_matches('#').trim().to_lowercase();
        let kept = |c: &char| c.is_alphanumeric() || "-_ ".contains(*c);
        heading
            .chars()
            .filter(kept)
            .collect::<String>()
            .replace(' ', "-")
    });
    anchors.collect()
}

#[test]
fn every_link_of_the_documentation_leads_to_a_file_and_a_heading() {
    let pages = docs::pages();
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut links = 0;
    for (path, page) in &pages {
        for part in docs::prose(page).split("](").skip(1) {
            let (link, _) = part.split_once(')').unwrap();
            if link.starts_with("https://") {
                continue;
            }
            links += 1;
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => root.join(path),
                _ => root.join(path.parent().unwrap()).join(file),
            };
            assert!(target.exists(), "{link} in {path:?}");
            if !anchor.is_empty() {
                let anchors = anchors(&std::fs::read_to_string(&target).unwrap());
                assert!(
                    anchors.contains(&anchor.to_owned()),
                    "{link} in {path:?}: {anchors:?}"
                );
            }
        }
    }
    assert!(links >= 30, "{links}");
}

#[test]
fn command_lines_are_found_wherever_they_stand_in_a_script() {
    let script = "# prebuildctl nowhere\n\
        A=1 prebuildctl plan   # why\n\
        cat x | /bin/prebuildctl claim --batch - > out 2>&1 && echo prebuildctl\n\
        if ! prebuildctl snapshot \\\n  --at 'now' >/dev/null; then exit 1; fi\n\
        journalctl -u prebuildctl\n";
    let found: Vec<String> = docs::commands(script)
        .iter()
        .map(|words| words.join(" "))
        .collect();
    let expected = [
        "prebuildctl plan",
        "/bin/prebuildctl claim --batch -",
        "prebuildctl snapshot --at now",
    ];
    assert_eq!(found, expected);
}

/// Whether cron takes the field: numbers in this range, ranges and lists of them, and steps.
fn is_cron_field(field: &str, from: u32, to: u32) -> bool {
    let number = |text: &str| text.parse::<u32>().ok().filter(|n| (from..=to).contains(n));
    field.split(',').all(|part| {
        let (range, step) = part.split_once('/').unwrap_or((part, "1"));
        let is_range = match range.split_once('-') {
            Some((first, last)) => number(first)
                .zip(number(last))
                .is_some_and(|(first, last)| first <= last),
            None => range == "*" || number(range).is_some(),
        };
        is_range && step.parse::<u32>().is_ok_and(|step| step > 0)
    })
}

#[track_caller]
fn assert_cron_times(fields: &[String]) {
    let ranges = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)];
    assert_eq!(fields.len(), ranges.len(), "{fields:?}");
    for (field, (from, to)) in fields.iter().zip(ranges) {
        assert!(is_cron_field(field, from, to), "{field:?} in {fields:?}");
    }
}

#[test]
fn the_times_of_crontab_cronjob_and_workflow_are_five_fields() {
    assert_cron_times(&cron_job().0);
    let split = |times: &Value| -> Vec<String> {
        let times = times.as_str().unwrap().split(' ');
        times.map(str::to_owned).collect()
    };
    assert_cron_times(&split(
        &packaging::yaml("kubernetes/cronjob.yaml")["spec"]["schedule"],
    ));
    let workflow = yaml(".github/workflows/prebuilds.yaml");
    assert_cron_times(&split(&workflow["on"]["schedule"][0]["cron"]));
    for field in ["60", "*/0", "5-1", "", "1,", "x", "*/5/5", "-1"] {
        assert!(!is_cron_field(field, 0, 59), "{field}");
    }
    let (settings, _) = crontab();
    assert_eq!(settings.len(), 1);
    assert!(settings[0].starts_with("CODER_PG_CONNECTION_URL=postgres://"));
}

/// A pool that lacks one workspace.
pub fn set_scene(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let version = scene.template("web");
    let preset = scene.preset(&version, "pool", 2);
    scene.prebuild(&version, &preset, Job::Succeeded, 60);
    scene
}

/// Runs the scripts of a job as the runner would, in the folder.
fn run_job(job: &str, database: &Database, dir: &TestDir) -> Output {
    let scripts = scripts(job);
    assert_eq!(scripts.len(), 1, "{job}");
    let programs = std::path::Path::new(env!("CARGO_BIN_EXE_prebuildctl"));
    let path = std::env::var("PATH").unwrap();
    let output = Command::new("bash")
        .args(["--noprofile", "--norc", "-eo", "pipefail"])
        .arg(dir.write("script", &scripts[0]))
        .current_dir(dir.path())
        .env_clear()
        .env("HOME", dir.path())
        .env(
            "PATH",
            format!("{}:{path}", programs.parent().unwrap().display()),
        )
        .env("CODER_PG_CONNECTION_URL", &database.url)
        .env("GITHUB_STEP_SUMMARY", dir.join("summary"))
        .env("GITHUB_OUTPUT", dir.join("output"))
        .output()
        .unwrap();
    Output {
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
        code: output.status.code().unwrap(),
    }
}

/// What a job wrote to the file, which is emptied.
fn take(dir: &TestDir, name: &str) -> String {
    let text = std::fs::read_to_string(dir.join(name)).unwrap();
    dir.write(name, "");
    text
}

#[test]
fn the_ci_job_fails_on_changes_and_carries_out_the_approved_plan_once() {
    everywhere(|database| {
        let scene = set_scene(database);
        let dir = TestDir::new();
        let before = database.dump();

        // There is something to do.
        run_job("plan", database, &dir).expect_code(2);
        assert!(before == database.dump());
        assert_eq!(take(&dir, "output"), "exit_code=2\n");
        let summary = take(&dir, "summary");
        assert!(summary.contains("| PRESET"), "{summary}");
        assert!(summary.contains("create 1"), "{summary}");

        run_job("apply", database, &dir).expect_code(0);
        assert_eq!(database.count(WORKSPACES), 2);
        assert!(take(&dir, "summary").contains("1 created"));
        scene.finish_builds();

        // The same plan a second time is another matter.
        let filled = database.dump();
        let again = run_job("apply", database, &dir);
        again.expect_code(6);
        assert!(again.stderr.contains("no longer matches"), "{again:?}");
        assert!(filled == database.dump());

        // There is nothing to do.
        run_job("plan", database, &dir).expect_code(0);
        assert_eq!(take(&dir, "output"), "exit_code=0\n");
    });
    // A database that can't be read is neither.
    let missing = Database::sqlite(TestDir::new());
    let dir = TestDir::new();
    run_job("plan", &missing, &dir).expect_code(1);
    assert_eq!(take(&dir, "output"), "exit_code=1\n");
}

#[test]
fn the_ci_jobs_hand_the_plan_from_one_to_the_other() {
    let workflow = yaml(".github/workflows/prebuilds.yaml");
    let jobs = &workflow["jobs"];
    assert_eq!(jobs["apply"]["needs"], "plan");
    // The reviewers are those of the environment.
    assert_eq!(jobs["apply"]["environment"], "prebuilds");
    let output = "${{ steps.plan.outputs.exit_code }}";
    assert_eq!(jobs["plan"]["outputs"]["exit_code"], output);
    assert_eq!(jobs["plan"]["steps"][0]["id"], "plan");
    let (kept, fetched) = (&jobs["plan"]["steps"][1], &jobs["apply"]["steps"][0]);
    assert_eq!(kept["with"]["name"], fetched["with"]["name"]);
    assert_eq!(kept["with"]["path"], "plan.json");
    // A job that failed on changes is not the end.
    let condition = jobs["apply"]["if"].as_str().unwrap();
    assert!(condition.contains("!cancelled()") && condition.contains("== '2'"));
    assert_eq!(workflow["defaults"]["run"]["shell"], "bash");
}
