//! Builds by a command.
//!
//! The command is started without a shell, as the first process of a group of its own, so that a
//! signal from the terminal doesn't reach it and all that it has started can be ended with it. Its
//! input is in its environment and in files; its output goes to the job's log. It is given no variable
//! that can hold a database's password.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::{Child, Command};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

use crate::builds::Stage;
use crate::model::text::parameter_variable;
use crate::provision::bounded_output::log_lines;
use crate::provision::build::{Built, Log, transition};
use crate::provision::build_folder::BuildFolder;
use crate::provision::last_words::LastWords;
use crate::service::foreign::{self, Group};
use crate::store::{BuildOutcome, Job, LogLevel, Replaced};

/// How long a command, with all that it has started, may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(5);

/// How long to wait for the rest of the output after the command has ended. What it left running in
/// the background can hold the pipes open for ever.
const LAST_OUTPUT: Duration = Duration::from_secs(1);

/// Most bytes of a variable: a longer one could keep the command from starting.
const MAX_VARIABLE: usize = 32 << 10;

/// Most bytes of all variables with parameters, for the same reason.
const MAX_VARIABLES: usize = 512 << 10;

#[derive(Clone, Debug)]
pub(crate) struct Exec {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub timeout: Duration,
}

impl Exec {
    /// Builds one job. An error is one of this host, where no build can begin.
    pub(super) async fn build(
        &self,
        job: &Job,
        log: &Log,
        stop: oneshot::Receiver<()>,
    ) -> Result<Built, String> {
        let folder = BuildFolder::new(job)?;
        let child = self.command(job, &folder).spawn();
        let child = child.map_err(|error| format!("can't start {:?}: {error}", self.program))?;
        let mut group = Group::new(&child);
        let (ended, signalled) = self.watch(child, &mut group, log, stop).await;
        // Whatever has come of it: what the state says exists, and a later build can remove it.
        let state = folder.read_state(job);
        let made = || {
            if let Err(problem) = &state {
                return Err(problem.clone());
            }
            let resources = folder.read_resources(job.transition)?;
            Ok((resources, folder.read_replacements(job)?))
        };
        let (outcome, replaced) = match ended.and_then(|()| made().map_err(BuildOutcome::Failed)) {
            Ok((resources, replaced)) => {
                group.leave();
                (BuildOutcome::Succeeded(resources), replaced)
            }
            Err(outcome) => (outcome, Replaced::new()),
        };
        Ok(Built {
            outcome,
            state: state.unwrap_or_default(),
            replaced,
            signalled,
            folder: Some(folder),
        })
    }

    fn command(&self, job: &Job, folder: &BuildFolder) -> Command {
        let mut command = foreign::command(&self.program);
        command
            .args(&self.arguments)
            .current_dir(folder.work())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .envs(environment(job))
            .envs(folder.variables());
        command
    }

    /// Waits for the end of the command, or brings it about, and says whether a signal did. Unless it ended
    /// well, nothing of its group is left afterwards: no later build would end what a failed one has
    /// started.
    async fn watch(
        &self,
        mut child: Child,
        group: &mut Group,
        log: &Log,
        stop: oneshot::Receiver<()>,
    ) -> (Result<(), BuildOutcome>, bool) {
        let last = LastWords::default();
        let mut output = JoinSet::new();
        if let Some(stdout) = child.stdout.take() {
            output.spawn(log_lines(stdout, LogLevel::Info, log.clone(), last.clone()));
        }
        if let Some(stderr) = child.stderr.take() {
            output.spawn(log_lines(
                stderr,
                LogLevel::Error,
                log.clone(),
                last.clone(),
            ));
        }
        let mut signalled = false;
        let mut result = tokio::select! {
            status = child.wait() => {
                signalled = status.as_ref().is_ok_and(was_signalled);
                check(status).map_err(BuildOutcome::Failed)
            }
            () = tokio::time::sleep(self.timeout) => Err(BuildOutcome::Failed(format!(
                "the command took longer than {} and was ended",
                humantime::format_duration(self.timeout)
            ))),
            Ok(()) = stop => Err(BuildOutcome::Canceled),
        };
        if result.is_err() {
            group.terminate();
            let _ended = tokio::time::timeout(GRACE, async {
                let _status = child.wait().await;
                group.ended().await;
            })
            .await;
            group.kill();
        }
        let _drained = tokio::time::timeout(LAST_OUTPUT, async {
            while output.join_next().await.is_some() {}
        })
        .await;
        // Later output is lost, but what goes on in the background must be able to print it.
        output.detach_all();
        if let Err(BuildOutcome::Failed(problem)) = &mut result
            && let Some(error) = last.error()
        {
            problem.push_str(&format!(": {error}"));
        }
        (result, signalled)
    }
}

/// Whether SIGHUP, SIGINT or SIGTERM ended a command, or something that it was waiting for, as shells tell.
fn was_signalled(status: &ExitStatus) -> bool {
    let number = status.signal().or(status.code().map(|code| code - 128));
    number.is_some_and(|number| {
        [Signal::HUP, Signal::INT, Signal::TERM]
            .iter()
            .any(|it| it.as_raw() == number)
    })
}

/// Says why a command failed, if it did.
fn check(status: std::io::Result<ExitStatus>) -> Result<(), String> {
    let status =
        status.map_err(|error| format!("the end of the command could not be observed: {error}"))?;
    match (status.code(), status.signal()) {
        (Some(0), _) => Ok(()),
        (Some(code), _) => Err(format!("the command failed with exit status {code}")),
        (None, Some(signal)) => Err(format!("the command was ended by signal {signal}")),
        (None, None) => Err("the command failed".to_owned()),
    }
}

fn environment(job: &Job) -> BTreeMap<String, String> {
    let stage = match job.stage {
        None => "none",
        Some(Stage::Create) => "create",
        Some(Stage::Claim) => "claim",
    };
    let facts = [
        ("TRANSITION", transition(job).to_owned()),
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
    let facts = facts.map(|(name, value)| (format!("PREBUILDCTL_{name}"), value));
    facts
        .into_iter()
        .chain(variables(&job.parameters))
        .collect()
}

/// Parameters as variables. Left out are those whose names become the same variable, which would hold any of their
/// values, values that none can hold, and what is too much for all of them, in order of names; the file of parameters
/// has them all.
fn variables(parameters: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut variables: BTreeMap<String, Vec<&String>> = BTreeMap::new();
    for (name, value) in parameters {
        variables
            .entry(parameter_variable(name))
            .or_default()
            .push(value);
    }
    let fits = |value: &str| !value.contains('\0') && value.len() <= MAX_VARIABLE;
    let single = |(name, values): (String, Vec<&String>)| match values[..] {
        [value] => Some((name, value.clone())).filter(|(_, value)| fits(value)),
        _ => None,
    };
    let mut room = MAX_VARIABLES;
    let takes_room = |(name, value): &(String, String)| {
        let left = room.checked_sub(name.len() + value.len());
        room = left.unwrap_or(room);
        left.is_some()
    };
    let variables = variables.into_iter().filter_map(single);
    variables.filter(takes_room).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_become_variables() {
        let of = |parameters: &[(&str, &str)]| -> Vec<String> {
            let parameters = parameters.iter();
            let parameters =
                parameters.map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
            let parameters = variables(&parameters.collect());
            let parameters = parameters.into_iter();
            parameters
                .map(|(name, value)| format!("{name}={value}"))
                .collect()
        };
        assert_eq!(
            of(&[("disk size", "20"), ("Größe-2", "x"), ("nul", "\0")]),
            [
                "PREBUILDCTL_PARAMETER_DISK_SIZE=20",
                "PREBUILDCTL_PARAMETER_GR__E_2=x"
            ]
        );
        // None of three values may pass for that of the other names.
        assert_eq!(
            of(&[
                ("Preview Port", "0"),
                ("preview_port", "1"),
                ("preview-port", "2"),
                ("p", "3")
            ]),
            ["PREBUILDCTL_PARAMETER_P=3"]
        );
        let large = "x".repeat(MAX_VARIABLE);
        let names: Vec<String> = (10..99).map(|number| format!("p{number}")).collect();
        let many: Vec<(&str, &str)> = names.iter().map(|it| (&**it, &*large)).collect();
        assert_eq!(of(&many).len(), 15);
    }
}
