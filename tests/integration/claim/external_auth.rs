//! Logins at external authentications that a template requires of those who get its workspaces.

use super::{answers, assert_untouched, claim_small, line, refused};
use crate::support::Coder;
use crate::support::database::Database;
use crate::support::scene::claims::{
    ACTIVE, ADA, GRACE, Prebuilt, SMALL, claim, coderd_databases, everywhere, id, postgres, sqlite,
};

/// What the active version says of external authentications.
fn require(database: &Database, providers: &str) {
    database.execute(&format!(
        "UPDATE template_versions SET external_auth_providers = '{providers}' WHERE id = '{}'",
        id(ACTIVE)
    ));
}

fn log_in(database: &Database, user: u64, provider: &str) {
    database.execute(&format!(
        "INSERT INTO external_auth_links (provider_id, user_id, created_at, updated_at,
            oauth_access_token, oauth_refresh_token, oauth_expiry)
         VALUES ('{provider}', '{}', now(), now(), 'token', '', now() - interval '1 day')",
        id(user)
    ));
}

const ADA_SMALL: [&str; 6] = ["--preset", "small", "--user", "ada", "--name", "x"];
const REQUIRED: &str = r#"[{"id": "git"}, {"id": "jira", "optional": true},
                           {"id": "hub", "optional": false}]"#;

#[test]
fn a_person_who_lacks_a_required_login_is_refused_until_there_is_one() {
    for (_, database) in coderd_databases() {
        Prebuilt::new(2001, SMALL).add(&database);
        require(&database, REQUIRED);
        let advice = ["log in on Coder's page", "--skip-external-auth"];
        let both = "user \"ada\" is not logged in at \"git\", \"hub\", as the template requires";
        refused(&database, &ADA_SMALL, 1, &[&[both][..], &advice].concat());
        log_in(&database, ADA, "git");
        // The login of somebody else.
        log_in(&database, GRACE, "hub");
        let one = "user \"ada\" is not logged in at \"hub\", as";
        refused(&database, &ADA_SMALL, 1, &[one]);
        log_in(&database, ADA, "hub");
        claim_small(&database, "x").ok();
    }
}

#[test]
fn a_login_that_its_provider_has_refused_counts_as_none() {
    for (release, database) in coderd_databases() {
        Prebuilt::new(2001, SMALL).add(&database);
        require(&database, r#"[{"id": "git"}]"#);
        log_in(&database, ADA, "git");
        if release != Coder::At343 {
            let reason = |reason: &str| {
                database.execute(&format!(
                    "UPDATE external_auth_links SET oauth_refresh_failure_reason = '{reason}'"
                ))
            };
            reason("bad_refresh_token");
            refused(&database, &ADA_SMALL, 1, &["not logged in at \"git\""]);
            reason("");
        }
        claim_small(&database, "x").ok();
    }
}

#[test]
fn optional_logins_and_databases_without_logins_refuse_nobody() {
    for (_, database) in coderd_databases() {
        for (number, providers) in [
            (2001, "[]"),
            (2002, "null"),
            (2003, r#"[{"id": "git", "optional": true, "later": {}}]"#),
        ] {
            Prebuilt::new(number, SMALL).add(&database);
            require(&database, providers);
            claim_small(&database, &format!("x{number}")).ok();
        }
    }
    for database in [Some(sqlite()), postgres()].into_iter().flatten() {
        Prebuilt::new(2001, SMALL).add(&database);
        require(&database, REQUIRED);
        claim_small(&database, "x").ok();
    }
}

#[test]
fn logins_are_not_asked_for_where_the_flag_says_so() {
    for (_, database) in coderd_databases() {
        Prebuilt::new(2001, SMALL).add(&database);
        require(&database, REQUIRED);
        let skip = ["--skip-external-auth"];
        claim(&database, &[&ADA_SMALL[..], &skip].concat()).ok();
    }
}

#[test]
fn in_a_batch_each_person_is_asked_for_their_own_logins() {
    for (_, database) in coderd_databases() {
        Prebuilt::new(2001, SMALL).add(&database);
        Prebuilt::new(2002, SMALL).add(&database);
        require(&database, r#"[{"id": "git"}]"#);
        log_in(&database, GRACE, "git");
        let batch = |arguments: &[&str], lines: String| {
            let command = ["claim", "--batch", "-"];
            let run = crate::support::process::prebuildctl(command.iter().chain(arguments));
            let output = run.on(&database).stdin(lines).run();
            let statuses = answers(&output).into_iter();
            statuses
                .map(|answer| answer["status"].as_str().unwrap().to_owned())
                .collect::<Vec<_>>()
        };
        let lines = line("small", "ada", "a") + &line("small", "grace", "g");
        assert_eq!(batch(&[], lines), ["error", "claimed"]);
        let lines = line("small", "ada", "a");
        assert_eq!(batch(&["--skip-external-auth"], lines), ["claimed"]);
    }
}

#[test]
fn providers_that_can_not_be_read_refuse_every_claim_of_the_version() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        let named = format!(
            "template_versions.external_auth_providers of {}",
            id(ACTIVE)
        );
        for damaged in [
            r#"{"id": "git"}"#,
            r#"["git"]"#,
            r#"[{"optional": true}]"#,
            r#"[{"id": "git", "optional": "true"}]"#,
            "7",
        ] {
            require(database, damaged);
            refused(database, &ADA_SMALL, 1, &[&named, "can't be read"]);
        }
        assert_untouched(database, 2001);
        require(database, "[]");
        claim_small(database, "x").ok();
    });
}
