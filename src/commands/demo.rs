//! `demo`: a guided tour of the whole cycle on an embedded database of its own.
//!
//! Does nothing but run other commands, each after printing it as one would type it, in a folder
//! that was empty before. Programs that ask for JSON get the documents of the steps and no prose.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{Args, Parser as _};
use tokio::time::sleep;

use crate::actions::snapshot::SnapshotSettings;
use crate::cli::{self, Cli, Context};
use crate::model::document::is_unsafe;
use crate::output::{Format, Output};
use crate::store::{Store, Target};
use crate::{actions, clock, progress};

const POOLS: &str = include_str!("demo/pools.toml");

/// How often the display looks at the pools.
const LOOK_EVERY: Duration = Duration::from_millis(100);

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
pub(crate) async fn run(context: &Context, args: DemoArgs) -> Result<ExitCode> {
    let tour = Tour::prepare(&args.folder)?;
    for (number, (text, words)) in (1..).zip(STEPS) {
        let command = words.join(" ");
        let text = format!("\n{number}. {text}\n   $ prebuildctl {command}\n\n");
        tell(&context.output, &text)?;
        tour.step(context, words).await?;
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
    async fn step(&self, context: &Context, words: &[&str]) -> Result<()> {
        let url = format!("sqlite:{}", self.database.display());
        let building = words.first() == Some(&"provision");
        let mut global = context.global.clone();
        global.quiet |= building && context.output.shows_progress();
        let line = words.iter().map(|word| match *word {
            "pools.toml" => self.pools.as_os_str(),
            word => word.as_ref(),
        });
        let name = "prebuildctl".as_ref();
        let cli = Cli::try_parse_from(std::iter::once(name).chain(line))?.within(&global, url);
        // A command that runs others needs a place of its own for their state.
        let run = Box::pin(cli::run(cli));
        let code = if building {
            let store = Store::new(
                Target::Sqlite(self.database.clone()),
                Duration::from_secs(10),
            );
            tokio::select! {
                code = run => code?,
                result = watch(&store, &context.output) => result?,
            }
        } else {
            run.await?
        };
        if code != ExitCode::SUCCESS {
            bail!(
                "the tour ends here: `prebuildctl {}` did not succeed",
                words.join(" ")
            );
        }
        Ok(())
    }
}

/// Shows how many workspaces are ready, for as long as somebody waits for something else.
async fn watch(store: &Store, output: &Output) -> Result<ExitCode> {
    let settings = SnapshotSettings {
        backoff_lookback: chrono::TimeDelta::hours(1),
        failure_hard_limit: 3,
    };
    let plan_settings = actions::Settings {
        backoff_interval: chrono::TimeDelta::minutes(1),
    };
    let mut bar = None;
    loop {
        let mut reader = store.open_reader().await?;
        let snapshot = reader
            .read_facts()
            .await?
            .into_snapshot(clock::now(), &settings);
        reader.close().await;
        let plan = actions::plan(&snapshot, &plan_settings, snapshot.taken_at);
        let sum = |number: fn(&crate::model::State) -> i64| {
            let total: i64 = plan.presets.iter().map(|entry| number(&entry.state)).sum();
            u64::try_from(total).unwrap_or(0)
        };
        let (ready, wanted) = (sum(|state| state.eligible), sum(|state| state.desired));
        bar.get_or_insert_with(|| progress::waiting_bar(output, wanted))
            .set_position(ready);
        sleep(LOOK_EVERY).await;
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
