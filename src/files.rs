//! Writing files that others read while they change.
//!
//! Never leaves half a file under the name that was asked for.

use std::io::Write as _;
use std::path::Path;

use anyhow::Result;

/// Replaces a file as a whole: a reader sees the old content or the new one.
pub fn replace(path: &Path, text: &str) -> Result<()> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    // As any other file: it is there to be read by others.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder.unwrap_or(Path::new(".")))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    Ok(())
}
