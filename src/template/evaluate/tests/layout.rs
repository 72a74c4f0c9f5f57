//! Heredocs and `~`.

use super::check;

#[test]
fn heredocs_and_strip_markers_lay_text_out_line_by_line() {
    check(&[
        ("<<EOT\nhello\n  ${\"world\"}\nEOT", r#""hello\n  world\n""#),
        ("<<-EOT\n    a\n      b\n    c\n  EOT", r#""a\n  b\nc\n""#),
        (
            "<<-EOT\n    %{ for x in [\"p\",\"q\"] ~}\n    item ${x}\n    %{ endfor ~}\n    end\n  EOT",
            r#""    item p\n    item q\n    end\n""#,
        ),
        (
            "<<-EOT\n    %{ if true }\n    yes\n    %{ else }\n    no\n    %{ endif }\n  EOT",
            r#""\nyes\n\n""#,
        ),
        (
            "<<-EOT\n    %{~ if true ~}\n    yes\n    %{~ else ~}\n    no\n    %{~ endif ~}\n  EOT",
            r#""    yes\n""#,
        ),
        (
            "<<EOT\nx ${~ \"y\" ~} z\n\n\n  ${~ \"w\" ~}\n\n  end\nEOT",
            r#""xyz\n\n\nw\n  end\n""#,
        ),
        ("<<-EOT\n\ttab\n\t  two\n  EOT", r#""tab\n  two\n""#),
        ("<<-EOT\n\n    a\n\n      b\n  EOT", r#""\na\n\n  b\n""#),
        (
            "<<-EOT\n    ${\"x\"}y\n      ${\"a\\n  b\"}\n  EOT",
            r#""xy\n  a\n  b\n""#,
        ),
        (
            "<<-EOT\n  a $${b} %%{c} \\n \"q\" $d %e\n  EOT",
            r#""a ${b} %{c} \\n \"q\" $d %e\n""#,
        ),
        (
            "<<EOT\n%{ for i, x in [\"p\",\"q\"] }${i}=${x};%{ endfor }\nEOT",
            r#""0=p;1=q;\n""#,
        ),
        (
            "<<-EOT\n      deep\n    less\n        more\n  EOT",
            r#""  deep\nless\n    more\n""#,
        ),
        (
            "\"a%{ if true }b\\n\\\"c\\\"\\u00e9 $${x} %{ endif }d\"",
            r#""ab\n\"c\"é ${x} d""#,
        ),
        (
            "\"a %{ if false ~} b %{~ else ~} c %{~ endif } d\"",
            r#""a c d""#,
        ),
        (
            "\"%{ for x in [1,2,3] ~} ${x} %{~ if x < 3 ~} , %{~ endif ~} %{ endfor }\"",
            r#""1,2,3""#,
        ),
        (
            "<<-EOT\n    %{ if true ~}\n      indented\n    %{ endif ~}\n    ${join(\",\", [\n      \"a\",\n      \"b\"])}\n  EOT",
            r#""      indented\n    a,b\n""#,
        ),
        (
            "<<EOT\na\n%{ if false ~}\nb\n%{ endif ~}\nc\nEOT",
            r#""a\nc\n""#,
        ),
        (
            "<<-EOT\n    a\n  ${\"b\"}\n      c\n    EOT",
            r#""  a\nb\n    c\n""#,
        ),
        (
            "<<-EOT\n    line ${\"x\"} \n      ${\"y\"} tail\n    ${\"z\"}\n  EOT",
            r#""line x \n  y tail\nz\n""#,
        ),
        ("<<-EOT\n    a\n      \n    b\n  EOT", r#""a\n      \nb\n""#),
        ("<<-EOT\n${\"x\"}\n    b\n  EOT", r#""x\n    b\n""#),
        (
            "<<-EOT\n    ${\"x\"}\n  %{ if true }\n      b\n  %{ endif }\n  EOT",
            r#""  x\n\n    b\n\n""#,
        ),
        (
            "<<-EOT\n    a\n\ttab\n      b\n  EOT",
            r#""   a\ntab\n     b\n""#,
        ),
        (
            "<<-EOT\n    a ${\"x\" ~}\n    b\n      c\n  EOT",
            r#""a x    b\n  c\n""#,
        ),
        (
            "<<-EOT\n    ${~ \"x\"}\n    b\n      c\n  EOT",
            r#""x\n    b\n      c\n""#,
        ),
        (
            "<<-EOT\n      a\n    %{ for x in [1,2] }\n      - ${x}\n    %{ endfor }\n    b\n  EOT",
            r#""  a\n\n  - 1\n\n  - 2\n\nb\n""#,
        ),
        (
            "<<-EOT\n    %{ for x in [1,2] ~}\n    %{ if x == 1 ~}\n    one\n    %{ else ~}\n    other ${x}\n    %{ endif ~}\n    %{ endfor ~}\n    b\n  EOT",
            r#""        one\n            other 2\n        b\n""#,
        ),
        (
            "<<-EOT\n        a\n    %{ if true ~}\n          b\n    %{~ endif }\n      c\n  EOT",
            r#""        a\n              b\n\n      c\n""#,
        ),
        (
            "<<EOT\n  %{ if true ~}\n  \n  b\n  %{~ endif ~}\n  \n  c\nEOT",
            r#""    \n  b\n  \n  c\n""#,
        ),
        (
            "<<-EOT\n    $${a} ${\"b\"}\n      %%{c}\n  EOT",
            r#""${a} b\n  %{c}\n""#,
        ),
        (
            "<<-EOT\n    a\n     \t\n    b\n  EOT",
            r#""a\n     \t\nb\n""#,
        ),
        ("<<-EOT\n  é\n    b\n  EOT", r#""é\n  b\n""#),
        (
            "<<-EOT\n    ${<<-INNER\n      x\n        y\n    INNER\n    }z\n      w\n  EOT",
            r#""x\n  y\nz\n  w\n""#,
        ),
        ("\"${<<EOT\nq\nEOT\n}r\"", r#""q\nr""#),
        (
            "<<-EOT\n    a ${\"b\"\n\n    } c\n      d\n  EOT",
            r#""a b c\n  d\n""#,
        ),
        (
            "<<-EOT\n    %{ if true }a%{ else }b%{ endif }\n      c\n  EOT",
            r#""a\n  c\n""#,
        ),
        ("<<-EOT\n    x\n\n      ${\"y\"}\n  EOT", r#""x\n\n  y\n""#),
        (
            "<<-EOT\n    $ %  $${ %%{ $x\n      \"quoted\" \\\"\n  EOT",
            r#""$ %  ${ %{ $x\n  \"quoted\" \\\"\n""#,
        ),
        (
            "<<EOT\na%{ if true }\n\nb\n%{ endif }\nEOT",
            r#""a\n\nb\n\n""#,
        ),
        ("<<-EOT\n\ta\n\t\tb\n\t  c\n  EOT", r#""a\n\tb\n  c\n""#),
        ("<<-EOT\n    a\n  b\nEOT", r#""  a\nb\n""#),
        (
            "<<-EOT\r\n  one\r\n    two\r\n\r\n  EOT",
            r#""one\r\n  two\r\n\r\n""#,
        ),
        ("<<EOT\r\none\r\n  two\r\nEOT", r#""one\r\n  two\r\n""#),
        (
            "<<-EOT\n    one\n    \n    two\n    EOT",
            r#""one\n    \ntwo\n""#,
        ),
        ("<<-EOT\n  \n    a\n    EOT", r#""  \na\n""#),
        ("[<<-A\n  a\nA\n, <<A\n  a\nA\n]", r#"["a\n","  a\n"]"#),
        (
            "<<-EOT\n    ${\"a\"}${\"b\"}\n    ${\"c\"} d\n  EOT",
            r#""ab\nc d\n""#,
        ),
    ]);
}
