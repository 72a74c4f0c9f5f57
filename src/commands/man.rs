//! `man`: a manual page for every command, from the definition of the command line.
//!
//! Beside what the help says, each page has the exit status, the environment of its flags, the files and
//! examples. Needs no database.

use std::collections::BTreeMap;
use std::fs::{create_dir_all, write};
use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_mangen::Man;
use clap_mangen::roff::{Roff, bold, roman};

use super::exit_codes::MEANINGS;
use crate::cli::Context;

/// Write the manual pages to a folder
#[derive(Debug, Args)]
pub(crate) struct ManArgs {
    /// Folder for the pages; created if missing
    #[arg(value_name = "DIR")]
    folder: PathBuf,
}

/// Variables that no flag has.
const VARIABLES: [(&str, &str); 12] = [
    (
        "PREBUILDCTL_DATABASE_URL",
        "The database's URL, unless --database-url is given.",
    ),
    (
        "PREBUILDCTL_DATABASE_URL_FILE",
        "A file that holds the database's URL, unless PREBUILDCTL_DATABASE_URL is set.",
    ),
    (
        "CREDENTIALS_DIRECTORY",
        "Set by systemd: its file database-url holds the database's URL, unless one of the above gives it.",
    ),
    (
        "CODER_PG_CONNECTION_URL, DATABASE_URL",
        "The database's URL, the first of the two that is set, unless one of the above gives it.",
    ),
    (
        "PGPASSFILE",
        "A file of passwords in the place of ~/.pgpass, for URLs without one.",
    ),
    (
        "PGHOST, PGPORT, PGUSER, PGPASSWORD, PGDATABASE, PGSSLMODE",
        "As in PostgreSQL's own programs, for what the URL leaves out.",
    ),
    (
        "XDG_CONFIG_HOME",
        "Where the user's configuration is, in the place of ~/.config.",
    ),
    (
        "XDG_DATA_HOME",
        "Where the embedded database is, in the place of ~/.local/share.",
    ),
    (
        "NO_COLOR, CLICOLOR_FORCE",
        "Whether colours are used where --color is auto.",
    ),
    ("COLUMNS", "The width of tables on a terminal."),
    (
        "PAGER",
        "What shows tables that are longer than the terminal.",
    ),
    (
        "SSL_CERT_FILE, SSL_CERT_DIR",
        "Certificates of authorities in the place of the system's.",
    ),
];

const FILES: [(&str, &str); 3] = [
    (
        "~/.config/prebuildctl/config.toml",
        "Other defaults of flags, for every run or in named profiles.",
    ),
    (
        "~/.local/share/prebuildctl/prebuilds.db",
        "The embedded database, where no other is named.",
    ),
    ("~/.pgpass", "Passwords of PostgreSQL databases; mode 0600."),
];

/// Examples by command; the others have theirs in the description.
const EXAMPLES: [(&str, &str, &str); 10] = [
    (
        "prebuildctl",
        "Look at the pools of a Coder deployment, and at what a pass would do:",
        "CODER_PG_CONNECTION_URL=postgres://... prebuildctl plan",
    ),
    (
        "prebuildctl",
        "Try everything on a new embedded database:",
        "prebuildctl demo",
    ),
    (
        "prebuildctl-snapshot",
        "Pools with fewer ready workspaces than desired:",
        "prebuildctl snapshot -o tsv --no-headers --columns preset,desired,ready | awk -F'\\t' '$3 < $2'",
    ),
    (
        "prebuildctl-plan",
        "What changes when a version is promoted and a pool grows:",
        "prebuildctl plan --promote web=v2 --set-desired web/small=5",
    ),
    (
        "prebuildctl-reconcile-once",
        "A pass that deletes at most half of what runs of each template:",
        "prebuildctl reconcile-once --max-delete 50% --limit-per template",
    ),
    (
        "prebuildctl-reconcile-once",
        "Exactly the plan that was approved, or nothing:",
        "prebuildctl reconcile-once --plan plan.json",
    ),
    (
        "prebuildctl-loop",
        "Keep pools full, with metrics for Prometheus:",
        "prebuildctl loop --max-in-flight 10 --metrics-addr 0.0.0.0:9464",
    ),
    (
        "prebuildctl-claim",
        "Hand a workspace to a user, and wait until it is theirs:",
        "prebuildctl claim --preset web/small --user ada --name my-workspace --wait",
    ),
    (
        "prebuildctl-wait",
        "Go on once the pools are full:",
        "prebuildctl wait --for 10m web/small",
    ),
    (
        "prebuildctl-config-show",
        "What holds with a profile, and what gave it:",
        "prebuildctl config show --profile prod",
    ),
];

pub(crate) fn run(context: &Context, args: &ManArgs, command: Command) -> Result<ExitCode> {
    let folder = &args.folder;
    create_dir_all(folder)
        .and_then(|()| {
            for (name, page) in pages(command)? {
                write(folder.join(name), page)?;
            }
            Ok(())
        })
        .with_context(|| format!("can't write the manual pages to {folder:?}"))?;
    context
        .output
        .status(&format!("The manual pages are in {folder:?}."));
    Ok(ExitCode::SUCCESS)
}

/// The pages by the names of their files.
fn pages(command: Command) -> io::Result<BTreeMap<String, Vec<u8>>> {
    // Its help is a section of its own.
    let mut command = command
        .disable_help_subcommand(true)
        .after_help(None::<&str>);
    command.build();
    let mut pages = BTreeMap::new();
    let mut next = vec![command];
    while let Some(command) = next.pop() {
        let below = command.get_subcommands().filter(|it| !it.is_hide_set());
        next.extend(below.cloned());
        let (name, page) = page(command)?;
        pages.insert(name, page);
    }
    Ok(pages)
}

fn page(command: Command) -> io::Result<(String, Vec<u8>)> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    let name = name.to_owned();
    let variables = variables(&command);
    let has_subcommands = command.has_subcommands();
    let has_more = command.get_after_help().is_some() || command.get_after_long_help().is_some();
    let man = Man::new(command)
        .source(format!("prebuildctl {}", env!("CARGO_PKG_VERSION")))
        .manual("prebuildctl");
    let file = man.get_filename();
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_options_section(&mut page)?;
    if has_subcommands {
        man.render_subcommands_section(&mut page)?;
    }
    if has_more {
        man.render_extra_section(&mut page)?;
    }
    let mut roff = Roff::new();
    let codes = MEANINGS.map(|(code, _, meaning)| (code.to_owned(), meaning.to_owned()));
    section(&mut roff, "EXIT STATUS", codes);
    section(&mut roff, "ENVIRONMENT", variables);
    let files = FILES.map(|(path, what)| (path.to_owned(), what.to_owned()));
    section(&mut roff, "FILES", files);
    let mut examples = EXAMPLES.iter().filter(|(of, ..)| *of == name).peekable();
    if examples.peek().is_some() {
        roff.control("SH", ["EXAMPLES"]);
    }
    for (_, what, line) in examples {
        roff.control("PP", []).text([roman(*what)]);
        roff.control("RS", ["4"]).control("nf", []);
        roff.text([roman(*line)]);
        roff.control("fi", []).control("RE", []);
    }
    roff.to_writer(&mut page)?;
    Ok((file, page))
}

/// A section of names, each with what it is.
fn section(roff: &mut Roff, title: &str, entries: impl IntoIterator<Item = (String, String)>) {
    roff.control("SH", [title]);
    for (name, what) in entries {
        roff.control("TP", [])
            .text([bold(name)])
            .text([roman(what)]);
    }
}

/// Those of the command's flags, and those that no flag has.
fn variables(command: &Command) -> Vec<(String, String)> {
    let of_flags = command.get_arguments().filter_map(|arg| {
        let variable = arg.get_env()?.to_string_lossy().into_owned();
        Some((variable, format!("As --{}.", arg.get_long()?)))
    });
    let others = VARIABLES.map(|(name, what)| (name.to_owned(), what.to_owned()));
    of_flags.chain(others).collect()
}
