//! What the portal brings, in its fields, and what it means here.

use std::{collections::BTreeMap, ops::Range};

use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use phidia_domain::{Kind, Rejection};
use phidia_proto::{
    convert::wire_timestamp,
    intake::v1::{
        Applicant, ApplicantKind, Authorisation, Channel, DocumentForm, Entrance, HandedInDocument, Proxy,
        Residence, SubmitApplicationRequest,
    },
    types::v1::{CompetenceKey, Place, ReturnWay},
};
use serde::Deserialize;
use serde_json::Value;

use super::Brought;

/// An id of the portal's is not longer.
const LONGEST_ID: usize = 64;

/// A page of what was brought and not acknowledged, oldest first. Each item is read by itself: one that says nothing keeps none
/// from it.
#[derive(Deserialize)]
pub(super) struct Pending {
    #[serde(rename = "DanhSach")]
    pub(super) items: Vec<Value>,
}

/// Something that was brought: what it is, and of which dossier.
pub(super) struct Item {
    /// The portal's id of it.
    pub(super) id: String,
    kind: String,
    /// The portal's code of the dossier.
    pub(super) code: String,
    all: Value,
}

/// What an item says.
#[derive(Deserialize)]
pub(super) struct Content {
    #[serde(rename = "HoSo")]
    pub(super) dossier: Option<Dossier>,
    #[serde(rename = "TepTin", default)]
    pub(super) files: Vec<File>,
    /// When a supplement was handed in there.
    #[serde(rename = "ThoiDiem", default)]
    pub(super) handed_in_at: String,
    #[serde(rename = "SoTien", default)]
    pub(super) amount_dong: i64,
    #[serde(rename = "MaGiaoDich", default)]
    pub(super) reference: String,
}

/// A dossier that was handed in at the portal.
#[derive(Deserialize)]
pub(super) struct Dossier {
    #[serde(rename = "MaTTHC", default)]
    procedure_code: String,
    #[serde(rename = "MaDonViTiepNhan", default)]
    received_at_code: String,
    #[serde(rename = "MaDonViTraKetQua", default)]
    return_at_code: String,
    #[serde(rename = "NgayNop", default)]
    handed_in_at: String,
    /// `VNEID`: by that application.
    #[serde(rename = "UngDung", default)]
    entrance: String,
    #[serde(rename = "LoaiDoiTuong", default)]
    kind: u8,
    #[serde(rename = "ChuHoSo", default)]
    applicant: Person,
    #[serde(rename = "NguoiNopThay")]
    proxy: Option<Person>,
    /// Commune codes by what they are of: `CU_TRU`, `DAT_DAI`, `TRU_SO`, `SO_GOC`.
    #[serde(rename = "DiaDiem", default)]
    places: BTreeMap<String, String>,
    #[serde(rename = "ToKhai")]
    answers: Option<Value>,
    #[serde(rename = "GiayTo", default)]
    pub(super) documents: Vec<Document>,
    /// 1 at a counter, 2 by post, 3 as a file.
    #[serde(rename = "HinhThucNhanKetQua", default)]
    result_by: u8,
}

/// Somebody.
#[derive(Default, Deserialize)]
struct Person {
    #[serde(rename = "HoTen", default)]
    name: String,
    #[serde(rename = "SoDinhDanh", default)]
    identity_number: String,
    #[serde(rename = "MaSoThue", default)]
    registration_number: String,
    #[serde(rename = "NguoiDaiDien", default)]
    representative: String,
    #[serde(rename = "Email", default)]
    email: String,
    #[serde(rename = "SoDienThoai", default)]
    telephone: String,
    #[serde(rename = "DiaChi", default)]
    address: String,
    #[serde(rename = "MaXaThuongTru", default)]
    permanent_commune_code: String,
    #[serde(rename = "MaXaTamTru", default)]
    temporary_commune_code: String,
    #[serde(rename = "DiaChiNhanKetQua", default)]
    postal_address: String,
}

/// A paper.
#[derive(Deserialize)]
pub(super) struct Document {
    #[serde(rename = "MaThanhPhan", default)]
    part: String,
    /// 0 original, 1 copy, 2 electronic.
    #[serde(rename = "LoaiBan", default = "electronic")]
    form: u8,
    #[serde(rename = "SoLuong", default)]
    copies: u32,
    #[serde(rename = "TepTin", default)]
    pub(super) files: Vec<File>,
}

fn electronic() -> u8 {
    2
}

/// A file that the portal keeps.
#[derive(Deserialize)]
pub(super) struct File {
    #[serde(rename = "Ma", default)]
    pub(super) id: String,
    #[serde(rename = "Ten", default)]
    pub(super) name: String,
    #[serde(rename = "LoaiTep", default)]
    pub(super) media_type: String,
    /// Bytes.
    #[serde(rename = "KichThuoc", default)]
    pub(super) size: i64,
    #[serde(rename = "SHA256", default)]
    pub(super) sha256: String,
}

impl Item {
    /// None: it has no id, and cannot be acknowledged.
    pub(super) fn read(item: Value) -> Option<Self> {
        let text = |name: &str| item.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (id, kind, code) = (text("Ma"), text("Loai"), text("MaHoSo"));
        if !is_id(&id) {
            tracing::warn!("the national portal brought something that has no id");
            return None;
        }
        Some(Self { id, kind, code, all: item })
    }

    /// Whether files may have to be fetched for it.
    pub(super) fn may_have_files(&self) -> bool {
        matches!(self.kind(), Brought::Dossier | Brought::Supplement)
    }

    /// What it says; what is null is not said.
    ///
    /// # Errors
    /// `UNAVAILABLE` for what cannot be read: a later version may.
    pub(super) fn content(self) -> Result<Content, Rejection> {
        serde_json::from_value(without_nulls(self.all)).map_err(|_| {
            Rejection::new(Kind::Unavailable, "MALFORMED_ITEM", "what was brought cannot be read here")
        })
    }

    pub(super) fn kind(&self) -> Brought {
        match self.kind.as_str() {
            "HO_SO" => Brought::Dossier,
            "BO_SUNG" => Brought::Supplement,
            "RUT_HO_SO" => Brought::Withdrawal,
            "THANH_TOAN" => Brought::Payment,
            _ => Brought::Unknown,
        }
    }
}

impl Dossier {
    /// As it would be handed in here, but for its idempotency key. `attachments`: the files of each paper. `datable`: within what it may be
    /// said to have been handed in.
    ///
    /// # Errors
    /// A violation of what can't be said here at all.
    pub(super) fn request(
        self,
        attachments: Vec<Vec<String>>,
        zone: &TimeZone,
        datable: Range<Timestamp>,
    ) -> Result<SubmitApplicationRequest, Rejection> {
        let documents = self.documents.into_iter().zip(attachments).map(|(document, attachment_ids)| {
            let form = match document.form {
                0 => DocumentForm::Original,
                1 => DocumentForm::Copy,
                2 => DocumentForm::Electronic,
                _ => DocumentForm::Unspecified,
            };
            let Document { part, copies, .. } = document;
            HandedInDocument { part, form: form.into(), copies, attachment_ids }
        });
        let places = self.places.into_iter().map(|(key, commune_code)| {
            let key = match key.as_str() {
                "CU_TRU" => CompetenceKey::Residence,
                "DAT_DAI" => CompetenceKey::Land,
                "TRU_SO" => CompetenceKey::HeadOffice,
                "SO_GOC" => CompetenceKey::Register,
                _ => CompetenceKey::Unspecified,
            };
            Place { key: key.into(), commune_code }
        });
        let entrance = if self.entrance == "VNEID" { Entrance::Vneid } else { Entrance::NationalPortal };
        let result_by = match self.result_by {
            2 => ReturnWay::Post,
            3 => ReturnWay::Electronic,
            _ => ReturnWay::Counter,
        };
        let kind = match self.kind {
            0 => ApplicantKind::Person,
            1 => ApplicantKind::Organisation,
            2 => ApplicantKind::HouseholdBusiness,
            _ => return Err(Rejection::invalid("UNKNOWN_VALUE", "LoaiDoiTuong", "0, 1 or 2")),
        };
        let handed_in_at = instant("NgayNop", &self.handed_in_at, zone)?.filter(|at| datable.contains(at));
        Ok(SubmitApplicationRequest {
            idempotency_key: String::new(),
            procedure_code: self.procedure_code,
            received_at_code: self.received_at_code,
            return_at_code: self.return_at_code,
            places: places.collect(),
            applicant: Some(applicant(self.applicant, self.proxy, kind)),
            channel: Channel::Online.into(),
            handed_in_at: handed_in_at.map(wire_timestamp),
            result_by: result_by.into(),
            answers: self.answers.map(|answers| answers.to_string()).unwrap_or_default(),
            documents: documents.collect(),
            entrance: entrance.into(),
            ..SubmitApplicationRequest::default()
        })
    }
}

/// Whether something may be an id or a code of the portal's.
pub(super) fn is_id(text: &str) -> bool {
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            let members = members.into_iter().filter(|(_, member)| !member.is_null());
            Value::Object(members.map(|(name, member)| (name, without_nulls(member))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(without_nulls).collect()),
        plain => plain,
    }
}

fn applicant(person: Person, proxy: Option<Person>, kind: ApplicantKind) -> Applicant {
    let residence = Residence {
        address: person.address,
        permanent_commune_code: person.permanent_commune_code,
        temporary_commune_code: person.temporary_commune_code,
    };
    let proxy = proxy.map(|proxy| Proxy {
        name: proxy.name,
        identity_number: proxy.identity_number,
        email: proxy.email,
        telephone: proxy.telephone,
        authorisation: Authorisation::Written.into(),
    });
    Applicant {
        name: person.name,
        identity_number: person.identity_number,
        email: person.email,
        telephone: person.telephone,
        kind: kind.into(),
        registration_number: person.registration_number,
        representative: person.representative,
        proxy,
        residence: Some(residence),
        postal_address: person.postal_address,
        ..Applicant::default()
    }
}

/// An instant as the portal writes it; none where it is empty.
pub(super) fn instant(field: &str, text: &str, zone: &TimeZone) -> Result<Option<Timestamp>, Rejection> {
    if text.is_empty() {
        return Ok(None);
    }
    let read = DateTime::strptime("%Y%m%d%H%M%S", text).and_then(|local| zone.to_timestamp(local));
    read.map(Some).map_err(|_| Rejection::invalid("MALFORMED_INSTANT", field, "yyyyMMddHHmmss"))
}
