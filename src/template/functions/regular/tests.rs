//! Patterns as Go reads them.

use super::compile;

/// Whether a pattern matches a text; none for what Go refuses.
fn matches(pattern: &str, text: &str) -> Option<bool> {
    compile(pattern).ok().map(|regex| regex.is_match(text))
}

#[test]
fn patterns_mean_what_they_mean_in_go() {
    let cases = [
        (r"^\d+$", "42", true),
        (r"^\d+$", "٤٢", false),
        (r"^\w+$", "größe", false),
        (r"^[\w-]+$", "a-b_c", true),
        (r"^[^\s]+$", "a b", false),
        (r"^[^\W]+$", "a_1", true),
        (r"\bweb\b", "a web b", true),
        (r"^[[a]$", "[", true),
        (r"^[]a]+$", "a]", true),
        (r"^[[:alpha:]]+$", "abc", true),
        (r"^[[:^alpha:]]+$", "12", true),
        // Colons and brackets outside a named class stand for themselves.
        (r"^[[:alnum:]:][a-z]+$", ":a", true),
        (r"^[[:alpha:]_:]+$", "a_:", true),
        (r"^[a:]+$", "a:", true),
        (r"^[[:a]+$", "[:a", true),
        // So do those that join classes in other dialects.
        (r"^[a&&b]$", "&", true),
        (r"^[a~~b]$", "~", true),
        (r"^[a-z-9]+$", "b-9", true),
        (r"^[--/]+$", "-./", true),
        (r"^[\--/]+$", "-./", true),
        (r"^[a-]+$", "a-", true),
        (r"^[\n\x{41}\101]+$", "\nAA", true),
        (r"(?i)^eu$", "EU", true),
        (r"(?i)^[x]$", "X", true),
        (r"^a.c$", "a\nc", false),
        (r"\Qa.b\E", "a.b", true),
        (r"^\Qa.b\E+$", "a.bb", true),
        (r"a{,2}", "a{,2}", true),
        (r"^\p{Lu}\PN\p{^Nd}$", "Éab", true),
        (r"^\pL+$", "é", true),
        (r"^(a{20}){50}$", "a", false),
        (r"^(a|b{2})*$", "aba", false),
        (r"\_\-\/", "_-/", true),
    ];
    for (pattern, text, expected) in cases {
        assert_eq!(
            matches(pattern, text),
            Some(expected),
            "{pattern} on {text:?}"
        );
    }
}

#[test]
fn what_go_refuses_is_no_pattern() {
    let patterns = [
        r"a**",
        r"a+*",
        r"a{2}{3}",
        r"a??*",
        r"*",
        r"a|*",
        r"(",
        r")",
        r"a)(",
        r"[a",
        r"[]",
        r"[b-a]",
        r"[+-\d]",
        r"[[:letters:]]",
        r"(?=a)",
        r"(?<!a)",
        r"(?x)a",
        r"(?P=a)",
        r"\1",
        r"\8",
        r"\Z",
        r"\C",
        r"\h",
        r"\é",
        r"\x{110000}",
        r"\x4",
        r"\p{greek}",
        r"\p{Script=Greek}",
        r"a{1001}",
        r"a{2,1}",
        r"(a{100}){11}",
        r"((a{10}b){10}c){11}",
        r"(a{500}){2,3}",
        r"a\",
    ];
    for pattern in patterns {
        assert_eq!(matches(pattern, "a"), None, "{pattern}");
    }
}
