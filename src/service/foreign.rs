//! Commands of an administrator's that this program starts: builds and hooks.
//!
//! They get no password of a database, and a process group of their own, which is what is ended when they have
//! to end: a command starts others, which a signal to the command alone doesn't reach. The group has the
//! command's process id as its number, which belongs to the group as long as the command has not
//! been waited for: until then no signal can hit another process.

use std::ffi::OsStr;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use tokio::process::Command;

/// How often to look whether anything is left of a group.
const LOOK_INTERVAL: Duration = Duration::from_millis(20);

/// A command in a process group of its own, without the variables that lead to a database.
pub(crate) fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.process_group(0);
    for (name, _) in std::env::vars_os() {
        if is_secret(&name.to_string_lossy()) {
            command.env_remove(name);
        }
    }
    command
}

/// Variables that lead to passwords: systemd's folder of credentials, the configuration file, in which profiles have
/// URLs of databases, and the address that events go to.
const LEADING: [&str; 3] = [
    "CREDENTIALS_DIRECTORY",
    "PREBUILDCTL_CONFIG",
    "PREBUILDCTL_ON_EVENT",
];

/// Whether a variable can hold a database's password, or lead to one: this program's own, coderd's, systemd's, and
/// those of PostgreSQL's library.
fn is_secret(variable: &str) -> bool {
    variable.starts_with("CODER_PG_")
        || variable.contains("DATABASE_URL")
        || variable.starts_with("PG") && variable.contains("PASS")
        || LEADING.contains(&variable)
}

/// A running command with all that it has started. Killed when this value goes away, unless it was
/// left running.
#[derive(Debug)]
pub(crate) struct Group(Option<Pid>);

impl Group {
    /// The group of a command that was started as the first of a new group.
    pub(crate) fn new(child: &tokio::process::Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        Self(pid.and_then(Pid::from_raw))
    }

    /// Asks all of it to end.
    pub(crate) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Waits until nothing is left of it: what a command was waiting for can outlast it.
    pub(crate) async fn ended(&self) {
        while self
            .0
            .is_some_and(|pid| test_kill_process_group(pid).is_ok())
        {
            tokio::time::sleep(LOOK_INTERVAL).await;
        }
    }

    /// Ends what is left of it. Soon after the command was waited for this is still safe: the number
    /// can't be another group's before the system has used up all others.
    pub(crate) fn kill(&mut self) {
        self.send(Signal::KILL);
        self.0 = None;
    }

    /// Lets what the command has left running go on.
    pub(crate) fn leave(&mut self) {
        self.0 = None;
    }

    fn send(&self, signal: Signal) {
        if let Some(pid) = self.0 {
            // It fails when nothing is left of the group, which is fine.
            let _sent = kill_process_group(pid, signal);
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.send(Signal::KILL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_lacks_the_variables_that_hold_passwords_or_lead_to_them() {
        let secret = |name: &&str| is_secret(name);
        let names = [
            "PREBUILDCTL_DATABASE_URL",
            "PREBUILDCTL_DATABASE_URL_FILE",
            "PREBUILDCTL_CONFIG",
            "PREBUILDCTL_ON_EVENT",
            "CREDENTIALS_DIRECTORY",
            "CODER_PG_PASSWORD",
            "PGPASSFILE",
        ];
        assert!(names.iter().all(secret));
        let names = ["PATH", "PGHOST", "PREBUILDCTL_PROFILE", "CODER_URL"];
        assert!(!names.iter().any(secret));
    }
}
