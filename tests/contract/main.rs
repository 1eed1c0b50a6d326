//! The contract: what is served is what is written, each RPC has exactly one row in the access table.
#![allow(missing_docs, clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::collections::BTreeSet;

use phidia_proto::{FILE_DESCRIPTOR_SET, access};
use prost_reflect::DescriptorPool;

fn pool() -> DescriptorPool {
    DescriptorPool::decode(FILE_DESCRIPTOR_SET).unwrap()
}

fn paths() -> Vec<(String, bool)> {
    pool()
        .services()
        .flat_map(|service| {
            service
                .methods()
                .map(|method| {
                    let path = format!("/{}/{}", service.full_name(), method.name());
                    (path, method.is_client_streaming() || method.is_server_streaming())
                })
                .collect::<Vec<_>>()
        })
        .collect()
}

#[test]
fn every_rpc_has_exactly_one_row_in_the_access_table() {
    let contract: BTreeSet<_> = paths().into_iter().map(|(path, _)| path).collect();
    let rows: Vec<_> = access::TABLE.iter().map(|row| row.path.to_owned()).collect();
    let table: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(rows.len(), table.len(), "an RPC has two rows");
    assert_eq!(contract, table);
}

#[test]
fn a_row_that_streams_is_an_rpc_that_streams() {
    for (path, streams) in paths() {
        assert_eq!(access::find(&path).unwrap().streaming, streams, "{path}");
    }
}

#[test]
fn every_row_names_somebody() {
    assert!(access::TABLE.iter().all(|row| !row.roles.is_empty()));
}

#[test]
fn what_is_not_in_the_table_may_be_called_by_nobody() {
    assert!(access::find("/phidia.intake.v1.ApplicationService/DeleteEverything").is_none());
}

#[test]
fn packages_are_versioned_and_ours() {
    let packages: BTreeSet<_> = pool().services().map(|service| service.package_name().to_owned()).collect();
    let expected = ["events", "intake", "notification", "processing", "routing"];
    assert_eq!(packages, expected.iter().map(|name| format!("phidia.{name}.v1")).collect());
}

#[test]
fn no_wire_number_is_used_twice_or_reserved_by_accident() {
    // protox refuses the former; this keeps the vocabulary's facts apart from its envelope.
    let event = pool().get_message_by_name("phidia.events.v1.Event").unwrap();
    for fact in event.oneofs().find(|oneof| oneof.name() == "fact").unwrap().fields() {
        assert!(fact.number() >= 20, "{} stands among the envelope's numbers", fact.name());
    }
}
