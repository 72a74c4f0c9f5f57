//! The files of `packaging`: units, manifests and dashboards are taken as they are and tried, as far as that
//! goes without the services that they are for.

use std::fs::read_to_string;
use std::process::Command;

use prebuildctl::{REFUSED, USAGE};
use serde_json::{Value, json};

use super::examples::{assert_accepted, cron_job, docs, set_scene};
use crate::support::everywhere;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::service::WORKSPACES;

const ONCE: &str = "systemd/prebuildctl-once.service";
const TIMER: &str = "systemd/prebuildctl-once.timer";
const LOOP: &str = "systemd/prebuildctl-loop.service";
const PROVISION: &str = "systemd/prebuildctl-provision.service";
const CRON_JOB: &str = "kubernetes/cronjob.yaml";
const DEPLOYMENT: &str = "kubernetes/loop.yaml";

/// Where the units have their files.
const STATE: &str = "/var/lib/prebuildctl";

fn file(path: &str) -> String {
    let path = format!("{}/packaging/{path}", env!("CARGO_MANIFEST_DIR"));
    read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn yaml(path: &str) -> Value {
    serde_saphyr::from_str(&file(path)).unwrap()
}

/// The only value of a unit's setting.
#[track_caller]
fn setting(path: &str, section: &str, key: &str) -> String {
    let unit = docs::unit(&file(path)).into_iter();
    let mut values: Vec<_> = unit
        .filter(|(in_section, name, _)| in_section == section && name == key)
        .map(|(_, _, value)| value)
        .collect();
    assert_eq!(values.len(), 1, "{key} in {path}");
    values.remove(0)
}

/// The command line of a unit, as systemd reads it.
fn exec_start(path: &str) -> Vec<String> {
    let line = setting(path, "Service", "ExecStart");
    let bare = line.replace("%%", "");
    assert!(!bare.contains('%'), "a percent sign by itself: {line}");
    shlex::split(&line.replace("%%", "%")).unwrap()
}

/// The pod of a manifest.
fn pod(path: &str) -> Value {
    let manifest = yaml(path);
    let spec = &manifest["spec"];
    let template = if path == CRON_JOB {
        &spec["jobTemplate"]["spec"]["template"]
    } else {
        &spec["template"]
    };
    template["spec"].clone()
}

/// The command line of a manifest.
fn container_command(path: &str) -> Vec<String> {
    let pod = pod(path);
    let container = &pod["containers"][0];
    let words = [&container["command"], &container["args"]];
    let words = words.into_iter().flat_map(|list| list.as_array().unwrap());
    words
        .map(|word| word.as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn every_command_line_of_units_and_manifests_is_accepted() {
    for command in [ONCE, LOOP, PROVISION].map(exec_start) {
        assert!(docs::is_prebuildctl(&command[0]), "{command:?}");
        assert_accepted(&command);
    }
    for command in [CRON_JOB, DEPLOYMENT].map(container_command) {
        assert!(docs::is_prebuildctl(&command[0]), "{command:?}");
        assert_accepted(&command);
    }
}

#[test]
fn units_have_the_settings_that_they_need() {
    assert_eq!(setting(ONCE, "Service", "Type"), "oneshot");
    // A timer starts the service of its own name.
    assert_eq!(TIMER.replace(".timer", ".service"), ONCE);
    assert_eq!(setting(TIMER, "Timer", "OnUnitInactiveSec"), "1m");
    assert_eq!(setting(TIMER, "Install", "WantedBy"), "timers.target");

    // The loop tells systemd that it is ready and alive, and hears SIGHUP.
    assert_eq!(setting(LOOP, "Service", "Type"), "notify");
    assert_eq!(setting(LOOP, "Service", "WatchdogSec"), "1m");
    assert_eq!(setting(LOOP, "Service", "Restart"), "on-failure");
    assert_eq!(
        setting(LOOP, "Service", "ExecReload"),
        "/bin/kill -HUP $MAINPID"
    );
    assert_eq!(
        setting(LOOP, "Service", "RestartPreventExitStatus"),
        USAGE.to_string()
    );
    for unit in [LOOP, PROVISION] {
        assert_eq!(setting(unit, "Install", "WantedBy"), "multi-user.target");
    }
    for unit in [ONCE, LOOP, PROVISION] {
        // What only root may read, and the one folder that can be written to.
        assert_eq!(
            setting(unit, "Service", "LoadCredential"),
            "database-url:/etc/prebuildctl/database-url"
        );
        assert_eq!(setting(unit, "Service", "ProtectSystem"), "strict");
        let user = setting(unit, "Service", "User");
        assert!(file("systemd/sysusers.conf").contains(&format!("u {user} ")));
        let state = setting(unit, "Service", "StateDirectory");
        assert_eq!(format!("/var/lib/{state}"), STATE);
    }
}

#[test]
fn systemd_understands_the_units() {
    if Command::new("systemd-analyze")
        .arg("--version")
        .output()
        .is_err()
    {
        eprintln!("skipped: no systemd-analyze here");
        return;
    }
    let dir = TestDir::new();
    let mut verify = Command::new("systemd-analyze");
    verify.args(["verify", "--man=no"]);
    for path in [ONCE, TIMER, LOOP, PROVISION] {
        // Its program must be there.
        let program = format!("ExecStart={}", env!("CARGO_BIN_EXE_prebuildctl"));
        let text = file(path).replace("ExecStart=prebuildctl", &program);
        let name = path.rsplit('/').next().unwrap();
        verify.arg(dir.write(name, &text));
    }
    let output = verify.output().unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    // Unknown settings are only warned of. What it says of other units is the system's affair.
    assert!(!said.contains("prebuildctl"), "{said}");
}

#[test]
fn the_cronjob_runs_one_pass_at_a_time_and_tries_again_only_where_that_helps() {
    let cron_job = yaml(CRON_JOB);
    assert_eq!(cron_job["apiVersion"], "batch/v1");
    assert_eq!(cron_job["kind"], "CronJob");
    assert_eq!(cron_job["spec"]["concurrencyPolicy"], "Forbid");
    let job = &cron_job["spec"]["jobTemplate"]["spec"];
    // A policy for failed pods is only taken together with this one.
    assert_eq!(job["template"]["spec"]["restartPolicy"], "Never");
    let name = &pod(CRON_JOB)["containers"][0]["name"];
    let rules = json!([{
        "action": "FailJob",
        "onExitCodes": {
            "containerName": name, "operator": "In", "values": [REFUSED, USAGE],
        },
    }]);
    assert_eq!(job["podFailurePolicy"]["rules"], rules);
    // The pass gives up by itself before it is killed.
    assert!(job["activeDeadlineSeconds"].as_i64().unwrap() > 240);
    assert!(container_command(CRON_JOB).contains(&"--timeout=4m".to_owned()));
}

#[test]
fn the_deployment_probes_the_address_that_the_loop_listens_on() {
    let deployment = yaml(DEPLOYMENT);
    assert_eq!(deployment["apiVersion"], "apps/v1");
    assert_eq!(deployment["kind"], "Deployment");
    let (selector, labels) = (
        &deployment["spec"]["selector"]["matchLabels"],
        &deployment["spec"]["template"]["metadata"]["labels"],
    );
    assert_eq!(selector, labels);
    let pod = pod(DEPLOYMENT);
    let container = &pod["containers"][0];
    let port = &container["ports"][0];
    assert_eq!(
        (&port["name"], &port["containerPort"]),
        (&json!("metrics"), &json!(9464))
    );
    assert!(container_command(DEPLOYMENT).contains(&"--metrics-addr=0.0.0.0:9464".to_owned()));
    for (probe, path) in [("livenessProbe", "/healthz"), ("readinessProbe", "/readyz")] {
        let get = &container[probe]["httpGet"];
        assert_eq!(
            (&get["path"], &get["port"]),
            (&json!(path), &json!("metrics"))
        );
    }
}

#[test]
fn pods_run_without_rights_and_get_the_url_of_coder_from_its_secret() {
    for path in [CRON_JOB, DEPLOYMENT] {
        assert_eq!(yaml(path)["metadata"]["name"], "prebuildctl");
        let pod = pod(path);
        assert_eq!(pod["securityContext"]["runAsNonRoot"], true);
        assert_eq!(pod["automountServiceAccountToken"], false);
        let container = &pod["containers"][0];
        let url = json!([{
            "name": "CODER_PG_CONNECTION_URL",
            "valueFrom": { "secretKeyRef": { "name": "coder-db-url", "key": "url" } },
        }]);
        assert_eq!(container["env"], url);
        assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    }
}

/// Collectors of logs take it line by line.
fn assert_json_lines(text: &str) {
    for line in text.lines() {
        serde_json::from_str::<Value>(line).unwrap_or_else(|error| panic!("{error} in {line}"));
    }
}

#[test]
fn what_systemd_cron_and_kubernetes_run_fills_the_pool() {
    let by_cron = docs::commands(&cron_job().1).remove(0);
    let once = |mut command: Vec<String>| {
        command.push("--max-passes=1".to_owned());
        command
    };
    for command in [
        exec_start(ONCE),
        once(exec_start(LOOP)),
        by_cron,
        container_command(CRON_JOB),
        once(container_command(DEPLOYMENT)),
    ] {
        everywhere(|database| {
            set_scene(database);
            let dir = TestDir::new();
            let here = dir.path().to_str().unwrap();
            // A port that is free, and a folder of this test.
            let arguments = command[1..].iter();
            let arguments = arguments.map(|word| word.replace(STATE, here).replace(":9464", ":0"));
            let run = prebuildctl(arguments).env("CODER_PG_CONNECTION_URL", &database.url);
            let output = run.run();
            output.ok();
            if command.contains(&"--log-format=json".to_owned()) {
                assert_json_lines(&output.stdout);
                assert_json_lines(&output.stderr);
            }
            assert_eq!(database.count(WORKSPACES), 2, "{command:?}");
            let writes_metrics = command.contains(&"--metrics-file".to_owned());
            assert_eq!(dir.join("prebuildctl.prom").exists(), writes_metrics);
        });
    }
}

#[test]
fn the_debian_package_holds_files_that_there_are() {
    let root = env!("CARGO_MANIFEST_DIR");
    let manifest = read_to_string(format!("{root}/Cargo.toml")).unwrap();
    let manifest: toml::Table = manifest.parse().unwrap();
    let deb = &manifest["package"]["metadata"]["deb"];
    let assets = deb["assets"].as_array().unwrap();
    let mut held = Vec::new();
    for asset in assets {
        let source = asset[0].as_str().unwrap();
        if source.starts_with("target/") {
            // packaging/release makes it.
            continue;
        }
        let (folder, name) = source.rsplit_once('/').unwrap_or((".", source));
        let ending = name.strip_prefix('*');
        let names = std::fs::read_dir(format!("{root}/{folder}")).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let fits = |it: &String| ending.map_or(it == name, |ending| it.ends_with(ending));
        let found: Vec<String> = names.filter(fits).collect();
        assert!(!found.is_empty(), "{source}");
        held.extend(found);
    }
    for unit in [ONCE, TIMER, LOOP, PROVISION] {
        let name = unit.rsplit('/').next().unwrap();
        assert!(held.iter().any(|it| it == name), "{name}: {held:?}");
    }
}

#[test]
fn scripts_are_programs_that_their_shells_can_read() {
    for (path, shell) in [
        ("static", "bash"),
        ("release", "bash"),
        ("container/rootfs", "bash"),
        ("debian/postinst", "sh"),
        ("debian/prerm", "sh"),
        ("debian/postrm", "sh"),
    ] {
        let path = format!("{}/packaging/{path}", env!("CARGO_MANIFEST_DIR"));
        let read = Command::new(shell).args(["-n", &path]).status().unwrap();
        assert!(read.success(), "{path}");
        use std::os::unix::fs::PermissionsExt as _;
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, 0o111, "{path}");
    }
}

#[test]
fn the_workflow_of_releases_calls_the_scripts() {
    let path = format!(
        "{}/.github/workflows/release.yml",
        env!("CARGO_MANIFEST_DIR")
    );
    let workflow: Value = serde_saphyr::from_str(&read_to_string(path).unwrap()).unwrap();
    let steps = |job: &str| {
        let steps = workflow["jobs"][job]["steps"].as_array().unwrap().iter();
        steps
            .filter_map(|step| step["run"].as_str().map(str::to_owned))
            .collect::<Vec<String>>()
            .concat()
    };
    assert!(steps("build").contains("packaging/release ${{ matrix.target }}"));
    assert!(steps("publish").contains("packaging/container/rootfs"));
}
