//! Random lives of workspaces, held against what was really built.
//!
//! Builds make and remove a file for each workspace. Whatever happens in between, workers that are killed
//! among it, rows and files must agree once everything that is queued has been built: a live workspace
//! has its file, and a file has its live workspace.

use std::collections::BTreeSet;

use crate::support::database::Database;
use crate::support::process::{Output, Prebuildctl, TestDir, prebuildctl};
use crate::support::{postgres, sqlite, wait_until};

/// Steps of a life: enough that each kind comes several times.
const STEPS: usize = 12;

/// Lives on each database; `PREBUILDCTL_TEST_LIVES` says how many instead.
const LIVES: u64 = 3;

/// A file by the name of the workspace's id, which is the state as well; one build in six fails, before or
/// after it has done its work.
const FILES: &str = r#"
    case $PREBUILDCTL_JOB_ID in
    *[05]) echo early >&2; exit 1 ;;
    esac
    made="$BUILT/$PREBUILDCTL_WORKSPACE_ID"
    case $PREBUILDCTL_TRANSITION in
    start) : > "$made"; printf made > "$PREBUILDCTL_STATE_FILE" ;;
    stop) test -e "$made" ;;
    delete) rm -f "$made" ;;
    esac
    case $PREBUILDCTL_JOB_ID in
    *a) echo late >&2; exit 1 ;;
    esac"#;

fn pools(small: u64, cores: u64, with_large: bool) -> String {
    let large = "[[templates.presets]]\nname = \"large\"\ninstances = 1\n";
    let large = if with_large { large } else { "" };
    format!(
        "[[organizations]]\nname = \"acme\"\n\
         [[users]]\nusername = \"ada\"\norganizations = [\"acme\"]\n\
         [[users]]\nusername = \"grace\"\norganizations = [\"acme\"]\n\
         [[templates]]\norganization = \"acme\"\nname = \"web\"\n\
         [[templates.parameters]]\nname = \"cores\"\ndefault = \"{cores}\"\n\
         [[templates.presets]]\nname = \"small\"\ninstances = {small}\n{large}"
    )
}

struct Life<'a> {
    database: &'a Database,
    built: TestDir,
    random: fastrand::Rng,
    claims: usize,
    history: Vec<String>,
}

impl Life<'_> {
    fn run(&mut self, command: &str) -> Output {
        let output = prebuildctl(command.split_whitespace())
            .on(self.database)
            .run();
        self.history.push(format!("{command}: {}", output.code));
        // Nothing to do, nothing to claim, something failed, refused: none of them is a defect.
        assert!(
            [0, 1, 3, 4, 6].contains(&output.code),
            "{output:?} {:#?}",
            self.history
        );
        output
    }

    fn apply(&mut self, flags: &str, declaration: String) {
        let words = ["apply", "-"].into_iter().chain(flags.split_whitespace());
        let output = prebuildctl(words)
            .on(self.database)
            .stdin(declaration)
            .run();
        self.history.push(format!("apply {flags}"));
        output.ok();
    }

    fn provision(&self) -> Prebuildctl {
        let words = [
            "provision",
            "--drain",
            "--parallel",
            "3",
            "--heartbeat",
            "100ms",
        ];
        let words = words
            .iter()
            .chain(&["--stale-after", "300ms", "--poll-interval", "50ms"]);
        let words = words.chain(&["--exec", "sh", "-c", FILES]);
        let provision = prebuildctl(words).on(self.database);
        provision.env("BUILT", self.built.path())
    }

    /// One step of the world.
    fn step(&mut self) {
        let number = self.random.u64(..4);
        let name = format!("w{}", self.random.usize(..=self.claims));
        match self.random.u32(..12) {
            0 | 1 => {
                self.claims += 1;
                let (user, name) = (["ada", "grace"][self.claims % 2], self.claims);
                self.run(&format!(
                    "claim --preset small --user {user} --name w{name}"
                ));
            }
            2 => drop(self.run(&format!("stop {name}"))),
            3 => drop(self.run(&format!("start {name}"))),
            4 => drop(self.run(&format!("retry {name}"))),
            5 => drop(self.run(&format!("delete {name} --yes"))),
            6 => drop(self.run(&format!("promote web=v{}", 1 + number % 2))),
            7 => drop(self.run(&format!("scale small={number}"))),
            8 => self.apply("--prune --yes", pools(number, 2 + number % 2, number > 1)),
            9 => drop(self.run("users transfer ada grace")),
            10 => {
                let killed = self.provision().spawn();
                std::thread::sleep(std::time::Duration::from_millis(self.random.u64(20..200)));
                killed.kill_unless_over();
            }
            _ => drop(self.provision().run()),
        }
        self.run("reconcile-once");
    }

    /// Builds what is queued, and holds rows against files.
    fn check(&mut self) {
        // The jobs of workers that were killed are taken over once these are given up.
        wait_until("all is built", || {
            self.provision().run().ok();
            let open = "SELECT count(*) FROM provisioner_jobs WHERE completed_at IS NULL";
            self.database.count(open) == 0
        });
        let live = self
            .database
            .column("SELECT id FROM workspaces WHERE NOT deleted");
        let live: BTreeSet<String> = live.into_iter().collect();
        let files = std::fs::read_dir(self.built.path()).expect("a folder");
        let files: BTreeSet<String> = files
            .map(|it| {
                it.expect("a file")
                    .file_name()
                    .into_string()
                    .expect("UTF-8")
            })
            .collect();
        let leaked: Vec<&String> = files.difference(&live).collect();
        assert_eq!(
            leaked, [""; 0],
            "built, and gone from the rows: {:#?}",
            self.history
        );
        let running = self.database.column(
            "SELECT w.id FROM workspaces AS w
             JOIN workspace_builds AS b ON b.workspace_id = w.id
             JOIN provisioner_jobs AS j ON j.id = b.job_id
             WHERE NOT w.deleted AND b.transition = 'start' AND j.job_status = 'succeeded'
               AND b.build_number = (SELECT max(n.build_number) FROM workspace_builds AS n
                                     WHERE n.workspace_id = w.id)",
        );
        let lacking: Vec<String> = running
            .into_iter()
            .filter(|it| !files.contains(it))
            .collect();
        assert_eq!(
            lacking, [""; 0],
            "running, and not built: {:#?}",
            self.history
        );
    }

    /// Empties everything.
    fn end(&mut self) {
        self.apply("", pools(0, 2, false));
        for _ in 0..40 {
            self.run("delete --all --owner ada --yes");
            self.run("delete --all --owner grace --yes");
            self.run("reconcile-once");
            self.run("cleanup --yes --state failed --state stopped --state cancelled --state failed-delete --state without-preset");
            self.check();
            if self
                .database
                .count("SELECT count(*) FROM workspaces WHERE NOT deleted")
                == 0
            {
                return;
            }
        }
        panic!("workspaces are left: {:#?}", self.history);
    }
}

fn live(database: &Database, seed: u64) {
    let mut life = Life {
        database,
        built: TestDir::new(),
        random: fastrand::Rng::with_seed(seed),
        claims: 0,
        history: vec![format!("seed {seed}")],
    };
    life.apply("", pools(2, 2, true));
    life.run("reconcile-once");
    life.provision().run().ok();
    for _ in 0..STEPS {
        life.step();
    }
    life.check();
    life.end();
}

#[test]
fn rows_and_built_things_agree_after_random_lives() {
    let asked = std::env::var("PREBUILDCTL_TEST_LIVES").ok();
    let lives = asked.map_or(LIVES, |asked| asked.parse().expect("a number"));
    let mut databases = vec![sqlite()];
    databases.extend(postgres());
    for database in &databases {
        for seed in 0..lives {
            live(database, seed);
        }
    }
}
