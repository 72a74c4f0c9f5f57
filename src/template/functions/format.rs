//! `format` and `formatlist`.

use unicode_segmentation::UnicodeSegmentation;

use super::Call;
use super::signature::{ANY, Function, RETURNS_TEXT, RETURNS_TEXTS, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, convert, to_json};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("format", &[TEXT], RETURNS_TEXT, |call| {
        let arguments = call.arguments.get(1..).unwrap_or_default();
        Ok(format(call, call.text(0)?, arguments)?.into())
    })
    .rest(ANY.nullable()),
    Function::new("formatlist", &[TEXT], RETURNS_TEXTS, format_list).rest(ANY.nullable()),
];

/// Formats once for each element of the lists among the arguments, which must be equally long.
fn format_list(call: &Call<'_>) -> Result<Value, Failure> {
    let template = call.text(0)?;
    let arguments = call.arguments.get(1..).unwrap_or_default();
    let list = |value: &Value| match value {
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => Some(items.clone()),
        _ => None,
    };
    let mut length = None;
    for items in arguments.iter().filter_map(list) {
        if *length.get_or_insert(items.len()) != items.len() {
            return Err(Failure::refused("the lists are not equally long"));
        }
    }
    let null_list = |value: &Value| {
        matches!(
            value,
            Value::Null(Type::List(_) | Type::Set(_) | Type::Tuple(_))
        )
    };
    if arguments.iter().any(null_list) {
        return Err(Failure::refused("a list is null"));
    }
    let mut texts = Vec::new();
    for index in 0..length.unwrap_or(1) {
        let each = arguments.iter().map(|value| match list(value) {
            Some(items) => items.get(index).cloned().unwrap_or(Value::null()),
            None => value.clone(),
        });
        texts.push(Value::text(format(
            call,
            template,
            &each.collect::<Vec<_>>(),
        )?));
    }
    Ok(Value::List(Type::String, texts.into()))
}

/// The widest and most exact that a verb may ask for; Go's own bound for most of them.
const MAX_WIDTH: usize = 10_000;

/// One `%...` of a template.
#[derive(Default)]
struct Verb {
    sharp: bool,
    zero: bool,
    space: bool,
    plus: bool,
    minus: bool,
    width: Option<usize>,
    precision: Option<u16>,
    letter: char,
}

fn format(call: &Call<'_>, template: &str, arguments: &[Value]) -> Result<String, Failure> {
    let mut text = String::new();
    let mut rest = template;
    let (mut next, mut used) = (0, 0);
    while let Some(at) = rest.find('%') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let (verb, index, after) = read(rest)?;
        rest = after;
        next = index.unwrap_or(next);
        let argument = arguments
            .get(next)
            .ok_or_else(|| Failure::refused(format!("there is no argument {}", next + 1)))?;
        next += 1;
        used = used.max(next);
        let written = write(&verb, argument)?;
        call.afford(written.len().max(verb.width.unwrap_or(0)) + 32)?;
        text.push_str(&written);
    }
    if used < arguments.len() {
        return Err(Failure::refused(
            "there are more arguments than the format takes",
        ));
    }
    text.push_str(rest);
    Ok(text)
}

/// Reads what follows `%`: the verb, the place of its argument if it says so, and the rest.
fn read(text: &str) -> Result<(Verb, Option<usize>, &str), Failure> {
    let broken = || Failure::refused("the format has a `%` without a verb");
    let mut verb = Verb::default();
    let mut rest = text;
    loop {
        let flag = match rest.chars().next() {
            Some('#') => &mut verb.sharp,
            Some('0') => &mut verb.zero,
            Some(' ') => &mut verb.space,
            Some('+') => &mut verb.plus,
            Some('-') => &mut verb.minus,
            _ => break,
        };
        *flag = true;
        rest = &rest[1..];
    }
    let number = |text: &str| -> Result<(Option<usize>, usize), Failure> {
        let length = text.bytes().take_while(u8::is_ascii_digit).count();
        let number = match &text[..length] {
            "" => None,
            digits => Some(
                digits
                    .parse()
                    .ok()
                    .filter(|number| *number <= MAX_WIDTH)
                    .ok_or_else(|| {
                        Failure::bound("the format asks for too much width or precision")
                    })?,
            ),
        };
        Ok((number, length))
    };
    let (width, length) = number(rest)?;
    verb.width = width;
    rest = &rest[length..];
    if let Some(after) = rest.strip_prefix('.') {
        let (precision, length) = number(after)?;
        verb.precision = Some(u16::try_from(precision.unwrap_or(0)).unwrap_or(u16::MAX));
        rest = &after[length..];
        if precision.is_none() && rest.starts_with(['s', 'q', 'v']) {
            verb.precision = None;
        }
    }
    let mut index = None;
    if let Some(after) = rest.strip_prefix('[') {
        let (digits, after) = after.split_once(']').ok_or_else(broken)?;
        let place: usize = digits.parse().map_err(|_| broken())?;
        index = Some(place.checked_sub(1).ok_or_else(broken)?);
        rest = after;
    }
    verb.letter = rest.chars().next().ok_or_else(broken)?;
    rest = &rest[verb.letter.len_utf8()..];
    Ok((verb, index, rest))
}

fn write(verb: &Verb, argument: &Value) -> Result<String, Failure> {
    let null = argument.is_null();
    if null && verb.letter != 'v' {
        return Err(Failure::refused("an argument is null"));
    }
    match verb.letter {
        'v' if verb.sharp => Ok(verb.pad(to_json(argument)?)),
        'v' => match argument {
            Value::String(text) => Ok(verb.pad(text.to_string())),
            // The sign is a digit like any other, and `+` asks for none.
            Value::Number(number) => Ok(verb.pad(number.to_shortest_general())),
            Value::Bool(value) => Ok(verb.pad(value.to_string())),
            Value::Null(_) => Ok(verb.pad(String::from("null"))),
            other => Ok(verb.pad(to_json(other)?)),
        },
        't' => match convert(argument, &Type::Bool)? {
            Value::Bool(value) => Ok(value.to_string()),
            _ => Err(Failure::refused("an argument is no bool")),
        },
        'b' | 'd' | 'o' | 'x' | 'X' => verb.integer(argument),
        'e' | 'E' | 'f' | 'g' | 'G' => {
            let Value::Number(number) = convert(argument, &Type::Number)? else {
                return Err(Failure::refused("an argument is no number"));
            };
            let written = match (verb.letter, verb.precision) {
                ('e' | 'E', precision) => number.to_scientific(precision.unwrap_or(6)),
                ('f', precision) => number.to_fixed(precision.unwrap_or(6)),
                (_, Some(precision)) => number.to_general(precision),
                (_, None) => number.to_shortest_general(),
            };
            Ok(if number.is_infinite() {
                verb.infinity(&written)
            } else if verb.letter.is_ascii_uppercase() {
                verb.float(&written.to_uppercase())
            } else {
                verb.float(&written)
            })
        }
        's' | 'q' => {
            let Value::String(text) = convert(argument, &Type::String)? else {
                return Err(Failure::refused("an argument is no text"));
            };
            let text = match verb.precision {
                Some(count) => text.graphemes(true).take(count.into()).collect(),
                None => text.to_string(),
            };
            Ok(verb.pad(match verb.letter {
                'q' => to_json(&text.into())?,
                _ => text,
            }))
        }
        other => Err(Failure::refused(format!("there is no verb `%{other}`"))),
    }
}

impl Verb {
    /// Fills up to the width, on the left unless `-` says otherwise.
    fn pad(&self, text: String) -> String {
        let length = text.graphemes(true).count();
        let missing = self.width.unwrap_or(0).saturating_sub(length);
        let fill = if self.zero { "0" } else { " " }.repeat(missing);
        if self.minus {
            text + &fill
        } else {
            fill + &text
        }
    }

    /// A number that may have a fraction: zeros are filled in after its sign, whatever `-` says.
    fn float(&self, written: &str) -> String {
        let (negative, digits) = match written.strip_prefix('-') {
            Some(digits) => (true, digits),
            None => (false, written),
        };
        let minus = self.minus && !self.zero;
        Self { minus, ..*self }.signed(negative, "", digits)
    }

    /// Infinity: it has a sign even without `+`, unless a space stands for it, and no zeros.
    fn infinity(&self, written: &str) -> String {
        let plain = Self {
            zero: false,
            plus: !self.space,
            ..*self
        };
        plain.float(written.trim_start_matches('+'))
    }

    fn signed(&self, negative: bool, prefix: &str, digits: &str) -> String {
        let sign = match (negative, self.plus, self.space) {
            (true, ..) => "-",
            (_, true, _) => "+",
            (_, _, true) => " ",
            _ => "",
        };
        let taken = sign.len() + prefix.len() + digits.len();
        let missing = self.width.unwrap_or(0).saturating_sub(taken);
        match (self.minus, self.zero) {
            (true, _) => format!("{sign}{prefix}{digits}{}", " ".repeat(missing)),
            (_, true) => format!("{sign}{prefix}{}{digits}", "0".repeat(missing)),
            _ => format!("{}{sign}{prefix}{digits}", " ".repeat(missing)),
        }
    }

    fn integer(&self, argument: &Value) -> Result<String, Failure> {
        let Value::Number(number) = convert(argument, &Type::Number)? else {
            return Err(Failure::refused("an argument is no number"));
        };
        let integer = number
            .to_integer()
            .ok_or_else(|| Failure::refused("an argument is no whole number"))?;
        let (radix, prefix) = match self.letter {
            'b' => (2, "0b"),
            'o' => (8, "0"),
            'x' => (16, "0x"),
            'X' => (16, "0X"),
            _ => (10, ""),
        };
        let mut digits = integer.magnitude().to_str_radix(radix);
        if self.letter == 'X' {
            digits.make_ascii_uppercase();
        }
        let least = self.precision.map_or(0, usize::from);
        digits.insert_str(0, &"0".repeat(least.saturating_sub(digits.len())));
        let plain = Self {
            zero: self.zero && self.precision.is_none(),
            ..*self
        };
        let prefix = if self.sharp { prefix } else { "" };
        Ok(plain.signed(number.is_negative(), prefix, &digits))
    }
}
