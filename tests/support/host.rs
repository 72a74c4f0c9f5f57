//! A host of its own for programs: a network namespace with one link to this machine, which can vanish as a
//! host does that loses its power or its cable. What is on its way then arrives nowhere, and nobody is told.
//!
//! It takes root and `ip`. The traffic stays on the link, whose addresses are of a network that is set aside
//! for measurements and is routed nowhere.

use std::net::Ipv4Addr;
use std::process::Command;

use uuid::Uuid;

use super::cluster::run;

/// A host that goes away with this value, and whatever still runs on it stays without a network.
pub struct Host {
    /// The namespace's name, and that of this machine's end of the link.
    name: String,
    /// The address by which programs on it reach this machine.
    pub gateway: Ipv4Addr,
}

impl Host {
    /// A new host; none, which is said, where network namespaces can't be made.
    pub fn new() -> Option<Self> {
        let random = Uuid::new_v4().as_u128();
        // One of the networks of four addresses in 198.18.0.0/15; others on this machine make hosts as well.
        let network = u32::try_from(random >> 32 & 0x7fff).expect("15 bits");
        let base = u32::from(Ipv4Addr::new(198, 18, 0, 0)) + 4 * network;
        let host = Self {
            name: format!("pbc{:08x}", random & 0xffff_ffff),
            gateway: Ipv4Addr::from(base + 1),
        };
        let (name, gateway, own) = (&host.name, host.gateway, Ipv4Addr::from(base + 2));
        let made = [
            format!("netns add {name}"),
            format!("link add {name} type veth peer name eth0 netns {name}"),
            format!("address add {gateway}/30 dev {name}"),
            format!("-n {name} address add {own}/30 dev eth0"),
            format!("link set {name} up"),
            format!("-n {name} link set eth0 up"),
        ]
        .iter()
        .try_for_each(|arguments| ip(arguments));
        made.map_err(|error| eprintln!("skipped: no hosts of their own here: {error}"))
            .ok()
            .map(|()| host)
    }

    /// The command that runs a program on it.
    pub fn command(&self) -> Command {
        let mut command = Command::new("ip");
        command.args(["netns", "exec", &self.name]);
        command
    }

    /// The same URL as it is for programs on the host.
    pub fn url(&self, url: &str) -> String {
        url.replace("127.0.0.1", &self.gateway.to_string())
    }

    /// Cuts it off.
    pub fn vanish(&self) {
        ip(&format!("-n {} link set eth0 down", self.name)).expect("the link goes down");
    }

    /// Connects it again.
    pub fn come_back(&self) {
        ip(&format!("-n {} link set eth0 up", self.name)).expect("the link comes up");
    }
}

impl Drop for Host {
    fn drop(&mut self) {
        // Where it could not be made whole, there may be nothing to remove. The link goes with it.
        let _ignored = ip(&format!("netns delete {}", self.name));
    }
}

fn ip(arguments: &str) -> Result<(), String> {
    run(Command::new("ip").args(arguments.split(' '))).map(|_| ())
}
