//! Claims that replaced resources which the pool had built ahead of time.
//!
//! A claim is quick only as long as it changes nothing: when it replaces the workspace's resources,
//! the person waits as if there were no pool. Such builds leave a line in their job's log, which is
//! read back here. On Coder's databases coderd leaves a notification for each person who looks after
//! templates, and deletes it after a week or so.

use std::collections::BTreeMap;

use uuid::Uuid;

use crate::model::Time;
use crate::store::jobs::logs::MAX_LINE;
use crate::store::session::arguments::args;
use crate::store::session::rights;
use crate::store::session::row::rows;
use crate::store::session::schema::Kind;
use crate::store::session::statement::statements;
use crate::store::{LogLevel, LogLine, Reader, StoreError};

/// The stage that marks such a line. It stands in the statements below and in the index that they
/// use as well.
const STAGE: &str = "Resource replacement";

/// Paths that made a resource be replaced, by the resource's address.
pub(crate) type Replaced = BTreeMap<String, Vec<String>>;

/// A claim that replaced resources.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Replacement {
    pub workspace_id: Uuid,
    /// Preset that the pool built the workspace from.
    pub preset_id: Option<Uuid>,
    pub workspace_name: String,
    /// Who claimed it.
    pub claimant: String,
    /// When the build ended.
    pub at: Time,
    /// What was replaced, and why.
    pub replaced: Replaced,
}

/// How many claims of a preset replaced resources, over all of the template's versions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReplacementCount {
    /// Organization of the template.
    pub organization_name: String,
    pub template_name: String,
    pub preset_name: String,
    /// Number of claims.
    pub count: i64,
}

impl LogLine {
    /// The line that a claim leaves behind when it replaced resources. What doesn't fit is left out.
    pub(crate) fn replacement(at: Time, replaced: &Replaced) -> Self {
        let mut fitting = Replaced::new();
        'all: for (address, paths) in replaced {
            // An address alone is worth keeping.
            let steps = std::iter::once(None).chain(paths.iter().map(Some));
            for path in steps {
                let before = fitting.clone();
                fitting
                    .entry(address.clone())
                    .or_default()
                    .extend(path.cloned());
                if text(&fitting).chars().count() > MAX_LINE {
                    fitting = before;
                    break 'all;
                }
            }
        }
        Self::new(at, LogLevel::Warn, STAGE, &text(&fitting))
    }
}

fn text(replaced: &Replaced) -> String {
    serde_json::json!(replaced).to_string()
}

impl Reader {
    /// Claims since `since` that replaced resources, the oldest first.
    pub(crate) async fn recent_replacements(
        &mut self,
        since: Time,
    ) -> Result<Vec<Replacement>, StoreError> {
        if self.schema.kind() == Kind::Own {
            return self.connection.fetch(&RECENT, args![since]).await;
        }
        let is_readable = self.schema.has_column("notification_messages", "targets")
            && self.schema.missing_rights(rights::REPLACEMENTS).is_empty();
        if !is_readable {
            return Ok(Vec::new());
        }
        let told: Vec<Told> = self.connection.fetch(&NOTIFIED, args![since]).await?;
        Ok(told.into_iter().map(Replacement::from).collect())
    }

    /// Counts the claims that replaced resources, ever, by template, preset and organization.
    pub(crate) async fn resource_replacements(
        &mut self,
    ) -> Result<Vec<ReplacementCount>, StoreError> {
        if self.schema.kind() != Kind::Own {
            return Ok(Vec::new());
        }
        self.connection.fetch(&COUNTS, &[]).await
    }
}

/// What a notification of coderd says: the paths of a resource are one text there.
struct Told {
    workspace_id: Uuid,
    preset_id: Option<Uuid>,
    workspace_name: String,
    claimant: String,
    at: Time,
    replaced: BTreeMap<String, String>,
}

impl From<Told> for Replacement {
    fn from(told: Told) -> Self {
        let paths = |paths: String| paths.split(", ").map(str::to_owned).collect();
        let replaced = told.replaced.into_iter();
        Self {
            workspace_id: told.workspace_id,
            preset_id: told.preset_id,
            workspace_name: told.workspace_name,
            claimant: told.claimant,
            at: told.at,
            replaced: replaced.map(|(it, of)| (it, paths(of))).collect(),
        }
    }
}

rows! {
    Replacement { workspace_id, preset_id, workspace_name, claimant, at, replaced }
    Told { workspace_id, preset_id, workspace_name, claimant, at, replaced }
    ReplacementCount { organization_name, template_name, preset_name, count }
}

statements! {
    RECENT: "reading resource replacements", "replacement/read";
    /// On databases of Coder only.
    NOTIFIED: "reading what coderd says of resource replacements", "replacement/read_notified";
    COUNTS: "counting resource replacements", "replacement/count";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_fits_and_stays_readable() {
        let long = "é".repeat(600);
        let paths = vec!["image".to_owned(), long.clone(), "env".to_owned()];
        let replaced = Replaced::from([("a".to_owned(), paths), (long, Vec::new())]);
        let line = serde_json::json!(LogLine::replacement(Time::default(), &replaced));
        let text = line["output"].as_str().unwrap();
        assert!(text.chars().count() <= MAX_LINE);
        let read: Replaced = serde_json::from_str(text).unwrap();
        assert_eq!(read["a"].len(), 3);
        assert_eq!(read.len(), 1);
    }
}
