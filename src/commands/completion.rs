//! Completion of the command line, with the names of a database in it.
//!
//! A shell asks this program what can follow, by the variable COMPLETE. Names come from the database of
//! the line that is completed, its flags and profile included. A database that is away or slow gives none, and
//! nothing is ever printed but candidates: a prompt is no place for errors.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::time::Duration;

use anyhow::{Context as _, Result};
use clap::{Arg, Command, CommandFactory as _};
use clap_complete::Shell;
use clap_complete::engine::{ArgValueCompleter, CompletionCandidate};
use clap_complete::env::{CompleteEnv, Shells};
use tokio::time::timeout;

use super::{Cli, lenient};
use crate::cli::profile::Profile;
use crate::cli::{Context, Output};
use crate::model::names::{Kind, Scoped as _};
use crate::model::text::printable;
use crate::store::Reader;

/// How long a person at a prompt waits for names.
const PATIENCE: Duration = Duration::from_millis(800);

/// The variable by which scripts ask, which the crate has chosen.
const VARIABLE: &str = "COMPLETE";

/// Answers a shell that asks for completions, and ends the program; returns where none does.
pub fn complete() {
    let is_bash = std::env::var_os(VARIABLE).is_some_and(|shell| shell == "bash");
    CompleteEnv::with_factory(|| with_names(Cli::command(), is_bash))
        .var(VARIABLE)
        .complete();
}

/// The script by which a shell asks.
pub(super) fn script(shell: Shell) -> Result<String> {
    let shells = Shells::builtins();
    let known = shells.completer(&shell.to_string());
    let completer = known.context("there is no completion for this shell")?;
    let mut script = Vec::new();
    let name = "prebuildctl";
    completer.write_registration(VARIABLE, name, name, name, &mut script)?;
    Ok(String::from_utf8_lossy(&script).into_owned())
}

/// What the value of a flag or argument names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Named {
    Scope(Kind),
    User,
}

impl Named {
    /// Goes by the name that the help has for the value.
    fn by(arg: &Arg) -> Option<Self> {
        let name = arg.get_value_names()?.first()?;
        match (arg.get_id().as_str(), name.as_str()) {
            ("organization", _) => Some(Self::Scope(Kind::Organization)),
            (_, "[ORG/]NAME") => Some(Self::Scope(Kind::Template)),
            (_, "PRESET" | "PRESET|TEMPLATE" | "ID|[[ORG/]TEMPLATE/]NAME") => {
                Some(Self::Scope(Kind::Preset))
            }
            (_, "USER" | "ID|NAME" | "FROM" | "TO") => Some(Self::User),
            _ => None,
        }
    }

    /// For bash, which puts a name on the line as it is, to be split, expanded and, with `$(...)`, run, only names
    /// that mean themselves there. Other shells quote them.
    fn candidates(self, begun: &OsStr, is_bash: bool) -> Vec<CompletionCandidate> {
        let Some(begun) = begun.to_str() else {
            return Vec::new();
        };
        let names = names(self, begun).unwrap_or_default().into_iter();
        // What a terminal could act on is no name that anybody types.
        let names = names.filter(|name| printable(name) == *name && (!is_bash || is_plain(name)));
        names.map(CompletionCandidate::new).collect()
    }
}

/// Whether a shell takes the name as it is.
fn is_plain(name: &str) -> bool {
    let is_plain = |letter: char| letter.is_alphanumeric() || "-_./:@+,%=".contains(letter);
    name.chars().all(is_plain)
}

/// The command line with names for its values.
fn with_names(command: Command, is_bash: bool) -> Command {
    let command = command.mut_args(|arg| match Named::by(&arg) {
        Some(named) => arg.add(ArgValueCompleter::new(move |begun: &OsStr| {
            named.candidates(begun, is_bash)
        })),
        None => arg,
    });
    command.mut_subcommands(|command| with_names(command, is_bash))
}

/// The names in the database of the line that begin so.
fn names(named: Named, begun: &str) -> Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let found = runtime.block_on(async {
        timeout(PATIENCE, async {
            let mut reader = context()?.store()?.open_reader().await?;
            read(&mut reader, named, begun).await
        })
        .await
    });
    // A connection that hangs isn't waited for.
    runtime.shutdown_background();
    found?
}

/// What the line that is completed works on. Its words stand behind the first `--`.
fn context() -> Result<Context> {
    let words = std::env::args_os().skip_while(|word| word != "--").skip(1);
    let words: Vec<OsString> = words.collect();
    let mut global = lenient(&words);
    let (config, name) = (global.config.as_deref(), global.profile_name.as_deref());
    global.profile = Profile::read(&Cli::command(), config, name)?;
    let output = Output::silent(&global);
    Ok(Context::new(global, output))
}

async fn read(reader: &mut Reader, named: Named, begun: &str) -> Result<Vec<String>> {
    let mut names = match named {
        Named::User => reader.user_names(begun).await?,
        Named::Scope(kind) => {
            let scopes = reader.template_scopes().await?;
            let paths = scopes.iter().filter_map(|it| it.scope().name(kind));
            shortest(&paths.collect::<Vec<_>>(), begun)
        }
    };
    names.retain(|name| name.to_lowercase().starts_with(&begun.to_lowercase()));
    Ok(names)
}

/// Of each path the shortest ending that begins so and that no other path has.
fn shortest(paths: &[String], begun: &str) -> Vec<String> {
    let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
    let mut shared = Vec::new();
    for path in paths {
        for ending in endings(path) {
            if owners
                .insert(ending, path)
                .is_some_and(|other| other != path)
            {
                shared.push(ending);
            }
        }
    }
    shared.sort_unstable();
    let mut found: Vec<String> = paths
        .iter()
        .filter_map(|path| {
            let mut own = endings(path).filter(|it| shared.binary_search(it).is_err());
            own.find(|ending| ending.starts_with(begun))
        })
        .map(str::to_owned)
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

/// `c`, `b/c` and `a/b/c` of `a/b/c`.
fn endings(path: &str) -> impl Iterator<Item = &str> {
    let starts = path.rmatch_indices('/').map(|(slash, _)| slash + 1);
    starts.chain([0]).filter_map(|start| path.get(start..))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shortest_name_that_is_nobody_elses_and_begins_so_is_offered() {
        let paths = ["acme/web/small", "acme/web/large", "acme/data/large"].map(str::to_owned);
        let offered = |begun| shortest(&paths, begun);
        assert_eq!(offered(""), ["data/large", "small", "web/large"]);
        assert_eq!(offered("s"), ["small"]);
        assert_eq!(offered("web/"), ["web/large", "web/small"]);
        assert_eq!(offered("acme/d"), ["acme/data/large"]);
        assert_eq!(offered("x"), [""; 0]);
    }
}
