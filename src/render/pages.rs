//! The pages of `demand` and `recommend`.

use super::page::{DAYS, Page, Picture, date};
use super::paste;
use super::simulate::percent;
use crate::demand::history::PastDay;
use crate::demand::lines::Kept;
use crate::demand::recommend::{Recommendation, Recommendations};
use crate::demand::replay::Figures;
use crate::demand::summary::{Demand, PoolDemand};
use crate::model::text;
use crate::model::{Diagnostic, Time};

/// What was asked of each pool: its week, and its days.
pub(crate) fn demand(demand: &Demand) -> String {
    let mut page = Page::new("Demand of pools", &period(demand.since, demand.until));
    for pool in &demand.pools {
        of_pool(&mut page, pool);
    }
    page.finish()
}

fn of_pool(page: &mut Page, pool: &PoolDemand) {
    page.section(&pool.preset.to_string());
    let misses = pool
        .misses
        .map_or_else(|| "unknown".to_owned(), |it| it.to_string());
    let cells = vec![
        pool.claims.to_string(),
        misses,
        rate(pool.hit_rate),
        format!("{:.0}", pool.idle_member_hours),
        pool.failed_builds.to_string(),
    ];
    page.table(
        &[
            "Claims",
            "Misses",
            "Hit rate",
            "Idle hours",
            "Failed builds",
        ],
        &[cells],
    );
    notes(page, &pool.notes);
    let days = pool.by_hour.iter().map(|day| {
        let mut sums = day.claims;
        sums.iter_mut()
            .zip(day.misses)
            .for_each(|(sum, misses)| *sum += misses);
        sums
    });
    let days: Vec<[i64; 24]> = days.collect();
    let told = |day: usize, hour: usize| {
        let of = &pool.by_hour[day];
        format!(
            "{} {hour}:00: claims {}, misses {}",
            DAYS[day], of.claims[hour], of.misses[hour]
        )
    };
    let caption = format!(
        "Claims and misses by hour of the week, by the clocks of {}",
        pool.timezone
    );
    page.picture(&caption, &Picture::week(&days, told));
    let hours: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let headings: Vec<&str> = std::iter::once("Day")
        .chain(hours.iter().map(String::as_str))
        .collect();
    let rows = DAYS.iter().zip(&days).map(|(name, hours)| {
        let numbers = hours.iter().map(ToString::to_string);
        std::iter::once((*name).to_owned()).chain(numbers).collect()
    });
    page.table(&headings, &rows.collect::<Vec<Vec<String>>>());
    page.picture(
        "Members that could be claimed, claims and misses, day by day",
        &Picture::days(&pool.by_day),
    );
    let row = |day: &PastDay| {
        let numbers = [
            day.claims.to_string(),
            day.misses.to_string(),
            format!("{:.1}", day.members),
        ];
        [vec![date(day)], numbers.to_vec()].concat()
    };
    page.table(
        &["Day", "Claims", "Misses", "Members"],
        &pool.by_day.iter().map(row).collect::<Vec<_>>(),
    );
}

/// The present and the recommended sizes of each pool, side by side.
pub(crate) fn recommendations(advice: &Recommendations) -> String {
    let mut page = Page::new("Sizes of pools", &period(advice.since, advice.until));
    for pool in &advice.pools {
        recommended(&mut page, pool);
    }
    page.finish()
}

fn recommended(page: &mut Page, pool: &Recommendation) {
    page.section(&pool.preset.to_string());
    let row = |name: &str, figures: &Figures, kept: Option<&Kept>| {
        vec![
            name.to_owned(),
            kept.map_or_else(String::new, size),
            figures.hits.to_string(),
            figures.misses.to_string(),
            rate(figures.hit_rate),
            format!("{:.0}", figures.idle_member_hours),
        ]
    };
    let mut rows = vec![row("Now", &pool.now_replayed, Some(&pool.now))];
    rows.extend(
        pool.replayed
            .iter()
            .map(|it| row("Recommended", it, pool.recommended.as_ref())),
    );
    rows.extend(
        pool.held_out
            .iter()
            .map(|it| row("In weeks held out", it, None)),
    );
    page.table(
        &["", "Size", "Hits", "Misses", "Hit rate", "Idle hours"],
        &rows,
    );
    notes(page, &pool.notes);
    let Some(sizes) = &pool.sizes else {
        return page.paragraph("Nothing was asked of this pool.");
    };
    let [now, then] = sizes.map(|mut sizes| {
        // From Monday on.
        sizes.rotate_left(24);
        sizes
    });
    let caption = format!("Size by hour of the week, by the clocks of {}", pool.zone);
    page.picture(&caption, &Picture::sizes(&now, &then));
    let hours: Vec<String> = (0..24).map(|hour| hour.to_string()).collect();
    let headings: Vec<&str> = std::iter::once("Day")
        .chain(hours.iter().map(String::as_str))
        .collect();
    let rows = DAYS
        .iter()
        .zip(now.chunks(24).zip(then.chunks(24)))
        .flat_map(|(day, (now, then))| {
            [("now", now), ("recommended", then)].map(|(name, hours)| {
                let numbers = hours.iter().map(ToString::to_string);
                std::iter::once(format!("{day}, {name}"))
                    .chain(numbers)
                    .collect()
            })
        });
    page.table(&headings, &rows.collect::<Vec<Vec<String>>>());
    page.code(&paste::terraform(std::slice::from_ref(pool)));
}

fn period(since: Time, until: Time) -> String {
    format!("From {} to {}.", text::time(&since), text::time(&until))
}

fn notes(page: &mut Page, notes: &[Diagnostic]) {
    for note in notes {
        page.paragraph(&format!("Note: {} [{}]", note.message, note.code));
    }
}

fn rate(rate: Option<f64>) -> String {
    rate.map_or_else(|| "-".to_owned(), percent)
}

/// `2`, and `5 at * 8-17 * * 1-5` below it.
fn size(kept: &Kept) -> String {
    let schedules = kept.schedules.iter();
    let schedules = schedules.map(|line| format!("\n{} at {}", line.instances, line.cron));
    format!("{}{}", kept.instances, schedules.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::actions::testing::{TUNING, at, preset};
    use crate::demand::advice::Goal;
    use crate::demand::recommend::{Wish, recommend};
    use crate::demand::summary;
    use crate::model::demand::{DemandFacts, Request};
    use crate::model::names::Selection;

    const SINCE: &str = "2026-03-02T00:00:00Z";
    const UNTIL: &str = "2026-03-30T00:00:00Z";

    /// Both pages of two pools, of which one has a name that would be markup, and was asked for each day at nine.
    fn pages() -> [String; 2] {
        let (mut small, large) = (preset(1, 1), preset(2, 1));
        small.name = "<b>&\"'\u{202e}</b>".to_owned();
        let requests = (0..28).map(|day| Request {
            preset_id: Some(small.id),
            created_at: at("2026-03-02T09:00:00Z") + chrono::TimeDelta::days(day),
            completed_at: None,
        });
        let facts = DemandFacts {
            requests: requests.collect(),
            presets: vec![small, large],
            ..DemandFacts::default()
        };
        let all = Selection::default();
        let wish = Wish {
            goal: Goal::HitRate(0.99),
            zone: None,
            provisioners: None,
            tuning: TUNING,
        };
        let (since, until) = (at(SINCE), at(UNTIL));
        [
            demand(&summary::demand(&facts, &all, since, until)),
            recommendations(&recommend(&facts, &all, wish, since, until)),
        ]
    }

    /// The tags that are not closed, or closed without having been opened.
    fn unbalanced(page: &str) -> Vec<&str> {
        let mut open = Vec::new();
        for tag in page
            .split('<')
            .skip(1)
            .filter_map(|it| it.split('>').next())
        {
            let name = tag.split_whitespace().next().unwrap_or_default();
            match name.strip_prefix('/') {
                Some(name) if open.last() == Some(&name) => drop(open.pop()),
                _ if tag.ends_with('/') || ["!doctype", "meta", "br"].contains(&name) => {}
                _ => open.push(name),
            }
        }
        open
    }

    #[test]
    fn pages_are_whole_and_need_nothing_from_elsewhere() {
        for page in pages() {
            assert_eq!(unbalanced(&page), Vec::<&str>::new());
            for part in [
                "://", "<script", "url(", "@import", "src=", "<link", "<b>", "\u{202e}",
            ] {
                assert!(!page.contains(part), "{part}");
            }
            assert!(page.contains("acme/docker/&lt;b&gt;&amp;&quot;'\\u{202e}&lt;/b&gt;"));
            assert!(page.contains("acme/docker/preset-2"));
            for part in [
                "default-src 'none'",
                "prefers-color-scheme: dark",
                "@media print",
                "width=device-width",
            ] {
                assert!(page.contains(part), "{part}");
            }
        }
    }

    #[test]
    fn every_picture_has_a_table_with_its_numbers() {
        let [demand, advice] = pages();
        let number = |page: &str, part: &str| page.matches(part).count();
        // Two pools with a table of their own, the week and the days.
        assert_eq!(
            (number(&demand, "<figure>"), number(&demand, "<table")),
            (4, 6)
        );
        assert!(demand.contains("<title>Mon 9:00: claims 0, misses 4</title>"));
        assert!(demand.contains("<tr><td>2026-03-02</td><td>0</td><td>1</td><td>0.0</td></tr>"));
        // Of the pool that nobody asked for there is nothing to draw.
        assert_eq!(
            (number(&advice, "<figure>"), number(&advice, "<table")),
            (1, 3)
        );
        assert!(advice.contains("Nothing was asked of this pool."));
        assert!(advice.contains("<pre># acme/docker/"));
        for page in [demand, advice] {
            let tables = number(&page, "<div class=\"wide\">\n<table>");
            assert_eq!(tables, number(&page, "<table>"));
        }
    }
}
