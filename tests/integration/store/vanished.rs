//! Hosts that vanish, as when power fails or a cable is cut, while a pass holds the lock.

use std::time::Duration;

use crate::support::cluster::Cluster;
use crate::support::database::{Database, Session};
use crate::support::host::Host;
use crate::support::process::{Running, prebuildctl, prebuildctl_on};
use crate::support::scene::Scene;
use crate::support::{pass, wait_for, wait_until};

const HELD: &str = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = 7";

fn is_held(session: &mut Session) -> bool {
    session.value(HELD).as_deref() == Some("1")
}

/// Waits for a moment at which the lock is held and stops the program there.
fn stop_with_lock(running: &mut Running, session: &mut Session) {
    loop {
        if is_held(session) {
            running.signal("STOP");
            if is_held(session) {
                return;
            }
            running.signal("CONT");
        }
        assert!(running.is_running(), "a loop goes on");
    }
}

#[test]
fn a_host_that_vanishes_with_the_lock_keeps_it_for_a_minute_at_the_most() {
    let Some(host) = Host::new() else { return };
    let Some(server) = Cluster::private_for(&host) else {
        return;
    };
    let database = Database::borrowed(&server.url("postgres"));
    prebuildctl(["init"]).on(&database).run().ok();
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 3);
    let mut session = database.session();

    let arguments = ["loop", "--interval=1ms"];
    let url = host.url(&database.url);
    let run = prebuildctl_on(&host, arguments).env("PREBUILDCTL_DATABASE_URL", &url);
    let mut running = run.spawn();
    wait_until("the host has made a pass", || {
        session.value("SELECT count(*) FROM workspaces").as_deref() == Some("3")
    });
    stop_with_lock(&mut running, &mut session);
    host.vanish();
    running.kill_unless_over();
    assert!(is_held(&mut session), "nobody has told the server");

    scene.execute(&format!(
        "UPDATE template_version_presets SET desired_instances = 5 WHERE id = '{pool}'"
    ));
    assert_eq!(pass(&database, &[]).json()["outcome"], "locked");
    wait_for(
        Duration::from_secs(60),
        "the server lets go of the lock",
        || !is_held(&mut session),
    );
    assert_eq!(pass(&database, &["--fail-if-locked"]).json()["created"], 2);
}
