//! `demo`: a guided tour of the whole cycle on a new embedded database.
//!
//! Only runs other commands, each after printing it, in a folder that was empty before. With JSON,
//! standard output has the documents of the steps and no prose.

use std::ffi::OsString;
use std::fs::DirBuilder;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::process::ExitCode;

use anyhow::{Context as _, Result, bail};
use clap::Args;

use crate::cli::{Context, GlobalArgs, Output};
use crate::model::text::is_unsafe;

const POOLS: &str = include_str!("demo/pools.toml");

pub(super) type Run = Pin<Box<dyn Future<Output = Result<ExitCode>>>>;

/// Starts a command given by its words, with these global options.
pub(super) type Runner = fn(Vec<OsString>, GlobalArgs) -> Run;

/// Show the whole cycle on a new embedded database
///
/// Declares pools, plans, reconciles, simulates the builds, claims and refills, in about five
/// seconds, and prints each command. Keeps the folder for exploring; refuses one that is not empty.
#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// New folder for the database
    #[arg(value_name = "DIR", default_value = "prebuildctl-demo")]
    folder: PathBuf,
}

const SIMULATE: &str = "provision --simulate --build-time 1s..2s --parallel 4 --drain";

/// The steps: what is explained, and the command.
const STEPS: [(&str, &str); 9] = [
    (
        "A file declares pools: how many prebuilt workspaces of each preset to keep.",
        "apply pools.toml",
    ),
    (
        "What would a pass do, and why? This changes nothing.",
        "plan",
    ),
    ("Do it: one pass, all of it or nothing.", "reconcile-once"),
    (
        "The pass queued builds. A provisioner runs them; this one simulates them.",
        SIMULATE,
    ),
    ("The pools are full.", "snapshot"),
    (
        "Ada needs a workspace and gets one that is ready.",
        "claim --preset backend/europe --user ada --name my-workspace",
    ),
    ("The next pass creates the missing one.", "reconcile-once"),
    (
        "Two builds: one sets the workspace up for Ada, one refills the pool.",
        SIMULATE,
    ),
    (
        "The pools are full again: nothing to do.",
        "plan --detailed-exitcode",
    ),
];

pub(crate) async fn run(context: &Context, args: DemoArgs, runner: Runner) -> Result<ExitCode> {
    let tour = Tour::prepare(&args.folder)?;
    for (number, (text, command)) in (1..).zip(STEPS) {
        let text = format!("\n{number}. {text}\n   $ prebuildctl {command}\n\n");
        narrate(&context.output, &text)?;
        tour.step(context, command, runner).await?;
    }
    let text = format!(
        "\nExplore the folder:\n   $ cd {}\n   $ export \
         PREBUILDCTL_DATABASE_URL=sqlite:prebuilds.db\n   $ prebuildctl snapshot\n",
        for_shell(&args.folder)
    );
    narrate(&context.output, &text)?;
    Ok(ExitCode::SUCCESS)
}

/// Prints text of the tour itself: as status if standard output has documents.
fn narrate(output: &Output, text: &str) -> Result<()> {
    if output.has_documents() {
        output.status(text.trim());
        return Ok(());
    }
    output.data(text)
}

/// A path as a word for the shell.
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

struct Tour {
    database: PathBuf,
    pools: PathBuf,
}

impl Tour {
    /// Creates the folder, or takes an empty one.
    fn prepare(folder: &Path) -> Result<Self> {
        let mut builder = DirBuilder::new();
        let made = builder.recursive(true).mode(0o700).create(folder);
        made.with_context(|| format!("can't create {folder:?}"))?;
        let mut entries =
            std::fs::read_dir(folder).with_context(|| format!("can't read {folder:?}"))?;
        if entries.next().is_some() {
            bail!("{folder:?} is not empty; name a new folder");
        }
        let pools = folder.join("pools.toml");
        std::fs::write(&pools, POOLS).with_context(|| format!("can't write {pools:?}"))?;
        Ok(Self {
            database: folder.join("prebuilds.db"),
            pools,
        })
    }

    /// Runs a command on the tour's database.
    async fn step(&self, context: &Context, command: &str, run: Runner) -> Result<()> {
        let global = GlobalArgs {
            database_url: Some(format!("sqlite:{}", self.database.display())),
            ..context.global.clone()
        };
        let words = command.split(' ').map(|word| match word {
            "pools.toml" => self.pools.clone().into_os_string(),
            word => word.into(),
        });
        let words = std::iter::once("prebuildctl".into()).chain(words).collect();
        if run(words, global).await? != ExitCode::SUCCESS {
            bail!("the tour ends here: `prebuildctl {command}` failed");
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
