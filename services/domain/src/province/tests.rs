//! The real province parses, and every class of malformed file is refused at its file, line and column.

use jiff::civil::date;

use super::*;
use crate::{
    procedure::{Corridor, Papers, Scope, StepKind, Tier, TimeLimit},
    unit::UnitKind,
};

/// The files of the bundled province.
pub(crate) fn ninh_binh() -> Documents {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/province/ninh-binh");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = files.map(|entry| (entry.file_name().into_string().unwrap(), entry.path()));
    let files = files.filter(|(name, _)| Province::reads(name));
    Documents(files.map(|(name, path)| (name, std::fs::read(path).unwrap())).collect())
}

/// A province of two communes and a department, right in every place.
const SMALL: [(&str, &str); 10] = [
    (
        "province.csv",
        "key,value,basis\n\
         code,37,GSO\n\
         name_vi,Ninh Bình,official\n\
         name_en,Ninh Bình,official\n\
         agency_code,H42,official\n\
         time_zone,Asia/Ho_Chi_Minh,official\n\
         same_day_cutoff,15:00,decree\n",
    ),
    (
        "units.csv",
        "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
         1,commune_centre,\"Trung tâm A, xã\",Centre A,Huyện X,20.1,106.0,2\n\
         2,commune_centre,Trung tâm B,Centre B,Huyện X,20.2,106.1,1\n\
         D,department,Sở D,Department D,,,,\n",
    ),
    (
        "unit_history.csv",
        "former_code,former_name,successor_code\n7,Xã Cũ,8\n8,Xã Vừa,1\n9,Xã Chia,1\n9,Xã Chia,2\n2,Xã Hai,1\n",
    ),
    (
        "legal_calendar.csv",
        "date,kind,name_vi,name_en,basis\n2026-11-24,holiday,Ngày Văn hóa,Culture day,official\n",
    ),
    ("working_hours.csv", "weekday,opens,closes\nmon,07:30,11:30\nmon,13:30,17:30\n"),
    (
        "procedures.csv",
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
         result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
         1.1,\"Đất, nhà\",Land,Đất đai,Land,commune,3,working_day,full,0,free,Giấy,UBND,B_receive_anywhere,,,,source,high\n\
         1.2,Sao,Copy,Chứng thực,Certification,commune,,,none,,unknown,Bản sao,UBND,C_fixed_place,2026-01-01,2027-01-01,1.1,source,medium\n",
    ),
    (
        "steps.csv",
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,work,Thẩm tra,Examination,province,fixed,D,3,90\n\
         1.1,2,sign,Ký,Signature,home,fixed,D,5,8\n\
         1.2,1,work,Thẩm tra,Examination,home,register,,2,12\n",
    ),
    ("officers.csv", "code,unit,name\n1-01,1,Nguyễn Văn A\nD-01,D,Trần Thị B\n"),
    ("competencies.csv", "officer,field,level\n1-01,Chứng thực,3\nD-01,Đất đai,5\n"),
    (
        "capacity.csv",
        "unit,date,opens,closes,reason\n1,2026-11-28,07:30,11:30,Saturday\n2,2026-11-27,,,closed\n",
    ),
];

pub(crate) fn small() -> Documents {
    Documents(SMALL.map(|(file, text)| (file.to_owned(), text.as_bytes().to_vec())).into())
}

/// The errors of the small province with one place of one file changed.
#[track_caller]
fn refused(file: &str, right: &str, wrong: &str) -> Vec<FileError> {
    let mut documents = small();
    let text = String::from_utf8(documents.0[file].clone()).unwrap();
    assert_eq!(text.matches(right).count(), 1, "{right} does not name one place of {file}");
    documents.0.insert(file.to_owned(), text.replace(right, wrong).into_bytes());
    Province::parse(&documents).unwrap_err()
}

/// Asserts the one error, as `file:line:column`, and a part of what was expected.
#[track_caller]
fn assert_refused(file: &str, right: &str, wrong: &str, place: &str, expected: &str) {
    let errors = refused(file, right, wrong);
    let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 1, "{shown:?}");
    assert!(
        shown[0].starts_with(&format!("{file}:{place}: expected ")) && shown[0].contains(expected),
        "{shown:?}"
    );
}

#[test]
fn ninh_binh_parses() {
    let province = Province::parse(&ninh_binh()).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let communes = province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre);
    assert_eq!(communes.count(), 129);
    assert_eq!(province.procedures.len(), 164);
    assert_eq!(province.capacity.len(), province.units.len());
    assert_eq!((province.code.as_str(), province.agency_code.as_str()), ("37", "H42"));

    let yen_mo = province.unit_by_code("14701").unwrap();
    assert_eq!(yen_mo.name.vi, "Trung tâm Phục vụ hành chính công xã Yên Mô");
    assert_eq!(province.unit_by_code("14707").unwrap(), yen_mo);
    // Gia Tân was divided between two communes: a person has to say which is meant.
    assert!(province.unit_by_code("14503").is_none());
    assert_eq!(province.successors("14503").count(), 2);
    assert!((10..=14).contains(&province.officers_of(yen_mo.id).count()));

    assert_eq!(province.procedure("1.001193").unwrap().limit, Some(TimeLimit::SameDay));
    assert_eq!(province.procedures.values().filter(|procedure| procedure.limit.is_none()).count(), 24);
    assert_eq!(province.procedure("9.999999").unwrap_err().reason, "UNKNOWN_PROCEDURE");
}

#[test]
fn ninh_binh_can_sign_wherever_it_may_have_to() {
    let province = Province::parse(&ninh_binh()).unwrap();
    let signs = province.procedures.values().flat_map(|procedure| {
        let signs = procedure.steps.iter().filter(|step| step.kind == StepKind::Sign);
        signs.map(move |sign| (procedure, sign))
    });
    for (procedure, sign) in signs {
        let able = |unit: &Unit| {
            province.officers_of(unit.id).any(|officer| officer.is_competent(&procedure.field.vi, sign.level))
        };
        match &sign.authority {
            Some(code) => {
                assert!(able(province.unit_by_code(code).unwrap()), "{}", procedure.code);
                assert_ne!(procedure.tier, Tier::Commune, "{}", procedure.code);
            }
            None => {
                let mut communes =
                    province.units.values().filter(|unit| unit.kind == UnitKind::CommuneCentre);
                assert!(communes.all(able), "{}", procedure.code);
            }
        }
    }
}

#[test]
fn civil_status_of_ninh_binh_changes_with_its_law_and_nothing_else_does() {
    let province = Province::parse(&ninh_binh()).unwrap();
    let [before, after] = [date(2027, 2, 28), date(2027, 3, 1)];
    let mut changed = 0;
    for procedure in province.procedures.values() {
        let [was, is] = [before, after].map(|day| procedure.steps_on(day).collect::<Vec<_>>());
        assert_eq!(was.len(), is.len(), "{}", procedure.code);
        let free = |step: &&Step| step.scope == Scope::Province && step.competence_key == CompetenceKey::None;
        if was != is {
            changed += 1;
            assert_eq!(procedure.field.vi, "Hộ tịch");
            assert!(was.iter().all(|step| step.competence_key == CompetenceKey::Residence));
            assert!(is.iter().all(free), "{}", procedure.code);
        }
    }
    assert_eq!(changed, 24);
}

#[test]
fn the_hours_alone_are_those_of_the_whole_province() {
    let Documents(all) = ninh_binh();
    let province = Province::parse(&Documents(all.clone())).unwrap();
    let mut hours = all;
    hours.retain(|name, _| Office::reads(name));
    let office = Office::try_from(&hours).unwrap();
    assert_eq!(office.code, province.code);
    let day = jiff::civil::date(2026, 8, 28);
    for day in day.series(jiff::ToSpan::days(1)).take(20) {
        assert_eq!(office.clock.close_of(day), province.clock.close_of(day), "{day}");
    }
    hours.insert("working_hours.csv".into(), b"weekday,opens,closes\nmon,noon,17:00\n".to_vec());
    let refusal = Office::try_from(&hours).unwrap_err();
    assert!(refusal.violations.iter().any(|wrong| wrong.field == "working_hours.csv:2:5"), "{refusal:?}");
    hours.remove("working_hours.csv");
    assert_eq!(Office::try_from(&hours).unwrap_err().reason, "MALFORMED_PROVINCE");
}

#[test]
fn neighbours_are_mutual() {
    let province = Province::parse(&ninh_binh()).unwrap();
    for unit in province.units.values() {
        for neighbour in &unit.neighbours {
            assert!(
                province.unit_by_code(neighbour).unwrap().neighbours.contains(&unit.code),
                "{}",
                unit.code
            );
        }
    }
}

#[test]
fn small_province_parses_with_byte_order_mark_crlf_and_columns_in_another_order() {
    let mut documents = small();
    let officers = "\u{feff}name,code,unit\r\nNguyễn Văn A,1-01,1\r\n\r\n\"Trần Thị B\",D-01,D\r\n";
    documents.0.insert("officers.csv".to_owned(), officers.as_bytes().to_vec());
    documents.0.insert("demand_units.csv".to_owned(), b"not read".to_vec());
    let province = Province::parse(&documents).unwrap();
    assert_eq!(province.officers, Province::parse(&small()).unwrap().officers);
    assert_eq!(province.procedure("1.1").unwrap().steps[0].scope, Scope::Province);
}

#[test]
fn position_is_right_after_crlf_and_empty_lines() {
    let mut documents = small();
    let officers = "code,unit,name\r\n1-01,1,A\r\n\r\n\"D-01\",\"X\"\"Y,\",B\r\n";
    documents.0.insert("officers.csv".to_owned(), officers.as_bytes().to_vec());
    let errors = Province::parse(&documents).unwrap_err();
    assert_eq!((errors.len(), errors[0].line, errors[0].column), (1, 4, 8));
}

#[test]
fn code_of_today_wins_and_chains_are_followed() {
    let province = Province::parse(&small()).unwrap();
    let code_of = |code| province.unit_by_code(code).map(|unit| unit.code.as_str());
    assert_eq!(
        [code_of("2"), code_of("7"), code_of("8"), code_of("9"), code_of("6")],
        [Some("2"), Some("1"), Some("1"), None, None]
    );
}

#[test]
fn home_follows_the_competence_key() {
    let province = Province::parse(&small()).unwrap();
    let [one, two, department] = ["1", "2", "D"].map(|code| UnitId::of("37", code));
    let fixed = &province.procedure("1.1").unwrap().steps[0];
    let register = &province.procedure("1.2").unwrap().steps[0];
    let anywhere = Step { competence_key: CompetenceKey::None, ..register.clone() };
    let places = BTreeMap::from([(CompetenceKey::Register, two)]);
    assert_eq!(province.home(fixed, one, &places), Ok(department));
    assert_eq!(province.home(register, one, &places), Ok(two));
    assert_eq!(province.home(register, one, &BTreeMap::new()), Err(CompetenceKey::Register));
    assert_eq!(province.home(&anywhere, one, &BTreeMap::new()), Ok(one));
}

/// The small province with `steps.csv` in another form, and with a list of centres.
fn with_lists(steps: &str) -> Documents {
    let mut documents = small();
    documents.0.insert("lists.csv".to_owned(), b"list,unit\nmountain,2\nmountain,1\ncoast,2\n".to_vec());
    documents.0.insert("steps.csv".to_owned(), steps.as_bytes().to_vec());
    documents
}

#[test]
fn a_step_may_name_a_list_of_units_and_say_what_becomes_of_its_papers() {
    let steps = "list,procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,papers\n\
                 mountain,1.1,1,work,Thẩm tra,Examination,listed,fixed,D,3,90,\n\
                 ,1.1,2,sign,Ký,Signature,home,fixed,D,5,8,originals\n\
                 ,1.2,1,work,Thẩm tra,Examination,home,register,,2,12,\n";
    let province = Province::parse(&with_lists(steps)).unwrap();
    let [land, copy] = ["1.1", "1.2"].map(|code| province.procedure(code).unwrap());
    assert_eq!(land.steps[0].scope, Scope::Listed);
    let mut units = ["1", "2"].map(|code| UnitId::of("37", code));
    units.sort();
    assert_eq!(province.listed(&land.steps[0]).collect::<Vec<_>>(), units);
    assert_eq!(province.listed(&land.steps[1]).count(), 0);
    // Not stated: none where all is online, otherwise what has to be carried.
    let papers = [land.papers(&land.steps[0]), land.papers(&land.steps[1]), copy.papers(&copy.steps[0])];
    assert_eq!(papers, [Papers::None, Papers::Originals, Papers::Copies]);

    for (right, wrong, place, expected) in [
        ("mountain,1.1", "valley,1.1", "steps.csv:2:1", "the name of a list"),
        ("mountain,1.1", ",1.1", "steps.csv:2:1", "where the scope is listed"),
        ("\n,1.2", "\ncoast,1.2", "steps.csv:4:1", "where the scope is listed"),
        ("8,originals", "8,lost", "steps.csv:3:43", "one of none"),
    ] {
        assert_eq!(steps.matches(right).count(), 1);
        let errors = Province::parse(&with_lists(&steps.replace(right, wrong))).unwrap_err();
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert!(shown.len() == 1 && shown[0].starts_with(place) && shown[0].contains(expected), "{shown:?}");
    }
    let mut twice = with_lists(steps);
    twice.0.insert("lists.csv".to_owned(), b"list,unit\nmountain,2\nmountain,2\nmountain,9\n".to_vec());
    let errors = Province::parse(&twice).unwrap_err();
    assert_eq!(errors.iter().map(|error| (error.line, error.column)).collect::<Vec<_>>(), [(3, 10), (4, 10)]);
}

/// The errors of the small province with such steps, as `line:column expected`.
fn dated(steps: &str) -> Result<Province, Vec<String>> {
    let mut documents = small();
    let head = "procedure,step,effective_from,effective_to,kind,name_vi,name_en,scope,competence_key,authority,level,\
                effort_minutes\n";
    let rows = steps.lines().map(|row| {
        let (row, scope) = row.trim().split_once(' ').unwrap();
        let key = if scope == "home" { "register" } else { "none" };
        format!("{row},work,Thẩm tra,Examination,{scope},{key},,3,90\n")
    });
    let text = head.to_owned() + &rows.collect::<String>();
    documents.0.insert("steps.csv".to_owned(), text.into_bytes());
    let told =
        |error: &FileError| format!("{}:{}:{} {}", error.file, error.line, error.column, error.expected);
    Province::parse(&documents).map_err(|errors| errors.iter().map(told).collect())
}

#[test]
fn a_step_changes_on_the_day_on_which_its_law_does() {
    let province = dated(
        "1.1,1,,2027-03-01 home
         1.1,1,2027-03-01, province
         1.1,2,2028-01-01, home
         1.2,1,, home",
    );
    let province = province.unwrap_or_else(|errors| panic!("{errors:#?}"));
    let procedure = province.procedure("1.1").unwrap();
    let scopes = |day| procedure.steps_on(day).map(|step| (step.number, step.scope)).collect::<Vec<_>>();
    assert_eq!(scopes(date(2027, 2, 28)), [(1, Scope::Home)]);
    assert_eq!(scopes(date(2027, 3, 1)), [(1, Scope::Province)]);
    assert_eq!(scopes(date(2028, 1, 1)), [(1, Scope::Province), (2, Scope::Home)]);
    assert_eq!(procedure.step_on(2, date(2027, 12, 31)), None);
    let keys = |day| procedure.competence_keys_on(day).collect::<Vec<_>>();
    assert_eq!((keys(date(2027, 2, 28)).len(), keys(date(2027, 3, 1)).len()), (1, 0));
}

#[test]
fn refuses_forms_of_a_step_that_do_not_follow_each_other() {
    for (rows, place, expected) in [
        // A gap, an overlap, an open end before another form, the same form twice.
        ("1.1,1,,2027-03-01 home\n1.1,1,2027-03-02, home", "3:7", "in the form before it"),
        ("1.1,1,,2027-03-01 home\n1.1,1,2027-02-28, home", "3:7", "in the form before it"),
        ("1.1,1,, home\n1.1,1,2027-02-28, home", "3:7", "in the form before it"),
        ("1.1,1,,2027-03-01 home\n1.1,1,, home", "3:7", "in the form before it"),
        ("1.1,1,, home\n1.1,1,, home", "3:5", "here 2"),
        // Nothing to do before the first form, and after the last one; the second step alone.
        ("1.1,1,2027-03-01, home", "2:7", "every day of the procedure"),
        ("1.1,1,,2027-03-01 home", "2:7", "also for 2027-03-01"),
        ("1.1,1,,2027-03-01 home\n1.1,2,, home", "3:5", "here 1 on 2027-03-01"),
        ("1.1,1,2027-03-01,2027-03-01 home", "2:18", "after effective_from"),
    ] {
        let errors = dated(&format!("{rows}\n1.2,1,, home")).unwrap_err();
        assert_eq!(errors.len(), 1, "{errors:?}");
        assert!(
            errors[0].starts_with(&format!("steps.csv:{place} ")) && errors[0].contains(expected),
            "{errors:?}"
        );
    }
    // 1.2 is in force in 2026 alone: what its steps are before and after, nobody asks.
    assert!(dated("1.1,1,, home\n1.2,1,2026-01-01,2027-01-01 home").is_ok());
    assert!(dated("1.1,1,, home\n1.2,1,2026-01-02, home").is_err());
}

#[test]
fn who_took_over_from_units_of_an_earlier_version() {
    let earlier = Province::parse(&small()).unwrap();
    let mut documents = small();
    let units = String::from_utf8(documents.0["units.csv"].clone()).unwrap();
    let units = units.replace("\n2,commune", "\n3,commune").replace("106.0,2", "106.0,3");
    documents.0.insert("units.csv".to_owned(), units.into_bytes());
    let history = b"former_code,former_name,successor_code\n2,B,1\n2,B,3\n".to_vec();
    documents.0.insert("unit_history.csv".to_owned(), history);
    let capacity = b"unit,date,opens,closes,reason\n".to_vec();
    documents.0.insert("capacity.csv".to_owned(), capacity);
    let today = Province::parse(&documents).unwrap_or_else(|errors| panic!("{errors:#?}"));
    let [one, two, three] = ["1", "2", "3"].map(|code| UnitId::of("37", code));
    let heirs = |units: &[UnitId]| -> BTreeSet<UnitId> {
        today.heirs(&units.iter().copied().collect(), &earlier).collect()
    };
    assert_eq!(heirs(&[one]), [one].into());
    assert_eq!(heirs(&[two]), [one, three].into());
}

/// The units with addresses behind them, one for each.
fn with_addresses(addresses: [&str; 3]) -> Documents {
    let mut documents = small();
    let units = String::from_utf8(documents.0["units.csv"].clone()).unwrap();
    let lines = units.lines().zip(["email"].into_iter().chain(addresses));
    let lines: String = lines.map(|(line, address)| format!("{line},{address}\n")).collect();
    documents.0.insert("units.csv".to_owned(), lines.into_bytes());
    documents
}

#[test]
fn an_office_is_written_to_where_it_has_an_address_and_what_is_none_is_refused_at_its_place() {
    let address = "mot-cua@xa-a.ninhbinh.example";
    let documents = with_addresses([address, "", ""]);
    let [one, two] = ["1", "2"].map(|code| UnitId::of("37", code));
    let province = Province::parse(&documents).unwrap();
    assert_eq!(province.units[&one].email.as_deref(), Some(address));
    assert_eq!(province.units[&two].email, None);
    let office = Office::try_from(&documents.0).unwrap();
    let name = Text { vi: "Trung tâm A, xã".into(), en: "Centre A".into() };
    assert_eq!(office.letterboxes, [(one, Letterbox { name, email: address.into() })].into());

    let mut without = documents.0.clone();
    without.remove("units.csv");
    assert!(Office::try_from(&without).unwrap().letterboxes.is_empty(), "as it was kept before");

    let long = format!("{}@xa-a.example", "a".repeat(250));
    for none in ["xa-b", "@xa-b.example", "b@xa-b", "b b@xa-b.example", "b@@xa-b.example", &long] {
        let documents = with_addresses([address, none, ""]);
        let [error] = &Province::parse(&documents).unwrap_err()[..] else { panic!("{none}") };
        assert!(error.to_string().starts_with("units.csv:3:60: expected an e-mail address"), "{error}");
        let refusal = Office::try_from(&documents.0).unwrap_err();
        assert_eq!(refusal.violations[0].field, "units.csv:3:60");
    }
}

#[test]
fn a_column_that_may_be_left_out_is_asked_for_in_its_line() {
    assert_refused(
        "steps.csv",
        "Examination,province",
        "Examination,listed",
        "2:0",
        "where the scope is listed",
    );
}

#[test]
fn a_procedure_may_be_in_a_green_corridor() {
    let with = |corridors: [&str; 2]| {
        let mut documents = small();
        let text = String::from_utf8(documents.0["procedures.csv"].clone()).unwrap();
        let lines = text.lines().zip(["corridor", corridors[0], corridors[1]]);
        let text: String = lines.map(|(line, corridor)| format!("{line},{corridor}\n")).collect();
        documents.0.insert("procedures.csv".to_owned(), text.into_bytes());
        Province::parse(&documents)
    };
    let province = with(["hours_16", ""]).unwrap();
    let corridor = |code| province.procedure(code).unwrap().corridor;
    assert_eq!([corridor("1.1"), corridor("1.2")], [Some(Corridor::Hours16), None]);
    assert_eq!(with(["", "half_time"]).unwrap().procedure("1.2").unwrap().corridor, Some(Corridor::HalfTime));
    let errors = with(["", "fast"]).unwrap_err();
    assert!(errors[0].line == 3 && errors[0].expected.contains("hours_16"), "{errors:?}");
}

#[test]
fn refuses_a_missing_file_without_a_word_on_references_to_it() {
    let mut documents = small();
    documents.0.remove("units.csv");
    let errors = Province::parse(&documents).unwrap_err();
    assert_eq!(
        errors.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["units.csv:1:0: expected this file"]
    );
}

#[test]
fn refuses_wrong_columns() {
    assert_refused("officers.csv", "code,unit,name", "code,unit,name,code", "1:16", "only once");
    assert_refused("officers.csv", "code,unit,name", "code,unit,đơn,name", "1:11", "only the columns");
    assert_refused("working_hours.csv", "weekday,opens", "opens", "1:0", "a column weekday");
    assert_refused("officers.csv", "1-01,1,Nguyễn Văn A", "1-01,1,\"A, B\",x", "2:15", "3 fields, not 4");
    assert_refused("officers.csv", "1-01,1,Nguyễn Văn A", "1-01,1", "2:6", "3 fields, not 2");
    let mut empty = small();
    empty.0.insert("steps.csv".to_owned(), Vec::new());
    assert_eq!(Province::parse(&empty).unwrap_err()[0].expected, "a header line");
}

#[test]
fn refuses_what_is_no_text() {
    let mut documents = small();
    let latin: &[u8] = b"code,unit,name\n1-01,1,A\nD-01,D,\"\xc4\x90\xe0\"\n";
    documents.0.insert("officers.csv".to_owned(), latin.to_vec());
    let errors = Province::parse(&documents).unwrap_err();
    assert_eq!(errors[0].to_string(), "officers.csv:3:10: expected UTF-8");
    assert_refused("officers.csv", "Trần Thị", "Trần\tThị", "3:12", "no control character");
    assert_refused("officers.csv", "Trần Thị", "Trần\rThị", "3:12", "no control character");
    assert_refused("officers.csv", "Trần Thị B", "\"Trần\nThị B\"", "3:8", "a field on one line");
    assert_refused("officers.csv", "Trần Thị B", "\"Trần Thị B", "3:8", "a field on one line");
}

#[test]
fn refuses_unknown_words() {
    assert_refused("units.csv", "D,department", "D,ministry", "4:3", "one of commune_centre");
    assert_refused("steps.csv", "1.2,1,work", "1.2,1,dream", "4:7", "one of work, sign");
    assert_refused("legal_calendar.csv", "holiday", "party", "2:12", "one of holiday");
    assert_refused("working_hours.csv", "mon,07:30", "moon,07:30", "2:1", "one of mon");
    // After a quoted field with a comma in it.
    assert_refused("procedures.csv", "Land,commune", "Land,district", "2:34", "one of commune");
    assert_refused(
        "units.csv",
        "\"Trung tâm A, xã\",Centre A",
        "\"Trung tâm A, xã\", Centre A",
        "2:36",
        "a text",
    );
}

#[test]
fn refuses_numbers_out_of_range() {
    assert_refused("units.csv", "20.1", "91", "2:53", "-90 to 90");
    assert_refused("units.csv", "20.1", "", "2:54", "both or neither");
    assert_refused("procedures.csv", "3,working_day", "0,working_day", "2:42", "1 to 3650");
    assert_refused("procedures.csv", "3,working_day", "3,", "2:44", "one of same_day");
    assert_refused("procedures.csv", "3,working_day", "3,same_day", "2:42", "1 to 1");
    assert_refused("procedures.csv", "full,0", "full,-1", "2:61", "a number from 0");
    assert_refused("steps.csv", ",2,12", ",2,0", "4:50", "a number from 1");
    assert_refused("steps.csv", ",3,90", ",6,90", "2:50", "1 to 5");
    assert_refused("competencies.csv", ",5", ",0", "3:14", "1 to 5");
}

#[test]
fn refuses_impossible_times() {
    assert_refused("legal_calendar.csv", "2026-11-24", "2026-11-31", "2:1", "a date such as");
    assert_refused("legal_calendar.csv", "holiday", "working_saturday", "2:1", "a Saturday");
    assert_refused("working_hours.csv", "13:30", "10:30", "3:5", "without overlap");
    assert_refused("working_hours.csv", "17:30", "13:00", "3:11", "after `opens`");
    assert_refused("working_hours.csv", "mon,07:30,11:30\nmon", "tue,07:30,11:30\ntue", "1:0", "Monday");
    assert_refused("province.csv", "15:00", "T1500", "7:17", "a time such as");
    assert_refused("province.csv", "15:00", "3 pm", "7:17", "a time such as");
    assert_refused("province.csv", "Asia/Ho_Chi_Minh", "Asia/Yên_Mô", "6:11", "time zone");
    assert_refused("capacity.csv", "2,2026-11-27,,", "1,2026-11-28,,", "3:3", "only once");
    assert_refused("capacity.csv", "2,2026-11-27,,", "1,2026-11-28,11:00,12:00", "3:14", "without overlap");
    assert_refused("capacity.csv", "2,2026-11-27,,", "1,2026-11-28,06:00,07:00", "3:14", "in order");
    assert_refused("capacity.csv", "07:30,11:30", "11:30,07:30", "2:20", "after `opens`");
    assert_refused("capacity.csv", "2,2026-11-27,,", "2,2026-11-27,,11:30", "3:14", "a time such as");
    assert_refused("procedures.csv", "2026-01-01", "2027-01-01", "3:101", "after effective_from");
}

#[test]
fn refuses_duplicate_keys() {
    for (file, line, place) in [
        ("province.csv", "agency_code,H42,official\n", "6:1"),
        ("units.csv", "D,department,Sở D,Department D,,,,\n", "5:1"),
        ("officers.csv", "D-01,D,Trần Thị B\n", "4:1"),
        ("legal_calendar.csv", "2026-11-24,holiday,Ngày Văn hóa,Culture day,official\n", "3:1"),
        ("competencies.csv", "D-01,Đất đai,5\n", "4:6"),
        ("unit_history.csv", "9,Xã Chia,2\n", "6:1"),
    ] {
        assert_refused(file, line, &line.repeat(2), place, "no line before");
    }
    let copy = "1.2,Sao,Copy,Chứng thực,Certification,commune";
    let other = "1.1,\"Đất, nhà\",Land,Đất đai,Land,commune,3,working_day,full,0,free,Giấy,UBND,B_receive_anywhere,,,,source,high";
    assert_refused("procedures.csv", copy, &format!("{other}\n{copy}"), "3:1", "no other line");
}

#[test]
fn refuses_references_to_what_is_unknown() {
    assert_refused("units.csv", "106.0,2", "106.0,2 3", "2:64", "codes of other units");
    assert_refused("units.csv", "106.0,2", "106.0,1", "2:64", "codes of other units");
    assert_refused("units.csv", "Department D,", "Department D,Huyện X", "4:32", "a former district");
    assert_refused("officers.csv", "1-01,1", "1-01,3", "2:6", "unit");
    assert_refused("competencies.csv", "1-01", "1-02", "2:1", "officer");
    assert_refused("competencies.csv", "Chứng thực", "Chứng", "2:6", "field");
    assert_refused("capacity.csv", "\n2,", "\n3,", "3:1", "unit");
    assert_refused("unit_history.csv", "Cũ,8", "Cũ,6", "2:9", "unit");
    assert_refused("procedures.csv", "2027-01-01,1.1", "2027-01-01,1.3", "3:112", "procedure");
}

#[test]
fn refuses_a_process_that_cannot_run() {
    let errors = refused("steps.csv", "1.2,1,work,Thẩm tra,Examination,home,register,,2,12\n", "");
    assert_eq!((errors[0].file.as_str(), errors[0].line, errors[0].column), ("procedures.csv", 3, 1));
    assert_refused("steps.csv", "1.1,2", "1.1,3", "3:5", "here 2");
    assert_refused("steps.csv", "1.1,2", "1.1,1", "3:5", "here 2");
    assert_refused("steps.csv", "1.2,1", "1.2,2", "4:5", "here 1");
    assert_refused("steps.csv", "province,fixed,D", "province,fixed,", "2:48", "fixed");
    assert_refused("steps.csv", "register,", "register,D", "4:47", "fixed");
    assert_refused("steps.csv", "province,fixed,D", "province,fixed,E", "2:48", "unit");
}

#[test]
fn refuses_a_history_that_leads_back() {
    let errors = refused("unit_history.csv", "8,Xã Vừa,1", "8,Xã Vừa,7");
    assert_eq!(errors.iter().map(|error| (error.line, error.column)).collect::<Vec<_>>(), [(2, 9), (3, 10)]);
    assert_refused("unit_history.csv", "7,Xã Cũ,8", "7,Xã Cũ,7", "2:9", "does not lead back");
}

#[test]
fn tells_all_errors_up_to_a_hundred() {
    let errors = refused("steps.csv", "1.2,1,work,", "1.9,0,dream,");
    assert_eq!(errors.iter().map(|error| error.column).collect::<Vec<_>>(), [1, 1, 5, 7]);
    assert_eq!(errors[0].file, "procedures.csv");
    let mut documents = small();
    let officers = format!("code,unit,name\n{}", "1-01,1,A\n".repeat(300));
    documents.0.insert("officers.csv".to_owned(), officers.into_bytes());
    assert_eq!(Province::parse(&documents).unwrap_err().len(), 100);
}

#[test]
fn documents_show_no_content() {
    assert_eq!(format!("{:?}", Documents([("a".to_owned(), b"secret".to_vec())].into())), r#"{"a": 6}"#);
}

#[test]
fn every_wrong_place_is_a_violation() {
    let mut files = small().0;
    assert_eq!(Province::try_from(&files).unwrap().units.len(), 3);
    files
        .insert("officers.csv".to_owned(), "code,unit,name\n1-01,1,Nguyễn Văn A\nD-01,X,Trần Thị B\n".into());
    let refusal = Province::try_from(&files).unwrap_err();
    assert_eq!((refusal.kind, refusal.reason.as_str()), (Kind::Invalid, "MALFORMED_PROVINCE"));
    assert_eq!(refusal.violations[0].field, "officers.csv:3:6");
    assert!(refusal.violations[0].description.starts_with("expected "));
    assert!(!refusal.message.contains("Trần"));
}

#[test]
fn a_chain_of_successors_is_as_long_as_it_likes() {
    let mut history = "former_code,former_name,successor_code\n".to_owned();
    // Walked anew from each of its codes, this one takes minutes.
    for number in 0..20_000 {
        history += &format!("h{number},Xã Cũ,h{}\n", number + 1);
    }
    history += "h20000,Xã Cũ,1\nh20000,Xã Cũ,2\n";
    let mut documents = small();
    documents.0.insert("unit_history.csv".into(), history.into());
    let province = Province::parse(&documents).unwrap();
    assert_eq!(province.successors("h0").count(), 2);
}
