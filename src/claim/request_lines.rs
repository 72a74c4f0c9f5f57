//! The lines that a batch reads: requests, as JSON.
//!
//! No line can fill the memory. One beyond the bound is skipped to its end, so that the lines after
//! it are still read, unless it has none; one that is not a request is answered like one, with its key if it has one.

use std::collections::BTreeMap;

use std::io;

use serde::Deserialize;
use serde_json::Value;
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

use crate::claim::answer_lines::AnswerLine;
use crate::claim::request::check_name;

/// Longest line, in bytes: a request is a few hundred.
pub(super) const MAX_LINE: usize = 16 * 1024;

/// Most bytes to skip for the end of a line: what has more is no file of requests, such as a device.
const MAX_SKIPPED: usize = 64 << 20;

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line {
    /// Its bytes, without the line feed.
    Whole(Vec<u8>),
    /// One beyond the bound.
    TooLong,
}

/// A request as it is read.
#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RequestLine {
    pub preset: String,
    pub user: String,
    pub name: String,
    #[serde(default)]
    pub key: Option<String>,
    #[serde(default)]
    pub parameters: BTreeMap<String, String>,
}

/// Reads a request.
///
/// # Errors
/// The answer to a line that is not a request. Its key counts as not used: the line can be sent
/// again.
pub(super) fn parse(line: &Line) -> Result<RequestLine, AnswerLine> {
    let Line::Whole(line) = line else {
        let problem = format!("the line is longer than {MAX_LINE} bytes");
        return Err(AnswerLine::error(None, problem));
    };
    let key = || {
        let value: Value = serde_json::from_slice(line).ok()?;
        Some(value.get("key")?.as_str()?.to_owned())
    };
    let refused = |problem: String| AnswerLine::error(key(), problem);
    // A list of values would be read as the fields in their order.
    if !line.trim_ascii_start().starts_with(b"{") {
        return Err(refused("not a request: not a JSON object".to_owned()));
    }
    let request: RequestLine =
        serde_json::from_slice(line).map_err(|error| refused(format!("not a request: {error}")))?;
    check_name(&request.name).map_err(refused)?;
    Ok(request)
}

/// Reads the next line of at most `bound` bytes; none at the end.
pub(super) async fn next(
    input: &mut (impl AsyncBufRead + Unpin),
    bound: usize,
) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    // A byte more, for the line feed.
    let mut start = (&mut *input).take(bound as u64 + 1);
    start.read_until(b'\n', &mut line).await?;
    if line.ends_with(b"\n") {
        line.pop();
        return Ok(Some(Line::Whole(line)));
    }
    if line.len() <= bound {
        return Ok((!line.is_empty()).then_some(Line::Whole(line)));
    }
    let mut skipped = line.len();
    while skipped <= MAX_SKIPPED {
        let chunk = input.fill_buf().await?;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(chunk.len(), |end| end + 1);
        input.consume(length);
        if end.is_some() || length == 0 {
            return Ok(Some(Line::TooLong));
        }
        skipped += length;
    }
    let problem = format!("a line has no end within {} MiB", MAX_SKIPPED >> 20);
    Err(io::Error::new(io::ErrorKind::FileTooLarge, problem))
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;
    use crate::model::testing::parse_mutated;

    fn lines(input: &[u8], bound: usize, buffer: usize) -> Vec<Line> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        runtime.block_on(async {
            let mut input = BufReader::with_capacity(buffer, input);
            let mut lines = Vec::new();
            while let Some(line) = next(&mut input, bound).await.unwrap() {
                lines.push(line);
            }
            lines
        })
    }

    fn problem(line: &str) -> (Option<String>, Value) {
        let answer = parse(&Line::Whole(line.as_bytes().to_vec())).unwrap_err();
        let message = serde_json::to_value(&answer).unwrap()["message"].take();
        (answer.key, message)
    }

    #[test]
    fn a_line_that_is_not_a_request_is_answered_with_its_key() {
        let refused = |line, key: Option<&str>, message: &str| {
            let (given, problem) = problem(line);
            assert_eq!(given.as_deref(), key, "{line}");
            let text = problem.as_str().unwrap();
            assert!(text.starts_with("not a request: "), "{text}");
            assert!(text.contains(message), "{text}");
        };
        let key = Some("k");
        refused(r#"["small","ada","a"]"#, None, "not a JSON object");
        refused(r#""small""#, None, "not a JSON object");
        refused(r#"{"key":"k","nome":1}"#, key, "unknown field `nome`");
        refused(r#"{"key":"k","user":"ada"}"#, key, "missing field `preset`");
        refused(
            r#"{"key":"k","preset":"p","user":7,"name":"a"}"#,
            key,
            "expected a string at line 1 column 32",
        );
        refused(
            r#"{"key":7,"preset":"p","user":"ada","name":"a"}"#,
            None,
            "expected a string",
        );
        refused(
            r#"{"preset":"p","user":"ada","user":"eve","name":"a"}"#,
            None,
            "duplicate field `user`",
        );
        refused("{", None, "EOF");
    }

    #[test]
    fn a_key_is_optional_and_may_be_null() {
        for key in ["", r#","key":null"#] {
            let line = format!(r#"{{"preset":"p","user":"ada","name":"a"{key}}}"#);
            assert_eq!(parse(&Line::Whole(line.into_bytes())).unwrap().key, None);
        }
    }

    #[test]
    fn requests_that_are_changed_at_random_do_no_harm() {
        let request =
            br#"{"preset":"a/b/c","user":"ada","name":"box","key":"k","parameters":{"p":"v"}}"#;
        parse_mutated(&[request, b"\n\n", b"[1]"], |input| {
            for line in lines(input, 100, 7) {
                let _parsed = parse(&line);
            }
        });
    }

    #[test]
    fn lines_are_bounded_and_the_next_one_is_found() {
        let whole = |text: &str| Line::Whole(text.as_bytes().to_vec());
        for buffer in [1, 2, 3, 7, 100] {
            assert_eq!(
                lines(b"abc\n\nabcd\nab", 3, buffer),
                [whole("abc"), whole(""), Line::TooLong, whole("ab")]
            );
            assert_eq!(lines(b"abcdefgh", 3, buffer), [Line::TooLong]);
            assert_eq!(lines(b"", 3, buffer), []);
            assert_eq!(lines(b"\n", 3, buffer), [whole("")]);
        }
    }
}
