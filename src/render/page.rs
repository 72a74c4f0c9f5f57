//! Pages: one self-contained HTML file, which needs no network and no script.
//!
//! Pictures are SVG drawn to the width there is, in colours that follow the reader's light or dark mode and print in
//! ink; every picture has a table with the same numbers. All text is escaped.

use crate::model::text::{escaped, printable};

/// The look of all pages: readable from a phone's width on, without anything that can overflow it.
const STYLE: &str = include_str!("page.css");

/// A page that is being written.
pub(super) struct Page {
    text: String,
}

impl Page {
    /// Begins a page; `about` is a sentence below its title.
    pub(super) fn new(title: &str, about: &str) -> Self {
        let (title, about) = (html(title), html(about));
        Self {
            text: format!(
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
                 <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
                 <title>{title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
                 <h1>{title}</h1>\n<p>{about}</p>\n"
            ),
        }
    }

    pub(super) fn section(&mut self, name: &str) {
        self.add(&format!("<h2>{}</h2>\n", html(name)));
    }

    pub(super) fn paragraph(&mut self, text: &str) {
        self.add(&format!("<p>{}</p>\n", html(text)));
    }

    /// Text to be copied as it is.
    pub(super) fn code(&mut self, text: &str) {
        self.add(&format!("<pre>{}</pre>\n", html(text)));
    }

    /// A picture with what it shows.
    pub(super) fn picture(&mut self, caption: &str, picture: &Picture) {
        let caption = html(caption);
        let Picture { width, height, .. } = picture;
        self.add(&format!(
            "<figure>\n<figcaption>{caption}</figcaption>\n<svg viewBox=\"0 0 {width} {height}\" role=\"img\" \
             aria-label=\"{caption}\">\n{}</svg>\n</figure>\n",
            picture.shapes
        ));
    }

    /// A table, which scrolls by itself where it is wider than the page.
    pub(super) fn table(&mut self, headings: &[&str], rows: &[Vec<String>]) {
        let cells = |name: &str, texts: &mut dyn Iterator<Item = &str>| {
            texts
                .map(|text| format!("<{name}>{}</{name}>", html(text)))
                .collect::<String>()
        };
        let head = cells("th", &mut headings.iter().copied());
        let row = |row: &Vec<String>| {
            let cells = cells("td", &mut row.iter().map(String::as_str));
            format!("<tr>{cells}</tr>\n")
        };
        let rows: String = rows.iter().map(row).collect();
        self.add(&format!(
            "<div class=\"wide\">\n<table>\n<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n"
        ));
    }

    pub(super) fn finish(mut self) -> String {
        self.add("</main>\n</body>\n</html>\n");
        self.text
    }

    fn add(&mut self, text: &str) {
        self.text.push_str(text);
    }
}

/// Shapes of an SVG, in its own units.
pub(super) struct Picture {
    width: usize,
    height: usize,
    shapes: String,
}

/// Where a day's name stands, and the size of an hour.
const NAMES: usize = 44;
const CELL: usize = 22;

impl Picture {
    /// A week: a row for each day, a cell for each hour, the stronger the larger its number. What it tells on being
    /// pointed at is `told`, of a day and an hour.
    pub(super) fn week(days: &[(&str, [i64; 24])], told: impl Fn(usize, usize) -> String) -> Self {
        let most = days
            .iter()
            .flat_map(|(_, hours)| hours)
            .copied()
            .max()
            .unwrap_or(0)
            .max(1);
        let mut shapes = String::new();
        let mut draw = |shape: String| shapes.push_str(&(shape + "\n"));
        for hour in (0..24).step_by(3) {
            draw(text(NAMES + hour * CELL, 14, &hour.to_string()));
        }
        for (row, (name, hours)) in days.iter().enumerate() {
            let y = 20 + row * CELL;
            draw(text(0, y + 15, name.get(..3).unwrap_or(name)));
            for (hour, number) in hours.iter().enumerate() {
                let x = NAMES + hour * CELL;
                let strength = *number as f64 / most as f64;
                let told = html(&told(row, hour));
                draw(format!(
                    "<rect class=\"cell\" x=\"{x}\" y=\"{y}\" width=\"{0}\" height=\"{0}\"/>\
                     <rect class=\"claims\" x=\"{x}\" y=\"{y}\" width=\"{0}\" height=\"{0}\" \
                     fill-opacity=\"{strength:.2}\"><title>{told}</title></rect>",
                    CELL - 2
                ));
            }
        }
        Self {
            width: NAMES + 24 * CELL,
            height: 20 + days.len() * CELL,
            shapes,
        }
    }

    /// Columns over time, those of the second kind on top of the first; and a line over them with a scale of its own.
    pub(super) fn columns(columns: &[Column]) -> Self {
        let (width, height) = (600, 160);
        let most = columns
            .iter()
            .map(|it| it.claims + it.misses)
            .max()
            .unwrap_or(0)
            .max(1);
        let highest = columns.iter().map(|it| it.stock).fold(1.0, f64::max);
        let step = (width - NAMES) as f64 / columns.len().max(1) as f64;
        let high = |value: f64, most: f64| value / most * (height - 30) as f64;
        let mut shapes = String::new();
        let mut draw = |shape: String| shapes.push_str(&(shape + "\n"));
        draw(text(0, 22, &most.to_string()));
        draw(text(0, height - 12, "0"));
        let mut line = Vec::new();
        for (place, column) in (0..).map(f64::from).zip(columns) {
            let x = NAMES as f64 + place * step;
            let claims = high(column.claims as f64, most as f64);
            let misses = high(column.misses as f64, most as f64);
            let bottom = (height - 14) as f64;
            let told = html(&column.told());
            let bar = |class: &str, y: f64, height: f64| {
                format!(
                    "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{height:.1}\">\
                     <title>{told}</title></rect>",
                    step * 0.8
                )
            };
            draw(bar("claims", bottom - claims, claims));
            draw(bar("misses", bottom - claims - misses, misses));
            let y = bottom - high(column.stock, highest);
            line.push(format!("{:.1},{y:.1}", x + step * 0.4));
        }
        draw(format!(
            "<polyline class=\"stock\" points=\"{}\"/>",
            line.join(" ")
        ));
        for (column, x) in [(columns.first(), NAMES), (columns.last(), width - 80)] {
            if let Some(column) = column {
                draw(text(x, height, &column.day));
            }
        }
        Self {
            width,
            height: height + 4,
            shapes,
        }
    }

    /// Two sizes by hour of the week, one as an area and one as a line, Monday first.
    pub(super) fn sizes(now: &[i64], then: &[i64]) -> Self {
        let (width, height) = (600usize, 140usize);
        let most = now.iter().chain(then).copied().max().unwrap_or(0).max(1);
        let points = |sizes: &[i64]| {
            let mut points = Vec::new();
            for (hour, size) in sizes.iter().enumerate() {
                let y = (height - 20) as f64 - *size as f64 / most as f64 * (height - 40) as f64;
                for hour in [hour, hour + 1] {
                    let x =
                        NAMES as f64 + (hour * (width - NAMES)) as f64 / sizes.len().max(1) as f64;
                    points.push(format!("{x:.1},{y:.1}"));
                }
            }
            points.join(" ")
        };
        let mut shapes = String::new();
        let mut draw = |shape: String| shapes.push_str(&(shape + "\n"));
        draw(text(0, 24, &most.to_string()));
        draw(text(0, height - 20, "0"));
        let bottom = height - 20;
        draw(format!(
            "<polygon class=\"now\" points=\"{NAMES},{bottom} {} {width},{bottom}\"/>",
            points(now)
        ));
        draw(format!(
            "<polyline class=\"then\" points=\"{}\"/>",
            points(then)
        ));
        for (day, name) in ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
            .iter()
            .enumerate()
        {
            draw(text(NAMES + day * (width - NAMES) / 7, height - 4, name));
        }
        Self {
            width,
            height,
            shapes,
        }
    }
}

/// A day of a pool.
pub(super) struct Column {
    pub(super) day: String,
    pub(super) claims: i64,
    pub(super) misses: i64,
    /// Members that could be claimed, on average.
    pub(super) stock: f64,
}

impl Column {
    fn told(&self) -> String {
        let Self {
            day,
            claims,
            misses,
            stock,
        } = self;
        format!("{day}: claims {claims}, misses {misses}, members {stock:.1}")
    }
}

fn text(x: usize, y: usize, words: &str) -> String {
    format!("<text x=\"{x}\" y=\"{y}\">{}</text>", html(words))
}

/// The text without what would be markup, or steer its direction.
fn html(text: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(printable).collect();
    escaped(&lines.join("\n"), |c| {
        let entity = match c {
            '&' => "&amp;",
            '<' => "&lt;",
            '>' => "&gt;",
            '"' => "&quot;",
            _ => return None,
        };
        Some(entity.to_owned())
    })
}
