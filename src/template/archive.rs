//! The archives in which coderd stores templates: tar or zip, told apart by content.
//!
//! Invariant: whatever the bytes are, no more than [`MAX_BYTES`] are unpacked into no more than
//! [`MAX_FILES`] files, and every path is relative, clean and inside of the archive.

use std::collections::BTreeMap;
use std::io::{Cursor, Read};
use std::sync::Arc;

#[cfg(test)]
mod tests;

/// Bytes of all files of a template together. coderd takes uploads of at most 10 MB.
pub(crate) const MAX_BYTES: u64 = 100 * 1024 * 1024;

/// Files of a template.
pub(crate) const MAX_FILES: usize = 10_000;

/// The first bytes of a zip file: of its first entry, or of its end when it has none.
const ZIP_MARKS: [&[u8]; 2] = [b"PK\x03\x04", b"PK\x05\x06"];

/// Why an archive can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ArchiveError {
    /// It is neither a tar nor a zip archive, or a damaged one.
    #[error("the archive can't be read: {0}")]
    Unreadable(String),
    /// A path leads out of the archive.
    #[error("the archive's path {0:?} leads out of it")]
    Outside(String),
    /// It unpacks to more than is allowed.
    #[error("the archive holds more than {MAX_FILES} files or {} MB", MAX_BYTES / (1024 * 1024))]
    TooLarge,
    /// A file that Terraform would read is a link.
    #[error("the archive's file {0:?} is a link")]
    Link(String),
}

/// The files of a template by their paths, cheap to clone.
#[derive(Clone, Debug, Default)]
pub(crate) struct Folder {
    files: Arc<BTreeMap<String, Arc<[u8]>>>,
}

impl Folder {
    /// A folder of those files.
    ///
    /// # Errors
    ///
    /// A path leads outside, or the files are too many or too large.
    pub(crate) fn new<P, B>(files: impl IntoIterator<Item = (P, B)>) -> Result<Self, ArchiveError>
    where
        P: AsRef<str>,
        B: Into<Arc<[u8]>>,
    {
        let mut unpacked = Unpacked::default();
        for (path, bytes) in files {
            unpacked.add(path.as_ref(), bytes.into())?;
        }
        Ok(unpacked.into_folder())
    }

    /// Unpacks a tar or zip archive.
    ///
    /// # Errors
    ///
    /// It can't be read, leads outside, is too large, or Terraform would have to follow a link.
    pub(crate) fn unpack(archive: &[u8]) -> Result<Self, ArchiveError> {
        let mut unpacked = Unpacked::default();
        if ZIP_MARKS.iter().any(|mark| archive.starts_with(mark)) {
            unpacked.add_zip(archive)?;
        } else {
            unpacked.add_tar(archive)?;
        }
        Ok(unpacked.into_folder())
    }

    /// This folder with everything below a path taken from another one, at the same path.
    pub(super) fn overlaid(&self, path: &str, other: &Self) -> Self {
        let below = |name: &str| {
            name.strip_prefix(path)
                .is_some_and(|rest| rest.starts_with('/'))
        };
        let own = self.files.iter().filter(|(name, _)| !below(name));
        let theirs = other.files.iter().filter(|(name, _)| below(name));
        let files = own
            .chain(theirs)
            .map(|(name, bytes)| (name.clone(), Arc::clone(bytes)));
        Self {
            files: Arc::new(files.collect()),
        }
    }

    /// The content of a file.
    pub(super) fn get(&self, path: &str) -> Option<&Arc<[u8]>> {
        self.files.get(path)
    }

    /// All files with their paths, in the order of the paths.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        self.files
            .iter()
            .map(|(path, bytes)| (path.as_str(), bytes))
    }

    /// The files that lie in a folder itself, with their names; `.` is the archive's root.
    pub(super) fn directly_in(&self, folder: &str) -> impl Iterator<Item = (&str, &Arc<[u8]>)> {
        let prefix = prefix(folder);
        let inside = self
            .files
            .range(prefix.clone()..)
            .map_while(move |(path, bytes)| Some((path.strip_prefix(prefix.as_str())?, bytes)));
        inside.filter(|(name, _)| !name.contains('/'))
    }
}

/// What the paths of the files in a folder begin with.
pub(super) fn prefix(folder: &str) -> String {
    if folder == "." {
        String::new()
    } else {
        format!("{folder}/")
    }
}

/// A clean path: without `.`, `..` and empty steps; none where it leads outside.
pub(super) fn clean(path: &str) -> Option<String> {
    let mut steps = Vec::new();
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop()?;
            }
            step => steps.push(step),
        }
    }
    Some(if steps.is_empty() {
        ".".to_owned()
    } else {
        steps.join("/")
    })
}

/// Files on their way into a folder.
#[derive(Default)]
struct Unpacked {
    files: BTreeMap<String, Arc<[u8]>>,
    bytes: u64,
}

impl Unpacked {
    fn into_folder(self) -> Folder {
        Folder {
            files: Arc::new(self.files),
        }
    }

    fn add(&mut self, path: &str, bytes: Arc<[u8]>) -> Result<(), ArchiveError> {
        let outside = || ArchiveError::Outside(path.to_owned());
        if path.starts_with('/') || path.contains('\\') || path.split('/').any(|step| step == "..")
        {
            return Err(outside());
        }
        let clean = clean(path)
            .filter(|clean| clean != ".")
            .ok_or_else(outside)?;
        self.bytes = self.bytes.saturating_add(bytes.len() as u64);
        self.files.insert(clean, bytes);
        if self.bytes > MAX_BYTES || self.files.len() > MAX_FILES {
            return Err(ArchiveError::TooLarge);
        }
        Ok(())
    }

    /// Reads a file's content, no more of it than there is room for.
    fn read(&self, reader: impl Read) -> Result<Arc<[u8]>, ArchiveError> {
        let room = MAX_BYTES - self.bytes.min(MAX_BYTES);
        let mut bytes = Vec::new();
        reader
            .take(room + 1)
            .read_to_end(&mut bytes)
            .map_err(unreadable)?;
        if bytes.len() as u64 > room {
            Err(ArchiveError::TooLarge)
        } else {
            Ok(bytes.into())
        }
    }

    fn add_tar(&mut self, archive: &[u8]) -> Result<(), ArchiveError> {
        let mut archive = tar::Archive::new(archive);
        let mut entries = 0;
        for entry in archive.entries().map_err(unreadable)? {
            let entry = entry.map_err(unreadable)?;
            entries = check_entries(entries)?;
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            let kind = entry.header().entry_type();
            if kind.is_file() {
                let bytes = self.read(entry)?;
                self.add(&path, bytes)?;
            } else if kind.is_symlink() || kind.is_hard_link() {
                check_link(&path)?;
            }
        }
        Ok(())
    }

    fn add_zip(&mut self, archive: &[u8]) -> Result<(), ArchiveError> {
        let mut archive = zip::ZipArchive::new(Cursor::new(archive)).map_err(unreadable)?;
        let mut entries = 0;
        for index in 0..archive.len() {
            entries = check_entries(entries)?;
            let entry = archive.by_index(index).map_err(unreadable)?;
            let path = entry.name().map_err(unreadable)?.into_owned();
            if entry.is_symlink() {
                check_link(&path)?;
            } else if entry.is_file() {
                let bytes = self.read(entry)?;
                self.add(&path, bytes)?;
            }
        }
        Ok(())
    }
}

fn unreadable(error: impl std::fmt::Display) -> ArchiveError {
    ArchiveError::Unreadable(error.to_string())
}

/// Counts an entry of any kind: one file can stand in an archive many times.
fn check_entries(entries: usize) -> Result<usize, ArchiveError> {
    if entries < 2 * MAX_FILES {
        Ok(entries + 1)
    } else {
        Err(ArchiveError::TooLarge)
    }
}

/// Links are left out; one that Terraform would follow can't be.
pub(crate) fn check_link(path: &str) -> Result<(), ArchiveError> {
    let read = [".tf", ".tf.json", ".tfvars", ".tfvars.json"];
    if read.iter().any(|ending| path.ends_with(ending)) {
        return Err(ArchiveError::Link(path.to_owned()));
    }
    Ok(())
}
