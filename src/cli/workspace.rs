//! The workspace that a name on the command line means.

use anyhow::{Result, bail};
use uuid::Uuid;

use crate::model::text::quoted;
use crate::store::Reader;

/// The id of a workspace that is named by its id or by `[OWNER/]NAME`. One that exists goes before those that
/// are deleted, and of these the newest before the others.
///
/// # Errors
/// There is none, or several exist.
pub(crate) async fn find_workspace(reader: &mut Reader, text: &str) -> Result<Uuid> {
    if let Ok(id) = text.parse() {
        return Ok(id);
    }
    let (owner, name) = match text.split_once('/') {
        Some((owner, name)) => (Some(owner), name),
        None => (None, text),
    };
    let found = reader.workspaces_named(name, owner).await?;
    let live = found.iter().filter(|it| !it.deleted);
    let live: Vec<_> = live.collect();
    match (live.as_slice(), found.first()) {
        ([one], _) => Ok(one.id),
        ([], Some(newest)) => Ok(newest.id),
        ([], None) => bail!(
            "there is no workspace {text:?}; prebuildctl list shows those that exist, a deleted one is found \
             by its id too"
        ),
        (several, _) => {
            let paths = several.iter();
            let paths = paths.map(|it| format!("{}/{}", it.owner_name, it.name));
            bail!(
                "workspace {text:?} is ambiguous; it is one of: {}",
                quoted(paths)
            )
        }
    }
}
