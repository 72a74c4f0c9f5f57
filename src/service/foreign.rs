//! The process group of a build: what is ended when a build has to end.
//!
//! A command starts others, which a signal to the command alone doesn't reach. The group has the
//! command's process id as its number, which belongs to the group as long as the command has not
//! been waited for: until then no signal can hit another process.

use rustix::process::{Pid, Signal, kill_process_group};

/// A running command with all that it has started. Killed when this value goes away, unless it was
/// left running.
#[derive(Debug)]
pub(super) struct Group(Option<Pid>);

impl Group {
    /// The group of a command that was started as the first of a new group.
    pub(super) fn new(child: &tokio::process::Child) -> Self {
        let pid = child.id().and_then(|id| i32::try_from(id).ok());
        Self(pid.and_then(Pid::from_raw))
    }

    /// Asks all of it to end.
    pub(super) fn terminate(&self) {
        self.send(Signal::TERM);
    }

    /// Ends what is left of it. Soon after the command was waited for this is still safe: the number
    /// can't be another group's before the system has used up all others.
    pub(super) fn kill(&mut self) {
        self.send(Signal::KILL);
        self.0 = None;
    }

    /// Lets what the command has left running go on.
    pub(super) fn leave(&mut self) {
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
