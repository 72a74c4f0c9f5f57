//! HCL as text, read in a time that follows its length.
//!
//! Where what follows a binary operator can't be read, hcl-edit takes the operators before it for all of the
//! expression, and then reads what follows once more: twice for each level of brackets or quotes after the second
//! operator of an expression, so that two hundred bytes that end too early take years. Nobody writes many of
//! those levels; a text that has them is not read at all.
//!
//! hcl-edit also takes a heredoc without lines for one that goes on to the next line with its word. It is handed
//! an empty text in quotes instead, of the same length. And it takes the indentation off a heredoc of `<<-` before
//! anybody can look at `~`, with white space that belongs to the text. It is handed one of `<<`, which gets an
//! indent of nothing as the mark that its lines are still to be unindented.

use std::collections::BTreeSet;
use std::ops::Range;

use hcl_edit::expr::Expression;
use hcl_edit::parser;
use hcl_edit::structure::Body;
use hcl_edit::template::{HeredocTemplate, Template};
use hcl_edit::visit_mut::{self, VisitMut};
use hcl_edit::{Ident, Span};

/// Levels that double the time of a text that can't be read, one within the other. Real templates need two or three.
const MAX_DOUBLED: usize = 12;

/// Why a text can't be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub message: String,
    /// From 1 on.
    pub line: usize,
}

/// Reads a file.
#[expect(clippy::disallowed_methods, reason = "its time is bounded here")]
pub(crate) fn body(text: &str) -> Result<Body, Unreadable> {
    read(text, None, parser::parse_body, Indented::visit_body_mut)
}

/// Reads an expression alone.
#[expect(clippy::disallowed_methods, reason = "its time is bounded here")]
pub(crate) fn expression(text: &str) -> Result<Expression, Unreadable> {
    read(
        text,
        None,
        |text| parser::parse_expr(text.trim_start()),
        Indented::visit_expr_mut,
    )
}

/// Reads a text with interpolations, without quotes around it.
#[expect(clippy::disallowed_methods, reason = "its time is bounded here")]
pub(crate) fn template(text: &str) -> Result<Template, Unreadable> {
    read(
        text,
        Some(Level::Text),
        parser::parse_template,
        Indented::visit_template_mut,
    )
}

fn read<T>(
    text: &str,
    within: Option<Level<'_>>,
    parser: fn(&str) -> Result<T, parser::Error>,
    visit: fn(&mut Indented, &mut T),
) -> Result<T, Unreadable> {
    let mut nesting = Nesting {
        text,
        at: 0,
        levels: within
            .into_iter()
            .map(|level| Open {
                level,
                operators: 0,
                directives: 0,
            })
            .collect(),
        doubled: 0,
        operators: 0,
        empty: Vec::new(),
        indented: BTreeSet::new(),
    };
    if !nesting.is_bounded() {
        let before = text.get(..nesting.at).unwrap_or_default();
        return Err(Unreadable {
            message: "an expression is nested too deep".to_owned(),
            line: before.matches('\n').count() + 1,
        });
    }
    let mut rewritten = text.to_owned();
    for heredoc in nesting.empty {
        let length = heredoc.start.len();
        rewritten.replace_range(heredoc.start, &format!("{:length$}", "\"\""));
        let length = heredoc.end.len();
        rewritten.replace_range(heredoc.end, &" ".repeat(length));
    }
    for at in &nesting.indented {
        rewritten.replace_range(*at..at + 3, " <<");
    }
    let mut read = parser(&rewritten).map_err(|error| Unreadable {
        message: error.message().to_owned(),
        line: error.location().line(),
    })?;
    visit(&mut Indented(nesting.indented), &mut read);
    Ok(read)
}

/// Where each `<<-` stood. The heredoc begins one further on, but for an expression alone that loses the blank in
/// front of it.
struct Indented(BTreeSet<usize>);

impl VisitMut for Indented {
    fn visit_heredoc_template_mut(&mut self, heredoc: &mut HeredocTemplate) {
        let start = heredoc.span().map_or(0, |span| span.start);
        let mut places = self.0.range(start.saturating_sub(1)..=start);
        if places.next().is_some() {
            heredoc.set_indent(0);
        }
        visit_mut::visit_heredoc_template_mut(self, heredoc);
    }
}

/// What surrounds a place.
#[derive(Clone, Copy)]
enum Level<'t> {
    /// Brackets, by what ends them.
    Brackets(char),
    /// An interpolation or a directive.
    Interpolation,
    Quoted,
    /// A heredoc, by the word that ends it.
    Heredoc(&'t str),
    /// To the end of all.
    Text,
}

/// Goes through a text as hcl-edit does, as far as that one gets.
struct Nesting<'t> {
    text: &'t str,
    at: usize,
    levels: Vec<Open<'t>>,
    /// How many do.
    doubled: usize,
    /// Of the expression at this place so far.
    operators: usize,
    /// The heredocs without lines so far.
    empty: Vec<EmptyHeredoc>,
    /// The places of `<<-` so far.
    indented: BTreeSet<usize>,
}

/// A level that has not ended.
struct Open<'t> {
    level: Level<'t>,
    /// The operators before it in the expression around it: it doubles the time after two of them.
    operators: usize,
    /// The directives that are open in its text, `if` and `for`: nothing but their ends ends it.
    directives: usize,
}

/// Where a heredoc without lines stands.
struct EmptyHeredoc {
    /// `<<` and its word.
    start: Range<usize>,
    /// The line that ends it.
    end: Range<usize>,
}

impl<'t> Nesting<'t> {
    fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn is_bounded(&mut self) -> bool {
        while !self.rest().is_empty() {
            match self.levels.last().map(|open| &open.level) {
                None => self.code(None, true),
                Some(Level::Brackets(end)) => self.code(Some(*end), *end == '}'),
                // An expression goes on in the next line there.
                Some(Level::Interpolation) => self.code(Some('}'), false),
                Some(Level::Quoted) => self.words(Some('"')),
                Some(Level::Heredoc(tag)) => self.heredoc(tag),
                Some(Level::Text) => self.words(None),
            }
            if self.doubled > MAX_DOUBLED {
                return false;
            }
        }
        true
    }

    fn enter(&mut self, level: Level<'t>, length: usize) {
        self.doubled += usize::from(self.operators > 1);
        self.levels.push(Open {
            level,
            operators: self.operators,
            directives: 0,
        });
        self.operators = 0;
        self.at += length;
    }

    fn leave(&mut self, length: usize) {
        if let Some(open) = self.levels.pop() {
            self.doubled -= usize::from(open.operators > 1);
            self.operators = open.operators;
        }
        self.at += length;
    }

    /// A step in what this ends, an expression or blocks; `by_line` says that an expression ends with its line.
    fn code(&mut self, end: Option<char>, by_line: bool) {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        let until = |mark: &str| rest.find(mark).unwrap_or(rest.len());
        match first {
            '#' => self.at += until("\n"),
            '/' if rest.starts_with("//") => self.at += until("\n"),
            '/' if rest.starts_with("/*") => {
                let length = rest[2..].find("*/").map(|inner| inner + 4);
                self.at += length.unwrap_or(rest.len());
            }
            '"' => self.enter(Level::Quoted, 1),
            '<' if rest.starts_with("<<") => {
                let mut lines = rest.split('\n');
                let head = lines.next().unwrap_or_default();
                let start = head.trim_end_matches('\r');
                let tag = start.trim_start_matches(['<', '-']);
                let next = lines.next().unwrap_or_default();
                if next.trim() != tag || Ident::try_new(tag).is_err() {
                    if head.starts_with("<<-") {
                        self.indented.insert(self.at);
                    }
                    return self.enter(Level::Heredoc(tag), head.len());
                }
                let end = self.at + head.len() + 1;
                self.empty.push(EmptyHeredoc {
                    start: self.at..self.at + start.len(),
                    end: end..end + next.trim_end().len(),
                });
                self.at = end + next.len();
            }
            '(' => self.enter(Level::Brackets(')'), 1),
            '[' => self.enter(Level::Brackets(']'), 1),
            '{' => self.enter(Level::Brackets('}'), 1),
            ')' | ']' | '}' if end == Some(first) => self.leave(1),
            // Nothing beyond one that belongs to none is read, as far as is known.
            ')' | ']' | '}' => self.at += 1,
            '=' | '!' | '<' | '>' if rest[1..].starts_with('=') => {
                self.operators += 1;
                self.at += 2;
            }
            // Another expression begins.
            ',' | '=' | ':' => {
                self.operators = 0;
                self.at += 1;
            }
            '\n' if by_line => {
                self.operators = 0;
                self.at += 1;
            }
            '<' | '>' | '+' | '-' | '*' | '/' | '%' | '&' | '|' => {
                self.operators += 1;
                self.at += 1;
            }
            _ => self.at += first.len_utf8(),
        }
    }

    /// A step in a text that this ends.
    fn words(&mut self, end: Option<char>) {
        let rest = self.rest();
        let first = rest.chars().next().unwrap_or_default();
        if rest.starts_with("$${") || rest.starts_with("%%{") {
            self.at += 3;
        } else if rest.starts_with("${") {
            self.enter(Level::Interpolation, 2);
        } else if let Some(directive) = rest.strip_prefix("%{") {
            if let Some(open) = self.levels.last_mut() {
                let directive = directive.trim_start_matches('~').trim_start();
                let word = directive.split(|c: char| !c.is_alphabetic()).next();
                match word.unwrap_or_default() {
                    "if" | "for" => open.directives += 1,
                    "endif" | "endfor" => open.directives = open.directives.saturating_sub(1),
                    _ => {}
                }
            }
            self.enter(Level::Interpolation, 2);
        } else if end == Some(first) && !self.is_in_directive() {
            self.leave(1);
        } else if end.is_some() && first == '\\' {
            self.at += 1;
            self.at += self.rest().chars().next().map_or(0, char::len_utf8);
        } else {
            self.at += first.len_utf8();
        }
    }

    fn is_in_directive(&self) -> bool {
        self.levels.last().is_some_and(|open| open.directives > 0)
    }

    fn heredoc(&mut self, tag: &str) {
        let before = self.text.get(..self.at).unwrap_or_default();
        if !before.ends_with('\n') || self.is_in_directive() {
            return self.words(None);
        }
        let rest = self.rest();
        let goes_on = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        let line = rest.trim_start_matches([' ', '\t']);
        let after = line.strip_prefix(tag);
        match after.filter(|after| !after.starts_with(goes_on)) {
            Some(after) => self.leave(rest.len() - after.len()),
            None => self.words(None),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_that_ends_too_early_takes_no_longer_than_its_length() {
        for level in [
            "7/1+{(",
            "1+2*[",
            "a&&b||c==f(",
            "1-2-\"${",
            "\"${1-2-\n",
            "1/*)*/-2-/*)*/(",
            "1-2-(# )\n",
            "1-2-(<<A\n)\nA\n+",
            "1-2-(\")\\\")\"+",
            "1-2-(\"$${)\"+",
        ] {
            // Of nobody's lifetime, if each level doubled it.
            for levels in [64, 5000] {
                let text = level.repeat(levels);
                assert!(expression(&text).is_err(), "{level}");
                assert!(body(&format!("a = 1\nb = {text}")).is_err(), "{level}");
                assert!(template(&format!("a ${{{text}")).is_err(), "{level}");
            }
        }
        // Within a directive neither a mark nor a line ends a text.
        for hiding in [
            "a = <<EOT\n%{ if true }\nEOT )\n%{ endif }\nEOT\n",
            "a = \"%{ if true }\" )%{ endif }\"\n",
            "a = \"%{~for b in c~}\" )%{ if d }\" )%{ else }\" )%{endif}\" )%{ endfor }\"\n",
        ] {
            let text = format!("{hiding}b = {}", "7/1+{(".repeat(64));
            assert!(body(&text).is_err(), "{hiding}");
        }
        let problem = body(&format!("a = 1\nb = {}", "7/1+{(".repeat(64))).unwrap_err();
        assert_eq!(
            (problem.message.as_str(), problem.line),
            ("an expression is nested too deep", 2)
        );
    }

    #[test]
    fn a_heredoc_without_lines_is_an_empty_text() {
        for end in ["\n", "\r\n"] {
            let text = "a = <<-EOT\n  EOT\nb = [<<ä\nä\n, \"${<<A\nA\n}x\"]\nc = <<EOT\nd\n\nEOT\ne = <<EOT\n\nEOT\n";
            let read = body(&text.replace('\n', end)).unwrap();
            let names: Vec<_> = read.attributes().map(|it| it.key.as_str()).collect();
            assert_eq!(names, ["a", "b", "c", "e"]);
            let first = read.attributes().next().unwrap();
            assert_eq!(first.value.as_str(), Some(""));
        }
        // What is wrong after it stands in its own line.
        assert_eq!(body("a = <<A\nA\nb = )\n").unwrap_err().line, 3);
        for wrong in ["a = <<\n\n", "a = <<A B\nA B\n"] {
            assert!(body(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_templates_nest_is_read() {
        let deep = format!("{}1{}", "[1, ".repeat(60), "]".repeat(60));
        let script = "<<-EOT\n  case $a in\n  (1 - 2 - (\n ((3 - 4 - ((\n  EOT\n";
        let file = format!(
            "a = {deep}\nb = {script}c = 1 - 2 - (3 - 4 - (5 - 6 - (7)))\n\
             d = \"${{1 - 2 - (3 - 4 - length(\"${{5 - 6 - 7}}\"))}}\"\n\
             e {{\n  f = a - b - c - d\n  g {{\n    h = a - b - c\n    i = {{ j = \"}}\" }}\n  }}\n}}\n"
        );
        assert!(body(&file).is_ok(), "{:?}", body(&file).unwrap_err());
        let blank = format!("a = <<A\n{}\nA\n", " ".repeat(1_000_000));
        assert!(body(&blank).is_ok());
        let many = "1 - 2 - (3)\n".repeat(3);
        assert!(expression(many.trim_end()).is_err());
        assert!(template("1 - 2 - ( ${a} ( %{ if b }x%{ endif } \" (").is_ok());
    }
}
