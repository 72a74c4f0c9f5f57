//! The fuzzer of the parser by whose name it is built.
//!
//! A panic, an abort and what libFuzzer finds by itself are failures, and so is memory above a hundred times
//! the input. Time is bounded by `run`.

#![no_main]

use libfuzzer_sys::fuzz_target;
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What a parser may take for any input: tables that are made once, the budget of a render.
const BASE: usize = 32 << 20;

fuzz_target!(|input: &[u8]| {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    prebuildctl::fuzzing::parse(env!("CARGO_BIN_NAME"), input);
    let taken = MEMORY.peak_usage().saturating_sub(before);
    assert!(taken <= BASE + 100 * input.len(), "{taken} bytes for {}", input.len());
});
