//! Whole records of builds and their jobs, with every column named.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::NO_TIME;
use crate::support::database::Database;
use crate::support::scene::{PREBUILDS_USER, Version};

pub const NULL: &str = "NULL";
/// No state: empty bytes, as coderd writes them.
pub const NO_STATE: &str = "\\x";

pub type Record = BTreeMap<String, String>;

/// All rows that meet the condition, every column of them.
pub fn records(database: &Database, table: &str, condition: &str) -> Vec<Record> {
    let columns = database.column(&if database.is_sqlite() {
        format!("SELECT name FROM pragma_table_xinfo('{table}')")
    } else {
        format!(
            "SELECT column_name FROM information_schema.columns
             WHERE table_schema = 'public' AND table_name = '{table}'"
        )
    });
    let names = columns.join(", ");
    let rows = database.rows(&format!("SELECT {names} FROM {table} WHERE {condition}"));
    rows.into_iter()
        .map(|row| {
            let values = row.into_iter().map(|it| it.unwrap_or_else(|| NULL.into()));
            columns.iter().cloned().zip(values).collect()
        })
        .collect()
}

/// The only such row.
pub fn record(database: &Database, table: &str, condition: &str) -> Record {
    let mut rows = records(database, table, condition);
    assert_eq!(rows.len(), 1, "{table} where {condition}: {rows:#?}");
    rows.remove(0)
}

/// Compares a record with what it must hold, JSON columns as JSON. Columns that the release lacks
/// are not looked for.
#[track_caller]
pub fn assert_record(mut record: Record, expected: &[(&str, &str)], json: &[(&str, Value)]) {
    for (column, expected) in json {
        let text = record.remove(*column).unwrap();
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value, *expected, "{column}");
    }
    let expected: Record = expected
        .iter()
        .filter(|(column, _)| record.contains_key(*column))
        .map(|(column, value)| ((*column).to_owned(), (*value).to_owned()))
        .collect();
    assert_eq!(record, expected);
}

/// What the rows of one build have of their own.
pub struct Expected<'a> {
    pub now: &'a str,
    pub organization: &'a str,
    pub version: &'a Version,
    pub workspace: &'a str,
    pub number: &'a str,
    pub transition: &'a str,
    pub preset: &'a str,
    pub state: &'a str,
    pub tags: Value,
    /// The time of completion where the job is completed at once.
    pub completed: Option<&'a str>,
    pub parameters: &'a [(&'a str, &'a str)],
}

#[track_caller]
pub fn assert_build(database: &Database, it: &Expected<'_>) {
    let Expected {
        workspace, number, ..
    } = it;
    let which = format!("workspace_id = '{workspace}' AND build_number = {number}");
    let build = record(database, "workspace_builds", &which);
    let (id, job) = (build["id"].clone(), build["job_id"].clone());
    assert_record(
        build,
        &[
            ("id", &id),
            ("created_at", it.now),
            ("updated_at", it.now),
            ("workspace_id", workspace),
            ("template_version_id", &it.version.id),
            ("build_number", number),
            ("transition", it.transition),
            ("initiator_id", PREBUILDS_USER),
            ("provisioner_state", it.state),
            ("job_id", &job),
            ("deadline", NO_TIME),
            ("max_deadline", NO_TIME),
            ("reason", "initiator"),
            ("daily_cost", "0"),
            ("template_version_preset_id", it.preset),
            ("has_ai_task", NULL),
            ("has_external_agent", NULL),
            ("ai_task_sidebar_app_id", NULL),
            ("notified_autostop_deadline", NO_TIME),
        ],
        &[],
    );
    let completed = it.completed.unwrap_or(NULL);
    let status = if it.completed.is_some() {
        "succeeded"
    } else {
        "pending"
    };
    assert_record(
        record(database, "provisioner_jobs", &format!("id = '{job}'")),
        &[
            ("id", &job),
            ("created_at", it.now),
            ("updated_at", it.now),
            ("started_at", completed),
            ("canceled_at", NULL),
            ("completed_at", completed),
            ("error", NULL),
            ("error_code", NULL),
            ("organization_id", it.organization),
            ("initiator_id", PREBUILDS_USER),
            ("provisioner", "terraform"),
            ("storage_method", "file"),
            ("type", "workspace_build"),
            ("worker_id", NULL),
            ("file_id", &it.version.file),
            ("job_status", status),
            ("logs_length", "0"),
            ("logs_overflowed", "0"),
        ],
        &[
            (
                "input",
                json!({
                    "workspace_build_id": id, "dry_run": false, "prebuilt_workspace_stage": 1,
                }),
            ),
            ("tags", it.tags.clone()),
            ("trace_metadata", json!({})),
        ],
    );
    let values = records(
        database,
        "workspace_build_parameters",
        &format!("workspace_build_id = '{id}' ORDER BY name"),
    );
    let values: Vec<(&str, &str)> = values
        .iter()
        .map(|row| (row["name"].as_str(), row["value"].as_str()))
        .collect();
    assert_eq!(values, it.parameters);
}
