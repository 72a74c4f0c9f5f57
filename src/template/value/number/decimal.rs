//! Numbers from and to decimal text.
//!
//! Invariant: rounding always starts from all digits of the exact value.

use num_bigint::BigUint;

use super::{FULL, MAX_EXPONENT, Magnitude, Number};
use crate::template::evaluate::Failure;

/// Decimal places that a written number may shift by, and digits it may have: what
/// [`MAX_EXPONENT`] comes to.
const MAX_PLACES: i64 = MAX_EXPONENT as i64 * 3 / 10;

/// Reads a sign, digits with a point, and an exponent, of ten after `e` and of two after `p`.
pub(super) fn parse(text: &str) -> Result<Option<Number>, Failure> {
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (mantissa, exponent) = match unsigned.find(['e', 'E', 'p', 'P']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Ok(None);
    }
    let power = match exponent {
        None => 0,
        Some(marked) => {
            let written = &marked[1..];
            let unsigned = written.strip_prefix(['+', '-']).unwrap_or(written);
            if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
                return Ok(None);
            }
            // What doesn't fit is beyond every bound.
            let size = unsigned.parse::<i64>().unwrap_or(i64::MAX / 4);
            if written.starts_with('-') {
                -size
            } else {
                size
            }
        }
    };
    let binary = exponent.is_some_and(|marked| marked.starts_with(['p', 'P']));
    let zero = digits.bytes().all(|digit| digit == b'0');
    if zero {
        return Ok(Some(Number::rounded(
            negative,
            BigUint::ZERO,
            0,
            false,
            FULL,
        )));
    }
    let too_long = digits
        .len()
        .try_into()
        .is_ok_and(|length: i64| length > MAX_PLACES);
    if too_long
        || power.abs()
            > if binary {
                MAX_EXPONENT as i64
            } else {
                MAX_PLACES
            }
    {
        return Err(Failure::bound(
            "a number is too large or too small to work with",
        ));
    }
    let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
    let (tens, twos) = if binary {
        (-places, power)
    } else {
        (power - places, 0)
    };
    let mantissa = BigUint::parse_bytes(digits.as_bytes(), 10).unwrap_or_default();
    let scale = five_to(tens.unsigned_abs());
    let exponent = tens + twos;
    let number = if tens >= 0 {
        Number::rounded(negative, mantissa * scale, exponent, false, FULL)
    } else {
        let shift = (FULL + 2 + scale.bits()).saturating_sub(mantissa.bits());
        let numerator = mantissa << shift;
        let quotient = &numerator / &scale;
        let sticky = &quotient * &scale != numerator;
        let exponent = exponent.saturating_sub_unsigned(shift);
        Number::rounded(negative, quotient, exponent, sticky, FULL)
    };
    number.bounded().map(Some)
}

fn five_to(power: u64) -> BigUint {
    BigUint::from(5u8).pow(u32::try_from(power).unwrap_or(u32::MAX))
}

/// A number's digits without zeros at either end: `0.d1d2d3... * 10^point`. Zero has none.
struct Decimal {
    digits: Vec<u8>,
    point: i64,
}

impl Decimal {
    /// All digits of `mantissa * 2^exponent`.
    fn exact(mantissa: &BigUint, exponent: i64) -> Self {
        let (whole, places) = if exponent >= 0 {
            (mantissa << exponent.unsigned_abs(), 0)
        } else {
            (mantissa * five_to(exponent.unsigned_abs()), -exponent)
        };
        let mut digits = if whole == BigUint::ZERO {
            Vec::new()
        } else {
            whole.to_string().into_bytes()
        };
        let point = i64::try_from(digits.len()).unwrap_or(i64::MAX) - places;
        trim_zeros(&mut digits);
        Self { digits, point }
    }

    /// The digit at a place, `0` after the last.
    fn at(&self, index: usize) -> u8 {
        self.digits.get(index).copied().unwrap_or(b'0')
    }

    /// Keeps that many digits, rounded half to even.
    fn rounded(self, count: usize) -> Self {
        let even = count == 0 || (self.at(count - 1) - b'0').is_multiple_of(2);
        let up = match self.at(count) {
            b'5' if self.digits.len() == count + 1 => !even,
            digit => digit >= b'5',
        };
        if up {
            self.rounded_up(count)
        } else {
            self.rounded_down(count)
        }
    }

    fn rounded_down(mut self, count: usize) -> Self {
        self.digits.truncate(count);
        trim_zeros(&mut self.digits);
        self
    }

    fn rounded_up(mut self, count: usize) -> Self {
        if count >= self.digits.len() {
            return self;
        }
        self.digits.truncate(count);
        while self.digits.last() == Some(&b'9') {
            self.digits.pop();
        }
        match self.digits.last_mut() {
            Some(digit) => *digit += 1,
            None => {
                self.digits.push(b'1');
                self.point += 1;
            }
        }
        self
    }

    /// The digits from `start` to `end`, places counted from the point to the right.
    fn slice(&self, start: i64, end: i64) -> String {
        let digit = |place: i64| match usize::try_from(place + self.point) {
            Ok(index) => char::from(self.at(index)),
            Err(_) => '0',
        };
        (start..end).map(digit).collect()
    }

    /// Without an exponent, with that many places after the point.
    fn fixed(&self, places: i64) -> String {
        let whole = if self.point > 0 {
            self.slice(-self.point, 0)
        } else {
            String::from("0")
        };
        match places {
            ..=0 => whole,
            places => format!("{whole}.{}", self.slice(0, places)),
        }
    }

    /// With an exponent of at least two digits, with that many places after the point.
    fn scientific(&self, places: i64) -> String {
        let fraction = self.slice(1 - self.point, 1 - self.point + places);
        let exponent = if self.digits.is_empty() {
            0
        } else {
            self.point - 1
        };
        let sign = if exponent < 0 { '-' } else { '+' };
        let point = if places > 0 { "." } else { "" };
        format!(
            "{}{point}{fraction}e{sign}{:02}",
            char::from(self.at(0)),
            exponent.abs()
        )
    }

    /// The places after the point that the digits need.
    fn places(&self) -> i64 {
        (i64::try_from(self.digits.len()).unwrap_or(i64::MAX) - self.point).max(0)
    }
}

fn trim_zeros(digits: &mut Vec<u8>) {
    while digits.last() == Some(&b'0') {
        digits.pop();
    }
}

impl Number {
    /// The fewest digits that tell the number from its neighbours, without an exponent.
    pub(crate) fn to_shortest(&self) -> String {
        self.written(|mantissa, exponent| {
            let decimal = self.shortest_digits(mantissa, exponent);
            decimal.fixed(decimal.places())
        })
    }

    /// The fewest digits, with an exponent below 1e-4 and from 1e6 on.
    pub(crate) fn to_shortest_general(&self) -> String {
        self.written(|mantissa, exponent| {
            let decimal = self.shortest_digits(mantissa, exponent);
            general(&decimal, 6)
        })
    }

    /// With that many places after the point.
    pub(crate) fn to_fixed(&self, places: u16) -> String {
        self.written(|mantissa, exponent| {
            let exact = Decimal::exact(mantissa, exponent);
            let decimal = match usize::try_from(exact.point + i64::from(places)) {
                Ok(count) => exact.rounded(count),
                Err(_) => Decimal {
                    digits: Vec::new(),
                    point: 0,
                },
            };
            decimal.fixed(places.into())
        })
    }

    /// With an exponent and that many places after the point.
    pub(crate) fn to_scientific(&self, places: u16) -> String {
        self.written(|mantissa, exponent| {
            let decimal = Decimal::exact(mantissa, exponent).rounded(usize::from(places) + 1);
            decimal.scientific(places.into())
        })
    }

    /// With at most that many digits, and an exponent where the number needs more before its point
    /// or is below 1e-4.
    pub(crate) fn to_general(&self, digits: u16) -> String {
        self.written(|mantissa, exponent| {
            let digits = digits.max(1);
            general(
                &Decimal::exact(mantissa, exponent).rounded(digits.into()),
                digits.into(),
            )
        })
    }

    fn written(&self, finite: impl Fn(&BigUint, i64) -> String) -> String {
        let sign = if self.negative { "-" } else { "" };
        match &self.magnitude {
            Magnitude::Finite { mantissa, exponent } => {
                format!("{sign}{}", finite(mantissa, *exponent))
            }
            Magnitude::Infinite if self.negative => String::from("-Inf"),
            Magnitude::Infinite => String::from("+Inf"),
        }
    }

    /// Takes digits until the next neighbour on neither side could be meant.
    fn shortest_digits(&self, mantissa: &BigUint, exponent: i64) -> Decimal {
        let exact = Decimal::exact(mantissa, exponent);
        let whole = u64::try_from(exponent)
            .is_ok_and(|zeros| mantissa.bits().saturating_add(zeros) <= self.precision);
        if whole || exact.digits.is_empty() {
            return exact;
        }
        // The last bit of this mantissa is half of what tells neighbours apart.
        let shift = (self.precision + 1).saturating_sub(mantissa.bits());
        let middle = mantissa << shift;
        let exponent = exponent.saturating_sub_unsigned(shift);
        let lower = Decimal::exact(&(&middle - 1u8), exponent);
        let upper = Decimal::exact(&(&middle + 1u8), exponent);
        let inclusive = !middle.bit(1);
        for index in 0..exact.digits.len() {
            let (low, digit, high) = (lower.at(index), exact.at(index), upper.at(index));
            let last = |bound: &Decimal| index + 1 == bound.digits.len();
            let down = low != digit || (inclusive && last(&lower));
            let up =
                digit != high && (inclusive || digit + 1 < high || index + 1 < upper.digits.len());
            match (down, up) {
                (true, true) => return exact.rounded(index + 1),
                (true, false) => return exact.rounded_down(index + 1),
                (false, true) => return exact.rounded_up(index + 1),
                (false, false) => {}
            }
        }
        exact
    }
}

fn digit_count(decimal: &Decimal) -> i64 {
    i64::try_from(decimal.digits.len())
        .unwrap_or(i64::MAX)
        .max(1)
}

fn general(decimal: &Decimal, limit: i64) -> String {
    let exponent = decimal.point - 1;
    if !decimal.digits.is_empty() && (exponent < -4 || exponent >= limit) {
        decimal.scientific(digit_count(decimal) - 1)
    } else {
        decimal.fixed(decimal.places())
    }
}
