//! What a citizen hands in, across the boundary. Its content is checked against the province by
//! [`Submission::accept`]; here is checked what has no domain value at all.

use phidia_domain::{
    Rejection,
    application::{Applicant, Channel, Issued, Status, Submission},
};

use crate::{
    convert::{self, missing},
    intake::v1 as wire,
    types::v1::ApplicationStatus,
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
        if request.procedure_code.is_empty() {
            return Err(missing("procedure_code"));
        }
        let channel = channel(request.channel)?;
        Ok(Self {
            procedure_code: request.procedure_code,
            received_at_code: request.received_at_code,
            return_at_code: Some(request.return_at_code).filter(|code| !code.is_empty()),
            places: convert::places(request.places, "places")?,
            conflicted_codes: request.conflicted_unit_codes.into_iter().collect(),
            applicant: convert::required(request.applicant, "applicant")?.into(),
            channel,
            // What is said of what is digital from the first makes no other request of it.
            digitised: request.digitised && channel != Channel::Online,
            handed_in_at: request
                .handed_in_at
                .map(|at| convert::timestamp(at, "handed_in_at"))
                .transpose()?,
            issued: request.issued.map(issued).transpose()?,
        })
    }
}

fn issued(issued: wire::IssuedReceipt) -> Result<Issued, Rejection> {
    let accepted_at = convert::required(issued.accepted_at, "issued.accepted_at")?;
    Ok(Issued {
        dossier_code: issued.dossier_code,
        check_code: issued.check_code,
        accepted_at: convert::timestamp(accepted_at, "issued.accepted_at")?,
    })
}

impl From<wire::Applicant> for Applicant {
    fn from(applicant: wire::Applicant) -> Self {
        Self {
            language: convert::language(applicant.language),
            name: applicant.name,
            identity_number: applicant.identity_number,
            email: applicant.email,
            telephone: applicant.telephone,
        }
    }
}

impl From<Applicant> for wire::Applicant {
    fn from(applicant: Applicant) -> Self {
        Self {
            language: convert::wire_language(applicant.language).into(),
            name: applicant.name,
            identity_number: applicant.identity_number,
            email: applicant.email,
            telephone: applicant.telephone,
        }
    }
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
            assert_eq!(serde_json::to_value(said(false)).unwrap().get("digitised"), None);
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
        assert_eq!(
            field_at_fault(wire::SubmitApplicationRequest { applicant: None, ..request() }),
            "applicant"
        );
        assert_eq!(field_at_fault(wire::SubmitApplicationRequest { channel: 0, ..request() }), "channel");
        assert_eq!(field_at_fault(wire::SubmitApplicationRequest { channel: 9, ..request() }), "channel");
        let nameless = wire::SubmitApplicationRequest { procedure_code: String::new(), ..request() };
        assert_eq!(field_at_fault(nameless), "procedure_code");
        let never = prost_types::Timestamp { seconds: i64::MAX, nanos: 0 };
        let late = wire::SubmitApplicationRequest { handed_in_at: Some(never), ..request() };
        assert_eq!(field_at_fault(late), "handed_in_at");
    }
}
