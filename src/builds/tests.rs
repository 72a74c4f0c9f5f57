//! What builds hold, and what is refused as what.

use super::*;

fn map(values: &[(&str, &str)]) -> BTreeMap<String, String> {
    values
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

fn text(name: &str, default: &str) -> ParameterDefinition {
    ParameterDefinition {
        name: name.to_owned(),
        kind: parameters::STRING.to_owned(),
        mutable: true,
        default_value: default.to_owned(),
        ..ParameterDefinition::default()
    }
}

const SMALL: Uuid = Uuid::from_u128(1);
const LARGE: Uuid = Uuid::from_u128(2);

fn version(flow: Flow) -> Version {
    Version {
        id: Uuid::from_u128(10),
        name: "v1".to_owned(),
        organization_id: Uuid::from_u128(11),
        provisioner: "terraform".to_owned(),
        flow,
        import_status: JobStatus::Succeeded,
        storage_method: "file".to_owned(),
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
        variables: Some(BTreeMap::new()),
    }
}

const FLOWS: [Flow; 2] = [Flow::Classic, Flow::Dynamic];

#[test]
fn a_first_start_has_the_presets_values_over_the_defaults_and_its_tags() {
    for flow in FLOWS {
        let content = first_start(&version(flow), SMALL).unwrap();
        assert_eq!(content.parameters, map(&[("region", "us"), ("size", "s")]));
        assert_eq!(content.preset_id, Some(SMALL));
        let tags = map(&[("owner", ""), ("scope", "organization"), ("zone", "us")]);
        assert_eq!(content.tags, tags);
    }
}

#[test]
fn tags_of_user_scope_name_the_owner_and_may_be_overridden() {
    let mut version = version(Flow::Classic);
    version.tags = map(&[("scope", "user"), ("owner", "else")]);
    version.workspace_tags.clear();
    let person = Uuid::from_u128(7);
    let content = claim(&version, SMALL, &map(&[]), &map(&[]), person).unwrap();
    let tags = map(&[("owner", &person.to_string()), ("scope", "user")]);
    assert_eq!(content.tags, tags);
    version.workspace_tags = map(&[("scope", "\"organization\"")]);
    let content = first_start(&version, SMALL).unwrap();
    assert_eq!(content.tags["scope"], "organization");
    assert_eq!(content.tags["owner"], PREBUILDS_USER_ID.to_string());
}

#[test]
fn a_delete_carries_on_and_names_the_largest_preset_that_matches() {
    for (flow, stray) in [(Flow::Classic, None), (Flow::Dynamic, Some("z"))] {
        let mut version = version(flow);
        version.parameters[1].ephemeral = true;
        let last = map(&[("region", "us"), ("size", "xl"), ("stray", "z")]);
        let content = delete(&version, &last).unwrap();
        assert_eq!(content.parameters["size"], "s");
        assert_eq!(content.parameters.get("stray").map(String::as_str), stray);
        assert_eq!(content.preset_id, Some(SMALL), "by the final values");
        version.parameters[1].ephemeral = false;
        let content = delete(&version, &last).unwrap();
        assert_eq!(content.preset_id, Some(LARGE));
    }
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
    // The outcome of a start in the classic and in the dynamic flow, and of a delete in both.
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
                v.parameters.push(ParameterDefinition {
                    required: true,
                    ..text("must", "")
                });
            },
            "iuiu",
        ),
        (
            "no expression",
            |v| v.workspace_tags = map(&[("zone", "= =")]),
            "uuuu",
        ),
        (
            "a function",
            |v| v.workspace_tags = map(&[("zone", "lower(\"A\")")]),
            "uuuu",
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
            "uuuu",
        ),
    ];
    for (what, change, expected) in cases {
        let last = map(&[("region", "us"), ("size", "xl")]);
        let versions = FLOWS.map(|flow| {
            let mut version = version(flow);
            change(&mut version);
            version
        });
        let starts = versions.each_ref().map(|it| kind(&first_start(it, SMALL)));
        let deletes = versions.each_ref().map(|it| kind(&delete(it, &last)));
        let outcome: String = starts.into_iter().chain(deletes).collect();
        assert_eq!(&outcome, expected, "{what}");
    }
}

#[test]
fn a_tag_that_asks_for_the_owners_name_needs_it() {
    let mut version = version(Flow::Dynamic);
    let routed = "data.coder_workspace_owner.me.name == \"prebuilds\" ? \"pool\" : \"people\"";
    version.workspace_tags = map(&[("queue", routed)]);
    assert_eq!(first_start(&version, SMALL).unwrap().tags["queue"], "pool");
    let id = Uuid::from_u128(7);
    let unnamed = claim(&version, SMALL, &map(&[]), &map(&[]), id);
    assert!(
        matches!(unnamed, Err(Unbuildable::Unknown(_))),
        "{unnamed:?}"
    );
    let name = Some("ann".to_owned());
    let content = claim(&version, SMALL, &map(&[]), &map(&[]), Owner { id, name }).unwrap();
    assert_eq!(content.tags["queue"], "people");
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
