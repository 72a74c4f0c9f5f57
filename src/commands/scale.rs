//! `promote` and `scale`: one thing that `apply` declares, changed by itself.

use std::process::ExitCode;

use anyhow::Result;
use chrono::TimeDelta;
use clap::Args;
use serde::Serialize;
use uuid::Uuid;

use crate::actions::what_if::desired::{SetDesired, resolve};
use crate::actions::what_if::promotion::{Promotion, find, versions_of};
use crate::cli::{Context, actor, end_of, parse_delta, parse_desired, parse_promotion};
use crate::model::facts::LatestBuild;
use crate::model::text::{self, count, plural, printable};
use crate::model::{FormatVersion, JobStatus, PresetReference, Time, Transition, time};
use crate::render::View;
use crate::store::Declaring;

/// Make a version of a template its active one
///
/// For a database created by prebuildctl. Promotes a new version, or rolls back to an old one: the next passes
/// replace members of other versions. If its file differs, apply creates a new version again.
#[derive(Debug, Args)]
pub(crate) struct PromoteArgs {
    /// Template and version, by name or id
    #[arg(value_name = "[ORG/]TEMPLATE=VERSION", value_parser = parse_promotion)]
    promotion: Promotion,
}

/// Set the desired instances of a pool
///
/// For a database created by prebuildctl. The next pass creates the members that are missing and deletes those
/// beyond the number. While a schedule holds, it decides, and apply sets the number of its file again; with
/// --for the number holds instead of both until the time is over.
#[derive(Debug, Args)]
pub(crate) struct ScaleArgs {
    /// Preset and number
    #[arg(value_name = "PRESET=N", required = true, value_parser = parse_desired)]
    pools: Vec<SetDesired>,
    /// Only for this time, whatever the schedules say
    #[arg(long = "for", value_name = "DURATION", value_parser = parse_delta)]
    duration: Option<TimeDelta>,
}

/// The document of `promote`, version 1.
#[derive(Serialize)]
struct Promoted {
    version: FormatVersion,
    template: String,
    template_version_id: Uuid,
    template_version_name: String,
    /// Whether another version was the active one.
    changed: bool,
    /// Prebuilt workspaces of other versions, which passes replace.
    replaced: i64,
}

/// The document of `scale`, version 1.
#[derive(Serialize)]
struct Scaled {
    version: FormatVersion,
    pools: Vec<ScaledPool>,
}

#[derive(Serialize)]
struct ScaledPool {
    preset: PresetReference,
    /// Desired instances before, outside schedules.
    before: i64,
    desired: i64,
    /// How many schedules the preset has, which decide while they hold.
    schedules: i64,
    /// Until when the number holds; none: for good.
    #[serde(with = "time::option")]
    until: Option<Time>,
}

pub(crate) async fn promote(context: &Context, args: PromoteArgs) -> Result<ExitCode> {
    let mut session = context.store()?.open_declarer(Declaring::Change).await?;
    let (facts, _) = session.read_facts().await?;
    let mut versions = session.read_versions_of(&args.promotion.template).await?;
    versions.extend(versions_of(&facts.presets));
    let version = find(&args.promotion, &versions)?;
    let changed = !version.is_active;
    if changed {
        session.promote(version).await?;
        let subject = format!("{}/-", version.template());
        let (actor, version) = (actor(), &version.name);
        session.note("promote", &actor, subject, version).await?;
    }
    session.commit().await?;
    let builds = facts.prebuilds.iter();
    let builds = builds.filter(|it| it.template_id == version.template_id);
    let builds = builds.filter_map(|it| it.latest_build.as_ref());
    // Failed workspaces aren't members; cleanup deletes them.
    let is_member = |it: &&LatestBuild| {
        it.transition == Transition::Start
            && (it.job_status.is_in_progress() || it.job_status == JobStatus::Succeeded)
    };
    let members = builds.filter(is_member);
    let replaced = members.filter(|it| it.template_version_id != version.id);
    let document = Promoted {
        version: FormatVersion,
        template: version.template(),
        template_version_id: version.id,
        template_version_name: version.name.clone(),
        changed,
        replaced: count(replaced.count()),
    };
    context
        .output
        .report(&document, |_| View::of(document.sentence()))?;
    Ok(ExitCode::SUCCESS)
}

impl Promoted {
    fn sentence(&self) -> String {
        let already = if self.changed { "" } else { " already" };
        let (template, version) = (&self.template, &self.template_version_name);
        let replaced = match self.replaced {
            0 => String::new(),
            number => format!(
                "; passes replace {} of other versions",
                plural(number, "prebuilt workspace")
            ),
        };
        printable(&format!(
            "Version {version} of template {template} is{already} the active one{replaced}."
        )) + "\n"
    }
}

pub(crate) async fn scale(context: &Context, args: ScaleArgs) -> Result<ExitCode> {
    let mut session = context.store()?.open_declarer(Declaring::Change).await?;
    let (facts, now) = session.read_facts().await?;
    let until = end_of(args.duration, now)?;
    let mut pools = Vec::new();
    for (preset, desired) in resolve(&facts.presets, &args.pools)? {
        session.scale(preset, desired, until).await?;
        let schedules = facts.schedules.iter();
        pools.push(ScaledPool {
            preset: preset.into(),
            before: preset.desired_instances,
            desired,
            schedules: count(schedules.filter(|it| it.preset_id == preset.id).count()),
            until,
        });
    }
    for pool in &pools {
        let (subject, change) = (pool.preset.to_string(), pool.change());
        session.note("scale", &actor(), subject, &change).await?;
    }
    session.commit().await?;
    let document = Scaled {
        version: FormatVersion,
        pools,
    };
    context.output.report(&document, |_| {
        View::of(
            document
                .pools
                .iter()
                .map(ScaledPool::sentence)
                .collect::<String>(),
        )
    })?;
    Ok(ExitCode::SUCCESS)
}

impl ScaledPool {
    /// `desired 2 -> 5 until 2026-03-04 12:00:00 UTC`
    fn change(&self) -> String {
        let (before, desired) = (self.before, self.desired);
        let how_long = match (&self.until, self.schedules) {
            (Some(until), _) => format!(" until {}", text::time(until)),
            (None, 0) => String::new(),
            (None, 1) => "; its schedule decides while it holds".to_owned(),
            (None, number) => format!("; its {number} schedules decide while they hold"),
        };
        format!("desired {before} -> {desired}{how_long}")
    }

    fn sentence(&self) -> String {
        printable(&format!("{}: {}.", self.preset, self.change())) + "\n"
    }
}
