//! The command line: what goes in, what a person or a collector of logs sees, and the documentation's
//! examples.

mod completion;
mod config;
mod documents;
mod examples;
mod files;
mod formats;
mod help;
mod hostile;
mod invocation;
mod limits;
mod packaging;
mod terminal;

use serde_json::{Value, json};

use crate::support::process::{Output, prebuildctl};
use crate::support::scene::id;

/// Makes sure that the run failed with one error that says all of this.
#[track_caller]
pub fn assert_error(output: &Output, code: i32, texts: &[&str]) {
    output.expect_code(code);
    assert_eq!(output.stdout, "");
    for text in texts {
        assert!(
            output.stderr.contains(text),
            "no {text:?} in {}",
            output.stderr
        );
    }
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}

/// Plans what comes on standard input.
pub fn plan_of(document: impl Into<Vec<u8>>) -> Output {
    prebuildctl(["plan", "--format=json", "--snapshot", "-"])
        .stdin(document)
        .run()
}

/// A document with one preset.
pub fn document() -> Value {
    json!({
        "version": 1,
        "taken_at": "2026-03-04T12:00:00Z",
        "presets": [{
            "id": id(), "name": "pool", "organization_id": id(), "organization_name": "acme",
            "template_id": id(), "template_name": "web", "template_version_id": id(),
            "template_version_name": "v1", "using_active_version": true, "desired_instances": 2,
        }],
    })
}
