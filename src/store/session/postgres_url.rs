//! The URL of a PostgreSQL database, taken apart into the parameters that it gives.
//!
//! Takes what libpq and coderd take, unescaped passwords included, and refuses what it would otherwise
//! have to ignore: a misspelt `sslmode` must not turn verification off. No message holds a password.

use percent_encoding::percent_decode_str;

/// Parameters by which the driver connects.
const CONNECTION: &[&str] = &[
    "application_name",
    "dbname",
    "host",
    "hostaddr",
    "options",
    "password",
    "port",
    "sslcert",
    "sslkey",
    "sslmode",
    "sslrootcert",
    "statement-cache-capacity",
    "user",
];

/// Settings of a session that coderd's driver passes on to the server.
const SETTINGS: &[&str] = &[
    "DateStyle",
    "TimeZone",
    "client_min_messages",
    "default_transaction_isolation",
    "default_transaction_read_only",
    "role",
    "search_path",
    "synchronous_commit",
];

/// Parameters of other drivers that change nothing here: --connect-timeout and limits of our own decide
/// instead, or they only tune.
const WITHOUT_EFFECT: &[&str] = &[
    "binary_parameters",
    "client_encoding",
    "connect_timeout",
    "fallback_application_name",
    "gssencmode",
    "idle_in_transaction_session_timeout",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "lock_timeout",
    "sslcompression",
    "sslsni",
    "statement_timeout",
    "tcp_user_timeout",
];

/// The parameters, in the driver's names, that the text after `postgres://` gives. A later one stands
/// for an earlier one of the same name.
///
/// # Errors
/// What is wrong with the URL, to be said after `the database URL`.
pub(super) fn parameters(text: &str) -> Result<Vec<(String, String)>, String> {
    let (user, rest) = split_user(text);
    let mut parameters = Vec::new();
    let mut give = |name: &str, value: String| {
        if !value.is_empty() {
            parameters.push((name.to_owned(), value));
        }
    };
    if let Some((name, password)) = user {
        give("user", decode(name)?);
        match password {
            Password::Escaped(text) => give("password", decode(text)?),
            Password::AsItIs(text) => give("password", text.to_owned()),
        }
    }
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (host, rest) = rest.split_at(end);
    // The host ended at a slash or a question mark that was part of the password.
    if rest.contains('@') {
        return Err(
            "has an @ after the host: write all of @, /, ?, # and % in the password as %40, %2F, %3F, %23 and %25"
                .to_owned(),
        );
    }
    if rest.contains('#') {
        return Err("has a #: write it as %23".to_owned());
    }
    let (host, port) = split_host(host)?;
    give("host", decode(host)?);
    give("port", port.to_owned());
    let (database, query) = rest.split_once('?').unwrap_or((rest, ""));
    give("dbname", decode(database.trim_start_matches('/'))?);
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        if (&*name, &*value) == ("gssencmode", "require") {
            return Err(
                "asks for encryption by GSSAPI, which is not spoken: use sslmode".to_owned(),
            );
        }
        let known = |names: &[&str]| names.contains(&&*name);
        if known(CONNECTION) {
            give(&name, value.into_owned());
        } else if known(SETTINGS) {
            give(&format!("options[{name}]"), value.into_owned());
        } else if name.starts_with("options[") && name.ends_with(']') {
            give(&name, value.into_owned());
        } else if !known(WITHOUT_EFFECT) {
            return Err(unknown(&name));
        }
    }
    let several = |(name, value): &(String, String)| {
        matches!(name.as_str(), "host" | "hostaddr" | "port") && value.contains(',')
    };
    if parameters.iter().any(several) {
        return Err(
            "names several hosts, and only one is connected to: name the primary".to_owned(),
        );
    }
    if let Some((_, port)) = parameters.iter().find(|(name, _)| name == "port")
        && port.parse::<u16>().is_err()
    {
        // What stands there can be a password that no host follows, and is not shown.
        return Err("names a port that is not a number up to 65535".to_owned());
    }
    Ok(parameters)
}

fn unknown(name: &str) -> String {
    match name {
        "service" | "servicefile" => {
            "names a service, and service files are not read: write host, user and database"
                .to_owned()
        }
        _ => format!("has the parameter {name:?}, which is not known"),
    }
}

/// A password as the URL gives it.
#[derive(Clone, Copy)]
enum Password<'a> {
    Escaped(&'a str),
    AsItIs(&'a str),
}

/// User and password, if there are any, and the rest from the host on.
///
/// A password may hold `/`, `?` and `#` as they are, as for coderd: where what stands before them has no port after
/// its colon, everything from the first colon to the last `@` before the host's end is the password. coderd begins at
/// the last colon before the first `@`, and so takes no password with these in it.
fn split_user(text: &str) -> (Option<(&str, Password<'_>)>, &str) {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    let authority = &text[..end];
    if let Some((user, _)) = authority.rsplit_once('@') {
        let (name, password) = user.split_once(':').unwrap_or((user, ""));
        return (
            Some((name, Password::Escaped(password))),
            &text[user.len() + 1..],
        );
    }
    let port = authority.rsplit_once(':').map(|(_, port)| port);
    if port.is_some_and(|port| !port.bytes().all(|byte| byte.is_ascii_digit()))
        && let Some(at) = text.find('@')
        && let Some((name, _)) = text[..at].split_once(':')
    {
        let end = text[at..].find(['/', '?', '#']).unwrap_or(text.len() - at);
        let at = text[..at + end].rfind('@').unwrap_or(at);
        let password = Password::AsItIs(&text[name.len() + 1..at]);
        return (Some((name, password)), &text[at + 1..]);
    }
    (None, text)
}

/// Host and port; the brackets around an IPv6 address belong to the URL, not to the address.
fn split_host(text: &str) -> Result<(&str, &str), String> {
    let Some(rest) = text.strip_prefix('[') else {
        return Ok(text.rsplit_once(':').unwrap_or((text, "")));
    };
    let (address, port) = rest
        .split_once(']')
        .ok_or_else(|| "has a [ without a ] in its host".to_owned())?;
    match port.strip_prefix(':') {
        None if !port.is_empty() => Err("has more than a port after its host".to_owned()),
        port => Ok((address, port.unwrap_or_default())),
    }
}

fn decode(text: &str) -> Result<String, String> {
    percent_decode_str(text)
        .decode_utf8()
        .map(|text| text.into_owned())
        .map_err(|_| "has characters written as %XX that are not UTF-8".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn gives(url: &str, expected: &[(&str, &str)]) {
        let expected: Vec<(String, String)> = expected
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        assert_eq!(parameters(url), Ok(expected), "{url}");
    }

    #[track_caller]
    fn refused(url: &str, part: &str) {
        let problem = parameters(url).unwrap_err();
        assert!(problem.contains(part), "{url}: {problem}");
        assert!(!problem.contains("s3cr"), "{problem}");
    }

    #[test]
    fn hosts_are_names_addresses_and_sockets() {
        gives("h/d", &[("host", "h"), ("dbname", "d")]);
        gives(
            "u@h:5433/d",
            &[
                ("user", "u"),
                ("host", "h"),
                ("port", "5433"),
                ("dbname", "d"),
            ],
        );
        gives(
            "u:p%40@[::1]:5433/",
            &[
                ("user", "u"),
                ("password", "p@"),
                ("host", "::1"),
                ("port", "5433"),
            ],
        );
        gives("[fe80::1]", &[("host", "fe80::1")]);
        gives("?host=::1", &[("host", "::1")]);
        gives("%2Frun%2Fpg/d", &[("host", "/run/pg"), ("dbname", "d")]);
        gives(
            "u@/d?host=/run/pg",
            &[("user", "u"), ("dbname", "d"), ("host", "/run/pg")],
        );
        gives("", &[]);
    }

    #[test]
    fn passwords_that_coderd_takes_are_taken() {
        for password in [
            "pa#ss", "pa/ss", "pa?ss", "p/a#s?s", "a^b[c", "p%ss", "p#a:ss", "p/a:s", "p#a@ss",
        ] {
            gives(
                &format!("u:{password}@h:5433/d?sslmode=disable"),
                &[
                    ("user", "u"),
                    ("password", password),
                    ("host", "h"),
                    ("port", "5433"),
                    ("dbname", "d"),
                    ("sslmode", "disable"),
                ],
            );
        }
        gives(
            "u:p:a@b@h",
            &[("user", "u"), ("password", "p:a@b"), ("host", "h")],
        );
    }

    #[test]
    fn parameters_are_known_or_refused() {
        gives(
            "h?connect_timeout=5&binary_parameters=yes&search_path=a%2Cb&options=-c%20x.y%3D1",
            &[
                ("host", "h"),
                ("options[search_path]", "a,b"),
                ("options", "-c x.y=1"),
            ],
        );
        refused("h/d?sslmod=verify-full", "\"sslmod\"");
        refused(
            "h/d?target_session_attrs=primary",
            "\"target_session_attrs\"",
        );
        refused("h/d?service=prod", "service files are not read");
    }

    #[test]
    fn what_can_not_be_meant_is_refused_without_the_password() {
        refused("u:s3cr@h1:1,h2:2/d", "several hosts");
        refused("u:s3cr@h1/d?host=h1,h2", "several hosts");
        refused("u:s3cr@h:99999/d", "names a port");
        refused("u:s3cr", "names a port");
        refused("u:s3cr@h:x/d", "names a port");
        refused("u:s3cr@[::1/d", "without a ]");
        refused("u:s3cr@[::1]x/d", "after its host");
        refused("u:12/s3cr@h/d", "an @ after the host");
        refused("u:p#a@b/s3cr@h/d", "an @ after the host");
        refused("h?gssencmode=require", "GSSAPI");
        refused("u:s3cr@h/d#x", "%23");
        refused("u:%ff@h/d", "UTF-8");
    }
}
