//! Pages: one self-contained HTML file, which needs no network and no script.
//!
//! Pictures are SVG drawn to the width there is, in colours that follow the reader's light or dark mode and print in
//! ink; every picture has a table with the same numbers. All text is escaped.

use crate::demand::history::PastDay;
use crate::model::text::{escaped, printable};

/// The look of all pages: readable from a phone's width on, without anything that can overflow it.
const STYLE: &str = include_str!("page.css");

/// Holds the browser to it: nothing is loaded, and no script runs.
const POLICY: &str = "<meta http-equiv=\"Content-Security-Policy\" \
    content=\"default-src 'none'; style-src 'unsafe-inline'\">";

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
                "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n{POLICY}\n\
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

    /// A picture with what it shows, and what its colours stand for.
    pub(super) fn picture(&mut self, caption: &str, picture: &Picture) {
        let caption = html(caption);
        let key = |(class, meaning): &(&str, String)| {
            format!(
                "\n<span class=\"key\"><svg viewBox=\"-1 -1 12 12\" aria-hidden=\"true\">\
                 <rect class=\"{class}\" width=\"10\" height=\"10\"/></svg> {}</span>",
                html(meaning)
            )
        };
        let keys: String = picture.keys.iter().map(key).collect();
        self.add(&format!(
            "<figure>\n<figcaption>{caption}<br>{keys}</figcaption>\n<svg viewBox=\"0 0 {WIDTH} {}\" role=\"img\" \
             aria-label=\"{caption}\">\n{}</svg>\n</figure>\n",
            picture.height, picture.shapes
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

/// Shapes of an SVG, in its own units, of which it is [`WIDTH`] wide.
pub(super) struct Picture {
    height: usize,
    shapes: String,
    /// Classes of shapes, and what they stand for.
    keys: Vec<(&'static str, String)>,
}

const WIDTH: usize = 600;

/// The rows and spans of a week.
pub(super) const DAYS: [&str; 7] = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];

/// What words take, from the top of a line to its base, and to the top of what is below them: in the larger
/// letters that they have where the whole is small.
const BASE: usize = 18;
const LINE: usize = 24;

/// Between a picture and the words below it that belong to the next one.
const GAP: usize = 8;

/// Where the hours of a day begin beside its name, and the size of an hour.
const NAMES: usize = 60;
const CELL: usize = 22;

impl Picture {
    fn new(height: usize) -> Self {
        Self {
            height,
            shapes: String::new(),
            keys: Vec::new(),
        }
    }

    /// A week: a row for each day, a cell for each hour, the stronger the larger its number. What it tells on being
    /// pointed at is `told`, of a day and an hour.
    pub(super) fn week(days: &[[i64; 24]], told: impl Fn(usize, usize) -> String) -> Self {
        let most = days.iter().flatten().copied().max().unwrap_or(0);
        let mut picture = Self::new(LINE + days.len() * CELL);
        picture.keys.push(("cell", "none".to_owned()));
        if most > 0 {
            picture.keys.push(("claims", format!("{most}, the most")));
        }
        for hour in (0..24).step_by(3) {
            picture.words(NAMES + hour * CELL, BASE, &hour.to_string());
        }
        for (row, (name, hours)) in DAYS.iter().zip(days).enumerate() {
            let y = LINE + row * CELL;
            picture.words(0, y + 16, name);
            for (hour, number) in hours.iter().enumerate() {
                let x = NAMES + hour * CELL;
                let strength = *number as f64 / most.max(1) as f64;
                let told = html(&told(row, hour));
                picture.draw(&format!(
                    "<rect class=\"cell\" x=\"{x}\" y=\"{y}\" width=\"{0}\" height=\"{0}\"/>\
                     <rect class=\"claims\" x=\"{x}\" y=\"{y}\" width=\"{0}\" height=\"{0}\" \
                     fill-opacity=\"{strength:.2}\"><title>{told}</title></rect>",
                    CELL - 2
                ));
            }
        }
        picture
    }

    /// Members over time and, below, columns of claims with misses on top of them.
    pub(super) fn days(days: &[PastDay]) -> Self {
        let (members, requests) = (60, 100);
        let second = LINE + members + GAP;
        let bottom = second + LINE + requests;
        let mut picture = Self::new(bottom + LINE);
        picture.keys.push(("claims", "claims".to_owned()));
        picture.keys.push(("misses", "misses".to_owned()));
        let highest = days.iter().map(|it| it.members).fold(0.0, f64::max);
        let most = days.iter().map(|it| it.claims + it.misses).max();
        let most = most.unwrap_or(0);
        let title = format!("Members on average, {highest:.1} at most");
        picture.words(0, BASE, &title);
        let title = format!("Claims and misses, {most} a day at most");
        picture.words(0, second + BASE, &title);
        let levels: Vec<f64> = days.iter().map(|it| it.members).collect();
        picture.levels("stock", &levels, highest, (LINE, members));
        let step = WIDTH as f64 / days.len().max(1) as f64;
        for (place, day) in (0..).map(f64::from).zip(days) {
            let told = html(&format!(
                "{}: claims {}, misses {}, members {:.1}",
                date(day),
                day.claims,
                day.misses,
                day.members
            ));
            let mut y = bottom as f64;
            for (class, number) in [("claims", day.claims), ("misses", day.misses)] {
                let high = number as f64 / most.max(1) as f64 * requests as f64;
                y -= high;
                picture.draw(&format!(
                    "<rect class=\"{class}\" x=\"{:.1}\" y=\"{y:.1}\" width=\"{:.1}\" height=\"{high:.1}\">\
                     <title>{told}</title></rect>",
                    (place + 0.1) * step,
                    step * 0.8
                ));
            }
        }
        picture.line(LINE + members);
        picture.line(bottom);
        if let Some(first) = days.first() {
            picture.words(0, bottom + BASE, &date(first));
        }
        if let [_, .., last] = days {
            let last = html(&date(last));
            picture.draw(&format!(
                "<text class=\"end\" x=\"{WIDTH}\" y=\"{}\">{last}</text>",
                bottom + BASE
            ));
        }
        picture
    }

    /// Two sizes by hour of the week, one as an area and one as a line, Monday first.
    pub(super) fn sizes(now: &[i64], then: &[i64]) -> Self {
        let high = 100;
        let bottom = LINE + high;
        let mut picture = Self::new(bottom + LINE);
        picture.keys.push(("now", "now".to_owned()));
        picture.keys.push(("then", "recommended".to_owned()));
        let most = now.iter().chain(then).copied().max().unwrap_or(0);
        picture.words(0, BASE, &format!("{most} at most"));
        for (class, sizes) in [("now", now), ("then", then)] {
            let levels: Vec<f64> = sizes.iter().map(|size| *size as f64).collect();
            picture.levels(class, &levels, most as f64, (LINE, high));
        }
        picture.line(bottom);
        for (day, name) in DAYS.iter().enumerate() {
            picture.words(day * WIDTH / 7, bottom + BASE, name);
        }
        picture
    }

    /// Levels from left to right, each as wide as the others, between a height and so much below it.
    fn levels(&mut self, class: &str, levels: &[f64], highest: f64, (top, high): (usize, usize)) {
        let step = WIDTH as f64 / levels.len().max(1) as f64;
        let mut points = String::new();
        for (place, level) in (0..).map(f64::from).zip(levels) {
            let y = top as f64 + (1.0 - level / highest.max(1.0)) * high as f64;
            let (from, to) = (place * step, (place + 1.0) * step);
            points += &format!("{from:.1},{y:.1} {to:.1},{y:.1} ");
        }
        if class == "now" {
            // An area down to its line.
            let bottom = top + high;
            points += &format!("{WIDTH},{bottom} 0,{bottom}");
        }
        self.draw(&format!(
            "<polyline class=\"{class}\" points=\"{points}\"/>"
        ));
    }

    fn line(&mut self, y: usize) {
        self.draw(&format!(
            "<line x1=\"0\" y1=\"{y}\" x2=\"{WIDTH}\" y2=\"{y}\"/>"
        ));
    }

    fn words(&mut self, x: usize, y: usize, words: &str) {
        self.draw(&format!("<text x=\"{x}\" y=\"{y}\">{}</text>", html(words)));
    }

    fn draw(&mut self, shape: &str) {
        self.shapes.push_str(shape);
        self.shapes.push('\n');
    }
}

/// The date of a day.
pub(super) fn date(day: &PastDay) -> String {
    day.from.date_naive().to_string()
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
