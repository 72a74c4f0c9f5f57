//! Who runs this program, for what it notes about itself.

use rustix::process::getuid;
use rustix::system::uname;

/// `ann@host`: the name that the environment has for the user, else the number, and that of the host.
pub(crate) fn actor() -> String {
    let named = ["LOGNAME", "USER"].into_iter().filter_map(std::env::var_os);
    let mut named = named.filter(|name| !name.is_empty());
    let user = named.next().map_or_else(
        || format!("uid {}", getuid().as_raw()),
        |name| name.to_string_lossy().into_owned(),
    );
    format!("{user}@{}", uname().nodename().to_string_lossy())
}
