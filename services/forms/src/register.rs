//! Form 07: the register of what a unit received.

use jiff::civil::{Date, DateTime};
use phidia_domain::application::Status;

use crate::{
    Fault, Form,
    control::Timeliness,
    heading::{Applicant, Dossier, Finished, Head, Office, Sheet, short_name},
    layout::Paper,
    table::{Columns, Heading, Table},
    text::{Span, bold, italic, plain},
    words,
};

/// *Sổ theo dõi hồ sơ* of a unit over some days.
///
/// "TT", "Mã hồ sơ", "Tên TTHC", "Số lượng hồ sơ (bộ)", "Tên cá nhân, tổ chức", "Địa chỉ, số điện thoại", "Cơ quan chủ trì giải quyết",
/// then "Ngày, tháng, năm": "Nhận hồ sơ", "Hẹn trả kết quả", "Trả kết quả", "Phương thức nhận kết quả", "Ký nhận", and "Ghi chú":
/// form 06 of Circular 01/2018/TT-VPCP; the columns were found in a province's list that follows it, the number of sets and the
/// remark are known of it generally. The title is that of 2025.
///
/// Empty, to be filled in by hand: the number of sets, which intake does not ask for, and the day and signature of
/// whoever collects the result. When it was finished stands in the remark.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Register {
    /// The unit.
    pub office: Office,
    /// Its official code.
    pub unit_code: String,
    /// First local day of reception.
    pub from: Date,
    /// Last one.
    pub to: Date,
    /// What was received, oldest first.
    pub entries: Vec<Entry>,
    /// Local time at which it was printed.
    pub made_at: DateTime,
}

/// What was received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// What it is.
    pub dossier: Dossier,
    /// Unit that works on it, or did last; empty: none was found yet.
    pub working_unit: String,
    /// Local time of acceptance.
    pub received_at: DateTime,
    /// Local time of the promise; none: nothing is promised.
    pub due_at: Option<DateTime>,
    /// Where the result is collected, or how else it reaches the applicant.
    pub return_at: String,
    /// How it stands.
    pub status: Status,
    /// Local time until which it has to be supplemented, if that was asked for.
    pub supplement_until: Option<DateTime>,
    /// Local time at which it ended; none: it has not.
    pub ended_at: Option<DateTime>,
}

impl Register {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    /// What its QR code and file are called: unit and days.
    pub fn about(&self) -> String {
        format!("{} {}/{}", self.unit_code, self.from, self.to)
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let days = format!("Từ {} đến {}", words::date(self.from), words::date(self.to));
        let mut sheet = Sheet::begin(Head {
            form: Form::Register,
            paper: Paper::ON_ITS_SIDE,
            office: &self.office,
            sign: "",
            made_at: self.made_at,
            about: &self.about(),
            signed: None,
            below: vec![
                vec![italic(days)],
                vec![plain("Tổng số: "), bold(format!("{} hồ sơ", self.entries.len()))],
            ],
        })?;
        sheet.layout.skip(6.0);
        let mut table = Table::begin(&mut sheet.layout, columns())?;
        for (number, entry) in self.entries.iter().enumerate() {
            table.row(&entry.cells(number + 1), 0.0)?;
        }
        sheet.sign(&[("NGƯỜI LẬP SỔ", "(Ký và ghi rõ họ tên)")])?;
        sheet.finish()
    }
}

fn columns() -> Columns {
    let heading = |text, share| Heading { text, share };
    Columns {
        headings: vec![
            heading("TT", 3.5),
            heading("Mã hồ sơ", 9.0),
            heading("Tên TTHC", 14.0),
            heading("Số lượng hồ sơ (bộ)", 5.5),
            heading("Tên cá nhân, tổ chức", 10.0),
            heading("Địa chỉ, số điện thoại", 9.5),
            heading("Cơ quan chủ trì giải quyết", 10.0),
            heading("Nhận hồ sơ", 7.0),
            heading("Hẹn trả kết quả", 7.0),
            heading("Trả kết quả", 6.0),
            heading("Phương thức nhận kết quả", 9.0),
            heading("Ký nhận", 6.0),
            heading("Ghi chú", 11.0),
        ],
        group: Some(("Ngày, tháng, năm", 7, 5)),
        size: 9.0,
        numbered: true,
        centred: vec![true, false, false, true, false, false, false, true, true, true, false, true, false],
    }
}

impl Entry {
    fn note(&self) -> String {
        let at = |at: Option<DateTime>| at.map(words::short_instant).unwrap_or_default();
        let ended = at(self.ended_at);
        let note = match self.status {
            Status::Accepted => "Đã tiếp nhận".to_owned(),
            Status::AwaitingDispatch => "Chờ phân công".to_owned(),
            Status::Assigned | Status::InProcess => "Đang giải quyết".to_owned(),
            Status::AwaitingSupplement => format!("Chờ bổ sung đến {}", at(self.supplement_until)),
            Status::AwaitingPayment => "Chờ nộp tiền".to_owned(),
            Status::Referred => "Chờ cơ quan, đơn vị phối hợp".to_owned(),
            Status::Granted => {
                let promised = self.ended_at.zip(self.due_at);
                let timely =
                    promised.map(|(ended, due)| Timeliness::of(ended, due).in_words().to_lowercase());
                format!(
                    "Có kết quả {ended}{}",
                    timely.map(|timely| format!(", {timely}")).unwrap_or_default()
                )
            }
            Status::Refused => format!("Từ chối {ended}"),
            Status::Withdrawn => format!("Dừng giải quyết: rút hồ sơ {ended}"),
            Status::Lapsed => format!("Dừng giải quyết: không bổ sung {ended}"),
        };
        note.trim_end().to_owned()
    }

    fn cells(&self, number: usize) -> Vec<Vec<Vec<Span>>> {
        let Dossier { code, procedure, applicant, .. } = &self.dossier;
        let Applicant { name, address, telephone, .. } = applicant;
        let both = if address.is_empty() || telephone.is_empty() { "" } else { "; " };
        let at = |at: DateTime| words::short_instant(at);
        let texts = [
            number.to_string(),
            code.clone(),
            procedure.clone(),
            String::new(),
            name.clone(),
            format!("{address}{both}{telephone}"),
            short_name(&self.working_unit),
            at(self.received_at),
            self.due_at.map(at).unwrap_or_default(),
            String::new(),
            short_name(&self.return_at),
            String::new(),
            self.note(),
        ];
        texts.into_iter().map(|text| vec![vec![plain(text)]]).collect()
    }
}
