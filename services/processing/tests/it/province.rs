//! A small province: two communes of one cluster and one of another, a department, two procedures.

use std::collections::BTreeMap;

use phidia_domain::id::{OfficerId, UnitId};

/// One step, anywhere.
pub(crate) const COPY: &str = "1.2";
/// Examination anywhere, then the signature at the residence.
pub(crate) const BIRTH: &str = "1.1";

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
    ("unit_history.csv", "former_code,former_name,successor_code\n7,Xã Cũ,1\n"),
    (
        "legal_calendar.csv",
        "date,kind,name_vi,name_en,basis\n2026-11-24,holiday,Ngày Văn hóa,Culture day,official\n",
    ),
    (
        "working_hours.csv",
        "weekday,opens,closes\nmon,07:30,11:30\nmon,13:30,17:30\nwed,07:30,11:30\nwed,13:30,17:30\n",
    ),
    (
        "procedures.csv",
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,\
         result_vi,decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
         1.1,Khai sinh,Birth,Hộ tịch,Civil status,commune,3,working_day,full,0,free,Giấy,UBND,B_receive_anywhere,,,,source,high\n\
         1.2,Sao,Copy,Chứng thực,Certification,commune,,,none,,unknown,Bản sao,UBND,C_fixed_place,,,,source,medium\n",
    ),
    (
        "steps.csv",
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes\n\
         1.1,1,work,Thẩm tra,Examination,province,residence,,2,30\n\
         1.1,2,sign,Ký,Signature,home,residence,,4,8\n\
         1.2,1,work,Thẩm tra,Examination,province,none,,2,12\n",
    ),
    (
        "officers.csv",
        "code,unit,name\n1-01,1,Nguyễn Văn A\n1-02,1,Trần Thị B\n1-03,1,Lê Văn C\n2-01,2,Phạm Thị D\n3-01,3,Hoàng E\n",
    ),
    (
        "competencies.csv",
        "officer,field,level\n1-01,Hộ tịch,5\n1-01,Chứng thực,3\n1-02,Hộ tịch,5\n1-03,Hộ tịch,1\n\
         2-01,Hộ tịch,5\n2-01,Chứng thực,5\n3-01,Hộ tịch,3\n",
    ),
    ("capacity.csv", "unit,date,opens,closes,reason\n1,2026-11-28,07:30,11:30,Saturday\n"),
];

pub(crate) fn files() -> BTreeMap<String, Vec<u8>> {
    FILES.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).into()
}

/// The same with `count` more officers at unit 1, `1-100` and so on, who master what comes there, and [`COPY`] in a green
/// corridor.
pub(crate) fn with_officers(count: usize) -> BTreeMap<String, Vec<u8>> {
    let mut files = files();
    let mut add = |name: &str, lines: String| files.get_mut(name).unwrap().extend(lines.into_bytes());
    for code in crowd(count) {
        add("officers.csv", format!("{code},1,Nguyễn Văn {code}\n"));
        add("competencies.csv", format!("{code},Hộ tịch,5\n{code},Chứng thực,5\n"));
    }
    let procedures = String::from_utf8(files["procedures.csv"].clone()).unwrap();
    let columns = procedures.lines().zip(["corridor", "", "hours_16"]);
    let lines: String = columns.map(|(line, corridor)| format!("{line},{corridor}\n")).collect();
    files.insert("procedures.csv".to_owned(), lines.into_bytes());
    files
}

/// The staff codes of those.
pub(crate) fn crowd(count: usize) -> impl Iterator<Item = String> {
    (100..100 + count).map(|number| format!("1-{number}"))
}

pub(crate) fn unit(code: &str) -> UnitId {
    UnitId::of("37", code)
}

pub(crate) fn officer(code: &str) -> OfficerId {
    OfficerId::of("37", code)
}
