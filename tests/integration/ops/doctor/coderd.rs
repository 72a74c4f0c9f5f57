//! What `doctor` finds in Coder's database that would keep coderd from its work.

use super::{Found, Healthy, examine, wrong};
use crate::support::scene::Job;
use crate::support::{both, coder_releases};

#[test]
fn an_autostart_schedule_that_coderd_can_not_read_is_found() {
    for (_, database) in coder_releases() {
        let healthy = Healthy::new(&database);
        let person = |schedule: &str| {
            let Healthy {
                scene,
                version,
                preset,
                ..
            } = &healthy;
            let workspace = scene.of_person(version, preset, Job::Succeeded, 60);
            scene.execute(&format!(
                "UPDATE workspaces SET autostart_schedule = {schedule} WHERE id = '{}'",
                workspace.id
            ));
            workspace
        };
        let found = || wrong(examine(&database, &[]));
        person("'30 9 * * 1-5'");
        person("'CRON_TZ=Europe/Berlin 0,30 9-11 * * 1-5'");
        person("NULL");
        assert_eq!(found(), [] as [Found; 0]);
        let gone = person("'TZ=UTC 30 9 * * 1-5'");
        healthy.scene.execute(&format!(
            "UPDATE workspaces SET deleted = true WHERE id = '{}';
         UPDATE workspaces SET autostart_schedule = ' ' WHERE id = '{}'",
            gone.id, healthy.workspace.id
        ));
        assert_eq!(found(), [] as [Found; 0]);

        // As the names go: made-6, made-7 and made-8.
        person("''");
        person("E'CRON_TZ=Europe/Berlin\\t30 9 * * 1-5'");
        person("E'CRON_TZ=Europe/Berlin\\t30 9 * * 1-5'");
        let [empty, tab] = &found()[..] else {
            panic!("{:?}", found());
        };
        for (finding, beginning) in [
            (
                empty,
                "coderd can't read the autostart schedule \"\" of 1 workspace, such as made-6: it has 0 fields",
            ),
            (
                tab,
                "coderd can't read the autostart schedule \"CRON_TZ=Europe/Berlin\\t30 9 * * 1-5\" of 2 \
             workspaces, such as made-7: \"Europe/Berlin\\t30\" is not a time zone",
            ),
        ] {
            let [check, level, message] = finding;
            assert_eq!([check.as_str(), level.as_str()], ["autostart", "error"]);
            assert!(message.starts_with(beginning), "{message}");
        }
    }
}

#[test]
fn schedules_that_no_coderd_reads_are_left_alone() {
    both(|database| {
        let scene = Healthy::new(database).scene;
        scene.execute(&format!(
            "UPDATE workspaces SET owner_id = '{}', autostart_schedule = ''",
            scene.person
        ));
        let checks = examine(database, &[]);
        assert!(checks.iter().all(|[check, ..]| check != "autostart"));
    });
}
