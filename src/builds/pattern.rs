//! Regular expressions as the server reads them.
//!
//! Its dialect is that of RE2, which differs from ours in two ways that matter: its classes of
//! digits, letters and spaces are those of ASCII, and inside brackets only a few characters are
//! special. What can't be carried over for certain is not compiled at all.

use regex::Regex;

/// Compiles an expression; none when it can't be read as the server reads it.
pub(crate) fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(&translate(pattern)?).ok()
}

fn translate(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut rest = pattern.chars();
    let mut in_class = false;
    while let Some(character) = rest.next() {
        match character {
            '\\' => text.push_str(&escape(rest.next()?, in_class)?),
            '[' if !in_class => {
                in_class = true;
                text.push('[');
                if let Some(after) = rest.as_str().strip_prefix('^') {
                    rest = after.chars();
                    text.push('^');
                }
                // A bracket in first place stands for itself.
                if let Some(after) = rest.as_str().strip_prefix(']') {
                    rest = after.chars();
                    text.push_str("\\]");
                }
            }
            '[' => match named_class(rest.as_str()) {
                NamedClass::None => text.push_str("\\["),
                NamedClass::Unknown => return None,
                NamedClass::Known { name, after } => {
                    text.push_str(&format!("[:{name}:]"));
                    rest = after.chars();
                }
            },
            ']' if in_class => {
                in_class = false;
                text.push(']');
            }
            // Set operations, which the server doesn't know.
            '&' | '~' if in_class => {
                text.push('\\');
                text.push(character);
            }
            '-' if in_class && rest.as_str().starts_with('-') => return None,
            _ => text.push(character),
        }
    }
    (!in_class).then_some(text)
}

/// What follows a bracket inside a class.
enum NamedClass<'a> {
    /// Something that makes the bracket stand for itself.
    None,
    /// A named class that neither dialect has.
    Unknown,
    /// A named class such as `[:alpha:]`, whose names both dialects share.
    Known { name: &'a str, after: &'a str },
}

fn named_class(rest: &str) -> NamedClass<'_> {
    let Some((name, after)) = rest
        .strip_prefix(':')
        .and_then(|rest| rest.split_once(":]"))
    else {
        return NamedClass::None;
    };
    match name.strip_prefix('^').unwrap_or(name) {
        "alnum" | "alpha" | "ascii" | "blank" | "cntrl" | "digit" | "graph" | "lower" | "print"
        | "punct" | "space" | "upper" | "word" | "xdigit" => NamedClass::Known { name, after },
        _ => NamedClass::Unknown,
    }
}

/// What an escaped character means.
fn escape(character: char, in_class: bool) -> Option<String> {
    let class = match character {
        'd' | 'D' => "0-9",
        'w' | 'W' => "0-9A-Za-z_",
        's' | 'S' => "\\t\\n\\x0C\\r ",
        'b' if !in_class => return Some("(?-u:\\b)".to_owned()),
        // Ours only, or theirs only.
        'B' | 'C' | 'Q' | 'E' | '<' | '>' | 'u' | 'U' | 'h' | 'H' | 'R' => return None,
        other => return Some(format!("\\{other}")),
    };
    let negated = if character.is_ascii_uppercase() {
        "^"
    } else {
        ""
    };
    Some(format!("[{negated}{class}]"))
}
