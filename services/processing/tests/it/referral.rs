//! What offices ask each other during a case, and how it goes on.

use phidia_domain::{
    Kind, Rejection,
    caller::{Caller, Role},
    case::Outcome,
    work_item::WorkItem,
};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, StopGround, StopRequested, Verdict, WaitedFor, case_paused::WaitsFor,
        event::Fact,
    },
    processing::v1::{
        AcknowledgeReferralRequest, AnswerReferralRequest, CaseState, ExplainDeadlineRequest,
        ListReferralsRequest, RecallReferralRequest, ReferCaseRequest, Referral, ReferralSide, ReferralState,
        explain_deadline_request::Key, referral_service_client::ReferralServiceClient,
    },
    types::v1::ReferralKind,
};
use phidia_runtime::{peer::Peer, status};
use tonic::{Response, Status};

use crate::{
    harness::{Office, an_officer, at, submission, supervisor},
    province::{BIRTH, unit},
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// Monday, 10:00: asked.
const ASKED: &str = "2026-11-23T03:00:00Z";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());
const QUESTION: &str = "Ông Nguyễn Văn A có đăng ký kết hôn trước đây không?";

fn birth() -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(PROMISED))), ..submission(BIRTH) }
}

/// The system of the department.
fn department() -> Caller {
    Caller { role: Role::System, name: "so-d".into(), unit: Some(unit("D")), officer: None }
}

fn refused(status: &Status) -> (Kind, String) {
    let Rejection { kind, reason, .. } = status::from_status(status);
    (kind, reason)
}

impl Office {
    fn referrals(&self, caller: Caller) -> ReferralServiceClient<Peer> {
        ReferralServiceClient::new(self.peer(caller))
    }

    pub(crate) async fn refer(
        &self,
        item: WorkItem,
        fence: u64,
        kind: ReferralKind,
        codes: &[&str],
        days: u32,
    ) -> Result<Vec<Referral>, Rejection> {
        let request = ReferCaseRequest {
            work_item: Some(convert::wire_work_item(item)),
            fence,
            kind: kind.into(),
            unit_codes: codes.iter().map(ToString::to_string).collect(),
            question: QUESTION.into(),
            working_days: days,
        };
        let answer = self.referrals(an_officer("2-01")).refer_case(request).await;
        answer.map(|answer| answer.into_inner().referrals).map_err(|status| status::from_status(&status))
    }

    async fn answer(&self, caller: Caller, id: &str, answer: &str) -> Result<Referral, Status> {
        let request = AnswerReferralRequest { referral_id: id.into(), answer: answer.into() };
        let answer = self.referrals(caller).answer_referral(request).await;
        answer.map(|answer| answer.into_inner().referral.unwrap())
    }

    async fn recall(&self, caller: Caller, id: &str) -> Result<Referral, Status> {
        let request = RecallReferralRequest { referral_id: id.into() };
        let answer = self.referrals(caller).recall_referral(request).await;
        answer.map(|answer| answer.into_inner().referral.unwrap())
    }

    async fn asked(&self, caller: Caller, all: bool) -> Result<Vec<Referral>, Status> {
        let request = ListReferralsRequest { all, ..ListReferralsRequest::default() };
        self.referrals(caller).list_referrals(request).await.map(|answer| answer.into_inner().referrals)
    }

    async fn state(&self, item: WorkItem) -> CaseState {
        self.get(supervisor(None), item).await.unwrap().case.unwrap().state()
    }
}

/// What subscribers heard, of so many facts, from a place on.
async fn heard(office: &Office, facts: usize, from: usize) -> Vec<Fact> {
    let events = office.told.events("notification", facts).await;
    events.into_iter().skip(from).map(|event| event.fact.unwrap()).collect()
}

/// A case that is in hand since Monday at ten.
async fn in_hand(office: &Office) -> WorkItem {
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at(ASKED));
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_goes_on_with_the_last_answer_and_the_clock_runs_meanwhile() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let asked = office.refer(item, 1, ReferralKind::Verification, &["1", "3"], 0).await.unwrap();
    // Three working days, on a calendar of two a week.
    let due_at = Some(convert::wire_timestamp(at("2026-12-02T03:00:00Z")));
    assert!(asked.iter().all(|one| one.due_at == due_at && one.state() == ReferralState::Open));
    let Some(Fact::CasePaused(paused)) = heard(&office, 3, 2).await.pop() else { panic!("else") };
    let Some(WaitsFor::Referrals(made)) = paused.waits_for else { panic!("waits for something else") };
    // What is asked stays where it was asked.
    assert_eq!(made.referrals.len(), 2);
    assert_eq!(office.state(item).await, CaseState::Referred);
    assert!(office.worklist("2-01").await.is_empty());
    // Asked again after a lost answer: the same two.
    let again = office.refer(item, 1, ReferralKind::Verification, &["1", "3"], 0).await.unwrap();
    assert_eq!(again, asked);

    // Each sees its own, and the case as long as it is asked.
    let [own] = office.asked(an_officer("3-01"), false).await.unwrap().try_into().unwrap();
    assert_eq!((own.question.as_str(), &own.referral_id), (QUESTION, &asked[1].referral_id));
    let seen = office.get(an_officer("3-01"), item).await.unwrap();
    assert_eq!(seen.transitions, [], "who did what is for colleagues");
    let request = AcknowledgeReferralRequest { referral_id: own.referral_id.clone() };
    for _ in 0..2 {
        let answer = office.referrals(an_officer("3-01")).acknowledge_referral(request.clone()).await;
        let acknowledged = answer.map(Response::into_inner).unwrap().referral.unwrap().acknowledged_at;
        assert_eq!(acknowledged, Some(convert::wire_timestamp(at(ASKED))));
    }
    office.answer(an_officer("3-01"), &own.referral_id, "Không có.").await.unwrap();
    assert_eq!(office.state(item).await, CaseState::Referred);
    assert_eq!(office.get(an_officer("3-01"), item).await.unwrap_err().kind, Kind::NotFound);

    office.clock.set(at("2026-11-25T01:00:00Z"));
    let id = &asked[0].referral_id;
    let answered = office.answer(an_officer("1-01"), id, "Chưa từng.").await.unwrap();
    assert_eq!((answered.state(), answered.late), (ReferralState::Answered, false));
    // The first answer is the one that was acted upon.
    let again = office.answer(an_officer("1-02"), id, "Đã từng.").await.unwrap();
    assert_eq!(again.answer, "Chưa từng.");
    let facts = heard(&office, 6, 3).await;
    let [Fact::ReferralEnded(one), Fact::ReferralEnded(other), Fact::CaseResumed(resumed)] = &facts[..]
    else {
        panic!("{facts:?}")
    };
    assert!(one.answered && other.answered);
    assert_eq!(one.from_unit_id, unit("2").to_string());
    assert_eq!(resumed.waited_for(), WaitedFor::Offices);
    // No date has moved, and the time that went by is gone.
    assert_eq!(resumed.due_at, Some(convert::wire_timestamp(at(PROMISED))));
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let explained =
        office.client(supervisor(None)).explain_deadline(ExplainDeadlineRequest { key }).await.unwrap();
    let explained = explained.into_inner();
    assert_eq!((explained.same, explained.minutes_left), (true, Some(16 * 60)));
    // Whoever takes it up reads the answers.
    let request = ListReferralsRequest {
        side: ReferralSide::AskedBy.into(),
        all: true,
        ..ListReferralsRequest::default()
    };
    let all = office.referrals(an_officer("2-01")).list_referrals(request).await.unwrap().into_inner();
    let mut answers: Vec<_> = all.referrals.iter().map(|one| one.answer.as_str()).collect();
    answers.sort_unstable();
    assert_eq!(answers, ["Chưa từng.", "Không có."]);
    office.claim("2-01", item, 2).await.unwrap();
    office.complete("2-01", item, 3, Outcome::Approved, "").await.unwrap();
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_system_of_an_agency_does_its_part_over_the_same_api() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let asked = office.refer(item, 1, ReferralKind::Agency, &["D"], 2).await.unwrap();
    let [own] = office.asked(department(), false).await.unwrap().try_into().unwrap();
    assert_eq!(own.referral_id, asked[0].referral_id);
    // Two working days from Monday at ten: the second is Wednesday, until Monday at ten.
    assert_eq!(own.due_at, Some(convert::wire_timestamp(at("2026-11-30T03:00:00Z"))));
    office.clock.set(at("2026-11-30T03:00:01Z"));
    let answered = office.answer(department(), &own.referral_id, "Đồng ý.").await.unwrap();
    assert!(answered.late);
    assert_eq!(office.state(item).await, CaseState::Queued);
    // A system that is of no unit sees nobody's questions.
    let nobody = Caller { unit: None, ..department() };
    assert_eq!(refused(&office.asked(nobody.clone(), true).await.unwrap_err()).0, Kind::Forbidden);
    let request = ListReferralsRequest { unit_code: "1".into(), ..ListReferralsRequest::default() };
    let other = office.referrals(department()).list_referrals(request).await.unwrap_err();
    assert_eq!(refused(&other), (Kind::Forbidden, "OTHER_UNIT".into()));
    let other = office.answer(nobody, &own.referral_id, "Đồng ý.").await.unwrap_err();
    assert_eq!(refused(&other), (Kind::Forbidden, "OTHER_UNIT".into()));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_asked_may_take_it_back_and_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let asked = office.refer(item, 1, ReferralKind::Verification, &["1"], 3).await.unwrap();
    let id = &asked[0].referral_id;
    let other = office.recall(an_officer("1-01"), id).await.unwrap_err();
    assert_eq!(refused(&other), (Kind::Forbidden, "OTHER_UNIT".into()));
    let other = office.answer(an_officer("2-01"), id, "Không có.").await.unwrap_err();
    assert_eq!(refused(&other), (Kind::Forbidden, "OTHER_UNIT".into()));
    for _ in 0..2 {
        let recalled = office.recall(supervisor(Some("2")), id).await.unwrap();
        assert_eq!(recalled.state(), ReferralState::Recalled);
    }
    assert_eq!(office.state(item).await, CaseState::Queued);
    let late = office.answer(an_officer("1-01"), id, "Không có.").await.unwrap_err();
    assert_eq!(refused(&late), (Kind::Precondition, "REFERRAL_ENDED".into()));
    let facts = heard(&office, 5, 3).await;
    let [Fact::ReferralEnded(ended), Fact::CaseResumed(_)] = &facts[..] else { panic!("{facts:?}") };
    assert!(!ended.answered);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_that_ends_leaves_nobody_with_a_question() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let asked = office.refer(item, 1, ReferralKind::Verification, &["1"], 0).await.unwrap();
    let stop = Fact::StopRequested(StopRequested { ground: StopGround::Withdrawn.into() });
    assert_eq!(office.tell("intake", item.application, stop).await, APPLIED);
    let facts = heard(&office, 5, 3).await;
    let [Fact::ReferralEnded(moot), Fact::CaseStopped(_)] = &facts[..] else { panic!("{facts:?}") };
    assert!(!moot.answered);
    assert!(office.asked(an_officer("1-01"), false).await.unwrap().is_empty());
    let [ended] = office.asked(an_officer("1-01"), true).await.unwrap().try_into().unwrap();
    assert_eq!(ended.state(), ReferralState::Moot);
    let late = office.answer(an_officer("1-01"), &asked[0].referral_id, "Không có.").await.unwrap_err();
    assert_eq!(refused(&late), (Kind::Precondition, "REFERRAL_ENDED".into()));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_last_answers_at_once_the_case_goes_on_once() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let asked = office.refer(item, 1, ReferralKind::Verification, &["1", "3"], 0).await.unwrap();
    let (one, other) = tokio::join!(
        office.answer(an_officer("1-01"), &asked[0].referral_id, "Không có."),
        office.answer(an_officer("3-01"), &asked[1].referral_id, "Không có."),
    );
    assert!(one.is_ok() && other.is_ok());
    assert_eq!(office.state(item).await, CaseState::Queued);
    let facts = heard(&office, 6, 3).await;
    assert_eq!(facts.iter().filter(|fact| matches!(fact, Fact::CaseResumed(_))).count(), 1);
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_is_refused_with_the_field() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    use ReferralKind::{Agency, Unspecified, Verification};
    for (kind, codes, days, field) in [
        (Verification, &[][..], 0, "unit_codes"),
        (Verification, &["2"], 0, "unit_codes"),
        (Verification, &["1", "1"], 0, "unit_codes"),
        (Verification, &["9"], 0, "unit_codes[0]"),
        (Verification, &["1"; 11], 0, "unit_codes"),
        (Verification, &["1"], 4, "working_days"),
        (Agency, &["D"], 0, "working_days"),
        (Agency, &["D"], 61, "working_days"),
        (Unspecified, &["1"], 0, "kind"),
    ] {
        let refusal = office.refer(item, 1, kind, codes, days).await.unwrap_err();
        assert_eq!(
            (refusal.kind, refusal.violations[0].field.as_str()),
            (Kind::Invalid, field),
            "{kind:?} {codes:?} {days}"
        );
    }
    let refusal = office.refer(item, 7, Verification, &["1"], 0).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    assert_eq!(office.state(item).await, CaseState::InProgress);
    let unknown = office.recall(supervisor(None), "ref_00000000000000000000000000000001").await.unwrap_err();
    assert_eq!(refused(&unknown), (Kind::NotFound, "UNKNOWN_REFERRAL".into()));
    office.close().await;
}
