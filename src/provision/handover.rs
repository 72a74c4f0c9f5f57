//! The files by which a build command and this program tell each other things.
//!
//! A folder for each build, for its owner alone, which goes away with the build. What the command
//! writes is not trusted: sizes are bounded and contents checked before anything is stored.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Mode, OFlags};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use tempfile::TempDir;

use crate::model::Transition;
use crate::provision::{default_architecture, default_operating_system, default_resources};
use crate::store::{Agent, Job, Replaced, Resource};

/// A larger state doesn't belong into a database row that every build copies.
const MAX_STATE: u64 = 16 << 20;

/// Far more than any list of resources needs.
const MAX_DOCUMENT: u64 = 1 << 20;

/// The folder of one build.
pub(super) struct Handover {
    folder: TempDir,
}

impl Handover {
    /// A folder with what the command may want to read.
    pub(super) fn new(job: &Job) -> Result<Self, String> {
        let folder = tempfile::Builder::new()
            .prefix("prebuildctl-build-")
            .tempdir()
            .map_err(|error| format!("can't make a folder for the build: {error}"))?;
        let handover = Self { folder };
        let parameters = serde_json::json!(job.parameters).to_string();
        let files = [
            (handover.parameters(), parameters.as_bytes()),
            (handover.state(), job.state.as_slice()),
        ];
        for (path, content) in files {
            std::fs::write(path, content)
                .map_err(|error| format!("can't write the build's files: {error}"))?;
        }
        std::fs::create_dir(handover.work())
            .map_err(|error| format!("can't make a folder for the build: {error}"))?;
        Ok(handover)
    }

    /// Where the command works.
    pub(super) fn work(&self) -> PathBuf {
        self.folder.path().join("work")
    }

    /// Parameter values: a JSON object of texts.
    pub(super) fn parameters(&self) -> PathBuf {
        self.folder.path().join("parameters.json")
    }

    /// The state, read and written.
    pub(super) fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// What was built, if the command says so.
    pub(super) fn resources(&self) -> PathBuf {
        self.folder.path().join("resources.json")
    }

    /// What a claim replaced, if the command says so.
    pub(super) fn replacements(&self) -> PathBuf {
        self.folder.path().join("replacements.json")
    }

    /// The state that the command left behind, when it is another one than before. A file that is
    /// gone says nothing: a command may have been stopped while it replaced it.
    pub(super) fn read_state(&self, job: &Job) -> Result<Option<Vec<u8>>, String> {
        let state = read(&self.state(), "PREBUILDCTL_STATE_FILE", MAX_STATE)?;
        Ok(state.filter(|state| *state != job.state))
    }

    /// What the command built.
    pub(super) fn read_resources(&self, transition: Transition) -> Result<Vec<Resource>, String> {
        let name = "PREBUILDCTL_RESOURCES_FILE";
        let Some(document) = read_json::<ResourcesDocument>(&self.resources(), name)? else {
            return Ok(default_resources(transition));
        };
        let resources: Vec<Resource> = document.resources.into_iter().map(Resource::from).collect();
        check(&resources).map_err(|problem| format!("{name}: {problem}"))?;
        Ok(resources)
    }

    /// What a claim replaced; nothing for any other build.
    pub(super) fn read_replacements(&self, job: &Job) -> Result<Replaced, String> {
        if !job.is_claim() {
            return Ok(Replaced::new());
        }
        let name = "PREBUILDCTL_REPLACEMENTS_FILE";
        let replaced: Option<BTreeMap<String, Vec<String>>> =
            read_json(&self.replacements(), name)?;
        Ok(replaced.unwrap_or_default())
    }
}

/// What a command may write about what it built.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourcesDocument {
    resources: Vec<ResourceJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ResourceJson {
    #[serde(rename = "type")]
    kind: String,
    name: String,
    #[serde(default)]
    agents: Vec<AgentJson>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AgentJson {
    name: String,
    #[serde(default = "default_operating_system")]
    operating_system: String,
    #[serde(default = "default_architecture")]
    architecture: String,
    #[serde(default)]
    directory: String,
}

impl From<ResourceJson> for Resource {
    fn from(resource: ResourceJson) -> Self {
        let agent = |agent: AgentJson| Agent {
            name: agent.name,
            operating_system: agent.operating_system,
            architecture: agent.architecture,
            directory: agent.directory,
        };
        Self {
            kind: resource.kind,
            name: resource.name,
            agents: resource.agents.into_iter().map(agent).collect(),
        }
    }
}

/// Holds names against what the database's columns can hold.
fn check(resources: &[Resource]) -> Result<(), String> {
    let mut names = BTreeSet::new();
    for resource in resources {
        fits("a resource's type", &resource.kind, 1, 192)?;
        fits("a resource's name", &resource.name, 1, 64)?;
        for agent in &resource.agents {
            fits("an agent's name", &agent.name, 1, 64)?;
            fits(
                "an agent's operating_system",
                &agent.operating_system,
                1,
                64,
            )?;
            fits("an agent's architecture", &agent.architecture, 1, 64)?;
            fits("an agent's directory", &agent.directory, 0, 4096)?;
            if !names.insert(agent.name.to_lowercase()) {
                return Err(format!("two agents are named {:?}", agent.name));
            }
        }
    }
    Ok(())
}

fn fits(what: &str, text: &str, shortest: usize, longest: usize) -> Result<(), String> {
    let length = text.chars().count();
    if text.contains('\0') {
        Err(format!("{what} contains a NUL character"))
    } else if length < shortest {
        Err(format!("{what} is empty"))
    } else if length > longest {
        Err(format!("{what} is longer than {longest} characters"))
    } else {
        Ok(())
    }
}

fn read_json<T: DeserializeOwned>(path: &Path, name: &str) -> Result<Option<T>, String> {
    let content = read(path, name, MAX_DOCUMENT)?.filter(|content| !content.is_empty());
    content
        .map(|content| serde_json::from_slice(&content))
        .transpose()
        .map_err(|error| format!("{name}: {error}"))
}

/// The content of a file, if it is there. What is no file, or has no end, fails at once.
fn read(path: &Path, name: &str, limit: u64) -> Result<Option<Vec<u8>>, String> {
    let failed = |error: io::Error| format!("can't read {name}: {error}");
    // A pipe that nobody writes to would keep an ordinary opening waiting for ever.
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
    // Something may still be writing, so that only what is read counts.
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
