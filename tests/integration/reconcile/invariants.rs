//! What must hold of any pass whatever a database looks like.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::{busy_scenes, plan};
use crate::support::database::TextRow;
use crate::support::pass;
use crate::support::scene::PREBUILDS_USER;

/// The rows of a list of the document.
fn rows<'a>(document: &'a Value, key: &str) -> &'a [Value] {
    document[key].as_array().map_or(&[], Vec::as_slice)
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten();
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_plan_deletes_only_running_workspaces_of_ours_and_each_once() {
    for seed in [61, 62] {
        for database in busy_scenes(seed) {
            let plan = plan(&database);
            let running = database.column(&format!(
                "SELECT w.id FROM workspaces AS w
                 JOIN workspace_builds AS b ON b.workspace_id = w.id
                 JOIN provisioner_jobs AS j ON j.id = b.job_id
                 WHERE w.owner_id = '{PREBUILDS_USER}' AND NOT w.deleted
                    AND b.transition = 'start' AND j.job_status = 'succeeded'
                    AND b.build_number = (
                        SELECT max(build_number) FROM workspace_builds WHERE workspace_id = w.id)"
            ));
            let running: BTreeSet<String> = running.into_iter().collect();
            let mut listed = BTreeSet::new();
            for preset in rows(&plan, "presets") {
                let desired = preset["state"]["desired"].as_i64().unwrap();
                for action in rows(preset, "actions") {
                    for id in ids(&action["workspace_ids"]) {
                        assert!(running.contains(&id), "{id} is not ours to delete");
                        assert!(listed.insert(id), "listed twice");
                    }
                    if action["action"] == "create" {
                        let count = action["count"].as_i64().unwrap();
                        assert!((1..=desired).contains(&count), "{count} of {desired}");
                    }
                }
            }
            assert!(
                listed.len() > 5,
                "nothing to delete: the test would test nothing"
            );
            assert_eq!(plan["summary"]["delete"], listed.len());
        }
    }
}

/// Rows that were there before and are not as they were, with their ids, by table.
fn changed(
    before: &BTreeMap<String, Vec<TextRow>>,
    after: &BTreeMap<String, Vec<TextRow>>,
) -> BTreeMap<String, BTreeSet<String>> {
    let mut changed = BTreeMap::new();
    for (table, rows) in before {
        let now: BTreeSet<&TextRow> = after[table].iter().collect();
        let gone = rows.iter().filter(|row| !now.contains(row));
        let gone: BTreeSet<_> = gone.map(|row| row[0].clone().unwrap()).collect();
        if !gone.is_empty() {
            changed.insert(table.clone(), gone);
        }
    }
    changed
}

#[test]
fn rows_that_a_pass_does_not_report_stay_as_they_were() {
    for seed in [81, 82] {
        for database in busy_scenes(seed) {
            let before = database.dump();
            // A cancelled build leaves nothing to be removed where its workspace is gone already, or
            // has another build.
            let settled = database.column(
                "SELECT id FROM workspaces AS w WHERE deleted OR EXISTS (
                    SELECT 1 FROM workspace_builds AS b
                    WHERE b.workspace_id = w.id AND b.build_number > 1)",
            );
            let report: Value = serde_json::from_str(&pass(&database, &[]).stdout).unwrap();
            let after = database.dump();
            let mut changed = changed(&before, &after);

            let mut cancelled = BTreeSet::new();
            let mut touched = BTreeSet::new();
            let mut created = BTreeSet::new();
            for preset in rows(&report, "presets") {
                cancelled.extend(ids(&preset["cancelled"]));
                touched.extend(ids(&preset["deleted"]));
                created.extend(ids(&preset["created"]));
            }
            assert_eq!(
                changed.remove("provisioner_jobs").unwrap_or_default(),
                cancelled
            );
            // Removed at once, because no provisioner lives that would remove them.
            let removed = changed.remove("workspaces").unwrap_or_default();
            for job in &cancelled {
                let workspace = database.value(&format!(
                    "SELECT workspace_id FROM workspace_builds WHERE job_id = '{job}'"
                ));
                touched.extend(workspace.filter(|id| !settled.contains(id)));
            }
            assert!(removed.is_subset(&touched));
            let removed_agents = changed.remove("workspace_agents").unwrap_or_default();
            let _status = changed.remove("template_version_presets");
            assert!(removed_agents.is_empty() || !removed.is_empty());
            assert_eq!(changed, BTreeMap::new());

            // New rows are those of the workspaces reported, and of no others.
            let old = |table: &str| -> BTreeSet<&str> {
                before[table]
                    .iter()
                    .map(|row| row[0].as_deref().unwrap())
                    .collect()
            };
            let known = old("workspaces");
            let new: BTreeSet<String> = database
                .column("SELECT id FROM workspaces")
                .into_iter()
                .filter(|id| !known.contains(id.as_str()))
                .collect();
            assert_eq!(new, created);
            let known = old("workspace_builds");
            let builds = database.rows("SELECT id, workspace_id FROM workspace_builds");
            let built: BTreeSet<String> = builds
                .into_iter()
                .filter(|row| !known.contains(row[0].as_deref().unwrap()))
                .map(|row| row[1].clone().unwrap())
                .collect();
            let expected: BTreeSet<String> = touched.union(&created).cloned().collect();
            assert_eq!(built, expected);
            let untouched = ["users", "organizations", "templates", "template_versions"];
            for table in untouched {
                assert_eq!(before[table].len(), after[table].len(), "{table}");
            }
        }
    }
}

#[test]
fn every_build_has_its_own_job_and_numbers_run_on() {
    for seed in [91] {
        for database in busy_scenes(seed) {
            let orphans = "SELECT count(*) FROM provisioner_jobs AS j
                WHERE type = 'workspace_build' AND NOT EXISTS (
                    SELECT 1 FROM workspace_builds WHERE job_id = j.id)";
            let gaps = "SELECT count(*) FROM workspace_builds AS b
                WHERE build_number > 1 AND NOT EXISTS (
                    SELECT 1 FROM workspace_builds AS e WHERE e.workspace_id = b.workspace_id
                        AND e.build_number = b.build_number - 1)";
            let before = (database.count(orphans), database.count(gaps));
            let output = pass(&database, &[]);
            assert!(matches!(output.code, 0 | 3), "{output:?}");
            assert_eq!((database.count(orphans), database.count(gaps)), before);
        }
    }
}
