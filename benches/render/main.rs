//! How long a plan takes that renders 1,000 presets of 200 templates with dynamic parameters.
//!
//! `cargo bench --bench render` starts a private PostgreSQL server with a stand-in of Coder's database,
//! and plans with the release binary. Every preset lacks a workspace, so that the plan works out a
//! create and a claim of each. The same plan of classic templates is the measure: what it takes less
//! is reading the sources and rendering. Prints figures and judges nothing.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark fails by panicking and tells its figures on standard output"
)]

#[allow(dead_code, reason = "the tests' tool box, of which this needs a part")]
#[path = "../../tests/support/mod.rs"]
mod support;

#[path = "../measure/mod.rs"]
mod measure;

use measure::measure;
use support::scene::Scene;
use support::{Coder, coder};

const TEMPLATES: usize = 200;
const PRESETS: usize = 5;

fn main() {
    let Some(database) = coder(Coder::Current) else {
        return;
    };
    let scene = Scene::new(&database);
    let variables = "region_prefix = \"z\"\n";
    for number in 0..TEMPLATES {
        let version = scene.template(&format!("template-{number}"));
        let files = [
            ("main.tf", include_str!("main.tf")),
            ("terraform.tfvars", variables),
        ];
        scene.import(&version, &files, "1.18");
        for preset in 0..PRESETS {
            let id = scene.preset(&version, &format!("preset-{preset}"), 1);
            let region = if preset.is_multiple_of(2) { "eu" } else { "us" };
            scene.preset_value(&id, "region", region);
            scene.preset_value(&id, "cpus", &(preset + 1).to_string());
        }
    }
    let plan = ["--database-url", &database.url, "--format", "json", "plan"];
    let presets = TEMPLATES * PRESETS;
    let text = measure(&format!("plan of {presets} presets, rendered"), &plan, &[]);
    assert!(!text.contains("_refused"), "every preset can be rendered");
    database.execute("UPDATE templates SET use_classic_parameter_flow = true");
    measure(&format!("plan of {presets} presets, classic"), &plan, &[]);
}
