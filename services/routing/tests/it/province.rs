//! A small province: two communes of one cluster and one of another, a department, three procedures. Unit 2
//! has more people than unit 1, unit 3 has nobody for copies; nobody anywhere masters land.

use std::collections::BTreeMap;

use phidia_domain::id::UnitId;

/// Work anywhere, then the signature at the unit that received it: 120 and 10 minutes.
pub(crate) const COPY: &str = "1.2";
/// Examination anywhere, then the signature at the residence: 30 and 8 minutes.
pub(crate) const BIRTH: &str = "1.1";
/// Nobody masters it: 60 minutes.
pub(crate) const LAND: &str = "1.3";

const FILES: [(&str, &str); 10] = [
    (
        "province.csv",
        "key,value,basis\ncode,37,GSO\nname_vi,Ninh Bình,official\nname_en,Ninh Bình,official\n\
         agency_code,H42,official\ntime_zone,Asia/Ho_Chi_Minh,official\nsame_day_cutoff,15:00,decree\n",
    ),
    (
        "units.csv",
        "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
         1,commune_centre,Trung tâm A,Centre A,Huyện X,20.1,106.0,2\n\
         2,commune_centre,Trung tâm B,Centre B,Huyện X,20.2,106.1,1\n\
         3,commune_centre,Trung tâm C,Centre C,Huyện Y,20.3,106.2,\n\
         D,department,Sở D,Department D,,,,\n",
    ),
    ("unit_history.csv", "former_code,former_name,successor_code\n7,Xã Cũ,1\n9,Xã Chia,1\n9,Xã Chia,2\n"),
    ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n"),
    (
        "working_hours.csv",
        "weekday,opens,closes\nmon,07:30,11:30\nmon,13:30,17:30\ntue,07:30,11:30\ntue,13:30,17:30\n\
         wed,07:30,11:30\nwed,13:30,17:30\nthu,07:30,11:30\nthu,13:30,17:30\nfri,07:30,11:30\nfri,13:30,17:30\n",
    ),
    (
        "procedures.csv",
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
         result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
         1.1,Khai sinh,Birth,Hộ tịch,Civil status,commune,3,working_day,full,0,free,Giấy,UBND,B_receive_anywhere,,,,source,high\n\
         1.2,Sao,Copy,Chứng thực,Certification,commune,1,working_day,full,,unknown,Bản sao,UBND,A_decide_anywhere,,,,source,medium\n\
         1.3,Sổ đỏ,Land,Đất đai,Land,commune,3,working_day,full,,unknown,Sổ,UBND,B_receive_anywhere,,,,source,medium\n\
         1.9,Cũ,Old,Hộ tịch,Civil status,commune,3,working_day,full,0,free,Giấy,UBND,B_receive_anywhere,,2026-01-01,,source,high\n",
    ),
    (
        "steps.csv",
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,work,Thẩm tra,Examination,province,residence,,2,30\n\
         1.1,2,sign,Ký,Signature,home,residence,,4,8\n\
         1.2,1,work,Thẩm tra,Examination,province,none,,2,120\n\
         1.2,2,sign,Ký,Signature,home,none,,4,10\n\
         1.3,1,work,Thẩm tra,Examination,province,none,,2,60\n\
         1.9,1,work,Thẩm tra,Examination,province,none,,2,30\n",
    ),
    (
        "officers.csv",
        "code,unit,name\n1-01,1,Nguyễn Văn A\n2-01,2,Phạm Thị D\n2-02,2,Lê Văn E\n3-01,3,Hoàng G\n",
    ),
    (
        "competencies.csv",
        "officer,field,level\n1-01,Hộ tịch,5\n1-01,Chứng thực,5\n2-01,Chứng thực,5\n2-02,Chứng thực,5\n\
         3-01,Hộ tịch,2\n",
    ),
    ("capacity.csv", "unit,date,opens,closes,reason\n"),
];

pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    FILES.iter().map(|(name, content)| ((*name).to_owned(), content.as_bytes().to_vec())).collect()
}

/// The same with a line more in one file.
pub(crate) fn with_line(file: &str, line: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = files();
    files.get_mut(file).unwrap().extend(format!("{line}\n").bytes());
    files
}

/// The same in which births may be signed anywhere, and at no particular place, from this day on.
pub(crate) fn with_births_free_from(day: &str) -> BTreeMap<String, Vec<u8>> {
    let mut files = files();
    let steps = String::from_utf8(files["steps.csv"].clone()).unwrap();
    let rows = steps.lines().flat_map(|row| match row.strip_suffix(",home,residence,,4,8") {
        Some(birth) => vec![format!("{row},,{day}"), format!("{birth},province,none,,4,8,{day},")],
        None if row.starts_with("procedure,") => vec![format!("{row},effective_from,effective_to")],
        None => vec![format!("{row},,")],
    });
    let steps: String = rows.map(|row| row + "\n").collect();
    files.insert("steps.csv".to_owned(), steps.into_bytes());
    files
}

/// The same in which the usual way of a copy passes its second step by, and ends with a third one.
pub(crate) fn with_a_step_to_pass_by() -> BTreeMap<String, Vec<u8>> {
    let mut files = files();
    let steps = String::from_utf8(files["steps.csv"].clone()).unwrap();
    let rows = steps.lines().flat_map(|row| match row {
        row if row.starts_with("procedure,") => vec![format!("{row},next")],
        row if row.starts_with("1.2,1,") => vec![format!("{row},3 2")],
        row if row.starts_with("1.2,2,") => {
            vec![format!("{row},3"), "1.2,3,sign,Ký,Signature,home,none,,4,15,end".to_owned()]
        }
        row => vec![format!("{row},")],
    });
    let steps: String = rows.map(|row| row + "\n").collect();
    files.insert("steps.csv".to_owned(), steps.into_bytes());
    files
}

pub(crate) fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

/// Minutes of a step.
pub(crate) fn effort(procedure: &str, step: u32) -> i64 {
    match (procedure, step) {
        (COPY, 1) => 120,
        (COPY, 2) => 10,
        (COPY, 3) => 15,
        (BIRTH, 1) => 30,
        (BIRTH, 2) => 8,
        (LAND, 1) => 60,
        other => panic!("no such step: {other:?}"),
    }
}
