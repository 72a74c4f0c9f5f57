//! What strangers write ends in time, never panics, and never makes something known of the unknown.

use super::{Stage, check, outcome};
use crate::template::evaluate::{Budget, Failure, Library, Scope, Step, evaluate};
use crate::template::value::{Value, to_json};

/// Steps for one expression here: in a debug build they take well under a second.
const STEPS: u64 = 50_000;

/// A scope in which `secret` has a value.
struct Filled {
    stage: Stage,
    secret: Value,
}

impl Filled {
    fn new(secret: Value) -> Self {
        Self {
            stage: Stage(Budget::new(STEPS)),
            secret,
        }
    }
}

impl Scope for Filled {
    fn resolve(&self, root: &str, steps: &[Step]) -> Result<(Value, usize), Failure> {
        match root {
            "secret" => Ok((self.secret.clone(), 0)),
            other => self.stage.resolve(other, steps),
        }
    }

    fn library(&self) -> Library<'_> {
        self.stage.library()
    }

    fn budget(&self) -> &Budget {
        self.stage.budget()
    }
}

/// The JSON text where all is known, none where it isn't.
pub(super) fn known(text: &str, secret: Value) -> Result<Option<String>, Failure> {
    let expression = text.parse().map_err(|_| Failure::refused("syntax"))?;
    let value = evaluate(&expression, &Filled::new(secret))?;
    if value.is_wholly_known() {
        to_json(&value).map(Some)
    } else {
        Ok(None)
    }
}

#[test]
fn work_without_end_is_cut_off() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    let doubled = (0..40).fold(String::from("\"x\""), |inner, _| {
        format!("replace({inner}, \"x\", \"xx\")")
    });
    let loops = "[for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]]";
    for text in [
        loops,
        &format!("length({loops})"),
        &doubled,
        "format(\"%9999s%9999s%9999s\", [for i in range(1000) : format(\"%9999s\", i)]...)",
        "join(\"\", [for i in range(1000) : join(\"\", [for j in range(1000) : \"xxxxxxxx\"])])",
        "setproduct(range(1000), range(1000), range(1000))",
        "indent(1000000000, \"a\\n\")",
        "pow(10, 1000)",
        "yamldecode(\"a: &a [x,x,x,x,x,x]\\nb: &b [*a,*a,*a,*a,*a,*a]\\nc: &c [*b,*b,*b,*b,*b]\\nd: [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\")",
        "regexall(\"(a{1000}){1000}\", \"a\")",
        "tonumber(\"1e6000\") * tonumber(\"1e6000\")",
        "[for i in range(1000) : range(1000)]",
        &nested(60),
        &nested(5000),
        &"!".repeat(5000),
        &format!("jsondecode(\"{}\")", "[".repeat(5000)),
        &format!("yamldecode(\"{}\")", "[".repeat(5000)),
        &format!("yamldecode(\"{}\")", "- ".repeat(5000)),
    ] {
        drop(known(text, Value::unknown()));
    }
}

#[test]
fn values_that_share_their_parts_are_no_way_around_the_bounds() {
    let shared = (0..60).fold(Value::from("x"), |part, _| {
        Value::object([("a", part.clone()), ("b", Value::tuple([part]))])
    });
    for text in [
        "true ? secret : secret",
        "true ? 1 : secret",
        "secret == secret",
        "secret == unknown",
        "secret != null",
        "[secret] == [unknown]",
        "-secret",
        "secret && true",
        "secret + 1",
        "\"${secret}x\"",
        "{ (secret) = 1 }",
        "[1, 2][secret]",
        "secret[secret]",
        "[secret, secret][*].a",
        "tolist([secret, secret])[*].a",
        "[for v in secret : v if secret]",
        "[for v in [1] : v if secret]",
        "{ for v in [1] : secret => v }",
        "jsonencode(secret)",
        "yamlencode(secret)",
        "toset([secret, secret])",
        "format(\"%v\", secret)",
        "length(flatten(values(secret)))",
        "secret ? 1 : 2",
        "\"%{ if secret }a%{ endif }b\"",
    ] {
        drop(known(text, shared.clone()));
    }
    for (text, expected) in [
        ("try(secret, 1) == 1", None),
        ("length(secret.b)", None),
        ("can(secret.a.a[\"b\"][0].a)", Some("true")),
        ("[for k, v in secret : k]", Some(r#"["a","b"]"#)),
    ] {
        assert_eq!(
            known(text, shared.clone()).ok().flatten().as_deref(),
            expected,
            "{text}"
        );
    }
}

#[test]
fn bounds_are_no_refusals_that_try_passes_over() {
    check(&[
        (
            "try([for a in range(1000) : [for b in range(1000) : [for c in range(1000) : c]]], 1)",
            "bound",
        ),
        ("can(tonumber(\"1e6000\") * tonumber(\"1e6000\"))", "bound"),
        (r#"can(indent(1000000000000, "a\n"))"#, "bound"),
        ("range(1025)", "refused"),
        ("range(1000000000)", "refused"),
        ("regexall(\"((a{1000}){1000}){1000}\", \"a\")", "bound"),
    ]);
    assert_eq!(outcome("try(range(1025), 1)"), "1");
}
