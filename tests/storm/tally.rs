//! Counts what happened in storms: what was done, what struck, what was answered and judged.

use std::collections::BTreeMap;
use std::fmt;

#[derive(Clone, Debug, Default)]
pub struct Tally {
    storms: usize,
    counts: BTreeMap<String, u64>,
}

impl Tally {
    pub fn count(&mut self, what: impl Into<String>) {
        self.count_many(what, 1);
    }

    pub fn count_many(&mut self, what: impl Into<String>, many: u64) {
        *self.counts.entry(what.into()).or_default() += many;
    }

    /// One more storm is over.
    pub fn end(&mut self) {
        self.storms += 1;
    }

    /// Those of these that never happened: a storm without a fault proves nothing of it.
    pub fn missing(&self, mut these: Vec<String>) -> Vec<String> {
        these.retain(|it| !self.counts.contains_key(it));
        these
    }

    pub fn add(&mut self, other: &Self) {
        self.storms += other.storms;
        for (what, many) in &other.counts {
            self.count_many(what, *many);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(formatter, "{} storms", self.storms)?;
        for (what, many) in &self.counts {
            writeln!(formatter, "{many:>9}  {what}")?;
        }
        Ok(())
    }
}
