//! Reads a template from a folder, as it would be pushed.
//!
//! Hidden files, states of Terraform and links are left out. The modules that `terraform init` has put
//! into the folder are read as those that an import stores. Invariant: no link is followed, and no
//! more is read than a template may hold.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::template::{ArchiveError, Folder, MAX_BYTES, MAX_FILES, check_link};

/// Where Terraform puts modules.
const MODULES: &str = ".terraform/modules";

/// A template's files, and the modules below it.
pub(super) struct Source {
    pub files: Folder,
    pub modules: Folder,
    /// Paths of links, which stand in no archive as what they lead to.
    pub links: Vec<String>,
}

/// Reads the folder.
///
/// # Errors
/// Something in it can't be read, is too large, or is a link that Terraform would follow.
pub(super) fn read(folder: &Path) -> Result<Source> {
    let mut walk = Walk {
        root: folder,
        files: Vec::new(),
        links: Vec::new(),
        bytes: 0,
        entries: 0,
    };
    walk.read(Path::new(""), |name| {
        !name.starts_with('.') && !name.contains(".tfstate")
    })?;
    if !walk.files.iter().any(|(path, _)| is_configuration(path)) {
        bail!("the folder {folder:?} holds no template: there is no .tf file in it");
    }
    let files = walk.take()?;
    let has_modules = folder
        .join(MODULES)
        .symlink_metadata()
        .is_ok_and(|it| it.is_dir());
    if has_modules {
        walk.read(Path::new(MODULES), |name| name != ".git")?;
    }
    Ok(Source {
        files,
        modules: walk.take()?,
        links: walk.links,
    })
}

/// Whether Terraform reads a file of the folder itself.
fn is_configuration(path: &str) -> bool {
    !path.contains('/') && (path.ends_with(".tf") || path.ends_with(".tf.json"))
}

/// A walk through a folder.
struct Walk<'a> {
    root: &'a Path,
    /// Contents by paths.
    files: Vec<(String, Vec<u8>)>,
    links: Vec<String>,
    bytes: u64,
    entries: usize,
}

impl Walk<'_> {
    /// Reads what lies below a path and has names of that kind.
    fn read(&mut self, start: &Path, is_wanted: impl Fn(&str) -> bool) -> Result<()> {
        let mut waiting = vec![start.to_owned()];
        while let Some(folder) = waiting.pop() {
            let path = self.full(&folder);
            let unreadable = || format!("can't read the folder {path:?}");
            for entry in std::fs::read_dir(&path).with_context(unreadable)? {
                let entry = entry.with_context(unreadable)?;
                let kind = entry.file_type().with_context(unreadable)?;
                let below = folder.join(entry.file_name());
                let name = entry.file_name().to_string_lossy().into_owned();
                if !is_wanted(&name) {
                    continue;
                }
                self.entries += 1;
                if self.entries > MAX_FILES {
                    return Err(self.too_large());
                }
                if kind.is_dir() {
                    waiting.push(below);
                } else if kind.is_symlink() {
                    let link = text(&below)?;
                    check_link(&link).with_context(|| self.unusable())?;
                    self.links.push(link);
                } else if kind.is_file() {
                    self.read_file(&below)?;
                }
            }
        }
        Ok(())
    }

    fn read_file(&mut self, path: &Path) -> Result<()> {
        let full = self.full(path);
        let unreadable = || format!("can't read {full:?}");
        let room = MAX_BYTES - self.bytes;
        let mut bytes = Vec::new();
        let file = File::open(&full).with_context(unreadable)?;
        file.take(room + 1)
            .read_to_end(&mut bytes)
            .with_context(unreadable)?;
        if bytes.len() as u64 > room {
            return Err(self.too_large());
        }
        self.bytes += bytes.len() as u64;
        self.files.push((text(path)?, bytes));
        Ok(())
    }

    fn full(&self, path: &Path) -> PathBuf {
        if path.as_os_str().is_empty() {
            self.root.to_owned()
        } else {
            self.root.join(path)
        }
    }

    /// The files that were read.
    fn take(&mut self) -> Result<Folder> {
        let files = std::mem::take(&mut self.files);
        Folder::new(files).with_context(|| self.unusable())
    }

    fn unusable(&self) -> String {
        format!("the folder {:?} can't be pushed as a template", self.root)
    }

    fn too_large(&self) -> anyhow::Error {
        anyhow::Error::new(ArchiveError::TooLarge).context(self.unusable())
    }
}

/// The path as it stands in an archive.
fn text(path: &Path) -> Result<String> {
    let steps: PathBuf = path.iter().collect();
    let text = steps
        .to_str()
        .with_context(|| format!("the name {path:?} is no UTF-8"))?;
    Ok(text.replace(std::path::MAIN_SEPARATOR, "/"))
}
