//! One call: all of it from a seed, its number, and what is known of the house.

use std::fmt;

use phidia_domain::caller::Role;
use phidia_proto::{FILE_DESCRIPTOR_SET, MAX_MESSAGE_BYTES, access};
use prost::Message as _;
use prost_reflect::{DescriptorPool, DynamicMessage, MethodDescriptor, Value};
use rand::{RngExt as _, SeedableRng as _, seq::IndexedRandom as _};
use rand_chacha::ChaCha8Rng;
use tonic::codegen::http::HeaderValue;

use crate::{
    known::Known,
    metadata::{self, Told},
    value::Maker,
    wire::{self, Frame},
};

/// What only services call, over which clients' port does not answer for.
const INTERNAL: &str = "phidia.events.v1.EventSinkService";
/// A number that is no phase of an import: services are believed, and one that activates a version which intake
/// does not know has broken the province for good.
const NO_PHASE: i32 = 7;

/// A call.
pub(crate) struct Case {
    pub(crate) number: u64,
    pub(crate) path: String,
    pub(crate) told: Told,
    pub(crate) frame: Frame,
    /// What is sent.
    pub(crate) body: Vec<u8>,
    /// The RPC; none: there is no such one.
    pub(crate) method: Option<MethodDescriptor>,
    /// The request, where it is one.
    pub(crate) request: Option<DynamicMessage>,
    /// Whether some of its bytes are not as they were made.
    spoiled: bool,
    /// Its length.
    length: usize,
}

impl Case {
    /// The call of this number.
    pub(crate) fn of(seed: u64, number: u64, known: &Known) -> Self {
        let mut chance = ChaCha8Rng::seed_from_u64(seed);
        // A stream of its own, so that a case can be made without those before it.
        chance.set_stream(number);
        let methods: Vec<_> =
            pool().services().flat_map(|service| service.methods().collect::<Vec<_>>()).collect();
        let method = methods.choose(&mut chance).expect("some RPCs").clone();
        let known_rpc = !chance.random_bool(0.02);
        let path = match known_rpc {
            true => format!("/{}/{}", method.parent_service().full_name(), method.name()),
            false => ["/", "/phidia.intake.v1.ApplicationService/Drop", "/a/b/c", "//"]
                .choose(&mut chance)
                .map(|path| (*path).to_owned())
                .unwrap(),
        };
        let welcome = access::find(&path).map_or(&[][..], |row| row.roles);
        let mut told = metadata::told(&mut chance, welcome);

        let hostility = *[0.0, 0.0, 0.1, 0.3, 0.9].choose(&mut chance).unwrap();
        let mut message = Maker { chance: &mut chance, known, hostility }.message(&method.input());
        if method.name() == "InstallProvince" && told.role == Some(Role::Service) {
            let phase = *[0, 1, NO_PHASE, i32::MIN].choose(&mut chance).unwrap();
            message.set_field_by_name("phase", Value::EnumNumber(phase));
        }
        let mut message = message.encode_to_vec();
        let spoiled = chance.random_bool(0.2) && method.name() != "InstallProvince";
        if spoiled {
            wire::spoil(&mut chance, &mut message, &method.input());
        }
        let (body, frame) = wire::frame(&mut chance, &message);
        if let Frame::Compressed(how) = frame {
            told.headers.insert("grpc-encoding", HeaderValue::from_static(how));
        }
        let request = DynamicMessage::decode(method.input(), message.as_slice()).ok();
        let method = known_rpc.then_some(method);
        Self { number, path, told, frame, body, method, request, spoiled, length: message.len() }
    }

    /// Whether the caller may call it; none: who calls cannot be read.
    pub(crate) fn is_allowed(&self) -> Option<bool> {
        let role = self.told.role?;
        Some(access::find(&self.path).is_some_and(|row| row.roles.contains(&role)))
    }

    /// Whether the request says something in this field.
    pub(crate) fn states(&self, field: &str) -> bool {
        self.request.as_ref().is_some_and(|request| request.has_field_by_name(field))
    }

    /// Whether clients' port answers for it.
    pub(crate) fn is_served(&self) -> bool {
        self.method.as_ref().is_some_and(|method| method.parent_service().full_name() != INTERNAL)
    }

    /// Whether the server can read it, and takes so much; none: either is as well.
    pub(crate) fn is_readable(&self) -> Option<bool> {
        match self.frame {
            // What no encoder writes, one decoder skips where another one refuses it.
            Frame::Whole if self.spoiled && self.request.is_some() => None,
            Frame::Whole => Some(self.request.is_some() && self.length <= MAX_MESSAGE_BYTES),
            Frame::Broken | Frame::Compressed(_) => Some(false),
            Frame::More => None,
        }
    }
}

/// Without the megabytes.
impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let request = self.request.as_ref().map(|request| shortened(&request.to_string()));
        let bytes: String = self.body.iter().take(64).map(|byte| format!("{byte:02x}")).collect();
        f.debug_struct("Case")
            .field("number", &self.number)
            .field("path", &self.path)
            .field("headers", &self.told.headers)
            .field("frame", &self.frame)
            .field("request", &request)
            .field("body", &format!("{} bytes: {bytes}…", self.body.len()))
            .finish()
    }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(600) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}… ({} bytes)", &text[..end], text.len()),
    }
}

/// The contract.
pub(crate) fn pool() -> &'static DescriptorPool {
    static POOL: std::sync::OnceLock<DescriptorPool> = std::sync::OnceLock::new();
    POOL.get_or_init(|| DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap())
}
