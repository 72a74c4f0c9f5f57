//! What `claim` refuses, with nothing changed: nothing to claim, names and flags that make no sense.

use super::{claim_small, refused};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{
    GONE, LARGE, OLD_SMALL, Prebuilt, SID_SUSPENDED, SMALL, add_preset, claim, everywhere, id,
    template,
};

#[test]
fn nothing_to_claim_says_why() {
    everywhere(|database| {
        let why = |preset: &str, parts: &[&str]| {
            let arguments = ["--preset", preset, "--user", "ada", "--name", "x"];
            refused(database, &arguments, 4, parts);
        };
        why("small", &["no prebuilt workspace", "none is starting"]);
        why("plain", &["keeps no prebuilt workspaces"]);
        why(&id(OLD_SMALL), &["not the active one"]);
        why("smal", &["no preset \"smal\"", "\"acme/backend/small\""]);
        why(&id(777), &["no preset"]);
        why("other/small", &["no preset"]);
        Prebuilt {
            agents: &["starting"],
            ..Prebuilt::new(2002, SMALL)
        }
        .add(database);
        why(
            "small",
            &["preset \"acme/backend/small\" has 1 prebuilt workspace running, none"],
        );
        let starting = Prebuilt {
            status: "pending",
            agents: &[],
            ..Prebuilt::new(2001, LARGE)
        };
        starting.add(database);
        why("backend/large", &["is running", "1 is starting"]);
    });
}

#[test]
fn names_that_mean_nothing_or_several_things_are_errors() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        let refuse = |wanted: [&str; 2], user: &str, parts: &[&str]| {
            let arguments = [wanted[0], wanted[1], "--user", user, "--name", "x"];
            refused(database, &arguments, 1, parts);
        };
        refuse(
            ["--template", "frontend"],
            "ada",
            &["no template", "\"acme/backend\""],
        );
        refuse(["--preset", "small"], "nobody", &["no user \"nobody\""]);
        refuse(["--preset", "small"], &id(777), &["no user"]);
        refuse(["--preset", "small"], "gone", &["no user"]);
        refuse(["--preset", "small"], &id(GONE), &["is deleted"]);
        refuse(["--preset", "small"], "sid", &["is suspended"]);
        refuse(["--preset", "small"], &id(SID_SUSPENDED), &["is suspended"]);
        let outsider = ["\"olaf\" is not a member", "organization \"acme\""];
        refuse(["--preset", "small"], "olaf", &outsider);
        refuse(["--preset", "small"], "prebuilds", &["name a person"]);
        refuse(["--preset", "small"], PREBUILDS_USER, &["name a person"]);

        let mut sql = String::new();
        template(&mut sql, 22, "frontend", &[33]);
        add_preset(&mut sql, 45, 33, "small", "1", &[]);
        database.execute(&sql);
        refuse(
            ["--preset", "small"],
            "ada",
            &[
                "ambiguous",
                "\"acme/backend/small\"",
                "\"acme/frontend/small\"",
            ],
        );
        let set = |what: &str| {
            database.execute(&format!(
                "UPDATE templates SET {what} WHERE id = '{}'",
                id(22)
            ))
        };
        set("deprecated = 'use backend'");
        refuse(
            ["--preset", "frontend/small"],
            "ada",
            &["deprecated", "use backend"],
        );
        refuse(["--template", "frontend"], "ada", &["deprecated"]);
        set("deleted = true");
        refuse(["--preset", "frontend/small"], "ada", &["is deleted"]);
        refuse(["--preset", &id(45)], "ada", &["is deleted"]);
        refuse(["--template", "acme/frontend"], "ada", &["is deleted"]);
        // A deleted template makes no name ambiguous.
        claim_small(database, "x").ok();
    });
}

#[test]
fn a_name_is_taken_whatever_its_case_until_its_workspace_is_deleted() {
    everywhere(|database| {
        for number in [2001, 2002, 2003] {
            Prebuilt::new(number, SMALL).add(database);
        }
        claim_small(database, "Box").ok();
        let arguments = ["--preset", "small", "--user", "ada", "--name", "bOX"];
        refused(
            database,
            &arguments,
            1,
            &["has a workspace \"bOX\" already"],
        );
        let other = ["--preset", "small", "--user", "grace", "--name", "bOX"];
        claim(database, &other).ok();
        database.execute(&format!(
            "UPDATE workspaces SET deleted = true WHERE id = '{}'",
            id(2001)
        ));
        claim(database, &arguments).ok();
    });
}

#[test]
fn mistakes_on_the_command_line_are_found_before_anything_is_opened() {
    let given = ["--preset", "small", "--user", "ada", "--name", "x"];
    for wrong in [
        &["--preset", "small", "--user", "ada", "--name", "-x"][..],
        &["--preset", "small", "--user", "ada", "--name", "x--y"],
        &["--preset", "small", "--user", "ada", "--name", "x_y"],
        &["--preset", "small", "--user", "ada", "--name", "new"],
        &["--preset", "small", "--user", "ada", "--name", "create"],
        &[
            "--preset",
            "small",
            "--user",
            "ada",
            "--name",
            "123456789012345678901234567890123",
        ],
        &["--preset", "small", "--user", "ada"],
        &["--preset", "small", "--name", "x"],
        &["--user", "ada", "--name", "x"],
        &["--batch", "-", "--user", "ada"],
        &["--preset", "small", "--batch", "-"],
        &[
            "--preset",
            "small",
            "--template",
            "t",
            "--user",
            "ada",
            "--name",
            "x",
        ],
        &[
            "--template",
            "t",
            "--user",
            "ada",
            "--name",
            "x",
            "--param",
            "novalue",
        ],
        &[
            "--template",
            "t",
            "--user",
            "ada",
            "--name",
            "x",
            "--param",
            "a=1",
            "--param",
            "a=2",
        ],
        &[&given[..], &["--ttl", "0s"]].concat(),
        &[&given[..], &["--ttl", "59s"]].concat(),
        &[&given[..], &["--ttl", "90s"]].concat(),
        &[&given[..], &["--ttl", "30d1m"]].concat(),
        &[&given[..], &["--autostart-schedule", ""]].concat(),
        &[&given[..], &["--autostart-schedule", "TZ=UTC 0 9 * * *"]].concat(),
        &[
            &given[..],
            &["--autostart-schedule", " CRON_TZ=UTC 0 9 * * *"],
        ]
        .concat(),
        &[&given[..], &["--autostart-schedule", "0 9 1 * *"]].concat(),
        &[&given[..], &["--next-start-at", "some day"]].concat(),
        &[&given[..], &["--parallel", "2"]].concat(),
    ] {
        let command = ["claim", "--database-url", "sqlite:none.db"];
        let output = crate::support::process::prebuildctl(command.iter().chain(wrong)).run();
        assert_eq!(output.code, 64, "{wrong:?}: {output:?}");
    }
}
