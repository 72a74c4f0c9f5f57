//! Terraform's functions, as coderd's renderer has them.
//!
//! Invariant: every call first goes through [`call`], which converts the arguments, turns null away,
//! carries sensitive marks over, answers for unknown arguments and charges for the work; a function
//! itself only sees values of the kinds it asks for.
mod cidr;
mod collection;
mod conversion;
mod encoding;
mod file;
mod format;
mod hash;
mod number;
mod regular;
mod sequence;
mod set;
mod signature;
mod string;
mod time;
mod yaml;

pub(crate) use regular::compile as regular_expression;

use signature::{Function, Marks};

use super::evaluate::{Budget, Failure, FailureKind, Files, Library};
use super::value::{MAX_DEPTH, Value, convert};

/// What a function is called with.
struct Call<'a> {
    arguments: Vec<Value>,
    library: Library<'a>,
    budget: &'a Budget,
}

impl<'a> Call<'a> {
    /// The files that can be read.
    fn files(&self) -> Result<&'a dyn Files, Failure> {
        match self.library {
            Library::Rendering(files) => Ok(files),
            Library::Empty | Library::Classic => Err(Failure::refused("no files can be read here")),
        }
    }

    fn argument(&self, index: usize) -> Result<&Value, Failure> {
        self.arguments
            .get(index)
            .ok_or_else(|| Failure::refused("an argument is missing"))
    }

    /// The text of an argument that is one.
    fn text(&self, index: usize) -> Result<&str, Failure> {
        match self.argument(index)? {
            Value::String(text) => Ok(text),
            other => Err(Failure::refused(format!("{} is no text", other.kind()))),
        }
    }

    /// The whole number of an argument that is one.
    fn integer(&self, index: usize) -> Result<i64, Failure> {
        match self.argument(index)? {
            Value::Number(number) => number
                .to_i64()
                .ok_or_else(|| Failure::refused("a number is no whole number, or too large")),
            other => Err(Failure::refused(format!("{} is no number", other.kind()))),
        }
    }

    /// The elements of an argument that is a list, a set or a tuple.
    fn items(&self, index: usize) -> Result<&[Value], Failure> {
        items(self.argument(index)?)
    }

    /// Charges for a text of that many bytes before it is made.
    fn afford(&self, bytes: usize) -> Result<(), Failure> {
        self.budget.spend(bytes as u64 / 32)
    }
}

fn items(value: &Value) -> Result<&[Value], Failure> {
    match value {
        Value::List(_, items) | Value::Set(_, items) | Value::Tuple(items) => Ok(items),
        other => Err(Failure::refused(format!(
            "{} is no list, set or tuple",
            other.kind()
        ))),
    }
}

const FAMILIES: [&[Function]; 14] = [
    cidr::FUNCTIONS,
    collection::FUNCTIONS,
    conversion::FUNCTIONS,
    encoding::FUNCTIONS,
    file::FUNCTIONS,
    format::FUNCTIONS,
    hash::FUNCTIONS,
    number::FUNCTIONS,
    regular::FUNCTIONS,
    sequence::FUNCTIONS,
    set::FUNCTIONS,
    string::FUNCTIONS,
    time::FUNCTIONS,
    yaml::FUNCTIONS,
];

/// Functions of Terraform that this renderer leaves to coderd: the text of `base64gzip` depends on
/// the very compressor, and of the others it isn't known whether coderd has them.
const UNSUPPORTED: [&str; 4] = ["base64gzip", "defaults", "plantimestamp", "templatestring"];

/// Functions of Terraform's that came after those for the tags of classic templates.
const LATER: [&str; 13] = [
    "alltrue",
    "anytrue",
    "endswith",
    "issensitive",
    "nonsensitive",
    "one",
    "sensitive",
    "startswith",
    "strcontains",
    "sum",
    "textdecodebase64",
    "textencodebase64",
    "timecmp",
];

/// Functions that only those for the tags of classic templates have.
const EARLIER: [&str; 3] = ["list", "map", "rsadecrypt"];

/// Finds a function by its name.
fn find(name: &str, library: Library<'_>) -> Result<&'static Function, Failure> {
    let (is_missing, is_unsupported) = match library {
        Library::Empty => (true, false),
        Library::Classic => (
            LATER.contains(&name) || file::READING.contains(&name),
            EARLIER.contains(&name) || name == "base64gzip",
        ),
        Library::Rendering(_) => (false, UNSUPPORTED.contains(&name)),
    };
    if is_unsupported {
        return Err(Failure::unsupported(format!("the function {name:?}")));
    }
    let mut functions = FAMILIES.iter().copied().flatten();
    functions
        .find(|function| function.name == name && !is_missing)
        .ok_or_else(|| Failure::refused(format!("there is no function {name:?}")))
}

/// Whether a function reads files of the template.
pub(super) fn reads_files(name: &str) -> bool {
    file::READING.contains(&name)
}

/// Calls a function. `arguments` are none where one that is to be spread is unknown.
///
/// # Errors
///
/// There is no such function, it refuses its arguments, or it is too much work.
pub(super) fn call(
    name: &str,
    arguments: Option<Vec<Value>>,
    library: Library<'_>,
    budget: &Budget,
) -> Result<Value, Failure> {
    let function = find(name, library)?;
    let Some(arguments) = arguments else {
        return Ok(Value::unknown());
    };
    apply(function, arguments, library, budget).map_err(|failure| match failure.kind {
        FailureKind::Refused => Failure::refused(format!("`{name}`: {failure}")),
        _ => failure,
    })
}

fn apply(
    function: &Function,
    mut arguments: Vec<Value>,
    library: Library<'_>,
    budget: &Budget,
) -> Result<Value, Failure> {
    let required = function.parameters.len();
    if arguments.len() < required || (arguments.len() > required && function.rest.is_none()) {
        return Err(Failure::refused(format!(
            "{} arguments are given, {required}{} are required",
            arguments.len(),
            if function.rest.is_some() {
                " or more"
            } else {
                ""
            }
        )));
    }
    let mut sensitive = false;
    let (mut open, mut unknown) = (false, false);
    let parameters = || {
        function
            .parameters
            .iter()
            .chain(function.rest.iter().cycle())
    };
    for (argument, parameter) in arguments.iter_mut().zip(parameters()) {
        budget.spend(argument.weight())?;
        let mut value = convert(argument, &parameter.kind.type_of())?;
        match function.marks {
            Marks::Deep if value.has_sensitive() => {
                sensitive = true;
                value = value.revealed();
            }
            Marks::Shallow if value.reveal().1 => {
                sensitive = true;
                value = value.reveal().0.clone();
            }
            _ => {}
        }
        if value.is_null() && !parameter.null {
            return Err(Failure::refused("an argument is null"));
        }
        let plain = value.reveal().0;
        open |= matches!(plain, Value::Null(kind) | Value::Unknown(kind) if kind.is_any())
            && !parameter.any;
        unknown |= !parameter.unknown
            && !(if function.wholly {
                value.is_wholly_known()
            } else {
                value.is_known()
            });
        *argument = value;
    }
    let outcome = match (open, unknown) {
        (true, _) => Value::unknown(),
        (_, true) => Value::Unknown(function.returns.type_of(&arguments)?),
        _ => (function.run)(&Call {
            arguments,
            library,
            budget,
        })?,
    };
    budget.spend(outcome.weight())?;
    if outcome.depth() > MAX_DEPTH {
        return Err(Failure::bound("a value is nested too deep"));
    }
    Ok(if sensitive {
        outcome.sensitive()
    } else {
        outcome
    })
}

#[cfg(test)]
mod tests;
