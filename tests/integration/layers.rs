//! Imports in `src` run one way: the rules of ARCHITECTURE.md.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

/// The rooms from the top down. A room may import those below it.
const ROOMS: [&str; 18] = [
    "commands",
    "cli",
    "render",
    "provision",
    "reconcile",
    "metrics",
    "service",
    "claim",
    "life",
    "error",
    "store",
    "declaration",
    "builds",
    "template",
    "demand",
    "actions",
    "clock",
    "model",
];

/// Rooms that work things out from what they are given and touch nothing.
const PURE: [&str; 6] = [
    "declaration",
    "builds",
    "template",
    "demand",
    "actions",
    "model",
];

/// Source files by module path, without those that only hold tests.
fn sources() -> BTreeMap<String, String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut sources = BTreeMap::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path: PathBuf = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let module = path.strip_prefix(&root).unwrap().with_extension("");
                let module = module.to_str().unwrap().replace('/', "::");
                let is_test = ["tests", "testing", "properties", "fuzzing"];
                if !module.split("::").any(|part| is_test.contains(&part)) {
                    let text = std::fs::read_to_string(&path).unwrap();
                    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                    let above = module.rsplit_once("::").map_or("", |(above, _)| above);
                    let code = code.replace("super::", &format!("crate::{above}::"));
                    sources.insert(module, code);
                }
            }
        }
    }
    sources
}

/// The paths below `crate` that a file names, in `use` declarations with braces too.
fn paths(code: &str) -> BTreeSet<String> {
    let code: String = code
        .lines()
        .filter(|line| !line.trim().starts_with("//"))
        .collect();
    let mut paths = BTreeSet::new();
    for after in code.split("crate::").skip(1) {
        let head: String = after
            .chars()
            .take_while(|c| c.is_alphanumeric() || "_:".contains(*c))
            .collect();
        let names = after
            .strip_prefix(&head)
            .and_then(|rest| rest.strip_prefix('{'));
        let names = names.and_then(|rest| rest.split('}').next()).unwrap_or("");
        for name in names.split(',') {
            paths.insert(format!("{head}{}", name.trim()));
        }
    }
    paths
}

#[test]
fn rooms_import_only_rooms_below_them() {
    let depth = |room: &str| ROOMS.iter().position(|it| *it == room);
    for (module, code) in sources() {
        let room = module.split("::").next().unwrap();
        if ["lib", "main"].contains(&room) {
            continue;
        }
        let from = depth(room).unwrap_or_else(|| panic!("{room} has no place in the order"));
        for path in paths(&code) {
            let Some(to) = depth(path.split("::").next().unwrap()) else {
                continue;
            };
            assert!(from <= to, "{module} imports {path}, which is above it");
            let renders = ROOMS[to] == "render" && !["commands", "cli", "render"].contains(&room);
            assert!(
                !renders,
                "{module} imports {path}, which is for commands alone"
            );
        }
        for library in ["tokio::", "sqlx::", "clap::", "std::env", "std::fs"] {
            let touches = PURE.contains(&room) && code.contains(library);
            assert!(!touches, "{module} is pure, but names {library}");
        }
    }
}

#[test]
fn no_files_import_each_other() {
    let sources = sources();
    let file_of = |path: &str| {
        let mut path = path;
        loop {
            if sources.contains_key(path) {
                return Some(path.to_owned());
            }
            path = path.rsplit_once("::")?.0;
        }
    };
    // A room's own file names its parts to show them; only what its parts name of each other counts.
    let edges: BTreeMap<String, BTreeSet<String>> = sources
        .iter()
        .map(|(module, code)| {
            let named = paths(code).into_iter().filter_map(|path| file_of(&path));
            (module.clone(), named.filter(|it| it != module).collect())
        })
        .collect();
    let reaches_itself = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut next: Vec<&String> = edges[start].iter().collect();
        while let Some(module) = next.pop() {
            if module == start {
                return true;
            }
            if seen.insert(module) {
                next.extend(&edges[module]);
            }
        }
        false
    };
    let circular: Vec<&String> = edges.keys().filter(|it| reaches_itself(it)).collect();
    assert_eq!(circular, Vec::<&String>::new(), "these import each other");
}
