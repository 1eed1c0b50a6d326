//! The Merkle tree of a day: a hash that stands for all its leaves, and for each of them a short path that shows that it is among them
//! (RFC 9162, section 2.1; RFC 6962 before it). Leaves and nodes are hashed apart, so that none can stand for the other.

use super::{HASH, Hash, Salt};

/// The leaf of a receipt. Who does not know its salt can test no guess against it.
pub fn leaf(sha256: fn(&[u8]) -> Hash, salt: &Salt, receipt: &str) -> Hash {
    leaf_of(sha256, &[salt.as_slice(), receipt.as_bytes()].concat())
}

pub(super) fn leaf_of(sha256: fn(&[u8]) -> Hash, data: &[u8]) -> Hash {
    sha256(&[&[0], data].concat())
}

fn node(sha256: fn(&[u8]) -> Hash, left: &Hash, right: &Hash) -> Hash {
    let mut bytes = [1; 1 + 2 * HASH];
    bytes[1..=HASH].copy_from_slice(left);
    bytes[1 + HASH..].copy_from_slice(right);
    sha256(&bytes)
}

/// Where the leaves of a tree with more than one part: behind the largest power of two that is smaller than their number.
fn parting(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

/// The root of the tree of these leaves.
pub fn root(sha256: fn(&[u8]) -> Hash, leaves: &[Hash]) -> Hash {
    match leaves {
        [] => sha256(&[]),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(parting(leaves.len()));
            node(sha256, &root(sha256, left), &root(sha256, right))
        }
    }
}

/// The path from a leaf to the root, from below; empty where there is no such leaf.
pub fn path(sha256: fn(&[u8]) -> Hash, leaves: &[Hash], index: usize) -> Vec<Hash> {
    if leaves.len() < 2 || index >= leaves.len() {
        return Vec::new();
    }
    let at = parting(leaves.len());
    let (left, right) = leaves.split_at(at);
    let (mut below, beside) = match index < at {
        true => (path(sha256, left, index), root(sha256, right)),
        false => (path(sha256, right, index - at), root(sha256, left)),
    };
    below.push(beside);
    below
}

/// Whether a leaf is the one with this index in the tree of `size` leaves that has this root (RFC 9162, section 2.1.3.2).
pub fn holds(
    sha256: fn(&[u8]) -> Hash,
    leaf: &Hash,
    (index, size): (u64, u64),
    path: &[Hash],
    root: &Hash,
) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut reckoned) = (index, size - 1, *leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            reckoned = node(sha256, beside, &reckoned);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            reckoned = node(sha256, &reckoned, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && reckoned == *root
}
