//! The sentence of `claim`, and its row for programs.

use super::View;
use super::life::places;
use super::table::{Grid, plain};
use crate::claim::Claimed;
use crate::model::text::printable;
use crate::store::AgentPlace;

/// Who got which workspace.
pub(crate) fn view(claimed: &Claimed, user: &str, agents: &[AgentPlace]) -> View {
    let (name, user) = (printable(&claimed.name), printable(user));
    let id = claimed.workspace_id;
    let mut grid = Grid::new(&["WORKSPACE", "ID", "USER", "PRESET ID", "BUILD ID", "JOB ID"]);
    grid.row(vec![
        plain(&name),
        plain(id),
        plain(&user),
        plain(claimed.preset_id),
        plain(claimed.build_id),
        plain(claimed.job_id),
    ]);
    let mut view = View::of(format!("Claimed workspace {name} ({id}) for {user}.\n"));
    view.lines(places(agents));
    view.record(grid);
    view
}
