//! For whom builds are shown: the prebuilds user, or a person by id or name.

use anyhow::{Context as _, Result, bail};
use uuid::Uuid;

use super::Context;
use crate::model::PREBUILDS_USER_ID;
use crate::store::{OwnerLookup, Reader};
use crate::template::Owner;

/// The user as templates of an organization see them, else the prebuilds user; none where the user is
/// no member.
///
/// # Errors
/// There is no such user, or no longer.
pub(crate) async fn owner(
    context: &Context,
    reader: &mut Reader,
    organization_id: Uuid,
    user: Option<&str>,
) -> Result<Option<Owner>> {
    let id = match user {
        None => PREBUILDS_USER_ID,
        Some(user) => {
            let lookup = OwnerLookup {
                user,
                name: "",
                organization_id,
            };
            let facts = reader.look_up(&[lookup]).await?;
            let facts = facts
                .first()
                .and_then(|it| Some((it.member, it.user.as_ref()?)));
            match facts {
                None => bail!("there is no user {user:?}"),
                Some((_, (_, true, _))) => bail!("user {user:?} is deleted"),
                Some((false, (id, ..))) if *id != PREBUILDS_USER_ID => return Ok(None),
                Some((_, (id, ..))) => *id,
            }
        }
    };
    let missing = reader.missing_rights_to_render();
    if !missing.is_empty() {
        context.output.warning(&format!(
            "the owner's name and groups are not known: the role lacks {}",
            missing.join(", ")
        ));
        return Ok(Some(Owner {
            id: id.to_string(),
            ..Owner::default()
        }));
    }
    let key = (id, organization_id);
    let owner = reader.read_owners(&[key].into()).await?.remove(&key);
    let owner = owner.with_context(|| format!("there is no user {id} any more"))?;
    Ok(Some(owner))
}
