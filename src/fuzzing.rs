//! Every parser that meets foreign bytes, by name: for the fuzzers of `fuzz/`, and for a test that gives each
//! its corpus.
//!
//! What a parser makes of its input is its own matter, as long as it returns. There only where tests or
//! fuzzers are built.

use crate::template::{Folder, Import, Owner, Request, Template, Values};
use crate::{actions, builds, claim, declaration, metrics, model, provision, store};

/// A parser with all that is done with what it reads.
type Parser = fn(&[u8]);

/// The parsers, each by the name of its fuzzer and of its folder in `fuzz/corpus`.
pub const PARSERS: [(&str, Parser); 11] = [
    ("apply", apply),
    ("archive", archive),
    ("batch", claim::parse_lines),
    ("cached_plan", cached_plan),
    ("documents", documents),
    ("expression", expression),
    ("http", metrics::answer_bytes),
    ("resources", provision::parse_resources),
    ("schedule", schedule),
    ("template", template),
    ("url", url),
];

/// Gives input to the parser of this name, which there must be.
pub fn parse(name: &str, input: &[u8]) {
    let Some((_, parser)) = PARSERS.iter().find(|(of, _)| *of == name) else {
        // A fuzzer of nothing would find nothing for ever.
        unreachable!("no parser is named {name:?}");
    };
    parser(input);
}

fn apply(input: &[u8]) {
    let parsed = declaration::parse(&String::from_utf8_lossy(input));
    let _warnings = parsed.as_ref().map(declaration::warnings);
}

fn archive(input: &[u8]) {
    let _unpacked = Folder::unpack(input);
}

fn cached_plan(input: &[u8]) {
    let source = br#"data "coder_workspace_owner" "me" {}
        data "http" "zones" { url = "x" }
        data "coder_parameter" "zone" { name = data.http.zones.body }"#;
    render(source, Some(&String::from_utf8_lossy(input)));
}

fn documents(input: &[u8]) {
    let _read = model::document::read_snapshot(input);
    let _read = model::document::read_plan(input);
}

fn expression(input: &[u8]) {
    builds::parse_expression(&String::from_utf8_lossy(input));
}

fn schedule(input: &[u8]) {
    let text = String::from_utf8_lossy(input);
    let _checked = actions::autostart::check(&text);
    let _parsed = actions::cron::TimeRange::parse(&text);
}

fn template(input: &[u8]) {
    render(input, None);
}

fn url(input: &[u8]) {
    let read = store::Target::read(&String::from_utf8_lossy(input), "a fuzzer");
    let _described = read.map(|target| target.to_string());
}

/// Renders a template of one file.
fn render(source: &[u8], plan: Option<&str>) {
    let import = Import {
        plan,
        ..Import::default()
    };
    let Ok(files) = Folder::new([("main.tf", source)]) else {
        return;
    };
    let none = Values::new();
    let request = Request {
        owner: &Owner::default(),
        is_first: true,
        last_build: &none,
        given: &none,
        preset: &none,
    };
    let template = Template::from_folder(&files, import);
    let _resolved = template.map(|template| template.resolve(&request));
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn no_input_of_the_corpus_does_any_harm() {
        let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus");
        for (name, parser) in PARSERS {
            let inputs = std::fs::read_dir(corpus.join(name)).unwrap();
            let inputs: Vec<_> = inputs.map(|input| input.unwrap().path()).collect();
            assert!(!inputs.is_empty(), "{name}");
            for input in inputs {
                let bytes = std::fs::read(&input).unwrap();
                let returned = std::panic::catch_unwind(|| parser(&bytes));
                assert!(returned.is_ok(), "{}", input.display());
            }
        }
    }

    #[test]
    fn every_parser_has_a_fuzzer() {
        let manifest = include_str!("../fuzz/Cargo.toml");
        for (name, _) in PARSERS {
            assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        }
    }
}
