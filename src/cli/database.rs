//! Where the database's URL comes from, and what is to be said about how its password is kept.
//!
//! The first of these that is there: `--database-url`, the variables, a credential of systemd's, the
//! configuration file. A password reaches no message.

use std::fs::{Metadata, metadata};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use super::args::GlobalArgs;
use super::files;
use super::profile::{MAX_FILE, Profile};
use crate::error::Failure;
use crate::store::{StoreError, Target};

/// Names a file that holds the URL.
const FILE_VARIABLE: &str = "PREBUILDCTL_DATABASE_URL_FILE";
/// Names the folder of a unit's credentials; systemd sets it.
const CREDENTIALS_VARIABLE: &str = "CREDENTIALS_DIRECTORY";
/// The credential that holds the URL: `LoadCredential=database-url:PATH` in a unit.
const CREDENTIAL: &str = "database-url";

/// A database URL.
struct Named {
    url: String,
    /// What gave it, for messages.
    origin: String,
    kept_in: Place,
}

/// Who can see the URL.
enum Place {
    /// Every user of this host, in the list of processes.
    CommandLine,
    /// Who may read the file.
    File(PathBuf),
    /// This user alone.
    Private,
}

/// The database to work on, with what gave it and what is to be warned of.
pub(super) struct Database {
    pub target: Target,
    pub origin: String,
    pub warnings: Vec<String>,
}

/// The database of the flags, the environment or the file, or the embedded default.
///
/// # Errors
/// A usage error: a URL that can't be read, or a file that should hold one and doesn't.
pub(super) fn database(global: &GlobalArgs) -> anyhow::Result<Database> {
    let Some(named) = given(global)? else {
        return match of_profile(&global.profile)? {
            Some(named) => named.open(),
            None => Ok(Database {
                target: Target::Sqlite(default_database()?),
                origin: "the default".to_owned(),
                warnings: Vec::new(),
            }),
        };
    };
    let is_flag = matches!(named.kept_in, Place::CommandLine);
    let mut database = named.open()?;
    let profile = &global.profile;
    // Whoever asks for a profile means its database. What a shell has for other programs is in the way.
    if let (false, Some(_), Some(passed_over)) = (is_flag, &profile.name, profile.database()) {
        database.warnings.push(format!(
            "the database is that of {}, which goes before that of {}",
            database.origin,
            profile.origin(passed_over)
        ));
    }
    Ok(database)
}

impl Named {
    fn open(self) -> anyhow::Result<Database> {
        let target = Target::read(&self.url, &self.origin)?;
        let has_password = Target::has_password(&self.url);
        let warnings = match &self.kept_in {
            Place::CommandLine if has_password => Some(
                "a password on the command line is seen by every user of this host; put it into \
                 ~/.pgpass or the URL into a file that PREBUILDCTL_DATABASE_URL_FILE names"
                    .to_owned(),
            ),
            // Root's group may read, by PostgreSQL's rule for keys: a Secret's file belongs to root.
            Place::File(path) if has_password => loose_mode(path, 0o037).map(|mode| {
                format!(
                    "others may read or change {path:?} (mode {mode:04o}), which holds a password; run chmod \
                     600 {path:?}"
                )
            }),
            _ if !has_password && matches!(target, Target::Postgres(_)) => unused_passwords(),
            _ => None,
        };
        Ok(Database {
            target,
            origin: self.origin,
            warnings: warnings.into_iter().collect(),
        })
    }
}

/// The URL that a flag or the environment gives.
fn given(global: &GlobalArgs) -> Result<Option<Named>, StoreError> {
    if let Some(url) = &global.database_url {
        return Ok(Some(Named {
            url: url.clone(),
            origin: "--database-url".to_owned(),
            kept_in: Place::CommandLine,
        }));
    }
    if let Some(named) = of_variable("PREBUILDCTL_DATABASE_URL")? {
        return Ok(Some(named));
    }
    if let Some(path) = std::env::var_os(FILE_VARIABLE) {
        return in_file(PathBuf::from(path), FILE_VARIABLE).map(Some);
    }
    let credential = std::env::var_os(CREDENTIALS_VARIABLE);
    let credential = credential.map(|folder| Path::new(&folder).join(CREDENTIAL));
    if let Some(path) = credential.filter(|path| path.exists()) {
        let origin = format!("the credential {CREDENTIAL}");
        // Its folder is the unit's alone.
        return Ok(Some(Named {
            kept_in: Place::Private,
            ..in_file(path, &origin)?
        }));
    }
    match of_variable("CODER_PG_CONNECTION_URL")? {
        None => of_variable("DATABASE_URL"),
        found => Ok(found),
    }
}

/// The URL that a variable of the environment holds.
fn of_variable(name: &str) -> Result<Option<Named>, StoreError> {
    let Some(url) = std::env::var_os(name) else {
        return Ok(None);
    };
    let url = url.into_string().map_err(|_| StoreError::Url {
        origin: name.to_owned(),
        problem: "is not UTF-8".to_owned(),
    })?;
    Ok(Some(Named {
        url,
        origin: name.to_owned(),
        kept_in: Place::Private,
    }))
}

/// The URL that the configuration file gives.
fn of_profile(profile: &Profile) -> Result<Option<Named>, StoreError> {
    let (Some(value), Some(file)) = (profile.database(), &profile.file) else {
        return Ok(None);
    };
    let word = value.words.first().cloned().unwrap_or_default();
    if profile.names_url_file() {
        return in_file(PathBuf::from(word), &profile.origin(value)).map(Some);
    }
    Ok(Some(Named {
        url: word,
        origin: profile.origin(value),
        kept_in: Place::File(file.clone()),
    }))
}

/// The URL that a file holds.
fn in_file(path: PathBuf, origin: &str) -> Result<Named, StoreError> {
    let unreadable = |problem| StoreError::Url {
        origin: origin.to_owned(),
        problem,
    };
    // It may hold a password, and is not shown.
    if path.to_string_lossy().contains("://") {
        let problem = "is to be in a file: name that file, not the URL".to_owned();
        return Err(unreadable(problem));
    }
    let text = files::read_text(&path, MAX_FILE).map_err(|error| {
        unreadable(format!(
            "is in a file, {path:?}, that can't be read: {error}"
        ))
    })?;
    Ok(Named {
        url: text.trim().to_owned(),
        origin: format!("{origin}, {path:?}"),
        kept_in: Place::File(path),
    })
}

/// What is to be said of a file of passwords that the driver passes over.
fn unused_passwords() -> Option<String> {
    let named = std::env::var_os("PGPASSFILE").map(PathBuf::from);
    let path = named.or_else(|| Some(dirs::home_dir()?.join(".pgpass")))?;
    let mode = loose_mode(&path, 0o077)?;
    Some(format!(
        "the passwords of {path:?} are not used, since others may read or change it (mode {mode:04o}); run chmod \
         600 {path:?}"
    ))
}

/// The mode of a regular file that lets others than its owner do what it mustn't: what `of_root` has where
/// it is root's, and anything at all where it isn't.
fn loose_mode(path: &Path, of_root: u32) -> Option<u32> {
    let entry = metadata(path).ok().filter(Metadata::is_file)?;
    let mode = entry.permissions().mode() & 0o777;
    let forbidden = if entry.uid() == 0 { of_root } else { 0o077 };
    (mode & forbidden != 0).then_some(mode)
}

/// The embedded database of this user.
fn default_database() -> Result<PathBuf, Failure> {
    let folder = dirs::data_dir().ok_or_else(|| {
        Failure::usage("the user has no data folder; name a database with --database-url")
    })?;
    Ok(folder.join("prebuildctl").join("prebuilds.db"))
}
