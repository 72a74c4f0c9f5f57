//! What builds hold, and what is refused as what.

use super::deletion::{Deletes, Held, KnownDeletes, Last, delete};
use super::*;
use crate::model::PREBUILDS_USER_ID;
use crate::template::Choice;

pub(super) fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn text(name: &str, default: &str) -> Definition {
    Definition {
        name: name.to_owned(),
        kind: crate::template::STRING.to_owned(),
        mutable: true,
        default_value: default.to_owned(),
        ..Definition::default()
    }
}

pub(super) const SMALL: Uuid = Uuid::from_u128(1);
const LARGE: Uuid = Uuid::from_u128(2);

pub(super) fn version(flow: Flow) -> Version {
    Version {
        id: Uuid::from_u128(10),
        name: "v1".to_owned(),
        organization_id: Uuid::from_u128(11),
        provisioner: "terraform".to_owned(),
        flow,
        prebuilds_user: Owner {
            id: PREBUILDS_USER_ID.to_string(),
            ..Owner::default()
        },
        import_status: JobStatus::Succeeded,
        storage_method: "file".to_owned(),
        external_auth_providers: "[]".to_owned(),
        file_id: Uuid::from_u128(12),
        tags: map(&[("zone", "imported")]),
        parameters: vec![text("region", "eu"), text("size", "s")],
        has_legacy_parameters: false,
        presets: BTreeMap::from([
            (SMALL, map(&[("region", "us")])),
            (LARGE, map(&[("region", "us"), ("size", "xl")])),
        ]),
        ambiguous_presets: BTreeSet::new(),
        unreadable: None,
        workspace_tags: map(&[("zone", "data.coder_parameter.region.value")]),
        variables: Some(Vec::new()),
    }
}

const FLOWS: [Flow; 2] = [Flow::Classic, Flow::Static];

#[test]
fn a_first_start_has_the_presets_values_over_the_defaults_and_its_tags() {
    for (flow, zone) in FLOWS.into_iter().zip(["us", "imported"]) {
        let content = first_start(&version(flow), SMALL).unwrap();
        assert_eq!(content.parameters, map(&[("region", "us"), ("size", "s")]));
        assert_eq!(content.preset_id, Some(SMALL));
        let tags = map(&[("owner", ""), ("scope", "organization"), ("zone", zone)]);
        assert_eq!(content.tags, tags);
    }
}

fn zones_of<'a>(mut deletes: Deletes<'a>, lasts: [Last<'a>; 2]) -> [String; 2] {
    lasts.map(|last| deletes.build(last).unwrap().content.tags["zone"].clone())
}

#[test]
fn deletes_that_take_tags_over_take_those_of_their_own_last_build() {
    for flow in [Flow::Static, Flow::Unrendered(Vec::new())] {
        let mut version = version(flow);
        // Nothing is of its type.
        version.parameters[0].options = vec![Choice::default()];
        let values = map(&[("region", "us")]);
        let zones = [map(&[("zone", "eu")]), map(&[("zone", "us")])];
        let lasts = zones.each_ref().map(|tags| Last {
            version_id: version.id,
            values: &values,
            tags,
            encrypted: false,
        });
        let versions = BTreeMap::from([(version.id, version)]);
        assert_eq!(zones_of(Deletes::on(&versions), lasts), ["eu", "us"]);
        // The one that was foreseen is no other's.
        let held = Held {
            version_id: lasts[0].version_id,
            values: values.clone(),
            tags: zones[0].clone(),
            encrypted: false,
        };
        let build = Deletes::on(&versions).build(held.content());
        let foreseen = KnownDeletes::new(vec![(held, build)]);
        let deletes = Deletes::on(&versions).with(&foreseen);
        assert_eq!(zones_of(deletes, lasts), ["eu", "us"]);
    }
}

#[test]
fn a_delete_that_was_foreseen_is_not_worked_out_again() {
    // Whatever the tags of a job on a classic template, which are no part of it.
    let version = version(Flow::Classic);
    let (values, none) = (map(&[("region", "us")]), map(&[]));
    let held = Held {
        version_id: version.id,
        values: values.clone(),
        tags: none,
        encrypted: false,
    };
    let refused = Err(Unbuildable::Unknown("it was foreseen".to_owned()));
    let foreseen = KnownDeletes::new(vec![(held, refused.clone())]);
    let tags = map(&[("zone", "us")]);
    let last = Last {
        version_id: version.id,
        values: &values,
        tags: &tags,
        encrypted: false,
    };
    let versions = BTreeMap::from([(version.id, version)]);
    let build = Deletes::on(&versions).with(&foreseen).build(last);
    assert_eq!(build.err(), refused.err());
}

#[test]
fn tags_of_user_scope_name_the_owner_and_may_be_overridden() {
    let mut version = version(Flow::Classic);
    version.tags = map(&[("scope", "user"), ("owner", "else")]);
    version.workspace_tags.clear();
    let person = Owner {
        id: "7".to_owned(),
        ..Owner::default()
    };
    let content = claim(&version, SMALL, &map(&[]), &map(&[]), &person).unwrap();
    let tags = map(&[("owner", "7"), ("scope", "user")]);
    assert_eq!(content.tags, tags);
    version.workspace_tags = map(&[("scope", "\"organization\"")]);
    let content = first_start(&version, SMALL).unwrap();
    assert_eq!(content.tags["scope"], "organization");
    assert_eq!(content.tags["owner"], PREBUILDS_USER_ID.to_string());
}

#[test]
fn a_delete_carries_on_and_names_the_largest_preset_that_matches() {
    for flow in FLOWS {
        let mut version = version(flow);
        version.parameters[1].ephemeral = true;
        let last = map(&[("region", "us"), ("size", "xl"), ("stray", "z")]);
        let delete = |version: &Version| delete(version, &last, &map(&[])).unwrap().content;
        let content = delete(&version);
        assert_eq!(content.parameters["size"], "s");
        assert_eq!(content.parameters.get("stray"), None);
        assert_eq!(content.preset_id, Some(SMALL), "by the final values");
        version.parameters[1].ephemeral = false;
        assert_eq!(delete(&version).preset_id, Some(LARGE));
    }
}

#[test]
fn a_delete_that_can_not_be_rendered_takes_values_and_tags_of_the_last_build() {
    let version = version(Flow::Unrendered(vec![Diagnostic::unsupported(
        "no right to read it",
    )]));
    let start = first_start(&version, SMALL);
    assert!(matches!(start, Err(Unbuildable::Unknown(_))), "{start:?}");
    let (last, tags) = (
        map(&[("region", "us"), ("stray", "z")]),
        map(&[("zone", "eu")]),
    );
    let delete = delete(&version, &last, &tags).unwrap();
    assert_eq!(delete.content.parameters, last);
    assert_eq!(delete.content.tags["zone"], "eu");
    assert_eq!(delete.content.preset_id, Some(SMALL));
    let problem = Unbuildable::Unknown("no right to read it".to_owned());
    assert_eq!(delete.carried_over, Some(problem));
}

#[test]
fn a_preset_without_values_matches_anything_but_is_the_weakest() {
    let empty = Uuid::from_u128(3);
    let presets = BTreeMap::from([(empty, map(&[])), (SMALL, map(&[("region", "us")]))]);
    let matching = |given: &[(&str, &str)]| matching_preset(&presets, &map(given));
    assert_eq!(matching(&[("region", "us"), ("more", "x")]), Some(SMALL));
    assert_eq!(matching(&[("region", "eu")]), Some(empty));
    assert_eq!(matching_preset(&BTreeMap::new(), &map(&[])), None);
}

/// What a refusal is, in a letter.
fn kind<T>(result: &Result<T, Unbuildable>) -> char {
    match result {
        Ok(_) => '-',
        Err(Unbuildable::TryLater(_)) => 'l',
        Err(Unbuildable::Invalid(_)) => 'i',
        Err(Unbuildable::Unknown(_)) => 'u',
    }
}

#[test]
fn only_what_coder_would_refuse_for_certain_is_invalid() {
    type Change = fn(&mut Version);
    // The outcome of a start in the classic and in the static flow, and of a delete in both.
    let cases: &[(&str, Change, &str)] = &[
        ("nothing", |_| (), "----"),
        ("pending", |v| v.import_status = JobStatus::Pending, "llll"),
        ("running", |v| v.import_status = JobStatus::Running, "llll"),
        (
            "canceling",
            |v| v.import_status = JobStatus::Canceling,
            "llll",
        ),
        ("failed", |v| v.import_status = JobStatus::Failed, "iiii"),
        (
            "canceled",
            |v| v.import_status = JobStatus::Canceled,
            "iiii",
        ),
        ("legacy", |v| v.has_legacy_parameters = true, "ii--"),
        (
            "two values",
            |v| {
                v.presets.remove(&SMALL);
                v.ambiguous_presets.insert(SMALL);
            },
            "uu--",
        ),
        (
            "required",
            |v| {
                v.parameters.push(Definition {
                    required: true,
                    ..text("must", "")
                });
            },
            "i-i-",
        ),
        (
            "no expression",
            |v| v.workspace_tags = map(&[("zone", "= =")]),
            "u-u-",
        ),
        (
            "a function",
            |v| v.workspace_tags = map(&[("zone", "templatefile(\"a\", {})")]),
            "i-i-",
        ),
        (
            "the owner",
            |v| v.workspace_tags = map(&[("zone", "data.coder_workspace_owner.me.name")]),
            "i-i-",
        ),
        (
            "a variable",
            |v| {
                v.variables = None;
                v.workspace_tags = map(&[("zone", "var.zone")]);
            },
            "u-u-",
        ),
    ];
    for (what, change, expected) in cases {
        let last = map(&[("region", "us"), ("size", "xl")]);
        let none = map(&[]);
        let versions = FLOWS.map(|flow| {
            let mut version = version(flow);
            change(&mut version);
            version
        });
        let starts = versions.each_ref().map(|it| kind(&first_start(it, SMALL)));
        let deletes = versions
            .each_ref()
            .map(|it| kind(&delete(it, &last, &none)));
        let outcome: String = starts.into_iter().chain(deletes).collect();
        assert_eq!(&outcome, expected, "{what}");
    }
}

#[test]
fn provisioners_serve_by_the_rule_of_tags() {
    let untagged = map(&[("scope", "organization"), ("owner", "")]);
    let tagged = map(&[("scope", "organization"), ("owner", ""), ("zone", "eu")]);
    assert!(serves(&untagged, &untagged));
    assert!(!serves(&tagged, &untagged));
    assert!(!serves(&untagged, &tagged));
    assert!(serves(&tagged, &tagged));
    assert!(serves(&tagged, &map(&[("zone", "eu")])));
}
