//! Tables for programs: CSV (RFC 4180), values between tabs, or names alone.
//!
//! One row a line, whatever it holds: cells are printable texts, in which line breaks and tabs are
//! escaped already.

use std::collections::HashSet;

use super::style::Layout;
use super::table::{Cell, Grid};

/// The rows, below the names of the columns where they are wanted.
pub(super) fn table(grid: &Grid, layout: Layout, with_headers: bool) -> String {
    let keys = grid.columns.iter().map(|column| column.key());
    let mut lines: Vec<Vec<String>> = Vec::new();
    if with_headers && layout != Layout::Name {
        lines.push(keys.collect());
    }
    let values = |row: &Vec<Cell>| row.iter().map(Cell::for_programs).collect();
    lines.extend(grid.rows.iter().map(values));
    if layout == Layout::Csv {
        return csv(&lines);
    }
    let lines = lines.iter().map(|line| line.join("\t") + "\n");
    if layout == Layout::Name {
        // A preset of several versions is one name.
        let mut seen = HashSet::new();
        return lines.filter(|line| seen.insert(line.clone())).collect();
    }
    lines.collect()
}

fn csv(lines: &[Vec<String>]) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    for line in lines {
        // Memory takes everything, and all rows are of one length.
        let _infallible = writer.write_record(line);
    }
    let written = writer.into_inner().unwrap_or_default();
    String::from_utf8_lossy(&written).into_owned()
}
