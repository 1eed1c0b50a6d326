//! How many new names a network gets: whoever throws their cookie away is not somebody else with a fresh allowance of guesses.

use std::{
    collections::HashMap,
    fmt,
    net::{IpAddr, Ipv6Addr},
    sync::{Mutex, PoisonError},
};

use http::HeaderMap;
use jiff::{SignedDuration, Timestamp};

/// New browsers of one network in one hour; those who come after have one name together. Behind one /24 of a mobile operator are thousands of
/// telephones, and a receipt is closed to guesses after ten anyway.
const NEWCOMERS: u32 = 600;
const WINDOW: SignedDuration = SignedDuration::from_hours(1);
/// Networks that are remembered; when there are more, the oldest windows are forgotten.
const NETWORKS: usize = 65_536;

/// A neighbourhood of the Internet: a /24, or a /56, which is what one household or office has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Network(IpAddr);

impl Network {
    pub(crate) fn of(address: IpAddr) -> Self {
        Self(match address.to_canonical() {
            IpAddr::V4(address) => {
                let [a, b, c, _] = address.octets();
                IpAddr::from([a, b, c, 0])
            }
            IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & !((1_u128 << 72) - 1))),
        })
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// From where a call comes: what a proxy of ours says, and of anybody else what the line says
/// (<https://developer.mozilla.org/docs/Web/HTTP/Headers/X-Forwarded-For>).
pub(crate) fn origin(line: IpAddr, headers: &HeaderMap, proxies: &[IpAddr]) -> IpAddr {
    let said = headers.get_all("x-forwarded-for").iter().filter_map(|said| said.to_str().ok());
    let said: Vec<_> = said.flat_map(|said| said.split(',')).map(str::trim).collect();
    let mut from = line;
    for address in said.iter().rev() {
        if !proxies.contains(&from.to_canonical()) {
            break;
        }
        match address.parse() {
            Ok(address) => from = address,
            Err(_) => break,
        }
    }
    from
}

/// Who has come anew lately, by network.
#[derive(Debug, Default)]
pub(crate) struct Newcomers(Mutex<HashMap<Network, (Timestamp, u32)>>);

impl Newcomers {
    /// Whether one more of this network gets a name of their own.
    pub(crate) fn admits(&self, network: Network, now: Timestamp) -> bool {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= NETWORKS && !seen.contains_key(&network) {
            seen.retain(|_, (since, _)| now.duration_since(*since) < WINDOW);
            if seen.len() >= NETWORKS {
                return false;
            }
        }
        let (since, count) = seen.entry(network).or_insert((now, 0));
        if now.duration_since(*since) >= WINDOW {
            (*since, *count) = (now, 0);
        }
        *count = count.saturating_add(1);
        *count <= NEWCOMERS
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn a_network_gets_so_many_names_an_hour_and_others_theirs() {
        let (newcomers, now) = (Newcomers::default(), Timestamp::UNIX_EPOCH);
        let at = |last: u8| Network::of(IpAddr::from([203, 0, 113, last]));
        assert!((0..NEWCOMERS).all(|number| newcomers.admits(at(u8::try_from(number % 250).unwrap()), now)));
        assert!(!newcomers.admits(at(200), now));
        assert!(newcomers.admits(Network::of(IpAddr::from([203, 0, 114, 1])), now));
        assert!(newcomers.admits(at(1), now + SignedDuration::from_mins(60)));
        let v6 = |text: &str| Network::of(text.parse().unwrap());
        assert_eq!(v6("2001:db8:1:200::1"), v6("2001:db8:1:2ff:1:2:3:4"));
        assert_ne!(v6("2001:db8:1:200::1"), v6("2001:db8:1:300::1"));
        assert_eq!(v6("::ffff:203.0.113.9"), at(1));
    }

    #[test]
    fn only_a_proxy_of_ours_is_believed() {
        let ip = |text: &str| text.parse::<IpAddr>().unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("198.51.100.7, 203.0.113.9, 10.0.0.2"));
        let proxies = [ip("10.0.0.1"), ip("10.0.0.2")];
        assert_eq!(origin(ip("192.0.2.1"), &headers, &proxies), ip("192.0.2.1"), "nobody's proxy");
        assert_eq!(
            origin(ip("10.0.0.1"), &headers, &proxies),
            ip("203.0.113.9"),
            "what others said before is not"
        );
        headers.insert("x-forwarded-for", HeaderValue::from_static("rubbish"));
        assert_eq!(origin(ip("10.0.0.1"), &headers, &proxies), ip("10.0.0.1"));
    }
}
