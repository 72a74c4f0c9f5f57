//! Reads lines of which none can fill the memory.
//!
//! A line beyond the bound is passed over to its end and told apart, so that the lines after it are
//! still read.

use std::io;

use tokio::io::{AsyncBufRead, AsyncBufReadExt as _};

/// A line of input.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Line {
    /// Its bytes, without the line feed.
    Whole(Vec<u8>),
    /// One beyond the bound.
    TooLong,
}

/// Reads the next line; none at the end.
pub(crate) async fn next(
    input: &mut (impl AsyncBufRead + Unpin),
    bound: usize,
) -> io::Result<Option<Line>> {
    let mut line = Vec::new();
    let mut too_long = false;
    let mut begun = false;
    loop {
        let chunk = input.fill_buf().await?;
        if chunk.is_empty() {
            break;
        }
        begun = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let part = chunk.get(..end.unwrap_or(chunk.len())).unwrap_or_default();
        too_long |= line.len() + part.len() > bound;
        if !too_long {
            line.extend_from_slice(part);
        }
        let consumed = part.len() + usize::from(end.is_some());
        input.consume(consumed);
        if end.is_some() {
            break;
        }
    }
    Ok(match (begun, too_long) {
        (false, _) => None,
        (true, true) => Some(Line::TooLong),
        (true, false) => Some(Line::Whole(line)),
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::BufReader;

    use super::*;

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
