//! The life of a claimed workspace on a database of our own: its builds after the claim.
//!
//! A build is inserted under the number that follows the last one, on the condition that the workspace is
//! still its owner's and that the last build has ended: whoever comes second loses the race and has
//! changed nothing. What was built is handed on from build to build, and goes by a delete build alone.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;
use uuid::Uuid;

use crate::actions::life::{Step, Wish};
use crate::builds::continuation::{Continuation, next};
use crate::builds::deletion::buildable;
use crate::builds::{BuildReason, NewBuild, Stage, Unbuildable};
use crate::model::history::HistoryEntry;
use crate::model::{ClaimedWorkspace, JobStatus, Time, Transition};
use crate::store::{
    AgentPlace, Expected, Gift, JobOutcome, LastBuild, LifeSession, Person, Postings, Store,
    StoreError, Writer,
};

/// Time between two looks at jobs: builds take a second at least.
const POLL: Duration = Duration::from_millis(200);

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum LifeOutcome {
    Listed,
    /// Its build waits for a provisioner, or is under way.
    Queued,
    Done,
    /// It was so already.
    Unchanged,
    /// Another build is under way.
    Busy,
    /// Something else has happened to it meanwhile: it was left alone.
    LostRace,
    Failed,
}

/// A workspace that something is wanted of, and what came of it.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Life {
    pub id: Uuid,
    pub name: String,
    pub owner_name: String,
    pub template_name: String,
    /// What it was before, in a word or two.
    pub state: &'static str,
    pub outcome: LifeOutcome,
    /// What its build does; none without one.
    pub transition: Option<Transition>,
    /// The job of its build, or of the one that it is busy with.
    pub job_id: Option<Uuid>,
    pub problem: Option<String>,
    /// Where work begins, once it is started.
    pub agents: Vec<AgentPlace>,
}

impl Life {
    /// A workspace to which nothing has happened yet.
    pub(crate) fn listed(workspace: &ClaimedWorkspace) -> Self {
        Self {
            id: workspace.id,
            name: workspace.name.clone(),
            owner_name: workspace.owner_name.clone(),
            template_name: workspace.template_name.clone(),
            state: workspace.state(),
            outcome: LifeOutcome::Listed,
            transition: None,
            job_id: None,
            problem: workspace.error.clone(),
            agents: Vec::new(),
        }
    }

    fn settle(&mut self, outcome: LifeOutcome, problem: Option<String>) {
        self.outcome = outcome;
        self.problem = problem;
    }

    /// Takes note of how the job of its build has ended, if it has.
    fn observe(&mut self, job: Option<&JobOutcome>) {
        match job.map(|job| job.status) {
            Some(JobStatus::Succeeded) => self.settle(LifeOutcome::Done, None),
            Some(JobStatus::Failed | JobStatus::Canceled) => {
                let error = job.and_then(|job| job.error.clone());
                let error = error.unwrap_or_else(|| "the build was cancelled".to_owned());
                self.settle(LifeOutcome::Failed, Some(error));
            }
            Some(_) => {}
            None => {
                let problem = "the job of its build is gone".to_owned();
                self.settle(LifeOutcome::Failed, Some(problem));
            }
        }
    }
}

/// A build to be made of a workspace.
pub(crate) struct Wanted<'a> {
    pub workspace: &'a ClaimedWorkspace,
    pub transition: Transition,
    /// Whether it is the last build once more.
    pub again: bool,
    pub reason: BuildReason,
    /// Who owns it from then on, if somebody else.
    pub new_owner: Option<Uuid>,
}

/// What came of a wanted build: none is a lost race.
pub(crate) type Inserted = Result<Option<NewBuild>, Unbuildable>;

/// Inserts builds in the transaction that has begun, and says what came of each.
pub(crate) async fn insert(
    writer: &mut Writer,
    wanted: &[Wanted<'_>],
    now: Time,
) -> Result<Vec<Inserted>, StoreError> {
    let expected = wanted.iter().map(|it| Expected {
        workspace_id: it.workspace.id,
        owner_id: it.workspace.owner_id,
        build_id: it.workspace.build_id,
        unused_version_id: None,
    });
    let locked = writer.lock_ended(&expected.collect::<Vec<_>>()).await?;
    let versions: BTreeSet<Uuid> = locked.iter().map(|it| it.template_version_id).collect();
    let versions: Vec<Uuid> = versions.into_iter().collect();
    let versions = writer.read_versions(&versions).await?;
    let locked: BTreeMap<Uuid, &LastBuild> =
        locked.iter().map(|it| (it.workspace_id, it)).collect();
    let build = |it: &Wanted<'_>| {
        let Some(last) = locked.get(&it.workspace.id) else {
            return Ok(None);
        };
        let version = buildable(&versions, last.template_version_id)?;
        let continuation = match it.transition {
            _ if it.again => Continuation::Again,
            Transition::Start => Continuation::Start,
            _ => Continuation::End,
        };
        let owner_id = it.new_owner.unwrap_or(it.workspace.owner_id);
        let content = next(version, last.content(), owner_id, continuation)?;
        let is_claim = it.again && it.workspace.is_claim
            || it.new_owner.is_some() && it.transition == Transition::Start;
        Ok(Some(NewBuild {
            workspace_id: it.workspace.id,
            id: Uuid::new_v4(),
            job_id: Uuid::new_v4(),
            build_number: last.build_number + 1,
            transition: it.transition,
            stage: is_claim.then_some(Stage::Claim),
            owner_id,
            initiator_id: owner_id,
            reason: it.reason,
            keep_state: true,
            content,
        }))
    };
    let mut made: Vec<Inserted> = wanted.iter().map(build).collect();
    let gift = |(it, made): (&Wanted<'_>, &Inserted)| {
        made.as_ref().ok()?.as_ref()?;
        Some(Gift {
            workspace_id: it.workspace.id,
            owner_id: it.workspace.owner_id,
            new_owner_id: it.new_owner?,
        })
    };
    let gifts: Vec<Gift> = wanted.iter().zip(&made).filter_map(gift).collect();
    writer.give(&gifts, now).await?;
    let builds = made.iter().filter_map(|it| it.as_ref().ok()?.clone());
    let builds: Vec<NewBuild> = builds.collect();
    let inserted = writer.insert_builds(&builds, now).await?;
    for build in made.iter_mut().flatten() {
        if build.as_ref().is_some_and(|it| !inserted.contains(&it.id)) {
            *build = None;
        }
    }
    Ok(made)
}

/// Queues the builds that follow from a wish, all in one transaction. Workspaces of which something has
/// come already are left alone.
pub(crate) async fn queue(
    session: &mut LifeSession,
    lives: &mut [Life],
    wish: Wish,
) -> Result<(), StoreError> {
    let now = session.now();
    session.begin().await?;
    let workspaces = session.read_claimed().await?;
    let by_id: BTreeMap<Uuid, &ClaimedWorkspace> =
        workspaces.iter().map(|it| (it.id, it)).collect();
    let mut wanted = Vec::new();
    let mut building = Vec::new();
    for life in lives.iter_mut() {
        if life.outcome != LifeOutcome::Listed {
            continue;
        }
        let Some(workspace) = by_id.get(&life.id).copied() else {
            life.settle(LifeOutcome::LostRace, None);
            continue;
        };
        life.job_id = Some(workspace.job_id);
        match wish.step(workspace) {
            Step::Unchanged => life.settle(LifeOutcome::Unchanged, None),
            Step::Busy => {
                let problem = format!("it is {}; try again when that is done", workspace.state());
                life.settle(LifeOutcome::Busy, Some(problem));
            }
            Step::UnderWay => {
                life.transition = Some(workspace.transition);
                life.settle(LifeOutcome::Queued, None);
            }
            Step::Build { transition, again } => {
                wanted.push(Wanted {
                    workspace,
                    transition,
                    again,
                    reason: BuildReason::Initiator,
                    new_owner: None,
                });
                building.push(life);
            }
        }
    }
    let made = insert(&mut session.writer, &wanted, now).await?;
    let entries = entries(&wanted, &made, wish.label(), session);
    session.append_history(&entries).await?;
    session.commit().await?;
    settle(session, building, made).await;
    Ok(())
}

/// What the history says of builds that were made.
fn entries(
    wanted: &[Wanted<'_>],
    made: &[Inserted],
    event: &str,
    session: &LifeSession,
) -> Vec<HistoryEntry> {
    let made = wanted.iter().zip(made);
    let made = made.filter(|(_, made)| matches!(made, Ok(Some(_))));
    let entry = |(wanted, _): (&Wanted<'_>, &Inserted)| {
        let it = wanted.workspace;
        HistoryEntry::new(
            session.now(),
            event,
            &session.actor,
            it.subject(),
            &it.path(),
        )
    };
    made.map(entry).collect()
}

/// Takes note of what has come of builds that are committed, and wakes provisioners for them.
async fn settle(session: &mut LifeSession, building: Vec<&mut Life>, made: Vec<Inserted>) {
    let mut postings = Postings::default();
    for (life, made) in building.into_iter().zip(made) {
        match made {
            Ok(Some(build)) => {
                postings.extend([&build]);
                life.transition = Some(build.transition);
                life.job_id = Some(build.job_id);
                life.settle(LifeOutcome::Queued, None);
            }
            Ok(None) => life.settle(LifeOutcome::LostRace, None),
            Err(problem) => life.settle(LifeOutcome::Failed, Some(problem.to_string())),
        }
    }
    if let Err(error) = session.notify(&postings).await {
        // Provisioners also poll, so that only time is lost.
        tracing::warn!(%error, "provisioners could not be notified");
    }
}

/// Gives workspaces to another person: all that can be given, in one transaction, or none. A build like
/// the last one tells the provisioner of the new owner.
pub(crate) async fn transfer(
    session: &mut LifeSession,
    lives: &mut [Life],
    to: &Person,
) -> Result<(), StoreError> {
    let now = session.now();
    session.begin().await?;
    let workspaces = session.read_claimed().await?;
    let memberships = session.read_memberships(to.id).await?;
    let mut wanted = Vec::new();
    let mut building = Vec::new();
    for life in lives.iter_mut() {
        let Some(workspace) = workspaces.iter().find(|it| it.id == life.id) else {
            life.settle(LifeOutcome::LostRace, None);
            continue;
        };
        let organization = &workspace.organization_name;
        let is_taken = |it: &&ClaimedWorkspace| {
            it.owner_id == to.id && it.name.eq_ignore_ascii_case(&workspace.name)
        };
        let problem = if workspace.owner_id == to.id {
            life.settle(LifeOutcome::Unchanged, None);
            continue;
        } else if workspace.is_busy() {
            format!("it is {}; try again when that is done", workspace.state())
        } else if workspace.has_failed() {
            format!("{}; retry or delete it first", workspace.state())
        } else if workspaces.iter().any(|it| is_taken(&it)) {
            format!("{} has a workspace of this name already", to.username)
        } else if !memberships.contains(organization) {
            format!(
                "{} is not a member of organization {organization}",
                to.username
            )
        } else {
            wanted.push(Wanted {
                workspace,
                transition: workspace.transition,
                again: false,
                reason: BuildReason::Initiator,
                new_owner: Some(to.id),
            });
            building.push(life);
            continue;
        };
        life.settle(LifeOutcome::Failed, Some(problem));
    }
    let made = insert(&mut session.writer, &wanted, now).await?;
    // From here on nobody can be removed, from an organization or altogether, to whom a workspace was given: see
    // `LifeSession::remove_user`.
    let people = session.read_people().await?;
    let memberships = session.read_memberships(to.id).await?;
    let is_member = |it: &Wanted<'_>| memberships.contains(&it.workspace.organization_name);
    let is_removed = people.iter().all(|it| it.id != to.id) || !wanted.iter().all(is_member);
    if !building.is_empty() && is_removed {
        session.rollback().await?;
        for life in building {
            let problem = format!(
                "user {} was removed meanwhile, or is no longer a member of the workspace's organization",
                to.username
            );
            life.settle(LifeOutcome::Failed, Some(problem));
        }
        return Ok(());
    }
    // An owner without the build that goes with it must not stay.
    if made.iter().any(|it| matches!(it, Ok(None))) {
        session.rollback().await?;
        for life in building {
            life.settle(LifeOutcome::LostRace, None);
        }
        return Ok(());
    }
    let mut entries = entries(&wanted, &made, "transfer", session);
    for entry in &mut entries {
        entry.message += &format!(" to {}", to.username);
    }
    session.append_history(&entries).await?;
    session.commit().await?;
    settle(session, building, made).await;
    Ok(())
}

/// Waits until the builds are done, for at most `patience`: first until those have ended that
/// workspaces are busy with, and then for those that are wanted. `on_progress` is called with the number
/// of workspaces that are done.
pub(crate) async fn wait(
    session: &mut LifeSession,
    lives: &mut [Life],
    wish: Wish,
    patience: Option<Duration>,
    on_progress: &mut dyn FnMut(u64),
) -> Result<(), StoreError> {
    let deadline = patience.map(|patience| Instant::now() + patience);
    loop {
        let is_open = |it: &&Life| matches!(it.outcome, LifeOutcome::Queued | LifeOutcome::Busy);
        let jobs = lives.iter().filter(is_open).filter_map(|it| it.job_id);
        let jobs: Vec<Uuid> = jobs.collect();
        let found = session.read_jobs(&jobs).await?;
        for life in lives.iter_mut() {
            let job = life.job_id.and_then(|job| found.get(&job));
            match life.outcome {
                LifeOutcome::Queued => life.observe(job),
                LifeOutcome::Busy if job.is_none_or(|it| it.status.has_ended()) => {
                    life.settle(LifeOutcome::Listed, None);
                }
                _ => {}
            }
        }
        if lives.iter().any(|it| it.outcome == LifeOutcome::Listed) {
            queue(session, lives, wish).await?;
        }
        let open = lives.iter().filter(is_open).count();
        on_progress((lives.len() - open) as u64);
        if open == 0 || !rest(deadline).await {
            break;
        }
    }
    let started = |it: &&mut Life| {
        it.outcome == LifeOutcome::Done && it.transition == Some(Transition::Start)
            || it.outcome == LifeOutcome::Unchanged && it.state == "running"
    };
    let jobs = lives.iter_mut().filter(started).filter_map(|it| it.job_id);
    let jobs: Vec<Uuid> = jobs.collect();
    let mut agents = session.read_agents(&jobs).await?;
    for life in lives.iter_mut() {
        let places = life.job_id.and_then(|job| agents.remove(&job));
        life.agents = places.unwrap_or_default();
    }
    Ok(())
}

/// How the build of a claim has ended, and what it has made; none while it is not over.
pub(crate) async fn wait_for_build(
    store: &Store,
    job_id: Uuid,
    patience: Option<Duration>,
) -> Result<Option<(JobOutcome, Vec<AgentPlace>)>, StoreError> {
    let deadline = patience.map(|patience| Instant::now() + patience);
    match watch_build(store, job_id, deadline).await {
        Err(error) if error.is_connection_lost() => {
            tracing::warn!("{error}; going on with a new session");
            watch_build(store, job_id, deadline).await
        }
        result => result,
    }
}

async fn watch_build(
    store: &Store,
    job_id: Uuid,
    deadline: Option<Instant>,
) -> Result<Option<(JobOutcome, Vec<AgentPlace>)>, StoreError> {
    let mut reader = store.open_reader().await?;
    loop {
        let job = reader.read_jobs(&[job_id]).await?.remove(&job_id);
        if let Some(job) = job.filter(|job| job.status.has_ended()) {
            let agents = reader.read_agents(&[job_id]).await?.remove(&job_id);
            reader.close().await;
            return Ok(Some((job, agents.unwrap_or_default())));
        }
        if !rest(deadline).await {
            reader.close().await;
            return Ok(None);
        }
    }
}

/// Rests until the next look. False: the time is over.
async fn rest(deadline: Option<Instant>) -> bool {
    let left = deadline.map(|deadline| deadline.saturating_duration_since(Instant::now()));
    if left.is_some_and(|left| left.is_zero()) {
        return false;
    }
    tokio::time::sleep(left.map_or(POLL, |left| left.min(POLL))).await;
    true
}
