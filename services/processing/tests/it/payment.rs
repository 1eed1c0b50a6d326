//! A case waits until its citizen has paid, and goes on.

use phidia_domain::{Kind, Rejection, case::Outcome, work_item::WorkItem};
use phidia_proto::{
    convert,
    events::v1::{
        ApplicationSubmitted, PaymentReceived, PaymentWay, StopGround, StopRequested, Verdict, WaitedFor,
        case_paused::WaitsFor, event::Fact,
    },
    processing::v1::{
        Case, CaseState, ExplainDeadlineRequest, ExplainDeadlineResponse, GetReportRequest,
        GetServiceIndexRequest, ListReportCasesRequest, ReportFigure, ReportSelection, RequestPaymentRequest,
        explain_deadline_request::Key,
    },
};
use phidia_runtime::status;

use crate::{
    harness::{Office, at, submission, supervisor},
    province::BIRTH,
};

/// Three working days from Monday 08:00, on a calendar of Mondays and Wednesdays.
const PROMISED: &str = "2026-12-02T01:00:00Z";
/// Monday, 10:00: asked for.
const ASKED: &str = "2026-11-23T03:00:00Z";
const APPLIED: (Verdict, String) = (Verdict::Applied, String::new());

fn birth() -> ApplicationSubmitted {
    ApplicationSubmitted { due_at: Some(convert::wire_timestamp(at(PROMISED))), ..submission(BIRTH) }
}

pub(crate) async fn charge(
    office: &Office,
    item: WorkItem,
    fence: u64,
    amount_dong: i64,
    purpose: &str,
) -> Result<Case, Rejection> {
    let request = RequestPaymentRequest {
        work_item: Some(convert::wire_work_item(item)),
        fence,
        amount_dong,
        purpose: purpose.into(),
    };
    let answer = office.of("2-01").request_payment(request).await;
    answer.map(|answer| answer.into_inner().case.unwrap()).map_err(|status| status::from_status(&status))
}

async fn explain(office: &Office, item: WorkItem) -> ExplainDeadlineResponse {
    let key = Some(Key::ApplicationId(item.application.to_string()));
    let request = ExplainDeadlineRequest { key };
    office.client(supervisor(None)).explain_deadline(request).await.unwrap().into_inner()
}

fn paid(when: &str) -> Fact {
    paid_by(PaymentWay::Unspecified, when)
}

pub(crate) fn paid_by(way: PaymentWay, when: &str) -> Fact {
    Fact::PaymentReceived(PaymentReceived {
        paid_at: Some(convert::wire_timestamp(at(when))),
        amount_dong: 8_000,
        way: way.into(),
    })
}

/// What subscribers heard last, of so many facts.
async fn heard(office: &Office, facts: usize) -> Fact {
    office.told.events("routing", facts).await.pop().unwrap().fact.unwrap()
}

/// A case that is in hand since Monday at ten.
async fn in_hand(office: &Office) -> WorkItem {
    let item = office.open_case(1, birth(), "2").await;
    office.claim("2-01", item, 0).await.unwrap();
    office.clock.set(at(ASKED));
    item
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_stands_still_until_the_citizen_has_paid() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    charge(&office, item, 1, 8_000, "Lệ phí trước bạ").await.unwrap();

    let Fact::CasePaused(paused) = heard(&office, 3).await else { panic!("something else") };
    let Some(WaitsFor::Payment(due)) = paused.waits_for else { panic!("waits for something else") };
    assert_eq!((due.amount_dong, due.purpose.as_str()), (8_000, "Lệ phí trước bạ"));
    assert!(office.worklist("2-01").await.is_empty());
    let refusal = office.complete("2-01", item, 1, Outcome::Approved, "").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Precondition, "STEP_PAUSED"));
    // Asked again after a lost answer.
    let case = charge(&office, item, 1, 8_000, "Lệ phí trước bạ").await.unwrap();
    assert_eq!((case.state(), case.payments.len()), (CaseState::AwaitingPayment, 1));
    // A week later as much is left as on Monday at ten.
    office.clock.set(at("2026-11-30T03:00:00Z"));
    assert_eq!(explain(&office, item).await.minutes_left, Some(22 * 60));

    // Paid on Wednesday at 08:00, and heard of an hour later, twice.
    office.clock.set(at("2026-12-02T02:00:00Z"));
    for _ in 0..2 {
        let answer = office.tell("intake", item.application, paid("2026-12-02T01:00:00Z")).await;
        assert_eq!(answer, APPLIED);
    }
    let Fact::CaseResumed(resumed) = heard(&office, 4).await else { panic!("something else") };
    assert_eq!(resumed.waited_for(), WaitedFor::Payment);
    let [line] = office.worklist("2-01").await.try_into().unwrap();
    assert_eq!((line.fence, line.due_at), (2, resumed.due_at));
    let explained = explain(&office, item).await;
    assert!(explained.same);
    assert_eq!(explained.minutes_left, Some(22 * 60 - 60));

    // A tax may follow the fee; both times count.
    office.claim("2-01", item, 2).await.unwrap();
    let case = charge(&office, item, 3, 120_000, "Thuế thu nhập cá nhân").await.unwrap();
    assert_eq!(case.payments.len(), 2);
    office.clock.set(at("2026-12-07T02:00:00Z"));
    office.tell("intake", item.application, paid("2026-12-07T02:00:00Z")).await;
    let explained = explain(&office, item).await;
    assert_eq!((explained.same, explained.minutes_left), (true, Some(22 * 60 - 60)));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_says_how_much_and_what_for_and_holds_the_step() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    for (amount, purpose, field) in
        [(0, "Phí", "amount_dong"), (-5, "Phí", "amount_dong"), (1, "", "purpose"), (1, "a\u{7}", "purpose")]
    {
        let refusal = charge(&office, item, 1, amount, purpose).await.unwrap_err();
        assert_eq!((refusal.kind, refusal.violations[0].field.as_str()), (Kind::Invalid, field));
    }
    let refusal = charge(&office, item, 2, 1, "Phí").await.unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Conflict, "OLD_FENCE"));
    office.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_asked_for_is_refused_and_what_is_withdrawn_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    let item = in_hand(&office).await;
    let (verdict, reason) = office.tell("intake", item.application, paid(ASKED)).await;
    assert_eq!((verdict, reason.as_str()), (Verdict::Refused, "NO_PAYMENT_ASKED"));
    charge(&office, item, 1, 8_000, "Phí").await.unwrap();
    // Long after the promised instant: while the clock stands still, it cannot become late.
    office.clock.set(at("2026-12-30T03:00:00Z"));
    let stop = Fact::StopRequested(StopRequested { ground: StopGround::Withdrawn.into() });
    assert_eq!(office.tell("intake", item.application, stop).await, APPLIED);
    let Fact::CaseStopped(stopped) = heard(&office, 4).await else { panic!("something else") };
    assert!(stopped.on_time);
    assert_eq!(office.tell("intake", item.application, paid(ASKED)).await, APPLIED);
    let case = office.get(supervisor(None), item).await.unwrap().case.unwrap();
    assert_eq!((case.state(), case.payments[0].paid_at), (CaseState::Withdrawn, None));
    office.close().await;
}

/// Cases that have ended, as unit 2 was paid for them at this instant: one in cash and online, one online, one nobody knows how, one not at
/// all, and one by a transfer.
pub(crate) async fn paid_in_all_ways(office: &Office, when: &str) {
    use PaymentWay::{Cash, Online, Transfer, Unspecified};
    let ways: [&[PaymentWay]; 5] = [&[Cash, Online], &[Online, Online], &[Unspecified], &[], &[Transfer]];
    for (number, ways) in (20..).zip(ways) {
        let item = office.open_case(number, birth(), "2").await;
        let mut fence = 0;
        office.claim("2-01", item, fence).await.unwrap();
        for way in ways {
            charge(office, item, fence + 1, 8_000, "Lệ phí").await.unwrap();
            assert_eq!(office.tell("intake", item.application, paid_by(*way, when)).await, APPLIED);
            fence += 2;
            office.claim("2-01", item, fence).await.unwrap();
        }
        office.complete("2-01", item, fence + 1, Outcome::Refused, "Thiếu bản chính").await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_it_was_paid_is_counted_where_somebody_has_told() {
    let folder = tempfile::tempdir().unwrap();
    let office = Office::open(folder.path()).await;
    office.clock.set(at(ASKED));
    paid_in_all_ways(&office, ASKED).await;
    let selection = Some(ReportSelection { period: "2026-11".into(), ..ReportSelection::default() });
    let mut reports = office.reports(supervisor(None));
    let request = GetReportRequest { selection: selection.clone(), by: 0 };
    let figures = reports.get_report(request).await.unwrap().into_inner().total.unwrap();
    assert_eq!((figures.finished, figures.paid_online, figures.paid_otherwise), (5, 1, 2));
    let request = GetServiceIndexRequest { selection: selection.clone(), by: 0 };
    let index = reports.get_service_index(request).await.unwrap().into_inner();
    let share = index.shares.unwrap().paid_online.unwrap();
    assert_eq!((share.count, share.of), (1, 3));
    for (figure, paid_online, count) in
        [(ReportFigure::PaidOnline, true, 1), (ReportFigure::PaidOtherwise, false, 2)]
    {
        let request = ListReportCasesRequest {
            selection: selection.clone(),
            figure: figure.into(),
            ..ListReportCasesRequest::default()
        };
        let listed = reports.list_report_cases(request).await.unwrap().into_inner().cases;
        assert_eq!(listed.len(), count);
        assert!(listed.iter().all(|case| case.paid_online == Some(paid_online)));
    }
    office.close().await;
}
