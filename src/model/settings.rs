//! What decides about presets besides their rows, as coderd is configured.

use chrono::TimeDelta;

/// How failed builds count. By default they delay nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tuning {
    /// How long a preset rests for each failed build. A negative one counts as zero.
    pub backoff_interval: TimeDelta,
    /// How far back failures count towards a back-off.
    pub backoff_lookback: TimeDelta,
    /// Failed builds in a row until a preset is hard limited; 0 and below turn the limit off.
    pub failure_hard_limit: i64,
}
