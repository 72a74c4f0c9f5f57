//! How long a plan takes that renders 1,000 presets of 200 templates with dynamic parameters.
//!
//! On a stand-in of Coder's database. Every preset lacks a workspace, so that the plan works out a create and
//! a claim of each. The same plan of classic templates is the yardstick: what it takes less is reading the
//! sources and rendering.

use crate::measure::{middle, prebuildctl, run};
use crate::support::scene::Scene;
use crate::support::{Coder, coder};
use crate::table::Table;

const TEMPLATES: usize = 200;
const PRESETS: usize = 5;
const RUNS: usize = 5;

pub fn measure(table: &mut Table) {
    let database = coder(Coder::Current).expect("PostgreSQL is here");
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
    let plan = || middle(RUNS, || run(&mut prebuildctl(&plan), &[]));
    let rendered = plan();
    assert!(
        !rendered.output.contains("_refused"),
        "every preset can be rendered"
    );
    database.execute("UPDATE templates SET use_classic_parameter_flow = true");
    let classic = plan().seconds;
    let what = format!(
        "`plan` of {} presets of dynamic templates, {} MB",
        TEMPLATES * PRESETS,
        rendered.megabytes
    );
    let yardstick = "the same of classic ones";
    table.time(&what, rendered.seconds, yardstick, classic);
}
