//! Recommended sizes as text to paste: blocks of a template, and lines of a file for `apply`.

use std::fmt::Write as _;

use crate::demand::recommend::Recommendation;
use crate::model::text::printable;

/// The `prebuilds` block of each preset.
pub(crate) fn terraform(pools: &[Recommendation]) -> String {
    let mut text = String::new();
    for (pool, kept) in pools
        .iter()
        .filter_map(|it| it.recommended.as_ref().map(|kept| (it, kept)))
    {
        let name = printable(&pool.preset.to_string());
        let mut line = |depth: usize, words: &str| {
            // Memory takes everything.
            let _written = writeln!(text, "{:1$}{words}", "", depth * 2);
        };
        line(0, &format!("# {name}"));
        line(0, "prebuilds {");
        line(1, &format!("instances = {}", kept.instances));
        if let Some(ttl) = pool.ttl_secs.filter(|ttl| *ttl > 0) {
            line(1, "expiration_policy {");
            line(2, &format!("ttl = {ttl}"));
            line(1, "}");
        }
        if !kept.schedules.is_empty() {
            line(1, "scheduling {");
            line(2, &format!("timezone = {:?}", kept.timezone));
            for schedule in &kept.schedules {
                line(2, "schedule {");
                line(3, &format!("cron      = {:?}", schedule.cron));
                line(3, &format!("instances = {}", schedule.instances));
                line(2, "}");
            }
            line(1, "}");
        }
        line(0, "}");
    }
    text
}

/// The keys of each preset.
pub(crate) fn toml(pools: &[Recommendation]) -> String {
    let mut text = String::new();
    for (pool, kept) in pools
        .iter()
        .filter_map(|it| it.recommended.as_ref().map(|kept| (it, kept)))
    {
        let _written = writeln!(text, "# {}", printable(&pool.preset.to_string()));
        let _written = writeln!(text, "instances = {}", kept.instances);
        if !kept.schedules.is_empty() {
            let _written = writeln!(text, "timezone = {:?}", kept.timezone);
            let _written = writeln!(text, "schedules = [");
            for line in &kept.schedules {
                let (cron, instances) = (&line.cron, line.instances);
                let _written = writeln!(text, "  {{ cron = {cron:?}, instances = {instances} }},");
            }
            let _written = writeln!(text, "]");
        }
    }
    text
}
