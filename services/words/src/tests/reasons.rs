//! Every reason that a service gives has its sentence.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use crate::reason;

/// Never the reason that somebody at the command line is given: said between services, about messages that
/// were sent, in test builds alone, in the log of the national portal, or about files (then as a line of `MALFORMED_PROVINCE`).
const NOT_MET: &[&str] = &[
    "ADDRESS_NOT_SUPPORTED",
    "ANSWER_TOO_LONG",
    "BEGUN_EARLIER",
    "CONTACT_DOES_NOT_OPEN",
    "DIGEST_FORGOTTEN",
    "DOSSIER_NOT_TAKEN_YET",
    "FAILED_FOR_TOO_LONG",
    "FEWER_THAN_ANNOUNCED",
    "LANE_LOST",
    "LIMIT_ZERO",
    "MALFORMED_ADDRESS",
    "MALFORMED_CLOCK",
    "MALFORMED_EVENT",
    "MALFORMED_FILE_ID",
    "MALFORMED_ITEM",
    "MALFORMED_LETTER",
    "MALFORMED_MESSAGE_BODY",
    "MALFORMED_NUMBER",
    "MALFORMED_PSEUDONYM",
    "MALFORMED_SECRET",
    "MALFORMED_TRACEPARENT",
    "MONDAY_CLOSED",
    "NOT_CONNECTED",
    "NO_ADDRESS",
    "NO_OUTCOME",
    "NO_PROVIDER",
    "NO_RECEIPT",
    "OTHER_APPLICATION",
    "PARKED_BEHIND",
    "PORTAL_AWAY",
    "RECIPIENT_UNKNOWN",
    "TIME_ZONE_UNKNOWN",
    "TOO_LONG",
    "TOO_MUCH_REFUSED",
    "UNKNOWN_ITEM",
    "WEEKDAY_UNKNOWN",
];

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|is| is == "rs") && path.file_stem().unwrap() != "tests" {
            found.push(path);
        }
    }
}

/// In the form of a reason, but none; words of the national portal among them.
const OTHER_LITERALS: &[&str] = &[
    "BO_SUNG",
    "CARGO_PKG_VERSION",
    "CU_TRU",
    "DAT_DAI",
    "DA_NHAN",
    "HO_SO",
    "OUT_DIR",
    "RUT_HO_SO",
    "SCREAMING_SNAKE_CASE",
    "SO_GOC",
    "THANH_TOAN",
    "TRU_SO",
    "TU_CHOI",
    "WORKING_DAY",
    "WORKING_HOUR",
];

/// What stands in the code, apart from tests, as a literal in the form of a reason.
fn reasons() -> BTreeSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut files = Vec::new();
    sources(&root.join("proto/src"), &mut files);
    for service in fs::read_dir(root.join("services")).unwrap() {
        let folder = service.unwrap().path().join("src");
        if folder.is_dir()
            && !["phidia", "words"].iter().any(|of| folder.starts_with(root.join("services").join(of)))
        {
            sources(&folder, &mut files);
        }
    }
    let mut reasons = BTreeSet::new();
    for file in files {
        let text = fs::read_to_string(file).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap();
        let is_reason = |literal: &&str| {
            literal.starts_with(|first: char| first.is_ascii_uppercase())
                && literal.contains('_')
                && literal.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
                && !OTHER_LITERALS.contains(literal)
        };
        reasons.extend(code.split('"').filter(is_reason).map(str::to_owned));
    }
    reasons
}

#[test]
fn every_reason_that_a_person_can_meet_has_a_sentence() {
    let reasons = reasons();
    assert!(reasons.contains("UNKNOWN_PROCEDURE") && reasons.contains("OLD_FENCE"), "{reasons:?}");
    let silent: Vec<_> = reasons
        .iter()
        .filter(|reason| self::reason(reason).is_none() && !NOT_MET.contains(&reason.as_str()))
        .collect();
    assert!(silent.is_empty(), "services/words/catalogue/reasons.ftl has no sentence for {silent:?}");
}
