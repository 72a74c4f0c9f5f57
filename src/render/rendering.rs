//! The tables of `render`: for each preset its parameters and tags, and what is to be said about them.

use comfy_table::Color;

use super::View;
use super::table::{Cell, Grid, cell, plain};
use super::warnings::severity;
use crate::model::rendering::{
    BuildFlow, RenderedParameter, Rendering, TemplateDiagnostic, ValueSource,
};
use crate::model::text::printable;

/// The tables of all presets, one after another.
pub(crate) fn view(renderings: &[Rendering]) -> View {
    let mut view = View::default();
    for (number, rendering) in renderings.iter().enumerate() {
        if number > 0 {
            view.gap();
        }
        view.append(of(rendering));
    }
    view
}

fn of(rendering: &Rendering) -> View {
    let mut view = View::default();
    view.heading(title(rendering));
    let headings = ["KIND", "@NAME", "VALUE", "SOURCE", "TYPE"];
    let mut grid = Grid::of("@PRESET", names(rendering), &headings);
    for parameter in &rendering.parameters {
        grid.row(vec![
            plain("parameter"),
            plain(printable(&parameter.name)),
            value(parameter),
            plain(source(parameter.source)),
            plain(kind(parameter)),
        ]);
    }
    for (key, value) in &rendering.tags {
        grid.row(vec![
            plain("tag"),
            plain(printable(key)),
            plain(printable(value)),
            plain(""),
            plain(""),
        ]);
    }
    if rendering.parameters.is_empty() && rendering.tags.is_empty() {
        view.lines("No parameters and no tags.\n");
    }
    view.table(grid);
    let mut lines: String = rendering.diagnostics.iter().map(line).collect();
    if !rendering.refused.is_empty() {
        lines.push_str("No build would be made.\n");
    }
    view.lines(lines);
    view
}

/// The template and the preset, as far as there are any.
fn names(rendering: &Rendering) -> String {
    let names = [&rendering.template, &rendering.preset];
    let names: Vec<&str> = names.into_iter().flatten().map(String::as_str).collect();
    printable(&names.join("/"))
}

/// `acme-web/small for prebuilds, dynamic flow`.
fn title(rendering: &Rendering) -> String {
    let names = match names(rendering) {
        names if names.is_empty() => "without a preset".to_owned(),
        names => names,
    };
    let owner = &rendering.owner;
    let owner = if owner.name.is_empty() {
        &owner.id
    } else {
        &owner.name
    };
    let flow = match rendering.flow {
        BuildFlow::Dynamic => "dynamic",
        BuildFlow::Static => "static",
        BuildFlow::Classic => "classic",
    };
    format!("{names} for {}, {flow} flow", printable(owner))
}

fn value(parameter: &RenderedParameter) -> Cell {
    match &parameter.value {
        Some(value) => plain(printable(value)),
        None => cell("(none)", Color::Red),
    }
}

fn source(source: ValueSource) -> &'static str {
    match source {
        ValueSource::Preset => "preset",
        ValueSource::Given => "given",
        ValueSource::LastBuild => "last build",
        ValueSource::Default => "default",
    }
}

/// `number, mutable`.
fn kind(parameter: &RenderedParameter) -> String {
    let mut words = vec![printable(&parameter.kind)];
    if parameter.mutable {
        words.push("mutable".to_owned());
    }
    if parameter.ephemeral {
        words.push("ephemeral".to_owned());
    }
    words.join(", ")
}

/// `problem: main.tf:3: the message [code]`.
fn line(diagnostic: &TemplateDiagnostic) -> String {
    let severity = severity(diagnostic.severity);
    let place = match (&diagnostic.file, diagnostic.line) {
        (None, _) => String::new(),
        (Some(file), None) => format!("{file}: "),
        (Some(file), Some(line)) => format!("{file}:{line}: "),
    };
    let message = printable(&format!("{place}{}", diagnostic.message));
    format!("{severity}: {message} [{}]\n", diagnostic.code)
}
