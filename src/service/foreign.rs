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

/// Whether a variable can hold a database's password, or lead to it: this program's own, coderd's, and
/// those of PostgreSQL's library.
fn is_secret(variable: &str) -> bool {
    variable.starts_with("CODER_PG_")
        || variable.contains("DATABASE_URL")
        || variable.starts_with("PG") && variable.contains("PASS")
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
