//! What a declaration changes, change by change.

use super::*;
use crate::actions::testing::claimed;
use crate::declaration::{TemplateReference, export, parse, parse_for, prune};
use crate::model::{JobStatus, Transition};

const FILE: &str = r#"
[[organizations]]
name = "acme"

[[users]]
username = "ada"
organizations = ["acme"]

[[users]]
username = "grace"
email = "grace@example.com"

[[templates]]
organization = "acme"
name = "backend"
description = "old"
tags = { cluster = "eu" }

[[templates.parameters]]
name = "region"
default = "eu"
options = ["eu", "us"]

[[templates.presets]]
name = "small"
instances = 3
ttl = "8h"
timezone = "UTC"
schedules = [{ cron = "* 8 * * *", instances = 10 }]

[[templates.presets]]
name = "plain"
parameters = { region = "us" }
"#;

/// Carries changes out on what is stored, as a database would.
fn apply(stored: &mut Stored, changes: &[Change<'_>]) {
    for change in changes.iter().cloned() {
        match change.edit {
            Edit::CreateOrganization { name } => stored.organizations.push(name.to_owned()),
            Edit::CreateUser { username, email } => stored.users.push(User {
                username: username.to_owned(),
                email: Some(email),
                organizations: Vec::new(),
            }),
            Edit::SetEmail { username, email } => {
                user(stored, username).email = Some(email.to_owned());
            }
            Edit::AddMember {
                organization,
                username,
            } => {
                let organizations = &mut user(stored, username).organizations;
                organizations.push(organization.to_owned());
            }
            Edit::CreateTemplate {
                template,
                version_name,
            } => stored.templates.push(StoredTemplate {
                id: Uuid::new_v4(),
                reference: template.reference.clone(),
                metadata: template.metadata.clone(),
                content: Some(template.content.clone()),
                version_id: Some(Uuid::new_v4()),
                version_names: vec![version_name],
                members: 2,
            }),
            Edit::SetMetadata {
                template_id,
                metadata,
            } => {
                template(stored, template_id).metadata = metadata.clone();
            }
            Edit::SetContent {
                version_id,
                content,
            } => {
                let mut templates = stored.templates.iter_mut();
                let template = templates.find(|it| it.version_id == Some(version_id));
                template.unwrap().content = Some(content.clone());
            }
            Edit::DeleteTemplate { template_id } => {
                stored.templates.retain(|it| it.id != template_id);
            }
            Edit::DeleteUser { username } => stored.users.retain(|it| it.username != username),
            Edit::RemoveMember {
                organization,
                username,
            } => {
                let organizations = &mut user(stored, username).organizations;
                organizations.retain(|it| it != organization);
            }
            Edit::DeleteOrganization { name } => stored.organizations.retain(|it| it != name),
            Edit::AddVersion {
                template_id,
                version_name,
                content,
            } => {
                let template = template(stored, template_id);
                template.content = Some(content.clone());
                template.version_names.push(version_name);
            }
        }
    }
}

fn user<'a>(stored: &'a mut Stored, username: &str) -> &'a mut User {
    let mut users = stored.users.iter_mut();
    users.find(|user| user.username == username).unwrap()
}

fn template(stored: &mut Stored, id: Uuid) -> &mut StoredTemplate {
    let mut templates = stored.templates.iter_mut();
    templates.find(|template| template.id == id).unwrap()
}

fn lines(changes: &[Change<'_>]) -> Vec<String> {
    changes
        .iter()
        .map(|change| change.summary.clone())
        .collect()
}

/// What is stored once the file has been applied.
fn applied() -> Stored {
    let mut stored = Stored::default();
    apply(
        &mut stored,
        &changes(&parse(FILE).unwrap(), &Stored::default()),
    );
    stored
}

/// What an edit of the applied file changes; applying the edit leaves nothing to change.
#[track_caller]
fn edited(from: &str, to: &str) -> Vec<String> {
    assert!(FILE.contains(from), "{from}");
    let declared = parse(&FILE.replace(from, to)).unwrap();
    let mut stored = applied();
    let found = changes(&declared, &stored);
    apply(&mut stored, &found);
    assert_eq!(changes(&declared, &stored), []);
    lines(&found)
}

#[test]
fn an_empty_database_gets_everything_in_order() {
    assert_eq!(
        lines(&changes(&parse(FILE).unwrap(), &Stored::default())),
        [
            "organization acme: create",
            "user ada: create with email \"ada@localhost\"",
            "user ada: add to organization acme",
            "user grace: create with email \"grace@example.com\"",
            "template acme/backend: create with version v1: 1 parameter, 2 presets",
        ]
    );
}

#[test]
fn applying_twice_changes_nothing() {
    assert_eq!(changes(&parse(FILE).unwrap(), &applied()), []);
}

#[test]
fn what_the_file_does_not_mention_is_left_alone() {
    assert_eq!(changes(&Declaration::default(), &applied()), []);
    assert_eq!(edited("organizations = [\"acme\"]", ""), [""; 0]);
}

#[test]
fn names_are_matched_ignoring_case() {
    let mut stored = applied();
    stored.organizations[0] = "ACME".to_owned();
    stored.users[0].username = "Ada".to_owned();
    stored.users[0].organizations = vec!["ACME".to_owned()];
    stored.templates[0].reference = TemplateReference {
        organization: "ACME".to_owned(),
        name: "BackEnd".to_owned(),
    };
    assert_eq!(changes(&parse(FILE).unwrap(), &stored), []);
}

#[test]
fn users_are_updated_in_place() {
    assert_eq!(
        edited("grace@example.com", "hopper@example.com"),
        ["user grace: email \"grace@example.com\" -> \"hopper@example.com\""]
    );
    assert_eq!(edited("email = \"grace@example.com\"", ""), [""; 0]);
    assert_eq!(
        edited(
            "email = \"grace",
            "organizations = [\"acme\"]\nemail = \"grace"
        ),
        ["user grace: add to organization acme"]
    );
}

#[test]
fn metadata_makes_no_version() {
    assert_eq!(
        edited(
            "description = \"old\"",
            "description = \"a\\u001b\"\ndeprecated = \"moved\""
        ),
        [
            "template acme/backend: deprecated none -> \"moved\"; description \"old\" -> \
             \"a\\u{1b}\""
        ]
    );
}

#[test]
fn what_builds_see_makes_a_version_and_says_why() {
    let version = |why: &str| {
        let replaced = "replaces 2 prebuilt workspaces";
        vec![format!(
            "template acme/backend: new version v2: {why}; {replaced}"
        )]
    };
    let cases = [
        (
            "region = \"us\"",
            "region = \"eu\"",
            "preset \"plain\": parameter \"region\" \"us\" -> \"eu\"",
        ),
        (
            "name = \"plain\"",
            "name = \"big\"",
            "preset \"big\" added; preset \"plain\" removed",
        ),
        ("cluster = \"eu\"", "", "tags: \"cluster\" \"eu\" -> none"),
        (
            "[\"eu\", \"us\"]",
            "[\"eu\", \"us\", \"asia\"]",
            "parameter \"region\": options [\"eu\", \"us\"] -> [\"eu\", \"us\", \"asia\"]",
        ),
        (
            "default = \"eu\"",
            "default = \"us\"\nmutable = true\norder = 2",
            "parameter \"region\": default \"eu\" -> \"us\", mutable no -> yes, order 0 -> 2",
        ),
    ];
    for (from, to, why) in cases {
        assert_eq!(edited(from, to), version(why));
    }
}

#[test]
fn everything_else_changes_in_place() {
    let in_place = |why: &str| vec![format!("template acme/backend: in place: {why}")];
    let cases = [
        (
            "instances = 3",
            "instances = 5",
            "preset \"small\": instances 3 -> 5",
        ),
        ("ttl = \"8h\"", "", "preset \"small\": ttl 8h -> none"),
        (
            "\"UTC\"",
            "\"Asia/Tokyo\"",
            "preset \"small\": timezone \"UTC\" -> \"Asia/Tokyo\"",
        ),
        (
            "\"* 8 *",
            "\"* 9 *",
            "preset \"small\": schedule \"* 8 * * *\" 10 -> none, schedule \"* 9 * * *\" none \
             -> 10",
        ),
        (
            "instances = 10",
            "instances = 2",
            "preset \"small\": schedule \"* 8 * * *\" 10 -> 2",
        ),
        (
            "name = \"plain\"",
            "name = \"plain\"\ndefault = true",
            "preset \"plain\": default no -> yes",
        ),
        (
            "name = \"plain\"",
            "name = \"big\"\n[[templates.presets]]\nname = \"plain\"",
            "preset \"big\" added",
        ),
        (
            "[\"eu\", \"us\"]",
            "[\"eu\", { value = \"us\", name = \"USA\" }]",
            "parameter \"region\": options [\"eu\", \"us\"] -> [\"eu\", \"us\" (\"USA\", \
             \"\", \"\")]",
        ),
    ];
    for (from, to, why) in cases {
        assert_eq!(edited(from, to), in_place(why));
    }
}

/// What is pruned of the applied file once it is this one, and what is kept.
fn pruned(stored: &Stored, file: &str) -> (Vec<String>, Vec<String>) {
    let declared = parse(file).unwrap();
    let (found, kept) = prune(&declared, stored);
    let mut pruned = stored.clone();
    apply(&mut pruned, &found);
    assert_eq!(prune(&declared, &pruned), (Vec::new(), kept.clone()));
    (lines(&found), kept)
}

#[test]
fn what_the_file_no_longer_holds_is_pruned_unless_people_need_it() {
    let mut stored = applied();
    assert_eq!(pruned(&stored, FILE), (Vec::new(), Vec::new()));
    let ada = "[[organizations]]\nname = \"acme\"\n[[users]]\nusername = \"ada\"\n";
    assert_eq!(
        pruned(&stored, ada).0,
        [
            "template acme/backend: remove; the next passes delete 2 prebuilt workspaces of it",
            "user ada: remove from organization acme",
            "user grace: remove",
        ]
    );
    assert_eq!(
        pruned(&stored, "").0.last().unwrap(),
        "organization acme: remove"
    );

    let mut workspace = claimed(1, Transition::Start, JobStatus::Succeeded);
    workspace.template_id = stored.templates[0].id;
    stored.claimed = vec![workspace];
    stored.inhabited = vec!["acme".to_owned()];
    let needed = "kept for 1 claimed workspace, such as ada/w-1; prebuildctl delete removes them";
    assert_eq!(
        pruned(&stored, ""),
        (
            vec!["user grace: remove".to_owned()],
            vec![
                format!("template acme/backend: {needed}"),
                format!("user ada: {needed}"),
                "organization acme: kept until its last workspace is gone".to_owned(),
            ]
        )
    );
    assert_eq!(pruned(&stored, ada).1[1], format!("user ada: {needed}"));
}

#[test]
fn organizations_that_exist_need_not_be_declared() {
    let file = FILE.replace("[[organizations]]\nname = \"acme\"", "");
    assert!(parse(&file).is_err());
    let known = ["ACME".to_owned()];
    let declared = parse_for(&file, Some(&known)).unwrap();
    assert_eq!(declared.templates[0].reference.organization, "ACME");
    assert_eq!(changes(&declared, &applied()), []);
    assert!(parse_for(&file, None).is_ok());
}

#[test]
fn what_is_exported_changes_nothing() {
    let stored = applied();
    let text = export(&stored).unwrap();
    assert_eq!(changes(&parse(&text).unwrap(), &stored), [], "{text}");
    let every_key = include_str!("../../../examples/every-key.toml");
    let mut stored = Stored::default();
    apply(
        &mut stored,
        &changes(&parse(every_key).unwrap(), &Stored::default()),
    );
    let text = export(&stored).unwrap();
    assert_eq!(changes(&parse(&text).unwrap(), &stored), [], "{text}");
}

proptest::proptest! {
    #[test]
    fn whatever_texts_and_numbers_are_exported_change_nothing(
        texts in proptest::collection::vec("\\PC{0,12}", 6),
        instances in 0..i32::MAX,
        ttl in proptest::option::of(3600..31_536_000),
        mutable: bool,
        order: i32,
        hour in 0..24,
    ) {
        let mut stored = applied();
        let template = &mut stored.templates[0];
        template.metadata.description.clone_from(&texts[0]);
        template.metadata.deprecated.clone_from(&texts[1]);
        let content = template.content.clone().unwrap();
        let mut parameters = content.parameters().to_vec();
        parameters[0].description.clone_from(&texts[2]);
        parameters[0].mutable = mutable;
        parameters[0].display_order = i64::from(order);
        parameters[0].options[1].description.clone_from(&texts[3]);
        let mut presets = content.presets().to_vec();
        let small = presets.iter_mut().find(|it| it.name == "small").unwrap();
        small.description.clone_from(&texts[4]);
        small.desired_instances = Some(instances);
        small.invalidate_after_secs = ttl;
        small.schedules = [(format!("* {hour} * * *"), instances)].into();
        let tags = [("zone".to_owned(), texts[5].clone())].into();
        template.content = Some(TemplateContent::new(parameters, presets, tags));
        let text = export(&stored).unwrap();
        let declared = parse(&text).unwrap();
        proptest::prop_assert_eq!(changes(&declared, &stored), []);
    }
}

#[test]
fn order_and_spelling_make_no_version() {
    assert_eq!(edited("ttl = \"8h\"", "ttl = 28800"), [""; 0]);
    assert_eq!(edited("\"* 8 * * *\"", "\"*  8 * *  *\""), [""; 0]);
    assert_eq!(
        edited("[\"eu\", \"us\"]", "[{ value = \"eu\" }, \"us\"]"),
        [""; 0]
    );
}

#[test]
fn a_template_without_active_version_gets_one() {
    let mut stored = applied();
    stored.templates[0].content = None;
    stored.templates[0].version_id = None;
    stored.templates[0].members = 0;
    assert_eq!(
        lines(&changes(&parse(FILE).unwrap(), &stored)),
        ["template acme/backend: new version v2: there was no active version"]
    );
}

#[test]
fn version_names_count_on() {
    let next = |names: &[&str]| {
        next_version_name(
            &names
                .iter()
                .map(|name| (*name).to_owned())
                .collect::<Vec<_>>(),
        )
    };
    assert_eq!(next(&[]), "v1");
    assert_eq!(next(&["v1", "v3", "v2"]), "v4");
    assert_eq!(next(&["first", "v9x", "V7", "w8", "v"]), "v1");
    assert_eq!(next(&["v99", "v99999999999999999999"]), "v100");
}
