//! Form 04: an apology for being late, with one new appointment.

use jiff::civil::DateTime;

use crate::{
    Fault, Form,
    heading::{Dossier, Finished, Head, Office, Sheet, TOLD},
    layout::Paper,
    text::{bold, plain},
    words,
};

/// *Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết*, issued before the promise is broken, at most once.
///
/// "Kính gửi", what was received when, what was promised, that it cannot be kept, the reason, the apology, the new date, and the
/// signature of the head of the office: form 04 of Circular 01/2018/TT-VPCP (*Phiếu xin lỗi và hẹn lại ngày trả kết quả*). The title
/// is that of 2025, and so is that an extension is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Apology {
    /// Unit that received the application.
    pub office: Office,
    /// What is late.
    pub dossier: Dossier,
    /// Unit that works on it.
    pub working_unit: String,
    /// Local time of acceptance.
    pub received_at: DateTime,
    /// Local time that was promised.
    pub promised: DateTime,
    /// Why that is not kept, in the officer's words.
    pub reason: String,
    /// Local time that is promised now.
    pub due_at: DateTime,
    /// Local time of the apology.
    pub written_at: DateTime,
}

impl Apology {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Apology,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: "PXL",
            made_at: self.written_at,
            about: &self.dossier.code,
            signed: None,
            below: vec![vec![plain("Mã hồ sơ: "), bold(&self.dossier.code)]],
        })?;
        let office = &self.office.name;
        sheet.layout.skip(8.0);
        sheet.received(
            &self.dossier,
            office,
            self.received_at,
            &[
                plain(". Thời gian hẹn trả kết quả giải quyết hồ sơ: "),
                bold(words::instant(self.promised)),
                plain("."),
            ],
        )?;
        let late = format!(
            "Tuy nhiên, {} chưa thể trả kết quả giải quyết hồ sơ của Ông/Bà đúng thời hạn ghi trên Giấy tiếp nhận hồ sơ và hẹn trả \
             kết quả.",
            self.working_unit
        );
        sheet.layout.paragraph(TOLD, &[plain(late)])?;
        sheet.layout.paragraph(TOLD, &[plain("Lý do: "), bold(&self.reason)])?;
        sheet.layout.paragraph(TOLD, &[
            plain(format!("{office} trân trọng xin lỗi Ông/Bà, đề nghị gia hạn thời gian giải quyết và hẹn trả kết quả chậm nhất là ")),
            bold(words::instant(self.due_at)),
            plain("."),
        ])?;
        sheet
            .layout
            .paragraph(TOLD, &[plain("Rất mong nhận được sự thông cảm của Ông/Bà vì sự chậm trễ này./.")])?;
        sheet.sign_and_send()?;
        sheet.finish()
    }
}
