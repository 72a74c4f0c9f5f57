//! The table of `start`, `stop`, `retry` and `delete`, and the folders that work begins in.

use comfy_table::Color;

use super::table::{Cell, Grid, cell, plain, problem};
use super::{View, listed};
use crate::life::{Life, LifeOutcome};
use crate::model::text::{count, plural, printable};
use crate::store::AgentPlace;

/// A row for each workspace, and sentences below.
pub(crate) fn view(lives: &[Life], dry_run: bool, done: &'static str) -> View {
    let mut headings = vec!["@WORKSPACE", "@TEMPLATE", "STATE"];
    if !dry_run {
        headings.push("OUTCOME");
    }
    headings.extend(["ERROR", "!+ID", "!+JOB ID"]);
    if lives.is_empty() {
        return View::without_rows(&headings, "There is no such workspace.\n");
    }
    let mut grid = Grid::new(&headings);
    for life in lives {
        let mut row = vec![
            plain(printable(&format!("{}/{}", life.owner_name, life.name))),
            plain(printable(&life.template_name)),
            plain(life.state),
        ];
        if !dry_run {
            row.push(outcome(life.outcome, done));
        }
        let job = life.job_id.map_or_else(String::new, |id| id.to_string());
        row.extend([problem(life.problem.as_deref()), plain(life.id), plain(job)]);
        grid.row(row);
    }
    let mut view = View::default();
    view.table(grid);
    for life in lives {
        view.lines(places(&life.agents));
    }
    let workspaces = plural(lives.len(), "workspace");
    view.lines(if dry_run {
        format!("{workspaces}; nothing was changed. --yes deletes them.\n")
    } else {
        format!("{workspaces}: {}.\n", sentence(lives, done))
    });
    view
}

/// A line for each agent that has a folder.
pub(super) fn places(agents: &[AgentPlace]) -> String {
    let agents = agents.iter().filter(|agent| !agent.directory.is_empty());
    agents
        .map(|agent| {
            let (name, directory) = (printable(&agent.name), printable(&agent.directory));
            format!("Agent {name}: {directory}\n")
        })
        .collect()
}

fn sentence(lives: &[Life], done: &'static str) -> String {
    let number = |outcome| count(lives.iter().filter(|it| it.outcome == outcome).count());
    listed(&[
        (number(LifeOutcome::Done), done),
        (number(LifeOutcome::Queued), "queued"),
        (number(LifeOutcome::Unchanged), "unchanged"),
        (number(LifeOutcome::Busy), "busy with another build"),
        (
            number(LifeOutcome::LostRace),
            "left alone, because they changed",
        ),
        (number(LifeOutcome::Failed), "failed"),
    ])
}

fn outcome(outcome: LifeOutcome, done: &'static str) -> Cell {
    match outcome {
        LifeOutcome::Listed => plain("listed"),
        LifeOutcome::Queued => cell("queued", Color::Yellow),
        LifeOutcome::Done => cell(done, Color::Green),
        LifeOutcome::Unchanged => plain("unchanged"),
        LifeOutcome::Busy => cell("busy", Color::Yellow),
        LifeOutcome::LostRace => cell("lost race", Color::Yellow),
        LifeOutcome::Failed => cell("failed", Color::Red),
    }
}
