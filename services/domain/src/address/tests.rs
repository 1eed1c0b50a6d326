use proptest::prelude::*;

use super::*;

/// All that is refused unless it is allowed, written anew after the registries; with what of it is judged otherwise left out.
const SPECIAL: [&str; 33] = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
    "255.255.255.255",
    "::",
    "::1",
    // Compatible with version 4, and translated.
    "::/96",
    "::ffff:0:0:0/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/32",
    "2001:2::/48",
    "2001:10::/28",
    "2001:db8::/32",
    "2002::/16",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "ff00::/8",
];

fn network(text: &str) -> Network {
    text.parse().unwrap()
}

fn address(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn special() -> impl Strategy<Value = (Network, u128)> {
    (prop::sample::select(SPECIAL.to_vec()).prop_map(network), any::<u128>())
}

/// An address of a network, its other bits from these.
fn within(network: Network, bits: u128) -> IpAddr {
    match network.first {
        IpAddr::V4(first) => {
            let mask = u32::MAX.checked_shr(network.length.into()).unwrap_or(0);
            Ipv4Addr::from_bits(first.to_bits() | (u32::try_from(bits & 0xffff_ffff).unwrap() & mask)).into()
        }
        IpAddr::V6(first) => {
            let mask = u128::MAX.checked_shr(network.length.into()).unwrap_or(0);
            Ipv6Addr::from_bits(first.to_bits() | (bits & mask)).into()
        }
    }
}

/// The addresses of version 6 that lead to one of version 4.
fn led_to(four: Ipv4Addr) -> [IpAddr; 2] {
    let nat64 = Ipv6Addr::from_bits(
        Ipv6Addr::new(0x64, 0xff9b, 0, 0, 0, 0, 0, 0).to_bits() | u128::from(four.to_bits()),
    );
    [four.to_ipv6_mapped().into(), nat64.into()]
}

fn any_network() -> impl Strategy<Value = Network> {
    let four = (any::<u32>(), 0..=32_u8).prop_map(|(bits, length)| {
        let kept = u32::MAX.checked_shr(length.into()).map_or(u32::MAX, |rest| !rest);
        Network { first: Ipv4Addr::from_bits(bits & kept).into(), length }
    });
    let six = (any::<u128>(), 0..=128_u8).prop_map(|(bits, length)| {
        let kept = u128::MAX.checked_shr(length.into()).map_or(u128::MAX, |rest| !rest);
        Network { first: Ipv6Addr::from_bits(bits & kept).into(), length }
    });
    prop_oneof![four, six]
}

#[test]
fn what_anybody_can_reach_may_be_called() {
    for text in [
        "1.1.1.1",
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "126.255.255.255",
        "128.0.0.0",
        "169.253.255.255",
        "172.15.255.255",
        "172.32.0.0",
        "192.0.1.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2400:cb00:2048:1::c629:d7a2",
        "2001:200::1",
        "2003::1",
        "::ffff:1.1.1.1",
        "64:ff9b::1.1.1.1",
    ] {
        assert!(may_call(address(text), &[]), "{text}");
    }
}

#[test]
fn first_and_last_address_of_each_special_network_may_not() {
    for text in SPECIAL {
        for bits in [0, u128::MAX] {
            let address = within(network(text), bits);
            assert!(!may_call(address, &[]), "{address} of {text}");
        }
    }
}

#[test]
fn what_is_no_network_is_refused_with_what_was_expected() {
    for text in [
        "",
        "10.0.0.0/33",
        "10.0.0.1/8",
        "10.0.0/8",
        "fd00::/129",
        "fd00::1/64",
        "10.0.0.0/",
        "10.0.0.0/+8",
        "10.0.0.0/08",
        "localhost",
        "010.0.0.0/8",
        "::/0/0",
        "fe80::1%eth0",
    ] {
        let refused = text.parse::<Network>().unwrap_err();
        assert_eq!(refused.reason, "MALFORMED_NETWORK", "{text}");
    }
    assert!(serde_json::from_str::<Network>("\"10.1.0.0/16\"").unwrap().contains(address("10.1.255.3")));
    assert!(serde_json::from_str::<Network>("\"10.1.0.0/4\"").is_err());
}

#[test]
fn everything_of_a_version_is_a_network_and_one_address_is_one() {
    assert!(may_call(address("127.0.0.1"), &[network("0.0.0.0/0")]));
    assert!(may_call(address("::1"), &[network("::/0")]));
    assert!(!may_call(address("::1"), &[network("0.0.0.0/0")]));
    assert!(may_call(address("127.0.0.1"), &[network("127.0.0.1")]));
    assert!(!may_call(address("127.0.0.2"), &[network("127.0.0.1")]));
}

proptest! {
    #[test]
    fn no_special_address_may_be_called_by_whatever_way((network, bits) in special()) {
        let address = within(network, bits);
        prop_assert!(!may_call(address, &[]), "{address}");
        if let IpAddr::V4(four) = address {
            for way in led_to(four) {
                prop_assert!(!may_call(way, &[]), "{way}");
            }
        }
    }

    #[test]
    fn where_6to4_and_teredo_lead_nobody_asks(four: u32, rest in any::<u128>()) {
        let four = u128::from(four);
        let six_to_four = (0x2002_u128 << 112) | (four << 80) | (rest >> 48);
        let teredo = (0x2001_u128 << 112) | (four << 64) | (rest >> 64);
        for bits in [six_to_four, teredo] {
            prop_assert!(!may_call(Ipv6Addr::from_bits(bits).into(), &[]));
        }
    }

    #[test]
    fn an_address_that_leads_to_another_is_judged_as_that_one(four: u32, networks in prop::collection::vec(any_network(), 0..3)) {
        let four = Ipv4Addr::from_bits(four);
        let networks: Vec<_> = networks.into_iter().filter(|network| network.first.is_ipv4()).collect();
        for way in led_to(four) {
            prop_assert_eq!(may_call(way, &networks), may_call(four.into(), &networks));
            prop_assert_eq!(is_among(way, &networks), is_among(four.into(), &networks));
        }
    }

    #[test]
    fn the_standard_library_finds_nothing_worse(bits in any::<u128>(), four: u32) {
        // A second opinion on what is stable there.
        let four = Ipv4Addr::from_bits(four);
        if may_call(four.into(), &[]) {
            prop_assert!(!(four.is_private() || four.is_loopback() || four.is_link_local() || four.is_broadcast()
                || four.is_documentation() || four.is_unspecified() || four.is_multicast()));
        }
        let six = Ipv6Addr::from_bits(bits);
        if may_call(six.into(), &[]) {
            prop_assert!(!(six.is_loopback() || six.is_unspecified() || six.is_multicast()
                || six.is_unique_local() || six.is_unicast_link_local()));
        }
    }

    #[test]
    fn what_is_allowed_may_be_called_and_allowing_takes_nothing_away(allowed in any_network(), bits: u128, other: u128) {
        prop_assert!(may_call(within(allowed, bits), &[allowed]));
        for address in [Ipv6Addr::from_bits(other).into(), within(network("0.0.0.0/0"), other)] {
            prop_assert!(!may_call(address, &[]) || may_call(address, &[allowed]));
            prop_assert_eq!(may_call(address, &[allowed]), may_call(address, &[]) || is_among(address, &[allowed]));
        }
    }

    #[test]
    fn a_network_holds_what_begins_as_it_does_and_nothing_else(network in any_network(), bits: u128, flipped in 0..128_u32) {
        let inside = within(network, bits);
        prop_assert!(network.contains(inside));
        // One bit of the length changed leads out of it.
        if network.length > 0 {
            let flipped = flipped % u32::from(network.length);
            let outside = match inside {
                IpAddr::V4(four) => IpAddr::from(Ipv4Addr::from_bits(four.to_bits() ^ (1 << (31 - flipped)))),
                IpAddr::V6(six) => IpAddr::from(Ipv6Addr::from_bits(six.to_bits() ^ (1 << (127 - flipped)))),
            };
            prop_assert!(!network.contains(outside), "{outside} in {network}");
        }
    }

    #[test]
    fn a_network_is_read_as_it_is_written(network in any_network()) {
        prop_assert_eq!(network.to_string().parse::<Network>().unwrap(), network);
        let json = serde_json::to_string(&network).unwrap();
        prop_assert_eq!(serde_json::from_str::<Network>(&json).unwrap(), network);
    }
}
