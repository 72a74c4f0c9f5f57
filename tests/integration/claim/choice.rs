//! Which workspace a claim gets: from the largest preset that fits, the oldest that is ready, and none
//! that is anybody else's business.

use super::{claim_small, contents, parameters, refused};
use crate::support::scene::PREBUILDS_USER;
use crate::support::scene::claims::{
    ACTIVE, ADA, Build, GRACE, LARGE, OLD, OLD_SMALL, PLAIN, Prebuilt, SMALL, agents, claim,
    everywhere, id,
};

#[test]
fn the_oldest_goes_first_until_none_is_left() {
    everywhere(|database| {
        for number in [2003, 2001, 2002] {
            Prebuilt::new(number, SMALL).add(database);
        }
        for (number, name) in [(2001, "a"), (2002, "b"), (2003, "c")] {
            let answer = claim_small(database, name).json();
            assert_eq!(answer["workspace_id"], id(number));
        }
        let output = claim_small(database, "d");
        output.expect_code(4);
        assert!(
            output.stderr.contains("no prebuilt workspace"),
            "{output:?}"
        );
    });
}

#[test]
fn what_is_not_claimable_is_passed_over() {
    everywhere(|database| {
        let base = |number| Prebuilt::new(number, SMALL);
        let all = [
            Prebuilt {
                agents: &[],
                ..base(2001)
            },
            Prebuilt {
                agents: &["starting"],
                ..base(2002)
            },
            Prebuilt {
                agents: &["ready", "start_error"],
                ..base(2003)
            },
            Prebuilt {
                status: "failed",
                ..base(2004)
            },
            Prebuilt {
                status: "pending",
                ..base(2005)
            },
            Prebuilt {
                status: "running",
                ..base(2006)
            },
            Prebuilt {
                status: "canceled",
                ..base(2007)
            },
            Prebuilt {
                transition: "stop",
                ..base(2008)
            },
            Prebuilt {
                transition: "delete",
                ..base(2009)
            },
            Prebuilt {
                deleted: true,
                ..base(2010)
            },
            Prebuilt {
                owner: id(GRACE),
                ..base(2011)
            },
            Prebuilt {
                preset: LARGE,
                ..base(2012)
            },
            Prebuilt {
                version: OLD,
                ..base(2013)
            },
            Prebuilt {
                version: OLD,
                preset: OLD_SMALL,
                ..base(2014)
            },
        ];
        let mut sql = String::new();
        for prebuilt in &all {
            prebuilt.write(&mut sql, database);
        }
        // Latest builds other than the first: a stop, and a start that names another preset.
        for (workspace, preset, transition) in
            [(2015, Some(SMALL), "stop"), (2016, Some(LARGE), "start")]
        {
            let prebuilt = base(workspace);
            prebuilt.write(&mut sql, database);
            let build = Build {
                number: 2,
                version: ACTIVE,
                preset,
                transition,
                status: "succeeded",
                initiator: PREBUILDS_USER,
            };
            build.write(&mut sql, database, workspace, &prebuilt.created_at());
            agents(
                &mut sql,
                workspace + 500_000,
                workspace * 1000 + 100_000_002,
                &["ready"],
            );
        }
        // An agent that is deleted is no agent.
        base(2017).write(&mut sql, database);
        sql.push_str(&format!(
            "UPDATE workspace_agents SET deleted = true WHERE id = '{}';",
            id(20170)
        ));
        database.execute(&sql);
        refused(
            database,
            &["--preset", "small", "--user", "ada", "--name", "x"],
            4,
            &["none of them ready yet", "2 are starting"],
        );

        // A restarted one that names no preset of its own is still its preset's, and a deleted agent
        // doesn't speak against it.
        let mut sql = String::new();
        let prebuilt = base(2020);
        prebuilt.write(&mut sql, database);
        let build = Build {
            number: 2,
            version: ACTIVE,
            preset: None,
            transition: "start",
            status: "succeeded",
            initiator: &id(ADA),
        };
        build.write(&mut sql, database, 2020, &prebuilt.created_at());
        agents(
            &mut sql,
            700_000,
            2020 * 1000 + 100_000_002,
            &["ready", "ready", "off"],
        );
        sql.push_str(&format!(
            "UPDATE workspace_agents SET parent_id = '{}' WHERE id = '{}';
             UPDATE workspace_agents SET deleted = true WHERE id = '{}';",
            id(7_000_000),
            id(7_000_001),
            id(7_000_002)
        ));
        database.execute(&sql);
        let answer = claim_small(database, "x").json();
        assert_eq!(answer["workspace_id"], id(2020));
        let number = format!(
            "SELECT build_number FROM workspace_builds WHERE id = '{}'",
            answer["build_id"].as_str().unwrap()
        );
        assert_eq!(database.count(&number), 3);
    });
}

#[test]
fn parameters_choose_the_largest_preset_that_they_contain() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        Prebuilt::new(2003, PLAIN).add(database);
        let by = |params: &[&str], name: &str| {
            let mut arguments = vec!["--template", "backend", "--user", "ada", "--name", name];
            for param in params {
                arguments.extend(["--param", *param]);
            }
            claim(database, &arguments)
        };
        let before = contents(database);
        // The large preset fits best, and has no workspaces: the others are no substitute.
        by(&["cores=16", "region=us"], "a").expect_code(4);
        // Immutable values of the workspace can't be changed; neither can rules be broken.
        let output = by(&["cores=2", "region=us"], "a");
        output.expect_code(1);
        assert!(output.stderr.contains("immutable"), "{output:?}");
        let output = by(&["cores=33"], "a");
        output.expect_code(1);
        assert!(output.stderr.contains("above the maximum"), "{output:?}");
        assert!(contents(database) == before);

        let answer = by(&["cores=2", "note=mine", "unknown=x"], "a").json();
        assert_eq!(answer["preset_id"], id(SMALL));
        let build = answer["build_id"].as_str().unwrap();
        assert_eq!(parameters(database, build), "cores=2 note=mine region=eu");
        // No parameters fit the preset that has none.
        let answer = by(&["cores=3"], "b").json();
        assert_eq!(answer["preset_id"], id(PLAIN));
        let build = answer["build_id"].as_str().unwrap();
        assert_eq!(parameters(database, build), "cores=3 note=made region=eu");

        database.execute(&format!(
            "DELETE FROM template_version_presets WHERE id = '{}'",
            id(PLAIN)
        ));
        let output = by(&["cores=3"], "c");
        output.expect_code(4);
        assert!(
            output.stderr.contains(
                "no preset of the template's active version is contained in the given \
                 parameters; its presets are \"large\" (\"cores\"=\"16\", \"region\"=\"us\"), \
                 \"small\" (\"cores\"=\"2\")"
            ),
            "{output:?}"
        );
    });
}

#[test]
fn a_paused_reconciliation_and_a_pass_in_progress_are_no_obstacle() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        database.execute(
            "INSERT INTO site_configs (key, value)
             VALUES ('prebuilds_settings', '{\"reconciliation_paused\": true}')",
        );
        let mut session = database.session();
        if !database.is_sqlite() {
            session.rows("SELECT pg_advisory_lock(7)");
        }
        claim_small(database, "x").ok();
    });
}
