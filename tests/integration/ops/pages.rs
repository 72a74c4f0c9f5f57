//! The pages of `demand` and `recommend` as a browser without script shows them: on a phone and on a desk, in light and dark,
//! and on paper.
//!
//! What a reader would miss is found by `pages.js`.

use serde_json::{Value, json};

use crate::support::browser::{Browser, View};
use crate::support::database::Database;
use crate::support::process::{TestDir, prebuildctl};
use crate::support::scene::{Job, Scene, id};
use crate::support::sqlite;

/// A phone, a desk, and paper of size A4 without its margins.
const VIEWS: [View; 6] = [
    view(400, "screen", "light"),
    view(400, "screen", "dark"),
    view(1400, "screen", "light"),
    view(1400, "screen", "dark"),
    view(718, "print", "light"),
    view(718, "print", "dark"),
];

const fn view(width: u32, media: &'static str, scheme: &'static str) -> View {
    View {
        width,
        media,
        scheme,
    }
}

const STRANGE: &str = "<img src=\"http://127.0.0.1:9/\"><script>document.body.remove()</script>\
    wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww";

/// Three pools: one with all kinds of history and schedules, one with names that break nowhere and would be markup, and
/// one that nobody asked for.
fn pools(database: &Database) {
    let scene = Scene::new(database);
    scene.execute("UPDATE _sqlx_migrations SET installed_on = datetime('now', '-60 days')");
    let web = scene.template("web");
    let small = scene.preset(&web, "small", 2);
    for (cron, instances) in [
        ("* 8-11 * * 1-5", 12),
        ("* 12-18 * * 1-5", 4),
        ("* 9-17 * * 6-7", 3),
    ] {
        scene.execute(&format!(
            "INSERT INTO template_version_preset_prebuild_schedules (id, preset_id, cron_expression, desired_instances)
             VALUES ('{}', '{small}', '{cron}', {instances})",
            id()
        ));
    }
    let zone = "America/Argentina/ComodRivadavia";
    scene.execute(&format!(
        "UPDATE template_version_presets SET scheduling_timezone = '{zone}' WHERE id = '{small}'"
    ));
    let long = scene.template(&"W".repeat(64));
    let strange = scene.preset(&long, STRANGE, 3);
    scene.preset(&web, "quiet", 1);
    for day in 0..28 {
        let asked = day * 86_400 + 3600;
        for (version, pool) in [(&web, &small), (&long, &strange)] {
            let member = scene.prebuild(version, pool, Job::Succeeded, asked + 7200);
            scene.execute(&format!(
                "UPDATE workspaces SET owner_id = '{}', updated_at = '{}' WHERE id = '{}'",
                scene.person,
                scene.ago(asked),
                member.id
            ));
            if day % 3 == 0 {
                scene.of_person(version, pool, Job::Succeeded, asked - 60);
            }
        }
    }
}

/// What the browser says of the page that it has, shown in this way.
fn seen(browser: &mut Browser, view: View) -> Value {
    browser.show(view);
    let seen = browser.evaluate(include_str!("pages.js"));
    // It is shown as it was to be, which it would also tell without.
    let shown = json!([view.width, view.media == "print", view.scheme == "dark"]);
    assert_eq!(json!([seen["width"], seen["print"], seen["dark"]]), shown);
    seen
}

#[test]
fn pages_hold_on_a_phone_and_a_desk_in_light_and_dark_and_on_paper_without_script() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let database = sqlite();
    pools(&database);
    let folder = TestDir::new();
    // A pool that nobody asked for has no sizes to draw.
    for (command, figures, tables) in [("demand", 6, 9), ("recommend", 2, 5)] {
        let file = folder.join(&format!("{command}.html"));
        let html = format!("--html={}", file.display());
        prebuildctl([command, "--since=4w", &html])
            .on(&database)
            .run()
            .ok();
        browser.open(&file);
        let mut texts = Vec::new();
        for view in VIEWS {
            let seen = seen(&mut browser, view);
            assert_eq!(seen["faults"], json!([]), "{command}, {view:?}");
            let is_dark = view.scheme == "dark" && view.media == "screen";
            let paper = seen["paper"].as_f64().unwrap();
            assert!(if is_dark { paper < 0.05 } else { paper > 0.9 }, "{paper}");
            assert_eq!(
                [&seen["figures"], &seen["told"], &seen["tables"]],
                [&json!(figures), &json!(figures), &json!(tables)],
                "{command}, {view:?}"
            );
            texts.push(seen["texts"].clone());
        }
        texts.dedup();
        assert_eq!(texts.len(), 1, "{command}");
        let texts = texts[0].as_array().unwrap();
        let strange = format!("acme/{}/{STRANGE}", "W".repeat(64));
        for text in ["acme/web/quiet", "acme/web/small", &strange] {
            assert!(texts.contains(&json!(text)), "{command}: {text}");
        }
    }
    let urls = ["demand", "recommend"].map(|it| {
        let file = folder.join(&format!("{it}.html"));
        format!("file://{}", file.display())
    });
    assert_eq!(browser.requests, urls);
}

#[test]
fn what_a_reader_would_miss_is_found() {
    let Some(mut browser) = Browser::start() else {
        return;
    };
    let folder = TestDir::new();
    let page = "<!doctype html><style>
            @media (prefers-color-scheme: dark) { body { background: #111 } }
            @media print { #paper { display: none } .wide { overflow: hidden } }
            .wide { width: 100px; overflow-x: auto }
        </style><body>
        <p style='width: 900px'>Wide</p>
        <p style='opacity: 0.4'>Faint</p>
        <p style='background: white'>Fine</p>
        <p id=paper>Paper</p>
        <p style='font-size: 6px'>Small</p>
        <p style='visibility: hidden'>Hidden</p>
        <div class=wide><table><tr><td>Wide_wide_wide_wide_wide</table></div>
        <svg width=200 height=40 style='display: block'>
          <rect width=60 height=40 fill=black /><text y=20>On black</text>
          <text x=100 y=20>First</text><text x=110 y=22>Second</text><text x=180 y=20>Cut off</text>
        </svg>
        <p>Covered</p><div style='position: relative; top: -40px; height: 60px; background: white'></div>
        <script>document.body.remove()</script><img src='nowhere.png'>";
    browser.open(&folder.write("bad.html", page));
    let mut found = |view| {
        let seen = seen(&mut browser, view);
        let faults = seen["faults"].as_array().unwrap().iter();
        let faults = faults.map(|it| it.as_str().unwrap().to_owned());
        faults.collect::<Vec<_>>()
    };
    let [light, dark, paper] = [VIEWS[0], VIEWS[1], VIEWS[4]].map(&mut found);
    let has = |faults: &[String], what: &str, text: &str| {
        let mut faults = faults.iter();
        faults.any(|it| it.starts_with(&format!("{what}: ")) && it.contains(text))
    };
    for (what, text) in [
        ("wider than the page", ""),
        ("out of the page", "\"Wide\""),
        ("too faint", "\"Faint\""),
        ("too faint", "\"On black\""),
        ("too small", "\"Small\""),
        ("hidden", "\"Hidden\""),
        ("on each other", "\"First\""),
        ("out of its picture", "\"Cut off\""),
        ("covered", "\"Covered\""),
    ] {
        assert!(has(&light, what, text), "{what} {text}: {light:#?}");
    }
    assert!(
        !light
            .iter()
            .any(|it| it.contains("Night") || it.contains("Paper"))
    );
    assert!(has(&dark, "too faint", "\"First\""), "{dark:#?}");
    assert!(
        has(&paper, "hidden", "\"Paper\"") && has(&paper, "cut", "Wide_wide"),
        "{paper:#?}"
    );
    assert!(
        browser
            .requests
            .iter()
            .any(|it| it.ends_with("nowhere.png"))
    );
}
