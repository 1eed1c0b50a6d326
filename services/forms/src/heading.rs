//! What the forms have in common: the national heading, that of the office, the title with code and QR, who applies, and places to
//! sign.

use jiff::civil::{Date, DateTime};
use phidia_domain::{
    province::Province,
    unit::{Unit, UnitKind},
};

use crate::{
    Fault, Form,
    layout::{Align, Column, Layout, Mark, Paper, Style, leading},
    pdf, qr,
    text::{Span, bold, italic, plain},
    words::{self, BLANK, SHORT_BLANK},
};

/// How centres are called in front of their commune's name. Ours, as the data of the province has it.
const CENTRE: &str = "Trung tâm Phục vụ hành chính công ";

/// Sizes in points (Decree 30/2020/NĐ-CP, appendix I: 12–13 the headings, 13–14 what is said).
pub(crate) const BODY: f32 = 13.0;
const HEAD: f32 = 12.0;
const SMALL: f32 = 10.0;
/// The code's side: 25 mm, to be read by any telephone.
const CODE: f32 = 71.0;
/// Of one with a signature, which has more than fifty modules a side: each as large as a telephone needs.
const SIGNED_CODE: f32 = 88.0;

/// What is said.
pub(crate) const SAID: Style = Style { size: BODY, align: Align::Left, indent: 0.0, above: 3.0 };
/// What is told in whole sentences, from margin to margin and beginning further in.
pub(crate) const TOLD: Style = Style { align: Align::Justify, indent: 28.0, above: 5.0, ..SAID };
const CENTRED: Style = Style { size: HEAD, align: Align::Centre, indent: 0.0, above: 0.0 };

/// Whose form it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Office {
    /// Whom it is under; none: that is not known, or it stands by itself.
    pub superior: Option<String>,
    /// Its name.
    pub name: String,
    /// Where it dates its documents.
    pub place: String,
}

impl Office {
    /// That of a unit. A commune's centre is an organ of its People's Committee (Decree 118/2025/NĐ-CP, art. 7), a department
    /// of the province's, and so, as we read it, its
    /// own centre; documents of a commune are dated with its name, others with the province's (Decree 30/2020/NĐ-CP,
    /// appendix I).
    pub fn of(unit: &Unit, province: &Province) -> Self {
        let (name, province) = (unit.name.vi.clone(), province.name.vi.as_str());
        match (unit.kind, name.strip_prefix(CENTRE)) {
            (UnitKind::CommuneCentre, Some(commune)) => Self {
                superior: Some(format!("Ủy ban nhân dân {commune}")),
                place: place(commune).to_owned(),
                name,
            },
            (UnitKind::ProvincialCentre | UnitKind::Department, _) => Self {
                superior: Some(format!("Ủy ban nhân dân tỉnh {province}")),
                place: province.to_owned(),
                name,
            },
            (UnitKind::CommuneCentre | UnitKind::Agency, _) => {
                Self { superior: None, place: province.to_owned(), name }
            }
        }
    }
}

/// A unit's name where there is little room: centres by the letters by which decisions of the province call them.
pub(crate) fn short_name(name: &str) -> String {
    name.strip_prefix(CENTRE).map_or_else(|| name.to_owned(), |commune| format!("TTPVHCC {commune}"))
}

/// A commune's name without what it is.
fn place(commune: &str) -> &str {
    ["xã ", "phường ", "đặc khu "].into_iter().find_map(|kind| commune.strip_prefix(kind)).unwrap_or(commune)
}

/// What a form is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dossier {
    /// Its official code.
    pub code: String,
    /// Code of the procedure.
    pub procedure_code: String,
    /// Name of the procedure.
    pub procedure: String,
    /// Who applied.
    pub applicant: Applicant,
}

/// Who applied.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Applicant {
    /// Full name, or that of the organisation or household business.
    pub name: String,
    /// Who represents it; empty: a person applied, or nobody is named.
    pub representative: String,
    /// Who handed in for them; empty: they did themselves.
    pub proxy: String,
    /// Where they live, or have their seat; may be empty.
    pub address: String,
    /// Telephone number; may be empty.
    pub telephone: String,
    /// E-mail address; may be empty.
    pub email: String,
}

// Personal data must not reach a log by `{:?}`.
impl std::fmt::Debug for Applicant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Applicant(…)")
    }
}

/// What was filled in, or a dotted line where nothing was.
pub(crate) fn filled(value: &str) -> Span {
    filled_or(value, BLANK)
}

/// The same where little is filled in.
pub(crate) fn filled_or(value: &str, blank: &str) -> Span {
    match value.trim() {
        "" => plain(blank),
        value => bold(value),
    }
}

/// What stands above a form.
pub(crate) struct Head<'f> {
    pub(crate) form: Form,
    pub(crate) paper: Paper,
    pub(crate) office: &'f Office,
    /// What documents of its kind bear beside their number; empty: they have none.
    pub(crate) sign: &'f str,
    /// When it was made, which dates it.
    pub(crate) made_at: DateTime,
    /// What it is about, in the QR code and at the foot of each page. Of a dossier its code and nothing else: it says which
    /// dossier this is, to whoever holds a scanner or telephone at it, at a counter or where one's own are looked up. That they may
    /// see it they have to show otherwise: by the check code, which stands on the receipt alone, in letters and in no other
    /// form – forms lie about on desks, and who photographs one must not be able to withdraw a stranger's dossier. No
    /// address of a portal stands before it: none is known that the province would keep.
    pub(crate) about: &'f str,
    /// What stands in the QR code instead, where it is signed: it names the dossier too.
    pub(crate) signed: Option<&'f str>,
    /// Under the title, a paragraph each.
    pub(crate) below: Vec<Vec<Span>>,
}

/// A form while it is laid out.
pub(crate) struct Sheet {
    pub(crate) layout: Layout,
    form: Form,
    about: String,
    made_at: DateTime,
}

/// A form that is laid out.
pub(crate) struct Finished {
    pub(crate) layout: Layout,
    title: String,
    made_at: DateTime,
}

impl Finished {
    /// Writes it down.
    pub(crate) fn write(&self) -> Result<Vec<u8>, Fault> {
        pdf::write(&self.layout, &self.title, self.made_at)
    }
}

impl Sheet {
    /// One with its headings.
    pub(crate) fn begin(head: Head<'_>) -> Result<Self, Fault> {
        let Head { form, paper, office, sign, made_at, about, signed, below } = head;
        let mut sheet = Self { layout: Layout::new(paper), form, about: about.to_owned(), made_at };
        sheet.number()?;
        sheet.headings(office, sign, made_at.date())?;
        let (code, side) = signed.map_or((about, CODE), |signed| (signed, SIGNED_CODE));
        sheet.title(&below, code, side)?;
        Ok(sheet)
    }

    /// The form's number, at the right edge above everything.
    fn number(&mut self) -> Result<(), Fault> {
        let whole = self.layout.column();
        let text = italic(format!("Mẫu số {:02} – Thông tư 03/2025/TT-VPCP", self.form.number()));
        let width = text.face.width(&text.text, SMALL)?;
        let y = self.layout.paper.top - 4.0;
        let x = whole.left + whole.width - width;
        self.layout.mark(Mark::Text { x, y, span: text, size: SMALL, stretch: 0.0 });
        self.layout.skip(4.0);
        Ok(())
    }

    /// The office on the left, the nation on the right.
    fn headings(&mut self, office: &Office, sign: &str, day: Date) -> Result<(), Fault> {
        let whole = self.layout.column();
        let left = Column { width: whole.width * 0.43, ..whole };
        let right = Column { left: whole.left + whole.width * 0.44, width: whole.width * 0.56 };
        let top = self.layout.y;

        if let Some(superior) = &office.superior {
            self.layout.paragraph_in(left, CENTRED, &[plain(superior.to_uppercase())])?;
        }
        self.layout.paragraph_in(left, CENTRED, &[bold(office.name.to_uppercase())])?;
        self.rule(left, left.width * 0.35);
        if !sign.is_empty() {
            let above = Style { above: 4.0, ..CENTRED };
            self.layout.paragraph_in(left, above, &[plain(format!("Số: {SHORT_BLANK}/{sign}"))])?;
        }
        let low = self.layout.y;

        self.layout.y = top;
        let nation = bold("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM");
        // On one line, however narrow the sheet is.
        let size = HEAD.min(HEAD * right.width / (nation.face.width(&nation.text, HEAD)? + 1.0));
        self.layout.paragraph_in(right, Style { size, ..CENTRED }, &[nation])?;
        let motto = bold("Độc lập - Tự do - Hạnh phúc");
        let width = motto.face.width(&motto.text, BODY)?;
        self.layout.paragraph_in(right, Style { size: BODY, ..CENTRED }, &[motto])?;
        self.rule(right, width);
        let dated = italic(format!("{}, {}", office.place, words::date(day)));
        self.layout.paragraph_in(right, Style { size: BODY, above: 4.0, ..CENTRED }, &[dated])?;

        self.layout.y = self.layout.y.max(low) + 8.0;
        Ok(())
    }

    /// A line under a heading.
    fn rule(&mut self, column: Column, width: f32) {
        let (y, left) = (self.layout.y + 1.5, column.left + (column.width - width) / 2.0);
        self.layout.mark(Mark::Line { from: (left, y), to: (left + width, y) });
        self.layout.skip(3.0);
    }

    /// The title between two equal spaces, of which the left one bears the code.
    fn title(&mut self, below: &[Vec<Span>], code: &str, side: f32) -> Result<(), Fault> {
        self.layout.need(side);
        let whole = self.layout.column();
        let top = self.layout.y;
        qr::draw(&mut self.layout, code, (whole.left, top), side)?;
        let middle = Column { left: whole.left + side, width: whole.width - 2.0 * side };
        let style = Style { size: BODY + 1.0, above: 10.0, ..CENTRED };
        self.layout.paragraph_in(middle, style, &[bold(self.form.title().to_uppercase())])?;
        for spans in below {
            self.layout.paragraph_in(middle, Style { size: BODY, above: 2.0, ..CENTRED }, spans)?;
        }
        self.layout.y = self.layout.y.max(top + side);
        Ok(())
    }

    /// Who applied for what.
    pub(crate) fn applicant(&mut self, dossier: &Dossier) -> Result<(), Fault> {
        let Applicant { name, representative, proxy, address, telephone, email } = &dossier.applicant;
        let mut who = vec![plain("Tiếp nhận hồ sơ của: "), filled(name)];
        if !representative.is_empty() {
            who.extend([plain(", người đại diện: "), bold(representative)]);
        }
        self.say(&who)?;
        if !proxy.is_empty() {
            self.say(&[plain("Người nộp thay: "), bold(proxy)])?;
        }
        self.say(&[plain("Địa chỉ: "), filled(address)])?;
        let email_label = plain("\u{a0}\u{a0}\u{a0} Email: ");
        self.say(&[plain("Số điện thoại: "), filled(telephone), email_label, filled(email)])?;
        let procedure = format!(" (mã\u{a0}thủ\u{a0}tục\u{a0}{})", dossier.procedure_code);
        self.say(&[plain("Nội dung yêu cầu giải quyết: "), bold(&dossier.procedure), plain(procedure)])
    }

    /// To the applicant, that their dossier was received then; `end` ends the sentence.
    pub(crate) fn received(
        &mut self,
        Dossier { procedure, code, applicant: Applicant { name, .. }, .. }: &Dossier,
        office: &str,
        at: DateTime,
        end: &[Span],
    ) -> Result<(), Fault> {
        self.layout.paragraph(TOLD, &[plain("Kính gửi: Ông/Bà "), filled(name)])?;
        let at = words::instant(at);
        let mut spans = vec![
            plain(format!("Vào hồi {at}, {office} tiếp nhận hồ sơ đề nghị giải quyết thủ tục hành chính ")),
            bold(procedure),
            plain(" của Ông/Bà, mã hồ sơ "),
            bold(code),
        ];
        spans.extend_from_slice(end);
        self.layout.paragraph(TOLD, &spans)
    }

    pub(crate) fn say(&mut self, spans: &[Span]) -> Result<(), Fault> {
        self.layout.paragraph(SAID, spans)
    }

    /// Places to sign, side by side, each with its title and how to sign; kept on one page.
    pub(crate) fn sign(&mut self, places: &[(&str, &str)]) -> Result<(), Fault> {
        const SPACE: f32 = 70.0;
        self.layout.need(14.0 + 3.0 * leading(BODY) + SPACE);
        self.layout.skip(14.0);
        let whole = self.layout.column();
        // One signs on the right.
        let fields = places.len().max(2);
        let width = whole.width / crate::layout::count_or_none(fields);
        let (top, mut low) = (self.layout.y, self.layout.y);
        for (number, (title, how)) in places.iter().enumerate() {
            let field = crate::layout::count_or_none(number + fields - places.len());
            let column = Column { left: whole.left + field * width, width };
            self.layout.y = top;
            self.layout.paragraph_in(column, CENTRED, &[bold(*title)])?;
            self.layout.paragraph_in(column, CENTRED, &[italic(*how)])?;
            low = self.layout.y.max(low);
        }
        self.layout.y = low + SPACE;
        Ok(())
    }

    /// Whom it goes to, beside the place to sign of who heads the office.
    pub(crate) fn sign_and_send(&mut self) -> Result<(), Fault> {
        let top = (self.layout.pages.len(), self.layout.y);
        self.sign(&[("THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ", "(Ký, ghi rõ họ tên và đóng dấu)")])?;
        let low = self.layout.y;
        // Signing may have gone over to the next page.
        self.layout.y =
            if self.layout.pages.len() == top.0 { top.1 + 14.0 } else { self.layout.paper.top + 14.0 };
        let whole = self.layout.column();
        let left = Column { width: whole.width / 2.0, ..whole };
        let small = Style { size: 11.0, align: Align::Left, indent: 0.0, above: 0.0 };
        self.layout.paragraph_in(left, small, &[bold("Nơi nhận:")])?;
        for to in ["- Như trên;", "- Lưu: VT."] {
            self.layout.paragraph_in(left, small, &[plain(to)])?;
        }
        self.layout.y = low;
        Ok(())
    }

    /// Lays out what is left: the foot of each page.
    pub(crate) fn finish(mut self) -> Result<Finished, Fault> {
        let (form, about) = (self.form, self.about);
        self.layout.number_pages(&format!("Mẫu số {:02} · {about}", form.number()))?;
        let title = format!("{} – {about}", form.title());
        Ok(Finished { layout: self.layout, title, made_at: self.made_at })
    }
}
