//! What a declaration changes, change by change.

use super::*;
use crate::declaration::{TemplateReference, parse};

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
                version_names: vec![version_name],
            }),
            Edit::SetMetadata {
                template_id,
                metadata,
            } => {
                template(stored, template_id).metadata = metadata.clone();
            }
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
fn content_makes_a_version_and_says_why() {
    let version = |why: &str| vec![format!("template acme/backend: new version v2: {why}")];
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
            "name = \"plain\"",
            "name = \"plain\"\ndefault = true",
            "preset \"plain\": default no -> yes",
        ),
        (
            "[\"eu\", \"us\"]",
            "[\"eu\", { value = \"us\", name = \"USA\" }]",
            "parameter \"region\": options [\"eu\", \"us\"] -> [\"eu\", \"us\" (\"USA\", \
             \"\", \"\")]",
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
