//! The configuration of one folder: the blocks of its `.tf` and `.tf.json` files, override files
//! merged.
//!
//! Invariant: blocks are in the order of their files' names and of their places in them, which is
//! the order in which coderd's renderer goes through them.

mod json;
mod overrides;

use std::borrow::Cow;
use std::sync::Arc;

use hcl_edit::Span;
use hcl_edit::expr::Expression;
use hcl_edit::structure as syntax;

use super::archive::Folder;
use super::diagnostic::{Diagnostic, Place, Reason};
use super::evaluate::Failure;
use super::value::Value;

/// The blocks of one folder.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    pub(super) blocks: Vec<Arc<Block>>,
    /// Whether an override file could not be merged.
    pub(super) unmerged: bool,
}

/// A block.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) kind: Arc<str>,
    pub(super) labels: Vec<Arc<str>>,
    pub(super) body: Body,
    pub(super) location: Location,
}

/// What a block holds.
#[derive(Clone, Debug, Default)]
pub(super) struct Body {
    pub(super) attributes: Vec<Attribute>,
    pub(super) blocks: Vec<Block>,
}

/// An attribute.
#[derive(Clone, Debug)]
pub(super) struct Attribute {
    pub(super) name: Arc<str>,
    pub(super) expression: Arc<Expression>,
    /// What it comes to, where nothing is to be worked out.
    pub(super) constant: Option<Value>,
    pub(super) location: Location,
}

/// Where something stands.
#[derive(Clone, Debug)]
pub(super) struct Location {
    source: Arc<Source>,
    offset: Option<usize>,
}

/// A file, as far as places in it are concerned.
#[derive(Debug)]
struct Source {
    file: String,
    /// Where the lines begin; none in a JSON file.
    lines: Vec<usize>,
}

/// Bytes of all `.tf` files of a template together, its modules' among them. A syntax tree takes some
/// thirty times as much, and real templates take a hundredth.
pub(super) const MAX_BYTES: usize = 8 * 1024 * 1024;

impl Configuration {
    /// Reads the configuration of a folder.
    ///
    /// coderd's renderer merges override files as Terraform does, but only where it can do so for
    /// all of them; else it reads them like other files (`merging` is false).
    ///
    /// # Errors
    ///
    /// Files that can't be read, or for which there is no room: it is what is left of
    /// [`MAX_BYTES`].
    pub(super) fn read(
        files: &Folder,
        folder: &str,
        merging: bool,
        room: &mut usize,
    ) -> Result<Self, Vec<Diagnostic>> {
        let (mut blocks, mut overriding, mut errors) = (Vec::new(), Vec::new(), Vec::new());
        for (name, bytes) in files.directly_in(folder) {
            let Some(syntax) = Syntax::of(name) else {
                continue;
            };
            let path = format!("{}{name}", super::archive::prefix(folder));
            let Some(left) = room.checked_sub(bytes.len()) else {
                let message = format!(
                    "the template's configuration is larger than {} MB",
                    MAX_BYTES / (1024 * 1024)
                );
                let place = Place {
                    file: path,
                    line: None,
                };
                return Err(vec![Diagnostic::error(Reason::Unsupported, message, place)]);
            };
            *room = left;
            match syntax.read(path, bytes) {
                Ok(body) if merging && overrides::is_override(name) => overriding.push(body),
                Ok(body) => blocks.extend(body.blocks),
                Err(error) => errors.push(error),
            }
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let unmerged = !overriding
            .into_iter()
            .all(|body| overrides::merge(&mut blocks, body));
        Ok(Self {
            blocks: blocks.into_iter().map(Arc::new).collect(),
            unmerged,
        })
    }
}

/// How a file is written.
#[derive(Clone, Copy)]
enum Syntax {
    Native,
    Json,
}

impl Syntax {
    fn of(name: &str) -> Option<Self> {
        if name.ends_with(".tf") {
            Some(Self::Native)
        } else if name.ends_with(".tf.json") {
            Some(Self::Json)
        } else {
            None
        }
    }

    fn read(self, path: String, bytes: &[u8]) -> Result<Body, Diagnostic> {
        let Ok(text) = std::str::from_utf8(bytes) else {
            let place = Place {
                file: path,
                line: None,
            };
            return Err(unreadable("it is not UTF-8", place));
        };
        match self {
            Self::Native => native(path, text),
            Self::Json => json::read(path, text),
        }
    }
}

/// The attributes of a `.tfvars` file.
pub(super) fn read_variables(path: String, text: &str) -> Result<Vec<Attribute>, Diagnostic> {
    if path.ends_with(".json") {
        json::read_attributes(path, text)
    } else {
        native(path, text).map(|body| body.attributes)
    }
}

fn unreadable(problem: &str, place: Place) -> Diagnostic {
    Diagnostic::error(
        Reason::Unsupported,
        format!("the file can't be read: {problem}"),
        place,
    )
}

fn native(path: String, text: &str) -> Result<Body, Diagnostic> {
    // A byte order mark is allowed, and counts in no position.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let body = super::syntax::body(text).map_err(|error| {
        let place = Place {
            file: path.clone(),
            line: Some(error.line),
        };
        unreadable(&error.message, place)
    })?;
    let lines = text.match_indices('\n').map(|(at, _)| at + 1);
    let source = Source {
        file: path,
        lines: std::iter::once(0).chain(lines).collect(),
    };
    Ok(Body::from_syntax(body, &Arc::new(source)))
}

impl Body {
    fn from_syntax(body: syntax::Body, source: &Arc<Source>) -> Self {
        let mut own = Self::default();
        for structure in body {
            match structure {
                syntax::Structure::Attribute(attribute) => {
                    own.attributes
                        .push(Attribute::from_syntax(attribute, source));
                }
                syntax::Structure::Block(block) => {
                    own.blocks.push(Block::from_syntax(block, source));
                }
            }
        }
        own
    }

    /// The attribute of that name.
    pub(super) fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes
            .iter()
            .find(|attribute| &*attribute.name == name)
    }
}

impl Block {
    fn from_syntax(block: syntax::Block, source: &Arc<Source>) -> Self {
        let location = Location::new(source, block.span().map(|span| span.start));
        Self {
            kind: block.ident.as_str().into(),
            labels: block
                .labels
                .iter()
                .map(|label| label.as_str().into())
                .collect(),
            body: Body::from_syntax(block.body, source),
            location,
        }
    }

    /// The first label: a type, or a name.
    pub(super) fn first_label(&self) -> &str {
        self.labels.first().map_or("", |label| label)
    }

    /// The label that tells blocks of a type apart.
    pub(super) fn name(&self) -> &str {
        self.labels.last().map_or("", |label| label)
    }

    /// Whether it is a data source of that type.
    pub(super) fn is_data(&self, kind: &str) -> bool {
        &*self.kind == "data" && self.labels.len() > 1 && self.first_label() == kind
    }

    /// The block as people name it: `coder_parameter.region`.
    pub(super) fn title(&self) -> String {
        self.labels.join(".")
    }
}

impl Attribute {
    fn from_syntax(attribute: syntax::Attribute, source: &Arc<Source>) -> Self {
        let location = Location::new(source, attribute.span().map(|span| span.start));
        Self::new(attribute.key.as_str(), attribute.value, location)
    }

    fn new(name: &str, expression: Expression, location: Location) -> Self {
        let constant = match &expression {
            // A text with a sign that begins an interpolation may be one in disguise.
            Expression::String(text) if !text.contains(['$', '%']) => Some(text.as_str().into()),
            Expression::Bool(value) => Some((**value).into()),
            _ => None,
        };
        Self {
            name: name.into(),
            expression: Arc::new(expression),
            constant,
            location,
        }
    }
}

impl Attribute {
    /// The expression as the native syntax has it: in JSON, one that is read as it stands, such as a
    /// type, is a text.
    ///
    /// # Errors
    ///
    /// The text is no expression.
    pub(super) fn as_native(&self) -> Result<Cow<'_, Expression>, Failure> {
        match &*self.expression {
            Expression::String(text) if self.location.source.lines.is_empty() => {
                let parsed = super::syntax::expression(text);
                let failure = |_| Failure::refused("a text is no expression");
                parsed.map(Cow::Owned).map_err(failure)
            }
            expression => Ok(Cow::Borrowed(expression)),
        }
    }
}

impl Location {
    fn new(source: &Arc<Source>, offset: Option<usize>) -> Self {
        Self {
            source: Arc::clone(source),
            offset,
        }
    }

    /// The place of that location.
    pub(super) fn place(&self) -> Place {
        self.place_at(None)
    }

    /// The place of that offset in the same file, or of the location itself.
    pub(super) fn place_at(&self, offset: Option<usize>) -> Place {
        let line = |offset| self.source.lines.partition_point(|start| *start <= offset);
        let line = offset.or(self.offset).map(line).filter(|line| *line > 0);
        Place {
            file: self.source.file.clone(),
            line,
        }
    }
}
