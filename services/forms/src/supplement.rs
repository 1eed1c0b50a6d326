//! Form 02: what a citizen is asked to supplement.

use jiff::civil::DateTime;

use crate::{
    Fault, Form,
    heading::{Dossier, Finished, Head, Office, Sheet, TOLD},
    layout::{Paper, Style},
    text::{bold, plain},
    words::{self, SHORT_BLANK},
};

/// *Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ*, issued when a dossier is incomplete: once, with all reasons (Decree
/// 118/2025/NĐ-CP, art. 11).
///
/// Who applied for what, "Yêu cầu hoàn thiện hồ sơ gồm những nội dung sau", whom to ask, and the signature of whoever guides the
/// citizen: form 02 of Circular 01/2018/TT-VPCP. Until when, and that it is asked for once: ours, from what the law says.
///
/// Dotted: the address, and the name and telephone of whom to ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SupplementRequest {
    /// Unit that received the application.
    pub office: Office,
    /// What is to be supplemented.
    pub dossier: Dossier,
    /// Unit that found it incomplete.
    pub asked_by: String,
    /// What is missing or wrong, in the officer's words.
    pub reasons: Vec<String>,
    /// Local time at which it was asked for.
    pub asked_at: DateTime,
    /// Local time until which it may be handed in.
    pub until: DateTime,
}

impl SupplementRequest {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Supplement,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: "HDHS",
            made_at: self.asked_at,
            about: &self.dossier.code,
            signed: None,
            below: vec![vec![plain("Mã hồ sơ: "), bold(&self.dossier.code)]],
        })?;
        sheet.layout.skip(4.0);
        sheet.applicant(&self.dossier)?;
        sheet.layout.paragraph(
            TOLD,
            &[
                plain("Qua xem xét hồ sơ, "),
                plain(&self.asked_by),
                plain(" yêu cầu Ông/Bà bổ sung, hoàn thiện hồ sơ gồm những nội dung sau:"),
            ],
        )?;
        for (number, reason) in self.reasons.iter().enumerate() {
            let spans = [plain(format!("{}. ", number + 1)), bold(reason)];
            sheet.layout.paragraph(Style { above: 3.0, ..TOLD }, &spans)?;
        }
        sheet.layout.paragraph(TOLD, &[
            plain("Đề nghị Ông/Bà bổ sung chậm nhất là "),
            bold(words::instant(self.until)),
            plain(
                "; quá thời hạn này mà hồ sơ chưa được bổ sung thì dừng giải quyết hồ sơ. Việc yêu cầu bổ sung được thực \
                 hiện một lần, với đầy đủ lý do (Điều 11 Nghị định số 118/2025/NĐ-CP).",
            ),
        ])?;
        let asking = format!(
            "Trong quá trình hoàn thiện hồ sơ, nếu có vướng mắc, Ông/Bà liên hệ với {SHORT_BLANK}{SHORT_BLANK}, số điện \
             thoại {SHORT_BLANK}{SHORT_BLANK} để được hướng dẫn./."
        );
        sheet.layout.paragraph(TOLD, &[plain(asking)])?;
        sheet.sign(&[("NGƯỜI HƯỚNG DẪN", "(Ký và ghi rõ họ tên)")])?;
        sheet.finish()
    }
}
