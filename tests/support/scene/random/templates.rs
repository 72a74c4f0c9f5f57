//! People, organizations, and templates with their versions and presets.
//!
//! It settles what is configured; it makes no workspace.

use serde_json::json;

use super::workspaces::SUCCEEDED;
use super::{DAY, HOUR, PREBUILDS_USER, RandomScene, SECOND, Version, at};

const CRONS: &[&str] = &[
    "* 8-18 * * 1-5",
    "* * * * *",
    "* 0-11 * * *",
    "* 12 * * 3",
    "* 20-6 * * *",
    "* 8-10 * * MON",
    "*/5 9 * * 1",
    "not a cron",
    "",
];

impl RandomScene {
    pub(super) fn people(&mut self) {
        for number in 0..6 {
            let id = self.id();
            self.add(
                "users",
                json!({
                    "id": id, "email": format!("p{number}@example.com"),
                    "username": format!("person-{number}"), "name": "",
                    "hashed_password": "\\x00ff",
                    "created_at": at(30 * DAY), "updated_at": at(30 * DAY),
                    "status": if number == 1 { "suspended" } else { "active" },
                    "deleted": number == 0, "rbac_roles": ["member", "quo\"ted"],
                }),
            );
            self.people.push(id);
        }
    }

    pub(super) fn organization(&mut self, number: usize, templates: usize) {
        let id = self.id();
        let name = ["zeta", "Alpha", "beta-ünit"][number];
        let created = at(30 * DAY);
        self.add(
            "organizations",
            json!({
                "id": id, "name": name, "description": "",
                "created_at": created, "updated_at": created, "display_name": "",
            }),
        );
        self.add(
            "groups",
            json!({ "id": id, "name": "Everyone", "organization_id": id }),
        );
        let team = self.id();
        self.add(
            "groups",
            json!({ "id": team, "name": "team", "organization_id": id }),
        );
        let mut members = self.people.clone();
        members.extend((number > 0).then(|| PREBUILDS_USER.to_owned()));
        for member in members {
            self.add(
                "group_members",
                json!({ "user_id": member, "group_id": team }),
            );
            self.add(
                "organization_members",
                json!({
                    "user_id": member, "organization_id": id,
                    "created_at": created, "updated_at": created,
                }),
            );
        }
        let (key, daemon) = (self.id(), self.id());
        self.add(
            "provisioner_keys",
            json!({
                "id": key, "created_at": created, "organization_id": id, "name": "Built-in",
                "hashed_secret": "\\x", "tags": {},
            }),
        );
        self.add(
            "provisioner_daemons",
            json!({
                "id": daemon, "created_at": created, "name": "daemon", "organization_id": id,
                "provisioners": ["echo", "terraform"], "key_id": key,
                "last_seen_at": at(30 * SECOND),
                "tags": { "scope": "organization", "owner": "" },
            }),
        );
        for number in 0..templates {
            self.template(&id, number);
        }
        // A version that nobody attached to a template yet.
        let stray = self.version(&id, None, "stray");
        self.presets(&stray);
    }

    fn template(&mut self, organization: &str, number: usize) {
        let id = self.id();
        let (deleted, deprecated) = (self.one_in(6), self.one_in(6));
        let versions: Vec<_> = (0..1 + self.rng.usize(..3))
            .map(|version| self.version(organization, Some(&id), &format!("v{version}")))
            .collect();
        let active = self.rng.usize(..versions.len());
        let creator = self.person();
        self.add(
            "templates",
            json!({
                "id": id, "created_at": at(20 * DAY), "updated_at": at(20 * DAY),
                "organization_id": organization, "deleted": deleted, "provisioner": "terraform",
                // Deleted ones lend their name to a live one.
                "name": if deleted { "t0".into() } else { format!("t{number}") },
                "active_version_id": versions[active], "created_by": creator,
                "deprecated": if deprecated { "use another" } else { "" },
            }),
        );
        for version in versions {
            let presets = self.presets(&version);
            self.versions.push(Version {
                id: version,
                template: id.clone(),
                organization: organization.to_owned(),
                presets,
            });
        }
    }

    fn version(&mut self, organization: &str, template: Option<&str>, name: &str) -> String {
        let id = self.id();
        let person = self.person();
        let input = json!({ "template_version_id": id });
        let job = self.job(
            organization,
            "template_version_import",
            &input,
            &person,
            20 * DAY,
            SUCCEEDED,
        );
        self.add(
            "template_versions",
            json!({
                "id": id, "template_id": template, "organization_id": organization,
                "created_at": at(20 * DAY), "updated_at": at(20 * DAY), "name": name, "readme": "",
                "job_id": job, "created_by": person,
            }),
        );
        for (parameter, mutable) in [("region", false), ("size", true)] {
            self.add(
                "template_version_parameters",
                json!({
                    "template_version_id": id, "name": parameter, "description": "",
                    "type": "string", "mutable": mutable, "default_value": "x", "icon": "",
                    "validation_regex": "", "required": false,
                }),
            );
        }
        if self.one_in(2) {
            let tag = json!({ "template_version_id": id, "key": "zone", "value": "\"a\"" });
            self.add("template_version_workspace_tags", tag);
        }
        id
    }

    fn presets(&mut self, version: &str) -> Vec<String> {
        const NAMES: [&str; 4] = ["small", "Large", "größer", "\"q\" 'x'; --"];
        let number = self.rng.usize(..=NAMES.len());
        NAMES[..number]
            .iter()
            .map(|name| self.preset(version, name))
            .collect()
    }

    fn preset(&mut self, version: &str, name: &str) -> String {
        let id = self.id();
        let schedules = self.rng.usize(..4).saturating_sub(1);
        let statuses = [
            "healthy",
            "healthy",
            "healthy",
            "hard_limited",
            "validation_failed",
        ]
        .map(ToOwned::to_owned);
        let status = self.pick(&statuses);
        let desired = self.pick(&[None, Some(-2), Some(0), Some(1), Some(2), Some(3), Some(5)]);
        let ttl = self.pick(&[None, Some(0), Some(-5), Some(3600), Some(86400)]);
        let zone = self.pick(&["", "UTC", "America/New_York", "Asia/Kathmandu", "Mars/Base"]);
        let invalidated = self.pick(&[None, None, None, Some(2 * HOUR), Some(DAY), Some(-HOUR)]);
        self.add(
            "template_version_presets",
            json!({
                "id": id, "template_version_id": version, "name": name, "created_at": at(20 * DAY),
                "desired_instances": desired, "invalidate_after_secs": ttl,
                "prebuild_status": status, "is_default": name == "small",
                "scheduling_timezone": if schedules > 0 { zone } else { "" },
                "last_invalidated_at": invalidated.map(at),
            }),
        );
        let parameter = self.id();
        self.add(
            "template_version_preset_parameters",
            json!({
                "id": parameter, "template_version_preset_id": id, "name": "region", "value": "eu",
            }),
        );
        for _ in 0..schedules {
            let (schedule, cron) = (self.id(), self.pick(CRONS));
            let desired = self.rng.i32(-1..6);
            self.add(
                "template_version_preset_prebuild_schedules",
                json!({
                    "id": schedule, "preset_id": id, "cron_expression": cron,
                    "desired_instances": desired,
                }),
            );
        }
        id
    }
}
