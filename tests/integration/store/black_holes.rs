//! Networks that swallow packets without a word once a command is connected: it gives up by itself.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::thread;

use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Job, Scene};
use crate::support::{Coder, cluster, coder};

/// Enough for a session to open, too little for the answer to its first large statement.
const ANSWERED: usize = 2048;

/// A proxy that answers this many bytes to each client and swallows the rest, in both directions.
fn hole(server: u16) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = listener.local_addr().expect("an address");
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            thread::spawn(move || serve(client, server));
        }
    });
    address
}

/// Ends when the client goes away.
fn serve(mut client: TcpStream, server: u16) -> std::io::Result<()> {
    let mut upstream = TcpStream::connect(("127.0.0.1", server))?;
    let (mut back, mut answers) = (client.try_clone()?, upstream.try_clone()?);
    thread::spawn(move || {
        let mut rest = ANSWERED;
        let mut buffer = [0; 1024];
        while let Ok(read @ 1..) = answers.read(&mut buffer) {
            let passed = read.min(rest);
            rest -= passed;
            let _gone = back.write_all(&buffer[..passed]);
        }
    });
    std::io::copy(&mut client, &mut upstream)?;
    Ok(())
}

fn url(address: SocketAddr, database: &Database) -> String {
    format!(
        "--database-url=postgresql://postgres@{address}/{}",
        database.name()
    )
}

#[test]
fn every_command_gives_up_when_the_network_swallows_the_answers() {
    let port = cluster::postgres().and_then(cluster::Cluster::port);
    let (Some(port), Some(database)) = (port, coder(Coder::Current)) else {
        return;
    };
    let scene = Scene::new(&database);
    let web = scene.template("web");
    let pool = scene.preset(&web, "pool", 1);
    scene.prebuild(&web, &pool, Job::Succeeded, 60);
    let commands: [&[&str]; 11] = [
        &["snapshot"],
        &["plan"],
        &["doctor"],
        &["render", "pool"],
        &["reconcile-once"],
        &["claim", "--preset=pool", "--user=ada", "--name=mine"],
        &["cleanup", "--yes"],
        &["invalidate", "pool", "--yes"],
        &["reset-limit", "pool", "--yes"],
        &["pause"],
        &["init"],
    ];
    let before = database.dump();
    let address = hole(port);
    let runs = commands.map(|command| {
        let limited = prebuildctl(command).arg("--timeout=1s");
        (command, limited.arg(url(address, &database)).spawn())
    });
    for (command, run) in runs {
        let output = run.wait();
        output.expect_code(1);
        let told = format!("{}{}", output.stdout, output.stderr);
        let is_told = told.contains("no answer within 1s") || told.contains("--timeout");
        assert!(is_told, "{command:?}: {output:?}");
    }
    assert!(before == database.dump());
}
