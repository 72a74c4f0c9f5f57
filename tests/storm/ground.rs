//! What a worker builds its worlds on: a PostgreSQL server of its own, which it may crash, and databases
//! to copy from.

use crate::support::cluster::Cluster;
use crate::support::database::{Database, Session};
use crate::support::host::Host;
use crate::support::process::{TestDir, prebuildctl};

use super::script::Kind;

pub struct Ground {
    sqlite: Database,
    server: Option<Server>,
    /// A host that may vanish, if there is one.
    host: Option<Host>,
}

pub struct Server {
    pub cluster: &'static Cluster,
    own: Database,
    coder: Database,
}

impl Ground {
    /// Prepares the databases that the kinds need, and with `hosts` a host that may vanish; none without
    /// PostgreSQL where it is needed.
    pub fn new(kinds: &[Kind], hosts: bool) -> Option<Self> {
        let sqlite = Database::sqlite(TestDir::new());
        prebuildctl(["init"]).on(&sqlite).run().ok();
        let is_served = kinds != [Kind::Sqlite];
        let host = (is_served && hosts).then(Host::new).flatten();
        let server = if is_served {
            let cluster = match &host {
                Some(host) => Cluster::private_for(host)?,
                None => Cluster::private()?,
            };
            // It lives as long as this process, as the databases in it do.
            let cluster: &'static Cluster = Box::leak(Box::new(cluster));
            // Statistics of tables this young promise so much work that compiling the statements for it
            // would take longer than all else.
            Session::open(&cluster.url("postgres")).execute("ALTER SYSTEM SET jit = off");
            Session::open(&cluster.url("postgres")).execute("SELECT pg_reload_conf()");
            let own = cluster.create_database("own");
            prebuildctl(["init"]).on(&own).run().ok();
            let coder = cluster.create_database("coder");
            coder.execute(include_str!("../fixtures/coder/current.sql"));
            Some(Server {
                cluster,
                own,
                coder,
            })
        } else {
            None
        };
        Some(Self {
            sqlite,
            server,
            host,
        })
    }

    pub fn server(&self) -> Option<&Server> {
        self.server.as_ref()
    }

    pub fn host(&self) -> Option<&Host> {
        self.host.as_ref()
    }

    /// A fresh database.
    pub fn database(&self, kind: Kind) -> Database {
        match (kind, &self.server) {
            (Kind::Postgres, Some(server)) => server.cluster.create_from(&server.own),
            (Kind::Coder, Some(server)) => server.cluster.create_from(&server.coder),
            _ => {
                let database = Database::sqlite(TestDir::new());
                std::fs::copy(self.sqlite.path(), database.path()).expect("a copy of the database");
                database
            }
        }
    }
}
