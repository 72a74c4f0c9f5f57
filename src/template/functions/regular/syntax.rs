//! The syntax of Go's regular expressions, written in that of Rust's engine.
//!
//! Invariant: what Go refuses is not written, and what is written means the same.

/// The most repetitions that Go counts, those of a group within those of another multiplied.
const REPETITIONS: u32 = 1000;

/// Writes a pattern of Go's in the syntax of Rust's engine; none for what Go refuses.
pub(super) fn translate(pattern: &str) -> Option<String> {
    let mut written = String::new();
    let mut rest = pattern;
    // Whether the last that was written can't be repeated once more, as `a*` can't.
    let mut repeated = false;
    // How often what was last written, and the largest part of each open group, is counted out.
    let (mut last, mut groups) = (1, vec![1]);
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        let was_repeated = std::mem::take(&mut repeated);
        let counted_out = std::mem::replace(&mut last, 1);
        rest = match first {
            '\\' if after.starts_with('Q') => {
                let quoted = &after[1..];
                let (quoted, after) = quoted.split_once("\\E").unwrap_or((quoted, ""));
                written.push_str(&regex::escape(quoted));
                after
            }
            '\\' => escape(after, &mut written)?,
            '[' => class(after, &mut written)?,
            '(' => {
                groups.push(1);
                group(after, &mut written)?
            }
            ')' => {
                last = groups.pop()?;
                written.push(')');
                after
            }
            '*' | '+' | '?' => {
                if was_repeated {
                    return None;
                }
                (repeated, last) = (true, counted_out);
                written.push(first);
                lazy(after, &mut written)
            }
            '{' => match counted(after) {
                Some((count, after)) => {
                    last = counted_out * most(count)?.max(1);
                    if was_repeated || last > REPETITIONS {
                        return None;
                    }
                    repeated = true;
                    written.push('{');
                    written.push_str(count);
                    written.push('}');
                    lazy(after, &mut written)
                }
                None => {
                    written.push_str("\\{");
                    after
                }
            },
            '}' | ']' => {
                written.push('\\');
                written.push(first);
                after
            }
            other => {
                written.push(other);
                after
            }
        };
        let largest = groups.last_mut()?;
        *largest = last.max(*largest);
    }
    Some(written)
}

/// Takes the `?` that makes a repetition take as little as it can.
fn lazy<'a>(rest: &'a str, written: &mut String) -> &'a str {
    match rest.strip_prefix('?') {
        Some(after) => {
            written.push('?');
            after
        }
        None => rest,
    }
}

/// The inside of `{n}`, `{n,}` or `{n,m}`, and what follows it.
pub(super) fn counted(rest: &str) -> Option<(&str, &str)> {
    let (count, after) = rest.split_once('}')?;
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = match count.split_once(',') {
        Some((least, most)) => digits(least) && (most.is_empty() || digits(most)),
        None => digits(count),
    };
    valid.then_some((count, after))
}

/// The most repetitions that a count stands for, if each of its numbers is one that Go counts to.
fn most(count: &str) -> Option<u32> {
    let bounds = count.split(',').filter(|bound| !bound.is_empty());
    let bounds = bounds.map(|bound| bound.parse().ok().filter(|bound| *bound <= REPETITIONS));
    bounds.collect::<Option<Vec<u32>>>()?.into_iter().max()
}

/// What follows `(`: flags that Go doesn't know are refused.
fn group<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    written.push('(');
    let Some(marked) = rest.strip_prefix('?') else {
        return Some(rest);
    };
    if marked.starts_with("P<") || marked.starts_with('<') {
        return Some(rest);
    }
    let flags = marked.find([':', ')'])?;
    let known = marked[..flags]
        .chars()
        .all(|flag| matches!(flag, 'i' | 'm' | 's' | 'U' | '-'));
    known.then_some(rest)
}

/// What follows a backslash outside of brackets.
fn escape<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    let first = rest.chars().next()?;
    let after = &rest[first.len_utf8()..];
    if let Some(class) = word_class(first) {
        written.push('[');
        written.push_str(class);
        written.push(']');
        return Some(after);
    }
    // Go's words are ASCII.
    let assertion = match first {
        'b' => "(?-u:\\b)",
        'B' => "(?-u:\\B)",
        'A' => "\\A",
        'z' => "\\z",
        'p' | 'P' => return unicode_class(rest, written),
        _ => {
            let (character, after) = escaped(rest)?;
            written.push_str(&regex::escape(character.encode_utf8(&mut [0; 4])));
            return Some(after);
        }
    };
    written.push_str(assertion);
    Some(after)
}

/// The inside of the brackets that a letter after a backslash stands for: Go's classes are ASCII.
fn word_class(letter: char) -> Option<&'static str> {
    Some(match letter {
        'd' => "0-9",
        'D' => "^0-9",
        's' => "\\t\\n\\x0c\\r ",
        'S' => "^\\t\\n\\x0c\\r ",
        'w' => "0-9A-Za-z_",
        'W' => "^0-9A-Za-z_",
        _ => return None,
    })
}

/// `pL`, `p{Greek}` or `p{^Greek}`, or the same with `P`.
fn unicode_class<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    let inside = rest.get(1..)?;
    let (name, after) = match inside.strip_prefix('{') {
        Some(braced) => braced.split_once('}')?,
        None => inside.split_at_checked(inside.chars().next()?.len_utf8())?,
    };
    let (name, is_negated) = match name.strip_prefix('^') {
        Some(name) => (name, rest.starts_with('p')),
        None => (name, rest.starts_with('P')),
    };
    // Rust's engine knows more forms of names.
    let is_name = name.starts_with(|it: char| it.is_ascii_uppercase())
        && name.chars().all(|it| it.is_ascii_alphabetic() || it == '_');
    let letter = if is_negated { 'P' } else { 'p' };
    written.push_str(&format!("\\{letter}{{{name}}}"));
    is_name.then_some(after)
}

/// The one character that an escape stands for.
fn escaped(rest: &str) -> Option<(char, &str)> {
    let first = rest.chars().next()?;
    let after = &rest[first.len_utf8()..];
    let character = match first {
        'a' => '\x07',
        'f' => '\x0c',
        'n' => '\n',
        'r' => '\r',
        't' => '\t',
        'v' => '\x0b',
        'x' => return hexadecimal(after),
        '0'..='7' => return octal(rest),
        other if other.is_ascii() && !other.is_ascii_alphanumeric() => other,
        _ => return None,
    };
    Some((character, after))
}

/// A character by its number in base sixteen: two digits, or any in braces.
fn hexadecimal(rest: &str) -> Option<(char, &str)> {
    let (digits, after) = match rest.strip_prefix('{') {
        Some(braced) => braced.split_once('}')?,
        None => rest.split_at_checked(2)?,
    };
    let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    let code = u32::from_str_radix(digits, 16).ok().filter(|_| is_number)?;
    Some((char::from_u32(code)?, after))
}

/// A character by its number in base eight: up to three digits after a zero, three otherwise.
fn octal(rest: &str) -> Option<(char, &str)> {
    let digits = rest.bytes().take(3);
    let digits = digits
        .take_while(|byte| matches!(byte, b'0'..=b'7'))
        .count();
    if !rest.starts_with('0') && digits < 2 {
        return None;
    }
    let (digits, after) = rest.split_at(digits);
    let code = u32::from_str_radix(digits, 8).ok()?;
    Some((char::from_u32(code)?, after))
}

/// The names between `[:` and `:]`, but for a `^` in front.
const NAMED: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// What follows `[`, up to its end.
fn class<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    written.push('[');
    let mut rest = match rest.strip_prefix('^') {
        Some(after) => {
            written.push('^');
            after
        }
        None => rest,
    };
    let mut is_first = true;
    loop {
        let escape = rest
            .strip_prefix('\\')
            .and_then(|after| after.chars().next());
        rest = if let Some(after) = rest.strip_prefix(']').filter(|_| !is_first) {
            written.push(']');
            return Some(after);
        } else if let Some((name, after)) = rest
            .strip_prefix("[:")
            .and_then(|after| after.split_once(":]"))
        {
            written.push_str(&format!("[:{name}:]"));
            let name = name.strip_prefix('^').unwrap_or(name);
            NAMED.contains(&name).then_some(after)?
        } else if let Some(class) = escape.and_then(word_class) {
            written.push_str(&format!("[{class}]"));
            &rest[2..]
        } else if matches!(escape, Some('p' | 'P')) {
            unicode_class(&rest[1..], written)?
        } else {
            range(rest, written)?
        };
        is_first = false;
    }
}

/// A character of a class, or a range from one to another.
fn range<'a>(rest: &'a str, written: &mut String) -> Option<&'a str> {
    fn character(rest: &str) -> Option<(char, &str)> {
        match rest.strip_prefix('\\') {
            Some(after) => escaped(after),
            None => {
                let first = rest.chars().next()?;
                Some((first, &rest[first.len_utf8()..]))
            }
        }
    }
    let (low, after) = character(rest)?;
    let is_range = after.starts_with('-') && after.len() > 1 && !after.starts_with("-]");
    let (high, after) = if is_range {
        character(&after[1..])?
    } else {
        (low, after)
    };
    written.push_str(&format!(
        "\\x{{{:x}}}-\\x{{{:x}}}",
        u32::from(low),
        u32::from(high)
    ));
    Some(after)
}
