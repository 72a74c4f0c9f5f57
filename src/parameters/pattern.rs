//! Regular expressions as the server reads them.
//!
//! Its dialect is that of RE2, which differs from ours in two ways that matter: its classes of
//! digits, letters and spaces are those of ASCII, and inside brackets only a few characters are
//! special. What can't be carried over for certain is not compiled at all.

use regex::Regex;

/// Compiles an expression; none when it can't be read as the server reads it.
pub(super) fn compile(pattern: &str) -> Option<Regex> {
    Regex::new(&translate(pattern)?).ok()
}

fn translate(pattern: &str) -> Option<String> {
    let mut text = String::with_capacity(pattern.len());
    let mut characters = pattern.chars().peekable();
    let mut in_class = false;
    while let Some(character) = characters.next() {
        match character {
            '\\' => text.push_str(&escape(characters.next()?, in_class)?),
            '[' if !in_class => {
                in_class = true;
                text.push('[');
                if characters.next_if_eq(&'^').is_some() {
                    text.push('^');
                }
                // A bracket in first place stands for itself.
                if characters.next_if_eq(&']').is_some() {
                    text.push_str("\\]");
                }
            }
            '[' if characters.peek() == Some(&':') => text.push('['),
            ':' if in_class && characters.next_if_eq(&']').is_some() => {
                // The end of a class such as [:alpha:], unless there was no beginning.
                if !text.contains("[:") {
                    return None;
                }
                text.push_str(":]");
            }
            '[' => text.push_str("\\["),
            ']' if in_class => {
                in_class = false;
                text.push(']');
            }
            // Set operations, which the server doesn't know.
            '&' | '~' if in_class => {
                text.push('\\');
                text.push(character);
            }
            '-' if in_class && characters.peek() == Some(&'-') => return None,
            _ => text.push(character),
        }
    }
    (!in_class).then_some(text)
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
