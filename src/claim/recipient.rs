//! A request on its way to its answer, and the recipient that it becomes once nothing speaks against it but
//! a lack of workspaces. Touches no database.

use std::collections::VecDeque;
use std::sync::Arc;

use uuid::Uuid;

use crate::builds::{self, BuildContent, BuildReason, NewBuild, Stage, Unbuildable};
use crate::claim::outcome::{Answer, ClaimError, Claimed, Refusal};
use crate::claim::request::{PoolSelector, Request};
use crate::claim::resolve::Pool;
use crate::model::{PREBUILDS_USER_ID, Time, Transition};
use crate::store::{LastBuild, NewMiss, Transfer};
use crate::template::{Owner, Values};

/// A request, and its answer as soon as there is one.
pub(super) struct Pending<'r> {
    pub selector: &'r PoolSelector,
    pub request: &'r Request,
    /// The pool that is meant, once it is known.
    pub pool: Option<Arc<Pool>>,
    /// Whether its pool has no workspace for it.
    pub is_short: bool,
    /// Why each workspace that was ready can't be theirs.
    pub passed_over: Vec<String>,
    /// Who is to own the workspace, once nothing speaks against it.
    pub owner_id: Option<Uuid>,
    pub answer: Option<Answer>,
}

impl<'r> Pending<'r> {
    pub(super) fn new(selector: &'r PoolSelector, request: &'r Request) -> Self {
        Self {
            selector,
            request,
            pool: None,
            is_short: false,
            passed_over: Vec::new(),
            owner_id: None,
            answer: None,
        }
    }

    pub(super) fn is_open(&self) -> bool {
        self.answer.is_none()
    }

    /// The request as one that found nothing to claim, if that is its answer and there is such a pool.
    pub(super) fn missed(&self, asked_at: Time) -> Option<NewMiss<'r>> {
        let Some(Err(ClaimError::Refused(Refusal::NoneClaimable(_)))) = &self.answer else {
            return None;
        };
        Some(NewMiss {
            asked_at,
            preset_id: self.pool.as_ref()?.preset_id,
            user_id: self.owner_id?,
            name: &self.request.name,
        })
    }

    pub(super) fn refuse(&mut self, refusal: impl Into<Refusal>) {
        self.answer = Some(Err(refusal.into().into()));
    }
}

/// A request that nothing speaks against but a lack of workspaces.
pub(super) struct Recipient<'a, 'r> {
    pub pending: &'a mut Pending<'r>,
    pub pool: Arc<Pool>,
    pub owner_id: Uuid,
    /// The owner as the template sees it, where it is rendered.
    pub owner: Owner,
}

impl<'r> Recipient<'_, 'r> {
    pub(super) fn transfer(&self, build: &NewBuild) -> Transfer<'r> {
        let request = self.pending.request;
        Transfer {
            workspace_id: build.workspace_id,
            owner_id: self.owner_id,
            name: &request.name,
            autostart_schedule: request.autostart_schedule.as_deref(),
            next_start_at: request.next_start_at,
            ttl: request.ttl.or(self.pool.default_ttl),
        }
    }

    pub(super) fn claimed(&self, build: &NewBuild) -> Claimed {
        Claimed {
            workspace_id: build.workspace_id,
            name: self.pending.request.name.clone(),
            preset_id: self.pool.preset_id,
            build_id: build.id,
            job_id: build.job_id,
        }
    }

    /// The build that transfers one of the workspaces, the first with which it can be made; none where
    /// there is no such workspace. Those that are passed over stay for others: whether a build can be
    /// made may depend on whose it is to be.
    ///
    /// # Errors
    /// What is wrong with the request or its owner, for whom no other workspace would do either.
    pub(super) fn choose(
        &mut self,
        free: &mut VecDeque<LastBuild>,
    ) -> Result<Option<NewBuild>, Refusal> {
        let (mut chosen, mut problems) = (None, Vec::new());
        for last in &*free {
            let given = &self.pending.request.parameters;
            let problem = match self.content(last, given, &self.owner) {
                Ok(content) => {
                    chosen = Some(self.new_build(last, content));
                    break;
                }
                Err(problem) => problem.to_string(),
            };
            if !self.is_at_fault(last) {
                return Err(self.pool.unbuildable(problem));
            }
            tracing::warn!(workspace = %last.workspace_id, problem, "passed over: can't be claimed");
            problems.push(problem);
        }
        if chosen.is_some() {
            free.remove(problems.len());
        }
        self.pending.passed_over.append(&mut problems);
        Ok(chosen)
    }

    /// Whether it is the workspace for which no build can be made, and neither what is asked for nor the
    /// owner: the owner could have a new one of the preset, and nobody else could have this one.
    fn is_at_fault(&self, last: &LastBuild) -> bool {
        let Pool {
            version, preset_id, ..
        } = &*self.pool;
        let none = Values::new();
        let could_be = |owner: &Owner| self.content(last, &none, owner).is_ok();
        builds::first_start_for(version, *preset_id, &self.owner).is_ok()
            && !could_be(&self.owner)
            && !could_be(&version.prebuilds_user)
    }

    /// What the build that transfers a workspace holds.
    fn content(
        &self,
        last: &LastBuild,
        given: &Values,
        owner: &Owner,
    ) -> Result<BuildContent, Unbuildable> {
        let Pool {
            version, preset_id, ..
        } = &*self.pool;
        last.content().check_values()?;
        builds::claim(version, *preset_id, given, &last.parameters, owner)
    }

    /// The build that transfers a workspace. Its initiator is the new owner: no other person is
    /// known.
    fn new_build(&self, last: &LastBuild, content: BuildContent) -> NewBuild {
        NewBuild {
            workspace_id: last.workspace_id,
            id: Uuid::new_v4(),
            job_id: Uuid::new_v4(),
            build_number: last.build_number + 1,
            transition: Transition::Start,
            stage: Some(Stage::Claim),
            owner_id: PREBUILDS_USER_ID,
            initiator_id: self.owner_id,
            reason: BuildReason::Initiator,
            keep_state: true,
            content,
        }
    }
}
