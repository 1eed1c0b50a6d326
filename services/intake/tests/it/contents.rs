//! Who applies, where from, what they want back, and what is in the dossier.

use ::harness::pdf;
use phidia_domain::caller::Caller;
use phidia_proto::{
    events::v1::event::Fact,
    intake::v1::{
        Applicant, ApplicantKind, Authorisation, Channel, CheckApplicationRequest, DocumentForm, Entrance,
        Form, GetApplicationRequest, HandedInDocument, Proxy, RenderFormRequest, Residence,
        SubmitApplicationRequest, check_application_request::What,
    },
    types::v1::ReturnWay,
};
use phidia_runtime::status::from_status;
use tonic::Code;
use tonic_types::StatusExt as _;

use crate::harness::{Intake, files, officer, operator, request, system, until};

const ANSWERS: &str = r#"{"child":{"full_name":"Nguyễn Thị Bí Mật Con"}}"#;

fn organisation(key: &str) -> SubmitApplicationRequest {
    SubmitApplicationRequest {
        applicant: Some(Applicant {
            name: "Công ty Bí Mật".into(),
            kind: ApplicantKind::Organisation.into(),
            registration_number: "2700123456".into(),
            representative: "Trần Văn Giám Đốc".into(),
            postal_address: "Hòm thư 7, Hoa Lư".into(),
            residence: Some(Residence { address: "Số 1 phố Bí Mật".into(), ..Default::default() }),
            proxy: Some(Proxy {
                name: "Lê Thị Ủy Quyền".into(),
                email: "uy.quyen@example.vn".into(),
                authorisation: Authorisation::Written.into(),
                ..Default::default()
            }),
            ..Default::default()
        }),
        result_by: ReturnWay::Post.into(),
        channel: Channel::Online.into(),
        entrance: Entrance::Vneid.into(),
        answers: ANSWERS.into(),
        documents: vec![
            HandedInDocument {
                part: "1".into(),
                form: DocumentForm::Original.into(),
                copies: 1,
                ..Default::default()
            },
            HandedInDocument {
                part: "1".into(),
                form: DocumentForm::Copy.into(),
                copies: 2,
                ..Default::default()
            },
        ],
        ..request(key)
    }
}

#[tokio::test]
async fn all_of_it_is_kept_shown_to_whom_it_opens_for_and_told_without_a_name() {
    let mut intake = Intake::new().await;
    let workers = intake.start();
    let asked = organisation("k");
    let receipt = intake.submit(asked.clone()).await.unwrap();
    assert_eq!(intake.submit(asked.clone()).await.unwrap(), receipt);
    let get = GetApplicationRequest { application_id: receipt.application_id.clone() };
    let shown = intake.applications(officer("1")).get_application(get.clone()).await.unwrap().into_inner();
    let applicant = Applicant { language: 1, ..asked.applicant.clone().unwrap() };
    assert_eq!(shown.applicant.unwrap(), applicant);
    assert_eq!((shown.answers.as_str(), &shown.documents), (ANSWERS, &asked.documents));
    let application = shown.application.unwrap();
    assert_eq!((application.result_by(), application.entrance()), (ReturnWay::Post, Entrance::Vneid));

    until("it is told", async || !intake.notification.heard().is_empty()).await;
    let event = intake.notification.heard().remove(0);
    for secret in ["Bí Mật", "uy.quyen", "2700123456", "Giám Đốc"] {
        assert!(!format!("{event:?}").contains(secret), "{secret}");
    }
    let Some(Fact::ApplicationSubmitted(fact)) = event.fact else { panic!("another fact") };
    assert_eq!((fact.result_by(), fact.applicant_pseudonym.len()), (ReturnWay::Post, 16));
    let contact = crate::submit::contact(&fact);
    let to: Vec<_> = contact
        .reached_over(phidia_domain::notice::Channel::Email)
        .into_iter()
        .filter_map(|audience| contact.of(audience))
        .map(|addressee| addressee.email)
        .collect();
    assert_eq!(to, ["uy.quyen@example.vn"]);
    assert!(workers.stop(std::time::Duration::from_secs(5)).await);

    crate::submit::erase_all(&intake).await;
    let shown = intake.applications(operator()).get_application(get).await.unwrap().into_inner();
    assert_eq!((shown.applicant, shown.answers.as_str()), (None, ""));
    assert_eq!(shown.documents.len(), 2);
}

#[tokio::test]
async fn another_dossier_under_the_same_key_is_another_request() {
    let intake = Intake::new().await;
    intake.submit(organisation("k")).await.unwrap();
    let changes: [fn(&mut SubmitApplicationRequest); 6] = [
        |request| request.answers = "{}".into(),
        |request| request.documents.truncate(1),
        |request| request.result_by = ReturnWay::Electronic.into(),
        |request| request.entrance = Entrance::NationalPortal.into(),
        |request| request.applicant.as_mut().unwrap().proxy = None,
        |request| request.applicant.as_mut().unwrap().residence = None,
    ];
    for change in changes {
        let mut other = organisation("k");
        change(&mut other);
        assert_eq!(intake.submit(other).await.unwrap_err().code(), Code::AlreadyExists);
    }
    // Blanks between the fields of a document say nothing.
    let answers = "{ \"child\" : { \"full_name\" : \"Nguyễn Thị Bí Mật Con\" } }".into();
    intake.submit(SubmitApplicationRequest { answers, ..organisation("k") }).await.unwrap();
}

#[tokio::test]
async fn what_is_wrong_is_told_all_at_once_in_both_languages() {
    let intake = Intake::new().await;
    let mut wrong = organisation("k");
    let applicant = wrong.applicant.as_mut().unwrap();
    applicant.representative = String::new();
    applicant.postal_address = String::new();
    applicant.proxy = Some(Proxy { email: "nobody".into(), ..Default::default() });
    applicant.residence = Some(Residence { permanent_commune_code: "không".into(), ..Default::default() });
    wrong.documents[1].form = DocumentForm::Original.into();
    wrong.documents[0].copies = 1_001;
    wrong.documents[0].attachment_ids = vec!["att_x".into()];
    wrong.channel = Channel::Direct.into();
    let status = intake.submit(wrong.clone()).await.unwrap_err();
    let refusal = from_status(&status);
    let mut named: Vec<_> = (refusal.violations.iter())
        .map(|violation| (violation.field.as_str(), violation.reason.as_str()))
        .collect();
    named.sort_unstable();
    let expected = [
        ("applicant.postal_address", "MISSING_FIELD"),
        ("applicant.proxy.authorisation", "MISSING_FIELD"),
        ("applicant.proxy.email", "MALFORMED_EMAIL"),
        ("applicant.proxy.name", "MISSING_FIELD"),
        ("applicant.representative", "MISSING_FIELD"),
        ("applicant.residence.permanent_commune_code", "MALFORMED_CODE"),
        ("documents[0].attachment_ids[0]", "MALFORMED_ID"),
        ("documents[0].copies", "OUT_OF_RANGE"),
        ("documents[1].part", "DUPLICATE"),
        ("entrance", "NOT_ONLINE"),
    ];
    assert_eq!(named, expected);
    // Another system has the Vietnamese sentence beside the English one.
    let bad = status.get_details_bad_request().unwrap();
    let email = bad.field_violations.iter().find(|violation| violation.field.ends_with(".email")).unwrap();
    let said = email.localized_message.as_ref().unwrap();
    assert_eq!((said.locale.as_str(), said.message.as_str()), ("vi", "phải có dạng ten@example.vn"));
    assert_eq!(email.description, "must look like name@example.vn");

    // The same without handing in, in the answer.
    let what = CheckApplicationRequest { what: Some(What::Application(wrong)) };
    let checked = intake.applications(system()).check_application(what).await.unwrap().into_inner();
    let mut faults: Vec<_> =
        checked.faults.iter().map(|fault| (fault.field.as_str(), fault.reason.as_str())).collect();
    faults.sort_unstable();
    assert_eq!(faults, expected);
    assert_eq!(intake.count().await, 0);
    // Where somebody receives at another unit, too.
    let what = CheckApplicationRequest { what: Some(What::Application(organisation(""))) };
    let checked = intake.applications(officer("2")).check_application(what).await.unwrap().into_inner();
    assert_eq!((checked.faults[0].field.as_str(), checked.faults.len()), ("received_at_code", 1));
    let nothing = intake.applications(system()).check_application(CheckApplicationRequest::default()).await;
    assert_eq!(from_status(&nothing.unwrap_err()).reason, "MISSING_FIELD");
}

#[tokio::test]
async fn a_person_is_no_organisation() {
    let intake = Intake::new().await;
    let mut asked = organisation("k");
    asked.applicant.as_mut().unwrap().kind = ApplicantKind::Person.into();
    let refusal = from_status(&intake.submit(asked).await.unwrap_err());
    let fields: Vec<_> = refusal.violations.iter().map(|violation| violation.field.as_str()).collect();
    assert_eq!(fields, ["applicant.registration_number", "applicant.representative"]);
    assert_eq!(refusal.reason, "NOT_OF_A_PERSON");
}

/// The files of a province whose procedure 1.1 states its papers, a form and what it costs.
fn files_with_dossiers() -> std::collections::BTreeMap<String, String> {
    let mut files = files();
    let procedures = files.remove("procedures.csv").unwrap();
    let with_form = procedures.lines().enumerate().map(|(number, line)| match number {
        0 => format!("{line},form\n"),
        1 => format!("{line},land\n"),
        _ => format!("{line},\n"),
    });
    files.insert("procedures.csv".into(), with_form.collect());
    let more = [
        (
            "documents.csv",
            "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,template,from_data,basis\n\
             1.1,1,Giấy chứng nhận,Certificate,1,0,yes,,,,,assumed\n\
             1.1,2,Bản đồ,Map,0,2,yes,,,,,assumed\n\
             1.1,3,Giấy ủy quyền,Authorisation,1,0,if,nếu nộp thay,if by proxy,,,assumed\n\
             1.1,4,Giấy cư trú,Proof of residence,1,0,yes,,,,Cơ sở dữ liệu dân cư,assumed\n",
        ),
        (
            "fees.csv",
            "procedure,fee,kind,name_vi,name_en,amount_vnd,online_amount_vnd,per,exemption,basis\n\
             1.1,1,charge,Lệ phí cấp giấy,Charge for the certificate,20000,10000,application,,assumed\n\
             1.1,2,fee,Phí sao trang,Fee for pages,1000,,page,,assumed\n",
        ),
        (
            "form_land.json",
            r#"{"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","additionalProperties":false,
             "required":["plot"],"properties":{"plot":{"title":"Thửa đất","x-title-en":"Plot","type":"object","required":["number"],
             "properties":{"number":{"title":"Số thửa","x-title-en":"Number","type":"integer","minimum":1}}}}}"#,
        ),
    ];
    files.extend(more.map(|(name, text)| (name.to_owned(), text.to_owned())));
    files
}

#[tokio::test]
async fn what_the_procedure_asks_for_is_asked_for_all_at_once() {
    let intake = Intake::empty().await;
    intake.import(&files_with_dossiers()).await.unwrap();
    let document = |part: &str, form: DocumentForm, copies| HandedInDocument {
        part: part.into(),
        form: form.into(),
        copies,
        ..Default::default()
    };
    let wrong = SubmitApplicationRequest {
        answers: r#"{"plot":{"number":0}}"#.into(),
        documents: vec![document("2", DocumentForm::Copy, 1), document("9", DocumentForm::Copy, 1)],
        ..request("k")
    };
    let refusal = from_status(&intake.submit(wrong.clone()).await.unwrap_err());
    let told: Vec<_> = (refusal.violations.iter())
        .map(|violation| (violation.field.as_str(), violation.reason.as_str()))
        .collect();
    assert_eq!(
        told,
        [
            ("answers.plot.number", "ANSWER_DOES_NOT_FIT"),
            ("documents[1].part", "UNKNOWN_DOCUMENT"),
            ("documents[2]", "MISSING_DOCUMENT"),
            ("documents[0].copies", "TOO_FEW_COPIES"),
        ]
    );
    assert!(refusal.violations.iter().all(|violation| violation.in_vietnamese.is_some()));

    let right = SubmitApplicationRequest {
        answers: r#"{"plot":{"number":12}}"#.into(),
        documents: vec![
            document("1", DocumentForm::Original, 1),
            document("2", DocumentForm::Copy, 2),
            document("4", DocumentForm::Copy, 1),
        ],
        ..request("k")
    };
    let what = CheckApplicationRequest { what: Some(What::Application(right.clone())) };
    let checked = intake.applications(system()).check_application(what).await.unwrap().into_inner();
    assert!(checked.faults.is_empty(), "{:?}", checked.faults);
    // The key was not used up, and who brought what nobody needs is told so and let in.
    let answer = intake.applications(system()).submit_application(right).await.unwrap().into_inner();
    assert_eq!((answer.advice.len(), &answer.advice), (1, &checked.advice));
    assert!(answer.advice[0].vi.contains("Cơ sở dữ liệu dân cư"), "{:?}", answer.advice);
    let receipt = answer.receipt.unwrap();
    assert_eq!((&receipt.fees, receipt.fee_vnd), (&checked.fees, None));
    let fees: Vec<_> = receipt.fees.iter().map(|line| (line.unit_vnd, line.amount_vnd)).collect();
    assert_eq!(fees, [(20_000, Some(20_000)), (1_000, None)]);

    let form = RenderFormRequest { application_id: receipt.application_id, form: Form::Receipt.into() };
    let printed = intake.applications(officer("1")).render_form(form).await.unwrap().into_inner();
    let text = pdf::text(&printed.document.unwrap().pdf);
    for words in ["Giấy chứng nhận", "Bản chính", "Bản đồ", "Bản sao", "Giấy cư trú"] {
        assert!(text.contains(words), "{words}: {text}");
    }
}

/// Files go with what they were uploaded for, in one transaction or not at all, and under one key once.
#[tokio::test]
async fn files_are_attached_by_the_submission_that_names_them() {
    let intake = Intake::new().await;
    let (me, file) = (officer("1"), crate::attachments::pdf(2_000, 1));
    let uploaded = intake.uploaded(me.clone(), "file", &file).await.attachment_id;
    let another = Caller { name: "another".into(), ..me.clone() };
    let theirs = intake.uploaded(another, "file", &file).await.attachment_id;
    let with = |key: &str, ids: &[&str]| {
        let document = |id: &&str| HandedInDocument {
            part: (*id).into(),
            form: DocumentForm::Electronic.into(),
            attachment_ids: vec![(*id).into()],
            ..Default::default()
        };
        SubmitApplicationRequest { documents: ids.iter().map(document).collect(), ..request(key) }
    };
    let submit = async |request| intake.applications(me.clone()).submit_application(request).await;
    for (ids, field, reason) in [
        (&[&*uploaded, &*theirs][..], "documents[1].attachment_ids[0]", "UNKNOWN_ATTACHMENT"),
        (
            &["att_00000000000000000000000000000007"][..],
            "documents[0].attachment_ids[0]",
            "UNKNOWN_ATTACHMENT",
        ),
        (&[&*uploaded, &*uploaded][..], "documents[1].attachment_ids[0]", "DUPLICATE"),
    ] {
        let refusal = from_status(&submit(with("k", ids)).await.unwrap_err());
        let told = (refusal.violations[0].field.as_str(), refusal.violations[0].reason.as_str());
        assert_eq!(told, (field, reason));
    }
    assert_eq!(intake.count().await, 0);
    let receipt = submit(with("k", &[&uploaded])).await.unwrap().into_inner().receipt.unwrap();
    assert_eq!(submit(with("k", &[&uploaded])).await.unwrap().into_inner().receipt.unwrap(), receipt);
    let listed = intake.listed(me.clone(), &receipt.application_id).await.unwrap();
    assert_eq!(listed.iter().map(|file| &file.attachment_id).collect::<Vec<_>>(), [&uploaded]);
    assert_eq!(receipt.dossier_code, "H42.1-261123-0001");
    // It is gone to that one: another cannot have it.
    let again = from_status(&submit(with("other", &[&uploaded])).await.unwrap_err());
    assert_eq!(again.violations[0].field, "documents[0].attachment_ids[0]");
    assert_eq!(intake.count().await, 1);
}

#[tokio::test]
async fn the_receipt_names_who_applies_by_whom_and_where_the_result_goes() {
    let intake = Intake::new().await;
    let receipt = intake.submit(organisation("k")).await.unwrap();
    let form = RenderFormRequest { application_id: receipt.application_id, form: Form::Receipt.into() };
    let printed = intake.applications(officer("1")).render_form(form).await.unwrap().into_inner();
    let text = pdf::text(&printed.document.unwrap().pdf);
    for words in [
        "Công ty Bí Mật",
        "người đại diện: Trần Văn Giám Đốc",
        "Người nộp thay: Lê Thị Ủy Quyền",
        "Địa chỉ: Số 1 phố Bí Mật",
        "bưu chính công ích, Hòm thư 7, Hoa Lư",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // Who may not be known by the number of a paper is not known by that of a firm either.
    assert!(!text.contains("2700123456"));
}

/// So many faults that a client could not take them in its headers.
#[tokio::test]
async fn of_very_many_faults_the_first_are_named() {
    let intake = Intake::new().await;
    let document = |_| HandedInDocument { part: "é".into(), ..Default::default() };
    let many = SubmitApplicationRequest { documents: (0..150).map(document).collect(), ..request("k") };
    let status = intake.submit(many).await.unwrap_err();
    let refusal = from_status(&status);
    assert_eq!(refusal.violations.len(), 16);
    let count = refusal.metadata.iter().find(|(key, _)| key == "faults").unwrap().1.clone();
    assert!(count.parse::<usize>().unwrap() > 300, "{count}");
    assert!(status.details().len() * 4 / 3 + status.message().len() * 3 < 14 * 1024);
}
