//! What receipts cost: to sign one, and to close a day and prove one receipt of it: `cargo bench -p phidia-domain --bench receipt`.
#![allow(missing_docs, clippy::unwrap_used, reason = "it measures")]

use divan::{Bencher, black_box};
use jiff::tz;
use phidia_domain::receipt::{Accepted, Hash, KeyId, Local, Signed, tree};
use ring::{digest, signature::Ed25519KeyPair};

fn main() {
    divan::main();
}

fn sha256(bytes: &[u8]) -> Hash {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().unwrap()
}

fn accepted() -> Accepted {
    let local = |text: &str| Local { at: text.parse().unwrap(), offset: tz::offset(7) };
    Accepted {
        province: "37".into(),
        dossier_code: "H42.14701-261123-0001".into(),
        procedure_code: "1.004873".into(),
        received_at_code: "14701".into(),
        return_at_code: "13285".into(),
        received_at: local("2026-11-23T02:00:00.123456Z"),
        due_at: Some(local("2026-11-26T02:00:00Z")),
    }
}

fn sign() -> Signed<Accepted> {
    let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    Signed::sign(accepted(), KeyId([1; 8]), |bytes| key.sign(bytes).as_ref().try_into().unwrap())
}

#[divan::bench]
fn sign_a_receipt(bencher: Bencher<'_, '_>) {
    let key = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).unwrap();
    let said = accepted();
    bencher.bench_local(|| {
        Signed::sign(black_box(said.clone()), KeyId([1; 8]), |bytes| {
            key.sign(bytes).as_ref().try_into().unwrap()
        })
        .text()
    });
}

const DAYS: [u32; 2] = [1_000, 10_000];

fn leaves(count: u32) -> Vec<Hash> {
    let text = sign().text();
    (0..count).map(|number| tree::leaf(sha256, &sha256(&number.to_be_bytes()), &text)).collect()
}

#[divan::bench(args = DAYS)]
fn root_of_a_day(bencher: Bencher<'_, '_>, count: u32) {
    let leaves = leaves(count);
    bencher.bench_local(|| tree::root(sha256, black_box(&leaves)));
}

#[divan::bench(args = DAYS)]
fn path_of_one_receipt(bencher: Bencher<'_, '_>, count: u32) {
    let leaves = leaves(count);
    bencher.bench_local(|| tree::path(sha256, black_box(&leaves), leaves.len() / 3));
}
