//! The configuration file: values of flags, for every run or in named profiles.
//!
//! What the file says takes the place of a flag's own default, before the command line is read: a flag or a
//! variable beats it, and whatever reads a flag needs to know nothing of files. A file with a mistake is
//! refused as a whole, also where the mistake is in a profile that is not asked for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Result;
use clap::{Arg, ArgAction, Command};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::files;
use crate::declaration::{DeclarationError, Mistakes};
use crate::error::Failure;
use crate::model::names::{known, suggest};
use crate::model::text::printable;

/// Flags of every command that a file can set.
const GLOBAL: [&str; 7] = [
    "database_url",
    "format",
    "no_pager",
    "color",
    "log_format",
    "connect_timeout",
    "timeout",
];

/// What names a file that holds the database URL; only a file has it, in place of a flag.
const URL_FILE: &str = "database_url_file";

/// Sections of a command's help whose flags a file can set.
const HEADINGS: [&str; 3] = ["Tuning", "Filters", "Limits"];

/// Most bytes of a file that people write by hand, or that holds one URL.
pub(super) const MAX_FILE: u64 = 1 << 20;

/// What the configuration file says for this run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Profile {
    /// The file that was read, if there is one.
    pub(crate) file: Option<PathBuf>,
    /// The profile that was asked for.
    pub(crate) name: Option<String>,
    values: BTreeMap<String, Value>,
}

/// The value of a setting, as words of the command line.
#[derive(Clone, Debug)]
pub(crate) struct Value {
    pub(crate) words: Vec<String>,
    /// Where it stands in the file.
    pub(crate) place: String,
}

/// Values by the names of their flags, in snake case.
type Values = BTreeMap<String, Value>;

impl Profile {
    /// Reads the file that is given, or that of the user if there is one, and takes the profile of this name.
    ///
    /// # Errors
    /// A usage error: a file or profile that isn't there, or mistakes in the file.
    pub(crate) fn read(
        command: &Command,
        given: Option<&Path>,
        name: Option<&str>,
    ) -> Result<Self> {
        let user_file = || dirs::config_dir().map(|it| it.join("prebuildctl").join("config.toml"));
        let Some(file) = given.map(Path::to_owned).or_else(user_file) else {
            return Self::default().unless_missing(name, &[]);
        };
        if given.is_none() && !file.exists() {
            return Self::default().unless_missing(name, &[]);
        }
        let text = files::read_text(&file, MAX_FILE).map_err(|error| {
            Failure::usage(format!("can't read the configuration {file:?}: {error}"))
        })?;
        let (values, mut profiles) = parse(&text, &settings(command)).map_err(|error| {
            Failure::usage(format!("the configuration {file:?} has mistakes\n{error}"))
        })?;
        let mut profile = Self {
            file: Some(file),
            name: None,
            values,
        };
        if let Some(name) = name
            && let Some(values) = profiles.remove(name)
        {
            // Either of the two names the database, so that one of the profile's replaces both.
            if values.keys().any(|key| names_database(key)) {
                profile.values.retain(|key, _| !names_database(key));
            }
            profile.values.extend(values);
            profile.name = Some(name.to_owned());
            return Ok(profile);
        }
        let known: Vec<String> = profiles.into_keys().collect();
        profile.unless_missing(name, &known)
    }

    /// What holds without a profile, unless one was asked for.
    fn unless_missing(self, name: Option<&str>, profiles: &[String]) -> Result<Self> {
        let Some(name) = name else { return Ok(self) };
        let place = match &self.file {
            Some(file) => format!("in {file:?}"),
            None => "since there is no configuration file".to_owned(),
        };
        let known = known(&suggest(name, profiles.iter().cloned()));
        let problem = format!("there is no profile {name:?} {place}; {known}");
        Err(Failure::usage(problem).into())
    }

    /// The command line with what the file says in the place of its defaults.
    pub(crate) fn set_defaults(&self, mut command: Command) -> Command {
        let values = self.values.iter().filter(|(key, _)| !names_database(key));
        for (key, value) in values {
            if GLOBAL.contains(&key.as_str()) {
                command = command.mut_arg(key, |arg| arg.default_values(value.words.clone()));
                continue;
            }
            command = command.mut_subcommands(|subcommand| {
                if flags(&subcommand).any(|arg| arg.get_id() == key.as_str()) {
                    subcommand.mut_arg(key, |arg| arg.default_values(value.words.clone()))
                } else {
                    subcommand
                }
            });
        }
        command
    }

    /// Whether it gives flags other defaults.
    pub(crate) fn has_defaults(&self) -> bool {
        !self.values.is_empty()
    }

    pub(crate) fn value(&self, key: &str) -> Option<&Value> {
        self.values.get(key)
    }

    /// The database's URL, or the path of a file that holds it.
    pub(crate) fn database(&self) -> Option<&Value> {
        self.value("database_url").or(self.value(URL_FILE))
    }

    /// Where a value stands, for messages.
    pub(super) fn origin(&self, value: &Value) -> String {
        match &self.file {
            Some(file) => format!("{} of {file:?}", value.place),
            None => value.place.clone(),
        }
    }

    /// Whether that is a path.
    pub(super) fn names_url_file(&self) -> bool {
        self.values.contains_key(URL_FILE)
    }
}

/// Whether it is where the database's URL comes from.
fn names_database(key: &str) -> bool {
    key == "database_url" || key == URL_FILE
}

/// What a file can set, by the names of the flags in snake case.
pub(crate) fn settings(command: &Command) -> BTreeMap<String, Arg> {
    let global = command.get_arguments();
    let global = global.filter(|arg| GLOBAL.contains(&arg.get_id().as_str()));
    let others = command.get_subcommands().flat_map(flags);
    let url_file = Arg::new(URL_FILE).long("database-url-file");
    let all = global.chain(others).cloned().chain([url_file]);
    all.map(|arg| (arg.get_id().to_string(), arg)).collect()
}

/// The flags of a subcommand that a file can set.
fn flags(subcommand: &Command) -> impl Iterator<Item = &Arg> {
    let flags = subcommand.get_arguments();
    flags.filter(|arg| {
        arg.get_help_heading()
            .is_some_and(|it| HEADINGS.contains(&it))
    })
}

/// What holds for every run, and the profiles by name.
fn parse(
    text: &str,
    settings: &BTreeMap<String, Arg>,
) -> Result<(Values, BTreeMap<String, Values>), DeclarationError> {
    let mut reader = Reader {
        settings,
        mistakes: Mistakes::new(text),
    };
    let mut common = Values::new();
    let mut profiles = BTreeMap::new();
    match DeTable::parse(text) {
        Err(error) => reader.mistakes.add_toml(&error),
        Ok(document) => {
            let mut document = document.into_inner();
            let tables = document.remove("profiles");
            common = reader.values(None, &document);
            if let Some(tables) = &tables {
                profiles = reader.profiles(tables);
            }
        }
    }
    reader.mistakes.finish((common, profiles))
}

struct Reader<'a> {
    settings: &'a BTreeMap<String, Arg>,
    mistakes: Mistakes<'a>,
}

impl Reader<'_> {
    fn profiles(&mut self, tables: &Spanned<DeValue<'_>>) -> BTreeMap<String, Values> {
        let mut profiles = BTreeMap::new();
        let Some(named) = tables.get_ref().as_table() else {
            let place = self.mistakes.at(tables);
            place.add("profiles are tables: write [profiles.NAME]");
            return profiles;
        };
        for (name, table) in named {
            match table.get_ref().as_table() {
                Some(values) => {
                    let values = self.values(Some(name.get_ref()), values);
                    profiles.insert(name.get_ref().to_string(), values);
                }
                None => self
                    .mistakes
                    .at(name)
                    .add("a profile is a table: write [profiles.NAME]"),
            }
        }
        profiles
    }

    fn values(&mut self, profile: Option<&str>, table: &DeTable<'_>) -> Values {
        let mut values = Values::new();
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let Some(arg) = self.settings.get(name) else {
                let known = known(&suggest(name, self.settings.keys().cloned()));
                let place = self.mistakes.at(key);
                place.add(format!("there is no setting {name:?}; {known}"));
                continue;
            };
            match words(arg, value.get_ref()).and_then(|words| check(arg, words)) {
                Ok(words) => {
                    let line = format!("line {}", self.mistakes.line(key));
                    let place = match profile {
                        Some(profile) => format!("profile {profile:?}, {line}"),
                        None => line,
                    };
                    values.insert(name.to_owned(), Value { words, place });
                }
                Err(problem) => self.mistakes.at(value).add(format!("{name}: {problem}")),
            }
        }
        if values.contains_key("database_url")
            && let Some((key, _)) = table
                .iter()
                .find(|(key, _)| key.get_ref().as_ref() == URL_FILE)
        {
            let place = self.mistakes.at(key);
            place.add("database_url is given as well; remove one of them");
        }
        values
    }
}

/// The value as words of the command line.
fn words(arg: &Arg, value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let word = |value: &DeValue<'_>| match value {
        DeValue::String(text) => Some(text.to_string()),
        DeValue::Integer(number) => Some(number.to_string()),
        _ => None,
    };
    match (arg.get_action(), value) {
        (ArgAction::SetTrue, DeValue::Boolean(value)) => Ok(vec![value.to_string()]),
        (ArgAction::SetTrue, _) => Err("write true or false".to_owned()),
        (ArgAction::Append, DeValue::Array(values)) => {
            let words = values.iter().map(|value| word(value.get_ref()));
            let words: Option<Vec<String>> = words.collect();
            words.ok_or_else(|| "write a list of texts".to_owned())
        }
        _ => word(value)
            .map(|word| vec![word])
            .ok_or_else(|| "write a text in quotes, or a number".to_owned()),
    }
}

/// The words, if the flag takes them.
fn check(arg: &Arg, words: Vec<String>) -> Result<Vec<String>, String> {
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        return Ok(words);
    }
    let flag = arg.get_long().unwrap_or("value");
    // What the flag has to do with others doesn't matter to its value.
    let alone = Arg::new("value")
        .long(flag.to_owned())
        .action(arg.get_action().clone())
        .value_parser(arg.get_value_parser().clone());
    let line = words.iter().map(|word| format!("--{flag}={word}"));
    let line = ["check".to_owned()].into_iter().chain(line);
    match Command::new("check").arg(alone).try_get_matches_from(line) {
        Ok(_) => Ok(words),
        Err(error) => Err(printable(&one_line(&error.to_string()))),
    }
}

/// The first paragraph of an error in one line, without its heading.
fn one_line(text: &str) -> String {
    let text = text.strip_prefix("error: ").unwrap_or(text);
    let lines = text.lines().take_while(|line| !line.trim().is_empty());
    lines.map(str::trim).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests;
