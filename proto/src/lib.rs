//! The contract, and nothing else: generated messages, clients and servers, and the boundary.
//!
//! ```text
//!   bytes  <-- prost -->  proto message  <-- this crate, TryFrom/From -->  domain value
//!                                            validation happens here, once, with field paths
//! ```
//!
//! A receiver converts and so validates; a sender builds messages from domain values and cannot fail.
//! One file per package: [`types`], [`events`], [`intake`], [`routing`], [`processing`],
//! [`notification`]; [`convert`] has the conversions of single values, [`application`] those of what citizens
//! hand in, [`registry`] those of live facts, [`coverage`] that of who may take what,
//! [`mod@feedback`] those of what people say; [`access`] says who may call what.

pub mod access;
pub mod application;
pub mod convert;
pub mod coverage;
pub mod feedback;
pub mod receipt;
pub mod registry;

macro_rules! package {
    ($(#[$doc:meta])* $name:ident, $proto:literal) => {
        $(#[$doc])*
        pub mod $name {
            /// Generated from the contract.
            #[allow(missing_docs, unreachable_pub, clippy::all, clippy::pedantic, clippy::restriction)]
            pub mod v1 {
                tonic::include_proto!($proto);
            }
        }
    };
}

package! {
    /// Values that more than one package speaks in.
    types, "phidia.types.v1"
}
package! {
    /// The vocabulary of the system and its hand-over.
    events, "phidia.events.v1"
}
package! {
    /// Intake's API.
    intake, "phidia.intake.v1"
}
package! {
    /// Routing's API.
    routing, "phidia.routing.v1"
}
package! {
    /// Processing's API.
    processing, "phidia.processing.v1"
}
package! {
    /// Notification's API.
    notification, "phidia.notification.v1"
}
package! {
    /// CloudEvents' protobuf format.
    cloudevents, "io.cloudevents.v1"
}

/// The whole contract as an encoded `FileDescriptorSet`, for reflection and for the tests.
pub const FILE_DESCRIPTOR_SET: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/phidia.descriptors"));

/// The largest message that a server takes or sends, in bytes: 4 MiB; but [`MAX_PROVINCE_BYTES`].
pub const MAX_MESSAGE_BYTES: usize = 4 * 1024 * 1024;

/// The largest message that brings in a province or its catalogue, in bytes: a province has two thousand procedures, which are one
/// document of 6 MiB where it is published, and more in the national database.
pub const MAX_PROVINCE_BYTES: usize = 16 * 1024 * 1024;
