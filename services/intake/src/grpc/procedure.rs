//! A procedure with all that the catalogue says of it, as a message.

use phidia_domain::{
    Rejection,
    catalogue::search::Wanted,
    procedure::{Boundary, Corridor, Fee, Need, OnlineLevel, RequiredDocument, Tier},
    province::Figure,
};
use phidia_proto::{
    convert::{self, wire_text},
    intake::v1::{
        GetProcedureRequest, GetProcedureResponse, ListProceduresRequest, ProcedureDocument, ProcedureFee,
        PublishedFigure,
    },
};
use phidia_runtime::failure::Failure;

use super::{
    catalogue::{date, wire_procedure},
    process,
};
use crate::{Intake, catalogue::get_procedure::ProcedureView};

const TIERS: [(&str, Tier); 3] =
    [("commune", Tier::Commune), ("province", Tier::Province), ("linked", Tier::Linked)];
const LEVELS: [(&str, OnlineLevel); 3] =
    [("full", OnlineLevel::Full), ("partial", OnlineLevel::Partial), ("none", OnlineLevel::None)];

pub(super) async fn get(
    intake: &Intake,
    request: GetProcedureRequest,
) -> Result<GetProcedureResponse, Failure> {
    let version = Some(request.province_version).filter(|version| *version != 0);
    let view =
        intake.get_procedure(&request.code, convert::optional_day(&request.day, "day")?, version).await?;
    Ok(wire(&view))
}

/// What a list is narrowed to.
pub(super) fn wanted(request: &ListProceduresRequest) -> Result<Wanted, Rejection> {
    Ok(Wanted {
        tier: word("tier", &request.tier, &TIERS)?,
        online: word("online_level", &request.online_level, &LEVELS)?,
        boundary: word("boundary", &request.boundary, &Boundary::WORDS)?,
        field: request.field.clone(),
        day: convert::optional_day(&request.day, "day")?,
    })
}

/// For what a word stands; none where it is empty.
pub(super) fn word<T: Copy>(field: &str, text: &str, words: &[(&str, T)]) -> Result<Option<T>, Rejection> {
    if text.is_empty() {
        return Ok(None);
    }
    let found = words.iter().find(|(word, _)| *word == text).map(|(_, one)| *one);
    found.map(Some).ok_or_else(|| {
        let words: Vec<_> = words.iter().map(|(word, _)| *word).collect();
        Rejection::invalid("UNKNOWN_WORD", field, format!("one of {}", words.join(", ")))
    })
}

fn name<T: PartialEq>(words: &[(&str, T)], one: &T) -> String {
    words.iter().find(|(_, known)| known == one).map_or("", |(word, _)| word).to_owned()
}

fn wire(view: &ProcedureView) -> GetProcedureResponse {
    let ProcedureView { province, procedure, day } = view;
    let form = procedure.form.as_ref();
    let (so_from, so_until) = procedure.as_it_is_around(*day);
    let decision = procedure.decision.as_ref();
    let corridor = match procedure.corridor {
        None => "",
        Some(Corridor::Hours16) => "hours_16",
        Some(Corridor::HalfTime) => "half_time",
    };
    GetProcedureResponse {
        procedure: Some(wire_procedure(&province.value, procedure, *day)),
        day: day.to_string(),
        province_version: province.version,
        tier: name(&TIERS, &procedure.tier),
        online_level: name(&LEVELS, &procedure.online),
        boundary: procedure.boundary.as_str().to_owned(),
        boundary_list: procedure.boundary_list.clone().unwrap_or_default(),
        corridor: corridor.to_owned(),
        fee_rule: procedure.fee_rule.clone(),
        fees: procedure.fees.iter().map(fee).collect(),
        documents: procedure.documents.iter().map(document).collect(),
        form_name: form.map(|form| form.name().to_owned()).unwrap_or_default(),
        form_schema: form.map(|form| form.text().to_owned()).unwrap_or_default(),
        result_vi: procedure.result_vi.clone(),
        decided_by: procedure.decided_by.clone(),
        decision: decision.map(|decision| decision.number.clone()).unwrap_or_default(),
        decided_on: decision.map(|decision| decision.decided_on.to_string()).unwrap_or_default(),
        process_decision: procedure.published_on(*day).map(process::decision),
        basis: procedure.basis.clone(),
        so_from: date(so_from),
        so_until: date(so_until),
    }
}

fn fee(fee: &Fee) -> ProcedureFee {
    ProcedureFee {
        code: fee.code.clone(),
        kind: Some(wire_text(&fee.kind.in_words())),
        name: Some(wire_text(&fee.name)),
        amount_vnd: fee.amount_vnd,
        online_amount_vnd: fee.online_amount_vnd,
        per: Some(wire_text(&fee.per.in_words())),
        exempt: fee.exempt.iter().map(|group| wire_text(&group.in_words())).collect(),
        basis: fee.basis.clone(),
    }
}

fn document(document: &RequiredDocument) -> ProcedureDocument {
    let condition = match &document.need {
        Need::If(condition) => Some(wire_text(condition)),
        Need::Always | Need::Never => None,
    };
    ProcedureDocument {
        part: document.part.clone(),
        name: Some(wire_text(&document.name)),
        originals: document.originals,
        copies: document.copies,
        required: document.must_be_there(),
        condition,
        template: document.template.clone().unwrap_or_default(),
        from_data: document.from_data.clone().unwrap_or_default(),
        basis: document.basis.clone(),
    }
}

pub(super) fn figure(figure: &Figure) -> PublishedFigure {
    PublishedFigure {
        code: figure.code.clone(),
        name: Some(wire_text(&figure.name)),
        count: figure.count,
        share_percent: figure.share_percent.clone().unwrap_or_default(),
        base: Some(wire_text(&figure.base)),
        source: figure.source.clone(),
    }
}
