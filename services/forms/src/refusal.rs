//! Form 03: why an application is refused.

use jiff::civil::DateTime;

use crate::{
    Fault, Form,
    heading::{Dossier, Finished, Head, Office, Sheet, TOLD},
    layout::Paper,
    text::{bold, plain},
    words::SHORT_BLANK,
};

/// *Phiếu từ chối tiếp nhận giải quyết hồ sơ*, issued when an application is refused; a reason must be given.
///
/// Who applied for what, "thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau", "Xin thông báo cho Ông/Bà
/// được biết và thực hiện", and the two signatures: form 03 of Circular 01/2018/TT-VPCP.
///
/// Dotted: the address, and the name and telephone of whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Unit that received the application.
    pub office: Office,
    /// What is refused.
    pub dossier: Dossier,
    /// Unit that refuses it.
    pub refused_by: String,
    /// Why, in the officer's words.
    pub reason: String,
    /// Local time of the decision.
    pub refused_at: DateTime,
}

impl Refusal {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Refusal,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: SHORT_BLANK,
            made_at: self.refused_at,
            about: &self.dossier.code,
            signed: None,
            below: vec![vec![plain("Mã hồ sơ: "), bold(&self.dossier.code)]],
        })?;
        sheet.layout.skip(4.0);
        sheet.applicant(&self.dossier)?;
        sheet.layout.paragraph(
            TOLD,
            &[
                plain("Qua xem xét, "),
                plain(&self.refused_by),
                plain(" thông báo không tiếp nhận, giải quyết hồ sơ này với lý do cụ thể như sau:"),
            ],
        )?;
        sheet.layout.paragraph(TOLD, &[bold(&self.reason)])?;
        sheet.layout.paragraph(TOLD, &[plain("Xin thông báo cho Ông/Bà được biết và thực hiện.")])?;
        let asking = format!(
            "Nếu có vướng mắc, Ông/Bà liên hệ với {SHORT_BLANK}{SHORT_BLANK}, số điện thoại {SHORT_BLANK}{SHORT_BLANK} để \
             được hướng dẫn./."
        );
        sheet.layout.paragraph(TOLD, &[plain(asking)])?;
        let how = "(Ký và ghi rõ họ tên)";
        sheet.sign(&[("NGƯỜI NỘP HỒ SƠ", how), ("NGƯỜI TIẾP NHẬN HỒ SƠ", how)])?;
        sheet.finish()
    }
}
