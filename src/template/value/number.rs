//! Numbers as Terraform calculates with them: binary, of up to 512 bits.
//!
//! Invariant: a finite number's size is bounded ([`MAX_EXPONENT`]), so that writing it out is
//! cheap. A number remembers its precision, because the precision of an outcome follows from those
//! of the operands: literals and texts have 512 bits, what functions count 64, what they calculate
//! by floating point 53.
mod arithmetic;
mod decimal;

use std::cmp::Ordering;
use std::fmt;

use num_bigint::{BigInt, BigUint, Sign};

use crate::template::evaluate::Failure;

/// The bits of literals, and the most that an outcome can have.
const FULL: u64 = 512;

/// Bits that a number may lie from one in either direction: some 1,200 decimal digits. Terraform
/// allows two thousand million, whose digits nothing can hold.
const MAX_EXPONENT: u32 = 4_096;

/// A number: finite, or infinite as a division by zero is.
#[derive(Debug, Clone)]
pub(crate) struct Number {
    negative: bool,
    magnitude: Magnitude,
    precision: u64,
}

#[derive(Debug, Clone)]
enum Magnitude {
    /// `mantissa * 2^exponent`; the mantissa is odd, or zero with the exponent zero.
    Finite {
        mantissa: BigUint,
        exponent: i64,
    },
    Infinite,
}

impl Number {
    /// The number that a text writes in Terraform's decimal notation, rounded to 512 bits; none
    /// for a text that is no number.
    ///
    /// # Errors
    ///
    /// The number is too large or too small to work with.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, Failure> {
        decimal::parse(text)
    }

    /// A number of floating point; none for what is no number.
    pub(crate) fn from_float(value: f64) -> Option<Self> {
        let negative = value.is_sign_negative();
        if value.is_nan() {
            return None;
        }
        if value.is_infinite() {
            return Some(Self {
                negative,
                magnitude: Magnitude::Infinite,
                precision: 53,
            });
        }
        let bits = value.to_bits();
        let fraction = bits & ((1 << 52) - 1);
        let (mantissa, exponent) = match (bits >> 52) & 0x7ff {
            0 => (fraction, -1074),
            biased => (fraction | (1 << 52), i64::try_from(biased).ok()? - 1075),
        };
        Some(Self::rounded(
            negative,
            mantissa.into(),
            exponent,
            false,
            53,
        ))
    }

    /// A whole number as functions make it, of at least 64 bits.
    pub(crate) fn from_integer(value: &BigInt) -> Self {
        let precision = value.bits().max(64);
        Self::rounded(
            value.sign() == Sign::Minus,
            value.magnitude().clone(),
            0,
            false,
            precision,
        )
    }

    /// `mantissa * 2^exponent`, and a little more if `sticky`, rounded half to even.
    fn rounded(
        negative: bool,
        mantissa: BigUint,
        exponent: i64,
        sticky: bool,
        precision: u64,
    ) -> Self {
        let (mut mantissa, mut exponent) = (mantissa, exponent);
        let excess = mantissa.bits().saturating_sub(precision);
        if excess > 0 {
            let half = mantissa.bit(excess - 1);
            let exact = mantissa.trailing_zeros() == Some(excess - 1) && !sticky;
            mantissa >>= excess;
            exponent = exponent.saturating_add_unsigned(excess);
            if half && (!exact || mantissa.bit(0)) {
                mantissa += 1u8;
            }
        }
        match mantissa.trailing_zeros() {
            Some(zeros) => {
                mantissa >>= zeros;
                exponent = exponent.saturating_add_unsigned(zeros);
            }
            None => exponent = 0,
        }
        Self {
            negative,
            magnitude: Magnitude::Finite { mantissa, exponent },
            precision,
        }
    }

    /// Whether the number is zero, of either sign.
    pub(crate) fn is_zero(&self) -> bool {
        matches!(&self.magnitude, Magnitude::Finite { mantissa, .. } if mantissa.bits() == 0)
    }

    /// Whether the number is infinite.
    pub(crate) fn is_infinite(&self) -> bool {
        matches!(self.magnitude, Magnitude::Infinite)
    }

    /// Whether the number is below zero, negative zero not included.
    pub(crate) fn is_negative(&self) -> bool {
        self.negative && !self.is_zero()
    }

    /// The whole number that this is; none for a fraction or infinity.
    pub(crate) fn to_integer(&self) -> Option<BigInt> {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                let shift = u64::try_from(*exponent).ok()?;
                let sign = if self.negative {
                    Sign::Minus
                } else {
                    Sign::Plus
                };
                Some(BigInt::from_biguint(sign, mantissa << shift))
            }
            Magnitude::Infinite => None,
        }
    }

    /// The bits that its digits take.
    pub(crate) fn size(&self) -> u64 {
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => mantissa.bits() + exponent.unsigned_abs(),
            Magnitude::Infinite => 0,
        }
    }

    /// The whole number that this is, if it fits.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        i64::try_from(self.to_integer()?).ok()
    }

    /// The nearest floating-point number.
    pub(crate) fn to_float(&self) -> f64 {
        // Rust reads decimal text exactly, whatever its length.
        let text = match &self.magnitude {
            Magnitude::Finite { .. } => self.to_scientific(40),
            Magnitude::Infinite => String::from(if self.negative { "-inf" } else { "inf" }),
        };
        text.parse().unwrap_or(f64::NAN)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self::from_integer(&value.into())
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match number {
            zero if zero.is_zero() => 0,
            number if number.negative => -1,
            _ => 1,
        };
        let size = |left: &Magnitude, right: &Magnitude| match (left, right) {
            (Magnitude::Infinite, Magnitude::Infinite) => Ordering::Equal,
            (Magnitude::Infinite, _) => Ordering::Greater,
            (_, Magnitude::Infinite) => Ordering::Less,
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
                let lowest = left_exponent.min(right_exponent);
                (left << left_exponent.abs_diff(*lowest))
                    .cmp(&(right << right_exponent.abs_diff(*lowest)))
            }
        };
        match (sign(self), sign(other)) {
            (1, 1) => size(&self.magnitude, &other.magnitude),
            (-1, -1) => size(&other.magnitude, &self.magnitude),
            (left, right) => left.cmp(&right),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Equal as numbers, whatever their precision.
impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

/// All digits that tell the number from its neighbours at its precision, never an exponent, as
/// Terraform makes text of a number.
impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.to_shortest())
    }
}

#[cfg(test)]
mod tests;
