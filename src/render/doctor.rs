//! The lines of `doctor`.

use comfy_table::Color;

use crate::actions::health::{Finding, Level};
use crate::model::text::printable;
use crate::render::View;
use crate::render::table::{Cell, Grid, cell, plain};

/// So many findings of one kind are shown one by one: with more of them nobody reads the others.
const FEW: usize = 3;

/// A line for each check, its remedy below; with `problems` for those alone that found something. Many findings
/// of one kind, which have a remedy in common, share a line unless `all` are asked for.
pub(crate) fn view(findings: &[Finding], problems: bool, all: bool) -> View {
    let mut grid = Grid::new(&["!CHECK", "LEVEL", "FINDING"]);
    let shown = findings.iter();
    let shown = shown.filter(|finding| !problems || finding.level != Level::Ok);
    let mut kinds: Vec<Vec<&Finding>> = Vec::new();
    for finding in shown {
        let is_like = |of_kind: &&mut Vec<&Finding>| {
            let first = of_kind.first();
            first.is_some_and(|it| it.check == finding.check && it.remedy == finding.remedy)
        };
        match kinds.iter_mut().find(is_like) {
            Some(of_kind) if finding.remedy.is_some() => of_kind.push(finding),
            _ => kinds.push(vec![finding]),
        }
    }
    for of_kind in kinds {
        match of_kind.as_slice() {
            [first, ..] if of_kind.len() > FEW && !all => {
                let message = format!(
                    "{} findings, such as {} (-v shows all)",
                    of_kind.len(),
                    first.message
                );
                grid.row(row(first, &message));
            }
            few => few.iter().for_each(|it| grid.row(row(it, &it.message))),
        }
    }
    let mut view = View::default();
    view.table(grid);
    view
}

fn row(finding: &Finding, message: &str) -> Vec<Cell> {
    let (word, color) = match finding.level {
        Level::Ok => ("ok", Color::Green),
        Level::Warning => ("warning", Color::Yellow),
        Level::Error => ("error", Color::Red),
    };
    let mut text = printable(message);
    if let Some(remedy) = &finding.remedy {
        text.push_str(&format!("\nto do: {}", printable(remedy)));
    }
    let check = finding.check.replace('_', " ");
    vec![plain(check), cell(word, color), plain(text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::render::{Layout, Style};

    #[test]
    fn many_findings_of_a_kind_share_a_line() {
        let finding = |number: usize, remedy: &str| Finding {
            check: "rendering",
            level: Level::Warning,
            message: format!("pool {number}"),
            remedy: Some(remedy.to_owned()),
        };
        let mut findings: Vec<Finding> = (0..4).map(|number| finding(number, "look")).collect();
        findings.extend((4..7).map(|number| finding(number, "listen")));
        let style = Style {
            layout: Layout::Tsv,
            width: None,
            color: false,
            headers: false,
            columns: vec!["finding".to_owned()],
            sort: None,
        };
        let lines = |all| view(&findings, false, all).show(&style).unwrap().data;
        let shown = lines(false);
        assert_eq!(shown.lines().count(), 4, "{shown}");
        assert!(
            shown.starts_with("4 findings, such as pool 0 (-v shows all)"),
            "{shown}"
        );
        assert_eq!(lines(true).lines().count(), 7);
    }
}
