//! Feedback by example, and its laws over ten thousand lives made by chance.

use jiff::SignedDuration;
use proptest::{collection::vec, prelude::*, sample::select};

use super::{counts::Counts, redaction::find, *};
use crate::{
    calendar::tests::{at, province},
    report::Period,
};

const ALPHA: &str = "1";
const BETA: &str = "2";

fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

fn officer(code: &str) -> Hand {
    Hand::Officer(unit(code), OfficerId::of("37", &format!("{code}-01")))
}

fn received(kind: FeedbackKind, desk: &str) -> Standing {
    let about = BTreeSet::from([unit(desk)]);
    Standing::receive(&province(), kind, about, Some(unit(desk)), at("2026-01-05T09:00")).unwrap()
}

fn after(standing: &Standing, hand: Hand, act: Act, when: &str) -> Result<Standing, String> {
    standing.after(&province(), hand, act, at(when)).map_err(|refusal| refusal.reason)
}

#[test]
fn each_part_has_its_time_and_the_clock_stands_still_while_more_is_asked() {
    let new = received(FeedbackKind::Suggestion, ALPHA);
    let dates = [new.refuse_by, new.ask_by, new.answer_by];
    // Saturday the 10th is worked.
    assert_eq!(dates, ["2026-01-07T09:00", "2026-01-10T09:00", "2026-01-23T09:00"].map(at));
    assert_eq!(received(FeedbackKind::Question, ALPHA).answer_by, at("2026-01-16T09:00"));
    let asked = after(&new, officer(ALPHA), Act::Ask, "2026-01-06T10:00").unwrap();
    assert_eq!((asked.state, asked.due_at()), (State::AwaitingAuthor, None));
    let replied = after(&asked, Hand::Author, Act::Reply, "2026-01-08T11:00").unwrap();
    // Two working days and an hour later.
    let dates = [replied.refuse_by, replied.ask_by, replied.answer_by];
    assert_eq!(dates, ["2026-01-09T10:00", "2026-01-13T10:00", "2026-01-27T10:00"].map(at));
    let answered = after(&replied, officer(ALPHA), Act::Answer, "2026-01-09T16:00").unwrap();
    assert_eq!(answered.publish_by, Some(at("2026-01-12T16:00")));
}

#[test]
fn nobody_handles_a_complaint_about_themselves() {
    let complaint = received(FeedbackKind::Complaint, ALPHA);
    assert_eq!(complaint.desk, Desk::Province);
    for hand in [officer(ALPHA), Hand::Supervisor(unit(ALPHA)), officer(BETA)] {
        assert!(!complaint.is_seen_by(hand));
        assert_eq!(after(&complaint, hand, Act::Answer, "2026-01-06T10:00"), Err("OTHER_UNIT".into()));
    }
    let back = after(&complaint, Hand::Province, Act::Pass(unit(ALPHA)), "2026-01-06T10:00");
    assert_eq!(back, Err("ABOUT_THEMSELVES".into()));
    let passed = after(&complaint, Hand::Province, Act::Pass(unit(BETA)), "2026-01-06T10:00").unwrap();
    assert!(passed.is_seen_by(officer(BETA)) && !passed.is_seen_by(officer(ALPHA)));
}

#[test]
fn whoever_answers_holds_it_and_only_moderators_publish() {
    let new = received(FeedbackKind::Question, ALPHA);
    let other = Hand::Officer(unit(ALPHA), OfficerId::of("37", "1-02"));
    let taken = after(&new, officer(ALPHA), Act::Take, "2026-01-06T10:00").unwrap();
    assert_eq!(after(&taken, other, Act::Answer, "2026-01-06T10:00"), Err("HELD_BY_ANOTHER".into()));
    assert_eq!(after(&taken, Hand::Author, Act::Answer, "2026-01-06T10:00"), Err("NOT_AUTHORS".into()));
    assert_eq!(
        after(&taken, officer(ALPHA), Act::Publish, "2026-01-06T10:00"),
        Err("MODERATORS_ONLY".into())
    );
    let answered = after(&taken, officer(ALPHA), Act::Answer, "2026-01-06T10:00").unwrap();
    let refusal =
        answered.after(&province(), officer(ALPHA), Act::Answer, at("2026-01-06T10:00")).unwrap_err();
    assert_eq!(refusal.metadata[0], ("state".into(), "answered".into()));
    assert!(refusal.metadata[1].1.contains("PublishFeedback"), "{refusal:?}");
    let published =
        after(&answered, Hand::Supervisor(unit(ALPHA)), Act::Publish, "2026-01-07T10:00").unwrap();
    assert_eq!(published.due_at(), None);
    let hidden = after(&published, Hand::Province, Act::KeepPrivate, "2026-01-07T10:00").unwrap();
    assert_eq!((hidden.state, hidden.published_at), (State::KeptPrivate, None));
}

#[test]
fn whoever_is_dissatisfied_has_it_looked_at_again_once_and_higher() {
    let answered =
        after(&received(FeedbackKind::Question, ALPHA), officer(ALPHA), Act::Answer, "2026-01-06T10:00")
            .unwrap();
    let bad = Act::Rate(Rating::Dissatisfied);
    let again = after(&answered, Hand::Author, bad, "2026-01-08T10:00").unwrap();
    assert_eq!((again.state, again.desk), (State::Received, Desk::Supervisor(unit(ALPHA))));
    assert_eq!((again.received_at, again.counted_from), (at("2026-01-05T09:00"), at("2026-01-08T10:00")));
    assert_eq!(after(&again, officer(ALPHA), Act::Answer, "2026-01-08T10:00"), Err("OTHER_UNIT".into()));
    let second = after(&again, Hand::Supervisor(unit(ALPHA)), Act::Answer, "2026-01-09T10:00").unwrap();
    let rated = after(&second, Hand::Author, bad, "2026-01-09T11:00").unwrap();
    assert_eq!((rated.state, rated.rated), (State::Answered, Some(Rating::Dissatisfied)));
    assert_eq!(after(&rated, Hand::Author, bad, "2026-01-09T12:00"), Err("ANSWER_RATED_BEFORE".into()));
}

#[test]
fn what_is_not_answered_in_time_goes_to_the_supervisors_once() {
    let new = received(FeedbackKind::Question, ALPHA);
    let taken = after(&new, officer(ALPHA), Act::Take, "2026-01-06T10:00").unwrap();
    assert_eq!(taken.raised(taken.answer_by), None);
    let late = at("2026-01-19T08:00");
    let raised = taken.raised(late).unwrap();
    assert_eq!((raised.desk, raised.holder), (Desk::Supervisor(unit(ALPHA)), None));
    assert_eq!((raised.answer_by, raised.raised_at), (taken.answer_by, Some(late)));
    // They may give it back, and it stays there.
    let back = after(&raised, Hand::Supervisor(unit(ALPHA)), Act::Pass(unit(ALPHA)), "2026-01-19T09:00");
    assert_eq!(back.unwrap().raised(at("2026-01-20T09:00")), None);
    // Nobody is late who waits for its author, and what lies at the province lies as high as can be.
    let asked = after(&new, officer(ALPHA), Act::Ask, "2026-01-06T10:00").unwrap();
    assert_eq!(asked.raised(late), None);
    assert_eq!(received(FeedbackKind::Complaint, ALPHA).raised(at("2026-06-01T08:00")), None);
}

#[test]
fn whoever_asked_notes_what_they_were_answered() {
    let asked = after(&received(FeedbackKind::Question, ALPHA), officer(ALPHA), Act::Ask, "2026-01-06T10:00");
    let asked = asked.unwrap();
    let noted = after(&asked, officer(ALPHA), Act::Reply, "2026-01-08T11:00").unwrap();
    assert_eq!(noted, after(&asked, Hand::Author, Act::Reply, "2026-01-08T11:00").unwrap());
    assert_eq!(after(&asked, officer(BETA), Act::Reply, "2026-01-08T11:00"), Err("OTHER_UNIT".into()));
    assert_eq!(after(&asked, officer(ALPHA), Act::Withdraw, "2026-01-08T11:00"), Err("NOT_AUTHORS".into()));
}

fn acts() -> impl Strategy<Value = Act> {
    let units = [ALPHA, BETA].map(|code| Act::Pass(unit(code)));
    let rest = [
        Act::Take,
        Act::Ask,
        Act::Reply,
        Act::Escalate(Escalation::Supervisor),
        Act::Escalate(Escalation::Province),
        Act::Refuse,
        Act::Answer,
        Act::Publish,
        Act::KeepPrivate,
        Act::Withdraw,
        Act::Rate(Rating::Satisfied),
        Act::Rate(Rating::Dissatisfied),
    ];
    select(units.into_iter().chain(rest).collect::<Vec<_>>())
}

fn hands() -> impl Strategy<Value = Hand> {
    let units = [ALPHA, BETA].into_iter().flat_map(|code| [officer(code), Hand::Supervisor(unit(code))]);
    select(units.chain([Hand::Author, Hand::Author, Hand::Province, Hand::Province]).collect::<Vec<_>>())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// Whatever is done to it by whomever: a complaint never reaches those that it is about, time only moves later and only by what the
    /// author was waited for, ends are ends, and a refusal says what is allowed.
    #[test]
    fn a_life_keeps_the_rules(
        kind in select(&FeedbackKind::ALL[..]),
        steps in vec((hands(), acts(), 0..20_000_i64), 1..24),
    ) {
        let clock = province();
        let mut now = at("2026-01-05T09:00");
        let mut standing = received(kind, ALPHA);
        for (hand, act, minutes) in steps {
            now += SignedDuration::from_mins(minutes);
            match standing.after(&clock, hand, act, now) {
                Ok(next) => {
                    prop_assert!(standing.state.allowed().contains(&act.rpc()));
                    prop_assert!(hand == Hand::Author || standing.is_seen_by(hand));
                    prop_assert_eq!(next.received_at, standing.received_at);
                    let reopened = next.reopened_at != standing.reopened_at;
                    prop_assert!(!reopened || standing.reopened_at.is_none());
                    if act == Act::Reply {
                        let waited = clock.minutes_between(standing.waiting_since.unwrap(), now).max(0);
                        let moved = clock.minutes_between(standing.answer_by, next.answer_by);
                        prop_assert!(moved == waited || moved == 0, "{} {}", moved, waited);
                    } else if !reopened {
                        prop_assert_eq!(next.answer_by, standing.answer_by);
                    }
                    standing = next;
                }
                Err(refusal) => {
                    let said = refusal.metadata.iter().any(|(key, _)| key == "allowed");
                    prop_assert_eq!(said, refusal.kind == crate::Kind::Precondition);
                }
            }
            if kind == FeedbackKind::Complaint {
                prop_assert!(standing.desk.unit() != Some(unit(ALPHA)));
            }
            prop_assert_eq!(standing.waiting_since.is_some(), standing.state == State::AwaitingAuthor);
            let answered = matches!(standing.state, State::Answered | State::Published | State::KeptPrivate);
            prop_assert_eq!(standing.answered_at.is_some(), answered);
            let written = serde_json::to_string(&standing).unwrap();
            prop_assert_eq!(&serde_json::from_str::<Standing>(&written).unwrap(), &standing);

            let window = "2026".parse::<Period>().unwrap().window(&clock, now + SignedDuration::from_mins(1)).unwrap();
            let mut counts = Counts::default();
            counts.add(&standing, &window);
            prop_assert_eq!(counts.received, counts.answered + counts.refused + counts.withdrawn + counts.running);
            prop_assert!(counts.answered_in_time <= counts.answered && counts.overdue <= counts.running);
            prop_assert!(counts.published_in_time <= counts.published && counts.refused_in_time <= counts.refused);
        }
    }

    /// A number stays a number however it is broken up, and its place is told.
    #[test]
    fn numbers_of_people_are_found(before in "[a-zà-ỹ ,]{0,12}", separator in select(vec!["", " ", ".", "-"])) {
        for number in ["037190001234", "0912345678"] {
            let text: Vec<_> = number.chars().map(String::from).collect();
            let before = format!("{before} ");
            let found = find(&format!("{before}{} nhé", text.join(separator)));
            prop_assert_eq!(found.map(|found| found.at), Some(before.chars().count() + 1));
        }
    }
}

#[test]
fn what_is_of_no_person_is_left_alone() {
    for text in [
        "Lệ phí 1.500.000.000 đồng theo Nghị quyết 12/2025/NQ-HĐND ngày 08/12/2025, từ 07:30 đến 11:30",
        "thủ tục 2.000815 tại quầy 3, phòng 101, năm 2026",
        "a @ b, @ninhbinh",
        "",
    ] {
        assert_eq!(find(text), None, "{text}");
    }
    for (text, what) in [
        ("gọi +84 912 345 678", "a telephone number"),
        ("84912345678", "a telephone number"),
        ("CMND 164123456", "an identity or account number"),
        ("số 0 3 7 1 9 0 0 0 1 2 3 4", "an identity number"),
        ("viết tới bi.mat@example.vn", "an e-mail address"),
    ] {
        assert_eq!(find(text).map(|found| found.what), Some(what), "{text}");
    }
    let refusal = check_public("answer", "xin gọi 0912 345 678", LONGEST_TEXT).unwrap_err();
    assert_eq!((refusal.reason.as_str(), refusal.violations[0].field.as_str()), ("PERSONAL_DATA", "answer"));
    assert!(refusal.message.contains("from character 9 on"), "{refusal}");
}
