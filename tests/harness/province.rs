//! A tiny province whose offices never close, so that a story goes the same at any hour of any day.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a harness fails loudly")]

use std::{collections::BTreeMap, fs, path::Path};

/// Code of the province.
pub const CODE: &str = "99";
/// A commune with one officer, `A-1`, who signs everything.
pub const ALPHA: &str = "90001";
/// A commune of the same cluster with three officers, `B-1` to `B-3`, who examine, and `B-4`, who signs.
pub const BETA: &str = "90002";
/// A commune of another cluster with one officer, `C-1`.
pub const GAMMA: &str = "90003";
/// An abolished commune that Alpha took in.
pub const FORMER_ALPHA: &str = "80001";

/// Two steps anywhere, done the same day.
pub const ANYWHERE: &str = "9.000001";
/// Examined anywhere, signed by the commune of residence: 3 working days, 600 minutes of effort.
pub const SIGNED_AT_HOME: &str = "9.000002";
/// Its field is mastered by nobody.
pub const NOBODY_CAN: &str = "9.000003";
/// Abolished on 1 January 2026 in favour of `ANYWHERE`.
pub const ABOLISHED: &str = "9.000004";
/// In force from 1 January 2035.
pub const NOT_YET: &str = "9.000005";

/// Received and signed at home; between the two examined there while Beta verifies: 3 working days.
pub const SIDE_BY_SIDE: &str = "9.000006";

const FILES: &[(&str, &str)] = &[
    (
        "province.csv",
        "key,value,basis\ncode,99,test\nname_vi,Tỉnh Thử,test\nname_en,Test Province,test\nagency_code,T99,test\n\
         time_zone,Asia/Ho_Chi_Minh,test\nsame_day_cutoff,15:00,test\n",
    ),
    (
        "units.csv",
        "code,kind,name_vi,name_en,cluster,latitude,longitude,neighbours\n\
         90001,commune_centre,Trung tâm An,Alpha Centre,Cụm Một,20.1,106.0,90002\n\
         90002,commune_centre,Trung tâm Bình,Beta Centre,Cụm Một,20.2,106.0,90001 90003\n\
         90003,commune_centre,Trung tâm Chi,Gamma Centre,Cụm Hai,20.3,106.0,90002\n",
    ),
    ("unit_history.csv", "former_code,former_name,successor_code\n80001,Xã Cũ,90001\n"),
    ("legal_calendar.csv", "date,kind,name_vi,name_en,basis\n2025-01-01,holiday,Nghỉ,Holiday,test\n"),
    (
        "working_hours.csv",
        "weekday,opens,closes\nmon,00:00,24:00\ntue,00:00,24:00\nwed,00:00,24:00\nthu,00:00,24:00\nfri,00:00,24:00\n\
         sat,00:00,24:00\nsun,00:00,24:00\n",
    ),
    ("capacity.csv", "unit,date,opens,closes,reason\n"),
    (
        "procedures.csv",
        "code,name_vi,name_en,field_vi,field_en,tier,time_value,time_unit,online_level,fee_vnd,fee_rule,result_vi,\
         decided_by,boundary_free_kind,effective_from,effective_to,replaced_by,basis,confidence\n\
         9.000001,Chứng thực bản sao,Certified copy,Chứng thực,Certification,commune,1,same_day,full,2000,fixed,\
         Bản sao,UBND cấp xã,A_decide_anywhere,,,,test,high\n\
         9.000002,Đăng ký khai sinh,Birth registration,Hộ tịch,Civil status,commune,3,working_day,full,0,free,\
         Giấy khai sinh,UBND cấp xã,B_receive_anywhere,,,,test,high\n\
         9.000003,Việc hiếm,Rare matter,Hiếm,Rare,commune,5,working_day,full,0,free,Giấy,UBND cấp xã,\
         A_decide_anywhere,,,,test,high\n\
         9.000004,Việc cũ,Old matter,Chứng thực,Certification,commune,1,same_day,full,0,free,Giấy,UBND cấp xã,\
         A_decide_anywhere,,2026-01-01,9.000001,test,high\n\
         9.000005,Việc mới,New matter,Chứng thực,Certification,commune,1,same_day,full,0,free,Giấy,UBND cấp xã,\
         A_decide_anywhere,2035-01-01,,,test,high\n\
         9.000006,Cải chính hộ tịch,Civil status correction,Hộ tịch,Civil status,commune,3,working_day,full,0,free,\
         Trích lục,UBND cấp xã,B_receive_anywhere,,,,test,high\n",
    ),
    (
        "steps.csv",
        "procedure,step,kind,name_vi,name_en,scope,competence_key,authority,level,effort_minutes,together_with\n\
         9.000001,1,work,Thẩm tra,Examination,province,none,,2,10,\n\
         9.000001,2,sign,Ký,Signature,province,none,,5,5,\n\
         9.000002,1,work,Thẩm tra,Examination,province,residence,,2,600,\n\
         9.000002,2,sign,Ký,Signature,home,residence,,5,5,\n\
         9.000003,1,work,Thẩm tra,Examination,province,none,,3,10,\n\
         9.000004,1,work,Thẩm tra,Examination,province,none,,2,10,\n\
         9.000005,1,work,Thẩm tra,Examination,province,none,,2,10,\n\
         9.000006,1,work,Tiếp nhận,Reception,province,residence,,2,10,\n\
         9.000006,2,work,Thẩm tra,Examination,province,residence,,2,30,\n\
         9.000006,3,work,Xác minh,Verification,home,fixed,90002,2,20,2\n\
         9.000006,4,sign,Ký,Signature,home,residence,,5,5,\n",
    ),
    (
        "officers.csv",
        "code,unit,name\nA-1,90001,An Một\nB-1,90002,Bình Một\nB-2,90002,Bình Hai\nB-3,90002,Bình Ba\n\
         B-4,90002,Bình Bốn\nC-1,90003,Chi Một\n",
    ),
    (
        "competencies.csv",
        "officer,field,level\nA-1,Chứng thực,5\nA-1,Hộ tịch,5\nB-1,Hộ tịch,3\nB-2,Hộ tịch,3\nB-3,Hộ tịch,3\n\
         B-1,Chứng thực,3\nB-4,Chứng thực,5\nB-4,Hộ tịch,5\nC-1,Chứng thực,5\n",
    ),
];

/// The files by name; change them at will.
pub fn files() -> BTreeMap<String, String> {
    FILES.iter().map(|(name, content)| ((*name).to_owned(), (*content).to_owned())).collect()
}

/// Staff codes of a crowd at Alpha.
pub fn crowd(count: usize) -> impl Iterator<Item = String> {
    (1..=count).map(|number| format!("D-{number}"))
}

/// The files, with a crowd at Alpha who examine there what is handed in there for [`ANYWHERE`].
pub fn crowded(count: usize) -> BTreeMap<String, String> {
    let mut files = files();
    let examined_at_home = files["steps.csv"].replace(
        "9.000001,1,work,Thẩm tra,Examination,province",
        "9.000001,1,work,Thẩm tra,Examination,home",
    );
    files.insert("steps.csv".into(), examined_at_home);
    for officer in crowd(count) {
        let mut add = |file: &str, row: String| files.entry(file.into()).or_default().push_str(&row);
        add("officers.csv", format!("{officer},{ALPHA},Cán bộ {officer}\n"));
        add("competencies.csv", format!("{officer},Chứng thực,3\n"));
    }
    files
}

/// Writes files into a folder.
pub fn write(folder: &Path, files: &BTreeMap<String, String>) {
    fs::create_dir_all(folder).unwrap();
    for (name, content) in files {
        fs::write(folder.join(name), content).unwrap();
    }
}
