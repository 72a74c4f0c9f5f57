//! The operators on numbers.
//!
//! Invariant: an outcome has the larger precision of the two operands; only a product keeps all its
//! bits, up to 512, and a remainder is worked out in the precision of the dividend.

use std::cmp::Ordering;

use num_bigint::{BigInt, BigUint, Sign};

use super::{FULL, MAX_EXPONENT, Magnitude, Number};
use crate::template::evaluate::Failure;

impl Number {
    /// The sum.
    ///
    /// # Errors
    ///
    /// The sum of opposite infinities, or one that is too large to work with.
    pub(crate) fn plus(&self, other: &Self) -> Result<Self, Failure> {
        self.plus_in(other, self.precision.max(other.precision))
    }

    fn plus_in(&self, other: &Self, precision: u64) -> Result<Self, Failure> {
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) if self.negative != other.negative => {
                Err(undefined("the sum of opposite infinities"))
            }
            (Magnitude::Infinite, _) => Ok(self.clone()),
            (_, Magnitude::Infinite) => Ok(other.clone()),
            (
                Magnitude::Finite {
                    mantissa: left,
                    exponent: left_exponent,
                },
                Magnitude::Finite {
                    mantissa: right,
                    exponent: right_exponent,
                },
            ) => {
                let lowest = *left_exponent.min(right_exponent);
                let signed = |number: &Self, mantissa: &BigUint, exponent: i64| {
                    let sign = if number.negative {
                        Sign::Minus
                    } else {
                        Sign::Plus
                    };
                    BigInt::from_biguint(sign, mantissa << exponent.abs_diff(lowest))
                };
                let sum =
                    signed(self, left, *left_exponent) + signed(other, right, *right_exponent);
                let negative = sum.sign() == Sign::Minus;
                Self::rounded(negative, sum.into_parts().1, lowest, false, precision).bounded()
            }
        }
    }

    /// The difference.
    ///
    /// # Errors
    ///
    /// As [`Self::plus`].
    pub(crate) fn minus(&self, other: &Self) -> Result<Self, Failure> {
        self.plus(&other.negated())
    }

    /// The product.
    ///
    /// # Errors
    ///
    /// The product of zero and infinity, or one that is too large to work with.
    pub(crate) fn times(&self, other: &Self) -> Result<Self, Failure> {
        let negative = self.negative != other.negative;
        let precision = self.precision.max(other.precision);
        match (&self.magnitude, &other.magnitude) {
            (
                Magnitude::Finite {
                    mantissa: left,
                    exponent: left_exponent,
                },
                Magnitude::Finite {
                    mantissa: right,
                    exponent: right_exponent,
                },
            ) => {
                let mantissa = left * right;
                let precision = precision.max(mantissa.bits().min(FULL));
                Self::rounded(
                    negative,
                    mantissa,
                    left_exponent + right_exponent,
                    false,
                    precision,
                )
                .bounded()
            }
            _ if self.is_zero() || other.is_zero() => {
                Err(undefined("the product of zero and infinity"))
            }
            _ => Ok(Self {
                negative,
                magnitude: Magnitude::Infinite,
                precision,
            }),
        }
    }

    /// The quotient. Terraform: a number above zero divided by zero is infinite.
    ///
    /// # Errors
    ///
    /// Zero divided by zero, infinity by infinity, or a quotient that is too large to work with.
    pub(crate) fn divided_by(&self, other: &Self) -> Result<Self, Failure> {
        self.divided_in(other, self.precision.max(other.precision))
    }

    fn divided_in(&self, other: &Self, precision: u64) -> Result<Self, Failure> {
        let negative = self.negative != other.negative;
        match (&self.magnitude, &other.magnitude) {
            (Magnitude::Infinite, Magnitude::Infinite) => {
                Err(undefined("the quotient of two infinities"))
            }
            (Magnitude::Infinite, _) => Ok(Self {
                negative,
                magnitude: Magnitude::Infinite,
                precision,
            }),
            (_, Magnitude::Infinite) => {
                Ok(Self::rounded(negative, BigUint::ZERO, 0, false, precision))
            }
            _ if self.is_zero() && other.is_zero() => {
                Err(undefined("the quotient of zero and zero"))
            }
            _ if other.is_zero() => Ok(Self {
                negative,
                magnitude: Magnitude::Infinite,
                precision,
            }),
            (
                Magnitude::Finite {
                    mantissa: left,
                    exponent: left_exponent,
                },
                Magnitude::Finite {
                    mantissa: right,
                    exponent: right_exponent,
                },
            ) => {
                // Two bits more than the precision and the knowledge of a remainder round right.
                let shift = (precision + 2 + right.bits()).saturating_sub(left.bits());
                let numerator = left << shift;
                let quotient = &numerator / right;
                let sticky = &quotient * right != numerator;
                let exponent = (left_exponent - right_exponent).saturating_sub_unsigned(shift);
                Self::rounded(negative, quotient, exponent, sticky, precision).bounded()
            }
        }
    }

    /// The remainder, of the sign of the dividend. Terraform: dividing by zero leaves the dividend.
    ///
    /// # Errors
    ///
    /// An operand is infinite, or the quotient is too large to work with.
    pub(crate) fn modulo(&self, other: &Self) -> Result<Self, Failure> {
        if other.is_zero() {
            return Ok(self.clone());
        }
        if self.is_infinite() || other.is_infinite() {
            return Err(undefined("the remainder of a division by or of infinity"));
        }
        let precision = self.precision;
        let whole = self.divided_in(other, precision)?.truncated();
        let taken = other.times(&whole)?.in_precision(precision);
        self.plus_in(&taken.negated(), precision)
    }

    fn in_precision(self, precision: u64) -> Self {
        match self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                Self::rounded(self.negative, mantissa, exponent, false, precision)
            }
            Magnitude::Infinite => Self { precision, ..self },
        }
    }

    /// The number with the other sign.
    pub(crate) fn negated(&self) -> Self {
        Self {
            negative: !self.negative,
            ..self.clone()
        }
    }

    /// The number without its sign.
    pub(crate) fn absolute(&self) -> Self {
        Self {
            negative: false,
            ..self.clone()
        }
    }

    /// The next whole number towards zero.
    pub(crate) fn truncated(&self) -> Self {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } if *exponent < 0 => {
                let whole = mantissa >> exponent.unsigned_abs();
                let precision = whole.bits().max(64);
                Self::rounded(self.negative, whole, 0, false, precision)
            }
            _ => self.clone(),
        }
    }

    /// The next whole number below or equal, of the same precision.
    pub(crate) fn floored(&self) -> Self {
        let whole = Self {
            precision: self.precision,
            ..self.truncated()
        };
        let whole = match (whole.cmp(self), self.is_negative()) {
            (Ordering::Greater, true) => whole.minus(&Self::from(1)).unwrap_or(whole),
            _ => whole,
        };
        whole.unsigned_zero()
    }

    /// The next whole number above or equal, of the same precision.
    pub(crate) fn ceiled(&self) -> Self {
        self.negated().floored().negated().unsigned_zero()
    }

    /// The number itself, and zero without a sign: Go's whole numbers have no negative one.
    fn unsigned_zero(self) -> Self {
        let negative = self.negative && !self.is_zero();
        Self { negative, ..self }
    }

    /// The number itself unless it is out of bounds.
    pub(super) fn bounded(self) -> Result<Self, Failure> {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent }
                if exponent.unsigned_abs().saturating_add(mantissa.bits())
                    > u64::from(MAX_EXPONENT) =>
            {
                Err(Failure::bound(
                    "a number is too large or too small to work with",
                ))
            }
            _ => Ok(self),
        }
    }
}

fn undefined(what: &str) -> Failure {
    Failure::refused(format!("{what} is no number"))
}
