//! Functions that encode and decode text.

use data_encoding::{BASE64, Encoding, Specification};

use super::Call;
use super::signature::{ANY, Function, RETURNS_ANY, RETURNS_TEXT, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value, parse_json, to_json};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new(
        "base64decode",
        &[TEXT],
        RETURNS_TEXT,
        |call| match String::from_utf8(decode(call.text(0)?)?) {
            Ok(text) => Ok(text.into()),
            Err(_) => Err(Failure::refused("what is encoded is no text in UTF-8")),
        },
    ),
    Function::new("base64encode", &[TEXT], RETURNS_TEXT, |call| {
        Ok(BASE64.encode(call.text(0)?.as_bytes()).into())
    }),
    Function::new("csvdecode", &[TEXT], RETURNS_ANY, csv),
    Function::new("jsondecode", &[TEXT], RETURNS_ANY, |call| {
        parse_json(call.text(0)?)
    }),
    Function::new(
        "jsonencode",
        &[ANY.nullable().untyped()],
        RETURNS_TEXT,
        |call| Ok(to_json(call.argument(0)?)?.into()),
    ),
    Function::new("textdecodebase64", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let charset = Charset::named(call.text(1)?)?;
        Ok(charset.decode(&decode(call.text(0)?)?)?.into())
    }),
    Function::new("textencodebase64", &[TEXT, TEXT], RETURNS_TEXT, |call| {
        let charset = Charset::named(call.text(1)?)?;
        Ok(BASE64.encode(&charset.encode(call.text(0)?)?).into())
    }),
    Function::new("urlencode", &[TEXT], RETURNS_TEXT, |call| {
        let text = call.text(0)?;
        call.afford(text.len().saturating_mul(3))?;
        Ok(text.bytes().map(url_byte).collect::<String>().into())
    }),
];

/// The bytes of a text in base 64; line breaks in it don't count.
pub(super) fn decode(text: &str) -> Result<Vec<u8>, Failure> {
    let broken = || Failure::refused("the text is not in base 64");
    let mut specification: Specification = BASE64.specification();
    specification.ignore.push_str("\r\n");
    // Go doesn't mind what the bits are that no byte needs.
    specification.check_trailing_bits = false;
    let encoding: Encoding = specification.encoding().map_err(|_| broken())?;
    encoding.decode(text.as_bytes()).map_err(|_| broken())
}

fn url_byte(byte: u8) -> String {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
            char::from(byte).to_string()
        }
        b' ' => String::from("+"),
        other => format!("%{other:02X}"),
    }
}

/// The character sets that are supported, of the many that Terraform knows by their IANA names.
#[derive(Clone, Copy)]
enum Charset {
    Utf8,
    Utf16 { big: bool, marked: bool },
    Latin1,
    Ascii,
}

impl Charset {
    fn named(name: &str) -> Result<Self, Failure> {
        match name.to_ascii_uppercase().as_str() {
            "UTF-8" => Ok(Self::Utf8),
            "UTF-16" => Ok(Self::Utf16 {
                big: true,
                marked: true,
            }),
            "UTF-16BE" => Ok(Self::Utf16 {
                big: true,
                marked: false,
            }),
            "UTF-16LE" => Ok(Self::Utf16 {
                big: false,
                marked: false,
            }),
            "ISO-8859-1" | "ISO_8859-1" | "LATIN1" | "L1" => Ok(Self::Latin1),
            "US-ASCII" | "ASCII" => Ok(Self::Ascii),
            known if OTHERS.iter().any(|prefix| known.starts_with(prefix)) => {
                Err(Failure::unsupported(format!("the character set {known}")))
            }
            _ => Err(Failure::refused("there is no such character set")),
        }
    }

    fn encode(self, text: &str) -> Result<Vec<u8>, Failure> {
        let narrow = |last: u32| {
            text.chars()
                .map(|character| {
                    u8::try_from(u32::from(character))
                        .ok()
                        .filter(|byte| u32::from(*byte) <= last)
                })
                .collect::<Option<Vec<_>>>()
                .ok_or_else(|| Failure::refused("the character set lacks a character"))
        };
        match self {
            Self::Utf8 => Ok(text.as_bytes().to_vec()),
            Self::Latin1 => narrow(0xff),
            Self::Ascii => narrow(0x7f),
            Self::Utf16 { big, marked } => {
                let mark = marked.then_some(0xfeff);
                let units = mark.into_iter().chain(text.encode_utf16());
                Ok(units
                    .flat_map(|unit| {
                        if big {
                            unit.to_be_bytes()
                        } else {
                            unit.to_le_bytes()
                        }
                    })
                    .collect())
            }
        }
    }

    fn decode(self, bytes: &[u8]) -> Result<String, Failure> {
        let broken = || Failure::refused("what is encoded is no text of that character set");
        match self {
            Self::Utf8 => String::from_utf8(bytes.to_vec()).map_err(|_| broken()),
            Self::Latin1 => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii if bytes.is_ascii() => Ok(bytes.iter().copied().map(char::from).collect()),
            Self::Ascii => Err(broken()),
            Self::Utf16 { big, marked } => {
                let mut units: Vec<u16> = bytes
                    .chunks(2)
                    .map(|pair| match *pair {
                        [first, second] if big => Ok(u16::from_be_bytes([first, second])),
                        [first, second] => Ok(u16::from_le_bytes([first, second])),
                        _ => Err(broken()),
                    })
                    .collect::<Result<_, _>>()?;
                if marked && units.first() == Some(&0xfffe) {
                    units = units.into_iter().map(u16::swap_bytes).collect();
                }
                if marked && units.first() == Some(&0xfeff) {
                    units.remove(0);
                }
                String::from_utf16(&units).map_err(|_| broken())
            }
        }
    }
}

/// How the names of the other character sets start that Terraform knows.
const OTHERS: [&str; 14] = [
    "ISO-8859",
    "ISO8859",
    "ISO_8859",
    "WINDOWS-",
    "KOI8",
    "IBM",
    "CP",
    "MACINTOSH",
    "GB",
    "BIG5",
    "EUC-",
    "SHIFT_JIS",
    "ISO-2022",
    "HZ-GB",
];

/// Rows as objects, the first row naming the attributes.
fn csv(call: &Call<'_>) -> Result<Value, Failure> {
    let mut rows = rows(call.text(0)?)?.into_iter();
    let names = rows
        .next()
        .ok_or_else(|| Failure::refused("the header line is missing"))?;
    for (index, name) in names.iter().enumerate() {
        if names.iter().take(index).any(|other| other == name) {
            return Err(Failure::refused("two columns have one name"));
        }
    }
    call.budget
        .spend((names.len() as u64).saturating_mul(names.len() as u64))?;
    let mut items = Vec::new();
    for row in rows {
        if row.len() != names.len() {
            return Err(Failure::refused(
                "a line has more or fewer values than the header",
            ));
        }
        call.budget.spend(row.len() as u64)?;
        let attributes = names
            .iter()
            .zip(row)
            .map(|(name, value)| (name.as_str(), value.into()));
        items.push(Value::object(attributes));
    }
    let attributes = names
        .iter()
        .map(|name| (name.as_str(), Value::Unknown(Type::String)));
    Value::list(&Value::object(attributes).type_of(), items)
}

/// Reads lines of values; empty lines don't count.
fn rows(text: &str) -> Result<Vec<Vec<String>>, Failure> {
    let broken = || Failure::refused("a quotation mark stands where none can");
    let text = text.replace("\r\n", "\n");
    let mut rows = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        if let Some(after) = rest.strip_prefix('\n') {
            rest = after;
            continue;
        }
        let mut row = Vec::new();
        loop {
            let (value, after) = match rest.strip_prefix('"') {
                Some(quoted) => quoted_value(quoted).ok_or_else(broken)?,
                None => {
                    let end = rest.find([',', '\n']).unwrap_or(rest.len());
                    let value = &rest[..end];
                    if value.contains('"') {
                        return Err(broken());
                    }
                    (value.to_owned(), &rest[end..])
                }
            };
            row.push(value);
            if let Some(after) = after.strip_prefix(',') {
                rest = after;
                continue;
            }
            rest = match after.strip_prefix('\n') {
                Some(after) => after,
                None if after.is_empty() => after,
                None => return Err(broken()),
            };
            break;
        }
        rows.push(row);
    }
    Ok(rows)
}

/// The value up to its closing quotation mark, and what follows.
fn quoted_value(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut rest = text;
    loop {
        let end = rest.find('"')?;
        value.push_str(&rest[..end]);
        rest = &rest[end + 1..];
        match rest.strip_prefix('"') {
            Some(after) => {
                value.push('"');
                rest = after;
            }
            None => return Some((value, rest)),
        }
    }
}
