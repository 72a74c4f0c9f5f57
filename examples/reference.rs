//! Prints docs/commands.md, the reference of all commands, from the definition of the command line.
//!
//! `.ci/generate` writes it, and CI fails where the page is older than the command line.

#![expect(clippy::print_stdout, reason = "it is what this program is for")]

use clap_markdown::{MarkdownOptions, help_markdown_custom};

fn main() {
    let options = MarkdownOptions::new()
        .title("Commands".to_owned())
        .show_footer(false);
    let page = help_markdown_custom::<prebuildctl::Cli>(&options);
    let introduction =
        "This document contains the help content for the `prebuildctl` command-line program.";
    let page = page.replace(
        introduction,
        "What `prebuildctl COMMAND --help` says. The flags of `prebuildctl` itself are those of every command; \
         [the guide](guide.md) shows what the commands do.",
    );
    print!("{}", fence_tables(&page));
}

/// Puts the tables of help texts, indented lines below a line that ends in a colon, into code blocks.
fn fence_tables(page: &str) -> String {
    let mut text = String::new();
    let mut follows_a_heading = false;
    let mut in_table = false;
    for line in page.lines() {
        let is_indented = line.starts_with("  ");
        if is_indented && follows_a_heading {
            text.push_str("\n```text\n");
            in_table = true;
        } else if in_table && !is_indented {
            text.push_str("```\n");
            in_table = false;
        }
        follows_a_heading = line.ends_with(':') && line.starts_with(char::is_alphabetic);
        text.push_str(line);
        text.push('\n');
    }
    text.trim_end().to_owned() + "\n"
}
