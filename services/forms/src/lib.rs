//! The seven forms of Circular 03/2025/TT-VPCP as PDF: data in, bytes out. Nothing is read here, no clock is asked, and the same
//! data always makes the same bytes, so that a digest of them can be kept.
//!
//! What each form is called is the Circular's (appendix I: the list of its forms was found, their full wording was not). What
//! stands on them follows the forms of its predecessor, Circular 01/2018/TT-VPCP, as public implementations of several provinces
//! print them; at each form it is said which. What the data of a province does not have is a dotted line, to be filled in by
//! hand.
//!
//! - [`receipt`], [`supplement`], [`refusal`], [`apology`], [`stop`], [`control`], [`register`]: a form each, in the order of their
//!   numbers
//! - [`heading`]: what they have in common; [`words`]: dates and sums in Vietnamese
//! - [`layout`], [`text`], [`table`], [`qr`], [`typeface`]: what stands where; [`pdf`]: written down

mod apology;
mod control;
mod heading;
mod layout;
mod pdf;
mod qr;
mod receipt;
mod refusal;
mod register;
mod stop;
mod supplement;
mod table;
mod text;
mod typeface;
mod words;

pub use apology::Apology;
pub use control::{ControlSlip, HandOver, Timeliness};
pub use heading::{Applicant, Dossier, Office};
pub use receipt::{Listed, Receipt};
pub use refusal::Refusal;
pub use register::{Entry, Register};
pub use stop::{Ground, StopNotice};
pub use supplement::SupplementRequest;

/// A form of Circular 03/2025/TT-VPCP, appendix I.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// *Giấy tiếp nhận hồ sơ và hẹn trả kết quả.*
    Receipt,
    /// *Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.*
    Supplement,
    /// *Phiếu từ chối tiếp nhận giải quyết hồ sơ.*
    Refusal,
    /// *Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết.*
    Apology,
    /// *Thông báo dừng giải quyết hồ sơ.*
    Stop,
    /// *Phiếu kiểm soát quá trình giải quyết hồ sơ.*
    Control,
    /// *Sổ theo dõi hồ sơ.*
    Register,
}

impl Form {
    /// All forms, by their numbers.
    pub const ALL: [Self; 7] = [
        Self::Receipt,
        Self::Supplement,
        Self::Refusal,
        Self::Apology,
        Self::Stop,
        Self::Control,
        Self::Register,
    ];

    /// Its number in the Circular, from 1.
    pub fn number(self) -> u8 {
        match self {
            Self::Receipt => 1,
            Self::Supplement => 2,
            Self::Refusal => 3,
            Self::Apology => 4,
            Self::Stop => 5,
            Self::Control => 6,
            Self::Register => 7,
        }
    }

    /// Its title, as the Circular has it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Receipt => "Giấy tiếp nhận hồ sơ và hẹn trả kết quả",
            Self::Supplement => "Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ",
            Self::Refusal => "Phiếu từ chối tiếp nhận giải quyết hồ sơ",
            Self::Apology => "Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết",
            Self::Stop => "Thông báo dừng giải quyết hồ sơ",
            Self::Control => "Phiếu kiểm soát quá trình giải quyết hồ sơ",
            Self::Register => "Sổ theo dõi hồ sơ",
        }
    }

    /// The name of its file, for what it is about.
    pub fn file_name(self, about: &str) -> String {
        let about: String = about
            .chars()
            .map(|sign| if sign.is_ascii_alphanumeric() || sign == '.' { sign } else { '-' })
            .collect();
        format!("mau-{:02}-{about}.pdf", self.number())
    }
}

/// Why a form did not come about. None of it is the fault of what was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// A face that was built in cannot be read.
    #[error("the typeface cannot be read")]
    Typeface,
    /// Something lies where nothing can lie.
    #[error("a shape has no size")]
    Geometry,
    /// A QR code does not hold so much.
    #[error("a code does not hold so much")]
    TooMuchForACode,
    /// The PDF could not be written.
    #[error("the document cannot be written: {0}")]
    Written(String),
}

#[cfg(test)]
mod tests;
