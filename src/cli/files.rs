//! The files that flags name: reading them, and putting new content into them.
//!
//! Links lead to what they name, devices and pipes are what they are, and folders are refused. What is
//! read is bounded, and never half a file stands under a name. No content is judged here.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};
use rustix::fs::{OFlags, fcntl_getfl, fcntl_setfl};

/// Most bytes of a document: a snapshot of a million workspaces has 350 MB.
pub(crate) const MAX_DOCUMENT: u64 = 1 << 29;

/// Most bytes of a declaration, which people write.
pub(crate) const MAX_DECLARATION: u64 = 1 << 24;

/// How long a pipe may go without a reader. Whoever starts both ends may start the reader later.
const READER_PATIENCE: Duration = Duration::from_secs(5);

/// Most links on the way to a file.
const MAX_LINKS: usize = 40;

/// Who may read a new file; an old one keeps its permissions.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Readers {
    /// Its owner alone.
    Owner,
    /// Whom the umask lets; nobody else may write.
    Others,
}

impl Readers {
    fn mode(self) -> u32 {
        match self {
            Self::Owner => 0o600,
            Self::Others => 0o644,
        }
    }
}

pub(crate) struct Input {
    pub bytes: Vec<u8>,
    /// What to call it in messages.
    pub name: String,
}

/// Reads a file of at most `limit` bytes, or standard input for `-`, on a thread of its own that may wait
/// for input.
pub(crate) async fn read(path: &Path, limit: u64) -> Result<Input> {
    let name = if path.as_os_str() == "-" {
        "standard input".to_owned()
    } else {
        format!("{path:?}")
    };
    let owned = path.to_owned();
    let read = tokio::task::spawn_blocking(move || {
        if owned.as_os_str() == "-" {
            bounded(io::stdin().lock(), limit)
        } else {
            bounded(open(&owned)?, limit)
        }
    });
    let bytes = read.await?.with_context(|| format!("can't read {name}"))?;
    Ok(Input { bytes, name })
}

/// Opens a file for reading, on a thread of its own that may wait for the writer of a pipe.
pub(crate) async fn open_apart(path: PathBuf) -> Result<File> {
    let opened = tokio::task::spawn_blocking(move || {
        open(&path).with_context(|| format!("can't read {path:?}"))
    });
    opened.await?
}

fn open(path: &Path) -> io::Result<File> {
    let file = File::open(path)?;
    if file.metadata()?.is_dir() {
        return Err(is_folder());
    }
    Ok(file)
}

/// The text of a regular file of at most `limit` bytes; none where there is none. Devices and pipes are
/// left alone: they keep nothing.
pub(crate) fn read_kept(path: &Path, limit: u64) -> Option<String> {
    let is_regular = fs::metadata(path).ok()?.is_file();
    let file = is_regular.then(|| File::open(path))?;
    String::from_utf8(bounded(file.ok()?, limit).ok()?).ok()
}

/// The text of a file of at most `limit` bytes that is short and read at the start, before anything else
/// could wait for this thread.
pub(crate) fn read_text(path: &Path, limit: u64) -> io::Result<String> {
    let bytes = bounded(open(path)?, limit)?;
    String::from_utf8(bytes).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))
}

fn bounded(from: impl Read, limit: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    from.take(limit + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > limit {
        let problem = format!("it holds more than {} MiB", limit >> 20);
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, problem));
    }
    Ok(bytes)
}

/// What `scan` makes of a regular file, on a thread of its own; none where it makes nothing of it, or
/// the file can't be read. A pipe is left alone: it can be read but once.
pub(crate) async fn scan<T: Send + 'static>(
    path: &Path,
    scan: impl FnOnce(File) -> io::Result<Option<T>> + Send + 'static,
) -> Option<T> {
    let path = path.to_owned();
    let scanned = tokio::task::spawn_blocking(move || {
        let is_regular = fs::metadata(&path).ok()?.is_file();
        let file = is_regular.then(|| File::open(&path))?;
        scan(file.ok()?).ok()?
    });
    scanned.await.ok()?
}

/// Puts this content into a file, on a thread of its own that may wait for a reader. A regular file, or
/// one that is new, is replaced as a whole: a reader sees the old content or the new one.
pub(crate) async fn write(path: &Path, text: String, readers: Readers) -> Result<()> {
    let owned = path.to_owned();
    let written = tokio::task::spawn_blocking(move || match destination(&owned)? {
        Destination::Output => io::stdout().lock().write_all(text.as_bytes()),
        Destination::Stream(path) => open_stream(&path)?.write_all(text.as_bytes()),
        Destination::File(path) => replace(&path, text.as_bytes(), readers),
    });
    Ok(written.await??)
}

/// Where content goes.
enum Destination {
    /// To standard output, which may be a file that others write to as well.
    Output,
    /// Into a device, a pipe, or an open file of a process.
    Stream(PathBuf),
    /// To this path, which is no link.
    File(PathBuf),
}

fn destination(path: &Path) -> io::Result<Destination> {
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        let folder = fs::canonicalize(folder_of(&path))?;
        // Links there, as the one that /dev/stdout leads to, name no path.
        if folder.starts_with("/proc") {
            let is_own = fs::canonicalize("/proc/self/fd").is_ok_and(|own| own == folder);
            return Ok(match path.file_name() {
                Some(name) if is_own && name == "1" => Destination::Output,
                _ => Destination::Stream(path),
            });
        }
        let kind = match fs::symlink_metadata(&path) {
            Ok(entry) => entry.file_type(),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Ok(Destination::File(path));
            }
            Err(error) => return Err(error),
        };
        if kind.is_dir() {
            return Err(is_folder());
        }
        if kind.is_file() {
            return Ok(Destination::File(path));
        }
        if !kind.is_symlink() {
            return Ok(Destination::Stream(path));
        }
        path = folder.join(fs::read_link(&path)?);
    }
    Err(io::Error::other("too many links lead from one to the next"))
}

fn folder_of(path: &Path) -> &Path {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    folder.unwrap_or(Path::new("."))
}

fn is_folder() -> io::Error {
    io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")
}

/// Opens a device or pipe for writing. An ordinary opening would wait for ever for the reader of a pipe.
fn open_stream(path: &Path) -> io::Result<File> {
    let deadline = Instant::now() + READER_PATIENCE;
    let mut options = OpenOptions::new();
    options
        .append(true)
        .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
    loop {
        match options.open(path) {
            Ok(stream) => {
                let flags = fcntl_getfl(&stream)?;
                fcntl_setfl(&stream, flags - OFlags::NONBLOCK)?;
                return Ok(stream);
            }
            Err(error) if error.raw_os_error() == Some(rustix::io::Errno::NXIO.raw_os_error()) => {
                if Instant::now() > deadline {
                    let problem = format!("nothing has read from it for {READER_PATIENCE:?}");
                    return Err(io::Error::new(io::ErrorKind::TimedOut, problem));
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(error) => return Err(error),
        }
    }
}

/// The old file stays until the new one is whole and on the disk.
fn replace(path: &Path, text: &[u8], readers: Readers) -> io::Result<()> {
    let folder = folder_of(path);
    let mut builder = tempfile::Builder::new();
    builder.permissions(fs::Permissions::from_mode(readers.mode()));
    let mut file = builder.tempfile_in(folder)?;
    if let Ok(old) = fs::metadata(path) {
        // Only root can give a file away; whoever can't keeps it as an own one.
        let _kept = std::os::unix::fs::fchown(file.as_file(), Some(old.uid()), Some(old.gid()));
        file.as_file().set_permissions(old.permissions())?;
    }
    file.write_all(text)?;
    file.as_file().sync_all()?;
    file.persist(path)?;
    // Some file systems can't sync a folder. The content is safe by then, under one name or the other.
    let _synced = File::open(folder).and_then(|folder| folder.sync_all());
    Ok(())
}
