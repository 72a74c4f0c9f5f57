//! The functions by family, in tables of calls with their outcomes, which are Terraform 1.11.4's
//! except where coderd's are said to differ.

use crate::template::evaluate::tests::check;

mod collections;
mod encodings;
mod numbers;
mod places;
mod text;
mod yaml;

#[test]
fn files_of_the_template_are_read() {
    check(&[
        (r#"file("f.txt")"#, r#""line one\nline two\n""#),
        (r#"file("./d/../f.txt")"#, r#""line one\nline two\n""#),
        (r#"file("missing")"#, "refused"),
        (r#"file("d")"#, "refused"),
        (r#"file("/f.txt")"#, "refused"),
        (r#"file("binary")"#, "refused"),
        (r#"filebase64("binary")"#, r#""/w==""#),
        (
            r#"filemd5("f.txt")"#,
            r#""987929d61c9b69f0c6406b840aa77fd8""#,
        ),
        (r#"fileexists("f.txt")"#, "true"),
        (r#"fileexists("missing")"#, "false"),
        (r#"fileexists("/f.txt")"#, "false"),
        (r#"jsondecode(file("d/x.json")).k[1]"#, r#""b""#),
        (r#"fileset(".", "*")"#, r#"["binary","f.txt"]"#),
        (r#"fileset(".", "**")"#, r#"["binary","d/x.json","f.txt"]"#),
        (r#"fileset(".", "**/*.json")"#, r#"["d/x.json"]"#),
        (r#"fileset("d", "?.{json,txt}")"#, r#"["x.json"]"#),
        (r#"fileset(".", "[!a-e]*.txt")"#, r#"["f.txt"]"#),
        (r#"fileset(".", "{a")"#, "refused"),
        (r#"fileset("missing", "*")"#, "[]"),
    ]);
}

#[test]
fn what_coderd_lacks_is_refused_and_what_only_coderd_can_do_is_told_apart() {
    check(&[
        (r#"templatefile("f.txt", {})"#, "refused"),
        (r#"list("a")"#, "refused"),
        (r#"map("a", "b")"#, "refused"),
        (r#"type("a")"#, "refused"),
        (r#"rsadecrypt("a", "b")"#, "refused"),
        (r#"ephemeralasnull("a")"#, "refused"),
        (r#"provider::coder::f("a")"#, "refused"),
        (r#"nothing("a")"#, "refused"),
        (r#"try(nothing("a"), "b")"#, r#""b""#),
        (r#"base64gzip("a")"#, "unsupported"),
        (r#"try(base64gzip("a"), "b")"#, "unsupported"),
        (r#"textencodebase64("a", "windows-1252")"#, "unsupported"),
        ("timestamp()", "unknown"),
        ("uuid()", "unknown"),
        (r#"bcrypt("a")"#, "unknown"),
        (r#"abspath("a")"#, "unknown"),
        (r#"abspath("/a/../b")"#, r#""/b""#),
        (r#"pathexpand("~/a")"#, "unknown"),
    ]);
}
