//! Databases that are missing, damaged, locked or full.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use super::{COMMANDS, assert_all_fail, assert_error, assert_fail};
use crate::support::database::Session;
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::Scene;
use crate::support::{pass, sqlite};

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|it| std::os::unix::fs::MetadataExt::uid(&it) == 0)
}

#[test]
fn a_missing_sqlite_file_is_not_created_by_other_commands() {
    let dir = TestDir::new();
    let path = dir.join("none.db");
    assert_all_fail(
        &format!("sqlite:{}", path.display()),
        1,
        &["none.db", "does not exist", "init"],
    );
    assert!(!path.exists());
    // The default is in the user's data folder.
    let output = prebuildctl(["snapshot"]).within(&dir).run();
    assert_error(
        &output,
        1,
        &[".local/share/prebuildctl/prebuilds.db", "does not exist"],
    );
    prebuildctl(["init"]).within(&dir).run().ok();
    assert!(dir.join(".local/share/prebuildctl/prebuilds.db").exists());
    prebuildctl(["snapshot"]).within(&dir).run().ok();
    let output = prebuildctl(["snapshot"])
        .env("HOME", "")
        .env("XDG_DATA_HOME", "")
        .run();
    assert!(matches!(output.code, 1 | 64), "{output:?}");
}

#[test]
fn the_database_comes_from_the_first_variable_that_is_set() {
    let database = sqlite();
    let wrong = "sqlite:/no/such/file";
    let variables = [
        "PREBUILDCTL_DATABASE_URL",
        "CODER_PG_CONNECTION_URL",
        "DATABASE_URL",
    ];
    for (at, variable) in variables.iter().enumerate() {
        let mut run = prebuildctl(["snapshot"]).env(variable, &database.url);
        for later in &variables[at + 1..] {
            run = run.env(later, wrong);
        }
        run.run().ok();
    }
    let flag = prebuildctl(["snapshot", "--database-url", &database.url]);
    flag.env(variables[0], wrong).run().ok();
}

#[test]
fn a_file_that_is_no_database_is_left_as_it_is() {
    let dir = TestDir::new();
    let text = "this is not a database, ".repeat(100);
    let path = dir.write("notes.txt", &text);
    let url = format!("sqlite:{}", path.display());
    assert_all_fail(&url, 1, &["not a database"]);
    let output = prebuildctl(["init", "--database-url", &url]).run();
    assert_error(&output, 1, &["not a database"]);
    assert_eq!(fs::read_to_string(&path).unwrap(), text);

    let folder = format!("sqlite:{}", dir.path().display());
    for command in ["snapshot", "init"] {
        let output = prebuildctl([command, "--database-url", &folder]).run();
        assert_error(&output, 1, &[]);
    }
    let empty = format!("sqlite:{}", dir.write("empty.db", "").display());
    assert_fail(
        COMMANDS.iter().copied(),
        &empty,
        1,
        &["holds no pools", "init"],
    );
}

#[test]
fn a_damaged_database_is_told_from_a_sound_one() {
    let database = sqlite();
    Scene::new(&database);
    let path = database.path();
    let mut bytes = fs::read(&path).unwrap();
    for byte in &mut bytes[4096..] {
        *byte = 0xa5;
    }
    fs::write(&path, bytes).unwrap();
    assert_all_fail(&database.url, 1, &["malformed"]);
}

#[test]
fn a_read_only_database_can_be_read_and_refuses_passes() {
    if !is_root() || Command::new("setpriv").arg("--version").output().is_err() {
        eprintln!("skipped: needs root and setpriv");
        return;
    }
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.preset(&web, "pool", 1);
    drop(scene);
    let path = database.path();
    let folder = path.parent().unwrap();
    fs::set_permissions(folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o444)).unwrap();
    // The binary's own folder may be closed to others.
    let binary = folder.join("prebuildctl");
    fs::copy(env!("CARGO_BIN_EXE_prebuildctl"), &binary).unwrap();
    let run = |command: &str| {
        let output = Command::new("setpriv")
            .args(["--reuid=65534", "--regid=65534", "--clear-groups"])
            .arg(&binary)
            .args(command.split(' '))
            .args(["--database-url", &database.url])
            .env_remove("PREBUILDCTL_DATABASE_URL")
            .current_dir("/")
            .output()
            .unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Output {
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            code: output.status.code().unwrap(),
        }
    };
    let before = fs::read(&path).unwrap();
    for command in ["snapshot", "reconcile-once"] {
        assert_error(&run(command), 1, &["readonly", "check its permissions"]);
    }
    assert_error(&run("provision --simulate"), 1, &["check", "permissions"]);
    assert_error(&run("init"), 1, &["ermission"]);
    // SQLite wants to put files beside it even for reading.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(run("snapshot").ok().contains("pool"));
    for command in [
        "reconcile-once",
        "provision --simulate",
        "provision --simulate --drain",
        "loop",
    ] {
        let name = path.display().to_string();
        assert_error(
            &run(command),
            1,
            &["readonly", &name, "check its permissions"],
        );
    }
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    assert_error(&run("snapshot"), 1, &["open"]);
}

#[test]
fn reading_goes_on_while_somebody_writes_and_ends_where_somebody_keeps_the_file() {
    let database = sqlite();
    let mut holder = database.session();
    let before = holder.value("SELECT max(username) FROM users");
    holder.execute("BEGIN IMMEDIATE; UPDATE users SET name = 'x'");
    prebuildctl(["snapshot"]).on(&database).run().ok();
    assert_eq!(pass(&database, &[]).json()["outcome"], "locked");
    prebuildctl(["init"]).on(&database).run().ok();
    holder.execute("COMMIT; PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
    let output = prebuildctl(["snapshot"]).on(&database).run();
    assert_error(&output, 1, &["locked", "another process"]);
    assert_eq!(before, holder.value("SELECT max(username) FROM users"));
}

/// A small file system that goes away with this value.
struct SmallDisk(TestDir);

impl SmallDisk {
    fn mount(size: &str) -> Option<Self> {
        let dir = TestDir::new();
        let options = format!("size={size}");
        let mount = Command::new("mount")
            .args(["-t", "tmpfs", "-o", &options, "none"])
            .arg(dir.path())
            .output();
        if mount.is_ok_and(|output| output.status.success()) {
            return Some(Self(dir));
        }
        eprintln!("skipped: can't mount a small file system here");
        None
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ignored = Command::new("umount").arg("-l").arg(self.0.path()).status();
    }
}

#[test]
fn a_full_disk_undoes_the_whole_pass_and_is_named() {
    let Some(disk) = SmallDisk::mount("1600k") else {
        return;
    };
    let path = disk.0.join("small.db");
    let url = format!("sqlite:{}", path.display());
    prebuildctl(["init", "--database-url", &url]).run().ok();
    let mut session = Session::open(&url);
    // Made elsewhere and copied, because a scene needs room as well.
    let database = sqlite();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    scene.preset(&web, "small", 2);
    scene.preset(&web, "vast", 3000);
    drop(scene);
    session.execute(&format!("ATTACH '{}' AS other", database.path().display()));
    let tables = [
        "organizations",
        "templates",
        "provisioner_jobs",
        "template_versions",
        "template_version_presets",
    ];
    session.execute("DELETE FROM users; INSERT INTO users SELECT * FROM other.users");
    for table in tables {
        let columns = session.value(&format!(
            "SELECT group_concat('\"' || name || '\"') FROM pragma_table_xinfo('{table}')
             WHERE NOT hidden"
        ));
        let columns = columns.unwrap();
        session.execute(&format!(
            "INSERT INTO {table} ({columns}) SELECT {columns} FROM other.{table}"
        ));
    }
    drop(session);

    let output = prebuildctl(["reconcile-once", "--database-url", &url]).run();
    output.expect_code(1);
    assert!(output.stderr.contains("full"), "{output:?}");
    let mut session = Session::open(&url);
    assert_eq!(
        session.value("SELECT count(*) FROM workspaces").unwrap(),
        "0"
    );
    assert_eq!(session.value("PRAGMA integrity_check").unwrap(), "ok");
    drop(session);
    // Less fits.
    let small = ["reconcile-once", "--preset=small", "--database-url", &url];
    prebuildctl(small).run().ok();
    let count = Session::open(&url).value("SELECT count(*) FROM workspaces");
    assert_eq!(count.unwrap(), "2");

    // init on a full disk.
    fs::write(disk.0.join("filler"), vec![0; 4 << 20]).unwrap_err();
    let url = format!("sqlite:{}", disk.0.join("other.db").display());
    let output = prebuildctl(["init", "--database-url", &url]).run();
    assert_error(&output, 1, &["full"]);
}
