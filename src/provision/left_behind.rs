//! What a killed worker has left on this host: folders of builds, and the processes of these.
//!
//! Invariant: what a living worker holds, what another user has put there, and what a build that has ended has left
//! running stays.

use std::collections::{BTreeSet, HashSet};
use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{Mode, OFlags};
use rustix::process::{Pid, Signal, geteuid, getpid, kill_process};
use tokio::time::{Instant, sleep};

use crate::provision::build_folder::{PREFIX, RUNNING, STATE};

/// How long processes may take to end after SIGTERM, and again after SIGKILL.
const GRACE: Duration = Duration::from_secs(5);

/// How often to look whether they have ended.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// The age from which on a folder goes that may never have been locked: its worker may just be making it.
const LEFT_FOR: Duration = Duration::from_secs(24 * 3600);

/// Ends what is left of builds, whose jobs wait for another worker, and removes their folders. What can't be looked at
/// or removed stays.
pub(super) async fn clear(place: &Path) {
    let in_use: BTreeSet<OsString> = processes().into_iter().map(|(_, name)| name).collect();
    let held = names(place).into_iter().filter_map(|name| {
        let folder = place.join(&name);
        let is_in_use = in_use.contains(&name) || folder.join(RUNNING.1).exists();
        let lock = hold(&folder, is_in_use).ok().flatten()?;
        Some((name, folder, lock))
    });
    let held: Vec<(OsString, PathBuf, File)> = held.collect();
    let under_way = held
        .iter()
        .filter(|(_, folder, _)| folder.join(RUNNING.1).exists());
    let under_way: BTreeSet<&OsStr> = under_way.map(|(name, ..)| name.as_os_str()).collect();
    for signal in [Signal::TERM, Signal::KILL] {
        end(&under_way, signal).await;
    }
    for (_, folder, _) in &held {
        let _removed = std::fs::remove_dir_all(folder);
    }
}

/// Sends the signal to the processes of these builds, and waits until they have ended, but not for ever.
async fn end(builds: &BTreeSet<&OsStr>, signal: Signal) {
    let deadline = Instant::now() + GRACE;
    let mut told = HashSet::new();
    loop {
        // Looked up anew each time: they start others, and a number can be another process's by now.
        let mut left = processes();
        left.retain(|(_, name)| builds.contains(name.as_os_str()));
        if left.is_empty() || Instant::now() >= deadline {
            return;
        }
        for (process, name) in left {
            if told.insert(process) {
                let (id, name) = (process.as_raw_nonzero(), name.display());
                tracing::warn!(
                    "{signal:?} for process {id}, which a killed worker has left in {name}"
                );
                // It fails for one that has ended, which is fine.
                let _sent = kill_process(process, signal);
            }
        }
        sleep(LOOK_INTERVAL).await;
    }
}

/// The names of the folders of builds in `place`.
fn names(place: &Path) -> Vec<OsString> {
    let entries = std::fs::read_dir(place).into_iter().flatten();
    let names = entries.filter_map(|entry| Some(entry.ok()?.file_name()));
    names
        .filter(|name| name.as_bytes().starts_with(PREFIX.as_bytes()))
        .collect()
}

/// The lock of a folder that no worker holds any more; none if one does, or may be about to: `was_locked` says that one
/// has held it.
fn hold(path: &Path, was_locked: bool) -> io::Result<Option<File>> {
    // What another user has put there under this name may be a link to anything.
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let folder = File::from(rustix::fs::open(path, flags, Mode::empty())?);
    let metadata = folder.metadata()?;
    let age = metadata.modified()?.elapsed().unwrap_or_default();
    let is_left = metadata.uid() == geteuid().as_raw()
        && (was_locked || age >= LEFT_FOR)
        && folder.try_lock().is_ok();
    Ok(is_left.then_some(folder))
}

/// The processes of builds on this host that can be looked at, each with the name of its build's folder, by Linux's
/// account. One that nobody has waited for yet has no environment any more.
fn processes() -> Vec<(Pid, OsString)> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten();
    let process = |entry: io::Result<std::fs::DirEntry>| {
        let entry = entry.ok()?;
        let pid = Pid::from_raw(entry.file_name().to_str()?.parse().ok()?)?;
        let environment = std::fs::read(entry.path().join("environ")).ok()?;
        let mut variables = environment.split(|byte| *byte == 0);
        let state =
            variables.find_map(|it| it.strip_prefix(STATE.0.as_bytes())?.strip_prefix(b"="))?;
        let folder = Path::new(OsStr::from_bytes(state)).parent()?;
        Some((pid, folder.file_name()?.to_owned()))
    };
    let processes = entries.filter_map(process);
    processes.filter(|(pid, _)| *pid != getpid()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[tokio::test]
    async fn folders_of_killed_workers_go_and_those_in_use_stay() {
        let place = tempfile::tempdir().unwrap();
        let folder = |name: &str, is_old: bool| {
            let path = place.path().join(name);
            std::fs::create_dir(&path).unwrap();
            std::fs::write(path.join("state"), "secret").unwrap();
            let folder = File::open(&path).unwrap();
            if is_old {
                folder.set_modified(SystemTime::UNIX_EPOCH).unwrap();
            }
            folder
        };
        drop(folder("prebuildctl-build-dead", true));
        drop(folder("prebuildctl-build-young", false));
        drop(folder("prebuildctl-build-killed", false));
        std::fs::write(place.path().join("prebuildctl-build-killed/running"), "").unwrap();
        drop(folder("another", true));
        let alive = folder("prebuildctl-build-alive", true);
        alive.try_lock().unwrap();
        let link = place.path().join("prebuildctl-build-link");
        std::os::unix::fs::symlink(place.path().join("another"), link).unwrap();
        clear(place.path()).await;
        let mut left = std::fs::read_dir(place.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect::<Vec<_>>();
        left.sort();
        let expected = [
            "another",
            "prebuildctl-build-alive",
            "prebuildctl-build-link",
            "prebuildctl-build-young",
        ];
        assert_eq!(left, expected);
    }

    #[tokio::test]
    async fn what_a_build_that_has_ended_has_left_running_goes_on() {
        let place = tempfile::tempdir().unwrap();
        let start = |name: &str, is_running: bool| {
            let folder = place.path().join(name);
            std::fs::create_dir(&folder).unwrap();
            if is_running {
                std::fs::write(folder.join(RUNNING.1), "").unwrap();
            }
            let mut command = std::process::Command::new("sleep");
            command.arg("60").env(STATE.0, folder.join(STATE.1));
            command.spawn().unwrap()
        };
        let mut left = start("prebuildctl-build-left", true);
        // Its folder could not be removed.
        let mut good = start("prebuildctl-build-good", false);
        clear(place.path()).await;
        assert!(left.wait().unwrap().code().is_none());
        assert!(good.try_wait().unwrap().is_none());
        good.kill().unwrap();
        good.wait().unwrap();
    }
}
