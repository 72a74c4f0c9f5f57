//! The bounds of one render: how much work all its expressions together may do.

use std::cell::Cell;

use super::Failure;

/// What the expressions of one render may still spend. One step is about the work on one value.
#[derive(Debug)]
pub(crate) struct Budget {
    steps: Cell<u64>,
    levels: Cell<u32>,
}

impl Budget {
    /// Steps of one render. A real template takes some thousands; this many take about a second.
    pub(crate) const STEPS: u64 = 4_000_000;

    /// Evaluations that may wait for one another: expressions inside expressions, and values that
    /// other values are made of. At some 2 KiB of stack each, this many fit a thread.
    pub(crate) const LEVELS: u32 = 400;

    /// A budget of that many steps.
    pub(crate) const fn new(steps: u64) -> Self {
        Self {
            steps: Cell::new(steps),
            levels: Cell::new(Self::LEVELS),
        }
    }

    /// Takes steps off.
    ///
    /// # Errors
    ///
    /// Fewer are left.
    pub(crate) fn spend(&self, steps: u64) -> Result<(), Failure> {
        match self.steps.get().checked_sub(steps) {
            Some(left) => {
                self.steps.set(left);
                Ok(())
            }
            None => {
                self.steps.set(0);
                Err(Failure::bound(
                    "the template takes more work than a render may do",
                ))
            }
        }
    }

    /// Goes one level deeper until the guard is dropped.
    ///
    /// # Errors
    ///
    /// The level is too deep.
    pub(crate) fn enter(&self) -> Result<Level<'_>, Failure> {
        match self.levels.get().checked_sub(1) {
            Some(left) => {
                self.levels.set(left);
                Ok(Level { budget: self })
            }
            None => Err(Failure::bound(
                "the template's expressions are nested too deep",
            )),
        }
    }
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(Self::STEPS)
    }
}

/// A level that is left on drop.
#[derive(Debug)]
pub(crate) struct Level<'a> {
    budget: &'a Budget,
}

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.budget.levels.set(self.budget.levels.get() + 1);
    }
}
