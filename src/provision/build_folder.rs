//! The folder of a build: the files by which its command and this program exchange data.
//!
//! Readable for its owner alone, and gone once the build's outcome is recorded. What the command writes is not trusted: sizes are bounded and contents
//! checked before anything is stored.

use std::collections::BTreeMap;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::model::Transition;
use crate::provision::resources::{ResourcesDocument, default_resources};
use crate::store::{Job, Replaced, Resource};

/// Largest state, in bytes: a larger one doesn't belong into a database row that every build copies.
const MAX_STATE: u64 = 16 << 20;

/// Largest document, in bytes: far more than any list of resources needs.
const MAX_DOCUMENT: u64 = 1 << 20;

/// A file: the variable that names it to the command, and its name in the folder.
type Entry = (&'static str, &'static str);

/// Parameter values: a JSON object of texts.
const PARAMETERS: Entry = ("PREBUILDCTL_PARAMETERS_FILE", "parameters.json");
/// The state, read and written.
pub(super) const STATE: Entry = ("PREBUILDCTL_STATE_FILE", "state");
/// What was built, if the command says so.
const RESOURCES: Entry = ("PREBUILDCTL_RESOURCES_FILE", "resources.json");
/// What a claim replaced, if the command says so.
const REPLACEMENTS: Entry = ("PREBUILDCTL_REPLACEMENTS_FILE", "replacements.json");

/// Stands there as long as the folder is in use, from its lock on; no variable names it.
pub(super) const RUNNING: Entry = ("", "running");

/// What the names of folders begin with.
pub(super) const PREFIX: &str = "prebuildctl-build-";

/// Goes with its content. A worker that is alive holds a lock on it.
#[derive(Debug)]
pub(super) struct BuildFolder(
    TempDir,
    #[expect(dead_code, reason = "locked while it is open")] File,
);

impl BuildFolder {
    /// A folder with what the command may want to read.
    pub(super) fn new(job: &Job) -> Result<Self, String> {
        let failed = |error: io::Error| format!("can't make a folder for the build: {error}");
        let mut builder = tempfile::Builder::new();
        builder.prefix(PREFIX);
        builder.permissions(Permissions::from_mode(0o700));
        let folder = builder.tempdir_in(place()).map_err(failed)?;
        let lock = File::open(folder.path()).map_err(failed)?;
        lock.try_lock().map_err(io::Error::from).map_err(failed)?;
        let folder = Self(folder, lock);
        let parameters = serde_json::json!(job.parameters).to_string();
        DirBuilder::new()
            .mode(0o700)
            .create(folder.work())
            .and_then(|()| folder.write(PARAMETERS, parameters.as_bytes()))
            .and_then(|()| folder.write(STATE, &job.state))
            .and_then(|()| folder.write(RUNNING, b""))
            .map_err(failed)?;
        Ok(folder)
    }

    fn write(&self, entry: Entry, content: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(0o600)
            .open(self.path(entry))?;
        file.write_all(content)
    }

    pub(super) fn work(&self) -> PathBuf {
        self.0.path().join("work")
    }

    fn path(&self, (_, name): Entry) -> PathBuf {
        self.0.path().join(name)
    }

    pub(super) fn variables(&self) -> [(&'static str, PathBuf); 4] {
        [PARAMETERS, STATE, RESOURCES, REPLACEMENTS].map(|entry| (entry.0, self.path(entry)))
    }

    /// The state that the command left behind, when it is another one than before. A file that is
    /// gone says nothing: a command may have been stopped while it replaced it.
    pub(super) fn read_state(&self, job: &Job) -> Result<Option<Vec<u8>>, String> {
        let state = read(&self.path(STATE), STATE.0, MAX_STATE)?;
        Ok(state.filter(|state| *state != job.state))
    }

    pub(super) fn read_resources(&self, transition: Transition) -> Result<Vec<Resource>, String> {
        match self.read_json::<ResourcesDocument>(RESOURCES)? {
            None => Ok(default_resources(transition)),
            Some(document) => document
                .resources()
                .map_err(|problem| format!("{}: {problem}", RESOURCES.0)),
        }
    }

    /// What a claim replaced; nothing for any other build.
    pub(super) fn read_replacements(&self, job: &Job) -> Result<Replaced, String> {
        if !job.is_claim() {
            return Ok(Replaced::new());
        }
        let replaced: Option<BTreeMap<String, Vec<String>>> = self.read_json(REPLACEMENTS)?;
        Ok(replaced.unwrap_or_default())
    }

    fn read_json<T: DeserializeOwned>(&self, entry: Entry) -> Result<Option<T>, String> {
        let content = read(&self.path(entry), entry.0, MAX_DOCUMENT)?;
        content
            .filter(|content| !content.is_empty())
            .map(|content| serde_json::from_slice(&content))
            .transpose()
            .map_err(|error| format!("{}: {error}", entry.0))
    }
}

impl Drop for BuildFolder {
    fn drop(&mut self) {
        // What the build has left running may keep the folder from going.
        let _removed = std::fs::remove_file(self.path(RUNNING));
    }
}

/// Where folders of builds are made: in systemd's folder for the unit's state, which outlives the unit, unlike a `/tmp` of
/// its own; else in the folder for temporary files.
pub(super) fn place() -> PathBuf {
    let folders = std::env::var_os("STATE_DIRECTORY").unwrap_or_default();
    let first = std::env::split_paths(&folders).next();
    let first = first.filter(|it| !it.as_os_str().is_empty());
    first.unwrap_or_else(std::env::temp_dir)
}

/// The content of a file, if it is there. What is not a regular file, or has no end, fails at once.
fn read(path: &Path, name: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: io::Error| format!("can't read {name}: {error}");
    // An ordinary opening would wait for ever for a writer of a pipe.
    let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = match rustix::fs::open(path, flags, Mode::empty()).map_err(io::Error::from) {
        Ok(file) => File::from(file),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(failed(error)),
    };
    if !file.metadata().map_err(failed)?.is_file() {
        return Err(format!("{name} is not a regular file"));
    }
    let mut content = Vec::new();
    // A process may still be writing, so that only what is read counts.
    let read = file.take(limit + 1).read_to_end(&mut content);
    if u64::try_from(read.map_err(failed)?).is_ok_and(|read| read <= limit) {
        Ok(Some(content))
    } else {
        Err(format!("{name} holds more than {limit} bytes"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_regular_files_within_the_limit_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let read = || read(&path, "STATE", 4);
        assert_eq!(read(), Ok(None));
        std::fs::write(&path, "four").unwrap();
        assert_eq!(read(), Ok(Some(b"four".to_vec())));
        std::fs::write(&path, "fiver").unwrap();
        assert_eq!(read(), Err("STATE holds more than 4 bytes".to_owned()));

        let unreadable = Err("STATE is not a regular file".to_owned());
        for endless in ["/dev/zero", "/dev"] {
            std::fs::remove_file(&path).unwrap();
            std::os::unix::fs::symlink(endless, &path).unwrap();
            assert_eq!(read(), unreadable, "{endless}");
        }
        std::fs::remove_file(&path).unwrap();
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        assert!(made.unwrap().success());
        assert_eq!(read(), unreadable);
    }
}
