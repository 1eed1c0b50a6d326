//! Which addresses may be called on the word of somebody else, who could otherwise reach through us what only we can reach: this
//! machine, the networks beside it, the place where a cloud hands out its secrets.
//!
//! What may be called is what the whole Internet can reach, after IANA's registries of special addresses (RFC 6890,
//! <https://www.iana.org/assignments/iana-ipv4-special-registry>, <https://www.iana.org/assignments/iana-ipv6-special-registry>),
//! and what the operator allows. An address of version 6 that only carries one of version 4 is judged by that one where its way is known
//! (mapped; NAT64), and refused where it is not (6to4, Teredo, the compatible ones of old).

#[cfg(test)]
mod tests;

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};

use serde::{Deserialize, Serialize};

use crate::rejection::Rejection;

/// A network: the addresses of one version that begin with the same bits. Written as `10.1.0.0/16`, or as one address alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Network {
    first: IpAddr,
    length: u8,
}

/// Networks of version 4 that not everybody can reach, or that are nobody's.
const REFUSED_V4: [(Ipv4Addr, u8); 15] = [
    (Ipv4Addr::new(0, 0, 0, 0), 8),       // This network.
    (Ipv4Addr::new(10, 0, 0, 0), 8),      // Private.
    (Ipv4Addr::new(100, 64, 0, 0), 10),   // Shared by the customers of a carrier.
    (Ipv4Addr::new(127, 0, 0, 0), 8),     // This machine.
    (Ipv4Addr::new(169, 254, 0, 0), 16),  // This link; clouds hand out their secrets here.
    (Ipv4Addr::new(172, 16, 0, 0), 12),   // Private.
    (Ipv4Addr::new(192, 0, 0, 0), 24),    // Protocols of the IETF.
    (Ipv4Addr::new(192, 0, 2, 0), 24),    // Documentation.
    (Ipv4Addr::new(192, 88, 99, 0), 24),  // 6to4 relays of old.
    (Ipv4Addr::new(192, 168, 0, 0), 16),  // Private.
    (Ipv4Addr::new(198, 18, 0, 0), 15),   // Measurements.
    (Ipv4Addr::new(198, 51, 100, 0), 24), // Documentation.
    (Ipv4Addr::new(203, 0, 113, 0), 24),  // Documentation.
    (Ipv4Addr::new(224, 0, 0, 0), 4),     // Many at once.
    (Ipv4Addr::new(240, 0, 0, 0), 4),     // Kept back, and everybody at once.
];

/// Of version 6 only this has been given to anybody (global unicast).
const GIVEN_V6: (Ipv6Addr, u8) = (Ipv6Addr::new(0x2000, 0, 0, 0, 0, 0, 0, 0), 3);

/// What of that not everybody can reach, or leads where nobody can tell.
const REFUSED_V6: [(Ipv6Addr, u8); 5] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23), // Protocols of the IETF, Teredo among them.
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32), // Documentation.
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16), // 6to4.
    (Ipv6Addr::new(0x2620, 0x4f, 0x8000, 0, 0, 0, 0, 0), 48), // Name servers that delegate nothing.
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20), // Documentation.
];

/// Whether an address may be called: everybody can reach it, or it stands in one of these networks.
pub fn may_call(address: IpAddr, allowed: &[Network]) -> bool {
    is_among(address, allowed) || everybody_reaches(judged_as(address))
}

/// Whether an address, or the one of version 4 that it carries, stands in one of these networks.
pub fn is_among(address: IpAddr, networks: &[Network]) -> bool {
    let judged = judged_as(address);
    networks.iter().any(|network| network.contains(address) || network.contains(judged))
}

fn everybody_reaches(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => {
            !REFUSED_V4.iter().any(|(first, length)| begins_alike(address.into(), (*first).into(), *length))
        }
        IpAddr::V6(address) => {
            let is_in = |(first, length): (Ipv6Addr, u8)| begins_alike(address.into(), first.into(), length);
            is_in(GIVEN_V6) && !REFUSED_V6.into_iter().any(is_in)
        }
    }
}

/// The address of version 4 where this one leads to it: mapped (`::ffff:0:0/96`), or by NAT64 (`64:ff9b::/96`, RFC 6052).
fn judged_as(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) => match six.segments() {
            [0, 0, 0, 0, 0, 0xffff, high, low] | [0x64, 0xff9b, 0, 0, 0, 0, high, low] => {
                Ipv4Addr::from((u32::from(high) << 16) | u32::from(low)).into()
            }
            _ => address,
        },
        IpAddr::V4(_) => address,
    }
}

fn begins_alike(one: IpAddr, other: IpAddr, bits: u8) -> bool {
    let (one, other, whole): (u128, u128, u8) = match (one, other) {
        (IpAddr::V4(one), IpAddr::V4(other)) => (one.to_bits().into(), other.to_bits().into(), 32),
        (IpAddr::V6(one), IpAddr::V6(other)) => (one.to_bits(), other.to_bits(), 128),
        _ => return false,
    };
    (one ^ other).checked_shr(u32::from(whole - bits)).unwrap_or(0) == 0
}

impl Network {
    /// Whether an address of the same version stands in it.
    pub fn contains(&self, address: IpAddr) -> bool {
        begins_alike(address, self.first, self.length)
    }
}

impl FromStr for Network {
    type Err = Rejection;

    fn from_str(text: &str) -> Result<Self, Rejection> {
        let malformed = || {
            let expected =
                "a network such as 10.1.0.0/16 or fd00::/8, whose first address is named, or one address";
            Rejection::invalid("MALFORMED_NETWORK", "network", expected)
        };
        let (first, length) =
            text.split_once('/').map_or((text, None), |(first, length)| (first, Some(length)));
        let first: IpAddr = first.parse().map_err(|_| malformed())?;
        let whole = if first.is_ipv4() { 32 } else { 128 };
        // A sign or a nought before it is somebody's mistake.
        let length = match length {
            None => whole,
            Some(text) => text.parse::<u8>().ok().filter(|n| n.to_string() == text).ok_or_else(malformed)?,
        };
        // Bits behind the length would say more than is meant.
        let rest = match first {
            IpAddr::V4(first) => first.to_bits().trailing_zeros(),
            IpAddr::V6(first) => first.to_bits().trailing_zeros(),
        };
        if length > whole || rest < u32::from(whole - length) {
            return Err(malformed());
        }
        Ok(Self { first, length })
    }
}

impl TryFrom<String> for Network {
    type Error = Rejection;

    fn try_from(text: String) -> Result<Self, Rejection> {
        text.parse()
    }
}

impl From<Network> for String {
    fn from(network: Network) -> Self {
        network.to_string()
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.length)
    }
}
