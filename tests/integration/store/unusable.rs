//! Databases that are missing, foreign, damaged, locked or full, and what `init` makes of them.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use crate::support::cluster;
use crate::support::database::{Database, Session};
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::scene::{Scene, random};
use crate::support::{Coder, both, coder, everywhere, pass, sqlite};

/// Every command that works on a database.
pub const COMMANDS: &[&str] = &["snapshot", "plan", "reconcile-once"];

/// Makes sure that the run failed, said all of this, and what to do.
#[track_caller]
pub fn assert_error(output: &Output, code: i32, texts: &[&str]) {
    output.expect_code(code);
    assert_eq!(output.stdout, "");
    for text in texts.iter().chain(&["error: ", "what to do: "]) {
        assert!(
            output.stderr.contains(text),
            "no {text:?} in {}",
            output.stderr
        );
    }
}

/// Runs every command on a URL, and makes sure that all of them fail alike.
#[track_caller]
pub fn assert_all_fail(url: &str, code: i32, texts: &[&str]) {
    for command in COMMANDS {
        let output = prebuildctl([command, "--database-url", url]).run();
        assert_error(&output, code, texts);
    }
}

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
        for earlier in &variables[..at] {
            run = run.env(earlier, "");
        }
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
    assert_all_fail(&empty, 1, &["holds no pools", "init"]);
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
            .args([command, "--database-url", &database.url])
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
    assert_error(&run("init"), 1, &["ermission"]);
    // SQLite wants to put files beside it even for reading.
    fs::set_permissions(folder, fs::Permissions::from_mode(0o777)).unwrap();
    assert!(run("snapshot").ok().contains("pool"));
    assert_error(
        &run("reconcile-once"),
        1,
        &["readonly", "check its permissions"],
    );
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

#[test]
fn init_makes_a_private_file_once() {
    let dir = TestDir::new();
    let path = dir.join("deep/er/pools.db");
    let url = format!("sqlite:{}", path.display());
    let first = prebuildctl(["init", "--database-url", &url]).run();
    first.ok();
    assert!(first.stderr.contains("is ready"), "{first:?}");
    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let before = fs::read(&path).unwrap();
    let second = prebuildctl(["init", "--database-url", &url]).run();
    second.ok();
    assert!(second.stderr.contains("was ready already"), "{second:?}");
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn init_twice_changes_nothing() {
    both(|database| {
        Scene::new(database);
        let before = database.dump();
        prebuildctl(["init"]).on(database).run().ok();
        assert!(before == database.dump());
    });
}

#[test]
fn init_at_the_same_time_makes_one_schema() {
    let Some(database) = empty() else { return };
    let runs = [(); 4].map(|()| prebuildctl(["init"]).on(&database).spawn());
    for run in runs {
        run.wait().ok();
    }
    assert_eq!(database.count("SELECT count(*) FROM users"), 1);
    let dir = TestDir::new();
    let url = format!("sqlite:{}", dir.join("pools.db").display());
    let runs = [(); 6].map(|()| prebuildctl(["init", "--database-url", &url]).spawn());
    for run in runs {
        run.wait().ok();
    }
}

/// A PostgreSQL database with nothing in it.
fn empty() -> Option<Database> {
    cluster::postgres().map(|cluster| cluster.create_database("empty"))
}

#[test]
fn init_never_touches_what_is_not_its_own() {
    for release in [Coder::Current, Coder::Older, Coder::Newer] {
        let Some(database) = coder(release) else {
            return;
        };
        let before = database.dump();
        let output = prebuildctl(["init"]).on(&database).run();
        assert_error(&output, 6, &["refused", "Coder manages this database"]);
        assert!(before == database.dump());
        assert_eq!(before.get("_sqlx_migrations"), None);
    }
    let foreign = |database: &Database| {
        database.execute("CREATE TABLE things (id integer)");
        let output = prebuildctl(["init"]).on(database).run();
        assert_error(&output, 6, &["refused", "something else"]);
        assert_eq!(database.dump().len(), 1);
        assert_all_fail(&database.url, 1, &["holds no pools", "other tables"]);
    };
    foreign(&empty().unwrap());
    let lite = Database::sqlite(TestDir::new());
    foreign(&lite);
}

#[test]
fn an_empty_database_asks_for_init() {
    let Some(database) = empty() else { return };
    assert_all_fail(&database.url, 1, &["holds no pools", "it is empty", "init"]);
    assert!(database.dump().is_empty());
}

#[test]
fn a_schema_of_a_later_version_is_refused_and_left_alone() {
    both(|database| {
        let time = if database.is_sqlite() {
            "CURRENT_TIMESTAMP"
        } else {
            "now()"
        };
        let checksum = if database.is_sqlite() {
            "X'00'"
        } else {
            "'\\x00'"
        };
        database.execute(&format!(
            "INSERT INTO _sqlx_migrations
                (version, description, installed_on, success, checksum, execution_time)
             VALUES (999, 'later', {time}, true, {checksum}, 1)"
        ));
        let before = database.dump();
        assert_all_fail(
            &database.url,
            6,
            &["refused", "version 999", "update prebuildctl"],
        );
        let output = prebuildctl(["init"]).on(database).run();
        assert_error(&output, 6, &["refused", "999", "update prebuildctl"]);
        assert!(before == database.dump());
    });
}

#[test]
fn a_schema_of_an_earlier_version_asks_for_init_and_is_brought_up_to_date() {
    both(|database| {
        let up_to_date = database.dump();
        database.execute(
            "DROP INDEX provisioner_jobs_completed_at_idx;
             DELETE FROM _sqlx_migrations WHERE version > 1",
        );
        assert_all_fail(
            &database.url,
            6,
            &["refused", "version 1", "prebuildctl init"],
        );
        prebuildctl(["init"]).on(database).run().ok();
        prebuildctl(["snapshot"]).on(database).run().ok();
        let versions =
            |dump: &std::collections::BTreeMap<String, Vec<_>>| dump["_sqlx_migrations"].len();
        assert_eq!(versions(&database.dump()), versions(&up_to_date));
    });
}

#[test]
fn a_column_that_nobody_can_fill_stops_passes_and_not_snapshots() {
    let Some(database) = coder(Coder::Newer) else {
        return;
    };
    random::fill(&database, 1, 30);
    let before = database.dump();
    prebuildctl(["snapshot"]).on(&database).run().ok();
    prebuildctl(["plan"]).on(&database).run().ok();
    let output = prebuildctl(["reconcile-once"]).on(&database).run();
    assert_error(
        &output,
        6,
        &["workspace_builds.placement_pool", "update prebuildctl"],
    );
    assert!(before == database.dump());

    everywhere(|database| {
        if database.is_sqlite() {
            return;
        }
        for (table, column) in [
            ("workspaces", "a"),
            ("provisioner_jobs", "b"),
            ("workspace_build_parameters", "c"),
        ] {
            database.execute(&format!(
                "ALTER TABLE {table} ADD COLUMN {column} text NOT NULL"
            ));
            let output = prebuildctl(["reconcile-once"]).on(database).run();
            assert_error(&output, 6, &[&format!("{table}.{column}")]);
            // A default is as good as knowing.
            database.execute(&format!(
                "ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT ''"
            ));
            prebuildctl(["reconcile-once"]).on(database).run().ok();
        }
        database.execute("ALTER TABLE workspaces RENAME COLUMN automatic_updates TO updates");
        let output = prebuildctl(["reconcile-once"]).on(database).run();
        assert_error(&output, 6, &["workspaces.automatic_updates"]);
    });
}
