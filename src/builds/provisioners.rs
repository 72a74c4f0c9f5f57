//! Which provisioner takes a job, and what is missing where none does.
//!
//! Pure. A job that no live provisioner serves waits until coderd's reaper fails it after 30 minutes, and
//! after some of them the pool is hard limited.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::untagged;
use crate::model::facts::Provisioner;

/// Whether a provisioner with these tags serves a job with those. Untagged provisioners serve
/// untagged jobs only; any other job runs where all of its tags are offered.
pub(crate) fn serves(
    offered: &BTreeMap<String, String>,
    needed: &BTreeMap<String, String>,
) -> bool {
    if *needed == untagged() {
        offered == needed
    } else {
        needed
            .iter()
            .all(|(key, value)| offered.get(key) == Some(value))
    }
}

/// Whether a provisioner takes jobs with these tags.
pub(crate) fn takes(provisioner: &Provisioner, needed: &BTreeMap<String, String>) -> bool {
    provisioner.takes_all || serves(&provisioner.tags, needed)
}

/// Why no live provisioner takes jobs of this kind; none where one does, and where none is alive in any
/// organization: then it is not a matter of tags, and doctor says that jobs wait.
pub(crate) fn unserved(
    organization_id: Uuid,
    kind: &str,
    tags: &BTreeMap<String, String>,
    alive: &[Provisioner],
) -> Option<String> {
    let of_organization = alive
        .iter()
        .filter(|it| it.organization_id == organization_id);
    if of_organization.clone().next().is_none() {
        let other = alive.first()?;
        return Some(format!(
            "no provisioner of its organization is alive to serve its builds ({}); {:?} serves another one",
            shown(tags),
            other.name
        ));
    }
    let (offering, others): (Vec<&Provisioner>, Vec<_>) =
        of_organization.partition(|it| it.types.iter().any(|offered| offered == kind));
    if offering.is_empty() {
        return others.first().map(|it| {
            format!(
                "no live provisioner runs {kind:?} builds; {:?} runs {}",
                it.name,
                it.types.join(", ")
            )
        });
    }
    if offering.iter().any(|it| takes(it, tags)) {
        return None;
    }
    let lacks = |it: &Provisioner| -> BTreeMap<String, String> {
        let lacking = tags
            .iter()
            .filter(|(key, value)| it.tags.get(*key) != Some(value));
        let lacking = lacking.map(|(key, value)| (key.clone(), value.clone()));
        lacking.collect()
    };
    let nearest = offering
        .iter()
        .min_by_key(|it| (lacks(it).len(), &it.name))?;
    let missing = lacks(nearest);
    let why = if missing.is_empty() {
        format!(
            "has tags ({}), and serves no jobs without",
            shown(&nearest.tags)
        )
    } else {
        format!("lacks {}", listed(&missing))
    };
    Some(format!(
        "no live provisioner serves its builds ({}); the nearest, {:?}, {why}",
        shown(tags),
        nearest.name
    ))
}

/// The tags for people: without those that all jobs of an organization have.
fn shown(tags: &BTreeMap<String, String>) -> String {
    let usual = untagged();
    let unusual = tags
        .iter()
        .filter(|(key, value)| usual.get(*key) != Some(value));
    let unusual: BTreeMap<_, _> = unusual.map(|(k, v)| (k.clone(), v.clone())).collect();
    if unusual.is_empty() {
        return "without tags".to_owned();
    }
    listed(&unusual)
}

fn listed(tags: &BTreeMap<String, String>) -> String {
    let entries: Vec<String> = tags
        .iter()
        .map(|(key, value)| format!("{key}={value}"))
        .collect();
    entries.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tags(extra: &[(&str, &str)]) -> BTreeMap<String, String> {
        let mut tags = untagged();
        tags.extend(
            extra
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned())),
        );
        tags
    }

    fn daemon(organization: u128, name: &str, kind: &str, extra: &[(&str, &str)]) -> Provisioner {
        Provisioner {
            organization_id: Uuid::from_u128(organization),
            name: name.to_owned(),
            types: vec![kind.to_owned()],
            tags: tags(extra),
            takes_all: false,
        }
    }

    #[test]
    fn the_nearest_provisioner_and_what_it_lacks_are_named() {
        let alive = [
            daemon(1, "d1", "terraform", &[("is_prebuild", "true")]),
            daemon(1, "d2", "terraform", &[]),
            daemon(
                2,
                "d3",
                "terraform",
                &[("is_prebuild", "true"), ("cluster", "c1")],
            ),
            daemon(
                1,
                "d4",
                "echo",
                &[("is_prebuild", "true"), ("cluster", "c1")],
            ),
        ];
        let found = |kind: &str, organization, extra: &[(&str, &str)]| {
            unserved(Uuid::from_u128(organization), kind, &tags(extra), &alive)
        };
        let wanted = [("is_prebuild", "true"), ("cluster", "c1")];
        assert_eq!(
            found("terraform", 1, &wanted).unwrap(),
            "no live provisioner serves its builds (cluster=c1, is_prebuild=true); the nearest, \"d1\", \
             lacks cluster=c1"
        );
        assert_eq!(found("terraform", 2, &wanted), None);
        assert_eq!(found("terraform", 1, &[]), None);
        assert_eq!(
            found("terraform", 2, &[]).unwrap(),
            "no live provisioner serves its builds (without tags); the nearest, \"d3\", has tags \
             (cluster=c1, is_prebuild=true), and serves no jobs without"
        );
        assert_eq!(
            found("echo", 2, &wanted).unwrap(),
            "no live provisioner runs \"echo\" builds; \"d3\" runs terraform"
        );
        assert_eq!(
            found("terraform", 3, &wanted).unwrap(),
            "no provisioner of its organization is alive to serve its builds (cluster=c1, \
             is_prebuild=true); \"d1\" serves another one"
        );
        let nobody = unserved(Uuid::from_u128(3), "terraform", &tags(&wanted), &[]);
        assert_eq!(nobody, None);
    }
}
