//! The order of documents, and plan documents.

use super::*;

#[test]
fn the_order_of_a_document_is_by_names_then_ids() {
    let id = Uuid::from_u128;
    let mut snapshot = with("version", json!(1)).unwrap();
    let base = snapshot.presets[0].clone();
    let named = |n, organization: &str, template: &str, version: &str, name: &str| Preset {
        id: id(n),
        organization_name: organization.to_owned(),
        template_name: template.to_owned(),
        template_version_name: version.to_owned(),
        name: name.to_owned(),
        ..base.clone()
    };
    let sorted = vec![
        named(6, "a", "b", "c", "d"),
        named(7, "a", "b", "c", "d"),
        named(5, "a", "b", "c", "e"),
        named(4, "a", "b", "d", "a"),
        named(3, "a", "c", "a", "a"),
        named(2, "b", "a", "a", "a"),
    ];
    snapshot.presets = sorted.iter().rev().cloned().collect();
    let workspace: crate::model::RunningPrebuild = serde_json::from_value(running()).unwrap();
    let with_id = |n| crate::model::RunningPrebuild {
        id: id(n),
        ..workspace.clone()
    };
    snapshot.running = vec![with_id(3), with_id(1), with_id(2)];
    snapshot.sort();
    assert_eq!(snapshot.presets, sorted);
    assert_eq!(snapshot.running, [with_id(1), with_id(2), with_id(3)]);
}

pub(super) fn plan_document(actions: &Value) -> String {
    json!({
        "version": 1, "planned_at": "2026-03-04T12:00:00Z", "reconciliation_paused": false,
        "has_changes": true,
        "summary": {
            "presets": 1, "create": 0, "delete": 1, "cancel_pending": 0, "backoff": 0, "blocked": 0,
        },
        "presets": [{
            "preset": {
                "id": PRESET, "name": "small", "organization_name": "acme",
                "template_name": "docker", "template_version_name": "v1",
                "using_active_version": true,
            },
            "state": {
                "actual": 0, "expired": 0, "desired": 0, "eligible": 0, "extraneous": 0,
                "starting": 0, "stopping": 0, "deleting": 0,
            },
            "hard_limited": false, "actions": actions, "reason": "", "diagnostics": [],
        }],
    })
    .to_string()
}

#[test]
fn a_plan_document_is_read_as_strictly() {
    let read = |actions: Value| read_plan(plan_document(&actions).as_bytes());
    let delete = json!({ "action": "delete", "reason": "expired", "workspace_ids": [OTHER] });
    assert!(read(json!([delete])).is_ok());
    for (actions, path) in [
        (
            json!([delete, delete]),
            "presets[0].actions[1].workspace_ids[0]",
        ),
        (
            json!([{ "action": "create", "count": -1, "blocked_by": null }]),
            "presets[0].actions[0].count",
        ),
        (
            json!([{ "action": "cancel_pending", "count": -1 }]),
            "presets[0].actions[0].count",
        ),
        (
            json!([{ "action": "explode" }]),
            "presets[0].actions[0].action",
        ),
        (
            json!([{ "action": "cancel_pending", "count": 1, "force": true }]),
            "presets[0].actions[0]",
        ),
    ] {
        assert_eq!(refused(read(actions.clone())).0, path, "{actions}");
    }
    let text = plan_document(&json!([])).replace("\"version\":1", "\"version\":2");
    assert_eq!(refused(read_plan(text.as_bytes())).0, "version");
    let mut twice: Value = serde_json::from_str(&plan_document(&json!([]))).unwrap();
    twice["presets"] = json!([twice["presets"][0], twice["presets"][0]]);
    assert_eq!(
        refused(read_plan(twice.to_string().as_bytes())).0,
        "presets[1].preset.id"
    );
}

proptest! {
    #[test]
    fn no_bytes_make_reading_panic(
        any in prop::collection::vec(any::<u8>(), 0..64),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
        json in "[\\[\\]{}:,\"0-9.eE+-]{0,40}",
    ) {
        drop(read_snapshot(&any));
        drop(read_plan(json.as_bytes()));
        let mut snapshot = document().to_string().into_bytes();
        let mut plan = plan_document(&json!([])).into_bytes();
        for (index, byte) in edits {
            *index.get_mut(&mut snapshot) = byte;
            *index.get_mut(&mut plan) = byte;
        }
        drop(read_snapshot(&snapshot));
        drop(read_plan(&plan));
    }
}
