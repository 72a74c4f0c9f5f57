//! Runs of the program in a world: how each is started, what strikes it, and what it says it has done.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use fastrand::Rng;
use serde_json::{Value, json};

use super::script::{Fault, Kind, Place, Program};
use super::world::{World, pick};
use crate::support::database::Session;
use crate::support::host::Host;
use crate::support::process::{
    Output, Prebuildctl, Running, TestDir, prebuildctl, prebuildctl_after, prebuildctl_on,
};
use crate::support::proxy::{Harm, Limit, Proxy};

/// How long an operator waits for a program that hears nothing any more.
const PATIENCE: Duration = Duration::from_millis(30);

/// How long a worker tries while the disk is full, or answers come too late.
const TRYING_FOR: Duration = Duration::from_millis(400);

/// A run that takes longer hangs.
const FOR_EVER: Duration = Duration::from_secs(60);

/// How long a suspended host sleeps: a worker's longer than others wait before they take over its jobs.
fn sleep_of(program: Program) -> Duration {
    Duration::from_millis(match program {
        Program::Provision => 2200,
        _ => 70,
    })
}

/// A request for a workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    pub template: String,
    pub preset: String,
    pub owner: String,
    pub owner_name: String,
    pub name: String,
}

/// What a request was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    Claimed(String),
    NoneClaimable,
    /// Nothing that could be relied on: an error, or no answer at all.
    Unknown,
}

/// A run to be.
pub struct Order<'g> {
    pub program: Program,
    pub fault: Option<Fault>,
    pub requests: Vec<Request>,
    command: Prebuildctl,
    /// For what is picked when it is struck.
    url: String,
    proxy: Option<(Proxy, Session)>,
    usual: Duration,
    /// The host that it runs on, if it has one of its own.
    host: Option<&'g Host>,
    _dir: Option<TestDir>,
}

/// A run that is over.
pub struct Run {
    pub program: Program,
    pub fault: Option<Fault>,
    /// Whether the fault struck before the run was over.
    pub is_struck: bool,
    /// Whether it had to be ended because it went on and on.
    pub hangs: bool,
    /// The bytes that it sent to the server and got, as far as somebody counted.
    pub traffic: Option<[u64; 2]>,
    pub begun: Instant,
    pub ended: Instant,
    pub output: Output,
    pub requests: Vec<(Request, Answer)>,
    pub report: Report,
}

/// What a run says that it has done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub outcome: String,
    /// Ids of workspaces.
    pub created: BTreeSet<String>,
    /// Those whose deletion was queued or done.
    pub deleted: BTreeSet<String>,
    /// Ids of jobs.
    pub cancelled: BTreeSet<String>,
    /// Of passes that tell no ids: how many they created, deleted and cancelled.
    pub counts: Option<[i64; 3]>,
}

impl Run {
    /// Whether it may have failed, or done what it didn't tell: a host that slept is no excuse, but for a worker that
    /// was to have its first answer meanwhile, for which it waits no longer than a second here.
    pub fn is_excused(&self) -> bool {
        let is_impatient = || {
            let told = &self.output.stderr;
            self.program == Program::Provision && told.contains("no answer within 1s")
        };
        self.is_struck && (!matches!(self.fault, Some(Fault::Suspend(_))) || is_impatient())
    }
}

impl<'g> Order<'g> {
    /// Prepares a run: what it asks for, and the fault in its way.
    pub fn new(
        world: &mut World<'g>,
        program: Program,
        fault: Option<Fault>,
        rng: &mut Rng,
    ) -> Self {
        let mut requests = Vec::new();
        let mut dir = None;
        let (host, fault) = match fault {
            Some(Fault::Vanish { thousandths }) => match world.ground.host() {
                Some(host) => (Some(host), fault),
                None => {
                    let to_server = true;
                    let place = Place {
                        to_server,
                        thousandths,
                    };
                    (None, Some(Fault::Kill(place)))
                }
            },
            _ => (None, fault),
        };
        let start = |arguments: &[&str]| match (fault, host) {
            // On a full disk no file can grow.
            (Some(Fault::FullDisk { kilobytes }), _) => {
                prebuildctl_after(&format!("ulimit -f {kilobytes}"), arguments)
            }
            (Some(Fault::TimeOut { milliseconds }), _) => {
                prebuildctl([&format!("--timeout={milliseconds}ms")]).args(arguments)
            }
            (_, Some(host)) => prebuildctl_on(host, arguments),
            _ => prebuildctl(arguments),
        };
        let command = match program {
            Program::Pass => start(&["reconcile-once", "--format", "json"]),
            Program::Approved => {
                let kept = dir.insert(TestDir::new());
                let plan = kept.join("plan.json");
                let path = plan.to_str().expect("a plain path").to_owned();
                prebuildctl(["plan", "--out", &path])
                    .on(&world.database)
                    .run()
                    .ok();
                start(&["reconcile-once", "--format", "json", "--plan", &path])
            }
            Program::Loop => start(&["loop", "--interval", "20ms", "--max-passes", "2"]),
            Program::Claim => {
                let request = request(world, rng);
                let command = start(&["claim", "--format", "json", "--preset"])
                    .arg(format!("{}/{}", request.template, request.preset))
                    .arg("--user")
                    .arg(&request.owner_name)
                    .arg("--name")
                    .arg(&request.name);
                requests.push(request);
                command
            }
            Program::Batch { requests: count } => {
                let mut lines = String::new();
                for _ in 0..count {
                    let request = request(world, rng);
                    let line = json!({
                        "preset": format!("{}/{}", request.template, request.preset),
                        "user": request.owner_name, "name": request.name, "key": request.name,
                    });
                    lines.push_str(&format!("{line}\n"));
                    requests.push(request);
                }
                let parallel = rng.usize(1..4).to_string();
                start(&["claim", "--batch", "-", "--parallel", &parallel]).stdin(lines)
            }
            Program::Cleanup => start(&["cleanup", "--yes", "--format", "json"]),
            Program::Invalidate => {
                let template = pick(rng, &world.templates).cloned().unwrap_or_default();
                start(&["invalidate", "--yes", "--template", &template])
            }
            Program::ResetLimit => {
                let request = request(world, rng);
                let preset = format!("{}/{}", request.template, request.preset);
                start(&["reset-limit", "--yes", "--format", "json", &preset])
            }
            Program::Provision => {
                let rate = pick(rng, &["0", "0", "0.3"]).unwrap_or(&"0");
                let builds = [
                    "provision",
                    "--simulate",
                    "--drain",
                    "--build-time",
                    "1ms..30ms",
                ];
                let beats = ["--heartbeat", "500ms", "--stale-after", "2s"];
                let looks = ["--poll-interval", "10ms", "--failure-rate", rate];
                start(&[&builds[..], &beats, &looks].concat())
            }
        };
        let mut order = Self {
            program,
            fault,
            requests,
            command,
            url: match host {
                Some(host) => host.url(&world.database.url),
                None => world.database.url.clone(),
            },
            proxy: None,
            usual: world.usual(program),
            host,
            _dir: dir,
        };
        order.stand_in_the_way(world);
        order
    }

    /// Puts the fault in the way of the run.
    fn stand_in_the_way(&mut self, world: &World<'_>) {
        let (place, harm) = match self.fault {
            None => return,
            Some(Fault::FullDisk { .. } | Fault::TimeOut { .. } | Fault::Vanish { .. }) => return,
            Some(Fault::Kill(place) | Fault::Hole(place)) => (place, Harm::Hole),
            Some(Fault::Cut(place)) => (place, Harm::Cut),
            Some(Fault::Cancel(place) | Fault::Suspend(place)) => (place, Harm::Note),
        };
        if world.kind == Kind::Sqlite {
            return;
        }
        let (server, rest) = server_of(&self.url);
        let usual = world.usual_traffic(self.program)[usize::from(!place.to_server)];
        let limit = Limit {
            to_server: place.to_server,
            bytes: usual * u64::from(place.thousandths) / 1000,
            harm,
        };
        let proxy = Proxy::start(server, limit);
        self.url = format!("postgresql://postgres@{}{rest}", proxy.address);
        self.proxy = Some((proxy, world.database.session()));
    }

    /// Runs to the end, struck or not.
    pub fn run(self) -> Run {
        let command = self.command.env("PREBUILDCTL_DATABASE_URL", &self.url);
        let begun = Instant::now();
        let mut running = command.spawn();
        let mut traffic = None;
        let mut is_struck = match (&self.fault, self.proxy) {
            // Workers try again and again, until somebody makes room or answers in time.
            (Some(Fault::FullDisk { .. } | Fault::TimeOut { .. }), _)
                if self.program == Program::Provision =>
            {
                await_end_for(&mut running, TRYING_FOR);
                running.kill();
                false
            }
            (Some(Fault::Vanish { thousandths }), _) => {
                thread::sleep(self.usual * *thousandths / 1000);
                let host = self.host.filter(|_| running.is_running());
                host.into_iter().for_each(Host::vanish);
                running.kill();
                host.is_some()
            }
            (Some(Fault::Kill(place)), None) => {
                thread::sleep(self.usual * place.thousandths / 1000);
                running.kill();
                false
            }
            (Some(Fault::Suspend(place)), None) => {
                thread::sleep(self.usual * place.thousandths / 1000);
                suspend(self.program, &mut running)
            }
            (Some(fault), Some((proxy, mut session))) => {
                let is_struck = strike(self.program, *fault, &proxy, &mut session, &mut running);
                traffic = (!is_struck).then(|| proxy.forwarded());
                is_struck
            }
            _ => false,
        };
        let hangs = running.is_running() && begun.elapsed() >= FOR_EVER;
        if hangs {
            running.kill();
        }
        let output = running.wait();
        let ended = Instant::now();
        // 128 and SIGKILL or SIGXFSZ.
        is_struck |= output.code == 137 || output.code == 153;
        is_struck |= match self.fault {
            // Otherwise it has found nothing to claim, or a plan that has changed.
            Some(Fault::FullDisk { .. }) => ![0, 4, 6].contains(&output.code),
            Some(Fault::TimeOut { milliseconds }) => {
                let told = format!("within {milliseconds}ms");
                output.stdout.contains(&told) || output.stderr.contains(&told)
            }
            _ => false,
        };
        let requests = answers(self.program, self.requests, &output);
        Run {
            program: self.program,
            fault: self.fault,
            is_struck,
            hangs,
            traffic,
            begun,
            ended,
            report: report(self.program, &output),
            output,
            requests,
        }
    }
}

/// Waits until the fault's byte has come and does the harm that the proxy doesn't do by itself.
fn strike(
    program: Program,
    fault: Fault,
    proxy: &Proxy,
    session: &mut Session,
    running: &mut Running,
) -> bool {
    let begun = Instant::now();
    while !proxy.is_struck() {
        if !running.is_running() || begun.elapsed() >= FOR_EVER {
            return false;
        }
        thread::sleep(Duration::from_micros(200));
    }
    match fault {
        Fault::Kill(_) => running.kill(),
        Fault::Hole(_) => {
            await_end_for(running, PATIENCE);
            running.kill();
        }
        Fault::Cut(_) | Fault::FullDisk { .. } | Fault::TimeOut { .. } | Fault::Vanish { .. } => {
            await_end(running);
        }
        Fault::Suspend(_) => {
            let is_struck = suspend(program, running);
            await_end(running);
            return is_struck;
        }
        Fault::Cancel(_) => {
            let mut is_struck = false;
            while running.is_running() && !is_struck && begun.elapsed() < FOR_EVER {
                let ports: Vec<String> = proxy.ports().iter().map(u16::to_string).collect();
                let cancelled = session.try_rows(&format!(
                    "SELECT pg_cancel_backend(pid) FROM pg_stat_activity
                     WHERE datname = current_database() AND state = 'active'
                        AND client_port IN ({})",
                    ports.join(", ")
                ));
                is_struck = cancelled.is_ok_and(|rows| !rows.is_empty());
            }
            // What is on its way must arrive: the proxy ends after the program.
            await_end(running);
            return is_struck;
        }
    }
    true
}

/// Stops the program where it stands, and lets it go on after a while.
fn suspend(program: Program, running: &mut Running) -> bool {
    if !running.is_running() {
        return false;
    }
    running.signal("STOP");
    thread::sleep(sleep_of(program));
    running.signal("CONT");
    true
}

/// Waits for the end for a while.
fn await_end_for(running: &mut Running, patience: Duration) {
    let deadline = Instant::now() + patience;
    while running.is_running() && Instant::now() < deadline {
        thread::sleep(Duration::from_millis(1));
    }
}

/// Keeps the proxy for as long as the run may want to connect once more.
fn await_end(running: &mut Running) {
    await_end_for(running, FOR_EVER);
}

/// The address of a URL's server, and what follows it.
fn server_of(url: &str) -> (SocketAddr, String) {
    let rest = url.split_once('@').expect("a URL with a user").1;
    let (address, database) = rest.split_once('/').expect("a URL with a database");
    (address.parse().expect("an address"), format!("/{database}"))
}

/// A request for a workspace of one of the pools, for one of the people.
fn request(world: &mut World<'_>, rng: &mut Rng) -> Request {
    let template = pick(rng, &world.templates).cloned().unwrap_or_default();
    let person = pick(rng, &world.people).cloned();
    let (owner, owner_name) = person.unwrap_or_default();
    let preset = pick(rng, &["small", "small", "large"]).unwrap_or(&"small");
    Request {
        preset: if world
            .presets
            .contains(&(template.clone(), (*preset).to_owned()))
        {
            (*preset).to_owned()
        } else {
            "small".to_owned()
        },
        template,
        owner,
        owner_name,
        name: world.name("claimed"),
    }
}

/// What the requests were answered.
fn answers(program: Program, requests: Vec<Request>, output: &Output) -> Vec<(Request, Answer)> {
    let claimed = |document: &Value| {
        let id = document["workspace_id"].as_str();
        id.map_or(Answer::Unknown, |id| Answer::Claimed(id.to_owned()))
    };
    let mut answers = BTreeMap::new();
    for line in output.stdout.lines() {
        // The last line of a program that was killed may be cut off.
        let Ok(line) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let answer = match line["status"].as_str() {
            Some("claimed") => claimed(&line),
            Some("none_claimable") => Answer::NoneClaimable,
            _ => Answer::Unknown,
        };
        answers.insert(line["key"].as_str().unwrap_or_default().to_owned(), answer);
    }
    let answer = |request: &Request| match program {
        Program::Claim => match output.code {
            0 => serde_json::from_str(&output.stdout).map_or(Answer::Unknown, |it| claimed(&it)),
            4 => Answer::NoneClaimable,
            _ => Answer::Unknown,
        },
        _ => answers
            .get(&request.name)
            .cloned()
            .unwrap_or(Answer::Unknown),
    };
    let answered = requests.into_iter();
    answered
        .map(|request| (request.clone(), answer(&request)))
        .collect()
}

/// What the run says that it has done.
fn report(program: Program, output: &Output) -> Report {
    let mut report = Report::default();
    match program {
        Program::Loop => {
            let number = |line: &str, key: &str| -> Option<i64> {
                let (_, rest) = line.split_once(&format!("{key}="))?;
                rest.split(' ').next()?.trim().parse().ok()
            };
            let mut counts = [0; 3];
            for line in output
                .stderr
                .lines()
                .filter(|line| line.contains("pass ended"))
            {
                for (sum, key) in counts.iter_mut().zip(["created", "deleted", "cancelled"]) {
                    *sum += number(line, key).unwrap_or(0);
                }
            }
            report.counts = Some(counts);
        }
        Program::Pass | Program::Approved | Program::Cleanup | Program::ResetLimit => {
            let Ok(document) = serde_json::from_str::<Value>(&output.stdout) else {
                return report;
            };
            report.outcome = document["outcome"].as_str().unwrap_or_default().to_owned();
            for preset in document["presets"].as_array().into_iter().flatten() {
                report.created.extend(ids(&preset["created"]));
                report.deleted.extend(ids(&preset["deleted"]));
                report.cancelled.extend(ids(&preset["cancelled"]));
            }
            for workspace in document["workspaces"].as_array().into_iter().flatten() {
                if matches!(workspace["outcome"].as_str(), Some("queued" | "deleted")) {
                    report
                        .deleted
                        .extend(workspace["id"].as_str().map(str::to_owned));
                }
            }
        }
        _ => {}
    }
    report
}

fn ids(list: &Value) -> Vec<String> {
    let ids = list.as_array().into_iter().flatten();
    ids.filter_map(|id| id.as_str().map(str::to_owned))
        .collect()
}
