//! Promotions in random scenes, whose rows are as odd as a database allows.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::random_scenes;
use crate::support::scene::random;

/// A plan at their moment, without the diagnostics, which tell about the question itself.
fn plan(database: &Database, flags: &[&str]) -> Value {
    let first = ["plan", "--format=json", "--at", random::NOW];
    let mut plan = prebuildctl(first.iter().chain(flags))
        .on(database)
        .run()
        .json();
    for entry in plan["presets"].as_array_mut().unwrap() {
        entry["diagnostics"] = json!([]);
    }
    plan
}

#[test]
fn any_promotion_is_planned_as_it_is_once_it_is_real() {
    for database in random_scenes(51, 60) {
        let versions = database.rows(
            "SELECT o.name, t.name, CAST(v.id AS text), CAST(t.id AS text),
                CAST(t.active_version_id AS text)
             FROM templates AS t
             JOIN organizations AS o ON o.id = t.organization_id
             JOIN template_versions AS v ON v.template_id = t.id
             WHERE NOT t.deleted AND v.id <> t.active_version_id ORDER BY v.id LIMIT 6",
        );
        assert!(!versions.is_empty());
        for row in versions {
            let texts: Vec<String> = row.into_iter().flatten().collect();
            let [organization, name, version, template, active] = texts.try_into().unwrap();
            let promotion = format!("{organization}/{name}={version}");
            let imagined = plan(&database, &["--promote", &promotion]);
            let activate = |version: &str| {
                database.execute(&format!(
                    "UPDATE templates SET active_version_id = '{version}' WHERE id = '{template}'"
                ));
            };
            activate(&version);
            let real = plan(&database, &[]);
            activate(&active);
            assert_eq!(imagined, real, "{promotion}");
            assert_ne!(
                imagined,
                plan(&database, &[]),
                "{promotion} changes nothing"
            );
        }
    }
}
