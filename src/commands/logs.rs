//! `logs`: what the build of a workspace printed.
//!
//! Reads only, on a session that can't write. Whatever a build prints is made safe for a terminal.

use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};
use clap::{ArgGroup, Args};
use serde::Serialize;
use uuid::Uuid;

use crate::cli::{Context, Format, find_workspace};
use crate::model::JobStatus;
use crate::model::document::to_json_line;
use crate::model::text::{plain_line, printable, time as full_time};
use crate::store::{JobEnd, Reader, Store, StoredLine, Subject};

/// How often to look for lines that nobody has reported.
const POLL: Duration = Duration::from_secs(1);

/// Print the log of a workspace's latest build, or of a job
///
/// Reads the lines that provisioners have left in the database. Those of agents are not in tables that this
/// program reads. -o wide adds times and levels; -o json prints a JSON object a line.
#[derive(Debug, Args)]
#[command(group(ArgGroup::new("of").required(true).args(["workspace", "job"])))]
pub(crate) struct LogsArgs {
    /// Id of the workspace, or its name
    #[arg(value_name = "ID|[OWNER/]NAME")]
    workspace: Option<String>,
    /// Id of a job, as show prints it
    #[arg(long, value_name = "ID")]
    job: Option<Uuid>,
    /// Number of the workspace's build [default: the latest]
    #[arg(long, value_name = "N", requires = "workspace")]
    build: Option<i64>,
    /// Wait for more lines until the build has ended
    #[arg(short, long)]
    follow: bool,
}

/// A line as `--format json` prints it.
#[derive(Serialize)]
struct LineDocument<'a> {
    job_id: Uuid,
    #[serde(flatten)]
    line: &'a StoredLine,
}

pub(crate) async fn run(context: &Context, args: LogsArgs) -> Result<ExitCode> {
    let store = context.store()?;
    let mut reader = store.open_reader().await?;
    let job = match (&args.workspace, args.job) {
        (Some(workspace), _) => job_of(&mut reader, workspace, args.build).await?,
        (None, job) => job.context("neither a workspace nor a job is given")?,
    };
    let mut log = Log {
        context,
        job,
        last: 0,
        stage: String::new(),
    };
    let end = log.print(&mut reader, &store, args.follow).await?;
    reader.close().await;
    if end.logs_overflowed {
        context
            .output
            .warning("the log is full: later lines were not kept");
    }
    let error = end.error.as_deref().unwrap_or_default().lines();
    let error = error.map(plain_line).collect::<Vec<_>>().join("; ");
    match end.job_status {
        JobStatus::Failed => context.output.status(&format!("The build failed: {error}")),
        JobStatus::Pending if log.last == 0 => context
            .output
            .status("The job waits for a provisioner; nothing is printed yet."),
        _ if log.last == 0 => context.output.status("The build printed nothing."),
        _ => {}
    }
    Ok(ExitCode::SUCCESS)
}

/// The job of a build of the workspace.
async fn job_of(reader: &mut Reader, workspace: &str, number: Option<i64>) -> Result<Uuid> {
    let id = find_workspace(reader, workspace).await?;
    let builds = reader.builds_of(id).await?;
    let build = match number {
        None => builds.first(),
        Some(number) => builds.iter().find(|build| build.build_number == number),
    };
    match (build, number) {
        (Some(build), _) => Ok(build.job_id),
        (None, Some(number)) => bail!("workspace {workspace:?} has no build {number}"),
        (None, None) => bail!("workspace {workspace:?} has no build"),
    }
}

/// The log of a job, as far as it is printed.
struct Log<'a> {
    context: &'a Context,
    job: Uuid,
    /// The number of the last line that was printed.
    last: i64,
    /// The heading of the lines that were printed last.
    stage: String,
}

impl Log<'_> {
    /// Prints what there is and, where lines are waited for, what comes until the job has ended. Returns how
    /// the job stands.
    async fn print(&mut self, reader: &mut Reader, store: &Store, follow: bool) -> Result<JobEnd> {
        let mut changes = None;
        if follow {
            // Whoever can't listen looks again and again.
            changes = store.listen(Subject::Log(self.job)).await.ok().flatten();
        }
        loop {
            // First the job: what it has printed when it has ended is all that it prints.
            let end = reader.job_end(self.job).await?;
            let end = end.with_context(|| format!("there is no job {}", self.job))?;
            let is_open = self.print_lines(reader).await?;
            if !follow || end.job_status.has_ended() || !is_open {
                return Ok(end);
            }
            let next = async {
                match &mut changes {
                    Some(listening) => listening.next().await,
                    None => std::future::pending().await,
                }
            };
            if let Ok(Err(_)) = tokio::time::timeout(POLL, next).await {
                changes = None;
            }
        }
    }

    /// Prints the lines that are there. False: nobody reads them any more.
    async fn print_lines(&mut self, reader: &mut Reader) -> Result<bool> {
        loop {
            let lines = reader.log_after(self.job, self.last).await?;
            let Some(last) = lines.last() else {
                return Ok(true);
            };
            self.last = last.number;
            let text: String = lines.iter().map(|line| self.text(line)).collect();
            if !self.context.output.stream(&text)? {
                return Ok(false);
            }
        }
    }

    fn text(&mut self, line: &StoredLine) -> String {
        if self.context.output.has_documents() {
            let job_id = self.job;
            let document = to_json_line(&LineDocument { job_id, line });
            let is_yaml = self.context.global.format == Format::Yaml;
            return if is_yaml {
                format!("---\n{document}")
            } else {
                document
            };
        }
        let mut text = String::new();
        if line.stage != self.stage {
            self.stage.clone_from(&line.stage);
            text = format!("==> {}\n", printable(&line.stage));
        }
        let output = plain_line(&line.output);
        if self.context.output.is_wide() {
            let (at, level) = (full_time(&line.at), printable(&line.level));
            text.push_str(&format!("{at} {level:<5} {output}\n"));
        } else {
            text.push_str(&format!("{output}\n"));
        }
        text
    }
}
