//! Files that flags name: links, devices, pipes and folders, files without end, and who may read what is
//! written.

use std::fs;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::path::Path;
use std::process::Command;
use std::thread;

use serde_json::Value;

use super::{assert_error, document};
use crate::support::process::{Output, TestDir, prebuildctl_after};
use crate::support::service::declare;
use crate::support::sqlite;

/// Plans a document and writes the plan to a file.
fn plan_to(setup: &str, out: &str, dir: &TestDir) -> Output {
    let arguments = ["plan", "--format=json", "--snapshot=-", "--out", out];
    prebuildctl_after(setup, arguments)
        .within(dir)
        .stdin(document().to_string())
        .run()
}

#[track_caller]
fn is_plan(text: &str) {
    let plan: Value = serde_json::from_str(text).unwrap();
    assert_eq!(plan["summary"]["create"], 2, "{plan}");
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn make_node(path: &Path, arguments: &[&str]) -> bool {
    let mut mknod = Command::new("mknod");
    mknod.arg(path).args(arguments);
    mknod.output().is_ok_and(|output| output.status.success())
}

#[test]
fn a_saved_plan_is_its_owners_alone_and_an_old_file_keeps_its_mode() {
    let dir = TestDir::new();
    for umask in ["umask 0", "umask 022"] {
        plan_to(umask, "new.json", &dir).ok();
        assert_eq!(mode(&dir.join("new.json")), 0o600);
        fs::remove_file(dir.join("new.json")).unwrap();
    }
    let old = dir.write("old.json", "old");
    fs::set_permissions(&old, fs::Permissions::from_mode(0o640)).unwrap();
    plan_to("umask 0", "old.json", &dir).ok();
    assert_eq!(mode(&old), 0o640);
    is_plan(&fs::read_to_string(old).unwrap());
}

#[test]
fn metrics_can_be_read_by_a_collector_and_written_by_nobody_else() {
    let database = sqlite();
    declare(&database.url, 1);
    let dir = TestDir::new();
    let once = ["reconcile-once", "--metrics-file=pools.prom"];
    let run = || {
        prebuildctl_after("umask 0", once)
            .within(&dir)
            .on(&database)
            .run()
    };
    run().ok();
    assert_eq!(mode(&dir.join("pools.prom")), 0o644);
    let closed = fs::Permissions::from_mode(0o600);
    fs::set_permissions(dir.join("pools.prom"), closed).unwrap();
    run().ok();
    assert_eq!(mode(&dir.join("pools.prom")), 0o600);
}

#[test]
fn a_link_is_followed_to_what_it_names() {
    let dir = TestDir::new();
    fs::create_dir(dir.join("deep")).unwrap();
    symlink("deep/second", dir.join("first")).unwrap();
    symlink("../target", dir.join("deep/second")).unwrap();
    for before in [None, Some("old")] {
        if let Some(text) = before {
            dir.write("target", text);
        }
        plan_to("true", "first", &dir).ok();
        assert!(dir.join("first").is_symlink() && dir.join("deep/second").is_symlink());
        is_plan(&fs::read_to_string(dir.join("target")).unwrap());
    }
    symlink("round", dir.join("round")).unwrap();
    let output = plan_to("true", "round", &dir);
    assert_error(&output, 1, &["can't write the plan to", "links"]);
}

#[test]
fn devices_and_pipes_are_written_to_and_stay_what_they_are() {
    let dir = TestDir::new();
    let pipe = dir.join("pipe");
    assert!(make_node(&pipe, &["p"]));
    let reader = pipe.clone();
    let reader = thread::spawn(move || fs::read_to_string(reader).unwrap());
    plan_to("true", "pipe", &dir).ok();
    is_plan(&reader.join().unwrap());
    assert!(fs::metadata(&pipe).unwrap().file_type().is_fifo());

    let output = plan_to("true", "pipe", &dir);
    assert_error(
        &output,
        1,
        &["can't write the plan to", "nothing has read from it"],
    );

    // As a shell hands over the command that is to read.
    plan_to("exec 7>caught", "/dev/fd/7", &dir).ok();
    is_plan(&fs::read_to_string(dir.join("caught")).unwrap());
    let piped = plan_to("exec 2> >(cat >caught)", "/dev/stderr", &dir);
    is_plan(piped.ok());
    let both = plan_to("true", "/dev/stdout", &dir);
    let documents = serde_json::Deserializer::from_str(both.ok()).into_iter::<Value>();
    assert_eq!(documents.count(), 2);

    if make_node(&dir.join("null"), &["c", "1", "3"]) {
        plan_to("true", "null", &dir).ok();
        let kind = fs::metadata(dir.join("null")).unwrap().file_type();
        assert!(kind.is_char_device());
    } else {
        eprintln!("skipped: can't make a device here");
    }
}

#[test]
fn a_metrics_file_without_a_past_is_not_read() {
    let database = sqlite();
    declare(&database.url, 1);
    let dir = TestDir::new();
    if !make_node(&dir.join("zero"), &["c", "1", "5"]) {
        eprintln!("skipped: can't make a device here");
        return;
    }
    let once = ["reconcile-once", "--metrics-file=zero"];
    prebuildctl_after("ulimit -v 4000000", once)
        .within(&dir)
        .on(&database)
        .run()
        .ok();
}

#[test]
fn a_folder_is_no_file() {
    let database = sqlite();
    let dir = TestDir::new();
    fs::create_dir(dir.join("folder")).unwrap();
    for command in [
        "plan --out folder",
        "plan --snapshot folder",
        "reconcile-once --plan folder",
        "apply folder",
        "claim --batch folder",
    ] {
        let output = prebuildctl_after("true", command.split(' '))
            .within(&dir)
            .on(&database)
            .run();
        assert_error(&output, 1, &["\"folder\"", "it is a folder"]);
    }
    let output =
        prebuildctl_after("true", ["reconcile-once", "--metrics-file=folder"]).on(&database);
    let output = output.within(&dir).run();
    output.expect_code(1);
    assert!(output.stderr.contains("it is a folder"), "{output:?}");
}

#[test]
fn a_file_without_end_is_given_up_with_the_bound() {
    let database = sqlite();
    for (command, bound) in [
        ("plan --snapshot /dev/zero", "512 MiB"),
        ("reconcile-once --plan /dev/zero", "512 MiB"),
        ("apply /dev/zero", "16 MiB"),
        ("claim --batch /dev/zero", "64 MiB"),
    ] {
        let output = prebuildctl_after("true", command.split(' '))
            .on(&database)
            .run();
        assert_error(&output, 1, &[bound]);
    }
    let url = "postgres://u@127.0.0.1:1/d?sslmode=verify-full&sslrootcert=/dev/zero";
    let output = prebuildctl_after("true", ["snapshot", "--database-url", url]).run();
    assert_error(&output, 64, &["/dev/zero", "1 MiB"]);
}
