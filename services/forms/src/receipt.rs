//! Form 01: the receipt, which makes the promise.

use jiff::civil::DateTime;
use phidia_domain::application::DocumentForm;

use crate::{
    Fault, Form,
    heading::{Dossier, Finished, Head, Office, Sheet, filled, filled_or},
    layout::Paper,
    table::{Columns, Heading, Table},
    text::{bold, italic, plain},
    words::{self, BLANK, SHORT_BLANK},
};

/// *Giấy tiếp nhận hồ sơ và hẹn trả kết quả*, issued when an application is accepted.
///
/// Heading, "Tiếp nhận hồ sơ của", address, telephone, e-mail, "Nội dung yêu cầu giải quyết", the papers with their numbers, the
/// number of sets, the statutory time, the times of reception and return, where the result is collected, the volume of the
/// register, and the two signatures: form 01 of Circular 01/2018/TT-VPCP. That the fee stands on it and the papers in a table:
/// as receipts of 2025 and later have it. The check code is ours.
///
/// Who represents an organisation and who handed in stand below the name where they are known: Decree 118/2025/NĐ-CP has them on the
/// application, and no source was found that puts them on this form.
///
/// Dotted: the address and the papers where nobody named them; the sets, which the data of the province does not name; the volume and
/// number in a register on paper.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    /// Unit that received it.
    pub office: Office,
    /// What was received.
    pub dossier: Dossier,
    /// With the dossier code it lets whoever holds the receipt look it up.
    pub check_code: String,
    /// What of it was signed, with its signature, for the code that a telephone reads; none: it was issued before receipts were.
    pub signed: Option<String>,
    /// The statutory time in words; empty: no source states it.
    pub time_limit: String,
    /// Local time of acceptance.
    pub received_at: DateTime,
    /// Local time of the promise; none: nothing is promised.
    pub due_at: Option<DateTime>,
    /// Where the result is collected, or how else it reaches the applicant.
    pub return_at: String,
    /// The papers that were handed in.
    pub papers: Vec<Listed>,
    /// Fee in whole đồng, where it is a fixed sum.
    pub fee_vnd: Option<i64>,
}

/// A paper that was handed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// What it is.
    pub name: String,
    /// Original, copy or file.
    pub form: DocumentForm,
    /// How many.
    pub copies: u32,
}

impl Receipt {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Receipt,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: "TNHS",
            made_at: self.received_at,
            about: &self.dossier.code,
            signed: self.signed.as_deref(),
            below: vec![
                vec![plain("Mã hồ sơ: "), bold(&self.dossier.code)],
                vec![plain("Mã tra cứu: "), bold(&self.check_code)],
            ],
        })?;
        sheet.layout.skip(4.0);
        sheet.say(&[plain("Bộ phận tiếp nhận và trả kết quả: "), bold(&self.office.name)])?;
        sheet.applicant(&self.dossier)?;
        sheet.say(&[plain("1. Thành phần hồ sơ, yêu cầu và số lượng mỗi loại giấy tờ gồm:")])?;
        papers(&mut sheet, &self.papers)?;
        sheet.say(&[plain(format!("2. Số lượng hồ sơ: {SHORT_BLANK} (bộ)"))])?;
        sheet.say(&[plain("3. Thời gian giải quyết hồ sơ theo quy định là: "), filled(&self.time_limit)])?;
        let received_at = words::instant(self.received_at);
        sheet.say(&[plain("4. Thời gian nhận hồ sơ: "), bold(received_at)])?;
        let due_at = self.due_at.map(words::instant).unwrap_or_default();
        sheet.say(&[plain("5. Thời gian trả kết quả giải quyết hồ sơ: "), filled(&due_at)])?;
        sheet.say(&[plain("6. Đăng ký nhận kết quả tại: "), bold(&self.return_at)])?;
        let fee = self.fee_vnd.map(words::dong).unwrap_or_default();
        sheet.say(&[plain("7. Phí, lệ phí (nếu có): "), filled_or(&fee, BLANK)])?;
        let volume = format!("Vào Sổ theo dõi hồ sơ, Quyển số: {SHORT_BLANK} Số thứ tự: {SHORT_BLANK}");
        sheet.say(&[plain(volume)])?;
        let how = "(Ký và ghi rõ họ tên)";
        sheet.sign(&[("NGƯỜI NỘP HỒ SƠ", how), ("NGƯỜI TIẾP NHẬN HỒ SƠ", how)])?;
        sheet.say(&[
            bold("Ghi chú: "),
            italic(
                "Ông/Bà giữ Giấy này và mã tra cứu để theo dõi, bổ sung hoặc rút hồ sơ; khi đến nhận kết quả xin mang \
                 theo Giấy này (người nhận thay cần có giấy ủy quyền theo quy định).",
            ),
        ])?;
        sheet.finish()
    }
}

/// What was handed in; to be filled in by hand where nobody listed it.
fn papers(sheet: &mut Sheet, listed: &[Listed]) -> Result<(), Fault> {
    // As many as fit on one sheet beside a signed code.
    const ROWS: usize = 2;
    sheet.layout.skip(4.0);
    let heading = |text, share| Heading { text, share };
    let columns = Columns {
        headings: vec![
            heading("STT", 8.0),
            heading("Tên giấy tờ", 54.0),
            heading("Loại giấy tờ", 20.0),
            heading("Số lượng", 18.0),
        ],
        group: None,
        size: 12.0,
        numbered: false,
        centred: vec![true, false, true, true],
    };
    let mut table = Table::begin(&mut sheet.layout, columns)?;
    let cell = |text: String| vec![vec![plain(text)]];
    for (index, Listed { name, form, copies }) in listed.iter().enumerate() {
        let form = match form {
            DocumentForm::Original => "Bản chính",
            DocumentForm::Copy => "Bản sao",
            DocumentForm::Electronic => "Bản điện tử",
        };
        let number = cell((index + 1).to_string());
        table.row(&[number, cell(name.clone()), cell(form.to_owned()), cell(copies.to_string())], 0.0)?;
    }
    let blank = if listed.is_empty() { ROWS } else { 0 };
    for number in 1..=blank {
        table.row(&[cell(number.to_string()), Vec::new(), Vec::new(), Vec::new()], 0.0)?;
    }
    sheet.layout.skip(3.0);
    Ok(())
}
