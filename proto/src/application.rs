//! What a citizen hands in, across the boundary. Its content is checked against the province by
//! [`Submission::accept`]; here is checked what has no domain value at all.

use std::collections::BTreeMap;

use phidia_domain::{
    Rejection,
    application::{
        Answers, Applicant, ApplicantKind, Authorisation, Channel, Contents, DocumentForm, Entrance,
        HandedIn, Issued, Proxy, Residence, ReturnWay, Status, Submission, all_in_one,
    },
    preference::ContactPreferences,
};

use crate::{
    convert::{self, missing},
    intake::v1 as wire,
    types::v1::{self as types, ApplicationStatus},
};

/// The status that a list is limited to; unspecified: none.
pub fn status_filter(value: i32, field: &str) -> Result<Option<Status>, Rejection> {
    match ApplicationStatus::try_from(value) {
        Ok(ApplicationStatus::Unspecified) => Ok(None),
        Ok(ApplicationStatus::Accepted) => Ok(Some(Status::Accepted)),
        Ok(ApplicationStatus::AwaitingDispatch) => Ok(Some(Status::AwaitingDispatch)),
        Ok(ApplicationStatus::Assigned) => Ok(Some(Status::Assigned)),
        Ok(ApplicationStatus::InProcess) => Ok(Some(Status::InProcess)),
        Ok(ApplicationStatus::Granted) => Ok(Some(Status::Granted)),
        Ok(ApplicationStatus::Refused) => Ok(Some(Status::Refused)),
        Ok(ApplicationStatus::AwaitingSupplement) => Ok(Some(Status::AwaitingSupplement)),
        Ok(ApplicationStatus::Withdrawn) => Ok(Some(Status::Withdrawn)),
        Ok(ApplicationStatus::Lapsed) => Ok(Some(Status::Lapsed)),
        Ok(ApplicationStatus::AwaitingPayment) => Ok(Some(Status::AwaitingPayment)),
        Ok(ApplicationStatus::Referred) => Ok(Some(Status::Referred)),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", field, "expected a status or nothing")),
    }
}

impl TryFrom<wire::SubmitApplicationRequest> for Submission {
    type Error = Rejection;

    fn try_from(request: wire::SubmitApplicationRequest) -> Result<Self, Rejection> {
        let (submission, faults) = read(request);
        if faults.is_empty() { Ok(submission) } else { Err(all_in_one(faults)) }
    }
}

/// What a request says, and every field of it that says nothing: that has a value here which means nothing.
pub fn read(request: wire::SubmitApplicationRequest) -> (Submission, Vec<Rejection>) {
    let mut faults = Vec::new();
    let channel = read_or(Channel::Direct, channel(request.channel), &mut faults);
    let entrance = read_or(None, entrance(request.entrance), &mut faults);
    let result_by = read_or(ReturnWay::Counter, return_way(request.result_by, "result_by"), &mut faults);
    let places = read_or(BTreeMap::new(), convert::places(request.places, "places"), &mut faults);
    let handed_in_at = request.handed_in_at.map(|at| convert::timestamp(at, "handed_in_at")).transpose();
    let handed_in_at = read_or(None, handed_in_at, &mut faults);
    let issued = read_or(None, request.issued.map(issued).transpose(), &mut faults);
    let applicant = applicant(request.applicant.unwrap_or_default(), &mut faults);
    let answers = match request.answers.as_str() {
        "" => None,
        text => read_or(None, Answers::parse(text).map(Some), &mut faults),
    };
    let documents = request.documents.into_iter().enumerate();
    let documents = documents.map(|(index, document)| self::document(document, index, &mut faults)).collect();
    let submission = Submission {
        procedure_code: request.procedure_code,
        received_at_code: request.received_at_code,
        return_at_code: Some(request.return_at_code).filter(|code| !code.is_empty()),
        places,
        conflicted_codes: request.conflicted_unit_codes.into_iter().collect(),
        applicant,
        channel,
        // What is said of what is digital from the first makes no other request of it.
        digitised: request.digitised && channel != Channel::Online,
        handed_in_at,
        issued,
        entrance,
        result_by,
        contents: Some(Contents { answers, documents }),
    };
    (submission, faults)
}

/// What a receipt says that was given without a line.
///
/// # Errors
/// A violation of `issued.accepted_at`.
pub fn issued(issued: wire::IssuedReceipt) -> Result<Issued, Rejection> {
    let accepted_at = convert::required(issued.accepted_at, "issued.accepted_at")?;
    Ok(Issued {
        dossier_code: issued.dossier_code,
        check_code: issued.check_code,
        accepted_at: convert::timestamp(accepted_at, "issued.accepted_at")?,
    })
}

/// What was read, or else something in its place and a fault more.
fn read_or<T>(otherwise: T, read: Result<T, Rejection>, faults: &mut Vec<Rejection>) -> T {
    read.unwrap_or_else(|fault| {
        faults.push(fault);
        otherwise
    })
}

fn applicant(applicant: wire::Applicant, faults: &mut Vec<Rejection>) -> Applicant {
    let residence = applicant.residence.unwrap_or_default();
    Applicant {
        language: convert::language(applicant.language),
        name: applicant.name,
        identity_number: applicant.identity_number,
        email: applicant.email,
        telephone: applicant.telephone,
        kind: read_or(ApplicantKind::Person, kind(applicant.kind), faults),
        registration_number: applicant.registration_number,
        representative: applicant.representative,
        residence: Residence {
            address: residence.address,
            permanent_code: residence.permanent_commune_code,
            temporary_code: residence.temporary_commune_code,
        },
        postal_address: applicant.postal_address,
        preferences: read_or(
            ContactPreferences::default(),
            convert::preferences(applicant.preferences.unwrap_or_default(), "applicant.preferences"),
            faults,
        ),
        proxy: applicant.proxy.map(|proxy| Proxy {
            name: proxy.name,
            identity_number: proxy.identity_number,
            email: proxy.email,
            telephone: proxy.telephone,
            authorisation: read_or(Authorisation::Written, authorisation(proxy.authorisation), faults),
        }),
    }
}

fn document(document: wire::HandedInDocument, index: usize, faults: &mut Vec<Rejection>) -> HandedIn {
    let field = |name: &str| format!("documents[{index}].{name}");
    let form = document_form(document.form, &field("form"));
    let attachments = document.attachment_ids.iter().enumerate().filter_map(|(number, id)| {
        let id = convert::id(id, &field(&format!("attachment_ids[{number}]"))).map(Some);
        read_or(None, id, faults)
    });
    let attachments = attachments.collect();
    let copies = if document.copies == 0 { 1 } else { document.copies };
    HandedIn { part: document.part, form: read_or(DocumentForm::Original, form, faults), copies, attachments }
}

impl From<Applicant> for wire::Applicant {
    fn from(applicant: Applicant) -> Self {
        let Residence { address, permanent_code, temporary_code } = applicant.residence;
        let residence = wire::Residence {
            address,
            permanent_commune_code: permanent_code,
            temporary_commune_code: temporary_code,
        };
        Self {
            language: convert::wire_language(applicant.language).into(),
            name: applicant.name,
            identity_number: applicant.identity_number,
            email: applicant.email,
            telephone: applicant.telephone,
            kind: match applicant.kind {
                ApplicantKind::Person => wire::ApplicantKind::Person,
                ApplicantKind::Organisation => wire::ApplicantKind::Organisation,
                ApplicantKind::HouseholdBusiness => wire::ApplicantKind::HouseholdBusiness,
            }
            .into(),
            registration_number: applicant.registration_number,
            representative: applicant.representative,
            proxy: applicant.proxy.map(Into::into),
            residence: Some(residence).filter(|residence| *residence != wire::Residence::default()),
            postal_address: applicant.postal_address,
            preferences: Some(applicant.preferences)
                .filter(|preferences| !preferences.is_unsaid())
                .map(convert::wire_preferences),
        }
    }
}

impl From<Proxy> for wire::Proxy {
    fn from(proxy: Proxy) -> Self {
        Self {
            name: proxy.name,
            identity_number: proxy.identity_number,
            email: proxy.email,
            telephone: proxy.telephone,
            authorisation: match proxy.authorisation {
                Authorisation::Written => wire::Authorisation::Written,
                Authorisation::ByLaw => wire::Authorisation::ByLaw,
                Authorisation::PublicPost => wire::Authorisation::PublicPost,
            }
            .into(),
        }
    }
}

impl From<HandedIn> for wire::HandedInDocument {
    fn from(document: HandedIn) -> Self {
        Self {
            part: document.part,
            form: match document.form {
                DocumentForm::Original => wire::DocumentForm::Original,
                DocumentForm::Copy => wire::DocumentForm::Copy,
                DocumentForm::Electronic => wire::DocumentForm::Electronic,
            }
            .into(),
            copies: document.copies,
            attachment_ids: document.attachments.iter().map(ToString::to_string).collect(),
        }
    }
}

impl From<Entrance> for wire::Entrance {
    fn from(entrance: Entrance) -> Self {
        match entrance {
            Entrance::NationalPortal => Self::NationalPortal,
            Entrance::VneId => Self::Vneid,
        }
    }
}

fn kind(value: i32) -> Result<ApplicantKind, Rejection> {
    match wire::ApplicantKind::try_from(value) {
        Ok(wire::ApplicantKind::Unspecified | wire::ApplicantKind::Person) => Ok(ApplicantKind::Person),
        Ok(wire::ApplicantKind::Organisation) => Ok(ApplicantKind::Organisation),
        Ok(wire::ApplicantKind::HouseholdBusiness) => Ok(ApplicantKind::HouseholdBusiness),
        Err(_) => Err(unknown("applicant.kind", "expected a kind of applicant, or nothing")),
    }
}

fn authorisation(value: i32) -> Result<Authorisation, Rejection> {
    const FIELD: &str = "applicant.proxy.authorisation";
    match wire::Authorisation::try_from(value) {
        Ok(wire::Authorisation::Written) => Ok(Authorisation::Written),
        Ok(wire::Authorisation::ByLaw) => Ok(Authorisation::ByLaw),
        Ok(wire::Authorisation::PublicPost) => Ok(Authorisation::PublicPost),
        Ok(wire::Authorisation::Unspecified) => Err(missing(FIELD)),
        Err(_) => Err(unknown(FIELD, "expected WRITTEN, BY_LAW or PUBLIC_POST")),
    }
}

fn entrance(value: i32) -> Result<Option<Entrance>, Rejection> {
    match wire::Entrance::try_from(value) {
        Ok(wire::Entrance::Unspecified) => Ok(None),
        Ok(wire::Entrance::NationalPortal) => Ok(Some(Entrance::NationalPortal)),
        Ok(wire::Entrance::Vneid) => Ok(Some(Entrance::VneId)),
        Err(_) => Err(unknown("entrance", "expected NATIONAL_PORTAL, VNEID or nothing")),
    }
}

/// How a result is wanted; unspecified: collected at a counter.
pub fn return_way(value: i32, field: &str) -> Result<ReturnWay, Rejection> {
    match types::ReturnWay::try_from(value) {
        Ok(types::ReturnWay::Unspecified | types::ReturnWay::Counter) => Ok(ReturnWay::Counter),
        Ok(types::ReturnWay::Post) => Ok(ReturnWay::Post),
        Ok(types::ReturnWay::Electronic) => Ok(ReturnWay::Electronic),
        Err(_) => Err(unknown(field, "expected COUNTER, POST, ELECTRONIC or nothing")),
    }
}

/// How a result is wanted, on the wire.
pub fn wire_return_way(way: ReturnWay) -> types::ReturnWay {
    match way {
        ReturnWay::Counter => types::ReturnWay::Counter,
        ReturnWay::Post => types::ReturnWay::Post,
        ReturnWay::Electronic => types::ReturnWay::Electronic,
    }
}

fn document_form(value: i32, field: &str) -> Result<DocumentForm, Rejection> {
    match wire::DocumentForm::try_from(value) {
        Ok(wire::DocumentForm::Original) => Ok(DocumentForm::Original),
        Ok(wire::DocumentForm::Copy) => Ok(DocumentForm::Copy),
        Ok(wire::DocumentForm::Electronic) => Ok(DocumentForm::Electronic),
        Ok(wire::DocumentForm::Unspecified) => Err(missing(field)),
        Err(_) => Err(unknown(field, "expected ORIGINAL, COPY or ELECTRONIC")),
    }
}

fn unknown(field: &str, expected: &str) -> Rejection {
    Rejection::invalid("UNKNOWN_VALUE", field, expected)
}

impl From<Channel> for wire::Channel {
    fn from(channel: Channel) -> Self {
        match channel {
            Channel::Direct => Self::Direct,
            Channel::Online => Self::Online,
            Channel::Post => Self::Post,
        }
    }
}

fn channel(value: i32) -> Result<Channel, Rejection> {
    match wire::Channel::try_from(value) {
        Ok(wire::Channel::Direct) => Ok(Channel::Direct),
        Ok(wire::Channel::Online) => Ok(Channel::Online),
        Ok(wire::Channel::Post) => Ok(Channel::Post),
        Ok(wire::Channel::Unspecified) => Err(missing("channel")),
        Err(_) => Err(Rejection::invalid("UNKNOWN_VALUE", "channel", "expected DIRECT, ONLINE or POST")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request() -> wire::SubmitApplicationRequest {
        wire::SubmitApplicationRequest {
            procedure_code: "1.001193".into(),
            received_at_code: "13285".into(),
            applicant: Some(wire::Applicant { name: "Nguyễn Văn An".into(), ..Default::default() }),
            channel: wire::Channel::Direct.into(),
            ..Default::default()
        }
    }

    fn field_at_fault(request: wire::SubmitApplicationRequest) -> String {
        Submission::try_from(request).unwrap_err().violations[0].field.clone()
    }

    #[test]
    fn what_is_left_out_has_its_default() {
        let submission = Submission::try_from(request()).unwrap();
        assert_eq!(submission.return_at_code, None);
        assert_eq!(submission.applicant.language, phidia_domain::application::Language::Vi);
        assert!(submission.places.is_empty() && submission.handed_in_at.is_none());
    }

    #[test]
    fn what_comes_online_is_digital_whatever_is_said() {
        for channel in [wire::Channel::Direct, wire::Channel::Online, wire::Channel::Post] {
            let said = |digitised| {
                let request =
                    wire::SubmitApplicationRequest { channel: channel.into(), digitised, ..request() };
                Submission::try_from(request).unwrap()
            };
            let online = channel == wire::Channel::Online;
            assert!(said(true).is_digitised());
            assert_eq!((said(false).is_digitised(), said(true) == said(false)), (online, online));
            // As a version that did not ask for it wrote it, so that a key of then still finds its answer.
            let canonical = serde_json::to_value(said(false)).unwrap();
            for later in ["digitised", "entrance", "result_by", "contents"] {
                assert_eq!(canonical.get(later), None);
            }
            assert_eq!(canonical["applicant"].as_object().unwrap().len(), 5);
        }
    }

    #[test]
    fn every_status_filters() {
        for status in Status::ALL {
            assert_eq!(status_filter(convert::wire_status(status).into(), "status").unwrap(), Some(status));
        }
        assert_eq!(status_filter(0, "status").unwrap(), None);
        assert_eq!(status_filter(77, "status").unwrap_err().violations[0].field, "status");
    }

    #[test]
    fn what_is_required_is_named() {
        assert_eq!(field_at_fault(wire::SubmitApplicationRequest { channel: 0, ..request() }), "channel");
        assert_eq!(field_at_fault(wire::SubmitApplicationRequest { channel: 9, ..request() }), "channel");
        let never = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        let late = wire::SubmitApplicationRequest { handed_in_at: Some(never), ..request() };
        assert_eq!(field_at_fault(late), "handed_in_at");
    }

    #[test]
    fn every_field_that_says_nothing_is_named_at_once() {
        let document = wire::HandedInDocument {
            part: "1".into(),
            attachment_ids: vec!["att_1".into()],
            ..Default::default()
        };
        let refusal = Submission::try_from(wire::SubmitApplicationRequest {
            applicant: Some(wire::Applicant {
                kind: 9,
                proxy: Some(wire::Proxy::default()),
                ..Default::default()
            }),
            channel: 9,
            result_by: 9,
            entrance: 9,
            answers: "[]".into(),
            documents: vec![document],
            ..request()
        })
        .unwrap_err();
        let fields: Vec<_> = refusal.violations.iter().map(|violation| violation.field.as_str()).collect();
        assert_eq!(
            fields,
            [
                "channel",
                "entrance",
                "result_by",
                "applicant.kind",
                "applicant.proxy.authorisation",
                "answers",
                "documents[0].attachment_ids[0]",
                "documents[0].form",
            ]
        );
    }

    #[test]
    fn who_applies_goes_there_and_back() {
        let applicant = wire::Applicant {
            name: "Công ty A".into(),
            kind: wire::ApplicantKind::Organisation.into(),
            registration_number: "2700123456".into(),
            representative: "Nguyễn Văn An".into(),
            proxy: Some(wire::Proxy {
                name: "Trần Thị Bình".into(),
                authorisation: wire::Authorisation::Written.into(),
                ..Default::default()
            }),
            residence: Some(wire::Residence { address: "Phố 1".into(), ..Default::default() }),
            language: types::Language::Vi.into(),
            ..Default::default()
        };
        let said = wire::SubmitApplicationRequest { applicant: Some(applicant.clone()), ..request() };
        let (heard, faults) = read(said);
        assert!(faults.is_empty());
        assert_eq!(wire::Applicant::from(heard.applicant), applicant);
    }
}
