//! What the portal is sent, in the fields that are found in several independent integrations (`domain.md`, section 6).

use jiff::{Timestamp, tz::TimeZone};
use phidia_domain::{
    application::{Applicant, ApplicantKind, Channel, Happening, Status},
    procedure::Text,
};
use serde::Serialize;

use super::Message;
use crate::record::{Application, Receipt};

/// A dossier that the portal does not know yet.
#[derive(Serialize)]
pub(super) struct Dossier {
    #[serde(rename = "MaTTHC")]
    procedure_code: String,
    #[serde(rename = "TenTTHC")]
    procedure_name: String,
    #[serde(rename = "MaDonViTiepNhan")]
    received_at_code: String,
    #[serde(rename = "TenDonViTiepNhan")]
    received_at_name: String,
    /// 1 direct, 2 online, 3 post.
    #[serde(rename = "KenhThucHien")]
    channel: u8,
    /// 0 citizen, 1 enterprise, 2 household business.
    #[serde(rename = "LoaiDoiTuong")]
    kind: u8,
    #[serde(rename = "ChuHoSo")]
    applicant: Person,
    /// When it was handed in; when it was received is another time.
    #[serde(rename = "NgayNop")]
    handed_in_at: String,
    #[serde(rename = "NgayTiepNhan")]
    received_at: String,
    #[serde(rename = "DuocSoHoa")]
    digitised: bool,
    #[serde(flatten)]
    progress: Progress,
}

/// Who applies.
#[derive(Serialize)]
struct Person {
    #[serde(rename = "HoTen")]
    name: String,
    #[serde(rename = "SoDinhDanh", skip_serializing_if = "String::is_empty")]
    identity_number: String,
    #[serde(rename = "MaSoThue", skip_serializing_if = "String::is_empty")]
    registration_number: String,
    #[serde(rename = "Email", skip_serializing_if = "String::is_empty")]
    email: String,
    #[serde(rename = "SoDienThoai", skip_serializing_if = "String::is_empty")]
    telephone: String,
}

/// How far a dossier has come.
#[derive(Serialize)]
pub(super) struct Progress {
    #[serde(rename = "MaHoSo")]
    code: String,
    #[serde(rename = "TrangThai")]
    national_code: u32,
    #[serde(rename = "ThoiDiemXuLy")]
    at: String,
    #[serde(rename = "PhongBanXuLy", skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    #[serde(rename = "NoiDungXuLy")]
    words: String,
    #[serde(rename = "NgayHenTra", skip_serializing_if = "Option::is_none")]
    due_at: Option<String>,
    #[serde(rename = "NgayKetThucXuLy", skip_serializing_if = "Option::is_none")]
    ended_at: Option<String>,
}

/// What stands in a dossier beside its first message.
pub(super) struct Accepted<'d> {
    pub(super) application: &'d Application,
    pub(super) receipt: &'d Receipt,
    pub(super) applicant: &'d Applicant,
    /// Official code of the unit that received it.
    pub(super) received_at_code: String,
    /// When it was handed in, where that was before it was received.
    pub(super) handed_in_at: Option<Timestamp>,
}

impl Dossier {
    pub(super) fn of(accepted: &Accepted<'_>, progress: Progress, zone: &TimeZone) -> Self {
        let Accepted { application, receipt, applicant, received_at_code, handed_in_at } = accepted;
        Self {
            procedure_code: application.procedure_code.clone(),
            procedure_name: application.procedure_name.vi.clone(),
            received_at_code: received_at_code.clone(),
            received_at_name: receipt.received_at_name.vi.clone(),
            channel: match application.channel {
                Channel::Direct => 1,
                Channel::Online => 2,
                Channel::Post => 3,
            },
            kind: match applicant.kind {
                ApplicantKind::Person => 0,
                ApplicantKind::Organisation => 1,
                ApplicantKind::HouseholdBusiness => 2,
            },
            applicant: Person {
                name: applicant.name.clone(),
                identity_number: applicant.identity_number.clone(),
                registration_number: applicant.registration_number.clone(),
                email: applicant.email.clone(),
                telephone: applicant.telephone.clone(),
            },
            handed_in_at: instant(handed_in_at.unwrap_or(receipt.received_at), zone),
            received_at: instant(receipt.received_at, zone),
            digitised: application.digitised.unwrap_or_default(),
            progress,
        }
    }
}

impl Progress {
    /// `words`: what an officer wrote to the applicant about it, where they did.
    pub(super) fn of(message: &Message, words: Option<String>, zone: &TimeZone) -> Self {
        Self {
            code: message.code.clone(),
            national_code: message.national_code,
            at: instant(message.at, zone),
            unit: message.unit_name.as_ref().map(|name| name.vi.clone()),
            words: words.unwrap_or_else(|| in_words(message)),
            due_at: message.due_at.map(|at| instant(at, zone)),
            ended_at: matches!(message.national_code, 3 | 7 | 8 | 9).then(|| instant(message.at, zone)),
        }
    }
}

/// A message in a sentence.
fn in_words(message: &Message) -> String {
    if message.national_code == 3 {
        return format!("Không tiếp nhận hồ sơ. {}", message.reasons.join(" "));
    }
    let status = match message.national_code {
        2 => Status::Accepted,
        5 => Status::AwaitingSupplement,
        6 => Status::AwaitingPayment,
        7 => Status::Withdrawn,
        8 => Status::Lapsed,
        9 => return said(&message.unit_name, "đã giải quyết xong hồ sơ."),
        10 => return said(&message.unit_name, "đã trả kết quả."),
        _ => Status::InProcess,
    };
    let unit = message.unit_name.as_ref();
    Happening::Status { status, unit, why: None, reopened_by: None }.in_words().vi
}

fn said(unit: &Option<Text>, what: &str) -> String {
    format!("{} {what}", unit.as_ref().map_or("Nơi giải quyết", |name| &name.vi))
}

/// An instant as the portal writes it: by the clock of the province, `yyyyMMddHHmmss`.
fn instant(at: Timestamp, zone: &TimeZone) -> String {
    zone.to_datetime(at).strftime("%Y%m%d%H%M%S").to_string()
}
