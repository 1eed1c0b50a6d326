use crate::{
    procedure::{Exemption, FeeKind, FeeUnit, Need},
    province::{Documents, Province, tests::small},
};

const DOCUMENTS: &str = "procedure,part,name_vi,name_en,originals,copies,required,condition_vi,condition_en,from_data,basis\n\
    1.1,1,Tờ khai,Declaration,1,0,yes,,,,test\n\
    1.1,2,Giấy chứng sinh,Certificate of birth,0,1,if,sinh tại bệnh viện,born in a hospital,,test\n\
    1.1,3,Căn cước,Identity card,0,1,yes,,,CSDL quốc gia về dân cư,test\n\
    1.2,1,Ảnh,Photograph,2,0,no,,,,test\n";
const FEES: &str = "procedure,fee,kind,name_vi,name_en,amount_vnd,per,online_amount_vnd,exemption,basis\n\
    1.2,copy,fee,Phí sao,Copying,2000,page,,merit poor_household,test\n\
    1.2,charge,charge,Lệ phí,Charge,8000,application,0,,test\n";
const FORM: &str = r#"{"type": "object", "properties": {"a": {"title": "A", "x-title-en": "A"}}}"#;

/// The small province with documents, fees, a form and the columns that name them.
fn with(documents: &str, fees: &str, form: &str, columns: [&str; 3]) -> Documents {
    let mut files = small();
    let procedures = String::from_utf8(files.0["procedures.csv"].clone()).unwrap();
    let rows = procedures.lines().zip(columns).map(|(row, more)| format!("{row},{more}\n"));
    for (name, content) in [
        ("procedures.csv", rows.collect::<String>().as_str()),
        ("documents.csv", documents),
        ("fees.csv", fees),
        ("form_a.json", form),
    ] {
        files.0.insert(name.to_owned(), content.as_bytes().to_vec());
    }
    files
}

const COLUMNS: [&str; 3] =
    ["form,decision,decided_on,boundary_list", "a,12/QĐ-UBND,2026-01-02,412/QĐ-UBND", ",,,"];

fn refused(documents: &Documents) -> Vec<String> {
    Province::parse(documents).unwrap_err().iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_handed_in_paid_and_filled_in_is_read_with_the_procedure() {
    let province = Province::parse(&with(DOCUMENTS, FEES, FORM, COLUMNS));
    let province = province.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let [land, copy] = ["1.1", "1.2"].map(|code| province.procedure(code).unwrap());
    let parts: Vec<_> = land.documents.iter().map(|document| document.part.as_str()).collect();
    assert_eq!(parts, ["1", "2", "3"]);
    assert!(matches!(&land.documents[1].need, Need::If(when) if when.en == "born in a hospital"));
    let must: Vec<_> = land.documents.iter().map(|document| document.must_be_there()).collect();
    // The identity card is in the database of the population: it is not asked for.
    assert_eq!(must, [true, false, false]);
    assert_eq!(copy.documents[0].originals, 2);
    assert_eq!((land.fees.len(), copy.fees.len()), (0, 2));
    assert_eq!((copy.fees[0].kind, copy.fees[0].per), (FeeKind::Fee, FeeUnit::Page));
    assert_eq!(
        copy.fees[0].exempt.iter().collect::<Vec<_>>(),
        [&Exemption::Merit, &Exemption::PoorHousehold]
    );
    assert_eq!(copy.fees[1].online_amount_vnd, Some(0));
    assert_eq!(land.form.as_ref().map(|form| form.name()), Some("a"));
    assert_eq!(land.decision.as_ref().map(|decision| decision.number.as_str()), Some("12/QĐ-UBND"));
    assert_eq!(land.boundary_list.as_deref(), Some("412/QĐ-UBND"));
    assert_eq!((&copy.form, &copy.decision), (&None, &None));
}

#[test]
fn each_fault_has_its_place() {
    let documents =
        |right: &str, wrong: &str| refused(&with(&DOCUMENTS.replacen(right, wrong, 1), FEES, FORM, COLUMNS));
    let fees =
        |right: &str, wrong: &str| refused(&with(DOCUMENTS, &FEES.replacen(right, wrong, 1), FORM, COLUMNS));
    let columns = |row: &'static str| refused(&with(DOCUMENTS, FEES, FORM, [COLUMNS[0], row, ",,,"]));
    for (told, place, expected) in [
        (documents("1.1,2", "1.1,1"), "documents.csv:3:5", "no line before"),
        (documents("1.1,1", "1.9,1"), "documents.csv:2:1", "procedures.csv"),
        (documents("1,0,yes", "-1,0,yes"), "documents.csv:2:27", "0 to 99"),
        (documents("1,0,yes", "1,0,maybe"), "documents.csv:2:31", "one of yes, no, if"),
        (documents("yes,,,,", "yes,x,,,"), "documents.csv:2:35", "unless"),
        (documents("sinh tại bệnh viện", ""), "documents.csv:3:51", "1 to 2000"),
        (fees("1.2,charge,charge", "1.2,copy,charge"), "fees.csv:3:5", "no line before"),
        (fees("2000", "-1"), "fees.csv:2:30", "0 to"),
        (fees("page", "kilo"), "fees.csv:2:35", "one of application"),
        (fees("merit", "rich"), "fees.csv:2:41", "child"),
        (fees("fee,Phí", "tax,Phí"), "fees.csv:2:10", "one of fee, charge"),
        (columns("b,,,"), "procedures.csv:2:112", "form_<name>.json"),
        (columns("a,12/QĐ,,"), "procedures.csv:2:120", "the day"),
        (columns("a,,2026-01-02,"), "procedures.csv:2:114", "the number"),
    ] {
        assert!(
            told.len() == 1 && told[0].starts_with(place) && told[0].contains(expected),
            "{place} {told:?}"
        );
    }
}

#[test]
fn a_broken_form_is_told_by_file_line_column_and_pointer_once() {
    let told = refused(&with(
        DOCUMENTS,
        FEES,
        "{\n \"type\": \"object\",\n \"properties\": {\"a\": {\"type\": \"dream\"}}}",
        COLUMNS,
    ));
    assert_eq!(told.len(), 1, "{told:?}");
    assert!(
        told[0].starts_with("form_a.json:3:31: expected at /properties/a/type what JSON Schema"),
        "{told:?}"
    );
    // A name that is none of a form is none of a file of the province.
    assert!(
        Province::reads("form_a.json") && !Province::reads("form_.json") && !Province::reads("form_a/b.json")
    );
}

#[test]
fn a_form_is_put_and_removed_whole() {
    let files = with(DOCUMENTS, FEES, FORM, COLUMNS);
    let one = |name: &str, content: &str| Documents([(name.to_owned(), content.as_bytes().to_vec())].into());
    let nothing = Documents([].into());
    let put = files.amended(&one("form_b.json", FORM), &nothing).unwrap();
    assert_eq!(put.0["form_b.json"], FORM.as_bytes());
    let removed = put.amended(&nothing, &one("form_b.json", "")).unwrap();
    assert_eq!(removed, files);
    // One that a procedure names cannot go.
    let broken = files.amended(&nothing, &one("form_a.json", "")).unwrap();
    assert!(refused(&broken)[0].starts_with("procedures.csv:2:"));
}
