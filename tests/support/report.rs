//! Reads what passes report.

use serde_json::Value;

/// Fields of a report that are numbers of things done.
pub fn counts(report: &Value) -> [i64; 5] {
    ["created", "deleted", "cancelled", "lost_races", "deferred"]
        .map(|key| report[key].as_i64().unwrap())
}

/// The report's text list of ids.
pub fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().unwrap().iter();
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

/// The instant of a report as databases have it.
pub fn planned_at(report: &Value) -> String {
    let time = report["planned_at"].as_str().unwrap();
    let (seconds, fraction) = time
        .trim_end_matches('Z')
        .split_once('.')
        .unwrap_or((time.trim_end_matches('Z'), ""));
    format!("{seconds}.{fraction:0<6}Z")
}

pub fn json_of(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}
