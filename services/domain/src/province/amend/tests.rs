//! Amendments of the small province: what is named changes, and nothing else.

use super::*;
use crate::province::tests::small;

fn documents<const N: usize>(files: [(&str, &str); N]) -> Documents {
    Documents(files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into())
}

fn nothing() -> Documents {
    documents([])
}

fn text(documents: &Documents, file: &str) -> String {
    String::from_utf8(documents.0[file].clone()).unwrap()
}

/// The places of what is wrong.
fn refused(put: &Documents, removed: &Documents) -> Vec<String> {
    let refusal = small().amended(put, removed).unwrap_err();
    assert_eq!(refusal.reason, "MALFORMED_PROVINCE");
    refusal.violations.into_iter().map(|violation| violation.field).collect()
}

#[test]
fn rows_are_replaced_in_place_added_behind_and_taken_out() {
    let before = small();
    // Columns in another order, and a name that needs quotes.
    let put = documents([(
        "officers.csv",
        "name,code,unit\n\"Lê \"\"Tư\"\", ông\",2-02,2\nNguyễn Văn A,1-01,2\nHoàng C,2-01,2\n",
    )]);
    let removed = documents([("competencies.csv", "field,officer\nĐất đai,D-01\nĐất đai,9-99\n")]);
    let after = before.amended(&put, &removed).unwrap();
    assert_eq!(
        text(&after, "officers.csv"),
        "code,unit,name\n1-01,2,Nguyễn Văn A\nD-01,D,Trần Thị B\n2-02,2,\"Lê \"\"Tư\"\", ông\"\n2-01,2,Hoàng C\n"
    );
    assert_eq!(text(&after, "competencies.csv"), "officer,field,level\n1-01,Chứng thực,3\n");
    for file in Province::FILES.iter().filter(|file| !["officers.csv", "competencies.csv"].contains(file)) {
        assert_eq!(after.0.get(*file), before.0.get(*file), "{file}");
    }
    let province = Province::parse(&after).unwrap();
    let two = province.unit_by_code("2").unwrap().id;
    assert_eq!(province.officers_of(two).count(), 3);
    // The same again changes nothing.
    assert!(after.amended(&put, &removed).unwrap() == after);
}

#[test]
fn other_lines_stay_as_they_are_written() {
    let mut before = small();
    let written = "\u{feff}code,unit,name\r\n\r\n\"1-01\",1,Nguyễn Văn A\r\nD-01,D,Trần Thị B";
    before.0.insert("officers.csv".to_owned(), written.as_bytes().to_vec());
    let put = documents([("officers.csv", "code,unit,name\n1-01,1,Nguyễn Văn A\n2-01,2,Hoàng C\n")]);
    let after = before.amended(&put, &nothing()).unwrap();
    assert_eq!(text(&after, "officers.csv"), format!("{written}\r\n2-01,2,Hoàng C\r\n"));
    // A line that says the same in other quotes is the same.
    let same = documents([("units.csv", &text(&small(), "units.csv"))]);
    assert!(small().amended(&same, &nothing()).unwrap() == small());
}

#[test]
fn a_file_that_was_not_there_comes_as_it_is() {
    let list = documents([("lists.csv", "list,unit\nxanh,1\n")]);
    let after = small().amended(&list, &nothing()).unwrap();
    assert_eq!(text(&after, "lists.csv"), "list,unit\nxanh,1\n");
    let none = documents([("lists.csv", "list,unit\nxanh,1\n")]);
    assert!(small().amended(&nothing(), &none).unwrap() == small(), "there is none to take it out of");
    assert!(Province::parse(&after).is_ok());
}

#[test]
fn rows_of_one_key_move_by_key_and_keys_of_several_columns_count_whole() {
    // Tuesday 24 November is off; unit 1 works on its Saturday in the afternoon instead of in the morning.
    let put =
        documents([("capacity.csv", "unit,date,opens,closes,reason\n1,2026-11-28,13:30,17:30,Saturday\n")]);
    let removed = documents([("capacity.csv", "unit,date,opens\n1,2026-11-28,07:30\n")]);
    let after = small().amended(&put, &removed).unwrap();
    assert_eq!(
        text(&after, "capacity.csv"),
        "unit,date,opens,closes,reason\n2,2026-11-27,,,closed\n1,2026-11-28,13:30,17:30,Saturday\n"
    );
}

#[test]
fn what_is_wrong_in_an_amendment_is_told_with_its_place() {
    for (name, put, places) in [
        ("officer.csv", "code,unit,name\n", vec!["officer.csv:1:0"]),
        ("officers.csv", "code,unit\n1-01,1\n", vec!["officers.csv:1:0"]),
        ("officers.csv", "code,unit,name\n1-01,1,A\n1-01,1,B\n", vec!["officers.csv:3:1"]),
        ("officers.csv", "code,unit,name\n1-01,1\n", vec!["officers.csv:2:6"]),
        // A column that may be there, but is not in the active file.
        ("lists.csv", "list,unit,note\nxanh,1,x\n", vec!["lists.csv:1:11"]),
    ] {
        assert_eq!(refused(&documents([(name, put)]), &nothing()), places, "{name}: {put}");
    }
    // Only keys are named of what is to go.
    let whole = documents([("officers.csv", "code,unit,name\n1-01,1,A\n")]);
    assert_eq!(refused(&nothing(), &whole), ["officers.csv:1:6", "officers.csv:1:11"]);
}

#[test]
fn a_step_that_the_law_changes_has_a_row_for_each_time() {
    let heading = "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes";
    let dated =
        |from: &str, to: &str| format!("1.2,1,work,Thẩm tra,Examination,home,register,,2,12,{from},{to}\n");
    let mut before = small();
    let (old, new) = (dated("", "2026-06-01"), dated("2026-06-01", ""));
    let text_of = |rows: &str| {
        let others = "1.1,1,work,Thẩm tra,Examination,province,fixed,D,3,90,,\n\
                      1.1,2,sign,Ký,Signature,home,fixed,D,5,8,,\n";
        format!("{heading},effective_from,effective_to\n{others}{rows}")
    };
    before.0.insert("steps.csv".to_owned(), text_of(&old).into_bytes());
    let put = documents([("steps.csv", &format!("{heading},effective_from,effective_to\n{new}"))]);
    let after = before.amended(&put, &nothing()).unwrap();
    assert_eq!(text(&after, "steps.csv"), text_of(&format!("{old}{new}")));
    assert!(Province::parse(&after).is_ok(), "{:?}", Province::parse(&after).err());
}

#[test]
fn every_file_has_keys_among_its_columns() {
    for schema in SCHEMA {
        assert!(!schema.keys.is_empty(), "{}", schema.file);
        let columns = [schema.columns, schema.optional].concat();
        assert!(schema.keys.iter().all(|key| columns.contains(key)), "{}", schema.file);
    }
}
