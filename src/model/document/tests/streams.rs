//! Documents that are read without having all of their text at once, and are written so.

use super::*;

/// Hands out a few bytes at a time.
struct Dripping<'a>(&'a [u8], usize);

impl io::Read for Dripping<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.1.min(self.0.len()).min(buffer.len());
        let (now, later) = self.0.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.0 = later;
        Ok(length)
    }
}

fn id(number: u128) -> String {
    Uuid::from_u128(number).to_string()
}

/// A document with many rows, one of them longer than any window.
fn large() -> Value {
    let mut document = document();
    let row = |mut row: Value, number: u128, name: &str| {
        row["id"] = json!(id(number));
        row["name"] = json!(name);
        row
    };
    let mut rows: Vec<Value> = (0..300)
        .map(|n| row(running(), n, r#"a "}]{[," \ name: é"#))
        .collect();
    rows.push(row(running(), 1000, &"long".repeat(200_000)));
    document["running"] = json!(rows);
    let rows: Vec<Value> = (2000..2300).map(|n| row(leftover(), n, "l")).collect();
    document["leftovers"] = json!(rows);
    document
}

fn stream(text: &str) -> Option<Snapshot> {
    stream_snapshot(text.as_bytes()).unwrap()
}

#[test]
fn a_document_is_read_the_same_as_a_stream_and_as_a_whole() {
    let document = large();
    let whole: Snapshot = serde_json::from_value(document.clone()).unwrap();
    assert_eq!((whole.running.len(), whole.leftovers.len()), (301, 300));
    let spread = serde_json::to_string_pretty(&document).unwrap();
    for text in [document.to_string(), spread.replace('\n', "\r\n\t ")] {
        for bytes in [7, 4099, usize::MAX] {
            let stream = stream_snapshot(Dripping(text.as_bytes(), bytes)).unwrap();
            assert!(stream.as_ref() == Some(&whole), "{bytes} bytes at a time");
        }
    }
}

#[test]
fn what_a_stream_does_not_understand_is_refused_as_a_whole_or_read_so() {
    let row = running().to_string();
    let text = |rows: &str| {
        let document = document().to_string();
        let rest = document.strip_prefix('{').unwrap();
        format!("{{ \"running\": {rows}, {rest}")
    };
    assert!(stream(&text(&format!("[{row}]"))).is_some());
    for rows in [
        "[,]".to_owned(),
        "[[]]".to_owned(),
        "[1]".to_owned(),
        "{}".to_owned(),
        format!("[{row},]"),
        format!("[{row} {row}]"),
        format!("[{row}, {row}]"),
        format!("[{row}}}]"),
        format!("[{row}]]"),
        format!("[{row}"),
        format!("[{row}], \"running\": []"),
        format!("[], \"leftovers\": [{row}]"),
        format!("[{}]", row.replace("true", "1")),
        format!("[{}]", row.replace("ready", "steady")),
    ] {
        let text = text(&rows);
        assert_eq!(stream(&text), None, "{rows}");
        assert!(read_snapshot(text.as_bytes()).is_err(), "{rows}");
    }
    // The same key, in other words.
    let text = text(&format!("[{row}]")).replace("\"running\"", "\"r\\u0075nning\"");
    assert_eq!(stream(&text).unwrap().running.len(), 1);
}

#[test]
fn a_mistake_far_into_a_large_document_is_named() {
    let mut document = large();
    document["running"][299]["ready"] = json!("yes");
    let text = serde_json::to_string_pretty(&document).unwrap();
    let (path, problem) = refused(read_snapshot(text.as_bytes()));
    assert_eq!(path, "running[299].ready");
    assert!(problem.contains("expected a boolean (line "), "{problem}");
}

#[test]
fn a_text_that_cannot_be_read_is_an_error() {
    struct Broken;

    impl io::Read for Broken {
        fn read(&mut self, _buffer: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk failed"))
        }
    }

    assert_eq!(
        stream_snapshot(Broken).unwrap_err().to_string(),
        "the disk failed"
    );
}

#[test]
fn a_stream_is_written_as_the_text_is() {
    let snapshot: Snapshot = serde_json::from_value(large()).unwrap();
    let mut written = Vec::new();
    write_json(&snapshot, false, &mut written).unwrap();
    assert!(written == to_json(&snapshot).into_bytes());
}

proptest! {
    #[test]
    fn a_time_is_read_alike_in_whatever_form(
        text in "[0-9]{4}-[0-1][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\\.[0-9]{3}|\\.[0-9]{6})?",
    ) {
        // The offset is another one in its text alone.
        prop_assert_eq!(
            time::parse(&format!("{text}Z")).ok(),
            time::parse(&format!("{text}+00:00")).ok()
        );
    }
}
