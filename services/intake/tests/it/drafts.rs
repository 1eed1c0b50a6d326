//! What is written, saved, perhaps by two, and handed in once.

use std::time::Duration;

use futures::future::join_all;
use phidia_domain::{
    Rejection,
    caller::{Caller, Role},
    id::UnitId,
};
use phidia_proto::intake::v1::{
    Applicant, CheckApplicationRequest, CheckApplicationResponse, DeleteDraftRequest, DocumentForm, Draft,
    GetDraftRequest, GetDraftResponse, HandedInDocument, ListDraftsRequest, SaveDraftRequest,
    SubmitApplicationRequest, SubmitApplicationResponse, SubmitDraftRequest, check_application_request::What,
};
use phidia_runtime::status::{from_status, to_status};
use tonic_types::StatusExt as _;

use crate::{
    attachments::pdf,
    harness::{Intake, NAME, at, caller, files, officer, request, system, until},
};

fn citizen(name: &str) -> Caller {
    Caller { name: name.into(), ..caller(Role::Citizen, None) }
}

fn officer_called(name: &str, unit: &str) -> Caller {
    Caller { name: name.into(), ..officer(unit) }
}

async fn save(
    intake: &Intake,
    caller: &Caller,
    seen: Option<&Draft>,
    application: SubmitApplicationRequest,
) -> Result<Draft, Rejection> {
    let request = SaveDraftRequest {
        draft_id: seen.map(|draft| draft.draft_id.clone()).unwrap_or_default(),
        revision: seen.map_or(0, |draft| draft.revision),
        application: Some(application),
    };
    let answer = intake.drafts(caller.clone()).save_draft(request).await;
    Ok(answer.map_err(|status| from_status(&status))?.into_inner().draft.unwrap())
}

async fn get(intake: &Intake, caller: &Caller, draft: &Draft) -> Result<GetDraftResponse, String> {
    let request = GetDraftRequest { draft_id: draft.draft_id.clone() };
    let answer = intake.drafts(caller.clone()).get_draft(request).await;
    answer.map(tonic::Response::into_inner).map_err(|status| from_status(&status).reason)
}

async fn list(intake: &Intake, caller: &Caller, of_unit: bool) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let mut page_token = String::new();
    loop {
        let request = ListDraftsRequest { page_size: 7, page_token, of_unit };
        let page = intake.drafts(caller.clone()).list_drafts(request).await.unwrap().into_inner();
        drafts.extend(page.drafts);
        if page.next_page_token.is_empty() {
            return drafts;
        }
        page_token = page.next_page_token;
    }
}

async fn submit(
    intake: &Intake,
    caller: &Caller,
    draft: &Draft,
    revision: i64,
) -> Result<SubmitApplicationResponse, Rejection> {
    let request = SubmitDraftRequest { draft_id: draft.draft_id.clone(), revision, issued: None };
    let answer = intake.drafts(caller.clone()).submit_draft(request).await;
    Ok(answer.map_err(|status| from_status(&status))?.into_inner().submitted.unwrap())
}

async fn delete(intake: &Intake, caller: &Caller, draft: &Draft) -> Result<(), String> {
    let request = DeleteDraftRequest { draft_id: draft.draft_id.clone() };
    let answer = intake.drafts(caller.clone()).delete_draft(request).await;
    answer.map(drop).map_err(|status| from_status(&status).reason)
}

async fn check(intake: &Intake, caller: &Caller, draft: &Draft) -> CheckApplicationResponse {
    let request = CheckApplicationRequest { what: Some(What::DraftId(draft.draft_id.clone())) };
    intake.applications(caller.clone()).check_application(request).await.unwrap().into_inner()
}

fn named(name: &str) -> SubmitApplicationRequest {
    let applicant = Some(Applicant { name: name.into(), ..Default::default() });
    SubmitApplicationRequest { applicant, ..request("") }
}

#[tokio::test]
async fn a_draft_is_as_incomplete_as_it_likes_and_hears_of_everything_that_is_missing() {
    let intake = Intake::new().await;
    let me = citizen("lan");
    let empty = save(&intake, &me, None, SubmitApplicationRequest::default()).await.unwrap();
    assert_eq!((empty.revision, empty.procedure_code.as_str()), (1, ""));
    let checked = check(&intake, &me, &empty).await;
    let mut faults: Vec<_> = checked.faults.iter().map(|fault| fault.field.as_str()).collect();
    faults.sort_unstable();
    assert_eq!(faults, ["applicant.name", "channel", "procedure_code", "received_at_code"]);
    assert!(checked.due_at.is_none());
    for fault in &checked.faults {
        let sentence = fault.sentence.clone().unwrap();
        assert!(!fault.reason.is_empty() && !sentence.vi.is_empty() && !sentence.en.is_empty());
    }
    // Handing it in says the same, and takes nothing in.
    let refusal = submit(&intake, &me, &empty, 0).await.unwrap_err();
    assert_eq!((refusal.kind, refusal.violations.len()), (phidia_domain::Kind::Precondition, 4));
    assert_eq!(intake.count().await, 0);

    let whole = save(&intake, &me, Some(&empty), request("a key")).await.unwrap();
    assert_eq!((whole.revision, whole.procedure_code.as_str()), (2, "1.1"));
    let checked = check(&intake, &me, &whole).await;
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    assert_eq!((checked.fee_vnd, checked.arithmetic.is_empty()), (Some(15_000), false));
    assert_eq!(checked.due_at.unwrap().seconds, at("2026-11-24T02:00:00Z").as_second());
    assert_eq!(intake.count().await, 0);

    // The key of a request is none of a draft's.
    let shown = get(&intake, &me, &whole).await.unwrap();
    assert_eq!(shown.application.unwrap(), request(""));
    let submitted = submit(&intake, &me, &whole, 2).await.unwrap().receipt.unwrap();
    let shown = get(&intake, &me, &whole).await.unwrap();
    assert_eq!((shown.receipt.unwrap(), shown.application), (submitted.clone(), None));
    assert_eq!(shown.draft.unwrap().application_id, submitted.application_id);
    // However often, whatever was seen.
    for revision in [0, 1, 2, 77] {
        let again = submit(&intake, &me, &whole, revision).await.unwrap().receipt.unwrap();
        assert_eq!(again, submitted);
    }
    assert_eq!(intake.count().await, 1);
    let refusal = save(&intake, &me, Some(&whole), named("B")).await.unwrap_err();
    assert_eq!(refusal.reason, "DRAFT_SUBMITTED");
    // It is no draft any more: the list is of what is still to be done.
    assert!(list(&intake, &me, false).await.is_empty());
}

#[tokio::test]
async fn ten_who_hand_in_one_draft_hand_in_one_application() {
    let intake = Intake::new().await;
    let draft = save(&intake, &officer("1"), None, request("")).await.unwrap();
    let colleagues: Vec<_> = (0..10).map(|n| officer_called(&format!("colleague {n}"), "1")).collect();
    let answers = join_all(colleagues.iter().map(|colleague| submit(&intake, colleague, &draft, 0))).await;
    let receipts: Vec<_> = answers.into_iter().map(|answer| answer.unwrap().receipt.unwrap()).collect();
    assert!(receipts.iter().all(|receipt| *receipt == receipts[0]));
    assert_eq!(intake.count().await, 1);
    assert_eq!(receipts[0].dossier_code, "H42.1-261123-0001");
    // No number was drawn in vain.
    let next = intake.submit(request("next")).await.unwrap();
    assert_eq!(next.dossier_code, "H42.1-261123-0002");
}

#[tokio::test]
async fn of_two_savers_one_is_told_that_the_other_was_quicker() {
    let intake = Intake::new().await;
    let (me, colleague) = (officer_called("a", "1"), officer_called("b", "1"));
    let seen = save(&intake, &me, None, named("A")).await.unwrap();
    let both = [save(&intake, &me, Some(&seen), named("B")), save(&intake, &me, Some(&seen), named("C"))];
    let both = join_all(both).await;
    assert_eq!(both.iter().filter(|answer| answer.is_ok()).count(), 1);
    let refusal = both.into_iter().find_map(Result::err).unwrap();
    assert_eq!((refusal.reason.as_str(), refusal.kind), ("DRAFT_CHANGED", phidia_domain::Kind::Conflict));
    assert_eq!(refusal.metadata, [("revision".to_owned(), "2".to_owned())]);
    // Who lost the answer saves the same again.
    let shown = get(&intake, &me, &seen).await.unwrap();
    let again = save(&intake, &me, Some(&seen), shown.application.unwrap()).await.unwrap();
    assert_eq!(again.revision, 2);
    // A colleague takes it over; then the first has seen an old one.
    let taken = save(&intake, &colleague, Some(&again), named("D")).await.unwrap();
    assert_eq!(
        (list(&intake, &me, false).await.len(), list(&intake, &colleague, false).await),
        (0, vec![taken])
    );
    assert_eq!(save(&intake, &me, Some(&again), named("E")).await.unwrap_err().reason, "DRAFT_CHANGED");
    assert_eq!(submit(&intake, &me, &again, 2).await.unwrap_err().reason, "DRAFT_CHANGED");
}

#[tokio::test]
async fn what_is_somebody_elses_is_not_there() {
    let intake = Intake::new().await;
    let mine = save(&intake, &citizen("lan"), None, named("Lan")).await.unwrap();
    let of_unit = save(&intake, &officer_called("a", "1"), None, named("A")).await.unwrap();
    for (draft, stranger) in [
        (&mine, citizen("minh")),
        (&mine, system()),
        (&mine, officer("1")),
        (&of_unit, officer("2")),
        (&of_unit, caller(Role::System, Some(UnitId::of("37", "1")))),
    ] {
        assert_eq!(get(&intake, &stranger, draft).await.unwrap_err(), "UNKNOWN_DRAFT");
        assert_eq!(delete(&intake, &stranger, draft).await.unwrap_err(), "UNKNOWN_DRAFT");
        let saved = save(&intake, &stranger, Some(draft), named("X")).await;
        assert_eq!(saved.unwrap_err().reason, "UNKNOWN_DRAFT");
        let submitted = submit(&intake, &stranger, draft, 0).await;
        assert_eq!(submitted.unwrap_err().reason, "UNKNOWN_DRAFT");
    }
    let supervisor = caller(Role::Supervisor, Some(UnitId::of("37", "1")));
    for colleague in [officer_called("b", "1"), supervisor] {
        assert!(get(&intake, &colleague, &of_unit).await.is_ok());
        assert_eq!(list(&intake, &colleague, true).await, std::slice::from_ref(&of_unit));
        assert!(list(&intake, &colleague, false).await.is_empty());
    }
    let nobody = ListDraftsRequest { of_unit: true, ..Default::default() };
    let refused = intake.drafts(citizen("lan")).list_drafts(nobody).await.unwrap_err();
    assert_eq!(from_status(&refused).reason, "NO_UNIT");
    // Thrown away once, and again.
    assert_eq!(delete(&intake, &citizen("lan"), &mine).await, Ok(()));
    assert_eq!(delete(&intake, &citizen("lan"), &mine).await, Ok(()));
    assert_eq!(get(&intake, &citizen("lan"), &mine).await.unwrap_err(), "UNKNOWN_DRAFT");
}

#[tokio::test]
async fn nobody_could_have_written_this() {
    let intake = Intake::new().await;
    let me = citizen("lan");
    for (application, field, reason) in [
        (named("A\u{7}"), "application.applicant.name", "CONTROL_CHARACTER"),
        (
            SubmitApplicationRequest { answers: "{".into(), ..request("") },
            "application.answers",
            "MALFORMED_ANSWERS",
        ),
        (
            SubmitApplicationRequest { conflicted_unit_codes: vec!["x".repeat(1 << 20)], ..request("") },
            "application",
            "DRAFT_TOO_LARGE",
        ),
    ] {
        let refusal = save(&intake, &me, None, application).await.unwrap_err();
        assert_eq!((refusal.violations[0].field.as_str(), refusal.reason.as_str()), (field, reason));
    }
    let mine = save(&intake, &me, None, request("")).await.unwrap();
    let unseen = Draft { revision: 0, ..mine.clone() };
    assert_eq!(save(&intake, &me, Some(&unseen), request("")).await.unwrap_err().reason, "MISSING_FIELD");
    let unborn = SaveDraftRequest { revision: 1, ..Default::default() };
    let refused = intake.drafts(me.clone()).save_draft(unborn).await.unwrap_err();
    assert_eq!(from_status(&refused).reason, "OUT_OF_RANGE");
    for rubbish in ["", "drf_1", "app_00000000000000000000000000000000"] {
        let rubbish = Draft { draft_id: rubbish.into(), ..mine.clone() };
        assert!(get(&intake, &me, &rubbish).await.is_err());
    }
}

/// The issue's: one caller begins ten thousand.
#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_drafts_by_one_caller_are_two_hundred() {
    let intake = Intake::new().await;
    let me = citizen("lan");
    let mut refused = 0;
    for _ in 0..100 {
        let burst = join_all((0..100).map(|_| save(&intake, &me, None, SubmitApplicationRequest::default())));
        for refusal in burst.await.into_iter().filter_map(Result::err) {
            assert_eq!(
                (refusal.reason.as_str(), refusal.kind),
                ("TOO_MANY_DRAFTS", phidia_domain::Kind::Exhausted)
            );
            assert_eq!(refusal.metadata, [("limit".to_owned(), "200".to_owned())]);
            let quota = to_status(&refusal).get_details_quota_failure().unwrap();
            assert!(quota.violations[0].description.contains("200"));
            refused += 1;
        }
    }
    assert_eq!(refused, 9_800);
    let mine = list(&intake, &me, false).await;
    assert_eq!(mine.len(), 200);
    // What is there may be saved, others are not kept from beginning, and who throws one away may begin another.
    save(&intake, &me, mine.last(), request("")).await.unwrap();
    save(&intake, &citizen("minh"), None, request("")).await.unwrap();
    delete(&intake, &me, &mine[0]).await.unwrap();
    save(&intake, &me, None, request("")).await.unwrap();
    // What is handed in counts no more.
    submit(&intake, &me, mine.last().unwrap(), 0).await.unwrap();
    save(&intake, &me, None, request("")).await.unwrap();
    assert!(save(&intake, &me, None, request("")).await.is_err());
}

#[tokio::test]
async fn a_draft_is_sealed_and_gone_after_thirty_days() {
    let mut intake = Intake::new().await;
    let me = officer("1");
    let old = save(&intake, &me, None, request("")).await.unwrap();
    let submitted = save(&intake, &me, None, request("")).await.unwrap();
    let receipt = submit(&intake, &me, &submitted, 0).await.unwrap().receipt.unwrap();
    if std::env::var_os("PHIDIA_TEST_STORE").is_none() {
        let files = ["intake.db", "intake.db-wal"];
        let bytes = files.map(|file| std::fs::read(intake.path().join(file)).unwrap()).concat();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(NAME) && !holds("037190001234"));
    }
    intake.clock.set(at("2026-12-10T02:00:00Z"));
    let young = save(&intake, &me, None, request("")).await.unwrap();
    let kept = save(&intake, &me, Some(&old), named("B")).await.unwrap();
    assert_eq!(kept.kept_until.unwrap().seconds, at("2027-01-09T02:00:00Z").as_second());
    let third = save(&intake, &me, None, request("")).await.unwrap();

    // Gone at that moment, before anybody has cleared it away.
    intake.clock.set(at("2027-01-09T01:59:00Z"));
    let third = save(&intake, &me, Some(&third), named("C")).await.unwrap();
    intake.clock.set(at("2027-01-09T02:00:00Z"));
    for gone in [&kept, &young, &submitted] {
        assert_eq!(get(&intake, &me, gone).await.unwrap_err(), "UNKNOWN_DRAFT");
        assert_eq!(submit(&intake, &me, gone, 0).await.unwrap_err().reason, "UNKNOWN_DRAFT");
    }
    assert_eq!(list(&intake, &me, false).await, [third]);
    // The application stays.
    assert_eq!((intake.count().await, receipt.dossier_code.is_empty()), (1, false));

    // And then it is cleared away: going back in time finds nothing.
    let workers = intake.start();
    let db = intake.db.clone();
    crate::harness::until("they are cleared away", async || rows(&db).await == 1).await;
    assert!(workers.stop(Duration::from_secs(5)).await);
}

async fn rows(db: &phidia_runtime::database::Database) -> i64 {
    use sea_orm::ConnectionTrait as _;
    let conn = db.read();
    let count =
        sea_orm::Statement::from_string(conn.get_database_backend(), "SELECT COUNT(*) AS n FROM draft");
    conn.query_one_raw(count).await.unwrap().unwrap().try_get("", "n").unwrap()
}

fn with_file(id: &str) -> SubmitApplicationRequest {
    let document = HandedInDocument {
        part: "1".into(),
        form: DocumentForm::Original.into(),
        copies: 1,
        attachment_ids: vec![id.into()],
    };
    SubmitApplicationRequest { documents: vec![document], ..request("") }
}

/// Whoever takes a draft over, or hands it in, has what was scanned for it; and nobody gets at a file by naming it in a draft.
#[tokio::test]
async fn the_files_of_a_draft_go_with_it() {
    let intake = asking_for_a_paper().await;
    let (me, colleague) = (officer_called("a", "1"), officer_called("b", "1"));
    let scan = intake.uploaded(me.clone(), "scan", &pdf(700, 1)).await.attachment_id;
    let other = intake.uploaded(me.clone(), "other", &pdf(700, 2)).await.attachment_id;
    let draft = save(&intake, &me, None, with_file(&scan)).await.unwrap();
    let mine = save(&intake, &me, None, with_file(&other)).await.unwrap();
    let receipt = submit(&intake, &colleague, &draft, 0).await.unwrap().receipt.unwrap();
    assert_eq!(intake.listed(colleague.clone(), &receipt.application_id).await.unwrap().len(), 1);

    // Named in a draft of theirs, it stays whose it is.
    let stolen = save(&intake, &officer_called("c", "2"), None, with_file(&other)).await.unwrap();
    let refused = submit(&intake, &officer_called("c", "2"), &stolen, 0).await.unwrap_err();
    assert!(["UNKNOWN_ATTACHMENT", "OTHER_UNIT"].contains(&refused.reason.as_str()), "{refused:?}");
    let named = save(&intake, &colleague, None, with_file(&other)).await.unwrap();
    let checked = check(&intake, &colleague, &named).await;
    assert_eq!(checked.faults[0].field, "documents[0].attachment_ids[0]");
    assert!(check(&intake, &colleague, &mine).await.faults.is_empty(), "their draft, their file");
    assert_eq!(submit(&intake, &colleague, &named, 0).await.unwrap_err().reason, "UNKNOWN_ATTACHMENT");
    // Taken over, it is handed in by whoever took it.
    let taken = save(&intake, &colleague, Some(&mine), with_file(&other)).await.unwrap();
    assert!(submit(&intake, &colleague, &taken, 0).await.is_ok());
}

/// A file is kept for a week, and a draft for a month: not without what was scanned for it.
#[tokio::test]
async fn what_a_draft_names_is_kept_as_long_as_the_draft() {
    let mut intake = asking_for_a_paper().await;
    let me = officer_called("a", "1");
    let scan = intake.uploaded(me.clone(), "scan", &pdf(700, 1)).await.attachment_id;
    intake.uploaded(me.clone(), "for-nothing", &pdf(700, 2)).await;
    let draft = save(&intake, &me, None, with_file(&scan)).await.unwrap();
    intake.clock.set(at("2026-12-10T02:00:00Z"));
    let workers = intake.start();
    until("what is for nothing is deleted", async || intake.objects().len() == 1).await;
    assert!(workers.stop(Duration::from_secs(10)).await);
    assert!(submit(&intake, &me, &draft, 0).await.is_ok());
}

/// A house whose procedure asks for a paper.
async fn asking_for_a_paper() -> Intake {
    let intake = Intake::new().await;
    let mut files = files();
    files.insert(
        "documents.csv".into(),
        "procedure,part,name_vi,name_en,originals,copies,required,basis\n1.1,1,Đơn,Request,1,0,yes,test\n"
            .into(),
    );
    intake.import(&files).await.unwrap();
    intake
}
