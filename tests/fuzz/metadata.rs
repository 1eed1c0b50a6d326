//! Who calls, and what else a call's headers say.

use phidia_domain::caller::Role;
use phidia_runtime::identity;
use rand::{RngExt as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use tonic::codegen::http::{HeaderMap, HeaderName, HeaderValue};

use crate::known::Known;

/// Times that nobody can keep.
const TIGHT: &[&str] = &["0n", "1n", "1u", "1m", "0S"];
/// Times that are no limit, or none at all.
const AMPLE: &[&str] = &["99999999H", "99999999S", "999999999S", "-1S", "+1S", "1s", "S", "", "NaN", "30S"];
/// Headers that mean nothing, or something malformed.
const ODD: &[(&str, &[u8])] = &[
    ("traceparent", b"00-0000-0000-00"),
    ("traceparent", b"\xff\xfe"),
    ("tracestate", b"=,=,="),
    ("grpc-accept-encoding", b"\x80,,gzip"),
    ("authorization", b"Bearer "),
    ("x-bin-bin", b"%%%"),
    ("user-agent", b"\xff"),
    ("grpc-status", b"13"),
    ("x-forwarded-for", b"127.0.0.1, ::1"),
];

/// What a call's headers say.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) headers: HeaderMap,
    /// The caller's role; none: who calls cannot be read.
    pub(crate) role: Option<Role>,
    /// The time that was given may pass before there is an answer.
    pub(crate) tight: bool,
}

/// Says who calls, more often than not somebody of `welcome`.
pub(crate) fn told(chance: &mut ChaCha8Rng, welcome: &[Role]) -> Told {
    let roles = if !welcome.is_empty() && chance.random_bool(0.8) { welcome } else { &Role::ALL };
    let role = *roles.choose(chance).unwrap();
    let (unit, officer) = Known::officer(chance);
    let mut headers = HeaderMap::new();
    let mut say = |name: &'static str, value: &[u8]| {
        headers.append(HeaderName::from_static(name), HeaderValue::from_bytes(value).unwrap());
    };
    let mut readable = true;
    // Each fault in itself makes who calls unreadable.
    let fault = if chance.random_bool(0.06) { chance.random_range(0..8) } else { usize::MAX };
    match fault {
        0 => readable = false,
        1 => say(identity::ROLE, b"emperor"),
        2 => say(identity::ROLE, b"\xff\xff"),
        _ => say(identity::ROLE, role.as_str().as_bytes()),
    }
    if fault == 3 {
        say(identity::ROLE, b"operator");
    }
    match fault {
        4 => {}
        5 => say(identity::NAME, b"%ff%fe"),
        6 => say(identity::NAME, &[b'a'; 4_000]),
        _ => say(identity::NAME, b"th%E1%BB%AD"),
    }
    let staff = matches!(role, Role::Officer | Role::Supervisor);
    if fault == 7 {
        say(identity::UNIT, b"ctr_90001");
    } else if staff || chance.random_bool(0.1) {
        say(identity::UNIT, unit.to_string().as_bytes());
    }
    if role == Role::Officer && chance.random_bool(0.95) {
        say(identity::OFFICER, officer.to_string().as_bytes());
    }
    readable &= fault == usize::MAX;

    let mut tight = false;
    if chance.random_bool(0.1) {
        tight = chance.random_bool(0.4);
        say("grpc-timeout", (if tight { TIGHT } else { AMPLE }).choose(chance).unwrap().as_bytes());
    }
    if chance.random_bool(0.1) {
        let (name, value) = ODD.choose(chance).unwrap();
        say(name, value);
    }
    Told { headers, role: readable.then_some(role), tight }
}
