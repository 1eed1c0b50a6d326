//! Generates the Rust code of the contract with protox: no protoc, nothing generated in git.

use std::{env, error::Error, fs, path::PathBuf};

use prost::Message as _;

const FILES: &[&str] = &[
    // What the details of a status are, so that whoever reflects can read them.
    "google/rpc/error_details.proto",
    "phidia/types/v1/types.proto",
    "phidia/events/v1/event.proto",
    "phidia/events/v1/event_sink_service.proto",
    "phidia/events/v1/conservation_service.proto",
    "phidia/events/v1/outbox_service.proto",
    "phidia/intake/v1/application_service.proto",
    "phidia/intake/v1/attachment_service.proto",
    "phidia/intake/v1/catalogue_service.proto",
    "phidia/intake/v1/draft_service.proto",
    "phidia/intake/v1/equipment_service.proto",
    "phidia/intake/v1/faq_service.proto",
    "phidia/intake/v1/feedback_service.proto",
    "phidia/intake/v1/numbering_service.proto",
    "phidia/intake/v1/portal_service.proto",
    "phidia/intake/v1/queue_service.proto",
    "phidia/intake/v1/receipt_service.proto",
    "phidia/intake/v1/reception_service.proto",
    "phidia/routing/v1/policy_service.proto",
    "phidia/routing/v1/registry_service.proto",
    "phidia/routing/v1/routing_service.proto",
    "phidia/processing/v1/case_service.proto",
    "phidia/processing/v1/referral_service.proto",
    "phidia/processing/v1/result_service.proto",
    "phidia/processing/v1/report_service.proto",
    "phidia/processing/v1/plan_service.proto",
    "phidia/notification/v1/office_service.proto",
    "phidia/notification/v1/event_service.proto",
    "phidia/notification/v1/subscription_service.proto",
    // CloudEvents' protobuf format, as webhooks may send it.
    "io/cloudevents/v1/cloudevents.proto",
    "phidia/notification/v1/template_service.proto",
];
const NOTIFICATION: &str = "phidia/notification/v1/notification_service.proto";

fn main() -> Result<(), Box<dyn Error>> {
    // tonic-prost-build 0.14 does not say by itself that it depends on the files.
    println!("cargo:rerun-if-changed=phidia");
    println!("cargo:rerun-if-changed=google");
    println!("cargo:rerun-if-changed=io");
    let descriptors = protox::compile(FILES.iter().copied().chain([NOTIFICATION]), ["."])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    fs::write(out.join("phidia.descriptors"), descriptors.encode_to_vec())?;
    // Ordered maps: what is written from them is the same on every run.
    let types = tonic_prost_build::configure().btree_map(".").extern_path(".google.rpc", "::tonic_types::pb");
    types.compile_fds(descriptors)?;
    Ok(())
}
