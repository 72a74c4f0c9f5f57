//! The pause of reconciliation: whether there is one, and what this program notes about it.

use serde::{Deserialize, Serialize};

use super::history::HistoryEntry;
use super::{Time, text, time};

/// Whether passes are to do anything.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Pause {
    /// Whether the settings say that reconciliation is paused.
    pub stored: bool,
    /// What was noted when it was paused, if this program did it and had something to note.
    pub note: Option<PauseNote>,
}

/// What is noted about a pause, as a row of `site_configs` holds it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct PauseNote {
    /// Who paused.
    pub by: String,
    #[serde(with = "time")]
    pub at: Time,
    pub reason: Option<String>,
    /// When it ends by itself.
    #[serde(with = "time::option", default)]
    pub until: Option<Time>,
}

impl Pause {
    /// Whether its time is over, so that the next pass ends it.
    pub(crate) fn is_over(&self, now: Time) -> bool {
        let until = self.note.as_ref().and_then(|note| note.until);
        self.stored && until.is_some_and(|until| until <= now)
    }

    /// Whether passes do nothing.
    pub(crate) fn holds(&self, now: Time) -> bool {
        self.stored && !self.is_over(now)
    }
}

impl PauseNote {
    /// What the history says of the pause.
    pub(crate) fn entry(&self) -> HistoryEntry {
        let reason = self.reason.as_deref().unwrap_or("without a reason");
        let until = self.until.as_ref().map(text::time);
        let until = until.map_or_else(String::new, |until| format!(", until {until}"));
        HistoryEntry::new(self.at, "pause", &self.by, "", &format!("{reason}{until}"))
    }

    /// Whether there is more to note than who paused and when.
    pub(crate) fn says_more(&self) -> bool {
        self.reason.is_some() || self.until.is_some()
    }

    /// `by ann since 2026-03-04 12:00:00 UTC, until ...: reason`, not made printable.
    pub(crate) fn sentence(&self) -> String {
        let until = self.until.as_ref().map(text::time);
        let until = until.map_or_else(String::new, |until| format!(", until {until}"));
        let reason = self.reason.as_ref();
        let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
        let since = text::time(&self.at);
        format!("by {} since {since}{until}{reason}", self.by)
    }
}
