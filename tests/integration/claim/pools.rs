//! How the pools of requests are found, and what claims from many of them cost.

use super::{answers, line, refused};
use crate::support::database::Database;
use crate::support::process::prebuildctl;
use crate::support::scene::claims::{
    ACTIVE, Prebuilt, SMALL, add_preset, batch, claim, everywhere, id, postgres, template,
};
use crate::support::statements::statements_of;

#[test]
fn a_pool_is_found_by_every_form_of_its_name() {
    everywhere(|database| {
        let mut sql = String::new();
        // A name that holds what stands between names, and one that two templates have.
        add_preset(&mut sql, 101, ACTIVE, "gpu/large", "1", &[]);
        template(&mut sql, 22, "frontend", &[33]);
        add_preset(&mut sql, 102, 33, "small", "1", &[]);
        database.execute(&sql);
        for (number, preset) in (2001..).zip([101, 101, 101, 101, SMALL, 102, 102]) {
            let base = Prebuilt::new(number, preset);
            if preset == 102 {
                let (version, template) = (33, 22);
                Prebuilt {
                    version,
                    template,
                    ..base
                }
                .add(database);
            } else {
                base.add(database);
            }
        }
        for (number, name) in (2001..).zip([
            "gpu/large",
            "backend/gpu/large",
            "acme/backend/gpu/large",
            &id(101),
            "backend/small",
            "acme/frontend/small",
            &id(102),
        ]) {
            let own = format!("box-{number}");
            let arguments = ["--preset", name, "--user", "ada", "--name", &own];
            let answer = claim(database, &arguments).json();
            assert_eq!(answer["workspace_id"], id(number), "{name}");
        }
        let ambiguous = ["--preset", "small", "--user", "ada", "--name", "x"];
        let parts = ["acme/backend/small", "acme/frontend/small"];
        refused(database, &ambiguous, 1, &parts);
        let unknown = ["--preset", "backend/smal", "--user", "ada", "--name", "x"];
        refused(database, &unknown, 4, &["known are", "acme/backend/small"]);
    });
}

/// How many statements claims from so many pools take.
fn statements(database: &Database, pools: u64) -> Option<i64> {
    let mut sql = String::new();
    let mut lines = String::new();
    for n in 0..pools {
        add_preset(&mut sql, 200 + n, ACTIVE, &format!("p{n}"), "1", &[]);
        Prebuilt::new(3000 + n, 200 + n).write(&mut sql, database);
        lines.push_str(&line(&format!("p{n}"), "ada", &format!("box-{n}")));
    }
    database.execute(&sql);
    let mut output = None;
    let count = statements_of(database, || {
        let batch = prebuildctl(["claim", "--batch", "-", "--parallel", "1"]);
        output = Some(batch.on(database).stdin(lines).run());
    });
    let answers = answers(&output.expect("an output"));
    assert_eq!(answers.len() as u64, pools);
    for answer in answers {
        assert_eq!(answer["status"], "claimed", "{answer}");
    }
    count
}

#[test]
fn claims_from_many_pools_share_their_statements() {
    let Some((one, many)) = postgres().zip(postgres()) else {
        return;
    };
    let (Some(one), Some(many)) = (statements(&one, 1), statements(&many, 60)) else {
        return;
    };
    // Lines are read while claims are under way, so that they may be several sets.
    assert!(many < 4 * one, "{one}, {many}");
}

#[test]
fn a_batch_goes_on_with_pools_that_have_something_left() {
    everywhere(|database| {
        Prebuilt::new(2001, SMALL).add(database);
        let lines = [
            line("nowhere", "ada", "a"),
            line("large", "ada", "b"),
            line("small", "ada", "c"),
            line("small", "ada", "d"),
        ];
        let output = batch(database, &lines.concat());
        let status: Vec<String> = answers(&output)
            .iter()
            .map(|it| it["status"].as_str().unwrap().to_owned())
            .collect();
        let none = "none_claimable";
        assert_eq!(status, [none, none, "claimed", none]);
    });
}
