use jiff::{civil::date, tz};
use proptest::prelude::*;
use ring::{
    digest,
    signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey},
};

use super::*;

fn sha256(bytes: &[u8]) -> Hash {
    digest::digest(&digest::SHA256, bytes).as_ref().try_into().unwrap()
}

fn ed25519(key: &PublicKey, message: &[u8], signature: &Signature) -> bool {
    UnparsedPublicKey::new(&ED25519, key.0).verify(message, signature).is_ok()
}

const CHECKS: Checks = Checks { sha256, ed25519 };

struct House(Ed25519KeyPair);

impl House {
    fn of(seed: u8) -> Self {
        Self(Ed25519KeyPair::from_seed_unchecked(&[seed; 32]).unwrap())
    }

    fn key(&self) -> PublicKey {
        PublicKey(self.0.public_key().as_ref().try_into().unwrap())
    }

    fn sign<S: Statement>(&self, statement: S) -> Signed<S> {
        Signed::sign(statement, self.key().id(sha256), |bytes| {
            self.0.sign(bytes).as_ref().try_into().unwrap()
        })
    }
}

fn local(text: &str) -> Local {
    Local { at: text.parse().unwrap(), offset: tz::offset(7) }
}

fn accepted(number: u32) -> Accepted {
    Accepted {
        province: "37".into(),
        dossier_code: format!("H42.14701-261123-{number:04}"),
        procedure_code: "1.004873".into(),
        received_at_code: "14701".into(),
        return_at_code: "13285".into(),
        received_at: local("2026-11-23T02:00:00.123456Z"),
        due_at: Some(local("2026-11-26T02:00:00Z")),
    }
}

/// A day of so many receipts: the receipts, their salts, and the day.
fn day(house: &House, count: u32) -> (Vec<Signed<Accepted>>, Vec<Salt>, Vec<Hash>, Signed<Closed>) {
    let receipts: Vec<_> = (0..count).map(|number| house.sign(accepted(number + 1))).collect();
    let salts: Vec<Salt> = (0..count).map(|number| sha256(&number.to_be_bytes())).collect();
    let leaves: Vec<_> = receipts
        .iter()
        .zip(&salts)
        .map(|(receipt, salt)| tree::leaf(sha256, salt, &receipt.text()))
        .collect();
    let closed = house.sign(Closed {
        province: "37".into(),
        day: date(2026, 11, 23),
        count: count.into(),
        root: tree::root(sha256, &leaves),
        previous: Some(sha256(b"before")),
        sums: sha256(b"sums"),
    });
    (receipts, salts, leaves, closed)
}

fn saved(house: &House, count: u32, index: usize) -> String {
    let (receipts, salts, leaves, root) = day(house, count);
    let path = tree::path(sha256, &leaves, index);
    let proof = Proof { salt: salts[index], index: index.try_into().unwrap(), path, root };
    File::of(&receipts[index], &[house.key()], Some(&proof)).write().unwrap()
}

fn reason(text: &str, pins: &Pins) -> String {
    verify(text, pins, CHECKS).unwrap_err().reason
}

#[test]
fn a_receipt_is_short_says_what_it_says_in_capitals_and_is_read_again() {
    let signed = House::of(1).sign(accepted(1));
    let text = signed.text();
    let said = "PHIDIA1/37/H42.14701-261123-0001/1.004873/14701/13285/20261123T090000.123456+0700/20261126T090000+0700/";
    assert!(text.starts_with(said), "{text}");
    assert!(text.len() < 230 && !text.contains(|sign: char| sign.is_ascii_lowercase()), "{text}");
    assert_eq!(Signed::<Accepted>::parse(&text), Ok(signed.clone()));
    assert_eq!(signed.check(&House::of(1).key(), CHECKS), Ok(()));
    assert_eq!(signed.check(&House::of(2).key(), CHECKS).unwrap_err().reason, "RECEIPT_CHANGED");
    assert_eq!(House::of(1).sign(accepted(1)).text(), text, "signed again it is the same");
}

#[test]
fn what_is_promised_to_nobody_and_odd_codes_go_there_and_back() {
    let odd = Accepted { due_at: None, received_at_code: "sở/Đ %2F".into(), ..accepted(1) };
    let signed = House::of(1).sign(odd);
    assert_eq!(Signed::parse(&signed.text()), Ok(signed));
}

#[test]
fn the_tree_is_that_of_the_standard() {
    // The vectors by which implementations of Certificate Transparency are compared.
    let data: [&[u8]; 8] = [
        b"",
        b"\x00",
        b"\x10",
        b"\x20\x21",
        b"\x30\x31",
        b"\x40\x41\x42\x43",
        b"\x50\x51\x52\x53\x54\x55\x56\x57",
        b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
    ];
    let leaves: Vec<_> = data.iter().map(|data| tree::leaf_of(sha256, data)).collect();
    let hex = |hash: Hash| hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    for (count, root) in [
        (0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        (1, "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        (3, "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"),
        (7, "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"),
        (8, "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"),
    ] {
        assert_eq!(hex(tree::root(sha256, &leaves[..count])), root, "{count}");
    }
}

#[test]
fn a_file_shows_what_was_accepted_and_in_which_tree_it_is() {
    let house = House::of(1);
    let text = saved(&house, 5, 3);
    let open = verify(&text, &Pins::default(), CHECKS).unwrap();
    assert_eq!((open.receipt.statement.clone(), open.is_pinned), (accepted(4), false));
    let closed = open.day.unwrap().closed.statement;
    assert_eq!((closed.day, closed.count), (date(2026, 11, 23), 5));
    let pins = Pins { keys: vec![House::of(2).key(), house.key()], roots: vec![closed.root] };
    let pinned = verify(&text, &pins, CHECKS).unwrap();
    assert!(pinned.is_pinned && pinned.day.unwrap().is_pinned);

    let stranger = Pins { keys: vec![House::of(2).key()], ..Pins::default() };
    assert_eq!(reason(&text, &stranger), "UNKNOWN_KEY");
    let other_root = Pins { roots: vec![sha256(b"another day")], ..Pins::default() };
    assert_eq!(reason(&text, &other_root), "ROOT_NOT_PINNED");
}

#[test]
fn before_its_day_is_closed_a_file_shows_the_receipt_alone() {
    let house = House::of(1);
    let text = File::of(&house.sign(accepted(1)), &[house.key()], None).write().unwrap();
    assert_eq!(verify(&text, &Pins::default(), CHECKS).unwrap().day, None);
    let root = Pins { roots: vec![sha256(b"a day")], ..Pins::default() };
    assert_eq!(reason(&text, &root), "ROOT_NOT_PINNED");
}

#[test]
fn the_text_of_a_code_needs_a_pinned_key() {
    let house = House::of(1);
    let text = house.sign(accepted(1)).text();
    assert_eq!(reason(&text, &Pins::default()), "KEY_REQUIRED");
    let pins = |seed| Pins { keys: vec![House::of(seed).key()], ..Pins::default() };
    assert!(verify(&format!("{text}\n"), &pins(1), CHECKS).unwrap().is_pinned);
    assert_eq!(reason(&text, &pins(2)), "UNKNOWN_KEY");
    for rubbish in ["", "PHIDIA1", "H42.14701-261123-0001", &text[..text.len() - 1], &text.to_lowercase()] {
        assert_eq!(reason(rubbish, &pins(1)), "MALFORMED_RECEIPT", "{rubbish}");
    }
}

#[test]
fn the_proof_of_another_receipt_is_none() {
    let house = House::of(1);
    let (receipts, salts, leaves, root) = day(&house, 6);
    for (salt, index, path) in [(1, 1, 1), (0, 1, 0), (0, 0, 1), (1, 0, 0)] {
        let path = tree::path(sha256, &leaves, path);
        let proof = Proof { salt: salts[salt], index, path, root: root.clone() };
        let text = File::of(&receipts[0], &[house.key()], Some(&proof)).write().unwrap();
        assert_eq!(reason(&text, &Pins::default()), "WRONG_PROOF");
    }
    // Nor the day of another province.
    let closed = Closed { province: "38".into(), ..root.statement };
    let proof =
        Proof { salt: salts[0], index: 0, path: tree::path(sha256, &leaves, 0), root: house.sign(closed) };
    let text = File::of(&receipts[0], &[house.key()], Some(&proof)).write().unwrap();
    assert_eq!(reason(&text, &Pins::default()), "WRONG_PROOF");
}

#[test]
fn after_a_rotation_both_keys_are_in_the_file_and_have_to_be_pinned() {
    let (old, new) = (House::of(1), House::of(2));
    let receipt = old.sign(accepted(1));
    let salt = sha256(b"salt");
    let leaf = tree::leaf(sha256, &salt, &receipt.text());
    let closed = Closed { count: 1, root: leaf, ..day(&old, 1).3.statement };
    let proof = Proof { salt, index: 0, path: Vec::new(), root: new.sign(closed) };
    let keys = [old.key(), new.key()];
    let text = File::of(&receipt, &keys, Some(&proof)).write().unwrap();
    let pins = |keys: &[PublicKey]| Pins { keys: keys.to_vec(), ..Pins::default() };
    assert!(verify(&text, &pins(&keys), CHECKS).is_ok());
    assert_eq!(reason(&text, &pins(&keys[..1])), "UNKNOWN_KEY");
    assert_eq!(reason(&text, &pins(&keys[1..])), "UNKNOWN_KEY");
    let missing = File::of(&receipt, &keys[..1], Some(&proof)).write().unwrap();
    assert_eq!(reason(&missing, &Pins::default()), "RECEIPT_CHANGED");
}

/// Every byte, in every way.
#[test]
fn no_byte_of_a_file_or_of_a_code_can_be_another() {
    let house = House::of(1);
    let pins = Pins { keys: vec![house.key()], ..Pins::default() };
    let file = saved(&house, 3, 2);
    let code = house.sign(accepted(1)).text();
    for (text, pins) in [(&file, &Pins::default()), (&file, &pins), (&code, &pins)] {
        assert!(verify(text, pins, CHECKS).is_ok());
        for place in 0..text.len() {
            for bit in 0..8 {
                let mut bytes = text.clone().into_bytes();
                bytes[place] ^= 1 << bit;
                let Ok(other) = String::from_utf8(bytes) else { continue };
                assert!(verify(&other, pins, CHECKS).is_err(), "byte {place}, bit {bit}: {other}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn base_32_goes_there_and_back_in_one_way(bytes: [u8; 33], place in 0_usize..53, sign in 0x20_u8..0x7f) {
        let text = base32::write(&bytes);
        prop_assert_eq!(base32::read(&text), Some(bytes));
        let mut other = text.clone().into_bytes();
        other[place] = sign;
        let other = String::from_utf8(other).unwrap();
        if let Some(read) = base32::read::<33>(&other) {
            prop_assert_eq!(base32::write(&read), other);
        }
        prop_assert_eq!(base32::read::<32>(&text), None);
    }

    #[test]
    fn every_leaf_is_shown_to_be_there_and_nothing_else_is(
        count in 1_usize..70,
        index in 0_usize..70,
        other in 0_usize..70,
        size in 0_u64..80,
        flip in 0_usize..256,
    ) {
        let index = index % count;
        let leaves: Vec<_> = (0..count).map(|number| sha256(&number.to_be_bytes())).collect();
        let (root, path) = (tree::root(sha256, &leaves), tree::path(sha256, &leaves, index));
        let at = (index as u64, count as u64);
        let holds = |leaf: &Hash, at, path: &[Hash], root: &Hash| tree::holds(sha256, leaf, at, path, root);
        prop_assert!(holds(&leaves[index], at, &path, &root));
        // Another leaf, another place.
        if other % count != index {
            prop_assert!(!holds(&leaves[other % count], at, &path, &root));
            prop_assert!(!holds(&leaves[index], ((other % count) as u64, at.1), &path, &root));
        }
        prop_assert!(!holds(&leaves[index], (at.1, at.1), &path, &root));
        // A node is no leaf: what is above it cannot be passed off for it.
        if let [_, above @ ..] = &path[..] {
            prop_assert!(!holds(&leaves[index], at, above, &root));
        }
        // One bit, anywhere.
        let flipped = |hash: &Hash| { let mut hash = *hash; hash[flip / 8] ^= 1 << (flip % 8); hash };
        prop_assert!(!holds(&flipped(&leaves[index]), at, &path, &root));
        prop_assert!(!holds(&leaves[index], at, &path, &flipped(&root)));
        for place in 0..path.len() {
            let mut path = path.clone();
            path[place] = flipped(&path[place]);
            prop_assert!(!holds(&leaves[index], at, &path, &root));
        }
        // Another size whose path would be longer or shorter; that the size is the true one, the signed root says.
        let length = |size: u64| tree::path(sha256, &vec![[0; HASH]; usize::try_from(size).unwrap()], index).len();
        if size > at.0 && length(size) != path.len() {
            prop_assert!(!holds(&leaves[index], (at.0, size), &path, &root));
        }
    }

    #[test]
    fn what_is_signed_goes_there_and_back(
        codes in proptest::collection::vec("\\PC{0,20}", 5),
        micros in 0_i64..4_000_000_000_000_000,
        hours in -12_i8..=14,
        due in proptest::option::of(0_i64..4_000_000_000_000_000),
    ) {
        let local = |micros| Local {
            at: jiff::Timestamp::from_microsecond(micros).unwrap(),
            offset: tz::offset(hours),
        };
        let [province, dossier_code, procedure_code, received_at_code, return_at_code] =
            <[String; 5]>::try_from(codes).unwrap();
        let said = Accepted {
            province,
            dossier_code,
            procedure_code,
            received_at_code,
            return_at_code,
            received_at: local(micros),
            due_at: due.map(local),
        };
        let signed = House::of(1).sign(said);
        prop_assert_eq!(Signed::<Accepted>::parse(&signed.text()), Ok(signed));
    }
}
