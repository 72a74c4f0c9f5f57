//! `demo`: a guided tour of the whole cycle on an embedded database of its own.
//!
//! Does nothing but run other commands, each after printing it as one would type it, in a folder
//! that was empty before. Programs that ask for JSON get the documents of the steps and no prose.

use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::cli::{Context, Format, GlobalArgs, Output};
use crate::model::text::is_unsafe;

const POOLS: &str = include_str!("demo/pools.toml");

/// A running command.
pub(super) type Run = Pin<Box<dyn Future<Output = Result<ExitCode>>>>;

/// Starts a command that is given by its words, with global options from elsewhere.
pub(super) type Runner = fn(Vec<OsString>, GlobalArgs) -> Run;

/// Show the whole cycle on a new embedded database
///
/// Declares pools, plans, reconciles, builds (pretending to), claims and refills, in some five
/// seconds, and prints each step as the command that does it. The folder stays for exploring; one
/// with anything in it is refused.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// A new folder for the database
    #[arg(value_name = "DIR", default_value = "prebuildctl-demo")]
    folder: PathBuf,
}

/// What the tour tells, and the command of each step.
const STEPS: &[(&str, &[&str])] = &[
    (
        "A file declares pools: how many prebuilt workspaces of each preset to keep.",
        &["apply", "pools.toml"],
    ),
    (
        "What would have to be done, and why? This changes nothing.",
        &["plan"],
    ),
    (
        "Do it: one pass, wholly or not at all.",
        &["reconcile-once"],
    ),
    (
        "The pass has queued builds. A provisioner runs them; this one pretends to.",
        &[
            "provision",
            "--simulate",
            "--build-time",
            "1s..2s",
            "--parallel",
            "4",
            "--drain",
        ],
    ),
    ("The pools are full.", &["snapshot"]),
    (
        "Ada needs a workspace, and gets one that is ready.",
        &[
            "claim",
            "--preset",
            "backend/europe",
            "--user",
            "ada",
            "--name",
            "my-workspace",
        ],
    ),
    (
        "The next pass sees that one is missing.",
        &["reconcile-once"],
    ),
    (
        "Two builds: the one that makes the workspace Ada's, and its successor in the pool.",
        &[
            "provision",
            "--simulate",
            "--build-time",
            "1s..2s",
            "--parallel",
            "4",
            "--drain",
        ],
    ),
    (
        "Full again, and nothing left to do.",
        &["plan", "--detailed-exitcode"],
    ),
];

/// Runs the command.
pub(crate) async fn run(context: &Context, args: DemoArgs, runner: Runner) -> Result<ExitCode> {
    let tour = Tour::prepare(&args.folder)?;
    for (number, (text, words)) in (1..).zip(STEPS) {
        let command = words.join(" ");
        let text = format!("\n{number}. {text}\n   $ prebuildctl {command}\n\n");
        tell(&context.output, &text)?;
        tour.step(context, words, runner).await?;
    }
    let text = format!(
        "\nThe folder is yours to explore:\n   $ cd {}\n   $ export \
         PREBUILDCTL_DATABASE_URL=sqlite:prebuilds.db\n   $ prebuildctl snapshot\n",
        for_shell(&args.folder)
    );
    tell(&context.output, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// The tour's own words. Beside documents for programs they are no data.
fn tell(output: &Output, text: &str) -> Result<()> {
    match output.format {
        Format::Table => output.data(text),
        Format::Json => {
            output.status(text.trim());
            Ok(())
        }
    }
}

/// A path as a word that can be typed, whatever is in it.
fn for_shell(path: &Path) -> String {
    let bytes = path.as_os_str().as_bytes();
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"/._-+,:@%".contains(byte);
    let text = path.to_str().filter(|text| !text.is_empty());
    match text.filter(|text| !text.chars().any(|c| c.is_control() || is_unsafe(c))) {
        Some(text) if bytes.iter().all(is_plain) => text.to_owned(),
        Some(text) => format!("'{}'", text.replace('\'', r"'\''")),
        None => {
            let escaped: String = bytes.iter().map(|byte| format!("\\x{byte:02x}")).collect();
            format!("$'{escaped}'")
        }
    }
}

/// The tour's files.
struct Tour {
    database: PathBuf,
    pools: PathBuf,
}

impl Tour {
    /// Makes the folder. Whatever is in one already may be somebody's work.
    fn prepare(folder: &Path) -> Result<Self> {
        std::fs::create_dir_all(folder).with_context(|| format!("can't make {folder:?}"))?;
        let mut entries =
            std::fs::read_dir(folder).with_context(|| format!("can't look into {folder:?}"))?;
        if entries.next().is_some() {
            bail!("{folder:?} is not empty, and nothing in it is to be lost; name a new folder");
        }
        let pools = folder.join("pools.toml");
        std::fs::write(&pools, POOLS).with_context(|| format!("can't write {pools:?}"))?;
        Ok(Self {
            database: folder.join("prebuilds.db"),
            pools,
        })
    }

    /// Runs a command as if it had been typed in the tour's folder.
    async fn step(&self, context: &Context, words: &[&str], run: Runner) -> Result<()> {
        let global = GlobalArgs {
            database_url: Some(format!("sqlite:{}", self.database.display())),
            ..context.global.clone()
        };
        let line = words.iter().map(|word| match *word {
            "pools.toml" => self.pools.clone().into_os_string(),
            word => word.into(),
        });
        let words_of_program = std::iter::once("prebuildctl".into()).chain(line).collect();
        if run(words_of_program, global).await? != ExitCode::SUCCESS {
            bail!(
                "the tour ends here: `prebuildctl {}` did not succeed",
                words.join(" ")
            );
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_can_be_typed_and_shown_whatever_is_in_it() {
        for (path, word) in [
            ("/tmp/prebuildctl-demo", "/tmp/prebuildctl-demo"),
            ("my demo", "'my demo'"),
            ("it's $HOME", r"'it'\''s $HOME'"),
            ("größer", "'größer'"),
            ("a\u{1b}[2J", r"$'\x61\x1b\x5b\x32\x4a'"),
        ] {
            assert_eq!(for_shell(Path::new(path)), word);
        }
    }
}
