//! Form 06: who had a dossier when, hand-over by hand-over.

use jiff::civil::DateTime;

use crate::{
    Fault, Form,
    heading::{Finished, Head, Office, Sheet, filled},
    layout::{Paper, leading},
    table::{Columns, Heading, Table},
    text::{Span, bold, italic, plain},
    words,
};

/// Room to sign in.
const SIGNATURE: f32 = 26.0;

/// *Phiếu kiểm soát quá trình giải quyết hồ sơ*, kept from acceptance on: one line for each hand-over. There is nothing personal on it.
///
/// "Tên cơ quan" with "1. Giao" and "2. Nhận", "Thời gian giao, nhận hồ sơ" with the signatures of both, "Kết quả giải quyết hồ
/// sơ (trước hạn/đúng hạn/quá hạn)" and "Ghi chú": form 05 of Circular 01/2018/TT-VPCP. The title is that of 2025.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ControlSlip {
    /// Unit that received the application.
    pub office: Office,
    /// Official dossier code.
    pub dossier_code: String,
    /// Code of the procedure.
    pub procedure_code: String,
    /// Name of the procedure.
    pub procedure: String,
    /// Local time of acceptance.
    pub received_at: DateTime,
    /// Local time of the promise; none: nothing is promised.
    pub due_at: Option<DateTime>,
    /// Oldest first.
    pub hand_overs: Vec<HandOver>,
    /// Local time at which it was printed.
    pub made_at: DateTime,
}

/// A dossier goes from one to another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HandOver {
    /// Who hands it over.
    pub from: String,
    /// Who receives it.
    pub to: String,
    /// Local time at which it was handed over.
    pub at: DateTime,
    /// Local time at which somebody there took it up; none: nobody has, or nobody had to.
    pub taken_up_at: Option<DateTime>,
    /// Local time at which they were done; none: not yet.
    pub done_at: Option<DateTime>,
    /// Staff code of who did it, or is at it; empty: nobody.
    pub officer: String,
    /// How it stands to the promise; none: nothing is promised, or nothing was done there.
    pub timeliness: Option<Timeliness>,
    /// What was to be done there, and what else there is to say.
    pub note: String,
}

/// How something stands to the promise. No source gives each unit a time of its own, so all are measured by that of the whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timeliness {
    /// *Trước hạn*: on an earlier day.
    Early,
    /// *Đúng hạn*: on the day itself, in time.
    OnTime,
    /// *Quá hạn*.
    Late,
}

impl Timeliness {
    /// That of what was done at one local time and promised for another.
    pub fn of(done_at: DateTime, due_at: DateTime) -> Self {
        match done_at.date() < due_at.date() {
            true => Self::Early,
            false if done_at <= due_at => Self::OnTime,
            false => Self::Late,
        }
    }

    pub(crate) fn in_words(self) -> &'static str {
        match self {
            Self::Early => "Trước hạn",
            Self::OnTime => "Đúng hạn",
            Self::Late => "Quá hạn",
        }
    }
}

impl ControlSlip {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Control,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: "",
            made_at: self.made_at,
            about: &self.dossier_code,
            signed: None,
            below: vec![vec![plain("Mã hồ sơ: "), bold(&self.dossier_code)]],
        })?;
        sheet.layout.skip(4.0);
        let code = format!(" (mã\u{a0}thủ\u{a0}tục\u{a0}{})", self.procedure_code);
        sheet.say(&[plain("Thủ tục hành chính: "), bold(&self.procedure), plain(code)])?;
        sheet.say(&[plain("Thời gian nhận hồ sơ: "), bold(words::instant(self.received_at))])?;
        let due_at = self.due_at.map(words::instant).unwrap_or_default();
        sheet.say(&[plain("Thời gian trả kết quả giải quyết hồ sơ: "), filled(&due_at)])?;
        sheet.layout.skip(6.0);
        let heading = |text, share| Heading { text, share };
        let columns = Columns {
            headings: vec![
                heading("TÊN CƠ QUAN", 26.0),
                heading("Thời gian", 19.0),
                heading("Người giao (ký)", 13.0),
                heading("Người nhận (ký)", 13.0),
                heading("KẾT QUẢ GIẢI QUYẾT HỒ SƠ (trước hạn/ đúng hạn/ quá hạn)", 15.0),
                heading("GHI CHÚ", 14.0),
            ],
            group: Some(("THỜI GIAN GIAO, NHẬN HỒ SƠ", 1, 3)),
            size: 10.5,
            numbered: false,
            centred: vec![false, false, true, true, true, false],
        };
        let least = 2.0 * leading(columns.size) + SIGNATURE;
        let mut table = Table::begin(&mut sheet.layout, columns)?;
        for hand_over in &self.hand_overs {
            table.row(&hand_over.cells(), least)?;
        }
        sheet.finish()
    }
}

impl HandOver {
    fn cells(&self) -> [Vec<Vec<Span>>; 6] {
        let result = self.timeliness.map(Timeliness::in_words).unwrap_or_default();
        let time = |label: &str, at| vec![plain(format!("{label}: ")), bold(words::short_instant(at))];
        let mut times = vec![time("Giao", self.at)];
        times.extend(self.taken_up_at.map(|at| time("Nhận", at)));
        times.extend(self.done_at.map(|at| time("Xong", at)));
        let by = match self.officer.as_str() {
            "" => Vec::new(),
            officer => vec![vec![italic("Mã cán bộ:")], vec![italic(officer)]],
        };
        [
            vec![vec![plain("1. Giao: "), bold(&self.from)], vec![plain("2. Nhận: "), bold(&self.to)]],
            times,
            Vec::new(),
            by,
            vec![vec![bold(result)]],
            vec![vec![plain(&self.note)]],
        ]
    }
}
