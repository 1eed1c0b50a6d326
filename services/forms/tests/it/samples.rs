//! One of each form. No person here exists.

use jiff::civil::{Date, DateTime, date};
use phidia_domain::application::Status;
use phidia_forms::{
    Apology, Applicant, ControlSlip, Dossier, Entry, Form, Ground, HandOver, Office, Receipt, Refusal,
    Register, StopNotice, SupplementRequest, Timeliness,
};

pub(crate) const CODE: &str = "H42.14701-261123-0001";
pub(crate) const NAME: &str = "Nguyễn Thị Hồng Ánh";
pub(crate) const PROCEDURE: &str = "Cấp Giấy xác nhận tình trạng hôn nhân";
pub(crate) const DAY: Date = date(2026, 11, 23);

pub(crate) fn at(hour: i8, minute: i8) -> DateTime {
    DAY.at(hour, minute, 0, 0)
}

pub(crate) fn office() -> Office {
    Office {
        superior: Some("Ủy ban nhân dân xã Yên Mô".into()),
        name: "Trung tâm Phục vụ hành chính công xã Yên Mô".into(),
        place: "Yên Mô".into(),
    }
}

pub(crate) fn dossier() -> Dossier {
    Dossier {
        code: CODE.into(),
        procedure_code: "1.004873".into(),
        procedure: PROCEDURE.into(),
        applicant: Applicant {
            name: NAME.into(),
            telephone: "0912 345 678".into(),
            email: "hong.anh@example.vn".into(),
            ..Applicant::default()
        },
    }
}

pub(crate) fn receipt() -> Receipt {
    Receipt {
        office: office(),
        dossier: dossier(),
        check_code: "493027".into(),
        signed: None,
        time_limit: "3 ngày làm việc".into(),
        received_at: at(9, 5),
        due_at: Some(date(2026, 11, 26).at(9, 5, 0, 0)),
        return_at: office().name,
        papers: Vec::new(),
        fee_vnd: Some(15_000),
    }
}

pub(crate) fn supplement() -> SupplementRequest {
    SupplementRequest {
        office: office(),
        dossier: dossier(),
        asked_by: "Trung tâm Phục vụ hành chính công xã Yên Từ".into(),
        reasons: vec![
            "Bản chính Giấy xác nhận thông tin về cư trú".into(),
            "Tờ khai chưa có chữ ký của người yêu cầu".into(),
            "Bản sao Quyết định ly hôn đã có hiệu lực pháp luật (nộp kèm bản chính để đối chiếu)".into(),
        ],
        asked_at: at(15, 20),
        until: date(2026, 12, 14).at(17, 30, 0, 0),
    }
}

pub(crate) fn refusal() -> Refusal {
    Refusal {
        office: office(),
        dossier: dossier(),
        refused_by: office().name,
        reason:
            "Người yêu cầu đã đăng ký kết hôn và chưa ly hôn, không đủ điều kiện xác nhận là người độc thân."
                .into(),
        refused_at: at(16, 0),
    }
}

pub(crate) fn apology() -> Apology {
    Apology {
        office: office(),
        dossier: dossier(),
        working_unit: "Trung tâm Phục vụ hành chính công phường Đông Hoa Lư".into(),
        received_at: at(9, 5),
        promised: date(2026, 11, 26).at(9, 5, 0, 0),
        reason: "Cần xác minh tình trạng hôn nhân tại nơi đăng ký thường trú trước đây.".into(),
        due_at: date(2026, 12, 1).at(9, 5, 0, 0),
        written_at: date(2026, 11, 25).at(16, 40, 0, 0),
    }
}

pub(crate) fn stop() -> StopNotice {
    StopNotice {
        office: office(),
        dossier: dossier(),
        received_at: at(9, 5),
        ground: Ground::Withdrawn { asked_at: Some(at(14, 10)) },
        stopped_at: at(14, 11),
    }
}

pub(crate) fn control(times: usize) -> ControlSlip {
    let first = HandOver {
        from: "Trung tâm Phục vụ hành chính công xã Yên Mô".into(),
        to: "Trung tâm Phục vụ hành chính công phường Đông Hoa Lư".into(),
        at: at(9, 6),
        taken_up_at: Some(at(10, 0)),
        done_at: Some(at(11, 15)),
        officer: "14329-03".into(),
        timeliness: Some(Timeliness::Early),
        note: "Thẩm tra hồ sơ".into(),
    };
    let second = HandOver {
        from: first.to.clone(),
        to: first.from.clone(),
        at: at(11, 16),
        taken_up_at: None,
        done_at: None,
        officer: String::new(),
        timeliness: None,
        note: "Ký duyệt".into(),
    };
    ControlSlip {
        office: office(),
        dossier_code: CODE.into(),
        procedure_code: "1.004873".into(),
        procedure: dossier().procedure,
        received_at: at(9, 5),
        due_at: Some(date(2026, 11, 26).at(9, 5, 0, 0)),
        hand_overs: (0..times).flat_map(|_| [first.clone(), second.clone()]).collect(),
        made_at: at(17, 0),
    }
}

pub(crate) fn register(entries: usize) -> Register {
    let entry = |number: usize| Entry {
        dossier: Dossier { code: format!("H42.14701-261123-{:04}", number + 1), ..dossier() },
        working_unit: "Trung tâm Phục vụ hành chính công phường Đông Hoa Lư".into(),
        received_at: at(8, i8::try_from(number % 60).unwrap()),
        due_at: Some(date(2026, 11, 26).at(9, 5, 0, 0)),
        return_at: office().name,
        status: if number == 1 { Status::AwaitingSupplement } else { Status::Granted },
        supplement_until: Some(date(2026, 12, 14).at(17, 30, 0, 0)),
        ended_at: (number != 1).then(|| date(2026, 11, 24).at(16, 20, 0, 0)),
    };
    Register {
        office: office(),
        unit_code: "14701".into(),
        from: date(2026, 11, 23),
        to: date(2026, 11, 27),
        entries: (0..entries).map(entry).collect(),
        made_at: date(2026, 11, 30).at(8, 0, 0, 0),
    }
}

/// All seven, as they are printed.
pub(crate) fn all() -> [(Form, Vec<u8>); 7] {
    [
        (Form::Receipt, receipt().pdf().unwrap()),
        (Form::Supplement, supplement().pdf().unwrap()),
        (Form::Refusal, refusal().pdf().unwrap()),
        (Form::Apology, apology().pdf().unwrap()),
        (Form::Stop, stop().pdf().unwrap()),
        (Form::Control, control(3).pdf().unwrap()),
        (Form::Register, register(25).pdf().unwrap()),
    ]
}
