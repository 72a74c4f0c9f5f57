//! Functions on numbers.

use num_bigint::BigInt;

use super::Call;
use super::signature::{ANY, Function, NUMBER, RETURNS_NUMBER, Returns};
use crate::template::evaluate::Failure;
use crate::template::value::{Number, Type, Value, convert};

const NUMBERS: Returns = Returns::Of(|_| Ok(Type::list(Type::Number)));

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("abs", &[NUMBER], RETURNS_NUMBER, |call| {
        Ok(number(call, 0)?.absolute().into())
    }),
    Function::new("ceil", &[NUMBER], RETURNS_NUMBER, |call| {
        Ok(number(call, 0)?.ceiled().into())
    }),
    Function::new("floor", &[NUMBER], RETURNS_NUMBER, |call| {
        Ok(number(call, 0)?.floored().into())
    }),
    Function::new("log", &[NUMBER, NUMBER], RETURNS_NUMBER, |call| {
        float(
            call,
            logarithm(number(call, 0)?.to_float()) / logarithm(number(call, 1)?.to_float()),
        )
    }),
    Function::new("max", &[], RETURNS_NUMBER, |call| {
        extreme(call, |best, next| next > best)
    })
    .rest(NUMBER),
    Function::new("min", &[], RETURNS_NUMBER, |call| {
        extreme(call, |best, next| next < best)
    })
    .rest(NUMBER),
    Function::new("parseint", &[ANY, NUMBER], RETURNS_NUMBER, parse_integer),
    Function::new("pow", &[NUMBER, NUMBER], RETURNS_NUMBER, |call| {
        float(
            call,
            power(number(call, 0)?.to_float(), number(call, 1)?.to_float()),
        )
    }),
    Function::new("range", &[], NUMBERS, range).rest(NUMBER),
    Function::new("signum", &[NUMBER], RETURNS_NUMBER, |call| {
        Ok(call.integer(0)?.signum().into())
    }),
    Function::new("sum", &[ANY], RETURNS_NUMBER, sum),
];

fn number<'a>(call: &'a Call<'_>, index: usize) -> Result<&'a Number, Failure> {
    match call.argument(index)? {
        Value::Number(number) => Ok(number),
        other => Err(Failure::refused(format!("{} is no number", other.kind()))),
    }
}

/// Steps that an outcome of floating point takes: its operands are rounded by way of their digits.
const FLOATING: u64 = 10;

fn float(call: &Call<'_>, value: f64) -> Result<Value, Failure> {
    call.budget.spend(FLOATING)?;
    match Number::from_float(value) {
        Some(number) => Ok(number.into()),
        None => Err(Failure::refused("the outcome is no number")),
    }
}

fn extreme(call: &Call<'_>, better: impl Fn(&Number, &Number) -> bool) -> Result<Value, Failure> {
    let mut best = number(call, 0)?;
    for index in 1..call.arguments.len() {
        let next = number(call, index)?;
        if better(best, next) {
            best = next;
        }
    }
    Ok(best.clone().into())
}

fn parse_integer(call: &Call<'_>) -> Result<Value, Failure> {
    if !matches!(call.argument(0)?, Value::String(_)) {
        return Err(Failure::refused("the first argument is no text"));
    }
    let base = call.integer(1)?;
    if !(2..=62).contains(&base) {
        return Err(Failure::refused("the base must be from 2 to 62"));
    }
    let text = call.text(0)?;
    let broken = || Failure::refused("the text is no whole number of that base");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    if digits.is_empty() || digits.len() > 4_000 {
        return Err(broken());
    }
    let mut value = BigInt::ZERO;
    for digit in digits.chars() {
        let digit = match digit {
            '0'..='9' => u32::from(digit) - u32::from('0'),
            'a'..='z' => u32::from(digit) - u32::from('a') + 10,
            // Up to base 36 letters count alike, above it capital letters follow the small ones.
            'A'..='Z' if base <= 36 => u32::from(digit) - u32::from('A') + 10,
            'A'..='Z' => u32::from(digit) - u32::from('A') + 36,
            _ => return Err(broken()),
        };
        if i64::from(digit) >= base {
            return Err(broken());
        }
        value = value * base + digit;
    }
    Ok(Number::from_integer(&if negative { -value } else { value }).into())
}

/// The most numbers that a range may have. Terraform: 1,024.
const MAX_RANGE: usize = 1024;

fn range(call: &Call<'_>) -> Result<Value, Failure> {
    let (zero, one) = (Number::from(0), Number::from(1));
    let (start, end, step) = match call.arguments.len() {
        1 => (&zero, number(call, 0)?, None),
        2 => (number(call, 0)?, number(call, 1)?, None),
        3 => (number(call, 0)?, number(call, 1)?, Some(number(call, 2)?)),
        _ => return Err(Failure::refused("one, two or three arguments are required")),
    };
    let down = end < start;
    let step = match step {
        None if down => one.negated(),
        None => one,
        Some(step) => step.clone(),
    };
    if start == end {
        return Ok(Value::List(Type::Number, Vec::new().into()));
    }
    if step.is_zero() {
        return Err(Failure::refused("the step is zero"));
    }
    if down != step.is_negative() {
        return Err(Failure::refused("the step leads away from the end"));
    }
    let mut items = Vec::new();
    let mut next = start.clone();
    while if down { next > *end } else { next < *end } {
        if items.len() == MAX_RANGE {
            return Err(Failure::refused("a range has at most 1,024 numbers"));
        }
        items.push(Value::Number(next.clone()));
        next = next.plus(&step)?;
    }
    Ok(Value::List(Type::Number, items.into()))
}

fn sum(call: &Call<'_>) -> Result<Value, Failure> {
    let items = call.items(0)?;
    if items.is_empty() {
        return Err(Failure::refused("there is nothing to sum up"));
    }
    let mut total: Option<Number> = None;
    for item in items {
        match convert(item, &Type::Number)? {
            Value::Number(number) => {
                total = Some(match total {
                    None => number,
                    Some(total) => total.plus(&number)?,
                });
            }
            _ => return Err(Failure::refused("an element is null")),
        }
    }
    total
        .map(Value::Number)
        .ok_or_else(|| Failure::refused("there is nothing to sum up"))
}

/// `base` to that power, rounded as Go's library rounds it: by squaring, the fraction by
/// exponential and logarithm.
fn power(base: f64, exponent: f64) -> f64 {
    if exponent == 0.0 || base == 1.0 {
        return 1.0;
    }
    if exponent == 1.0 {
        return base;
    }
    if exponent == 0.5 {
        return base.sqrt();
    }
    if exponent == -0.5 {
        return 1.0 / base.sqrt();
    }
    let whole = exponent.abs().trunc();
    let fraction = exponent.abs() - whole;
    let special = base == 0.0 || !base.is_finite() || !exponent.is_finite();
    if special || (base < 0.0 && fraction != 0.0) || whole >= 9.223_372_036_854_776e18 {
        return base.powf(exponent);
    }
    let (mut mantissa, mut power_of_two) = (1.0, 0i64);
    let (mut whole, mut fraction) = (whole, fraction);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        mantissa = (fraction * logarithm(base)).exp();
    }
    let (mut square, mut square_power) = split(base);
    let mut left = whole;
    while left > 0.0 {
        if square_power.abs() > 1 << 12 {
            power_of_two += square_power;
            break;
        }
        if left % 2.0 == 1.0 {
            mantissa *= square;
            power_of_two += square_power;
        }
        square *= square;
        square_power <<= 1;
        if square.abs() < 0.5 {
            square += square;
            square_power -= 1;
        }
        left = (left / 2.0).trunc();
    }
    if exponent < 0.0 {
        mantissa = 1.0 / mantissa;
        power_of_two = -power_of_two;
    }
    scale(mantissa, power_of_two)
}

/// The number as a fraction from a half to one, and a power of two.
fn split(value: f64) -> (f64, i64) {
    let (normal, shift) = match value.abs() < f64::MIN_POSITIVE {
        true => (value * 2f64.powi(52), -52),
        false => (value, 0),
    };
    let bits = normal.to_bits();
    let biased = i64::try_from((bits >> 52) & 0x7ff).unwrap_or(0);
    (
        f64::from_bits((bits & !(0x7ff << 52)) | (1022 << 52)),
        biased - 1022 + shift,
    )
}

fn scale(value: f64, power: i64) -> f64 {
    let half = i32::try_from((power / 2).clamp(-2200, 2200)).unwrap_or(0);
    let rest = i32::try_from((power - power / 2).clamp(-2200, 2200)).unwrap_or(0);
    let by = |value: f64, power: i32| {
        let first = power.clamp(-1000, 1000);
        let second = (power - first).clamp(-1000, 1000);
        let third = power - first - second;
        value * 2f64.powi(first) * 2f64.powi(second) * 2f64.powi(third)
    };
    by(by(value, half), rest)
}

/// The natural logarithm, by the method of FreeBSD's library, which Go's follows bit for bit.
fn logarithm(value: f64) -> f64 {
    const LN2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
    const LN2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
    const L: [f64; 7] = [
        f64::from_bits(0x3fe5_5555_5555_5593),
        f64::from_bits(0x3fd9_9999_9997_fa04),
        f64::from_bits(0x3fd2_4924_9422_9359),
        f64::from_bits(0x3fcc_71c5_1d8e_78af),
        f64::from_bits(0x3fc7_4664_96cb_03de),
        f64::from_bits(0x3fc3_9a09_d078_c69f),
        f64::from_bits(0x3fc2_f112_df3e_5244),
    ];
    if value.is_nan() || value == f64::INFINITY {
        return value;
    }
    if value < 0.0 {
        return f64::NAN;
    }
    if value == 0.0 {
        return f64::NEG_INFINITY;
    }
    let (mut fraction, mut exponent) = split(value);
    if fraction < std::f64::consts::SQRT_2 / 2.0 {
        fraction *= 2.0;
        exponent -= 1;
    }
    let f = fraction - 1.0;
    #[expect(clippy::cast_precision_loss, reason = "an exponent has eleven bits")]
    let k = exponent as f64;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let t1 = s2 * (L[0] + s4 * (L[2] + s4 * (L[4] + s4 * L[6])));
    let t2 = s4 * (L[1] + s4 * (L[3] + s4 * L[5]));
    let r = t1 + t2;
    let half_square = 0.5 * f * f;
    k * LN2_HIGH - ((half_square - (s * (half_square + r) + k * LN2_LOW)) - f)
}
