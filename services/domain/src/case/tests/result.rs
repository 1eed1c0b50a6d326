//! Results: what may be issued, signed and handed over, and that each comes true once.

use proptest::prelude::*;

use super::*;

fn file(sha256: &str) -> FileFacts {
    FileFacts { sha256: sha256.to_owned(), size: 7, media_type: "application/pdf".to_owned() }
}

fn issued(sha256: &str) -> Issued {
    Issued {
        file: file(sha256),
        at: at("2026-11-23T01:00:00Z"),
        officer: OfficerId::of("37", "1"),
        signature: None,
    }
}

fn field(answer: Result<(), Rejection>) -> (String, String) {
    let refusal = answer.unwrap_err();
    (refusal.violations[0].field.clone(), refusal.reason)
}

#[test]
fn a_result_is_issued_once_and_by_whom_it_was_again() {
    let officer = |code| OfficerId::of("37", code);
    assert_eq!(issue(None, &file("a"), officer("1")), Ok(Once::Now));
    assert_eq!(issue(Some(&issued("a")), &file("a"), officer("1")), Ok(Once::Before));
    for (other, code) in [(file("b"), "1"), (file("a"), "2")] {
        let refusal = issue(Some(&issued("a")), &other, officer(code)).unwrap_err();
        assert_eq!(refusal.reason, "RESULT_ISSUED_BEFORE");
        assert_eq!(refusal.metadata, [("sha256".to_owned(), "a".to_owned())]);
    }
}

#[test]
fn a_signature_is_of_the_file_that_was_issued_and_stays() {
    let when = at("2026-11-23T02:00:00Z");
    let put =
        |issued: Option<&Issued>, sha256, same| sign(issued, sha256, SignatureFormat::Cades, when, same);
    assert_eq!(put(None, "a", false).unwrap_err().reason, "RESULT_NOT_ISSUED");
    assert_eq!(put(Some(&issued("a")), "b", false).unwrap_err().reason, "OTHER_FILE");
    assert_eq!(put(Some(&issued("a")), "a", false), Ok(Once::Now));
    let signature = Some(Signed { format: SignatureFormat::Cades, at: when, added_at: when });
    let signed = Issued { signature, ..issued("a") };
    assert_eq!(put(Some(&signed), "a", true), Ok(Once::Before));
    assert_eq!(put(Some(&signed), "a", false).unwrap_err().reason, "SIGNED_BEFORE");
    let otherwise = sign(Some(&signed), "a", SignatureFormat::Pades, when, true);
    assert_eq!(otherwise.unwrap_err().reason, "SIGNED_BEFORE");
}

#[test]
fn a_result_is_handed_over_once_and_electronically_only_where_there_is_a_file() {
    let handed = HandedOver { way: HandOverWay::Post, at: at("2026-11-23T01:00:00Z"), unit: unit("A") };
    assert_eq!(hand_over(false, None, HandOverWay::InPerson, false), Ok(Once::Now));
    let nothing = hand_over(false, None, HandOverWay::Electronic, false).unwrap_err();
    assert_eq!(nothing.reason, "RESULT_NOT_ISSUED");
    assert_eq!(hand_over(true, None, HandOverWay::Electronic, false), Ok(Once::Now));
    assert_eq!(hand_over(true, Some(&handed), HandOverWay::Post, true), Ok(Once::Before));
    for (way, same) in [(HandOverWay::Post, false), (HandOverWay::InPerson, true)] {
        assert_eq!(hand_over(true, Some(&handed), way, same).unwrap_err().reason, "HANDED_OVER_BEFORE");
    }
}

#[test]
fn whoever_ended_the_last_step_decided() {
    let done = Held { stage: Stage::Done(Outcome::Approved), ..held() };
    let second = Held {
        work_item: WorkItem::first(application(), 2),
        unit: unit("B"),
        stage: Stage::Done(Outcome::Refused),
        ..held()
    };
    let moved = Held { unit: unit("C"), stage: Stage::Superseded, ..second.clone() };
    let items = [done, moved, second];
    let standing = Standing::at;
    assert_eq!(standing(State::Refused, 2).decided_at(&items), Some(unit("B")));
    assert_eq!(standing(State::Granted, 1).decided_at(&items), Some(unit("A")));
    assert_eq!(standing(State::Queued, 2).decided_at(&items), None);
    let reason = |state| standing(state, 2).check_decided().map_err(|refusal| refusal.reason);
    assert_eq!((reason(State::Granted), reason(State::Refused)), (Ok(()), Ok(())));
    assert_eq!(reason(State::InProgress), Err("NOT_DECIDED".into()));
    assert_eq!(reason(State::AwaitingSupplement), Err("NOT_DECIDED".into()));
    assert_eq!(reason(State::Lapsed), Err("CASE_STOPPED".into()));
}

#[test]
fn what_cannot_be_kept_is_named() {
    let named = |field: &str, reason: &str| (field.to_owned(), reason.to_owned());
    check_file("Giấy khai sinh (bản 1).pdf", "application/pdf", MOST_RESULT_BYTES).unwrap();
    assert_eq!(field(check_file("", "application/pdf", 1)), named("file_name", "MISSING_FIELD"));
    for name in ["../a.pdf", "a\\b.pdf"] {
        assert_eq!(field(check_file(name, "application/pdf", 1)), named("file_name", "MALFORMED_FILE_NAME"));
    }
    for media_type in
        ["", "pdf", "application/", "/pdf", "Application/PDF", "text/html; charset=utf-8", "a/b/c"]
    {
        assert_eq!(field(check_file("a", media_type, 1)), named("media_type", "MALFORMED_MEDIA_TYPE"));
    }
    assert_eq!(field(check_file("a", "text/xml", 0)), named("content", "MISSING_FIELD"));
    assert_eq!(field(check_file("a", "text/xml", MOST_RESULT_BYTES + 1)), named("content", "TOO_LARGE"));
    let (early, late) = (at("2026-11-23T01:00:00Z"), at("2026-11-23T01:00:01Z"));
    check_signature("Ủy ban nhân dân xã A", 9, early, early).unwrap();
    assert_eq!(field(check_signature("", 9, early, late)), named("signer", "MISSING_FIELD"));
    assert_eq!(field(check_signature("A", 0, early, late)), named("signature", "MISSING_FIELD"));
    assert_eq!(field(check_signature("A", 1 << 20, early, late)), named("signature", "TOO_LARGE"));
    assert_eq!(field(check_signature("A", 9, late, early)), named("signed_at", "IN_THE_FUTURE"));
    check_receiver("Nguyễn Thị Lan, con gái của người nộp, tổ 12").unwrap();
    assert_eq!(field(check_receiver("")), named("receiver", "MISSING_FIELD"));
}

proptest! {
    /// Whatever is written around it and between its digits: no identity number gets through.
    #[test]
    fn no_identity_number_is_kept(
        before in "[A-Za-zà-ỹ ]{0,20}",
        digits in prop::collection::vec((0..10_u8, prop::sample::select(&["", " ", ".", "-"][..])), 9..13),
        after in "[A-Za-zà-ỹ ]{0,20}",
    ) {
        let number: String = digits.iter().map(|(digit, gap)| format!("{digit}{gap}")).collect();
        let refusal = check_receiver(&format!("{before}{number}{after}")).unwrap_err();
        prop_assert_eq!(refusal.reason, "IDENTITY_NUMBER");
    }
}

#[test]
fn whoever_decides_again_after_it_was_sent_back_has_decided() {
    let done = |attempt, at: &str| Held {
        work_item: WorkItem { attempt, ..WorkItem::first(application(), 1) },
        unit: unit(at),
        stage: Stage::Done(Outcome::Refused),
        ..held()
    };
    let refused = Standing::at(State::Refused, 1);
    assert_eq!(refused.decided_at(&[done(1, "A"), done(1001, "B")]), Some(unit("B")));
    let running = Standing::at(State::Queued, 1);
    assert_eq!(running.decided_at(&[done(1, "A")]), None);
}
