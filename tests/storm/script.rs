//! What happens in a storm, step by step: a pure function of a seed.
//!
//! A step says who acts and what strikes them, never on which rows: those are picked from what is there
//! when its turn comes, by the step's own random numbers. So any steps can be left out of a storm, and
//! the others stay what they were, which is what makes a failure small.

use fastrand::Rng;

/// One of how many faults is a host that vanishes.
const HOSTS: u8 = 200;

/// The databases that storms rage on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Sqlite,
    /// A database of our own on PostgreSQL.
    Postgres,
    /// A stand-in for Coder's, with a coderd beside us.
    Coder,
}

/// What the world does by itself, in plain SQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    /// Provisioners take waiting jobs and end those that run; some of them badly.
    Provision {
        jobs: usize,
        failing: u8,
    },
    /// Agents become ready.
    Ready,
    PersonCreates,
    /// A person stops, starts or deletes a workspace of theirs.
    PersonBuilds(Transition),
    /// An administrator does so with a prebuilt workspace that nobody has claimed.
    AdminBuilds(Transition),
    AdminCancels,
    Promote,
    Resize,
    Expire,
    Schedule,
    Invalidate,
    Pause,
    Resume,
    /// All rows become older, or younger: to programs the clock has jumped.
    ClockJumps {
        seconds: i64,
    },
    /// A provisioner daemon appears or is gone, by its last heartbeat.
    Daemon,
    /// coderd's claim: its statement, then a build in the same transaction.
    CoderdClaims,
    /// coderd's pass: under the lock, a transaction for each workspace.
    CoderdReconciles,
    /// The server goes away at once and comes back.
    ServerCrashes,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transition {
    Start,
    Stop,
    Delete,
}

impl Transition {
    pub fn label(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::Stop => "stop",
            Self::Delete => "delete",
        }
    }
}

/// A program that is started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Program {
    Pass,
    /// A pass by a plan that was saved and approved.
    Approved,
    Loop,
    Claim,
    Batch {
        requests: usize,
    },
    Cleanup,
    Invalidate,
    ResetLimit,
    /// Workers that build what waits.
    Provision,
}

impl Program {
    /// What it is called in tallies.
    pub fn name(self) -> String {
        let shown = format!("{self:?}");
        let (name, _) = shown.split_once(' ').unwrap_or((&shown, ""));
        name.to_owned()
    }
}

/// What strikes a program, and where: deterministic on PostgreSQL, where a proxy counts the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// SIGKILL after this many bytes, or, without a proxy, after this part of a run's usual time.
    Kill(Place),
    /// The connections end.
    Cut(Place),
    /// The network swallows everything, until the operator gives up and ends the program.
    Hole(Place),
    /// The server cancels the statement, as a time-out does.
    Cancel(Place),
    /// The host sleeps for a while, longer than workers wait before they take over a job, and goes on.
    Suspend(Place),
    /// No file may grow beyond this size: the disk is full.
    FullDisk { kilobytes: u32 },
    /// The program gives up when an answer takes longer.
    TimeOut { milliseconds: u32 },
    /// The host of the program vanishes after this many thousandths of a run's usual time.
    Vanish { thousandths: u32 },
}

impl Fault {
    /// What it is called in tallies.
    pub fn name(self) -> &'static str {
        match self {
            Self::Kill(_) => "kill",
            Self::Cut(_) => "cut",
            Self::Hole(_) => "black hole",
            Self::Cancel(_) => "cancelled statement",
            Self::Suspend(_) => "suspended host",
            Self::FullDisk { .. } => "full disk",
            Self::TimeOut { .. } => "time-out",
            Self::Vanish { .. } => "vanished host",
        }
    }

    /// What is counted at the least when they have struck on databases of this kind.
    pub fn counted(kind: Kind) -> Vec<String> {
        let names: &[&str] = match kind {
            Kind::Sqlite => &["kill", "full disk", "suspended host"],
            Kind::Postgres | Kind::Coder => &[
                "kill",
                "cut",
                "black hole",
                "cancelled statement",
                "time-out",
                "suspended host",
            ],
        };
        names.iter().map(|name| format!("struck: {name}")).collect()
    }
}

/// A place in the traffic of a program with the server, in thousandths of what a usual run sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    pub to_server: bool,
    pub thousandths: u32,
}

/// What is done at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// The place in the storm, from 0.
    pub number: usize,
    pub programs: Vec<(Program, Option<Fault>)>,
    /// What the world does beside the programs.
    pub deed: Option<Deed>,
    /// For what is picked when the step's turn comes.
    pub seed: u64,
}

/// The programs that write, with which a drill can be.
pub const WRITING: [Program; 9] = [
    Program::Pass,
    Program::Approved,
    Program::Loop,
    Program::Claim,
    Program::Batch { requests: 6 },
    Program::Cleanup,
    Program::Invalidate,
    Program::ResetLimit,
    Program::Provision,
];

/// A storm of nothing but one program that is struck again and again, with work for it in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drill {
    pub program: Program,
    /// Whether its connections are cut, rather than it is killed.
    pub cuts: bool,
}

impl Drill {
    /// What is counted when it strikes.
    pub fn counted(self) -> String {
        let fault = if self.cuts { "cut" } else { "kill" };
        format!("{} struck: {fault}", self.program.name())
    }
}

/// The steps of a storm, in which hosts may vanish with `hosts`.
pub fn steps(seed: u64, kind: Kind, count: usize, hosts: bool, drill: Option<Drill>) -> Vec<Step> {
    let steps = (0..count).map(|number| step(seed, kind, number));
    let mut steps: Vec<Step> = steps.collect();
    if let Some(Drill { program, cuts }) = drill {
        for step in steps.iter_mut().filter(|it| it.number % 3 == 2) {
            let mut rng = Rng::with_seed(step.seed);
            let place = place(&mut rng);
            let fault = if cuts {
                Fault::Cut(place)
            } else {
                Fault::Kill(place)
            };
            step.programs = vec![(program, Some(fault))];
            step.deed = None;
        }
        for step in steps.iter_mut().filter(|it| it.number % 3 != 2) {
            let deed = deed(&mut Rng::with_seed(step.seed), kind, false);
            step.programs.clear();
            step.deed = Some(deed);
        }
    } else if hosts && kind != Kind::Sqlite {
        let mut rng = Rng::with_seed(seed);
        let struck = steps.iter_mut().flat_map(|step| &mut step.programs);
        for (_, fault) in struck.filter(|(_, fault)| fault.is_some()) {
            // A server needs half a minute to notice.
            if rng.u8(0..HOSTS) == 0 {
                let thousandths = rng.u32(0..1100);
                *fault = Some(Fault::Vanish { thousandths });
            }
        }
    }
    steps
}

fn step(seed: u64, kind: Kind, number: usize) -> Step {
    // Far from that of the neighbouring step and seed, whatever the generator makes of close seeds.
    let place = (number as u64).wrapping_add(1);
    let mix = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ place.wrapping_mul(0xd1b5_4a32_d192_ed03);
    let mut rng = Rng::with_seed(mix);
    let (programs, deed) = match rng.u32(0..100) {
        0..58 => (Vec::new(), Some(deed(&mut rng, kind, false))),
        58..82 => {
            let program = program(&mut rng, kind);
            let fault = rng.u8(0..3) == 0;
            let fault = fault.then(|| self::fault(&mut rng, kind));
            (vec![(program, fault)], None)
        }
        82..92 => (together(&mut rng, kind), None),
        _ => (together(&mut rng, kind), Some(deed(&mut rng, kind, true))),
    };
    Step {
        number,
        programs,
        deed,
        seed: rng.u64(..),
    }
}

/// Programs that are started together, two passes at once in particular.
fn together(rng: &mut Rng, kind: Kind) -> Vec<(Program, Option<Fault>)> {
    let mut programs = match rng.u32(0..7) {
        0 => vec![Program::Pass, Program::Pass],
        1 => vec![Program::Pass, Program::Claim],
        2 => vec![Program::Pass, Program::Batch { requests: 3 }],
        3 => vec![Program::Claim, Program::Batch { requests: 4 }],
        4 => vec![Program::Loop, Program::Pass, Program::Claim],
        5 if kind != Kind::Coder => vec![Program::Provision, Program::Provision],
        _ => vec![program(rng, kind), program(rng, kind)],
    };
    if kind == Kind::Sqlite && rng.bool() {
        programs.truncate(2);
    }
    let struck = (rng.u8(0..4) == 0).then(|| rng.usize(0..programs.len()));
    let fault = |number, rng: &mut Rng| (Some(number) == struck).then(|| fault(rng, kind));
    let programs = programs.into_iter().enumerate();
    programs
        .map(|(number, program)| (program, fault(number, rng)))
        .collect()
}

fn program(rng: &mut Rng, kind: Kind) -> Program {
    match rng.u32(0..100) {
        0..40 => Program::Pass,
        40..44 => Program::Loop,
        44..50 => Program::Approved,
        50..68 => Program::Claim,
        68..84 => Program::Batch {
            requests: rng.usize(2..7),
        },
        84..89 => Program::Cleanup,
        89..91 => Program::Invalidate,
        91..95 => Program::ResetLimit,
        _ if kind == Kind::Coder => Program::Pass,
        _ => Program::Provision,
    }
}

fn place(rng: &mut Rng) -> Place {
    Place {
        to_server: rng.bool(),
        thousandths: rng.u32(0..1100),
    }
}

fn fault(rng: &mut Rng, kind: Kind) -> Fault {
    let place = place(rng);
    if kind == Kind::Sqlite {
        return match rng.u8(0..4) {
            0 => Fault::FullDisk {
                kilobytes: rng.u32(0..300),
            },
            1 => Fault::Suspend(place),
            _ => Fault::Kill(place),
        };
    }
    match rng.u8(0..13) {
        0..4 => Fault::Kill(place),
        4..7 => Fault::Cut(place),
        7..8 => Fault::Hole(place),
        8..9 => Fault::TimeOut {
            milliseconds: rng.u32(1..6),
        },
        9..11 => Fault::Suspend(place),
        _ => Fault::Cancel(place),
    }
}

/// A deed of the world; beside programs only what happens at any time.
fn deed(rng: &mut Rng, kind: Kind, beside: bool) -> Deed {
    let transition = match rng.u8(0..4) {
        0 => Transition::Start,
        1 => Transition::Stop,
        _ => Transition::Delete,
    };
    if beside && kind != Kind::Sqlite && rng.u8(0..40) == 0 {
        return Deed::ServerCrashes;
    }
    match rng.u32(0..100) {
        0..36 => Deed::Provision {
            jobs: rng.usize(1..16),
            failing: *rng.choice(&[0, 0, 0, 10, 50]).unwrap_or(&0),
        },
        36..48 => Deed::Ready,
        48..50 => Deed::PersonCreates,
        50..56 => Deed::PersonBuilds(transition),
        56..61 => Deed::AdminBuilds(transition),
        61..63 => Deed::AdminCancels,
        63..67 => Deed::Promote,
        67..74 => Deed::Resize,
        74..76 => Deed::Expire,
        76..79 => Deed::Schedule,
        79..81 => Deed::Invalidate,
        81..82 => Deed::Pause,
        82..86 => Deed::Resume,
        86..88 => Deed::Daemon,
        88..92 if beside => Deed::Ready,
        88..92 => Deed::ClockJumps {
            seconds: *rng
                .choice(&[30, 90, 600, 3000, 7200, -60, -600])
                .unwrap_or(&30),
        },
        _ if kind != Kind::Coder => Deed::Provision {
            jobs: 4,
            failing: 0,
        },
        92..97 => Deed::CoderdClaims,
        _ => Deed::CoderdReconciles,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_the_same_steps_each_time_and_other_seeds_give_others() {
        let of = |seed, count| steps(seed, Kind::Coder, count, true, None);
        assert_eq!(of(7, 50), of(7, 50));
        assert_eq!(of(7, 50)[..20], of(7, 20));
        assert_ne!(of(7, 50), of(8, 50));
    }
}
