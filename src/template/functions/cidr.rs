//! Functions on networks.

use std::net::{Ipv4Addr, Ipv6Addr};

use num_bigint::BigInt;

use super::Call;
use super::signature::{Function, NUMBER, RETURNS_TEXT, RETURNS_TEXTS, TEXT};
use crate::template::evaluate::Failure;
use crate::template::value::{Type, Value};

pub(super) const FUNCTIONS: &[Function] = &[
    Function::new("cidrhost", &[TEXT, NUMBER], RETURNS_TEXT, |call| {
        let network = Network::parse(call.text(0)?)?;
        let number = whole(call, 1)?;
        let space = network.bits() - network.prefix;
        let index = if number < 0 {
            number.unsigned_abs() - 1
        } else {
            number.unsigned_abs()
        };
        if space < 128 && index >> space != 0 {
            return Err(Failure::refused(
                "the network doesn't have that many addresses",
            ));
        }
        let last = !network.mask(network.prefix) & network.mask(network.bits());
        let host = if number < 0 { last - index } else { index };
        Ok(network.address(network.base | host).into())
    }),
    Function::new("cidrnetmask", &[TEXT], RETURNS_TEXT, |call| {
        let network = Network::parse(call.text(0)?)?;
        if !network.v4 {
            return Err(Failure::refused("a network of IPv6 has no netmask"));
        }
        Ok(network.address(network.mask(network.prefix)).into())
    }),
    Function::new(
        "cidrsubnet",
        &[TEXT, NUMBER, NUMBER],
        RETURNS_TEXT,
        |call| {
            let network = Network::parse(call.text(0)?)?;
            let bits = call.integer(1)?;
            let prefix = i64::from(network.prefix)
                .checked_add(bits)
                .and_then(|prefix| u32::try_from(prefix).ok())
                .filter(|prefix| *prefix <= network.bits())
                .ok_or_else(|| {
                    Failure::refused("the prefix can't be extended by that many bits")
                })?;
            let number = whole(call, 2)?;
            let last = match u32::try_from(bits) {
                Ok(bits @ 0..64) => (1 << bits) - 1,
                _ => i128::from(u64::MAX),
            };
            if number > last {
                return Err(Failure::refused(
                    "there are not that many networks of that size",
                ));
            }
            // Terraform joins the bits of a number below zero as they are, and drops the sign.
            let joined =
                BigInt::from(network.base) | (BigInt::from(number) << (network.bits() - prefix));
            let base = u128::try_from(joined.magnitude())
                .ok()
                .filter(|base| *base <= network.mask(network.bits()))
                .ok_or_else(|| Failure::refused("the network is no address"))?;
            Ok(Network {
                base,
                prefix,
                ..network
            }
            .to_string()
            .into())
        },
    ),
    Function::new("cidrsubnets", &[TEXT], RETURNS_TEXTS, subnets).rest(NUMBER),
];

/// A whole number of any size that addresses can have.
fn whole(call: &Call<'_>, index: usize) -> Result<i128, Failure> {
    match call.argument(index)? {
        Value::Number(number) => number
            .to_integer()
            .and_then(|number| i128::try_from(number).ok()),
        _ => None,
    }
    .ok_or_else(|| Failure::refused("an argument is no whole number, or it is too large"))
}

fn subnets(call: &Call<'_>) -> Result<Value, Failure> {
    let network = Network::parse(call.text(0)?)?;
    let beyond = || Failure::refused("the network is too small for that many networks");
    let step = |prefix: u32| 1u128.checked_shl(network.bits() - prefix);
    let mut texts = Vec::new();
    let mut next = Some(network.base);
    for index in 1..call.arguments.len() {
        let bits = call.integer(index)?;
        if !(1..=32).contains(&bits) {
            return Err(Failure::refused("a network must be 1 to 32 bits smaller"));
        }
        let prefix = network.prefix + network.extension(bits)?;
        let size = step(prefix).ok_or_else(beyond)?;
        let base = next.ok_or_else(beyond)?;
        let base = base.checked_next_multiple_of(size).ok_or_else(beyond)?;
        if base & network.mask(network.prefix) != network.base {
            return Err(beyond());
        }
        texts.push(Value::text(
            Network {
                base,
                prefix,
                ..network
            }
            .to_string(),
        ));
        next = base.checked_add(size).filter(|next| network.v4_fits(*next));
    }
    Ok(Value::List(Type::String, texts.into()))
}

/// A network: the bits of its addresses to the right.
#[derive(Clone, Copy)]
struct Network {
    v4: bool,
    base: u128,
    prefix: u32,
}

impl Network {
    fn parse(text: &str) -> Result<Self, Failure> {
        let broken = || Failure::refused("the text is no network in CIDR notation");
        let (address, prefix) = text.split_once('/').ok_or_else(broken)?;
        let digits = !prefix.is_empty() && prefix.bytes().all(|byte| byte.is_ascii_digit());
        let prefix: u32 = prefix.parse().ok().filter(|_| digits).ok_or_else(broken)?;
        let (v4, address) = match address.contains(':') {
            true => (
                false,
                address.parse::<Ipv6Addr>().map_err(|_| broken())?.to_bits(),
            ),
            false => (true, parse_v4(address).ok_or_else(broken)?.into()),
        };
        let network = Self {
            v4,
            base: 0,
            prefix,
        };
        if prefix > network.bits() {
            return Err(broken());
        }
        Ok(Self {
            base: address & network.mask(prefix),
            ..network
        })
    }

    const fn bits(self) -> u32 {
        if self.v4 { 32 } else { 128 }
    }

    fn mask(self, prefix: u32) -> u128 {
        let all = u128::MAX >> (128 - self.bits());
        let host = all.checked_shr(prefix).unwrap_or(0);
        all & !host
    }

    fn v4_fits(self, address: u128) -> bool {
        !self.v4 || address <= u128::from(u32::MAX)
    }

    /// Checks that so many bits more still fit an address.
    fn extension(self, bits: i64) -> Result<u32, Failure> {
        u32::try_from(bits)
            .ok()
            .filter(|bits| *bits <= self.bits() - self.prefix)
            .ok_or_else(|| Failure::refused("the prefix can't be extended by that many bits"))
    }

    fn address(self, bits: u128) -> String {
        match u32::try_from(bits) {
            Ok(bits) if self.v4 => Ipv4Addr::from(bits).to_string(),
            _ => Ipv6Addr::from(bits).to_string(),
        }
    }
}

impl std::fmt::Display for Network {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{}/{}", self.address(self.base), self.prefix)
    }
}

/// Terraform reads zeros at the start of a part as nothing else.
fn parse_v4(text: &str) -> Option<u32> {
    let parts: Vec<&str> = text.split('.').collect();
    if parts.len() != 4 {
        return None;
    }
    parts.iter().try_fold(0u32, |address, part| {
        let digits = !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        let part: u8 = part.parse().ok().filter(|_| digits)?;
        Some(address << 8 | u32::from(part))
    })
}
