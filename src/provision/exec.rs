//! Builds by a command.
//!
//! The command is started without a shell, as the first process of a group of its own, so that a
//! signal from the terminal doesn't reach it and all that it has started can be ended with it. What
//! it is told stands in its environment and in files; what it says goes to the job's log. It is not
//! given the database's URL, which can hold a password.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, Command};
use tokio::sync::{oneshot, watch};
use tokio::task::JoinSet;

use crate::builds::Stage;
use crate::model::Transition;
use crate::provision::group::Group;
use crate::provision::handover::Handover;
use crate::provision::{Built, Log, lines};
use crate::store::{Job, LogLevel, Outcome, Replaced};

/// How long a command that is asked to end may take for it.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait for the rest of the output after the command has ended. What it left running in
/// the background can hold the pipes open for ever.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// A longer text does not go into the environment, where it could keep the command from starting.
const MAX_VARIABLE: usize = 32 << 10;

/// Variables that can hold the password of a database.
const SECRETS: [&str; 4] = [
    "PREBUILDCTL_DATABASE_URL",
    "CODER_PG_CONNECTION_URL",
    "DATABASE_URL",
    "PGPASSWORD",
];

/// A command that builds.
#[derive(Clone, Debug)]
pub(crate) struct Exec {
    /// The program's file.
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    /// How long a build may take.
    pub timeout: Duration,
}

/// Why a command is over.
enum End {
    /// It ended by itself.
    Exited(std::io::Result<ExitStatus>),
    /// It took too long.
    TimedOut,
    /// The build was stopped.
    Stopped,
}

impl Exec {
    /// Runs the command for one job.
    pub(super) async fn build(&self, job: &Job, log: &Log, stop: oneshot::Receiver<()>) -> Built {
        let failed = |problem| Built::plain(Outcome::Failed(problem));
        let handover = match Handover::new(job) {
            Ok(handover) => handover,
            Err(problem) => return failed(problem),
        };
        let child = match self.command(job, &handover).spawn() {
            Ok(child) => child,
            Err(error) => return failed(format!("can't start {:?}: {error}", self.program)),
        };
        let mut group = Group::new(&child);
        let result = self.watch(child, &mut group, log, stop).await;
        // Whatever has come of it: what the state says exists, and a later build can remove it.
        let (state, result) = match handover.read_state(job) {
            Ok(state) => (state, result),
            Err(problem) => (None, result.and(Err(Outcome::Failed(problem)))),
        };
        let replaced = handover.read_replacements(job);
        let outcome = result
            .and_then(|()| {
                handover
                    .read_resources(job.transition)
                    .map_err(Outcome::Failed)
            })
            .and_then(|resources| match &replaced {
                Ok(_) => Ok(resources),
                Err(problem) => Err(Outcome::Failed(problem.clone())),
            });
        match outcome {
            Ok(resources) => {
                group.leave();
                Built {
                    outcome: Outcome::Succeeded(resources),
                    state,
                    replaced: replaced.unwrap_or_default(),
                }
            }
            Err(outcome) => Built {
                outcome,
                state,
                replaced: Replaced::new(),
            },
        }
    }

    fn command(&self, job: &Job, handover: &Handover) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(&self.arguments)
            .current_dir(handover.work())
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .envs(environment(job))
            .env("PREBUILDCTL_PARAMETERS_FILE", handover.parameters())
            .env("PREBUILDCTL_STATE_FILE", handover.state())
            .env("PREBUILDCTL_RESOURCES_FILE", handover.resources())
            .env("PREBUILDCTL_REPLACEMENTS_FILE", handover.replacements());
        for name in SECRETS {
            command.env_remove(name);
        }
        command
    }

    /// Waits for the end of the command, or brings it about. Unless it ended well, nothing of its
    /// group is left afterwards: what a failed build has started would belong to nobody.
    async fn watch(
        &self,
        mut child: Child,
        group: &mut Group,
        log: &Log,
        stop: oneshot::Receiver<()>,
    ) -> Result<(), Outcome> {
        let (last, newest) = watch::channel(String::new());
        let (ignored, _) = watch::channel(String::new());
        let mut pumps = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            pumps.spawn(lines::pump(stdout, LogLevel::Info, log.clone(), ignored));
        }
        if let Some(stderr) = child.stderr.take() {
            pumps.spawn(lines::pump(stderr, LogLevel::Error, log.clone(), last));
        }
        let end = tokio::select! {
            status = child.wait() => End::Exited(status),
            () = tokio::time::sleep(self.timeout) => End::TimedOut,
            Ok(()) = stop => End::Stopped,
        };
        match end {
            End::Exited(Ok(status)) if status.success() => {}
            End::Exited(_) => group.kill(),
            End::TimedOut | End::Stopped => {
                group.terminate();
                // Whether it has ended or not, nothing of it is left afterwards.
                let _ended = tokio::time::timeout(GRACE, child.wait()).await;
                group.kill();
            }
        }
        // What is still being said after that is lost.
        let _said = tokio::time::timeout(LAST_WORDS, async {
            while pumps.join_next().await.is_some() {}
        })
        .await;
        let words = match newest.borrow().as_str() {
            "" => String::new(),
            words => format!(": {words}"),
        };
        match end {
            End::Exited(Ok(status)) if status.success() => Ok(()),
            End::Exited(Ok(status)) => Err(Outcome::Failed(format!("{}{words}", told(status)))),
            End::Exited(Err(error)) => Err(Outcome::Failed(format!(
                "the command was lost sight of: {error}"
            ))),
            End::TimedOut => Err(Outcome::Failed(format!(
                "the command took longer than {} and was ended{words}",
                humantime::format_duration(self.timeout)
            ))),
            End::Stopped => Err(Outcome::Canceled),
        }
    }
}

fn told(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt as _;
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("the command failed with exit status {code}"),
        (None, Some(signal)) => format!("the command was ended by signal {signal}"),
        (None, None) => "the command failed".to_owned(),
    }
}

/// What a command is told about its job.
fn environment(job: &Job) -> BTreeMap<String, String> {
    let transition = match job.transition {
        Transition::Start => "start",
        Transition::Stop => "stop",
        Transition::Delete => "delete",
    };
    let stage = match job.stage {
        None => "none",
        Some(Stage::Create) => "create",
        Some(Stage::Claim) => "claim",
    };
    let facts = [
        ("TRANSITION", transition.to_owned()),
        ("STAGE", stage.to_owned()),
        ("WORKSPACE_ID", job.workspace_id.to_string()),
        ("WORKSPACE_NAME", job.workspace_name.clone()),
        ("OWNER_ID", job.owner_id.to_string()),
        ("OWNER_NAME", job.owner_name.clone()),
        ("ORGANIZATION_NAME", job.organization_name.clone()),
        ("TEMPLATE_NAME", job.template_name.clone()),
        ("TEMPLATE_VERSION_NAME", job.version_name.clone()),
        ("PRESET_NAME", job.preset_name.clone().unwrap_or_default()),
        ("BUILD_ID", job.build_id.to_string()),
        ("BUILD_NUMBER", job.build_number.to_string()),
        ("JOB_ID", job.id.to_string()),
    ];
    let parameters = job
        .parameters
        .iter()
        .filter(|(_, value)| !value.contains('\0') && value.len() <= MAX_VARIABLE)
        .map(|(name, value)| (format!("PARAMETER_{}", variable(name)), value.clone()));
    facts
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .chain(parameters)
        .map(|(name, value)| (format!("PREBUILDCTL_{name}"), value))
        .collect()
}

/// A parameter's name as part of a variable's. Different names can become one; the file of
/// parameters has them all.
fn variable(name: &str) -> String {
    let letter = |letter: char| {
        if letter.is_ascii_alphanumeric() {
            letter.to_ascii_uppercase()
        } else {
            '_'
        }
    };
    name.chars().map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_variables() {
        assert_eq!(variable("disk size"), "DISK_SIZE");
        assert_eq!(variable("Größe-2"), "GR__E_2");
    }
}
