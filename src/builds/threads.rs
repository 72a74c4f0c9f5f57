//! Rendering on all processors: thousands of presets are as many renders.
//!
//! Results come in the order of what was asked for, whatever thread is done first.

/// What `work` makes of each item, on as many threads as there are processors; it is given several at once.
pub(crate) fn in_threads<T: Sync, R: Send>(
    items: &[T],
    work: impl Fn(&[T]) -> Vec<R> + Sync,
) -> Vec<R> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let parts = items.chunks(items.len().div_ceil(threads).max(1));
    std::thread::scope(|scope| {
        let work = &work;
        let parts: Vec<_> = parts.map(|part| scope.spawn(move || work(part))).collect();
        let made = parts.into_iter().flat_map(|part| match part.join() {
            Ok(made) => made,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        made.collect()
    })
}
