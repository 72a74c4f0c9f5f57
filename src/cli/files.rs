//! Reading and replacing whole files.
//!
//! Never leaves half a file under the final name, and judges no content.

use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, Result};

/// Replaces a file as a whole: a reader sees the old content or the new one.
pub(crate) fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // Readable by others, as any new file.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}

/// What `scan` makes of a regular file, on a thread of its own; none where it makes nothing of it, or
/// the file can't be read. A pipe is left alone: it can be read but once.
pub(crate) async fn scan<T: Send + 'static>(
    path: &Path,
    scan: impl FnOnce(File) -> io::Result<Option<T>> + Send + 'static,
) -> Option<T> {
    let path = path.to_owned();
    let scanned = tokio::task::spawn_blocking(move || {
        let is_regular = std::fs::metadata(&path).ok()?.is_file();
        let file = is_regular.then(|| File::open(&path))?;
        scan(file.ok()?).ok()?
    });
    scanned.await.ok()?
}

pub(crate) struct Input {
    pub bytes: Vec<u8>,
    /// What to call it in messages.
    pub name: String,
}

/// Reads a file, or standard input for `-`, on a thread of its own that may wait for input.
pub(crate) async fn read(path: &Path) -> Result<Input> {
    let owned = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if owned.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin()
                .lock()
                .read_to_end(&mut bytes)
                .map(|_| bytes)
        } else {
            std::fs::read(owned)
        }
    });
    let name = if path.as_os_str() == "-" {
        "standard input".to_owned()
    } else {
        format!("{path:?}")
    };
    let bytes = read.await?.with_context(|| format!("can't read {name}"))?;
    Ok(Input { bytes, name })
}
