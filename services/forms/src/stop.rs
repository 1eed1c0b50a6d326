//! Form 05: a dossier is no longer worked on.

use jiff::civil::DateTime;

use crate::{
    Fault, Form,
    heading::{Dossier, Finished, Head, Office, Sheet, TOLD, filled},
    layout::Paper,
    text::{bold, plain},
    words,
};

/// *Thông báo dừng giải quyết hồ sơ*, issued when an application ends without a decision: it was withdrawn (Circular
/// 03/2025/TT-VPCP, art. 7), or not supplemented in time.
///
/// The form is new in 2025 and has no predecessor; its wording was not found. It is ours, in the pattern of form 04: to whom, what
/// was received when, on what ground it ends, and the signature of the head of the office.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StopNotice {
    /// Unit that received the application.
    pub office: Office,
    /// What ends.
    pub dossier: Dossier,
    /// Local time of acceptance.
    pub received_at: DateTime,
    /// Why it ends.
    pub ground: Ground,
    /// Local time since when it is not worked on any more.
    pub stopped_at: DateTime,
}

/// Why it ends without a decision.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ground {
    /// The applicant withdrew it.
    Withdrawn {
        /// Local time; none: it is not known.
        asked_at: Option<DateTime>,
    },
    /// They did not supplement it in time.
    Lapsed {
        /// Local time until which they could have; none: it is not known.
        until: Option<DateTime>,
    },
}

impl StopNotice {
    /// The form.
    ///
    /// # Errors
    /// A fault of ours.
    pub fn pdf(&self) -> Result<Vec<u8>, Fault> {
        self.lay_out()?.write()
    }

    pub(crate) fn lay_out(&self) -> Result<Finished, Fault> {
        let mut sheet = Sheet::begin(Head {
            form: Form::Stop,
            paper: Paper::UPRIGHT,
            office: &self.office,
            sign: "TB",
            made_at: self.stopped_at,
            about: &self.dossier.code,
            signed: None,
            below: vec![vec![plain("Mã hồ sơ: "), bold(&self.dossier.code)]],
        })?;
        let office = &self.office.name;
        sheet.layout.skip(8.0);
        sheet.received(&self.dossier, office, self.received_at, &[plain(".")])?;
        let at = |at: Option<DateTime>| at.map(words::instant).unwrap_or_default();
        match self.ground {
            Ground::Withdrawn { asked_at } => sheet.layout.paragraph(TOLD, &[
                plain("Ông/Bà đã đề nghị rút hồ sơ hồi "),
                filled(&at(asked_at)),
                plain(
                    ", khi chưa có quyết định giải quyết. Căn cứ Điều 7 Thông tư số 03/2025/TT-VPCP, việc giải quyết hồ sơ \
                     được dừng theo đề nghị của Ông/Bà.",
                ),
            ])?,
            Ground::Lapsed { until } => sheet.layout.paragraph(TOLD, &[
                plain("Ông/Bà đã được yêu cầu bổ sung, hoàn thiện hồ sơ chậm nhất là "),
                filled(&at(until)),
                plain(". Đến hết thời hạn trên, hồ sơ chưa được bổ sung."),
            ])?,
        }
        sheet.layout.paragraph(
            TOLD,
            &[
                plain(format!("{office} thông báo dừng giải quyết hồ sơ nêu trên kể từ ")),
                bold(words::instant(self.stopped_at)),
                plain(". Khi có nhu cầu, Ông/Bà có thể nộp hồ sơ mới."),
            ],
        )?;
        sheet.layout.paragraph(TOLD, &[plain("Trân trọng thông báo để Ông/Bà được biết./.")])?;
        sheet.sign_and_send()?;
        sheet.finish()
    }
}
