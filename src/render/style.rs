//! How a result is laid out: what the flags and the terminal ask for, as plain values.

/// The forms of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Layout {
    /// For people: columns in line.
    Table,
    /// The same with the columns that are left out of a table.
    Wide,
    /// For job summaries and comments.
    Markdown,
    /// For spreadsheets: values in quotes where they need them.
    Csv,
    /// For `cut` and `awk`: values between tabs.
    Tsv,
    /// What each row is about, a line each.
    Name,
}

/// What a [`View`](super::View) is laid out by.
#[derive(Clone, Debug)]
pub(crate) struct Style {
    pub layout: Layout,
    /// Columns of the terminal. None: a row is a line, however long.
    pub width: Option<u16>,
    pub color: bool,
    pub headers: bool,
    /// The columns to show, in this order; empty: all that the layout has.
    pub columns: Vec<String>,
    /// The column to order rows by, with a leading `-` from the last to the first.
    pub sort: Option<String>,
}

impl Style {
    /// Whether programs read it: tables only, without colours, names whole.
    pub(super) fn is_for_programs(&self) -> bool {
        matches!(self.layout, Layout::Csv | Layout::Tsv | Layout::Name)
    }
}
