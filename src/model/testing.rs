//! Bad input for tests of parsers: good input, changed at random.
//!
//! What a parser makes of it is its own matter, as long as it returns. A failure prints the seed and the
//! input.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What often stands where a parser is wrong.
const TOKENS: [&[u8]; 20] = [
    b"\0",
    b"\xff",
    b"\xe2\x80\xae",
    b"{",
    b"[",
    b"\"",
    b"'",
    b"\\",
    b"\\u0000",
    b"-",
    b"/",
    b"%",
    b"@",
    b":",
    b"\r\n",
    b"${",
    b"9223372036854775808",
    b"1e999999999",
    b"0000-00-00T00:00:00Z",
    b"\xef\xbb\xbf",
];

/// Parses changed input as often as `PREBUILDCTL_TEST_MUTATIONS` says, by default 5,000 times, beginning with
/// `PREBUILDCTL_TEST_SEED` if it is set.
pub(crate) fn parse_mutated(samples: &[&[u8]], parse: impl Fn(&[u8])) {
    let number = |name| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let first = number("PREBUILDCTL_TEST_SEED").unwrap_or_else(|| fastrand::u64(..));
    for round in 0..number("PREBUILDCTL_TEST_MUTATIONS").unwrap_or(5000) {
        let seed = first.wrapping_add(round);
        let input = mutated(&mut fastrand::Rng::with_seed(seed), samples);
        if catch_unwind(AssertUnwindSafe(|| parse(&input))).is_err() {
            panic!("PREBUILDCTL_TEST_SEED={seed}: {}", input.escape_ascii());
        }
    }
}

fn mutated(random: &mut fastrand::Rng, samples: &[&[u8]]) -> Vec<u8> {
    let sample = |random: &mut fastrand::Rng| samples[random.usize(..samples.len())];
    let mut input = sample(random).to_vec();
    for _ in 0..random.usize(1..8) {
        let at = random.usize(..=input.len());
        let end = random.usize(at..=input.len().min(at + 64));
        match random.u8(..8) {
            0 if at < input.len() => input[at] ^= 1 << random.u8(..8),
            1 if at < input.len() => input[at] = random.u8(..),
            2 => drop(input.splice(at..end, [])),
            3 => input.truncate(at),
            4 => {
                let other = sample(random);
                let tail = &other[random.usize(..=other.len())..];
                drop(input.splice(at.., tail.iter().copied()));
            }
            5 => {
                let part = input[at..end].repeat(random.usize(1..50));
                drop(input.splice(at..at, part));
            }
            6 => {
                let token = TOKENS[random.usize(..TOKENS.len())];
                drop(input.splice(at..at, token.repeat(random.usize(1..2000))));
            }
            _ => {
                let token = TOKENS[random.usize(..TOKENS.len())];
                drop(input.splice(at..end, token.iter().copied()));
            }
        }
    }
    input
}
