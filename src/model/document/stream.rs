//! Reads a snapshot without ever having all of its text.
//!
//! Nearly all of a large snapshot are rows of workspaces. They are read one by one from a window that
//! moves on, and what is left is a small document that is read as a whole. This understands whatever
//! `snapshot` writes, and nothing that [`super::read_snapshot`] would refuse. Of anything else it only
//! says that it doesn't: what is wrong is found in the whole text, by a reader that knows where it is.

use std::io::{self, Read};

use serde::de::DeserializeOwned;

use crate::model::Snapshot;

/// Bytes of the window, which grows where a row is longer.
const WINDOW: usize = 256 << 10;

/// Reads a snapshot, but none whose rows contradict each other; none: it is not understood.
pub(super) fn read(reader: impl Read) -> io::Result<Option<Snapshot>> {
    let mut window = Window::new(reader);
    let mut rest = Vec::new();
    let (mut running, mut leftovers) = (None, None);
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    while let Some(byte) = window.next()? {
        rest.push(byte);
        if in_string {
            in_string = escaped || byte != b'"';
            escaped = byte == b'\\' && !escaped;
            continue;
        }
        match byte {
            b'"' => in_string = true,
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if byte == b'[' && depth == 2 {
            let understood = match key(&rest) {
                Some(b"running") if running.is_none() => keep(&mut window, &mut running)?,
                Some(b"leftovers") if leftovers.is_none() => keep(&mut window, &mut leftovers)?,
                _ => continue,
            };
            if !understood {
                return Ok(None);
            }
            rest.push(b']');
            depth -= 1;
        }
    }
    let Ok(mut snapshot) = super::read::<Snapshot>(super::Kind::Snapshot, &rest, |_| Ok(())) else {
        return Ok(None);
    };
    if let Some(rows) = running {
        snapshot.running = rows;
    }
    if let Some(rows) = leftovers {
        snapshot.leftovers = rows;
    }
    Ok(Some(snapshot))
}

/// The key whose array has just begun at the end of the text.
fn key(text: &[u8]) -> Option<&[u8]> {
    let text = text.strip_suffix(b"[")?.trim_ascii_end();
    let text = text.strip_suffix(b":")?.trim_ascii_end();
    text.strip_suffix(b"\"")?
        .rsplit(|byte| *byte == b'"')
        .next()
}

/// Reads the rows of a list. False: they are not understood.
fn keep<T: DeserializeOwned>(
    window: &mut Window<impl Read>,
    rows: &mut Option<Vec<T>>,
) -> io::Result<bool> {
    let rows = rows.insert(Vec::new());
    loop {
        match window.next_visible()? {
            Some(b']') if rows.is_empty() => return Ok(true),
            Some(b'{') => {}
            _ => return Ok(false),
        }
        window.step_back();
        match window.row()? {
            Some(row) => rows.push(row),
            None => return Ok(false),
        }
        match window.next_visible()? {
            Some(b',') => {}
            Some(b']') => return Ok(true),
            _ => return Ok(false),
        }
    }
}

/// A part of the text.
struct Window<R> {
    reader: R,
    buffer: Vec<u8>,
    /// Where the text begins that is not read yet, and where it ends.
    start: usize,
    end: usize,
}

impl<R: Read> Window<R> {
    fn new(reader: R) -> Self {
        Self {
            reader,
            buffer: vec![0; WINDOW],
            start: 0,
            end: 0,
        }
    }

    fn text(&self) -> &[u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// Takes the next byte; none at the end.
    fn next(&mut self) -> io::Result<Option<u8>> {
        if self.start == self.end && !self.fill()? {
            return Ok(None);
        }
        let byte = self.buffer.get(self.start).copied();
        self.start += 1;
        Ok(byte)
    }

    /// Takes the next byte that is no white space.
    fn next_visible(&mut self) -> io::Result<Option<u8>> {
        loop {
            match self.next()? {
                Some(b' ' | b'\n' | b'\r' | b'\t') => {}
                byte => return Ok(byte),
            }
        }
    }

    /// Gives the byte back that was taken last.
    fn step_back(&mut self) {
        self.start = self.start.saturating_sub(1);
    }

    /// Takes an object; none if there is no such.
    fn row<T: DeserializeOwned>(&mut self) -> io::Result<Option<T>> {
        loop {
            let mut rows = serde_json::Deserializer::from_slice(self.text()).into_iter();
            match rows.next() {
                Some(Ok(row)) => {
                    self.start += rows.byte_offset();
                    return Ok(Some(row));
                }
                Some(Err(error)) if error.is_eof() && self.fill()? => {}
                _ => return Ok(None),
            }
        }
    }

    /// Reads on behind what is there, at least as much again where that is all of the window: a row is
    /// looked at anew only when twice as much of it is known. False: the text has ended.
    fn fill(&mut self) -> io::Result<bool> {
        self.buffer.copy_within(self.start..self.end, 0);
        self.end -= self.start;
        self.start = 0;
        if self.end == self.buffer.len() {
            self.buffer.resize(self.end * 2, 0);
        }
        let known = self.end;
        while let Some(room) = self.buffer.get_mut(self.end..)
            && let read @ 1.. = self.reader.read(room)?
        {
            self.end += read;
        }
        Ok(self.end > known)
    }
}
