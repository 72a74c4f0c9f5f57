//! Functions that encode, decode and hash.

use super::check;

#[test]
fn json_keeps_every_digit() {
    check(&[
        (r#"jsonencode("\b\f\u0001\u007f<>&\u2028é😀")"#, "refused"),
        (
            "jsonencode({b=1,a=[null,true,1.5]})",
            r#""{\"a\":[null,true,1.5],\"b\":1}""#,
        ),
        ("jsonencode(-0)", r#""-0""#),
        ("jsonencode(0.1)", r#""0.1""#),
        ("jsonencode(toset([3,1,2]))", r#""[1,2,3]""#),
        (
            r#"jsondecode("\"\\u00e9\\ud83d\\ude00\\ud83d\"")"#,
            r#""é😀�""#,
        ),
        (r#"jsondecode("{\"a\":1,\"a\":2}")"#, r#"{"a":2}"#),
        (r#"jsondecode("[1,]")"#, "refused"),
        (r#"jsondecode("01")"#, "refused"),
        (r#"jsondecode("1.")"#, "refused"),
        (r#"jsondecode("-0")"#, "-0"),
        (r#"jsondecode(" 1 ")"#, "1"),
        (r#"jsondecode("1 2")"#, "refused"),
        (r#"jsondecode("nul")"#, "refused"),
        (r#"jsondecode("")"#, "refused"),
        (r#"jsondecode("'a'")"#, "refused"),
        (r#"jsondecode("\"a\tb\"")"#, "refused"),
        (
            r#"jsondecode("123456789012345678901234567890")"#,
            "123456789012345678901234567890",
        ),
        (r#"jsondecode("[[[[[[]]]]]]")"#, "[[[[[[]]]]]]"),
        ("jsonencode({a=sensitive(1)})", "sensitive"),
        (r#"jsondecode("0.1")+jsondecode("0.2")"#, "0.3"),
    ]);
}

#[test]
fn csv_has_a_header() {
    check(&[
        (r#"csvdecode("a,b\n1,2\n")"#, r#"[{"a":"1","b":"2"}]"#),
        (r#"csvdecode("a,b\n1,2")"#, r#"[{"a":"1","b":"2"}]"#),
        (r#"csvdecode("a,b\n")"#, "[]"),
        (r#"csvdecode("a,b")"#, "[]"),
        (r#"csvdecode("")"#, "refused"),
        (r#"csvdecode("a,a\n1,2")"#, "refused"),
        (r#"csvdecode("a,b\n1")"#, "refused"),
        (r#"csvdecode("a,b\n1,2,3")"#, "refused"),
        (r#"csvdecode("a\n\"x\"\"y\"\n")"#, r#"[{"a":"x\"y"}]"#),
        (r#"csvdecode("a\n\"x\ny\"\n")"#, r#"[{"a":"x\ny"}]"#),
        (r#"csvdecode("a\n\"x\"y\n")"#, "refused"),
        (r#"csvdecode("a\nx\"y\n")"#, "refused"),
        (r#"csvdecode("a,b\n , x \n")"#, r#"[{"a":" ","b":" x "}]"#),
        (r#"csvdecode("a\n\n1\n")"#, r#"[{"a":"1"}]"#),
        (r#"csvdecode("a\r\n1\r\n")"#, r#"[{"a":"1"}]"#),
        (r#"csvdecode("a;b\n1;2")"#, r#"[{"a;b":"1;2"}]"#),
        (r#"csvdecode("\"a b\",c\n1,2")"#, r#"[{"a b":"1","c":"2"}]"#),
    ]);
}

#[test]
fn bytes_become_text_and_back() {
    check(&[
        (r#"base64decode("aGVsbG8=")"#, r#""hello""#),
        (r#"base64decode("aGVsbG8")"#, "refused"),
        (r#"base64decode("aGVs\nbG8=")"#, r#""hello""#),
        (r#"base64decode("/w==")"#, "refused"),
        (r#"base64decode("aGVsbG9=")"#, r#""hello""#),
        (r#"base64encode("é")"#, r#""w6k=""#),
        (
            r#"urlencode("a b&c=d/é~*'()!-_.+")"#,
            r#""a+b%26c%3Dd%2F%C3%A9~%2A%27%28%29%21-_.%2B""#,
        ),
        (r#"textencodebase64("é","ISO-8859-1")"#, r#""6Q==""#),
        (r#"textencodebase64("日","ISO-8859-1")"#, "refused"),
        (r#"textencodebase64("é","UTF-16")"#, r#""/v8A6Q==""#),
        (r#"textencodebase64("é","utf-8")"#, r#""w6k=""#),
        (r#"textdecodebase64("6Q==","ISO-8859-1")"#, r#""é""#),
        (r#"textencodebase64("a","US-ASCII")"#, r#""YQ==""#),
        (r#"textencodebase64("é","US-ASCII")"#, "refused"),
        (r#"textencodebase64("a","latin1")"#, r#""YQ==""#),
        (r#"textencodebase64("a","UTF16")"#, "refused"),
        (
            r#"uuidv5("dns","a.b")"#,
            r#""0e7af403-ee0d-594b-ab31-08b1c687f2fa""#,
        ),
        (
            r#"uuidv5("url","a.b")"#,
            r#""a37888df-4975-56b9-8e52-9561bbc36afc""#,
        ),
        (
            r#"uuidv5("oid","a.b")"#,
            r#""6a9e99ec-42e1-5591-aee0-e320c3d0d855""#,
        ),
        (
            r#"uuidv5("x500","a.b")"#,
            r#""b2f2a28e-f04c-5bcc-950e-aa54d970bfe0""#,
        ),
        (
            r#"uuidv5("6ba7b810-9dad-11d1-80b4-00c04fd430c8","a.b")"#,
            r#""0e7af403-ee0d-594b-ab31-08b1c687f2fa""#,
        ),
        (r#"uuidv5("nope","a.b")"#, "refused"),
        (r#"uuidv5("","a")"#, "refused"),
        (r#"md5("é")"#, r#""66ddcd97cfdeabb2f6fb8a999b4bc76f""#),
    ]);
}
