//! The documentation's pages, their code blocks, and the command lines in them.
//!
//! Takes apart as much of Markdown, shell and systemd's units as the pages use. What an example
//! must say is for tests.

use std::fs::{read_dir, read_to_string};
use std::path::{Path, PathBuf};

/// The README and the pages in `docs`, by their paths in the repository: all of them, also new ones.
pub fn pages() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let docs = read_dir(root.join("docs")).unwrap();
    let mut paths: Vec<_> = docs.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension() == Some("md".as_ref()));
    paths.push(root.join("README.md"));
    paths.sort();
    let pages = paths.into_iter().map(|path| {
        let text = read_to_string(&path).unwrap();
        (path.strip_prefix(root).unwrap().to_owned(), text)
    });
    pages.collect()
}

/// A fenced block.
pub struct Block {
    /// What stands behind the fence, such as `sh`.
    pub language: String,
    /// The lines between the fences.
    pub text: String,
}

/// All code blocks, page by page in their order.
pub fn blocks() -> Vec<Block> {
    let mut blocks = Vec::new();
    for (_, page) in pages() {
        let mut lines = page.lines();
        while let Some(line) = lines.next() {
            if let Some(language) = line.strip_prefix("```") {
                let text: Vec<_> = lines.by_ref().take_while(|line| *line != "```").collect();
                let language = language.to_owned();
                let text = text.join("\n") + "\n";
                blocks.push(Block { language, text });
            }
        }
    }
    blocks
}

/// The page without its code blocks.
pub fn prose(page: &str) -> String {
    let outside = page.split("\n```").step_by(2);
    outside.collect()
}

/// The block that begins with a comment that is this file's path.
#[track_caller]
pub fn file(path: &str) -> String {
    let heading = format!("# {path}\n");
    let mut blocks = blocks().into_iter();
    let block = blocks.find(|block| block.text.starts_with(&heading));
    block.unwrap_or_else(|| panic!("no {path}")).text
}

/// The command lines of prebuildctl in a shell script, as words with the program first.
///
/// A command may stand behind others, in a condition or in front of a redirection; quoted operators
/// and commands within quotes are not told apart.
pub fn commands(script: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    for line in join_lines(script).lines() {
        if !line.contains("prebuildctl") {
            continue;
        }
        // A semicolon needs no space before it.
        let line = line.replace("; ", " ; ");
        let words = shlex::split(&line).unwrap_or_else(|| panic!("can't be split: {line}"));
        for command in words.split(|word| ["|", "||", "&&", ";", "&"].contains(&word.as_str())) {
            let start = command.iter().position(|word| !precedes_a_command(word));
            let command = without_redirections(command.get(start.unwrap_or(0)..).unwrap_or(&[]));
            if command.first().is_some_and(|word| is_prebuildctl(word)) {
                found.push(command);
            }
        }
    }
    found
}

/// What is typed at the prompts of a console, without what is printed.
pub fn typed(console: &str) -> String {
    let joined = join_lines(console);
    let lines = joined.lines().filter_map(|line| line.strip_prefix("$ "));
    lines.flat_map(|line| [line, "\n"]).collect()
}

/// Joins lines that end in a backslash with the next one.
pub fn join_lines(text: &str) -> String {
    text.replace("\\\n", " ")
}

/// Whether the word is the program, by whatever path.
pub fn is_prebuildctl(word: &str) -> bool {
    Path::new(word).file_name() == Some("prebuildctl".as_ref())
}

/// Whether a command can follow: an assignment, or a word of the shell.
fn precedes_a_command(word: &str) -> bool {
    let name = word.split_once('=').map(|(name, _)| name);
    let is_name = |name: &str| name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric());
    name.is_some_and(is_name)
        || [
            "if", "while", "until", "then", "do", "else", "!", "time", "exec",
        ]
        .contains(&word)
}

fn without_redirections(words: &[String]) -> Vec<String> {
    let mut kept = Vec::new();
    let mut words = words.iter();
    while let Some(word) = words.next() {
        let operator = word.trim_start_matches(|c: char| c.is_ascii_digit());
        if operator.starts_with(['<', '>']) {
            // The file can be a word of its own.
            if operator.trim_start_matches(['<', '>']).is_empty() {
                words.next();
            }
        } else {
            kept.push(word.clone());
        }
    }
    kept
}

/// A unit's settings: section, key and value, in their order.
pub fn unit(text: &str) -> Vec<(String, String, String)> {
    let mut section = "";
    let mut settings = Vec::new();
    for line in join_lines(text).lines() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[') {
            section = ["Unit", "Service", "Timer", "Install"]
                .into_iter()
                .find(|known| name == format!("{known}]"))
                .unwrap_or_else(|| panic!("no section: {line}"));
            continue;
        }
        let (key, value) = line
            .split_once('=')
            .unwrap_or_else(|| panic!("no setting: {line}"));
        settings.push((section.to_owned(), key.to_owned(), value.to_owned()));
    }
    settings
}
