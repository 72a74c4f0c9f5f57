//! The rights that the documentation grants: enough for every command, and each of them needed.

use serde_json::Value;

use super::assert_error;
use crate::ops::doctor::findings;
use crate::support::database::{Database, Session};
use crate::support::process::{Output, TestDir, prebuildctl};
use crate::support::report::counts;
use crate::support::scene::{Job, PREBUILDS_USER, Scene};
use crate::support::service::{address, get, sample, start_loop, stop};
use crate::support::{Coder, RELEASES, cluster, coder, wait_until};

const PAGE: &str = include_str!("../../../docs/coder.md");

/// Takes away the tables that only some releases have.
const WITHOUT_RARE_TABLES: &str = "DROP TABLE parameter_schemas";

/// Rights that passes do without.
const ONLY_FOR_PAUSING: [(&str, &str); 2] =
    [("INSERT", "site_configs"), ("UPDATE", "site_configs")];

/// Rights without which only templates with dynamic parameters can't be rendered.
const ONLY_FOR_RENDERING: [(&str, &str); 6] = [
    ("SELECT", "files"),
    ("SELECT", "template_version_terraform_values"),
    ("SELECT (email)", "users"),
    ("SELECT (login_type)", "users"),
    ("SELECT (name)", "users"),
    ("SELECT (rbac_roles)", "users"),
];

/// Tables that only people look into: the output of builds, and what coderd says of claims.
const ONLY_FOR_LOOKING: [&str; 2] = ["notification_messages", "provisioner_job_logs"];

/// Rights without which only workspaces of templates that require external authentication can't be claimed.
const LINKS: &str = "external_auth_links";

/// A right, such as `SELECT (name)`, and its table.
type Grant = (String, String);

/// What the page grants.
fn grants() -> Vec<Grant> {
    let (_, block) = PAGE
        .split_once("CREATE ROLE prebuildctl LOGIN;")
        .expect("the page makes a role");
    let (block, _) = block.split_once("```").expect("a block that ends");
    let mut grants = Vec::new();
    for statement in block.split(';').map(str::trim) {
        let Some(statement) = statement.strip_prefix("GRANT ") else {
            assert_eq!(statement, "");
            continue;
        };
        let (rights, rest) = statement.split_once(" ON ").expect("tables");
        let (tables, role) = rest.split_once("TO ").expect("a role");
        assert_eq!(role, "prebuildctl");
        // Either rights or the columns of one.
        let rights: Vec<String> = match rights.split_once(" (") {
            Some((right, columns)) => {
                let columns = columns.trim_end_matches(')').split(", ");
                columns.map(|it| format!("{right} ({it})")).collect()
            }
            None => rights.split(", ").map(str::to_owned).collect(),
        };
        for table in tables.split(',').map(str::trim) {
            grants.extend(rights.iter().map(|it| (it.clone(), table.to_owned())));
        }
    }
    grants
}

/// A role of the database with the rights that the page grants; it goes away with this value.
struct Role<'a> {
    database: &'a Database,
    name: String,
    url: String,
    /// What was granted, on tables that exist.
    grants: Vec<Grant>,
}

impl<'a> Role<'a> {
    fn new(database: &'a Database) -> Self {
        let name = format!("role_{}", database.name());
        let url = database.url.replace("//postgres", &format!("//{name}"));
        assert_ne!(url, database.url);
        let tables = database.dump();
        let mut grants = grants();
        grants.retain(|(right, table)| {
            let column = right.split(['(', ')']).nth(1);
            tables.contains_key(table) && column.is_none_or(|column| has(database, table, column))
        });
        database.execute(&format!("CREATE ROLE {name} LOGIN"));
        let role = Self {
            database,
            name,
            url,
            grants,
        };
        for grant in &role.grants {
            role.grant(grant);
        }
        role
    }

    fn grant(&self, (right, table): &Grant) {
        let name = &self.name;
        let sql = format!("GRANT {right} ON {table} TO {name}");
        self.database.execute(&sql);
    }

    fn revoke(&self, (right, table): &Grant) {
        let name = &self.name;
        let sql = format!("REVOKE {right} ON {table} FROM {name}");
        self.database.execute(&sql);
    }

    fn run(&self, arguments: &[&str]) -> Output {
        let run = prebuildctl(arguments).arg("--format=json");
        run.env("PREBUILDCTL_DATABASE_URL", &self.url).run()
    }

    /// What `doctor` says of a check.
    fn doctor(&self, check: &str) -> [String; 2] {
        let found = findings(&self.run(&["doctor"]));
        let finding = found.into_iter().find(|[name, ..]| name == check);
        let [_, level, message] = finding.expect("the check is made");
        [level, message]
    }
}

impl Drop for Role<'_> {
    fn drop(&mut self) {
        let name = &self.name;
        // Of no use in a test that fails already.
        let _ignored = self
            .database
            .session()
            .try_execute(&format!("DROP OWNED BY {name}; DROP ROLE {name}"));
    }
}

/// Coder's databases of these releases, and one without tables that only some have.
fn databases(releases: &[Coder]) -> Vec<Database> {
    if !cluster::postgres().is_some_and(cluster::Cluster::is_private) {
        return Vec::new(); // nobody knows the passwords of roles elsewhere
    }
    let all = releases.iter().copied().chain([Coder::Current]);
    let databases: Vec<Database> = all.filter_map(coder).collect();
    if let Some(last) = databases.last() {
        last.execute(WITHOUT_RARE_TABLES);
    }
    databases
}

fn has(database: &Database, table: &str, column: &str) -> bool {
    let sql = format!(
        "SELECT count(*) FROM information_schema.columns
         WHERE table_name = '{table}' AND column_name = '{column}'"
    );
    database.count(&sql) == 1
}

/// Work of every kind: two creates, a delete, a cancel with its orphan delete, a pool that has
/// failed too often, and a failure that no pool counts.
fn work(database: &Database) -> Scene {
    let scene = Scene::new(database);
    let web = scene.template("web");
    scene.parameter(&web, "size", Some("small"));
    let pool = scene.preset(&web, "pool", 3);
    scene.preset_value(&pool, "size", "large");
    scene.prebuild(&web, &pool, Job::Succeeded, 600);
    let drained = scene.preset(&web, "drained", 0);
    scene.prebuild(&web, &drained, Job::Succeeded, 600);
    scene.prebuild(&web, &drained, Job::Failed, 7200);
    let broken = scene.preset(&web, "broken", 1);
    for age in [7000, 7100, 7200] {
        scene.prebuild(&web, &broken, Job::Failed, age);
    }
    let old = scene.template("old");
    let outdated = scene.preset(&old, "outdated", 1);
    scene.prebuild(&old, &outdated, Job::Pending, 60);
    scene.activate(&scene.version(&old.template, "v2"));
    let secret = scene.template("secret");
    scene.preset(&secret, "secret", 0);
    scene.execute(&format!(
        "UPDATE template_versions SET external_auth_providers = '[{{\"id\": \"git\"}}]'
         WHERE id = '{}'",
        secret.id
    ));
    if has(database, "template_version_variables", "name") {
        scene.execute(&format!(
            "INSERT INTO template_version_variables
             VALUES ('{id}', 'queue', '', 'string', '', 'fast', false, false);
             INSERT INTO template_version_workspace_tags (template_version_id, key, value)
             VALUES ('{id}', 'queue', 'var.queue')",
            id = web.id
        ));
    }
    scene
}

#[test]
fn the_rights_of_the_readme_are_enough_for_every_command() {
    for database in databases(&RELEASES) {
        let role = Role::new(&database);
        let scene = work(&database);
        role.run(&["snapshot"]).ok();
        assert_eq!(role.run(&["plan"]).json()["summary"]["create"], 2);
        let all = [
            "ok".to_owned(),
            "all that passes and claims need".to_owned(),
        ];
        assert_eq!(role.doctor("rights"), all);

        let explained = role.run(&["plan", "--explain"]);
        assert!(explained.ok().contains("exit status 1"), "{explained:?}");

        let dir = TestDir::new();
        let metrics = dir.join("prebuilds.prom");
        let file = format!("--metrics-file={}", metrics.display());
        let report = role.run(&["reconcile-once", &file]).json();
        assert_eq!(counts(&report), [2, 1, 1, 0, 0], "{report:#}");
        let metrics = std::fs::read_to_string(metrics).unwrap();
        assert!(
            metrics.contains("coderd_prebuilt_workspaces_desired{"),
            "{metrics}"
        );
        let joined = format!(
            "SELECT count(*) FROM organization_members JOIN group_members USING (user_id)
             WHERE user_id = '{PREBUILDS_USER}' AND organization_id = '{}'",
            scene.organization
        );
        assert_eq!(database.count(&joined), 1);
        let limited = "SELECT name FROM template_version_presets
            WHERE prebuild_status = 'hard_limited'";
        assert_eq!(database.column(limited), ["broken"]);

        let claim = ["claim", "--preset=pool", "--user=ann", "--name=mine"];
        role.run(&claim).ok();
        let mine = format!(
            "SELECT name FROM workspaces WHERE owner_id = '{}'",
            scene.person
        );
        assert_eq!(database.column(&mine), ["mine"]);
        assert_eq!(
            role.run(&["list", "--owner=ann"]).json()["workspaces"][0]["name"],
            "mine"
        );
        role.run(&["show", "mine"]).ok();
        role.run(&["logs", "mine"]).ok();
        role.run(&["history"]).ok();
        let claim = ["claim", "--preset=secret", "--user=ann", "--name=other"];
        let refused = role.run(&claim);
        refused.expect_code(1);
        assert!(refused.stderr.contains("not logged in"), "{refused:?}");

        let report = role.run(&["reset-limit", "broken", "--yes"]).json();
        assert_eq!(report["queued"], 3, "{report:#}");
        assert_eq!(database.column(limited), [""; 0]);
        let report = role.run(&["cleanup", "--yes"]).json();
        assert_eq!(report["queued"], 1, "{report:#}");

        scene.finish_builds();
        let invalidate = role.run(&["invalidate", "pool", "--yes"]);
        if has(&database, "template_version_presets", "last_invalidated_at") {
            invalidate.ok();
            assert_eq!(role.run(&["reconcile-once"]).json()["deleted"], 2);
        } else {
            invalidate.expect_code(6);
        }
        for command in ["pause", "resume"] {
            assert_eq!(role.run(&[command]).json()["changed"], true);
        }
        assert_eq!(role.doctor("rights"), all);
    }
}

#[test]
fn the_rights_of_the_readme_are_enough_for_the_metrics_of_a_loop() {
    for database in databases(&RELEASES) {
        let role = Role::new(&database);
        let scene = Scene::new(&database);
        let web = scene.template("web");
        let pool = scene.preset(&web, "pool", 2);
        scene.prebuild(&web, &pool, Job::Pending, -60);
        scene.prebuild(&web, &pool, Job::Succeeded, -60);
        let running = start_loop(&role.url, &["--metrics-addr", "127.0.0.1:0"]);
        let address = address(&running);
        wait_until("the pools were read", || {
            let text = get(&address, "/metrics").1;
            sample(&text, "coderd_prebuilt_workspaces_metrics_last_updated") > Some(0.0)
        });
        stop(running);
    }
}

#[test]
fn without_any_single_right_of_the_documentation_nothing_is_tried() {
    for database in databases(&[Coder::At343, Coder::Current]) {
        let role = Role::new(&database);
        let _scene = work(&database);
        let before = database.dump();
        let rare = [
            ("parameter_schemas", "id"),
            (LINKS, "oauth_refresh_failure_reason"),
        ];
        let rare = rare
            .iter()
            .filter(|(table, column)| has(&database, table, column));
        assert_eq!(role.grants.len(), 49 + rare.count(), "{:?}", role.grants);
        for grant in &role.grants {
            role.revoke(grant);
            let (right, table) = grant;
            let lacks = format!("{right} on {table}");
            let lacking = format!("the database role lacks {lacks}");
            let refuses = |command: &[&str]| {
                assert_error(&role.run(command), 6, &[&lacking, "docs/coder.md"]);
            };
            if ONLY_FOR_PAUSING.contains(&(right.as_str(), table.as_str())) {
                refuses(&["pause"]);
                refuses(&["resume"]);
                assert_eq!(role.doctor("rights")[0], "warning");
            } else if ONLY_FOR_LOOKING.contains(&table.as_str()) {
                role.run(&["snapshot"]).ok();
                assert_eq!(role.doctor("rights")[0], "ok");
            } else if ONLY_FOR_RENDERING.contains(&(right.as_str(), table.as_str())) {
                let report = role.run(&["reconcile-once", "--max-create=0"]);
                report.expect_code(6);
                let [level, message] = role.doctor("rights");
                assert_eq!(level, "warning");
                assert!(message.contains(&lacks), "{message}");
            } else if table == LINKS {
                let claim = ["claim", "--preset=secret", "--user=ann", "--name=mine"];
                let denied = "permission denied for table external_auth_links";
                assert_error(&role.run(&claim), 1, &[denied, "docs/coder.md"]);
                let finding = format!(
                    "the role lacks {lacks}; those of templates that require external authentication \
                     are not claimed"
                );
                assert_eq!(role.doctor("rights"), ["warning".to_owned(), finding]);
            } else {
                refuses(&["reconcile-once"]);
                refuses(&["claim", "--preset=pool", "--user=ann", "--name=mine"]);
                let finding = format!("the role lacks {lacks}; passes are refused");
                assert_eq!(role.doctor("rights"), ["error".to_owned(), finding]);
            }
            assert!(before == database.dump(), "{grant:?}");
            role.grant(grant);
        }
        let report: Value = role.run(&["reconcile-once"]).json();
        assert_eq!(counts(&report), [2, 1, 1, 0, 0]);
    }
}

/// Whether the role may do this; whether it comes to anything is another matter. Nothing of it stays.
fn may(session: &mut Session, sql: &str) -> bool {
    session.execute("BEGIN");
    let done = session.try_execute(sql);
    session.execute("ROLLBACK");
    let denied = done.is_err_and(|error| {
        let error = error.as_database_error();
        error.is_some_and(|error| error.code().as_deref() == Some("42501"))
    });
    !denied
}

#[test]
fn what_is_not_granted_is_refused_table_by_table_and_column_by_column() {
    for database in databases(&RELEASES) {
        let role = Role::new(&database);
        let mut session = Session::open(&role.url);
        let is_granted = |right: &str, table: &str| {
            let grant = (right.to_owned(), table.to_owned());
            role.grants.contains(&grant)
        };
        let columns = database.rows(
            "SELECT table_name, column_name, table_type
             FROM information_schema.columns JOIN information_schema.tables
                USING (table_catalog, table_schema, table_name)
             WHERE table_schema = 'public' ORDER BY table_name, ordinal_position",
        );
        let mut last = String::new();
        let mut refused = 0;
        for row in columns {
            let [Some(table), Some(column), Some(kind)] = &row[..] else {
                panic!("a column without a name: {row:?}");
            };
            let of_column = format!("SELECT ({column})");
            let may_read = is_granted("SELECT", table) || is_granted(&of_column, table);
            let select = format!(r#"SELECT "{column}" FROM "{table}" LIMIT 0"#);
            assert_eq!(may(&mut session, &select), may_read, "{select}");
            refused += u32::from(!may_read);
            if last == *table || kind != "BASE TABLE" {
                continue;
            }
            last.clone_from(table);
            for (right, sql) in [
                ("INSERT", format!(r#"INSERT INTO "{table}" DEFAULT VALUES"#)),
                (
                    "UPDATE",
                    format!(r#"UPDATE "{table}" SET "{column}" = DEFAULT WHERE false"#),
                ),
                ("DELETE", format!(r#"DELETE FROM "{table}" WHERE false"#)),
                ("TRUNCATE", format!(r#"TRUNCATE "{table}""#)),
                (
                    "ALTER",
                    format!(r#"ALTER TABLE "{table}" ADD COLUMN more integer"#),
                ),
            ] {
                let is_granted = is_granted(right, table);
                assert_eq!(may(&mut session, &sql), is_granted, "{sql}");
                refused += u32::from(!is_granted);
            }
        }
        assert!(refused > 400, "{refused}");
        for sql in [
            "CREATE SCHEMA more",
            "CREATE ROLE more",
            "COPY workspaces TO PROGRAM 'true'",
            "SELECT pg_read_file('postgresql.conf')",
        ] {
            assert!(!may(&mut session, sql), "{sql}");
        }
    }
}

#[test]
fn a_role_that_may_not_see_other_sessions_still_sees_the_lock() {
    for database in databases(&RELEASES) {
        let role = Role::new(&database);
        let mut holder = database.session();
        holder.execute("SET application_name = 'coderd'; SELECT pg_advisory_lock(7)");
        let pid = holder.value("SELECT pg_backend_pid()").unwrap();
        let held = format!("held by coderd (pid {pid}) since a time that this role may not see");
        assert_eq!(role.doctor("lock"), ["ok".to_owned(), held]);
    }
}
