//! Which text a template's literals stand for: escapes, `~`, and the indentation of heredocs.
//!
//! Invariant: `~` takes white space off the one piece of text beside it, and in a heredoc each line
//! is a piece of its own; `<<-` then takes off what all lines have in common that still start where
//! a line starts.

use hcl_edit::expr::Expression;
use hcl_edit::template::{
    Directive, Element, ForDirective, HeredocTemplate, IfDirective, StringTemplate, Strip,
};

use super::Failure;

/// A part of a template.
pub(super) enum Part<'e> {
    Text(String),
    Value(&'e Expression),
    If {
        directive: &'e IfDirective,
        yes: Vec<Self>,
        no: Vec<Self>,
    },
    For {
        directive: &'e ForDirective,
        body: Vec<Self>,
    },
}

/// The parts of a template in quotation marks.
pub(super) fn quoted(template: &StringTemplate) -> Result<Vec<Part<'_>>, Failure> {
    let mut tokens = Vec::new();
    flatten(
        template.iter(),
        &Literals::Quoted { inside: false },
        &mut tokens,
    )?;
    strip(&mut tokens);
    Ok(parts(&mut tokens.into_iter()))
}

/// The parts of a heredoc.
pub(super) fn heredoc(heredoc: &HeredocTemplate) -> Result<Vec<Part<'_>>, Failure> {
    let mut tokens = Vec::new();
    flatten(heredoc.template.iter(), &Literals::Lines, &mut tokens)?;
    strip(&mut tokens);
    if heredoc.indent().is_some() {
        unindent(&mut tokens);
    }
    Ok(parts(&mut tokens.into_iter()))
}

/// How literals are written.
enum Literals {
    /// Backslashes escape; the parser has seen to those that are not inside of a directive.
    Quoted { inside: bool },
    /// Line by line.
    Lines,
}

/// A template as a flat sequence.
struct Token<'e> {
    kind: Kind<'e>,
    strip: Strip,
}

enum Kind<'e> {
    Text(String),
    Value(&'e Expression),
    If(&'e IfDirective),
    Else,
    EndIf,
    For(&'e ForDirective),
    EndFor,
}

fn flatten<'e>(
    elements: impl Iterator<Item = &'e Element>,
    literals: &Literals,
    tokens: &mut Vec<Token<'e>>,
) -> Result<(), Failure> {
    let inside = match literals {
        Literals::Quoted { .. } => Literals::Quoted { inside: true },
        Literals::Lines => Literals::Lines,
    };
    for element in elements {
        let mut push = |kind, strip| tokens.push(Token { kind, strip });
        match element {
            Element::Literal(literal) => {
                let literal = literal.value().as_str();
                match literals {
                    Literals::Quoted { inside: false } => {
                        push(Kind::Text(literal.to_owned()), Strip::None);
                    }
                    Literals::Quoted { inside: true } => {
                        push(Kind::Text(unescaped(literal)?), Strip::None);
                    }
                    Literals::Lines => {
                        for line in literal.split_inclusive('\n') {
                            push(Kind::Text(line.to_owned()), Strip::None);
                        }
                    }
                }
            }
            Element::Interpolation(value) => push(Kind::Value(&value.expr), value.strip),
            Element::Directive(directive) => match &**directive {
                Directive::If(directive) => {
                    push(Kind::If(directive), directive.if_expr.strip);
                    flatten(directive.if_expr.template.iter(), &inside, tokens)?;
                    if let Some(other) = &directive.else_expr {
                        tokens.push(Token {
                            kind: Kind::Else,
                            strip: other.strip,
                        });
                        flatten(other.template.iter(), &inside, tokens)?;
                    }
                    let strip = directive.endif_expr.strip;
                    tokens.push(Token {
                        kind: Kind::EndIf,
                        strip,
                    });
                }
                Directive::For(directive) => {
                    push(Kind::For(directive), directive.for_expr.strip);
                    flatten(directive.for_expr.template.iter(), &inside, tokens)?;
                    let strip = directive.endfor_expr.strip;
                    tokens.push(Token {
                        kind: Kind::EndFor,
                        strip,
                    });
                }
            },
        }
    }
    Ok(())
}

/// Takes white space off beside each `~`.
fn strip(tokens: &mut [Token<'_>]) {
    for index in 0..tokens.len() {
        let Some(strip) = tokens.get(index).map(|token| token.strip) else {
            continue;
        };
        if strip.strip_start()
            && let Some(Kind::Text(text)) = text_at(tokens, index.checked_sub(1))
        {
            text.truncate(text.trim_end().len());
        }
        if strip.strip_end()
            && let Some(Kind::Text(text)) = text_at(tokens, index.checked_add(1))
        {
            *text = text.trim_start().to_owned();
        }
    }
}

fn text_at<'t, 'e>(tokens: &'t mut [Token<'e>], index: Option<usize>) -> Option<&'t mut Kind<'e>> {
    tokens.get_mut(index?).map(|token| &mut token.kind)
}

/// Takes off the white space that all lines start with. Lines of nothing else stay as they are.
fn unindent(tokens: &mut [Token<'_>]) {
    let mut least = usize::MAX;
    let mut line_start = true;
    let mut starts = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        match &token.kind {
            Kind::Text(text) => {
                let spaces = text
                    .chars()
                    .take_while(|character| character.is_whitespace())
                    .count();
                let blank = text.ends_with('\n') && text.trim_start().is_empty();
                if line_start && !blank {
                    least = least.min(spaces);
                    starts.push(index);
                }
                line_start = text.ends_with('\n');
            }
            _ => {
                if line_start {
                    least = 0;
                }
                line_start = false;
            }
        }
    }
    for index in starts {
        if let Some(Kind::Text(text)) = text_at(tokens, Some(index)) {
            *text = text.chars().skip(least).collect();
        }
    }
}

/// Builds the parts up to the end of the directive that the tokens are inside of.
fn parts<'e>(tokens: &mut impl Iterator<Item = Token<'e>>) -> Vec<Part<'e>> {
    block(tokens).0
}

/// The parts, and whether an `else` ended them.
fn block<'e>(tokens: &mut dyn Iterator<Item = Token<'e>>) -> (Vec<Part<'e>>, bool) {
    let mut parts = Vec::new();
    while let Some(token) = tokens.next() {
        parts.push(match token.kind {
            Kind::Text(text) => Part::Text(text),
            Kind::Value(value) => Part::Value(value),
            Kind::If(directive) => {
                let (yes, more) = block(tokens);
                let no = if more { block(tokens).0 } else { Vec::new() };
                Part::If { directive, yes, no }
            }
            Kind::For(directive) => Part::For {
                directive,
                body: block(tokens).0,
            },
            Kind::Else => return (parts, true),
            Kind::EndIf | Kind::EndFor => return (parts, false),
        });
    }
    (parts, false)
}

/// The text that a literal in quotation marks stands for.
fn unescaped(literal: &str) -> Result<String, Failure> {
    let mut text = String::new();
    let mut rest = literal.chars();
    while let Some(character) = rest.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        text.push(match rest.next() {
            Some('n') => '\n',
            Some('r') => '\r',
            Some('t') => '\t',
            Some('"') => '"',
            Some('\\') => '\\',
            Some('u') => code_point(&mut rest, 4)?,
            Some('U') => code_point(&mut rest, 8)?,
            _ => return Err(Failure::refused("a text has an escape that doesn't exist")),
        });
    }
    Ok(text)
}

fn code_point(rest: &mut std::str::Chars<'_>, digits: usize) -> Result<char, Failure> {
    let written: String = rest.take(digits).collect();
    u32::from_str_radix(&written, 16)
        .ok()
        .filter(|_| written.len() == digits)
        .and_then(char::from_u32)
        .ok_or_else(|| Failure::refused("a text has an escape of no character"))
}
