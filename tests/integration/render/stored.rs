//! `render` of what a database holds, in every flow.

use serde_json::{Value, json};

use super::TEMPLATE;
use crate::cli::assert_error;
use crate::plan::published_schemas::{assert_fits, schema};
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::{Scene, id};
use crate::support::{both, coder_releases};

fn render(database: &Database, arguments: &[&str]) -> Value {
    let render = prebuildctl(["render", "--format=json"]).on(database);
    let render = arguments
        .iter()
        .fold(render, |it, argument| it.arg(argument));
    let renderings = render.run().json();
    assert_fits(&schema("render"), &renderings);
    renderings
}

/// A dynamic template `web` with the presets `pool` and `spare`; ann is in the group gold.
fn scene(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let version = scene.template("web");
    scene.import(&version, &[("main.tf", TEMPLATE)], "1.10");
    let pool = scene.preset(&version, "pool", 1);
    scene.preset_value(&pool, "region", "us");
    scene.preset(&version, "spare", 0);
    let group = id();
    scene.execute(&format!(
        "INSERT INTO groups (id, name, organization_id) VALUES ('{group}', 'gold', '{}');
         INSERT INTO group_members (user_id, group_id) VALUES ('{}', '{group}')",
        scene.organization, scene.person
    ));
    scene
}

#[test]
fn a_template_is_rendered_for_each_preset_and_a_preset_for_itself() {
    for (_, database) in coder_releases() {
        let scene = scene(&database);
        let all = render(&database, &["web"]);
        let names = all.as_array().unwrap().iter().map(|it| &it["preset"]);
        assert_eq!(names.collect::<Vec<_>>(), ["pool", "spare"]);
        let pool = render(&database, &["pool"]);
        assert_eq!(pool, json!([all[0]]));
        assert_eq!(pool[0]["template"], "web");
        assert_eq!(pool[0]["flow"], "dynamic");
        assert_eq!(pool[0]["owner"]["name"], "prebuilds");
        assert_eq!(pool[0]["tags"], json!({ "zone": "z-us", "queue": "slow" }));
        assert_eq!(pool[0]["parameters"][0]["source"], "preset");

        let ann = render(&database, &["acme/web/pool", "--for", "ann"]);
        assert_eq!(ann[0]["owner"]["id"], scene.person);
        assert_eq!(ann[0]["owner"]["groups"], json!(["gold"]));
        assert_eq!(ann[0]["tags"]["queue"], "fast");
        let by_id = render(&database, &["pool", "--for", &scene.person]);
        assert_eq!(by_id, ann);
    }
}

#[test]
fn the_tags_of_the_import_show_where_the_template_sets_no_others() {
    for (_, database) in coder_releases() {
        let scene = Scene::new(&database);
        let version = scene.template("web");
        let source =
            "data \"coder_workspace_tags\" \"t\" {\n  tags = { scope = \"user\", a = 1 }\n}\n";
        scene.import(&version, &[("main.tf", source)], "1.10");
        let entry = &render(&database, &["web"])[0];
        assert_eq!(entry["preset"], Value::Null);
        assert_eq!(
            entry["tags"],
            json!({ "a": "1", "scope": "user", "zone": "eu" })
        );
    }
}

#[test]
fn classic_and_static_templates_are_rendered_from_their_rows() {
    both(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        let preset = scene.preset(&version, "pool", 1);
        scene.parameter(&version, "size", Some("small"));
        scene.preset_value(&preset, "size", "large");
        scene.execute(&format!(
            "INSERT INTO template_version_workspace_tags (template_version_id, key, value)
             VALUES ('{}', 'size', 'data.coder_parameter.size.value')",
            version.id
        ));
        for (is_classic, flow, tags) in [
            (true, "classic", json!({ "zone": "eu", "size": "large" })),
            (false, "static", json!({ "zone": "eu" })),
        ] {
            scene.execute(&format!(
                "UPDATE templates SET use_classic_parameter_flow = {is_classic}"
            ));
            let entry = &render(database, &["pool"])[0];
            assert_eq!(entry["flow"], flow);
            assert_eq!(entry["tags"], tags);
            assert_eq!(entry["parameters"][0]["value"], "large");
            assert_eq!(entry["owner"]["name"], "prebuilds");
            let entry = &render(database, &["web/pool", "--for=ann", "--previous=size=x"])[0];
            assert_eq!(entry["owner"]["email"], "ann@example.com");
        }
    });
}

#[test]
fn a_classic_template_that_can_not_be_built_says_why() {
    both(|database| {
        let scene = Scene::new(database);
        let version = scene.template("web");
        scene.preset(&version, "pool", 1);
        scene.parameter(&version, "size", Some("small"));
        scene.execute(&format!(
            "UPDATE templates SET use_classic_parameter_flow = true;
             UPDATE template_version_parameters SET required = true;
             INSERT INTO template_version_workspace_tags (template_version_id, key, value)
             VALUES ('{}', 'size', 'upper(')",
            version.id
        ));
        let entry = &render(database, &["pool"])[0];
        assert_eq!(entry["diagnostics"][0]["code"], "invalid");
        let entry = &render(database, &["pool", "--param=size=s"])[0];
        assert_eq!(entry["diagnostics"][0]["code"], "unsupported");
        assert_eq!(entry["parameters"][0]["value"], "s");
        assert_eq!(entry["refused"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn names_that_stand_for_nothing_or_for_several_things_are_errors() {
    for (_, database) in coder_releases() {
        let scene = scene(&database);
        let other = scene.template("other");
        scene.preset(&other, "pool", 1);
        scene.preset(&other, "web", 1);
        let run = |arguments: &[&str]| {
            let render = prebuildctl(["render"]).on(&database);
            let render = arguments
                .iter()
                .fold(render, |it, argument| it.arg(argument));
            render.run()
        };
        assert_error(
            &run(&["wob"]),
            1,
            &["neither a preset nor a template", "\"acme/web\""],
        );
        assert_error(
            &run(&["pool"]),
            1,
            &["ambiguous", "acme/other/pool", "acme/web/pool"],
        );
        assert_error(
            &run(&["web"]),
            1,
            &["ambiguous", "acme/other/web", "acme/web"],
        );
        run(&["acme/web"]).ok();
        assert_error(
            &run(&["web/pool", "--for", "nobody"]),
            1,
            &["no user \"nobody\""],
        );
        let stranger = id();
        scene.execute(&format!(
            "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at)
         VALUES ('{stranger}', 's@example.com', 'stranger', '', now(), now())"
        ));
        assert_error(&run(&["web/pool", "--for", "stranger"]), 1, &["no member"]);
    }
}

#[test]
fn rendering_changes_nothing() {
    for (_, database) in coder_releases() {
        scene(&database);
        let before = database.dump();
        render(&database, &["web"]);
        assert_eq!(database.dump(), before);
    }
}
