//! Every statement of the store, explained on a large database with generic and with custom plans.
//!
//! A statement that goes from given ids must look rows up by them, whatever the server thinks of the
//! sizes of users, templates and pools: one plan that goes through a pool instead costs a pass over
//! thousands of presets a minute.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::support::database::{Database, Session};
use crate::support::scene::PREBUILDS_USER;
use crate::support::{Coder, coder, postgres};

/// Statements that are about all pools, all jobs or all workspaces by their nature.
const OF_CROWDS: &[&str] = &[
    "build/read_failed.postgres",
    "build/read_newest",
    "build/read_times.postgres",
    "build/read_unfinished.postgres",
    "demand/read_members",
    "demand/read_recent_members",
    "demand/read_requests",
    "history/read_builds",
    "history/read_claims",
    "job/choose.postgres",
    "job/count_queued",
    "job/read_queue",
    "job/read_queue_of_people",
    "job/read_queued_tags",
    "job/read_timings.postgres",
    "job/read_waiting_tags",
    "job/requeue",
    "membership/read_allowances",
    "organization/read_inhabited",
    "pool/read_creations",
    "pool/read_totals",
    "prebuild/are_many",
    "prebuild/read.postgres",
    "replacement/count",
    "replacement/read",
    "template/count_members",
    "user/read",
    "user/read_names",
    "user/remove",
    "workspace/find",
    "workspace/read_autostart",
    "workspace/read_claimed",
    "workspace/read_news",
];

/// Statements that go by time, each on databases of our own (`true`) or on Coder's alone, by an index that only those
/// have: without it they would go through all jobs.
const OF_TIMES: &[(&str, bool)] = &[
    ("job/read_recent", true),
    ("job/read_recent_of_daemons", false),
];

/// Statements of workers, which work on databases of our own only, by indexes that only those have.
const OF_WORKERS: &[&str] = &["daemon/", "job/", "log/"];

/// Statements of passes among them.
const OF_PASSES: &[&str] = &[
    "job/cancel",
    "job/complete_orphans",
    "job/delete",
    "job/insert",
    "job/lock_pending",
];

/// Claims go from the workspaces of a template.
const OF_TEMPLATES: &[&str] = &["claim/count_pool", "claim/find.postgres"];

/// Tables that grow with workspaces, builds and people.
const LARGE: &[&str] = &[
    "external_auth_links",
    "organization_members",
    "provisioner_job_logs",
    "provisioner_jobs",
    "users",
    "workspace_agents",
    "workspace_build_parameters",
    "workspace_builds",
    "workspace_resources",
    "workspaces",
];

/// Indexes of which one value stands for a crowd.
const OF_OWNERS: &str = "workspaces_owner_id_lower_idx";
const BROAD: &[&str] = &[
    OF_OWNERS,
    "idx_organization_member_organization_id_uuid",
    "idx_provisioner_jobs_status",
    "idx_workspace_builds_initiator_id",
    "provisioner_jobs_completed_at_idx",
    "provisioner_jobs_started_at_idx",
    "provisioner_jobs_worker_id_organization_id_completed_at_idx",
    "workspace_next_start_at_idx",
];
const BROAD_UNLESS_OF_TEMPLATES: &[&str] =
    &["workspace_template_id_idx", "workspaces_unclaimed_idx"];

/// Most rows of a large table that a plan may expect in one look: the server takes every set of
/// arguments for a hundred.
const MOST_ROWS: f64 = 1000.0;

/// Rows as of a large deployment, two thirds of the workspaces the prebuilds user's.
fn fill(database: &Database) {
    let mut session = database.session();
    session.execute("SET session_replication_role = replica");
    session.execute(&format!(
        "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at, status)
         SELECT gen_random_uuid(), n || '@example.com', 'user' || n, '', now(), now(), 'active'
         FROM generate_series(1, 10000) AS n;
         INSERT INTO organization_members (user_id, organization_id, created_at, updated_at)
         SELECT id, '{PREBUILDS_USER}', now(), now() FROM users WHERE username LIKE 'user%';
         CREATE TEMPORARY TABLE owners AS
         SELECT id, row_number() OVER () AS place FROM users WHERE username LIKE 'user%';
         INSERT INTO workspaces (id, created_at, updated_at, owner_id, organization_id, template_id,
                                 name)
         SELECT gen_random_uuid(), now() - n * interval '1 s', now(),
                CASE WHEN n % 3 = 0 THEN o.id ELSE '{PREBUILDS_USER}' END, '{PREBUILDS_USER}',
                CAST(md5(CAST(n % 200 AS text)) AS uuid), 'w' || n
         FROM generate_series(1, 30000) AS n
         JOIN owners AS o ON o.place = n % 10000 + 1;
         INSERT INTO workspace_builds (id, created_at, updated_at, workspace_id,
                                       template_version_id, build_number, transition,
                                       initiator_id, job_id)
         SELECT gen_random_uuid(), w.created_at, now(), w.id, w.template_id, n, 'start', w.owner_id,
                gen_random_uuid()
         FROM workspaces AS w CROSS JOIN generate_series(1, 2) AS n;
         INSERT INTO provisioner_jobs (id, created_at, updated_at, started_at, completed_at,
                                       organization_id, initiator_id, provisioner,
                                       storage_method, type, input, file_id)
         SELECT job_id, created_at, now(), created_at, created_at, '{PREBUILDS_USER}', initiator_id,
                'terraform', 'file', 'workspace_build', '{{}}', job_id
         FROM workspace_builds;
         INSERT INTO workspace_build_parameters (workspace_build_id, name, value)
         SELECT id, 'cores', '2' FROM workspace_builds;
         INSERT INTO workspace_resources (id, created_at, job_id, transition, type, name)
         SELECT job_id, now(), job_id, 'start', 'docker', 'main' FROM workspace_builds;
         INSERT INTO provisioner_job_logs (job_id, created_at, source, level, stage, output)
         SELECT job_id, now(), 'provisioner', 'info', 'Planning', 'said' FROM workspace_builds;
         INSERT INTO workspace_agents (id, created_at, updated_at, name, resource_id, auth_token,
                                       architecture, operating_system, lifecycle_state)
         SELECT id, now(), now(), 'main', id, id, 'amd64', 'linux', 'ready'
         FROM workspace_resources;
         -- The stand-ins for Coder's databases lack it.
         CREATE TABLE gitsshkeys (user_id uuid PRIMARY KEY, public_key text NOT NULL);
         ANALYZE"
    ));
}

/// The statements by name, without those that only SQLite runs. A text that is only a part stands
/// with what goes before it.
fn statements() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store/sql");
    let mut statements = Vec::new();
    for folder in std::fs::read_dir(&root).unwrap() {
        let folder = folder.unwrap().path();
        if folder.ends_with("fragment") {
            continue;
        }
        for file in std::fs::read_dir(folder).unwrap() {
            let file = file.unwrap().path();
            let name = file.strip_prefix(&root).unwrap().to_str().unwrap();
            let name = name.strip_suffix(".sql").unwrap().to_owned();
            if name.ends_with(".sqlite") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let before = match name.as_str() {
                "preset/read" => "SELECT NULL".to_owned(),
                "workspace/read" => {
                    "WITH asked AS (SELECT * FROM workspaces WHERE id = $1) ".to_owned()
                }
                "user/read_owners" => "SELECT u.id, \
                    (SELECT public_key FROM gitsshkeys AS k WHERE k.user_id = u.id)"
                    .to_owned(),
                "version/read" => "SELECT {variables v.id}, \
                    EXISTS (SELECT 1 FROM parameter_schemas AS s WHERE s.job_id = v.job_id)"
                    .to_owned(),
                "schedule/of_active_versions" => {
                    std::fs::read_to_string(root.join("schedule/read.sql")).unwrap()
                }
                _ => String::new(),
            };
            statements.push((name, prebuildctl::postgres_text(&(before + &text))));
        }
    }
    assert!(statements.len() > 70, "{}", statements.len());
    statements
}

/// The plan of a statement; none where the schema has not all that it needs.
fn explain(session: &mut Session, text: &str) -> Option<Value> {
    let undefined = |error: &sqlx::Error| {
        let code = error.as_database_error().and_then(|error| error.code());
        code.is_some_and(|code| matches!(code.as_ref(), "42P01" | "42703" | "42704"))
    };
    match session.try_execute(&format!("PREPARE s AS {text}")) {
        Ok(_) => {}
        Err(error) if undefined(&error) => return None,
        Err(error) => panic!("{error}: {text}"),
    }
    let types = session.rows(
        "SELECT CAST(t AS text) FROM pg_prepared_statements, unnest(parameter_types) AS t
         WHERE name = 's'",
    );
    let arguments: Vec<String> = types
        .into_iter()
        .map(|row| match row[0].as_deref().unwrap() {
            "uuid" => format!("'{PREBUILDS_USER}'"),
            "jsonb" => "'[]'".to_owned(),
            "text" => "'x'".to_owned(),
            "timestamp with time zone" => "now()".to_owned(),
            "bigint" | "integer" => "10".to_owned(),
            "boolean" => "false".to_owned(),
            _ => "NULL".to_owned(),
        })
        .collect();
    let arguments = match arguments.as_slice() {
        [] => String::new(),
        some => format!("({})", some.join(", ")),
    };
    let plan = session.value(&format!("EXPLAIN (FORMAT JSON) EXECUTE s{arguments}"));
    session.execute("DEALLOCATE s");
    Some(serde_json::from_str(&plan.expect("a plan")).unwrap())
}

/// What is wrong with a plan.
fn faults(statement: &str, node: &Value, faults: &mut BTreeSet<String>) {
    match node {
        Value::Array(nodes) => nodes
            .iter()
            .for_each(|it| self::faults(statement, it, faults)),
        Value::Object(fields) => {
            fields
                .values()
                .for_each(|it| self::faults(statement, it, faults));
            let text = |key: &str| node[key].as_str().unwrap_or_default();
            let (kind, index, condition) =
                (text("Node Type"), text("Index Name"), text("Index Cond"));
            let table = text("Relation Name");
            if kind == "Seq Scan" && LARGE.contains(&table) {
                faults.insert(format!("{statement}: scans {table}"));
            }
            let names_one = index == OF_OWNERS && condition.contains("lower");
            let is_broad = BROAD.contains(&index) && !names_one
                || BROAD_UNLESS_OF_TEMPLATES.contains(&index) && !OF_TEMPLATES.contains(&statement);
            if is_broad && kind != "ModifyTable" {
                faults.insert(format!("{statement}: reads {index} by {condition:?}"));
            }
            let rows = node["Plan Rows"].as_f64().unwrap_or(0.0);
            if kind.contains("Scan") && LARGE.contains(&table) && rows > MOST_ROWS {
                faults.insert(format!("{statement}: {rows} rows of {table}"));
            }
        }
        _ => {}
    }
}

#[test]
fn no_statement_goes_through_a_pool_to_find_what_it_is_given() {
    let statements = statements();
    let mut unexplained: BTreeSet<&str> = statements.iter().map(|(name, _)| &**name).collect();
    let mut all = BTreeSet::new();
    let databases = [postgres(), coder(Coder::Current)];
    if databases.iter().any(Option::is_none) {
        return;
    }
    for (database, is_own) in databases.into_iter().flatten().zip([true, false]) {
        fill(&database);
        if !is_own {
            // A column that Coder is about to add, and a table that databases of our own lack.
            database.execute(
                "ALTER TABLE workspace_build_parameters ADD COLUMN value_key_id text;
                 INSERT INTO external_auth_links (provider_id, user_id, created_at, updated_at,
                     oauth_access_token, oauth_refresh_token, oauth_expiry)
                 SELECT provider, id, now(), now(), '', '', now()
                 FROM users CROSS JOIN (VALUES ('git'), ('hub')) AS p (provider);
                 ANALYZE external_auth_links",
            );
        }
        let mut session = database.session();
        for mode in ["force_generic_plan", "force_custom_plan"] {
            session.execute(&format!("SET plan_cache_mode = {mode}"));
            for (name, text) in &statements {
                if let Some(plan) = explain(&mut session, text) {
                    unexplained.remove(&**name);
                    let is_of_worker = OF_WORKERS.iter().any(|folder| name.starts_with(folder))
                        && !OF_PASSES.contains(&&**name);
                    if let Some((_, of_own)) = OF_TIMES.iter().find(|(it, _)| it == name) {
                        let mut found = BTreeSet::new();
                        faults(name, &plan, &mut found);
                        let scans = found.into_iter().filter(|it| it.contains(": scans "));
                        all.extend(scans.filter(|_| *of_own == is_own));
                    } else if !OF_CROWDS.contains(&&**name) && (is_own || !is_of_worker) {
                        faults(name, &plan, &mut all);
                    }
                }
            }
        }
    }
    assert_eq!(unexplained, BTreeSet::new());
    assert_eq!(all, BTreeSet::new());
}
