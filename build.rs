//! Tells the program which version of its source it is built from: PREBUILDCTL_VERSION, as `--version` says it.
//!
//! A build to be shipped asks Git for the commit, or takes PREBUILDCTL_COMMIT and PREBUILDCTL_COMMIT_DATE
//! where there is no Git. A build of a developer says what it is: it would be compiled anew for every commit.

use std::env;
use std::process::Command;

fn main() {
    for name in ["PREBUILDCTL_COMMIT", "PREBUILDCTL_COMMIT_DATE"] {
        println!("cargo::rerun-if-env-changed={name}");
    }
    println!("cargo::rerun-if-changed=build.rs");
    let version = env::var("CARGO_PKG_VERSION").unwrap_or_default();
    let is_shipped = env::var("PROFILE").is_ok_and(|profile| profile == "release");
    let origin = given().or_else(|| if is_shipped { of_git() } else { None });
    let origin = origin.unwrap_or_else(|| {
        let kind = if is_shipped {
            "unknown commit"
        } else {
            "development build"
        };
        kind.to_owned()
    });
    println!("cargo::rustc-env=PREBUILDCTL_VERSION={version} ({origin})");
}

/// What a build without Git is told.
fn given() -> Option<String> {
    let commit = env::var("PREBUILDCTL_COMMIT").ok()?;
    let date = env::var("PREBUILDCTL_COMMIT_DATE").ok()?;
    Some(format!("{commit} {date}"))
}

/// The commit that is checked out, with its day in UTC.
fn of_git() -> Option<String> {
    for path in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", path]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let commit = git(&[
        "log",
        "-1",
        "--abbrev=10",
        "--date=format-local:%Y-%m-%d",
        "--format=%h %cd",
    ])?;
    let changes = git(&["status", "--porcelain", "--untracked-files=no"])?;
    let mark = if changes.is_empty() { "" } else { ", changed" };
    Some(format!("{commit}{mark}"))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git")
        .args(arguments)
        .env("TZ", "UTC")
        .output();
    let output = output.ok().filter(|output| output.status.success())?;
    let text = String::from_utf8(output.stdout).ok()?;
    Some(text.trim().to_owned())
}
