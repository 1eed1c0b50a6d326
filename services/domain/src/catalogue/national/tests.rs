use super::*;
use crate::province::{Documents, Province, tests::small};

const EXPORT: &str = r#"[
 {"formalityId": "b7", "code": "1.1", "name": "Đăng ký  đất", "fieldName": "Đất đai", "agency": "UBND", "decisionNumber": "7/QĐ", "decisionDate": "2026-03-01",
  "submissionMethods": [
    {"submissionMethod": "ONLINE", "processingTime": 2, "processingTimeUnit": "WORKING_DAY", "fees": [{"type": "CHARGE", "value": 8000}]},
    {"submissionMethod": "DIRECT", "processingTime": 1, "processingTimeUnit": "OTHER"}],
  "executionCases": [
    {"name": "Lần đầu", "profileComponents": [
      {"code": "a", "name": "Đơn", "originalQty": 1, "required": true, "hasElectronicForm": true},
      {"code": "b", "name": "Bản vẽ", "copyQty": 2, "required": true},
      {"code": "r", "name": "Giấy chứng nhận", "isProcessingResult": true}]},
    {"name": "Cấp lại", "profileComponents": [{"code": "a", "name": "Đơn", "originalQty": 1, "required": true, "hasElectronicForm": true}]}]},
 {"formalityId": "b8", "code": "1.5", "name": "Việc mới", "fieldName": "Đất đai", "level": "COMMUNE", "agency": "UBND", "result": "Giấy",
  "submissionMethods": [{"submissionMethod": "DIRECT", "processingTime": 5, "processingTimeUnit": "DAY"}]}
]"#;

const DAY: Date = jiff::civil::date(2026, 11, 24);

fn ours() -> Catalogue {
    Catalogue::of(&small()).unwrap()
}

#[test]
fn what_the_national_database_says_goes_over_our_rows() {
    let national = read("national.json", EXPORT.as_bytes(), &ours(), DAY).unwrap();
    let documents: Documents = national.put_into(&small(), Some("1.2")).unwrap();
    let province = Province::parse(&documents).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let land = province.procedure("1.1").unwrap();
    // Its unit is OTHER: the time is ours. Nor does it know English, or how far a procedure goes online.
    assert_eq!((land.name.vi.as_str(), land.name.en.as_str()), ("Đăng ký đất", "Land"));
    assert_eq!(land.limit, Some(crate::procedure::TimeLimit::WorkingDays(3)));
    assert_eq!(land.online, crate::procedure::OnlineLevel::Full);
    assert_eq!(land.decision.as_ref().unwrap().number, "7/QĐ");
    let parts: Vec<_> = land.documents.iter().map(|one| (one.part.as_str(), one.must_be_there())).collect();
    assert_eq!(parts, [("a", true), ("b", false)]);
    assert!(matches!(&land.documents[1].need, crate::procedure::Need::If(case) if case.vi == "Lần đầu"));
    assert_eq!(land.fees[0].amount_vnd, 8_000);
    let new = province.procedure("1.5").unwrap();
    assert_eq!(new.limit, Some(crate::procedure::TimeLimit::CalendarDays(5)));
    assert!(new.basis.contains("formality b8"));
    // Brought in again, nothing changes.
    let again = read("national.json", EXPORT.as_bytes(), &Catalogue::of(&documents).unwrap(), DAY).unwrap();
    assert_eq!(again.put_into(&documents, None).unwrap(), documents);
}

#[test]
fn what_cannot_be_taken_over_is_told_by_its_pointer() {
    let refused = |right: &str, wrong: &str| {
        let refusal = read("n.json", EXPORT.replacen(right, wrong, 1).as_bytes(), &ours(), DAY).unwrap_err();
        refusal.violations.iter().map(|violation| violation.field.clone()).collect::<Vec<_>>()
    };
    assert_eq!(refused("\"DAY\"", "\"OTHER\""), ["n.json#/1/submissionMethods/0/processingTimeUnit"]);
    assert_eq!(refused("\"OTHER\"", "\"MOON\""), ["n.json#/0/submissionMethods/1/processingTimeUnit"]);
    assert_eq!(refused("CHARGE", "GIFT"), ["n.json#/0/submissionMethods/0/fees/0/type"]);
    assert_eq!(refused("COMMUNE", "MOON"), ["n.json#/1/level"]);
    assert_eq!(refused("\"code\": \"1.1\"", "\"kode\": \"1.1\"").len(), 1);
}

/// Blanks around a code are none of it: it is our procedure, with what we know of it.
#[test]
fn a_code_with_blanks_around_it_is_the_same_code() {
    let of = |code: &str| {
        let export = EXPORT.replacen("\"1.1\"", &format!("\"{code}\""), 1);
        read("n.json", export.as_bytes(), &ours(), DAY).unwrap()
    };
    assert_eq!(of(" 1.1\u{a0}"), of("1.1"));
}

/// The national database knows today: what the province has said of later days stays, and what it says goes to the line of today.
#[test]
fn what_holds_on_other_days_is_not_touched() {
    let row = |cells: &[(&str, &str)]| -> Row {
        cells.iter().map(|(column, cell)| ((*column).to_owned(), (*cell).to_owned())).collect()
    };
    let later = row(&[("code", "1.1"), ("effective_from", "2027-01-01"), ("name_vi", "Đất")]);
    let later = Catalogue {
        procedures: vec![Entry { procedure: later, ..Entry::default() }],
        ..Catalogue::default()
    };
    let active = later.put_into(&small(), None).unwrap();
    let known = Catalogue::of(&active).unwrap();
    let national = read("n.json", EXPORT.as_bytes(), &known, DAY).unwrap();
    let after = national.put_into(&active, Some("1.2")).unwrap();
    let names = |day| Province::parse(&after).unwrap().procedure_on("1.1", day).unwrap().name.vi.clone();
    assert_eq!(names(DAY), "Đăng ký đất");
    assert_eq!(names(jiff::civil::date(2027, 1, 1)), "Đất");
}
