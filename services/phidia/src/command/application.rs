//! `phidia application`.

use clap::{Args, Subcommand, ValueEnum};

use super::dossier::Dossier;

#[derive(Subcommand)]
pub(crate) enum Application {
    /// Hand an application in and get its receipt.
    Submit(Box<Submit>),
    /// Everything that is missing or wrong with an application, or what it would get; nothing is handed in.
    Check(Box<Dossier>),
    /// How an application stands, by the codes of its receipt.
    Track {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
    },
    /// How an application stands, and whatever happens to it from then on, until it has ended.
    Watch {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
    },
    /// Correct how the applicant is reached: by the codes of the receipt and their identity number, or, as an officer, by its id.
    Contact {
        /// Official dossier code, or `app_…`.
        application: String,
        /// The receipt's check code; an id needs none.
        check_code: Option<String>,
        /// The applicant's identity number; an id needs none.
        #[arg(long, default_value = "", hide_default_value = true)]
        identity_number: String,
        /// E-mail address from now on; left out: none.
        #[arg(long, default_value = "", hide_default_value = true)]
        email: String,
        /// Telephone number from now on; left out: none.
        #[arg(long, default_value = "", hide_default_value = true)]
        telephone: String,
    },
    /// Say over which ways the applicant wants to be told: by the codes of the receipt and their identity number, or, as an officer, by the
    /// id. What is left out is not said.
    Preferences {
        /// Official dossier code, or `app_…`.
        application: String,
        /// The receipt's check code; an id needs none.
        check_code: Option<String>,
        /// The applicant's identity number; an id needs none.
        #[arg(long, default_value = "", hide_default_value = true)]
        identity_number: String,
        /// Whether they want e-mail.
        #[arg(long)]
        email: Option<ChoiceName>,
        /// Whether they want text messages.
        #[arg(long)]
        sms: Option<ChoiceName>,
        /// Whether they want messages over Zalo.
        #[arg(long)]
        zalo: Option<ChoiceName>,
        /// What is not urgent is to come by e-mail in one letter a day.
        #[arg(long)]
        daily: bool,
    },
    /// Hand in what was asked to be supplemented, by the codes of the receipt.
    Supplement {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
        /// A file that you uploaded before (`phidia attachment upload`), `att_…`, or one that is uploaded now; repeatable.
        #[arg(long = "attach", value_name = "ATTACHMENT|FILE")]
        attachments: Vec<String>,
    },
    /// As an officer, write down that an applicant has paid what they were asked for, at any counter.
    Pay {
        /// Official dossier code.
        dossier_code: String,
        /// How much, in đồng: as much as was asked for.
        #[arg(long = "amount", value_name = "DONG")]
        amount_dong: i64,
        /// Number of the receipt, or of the transaction. The same one again changes nothing.
        #[arg(long, value_name = "NUMBER")]
        reference: String,
        /// How.
        #[arg(long)]
        way: PaymentWayName,
    },
    /// Withdraw an application on which nothing has been decided yet, by the codes of its receipt.
    Withdraw {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
    },
    /// Say what you think of how an application was dealt with that has ended, by the codes of its receipt: once, and it is not changed.
    Rate {
        /// Official dossier code.
        dossier_code: String,
        /// The receipt's check code.
        check_code: String,
        /// How content you are.
        #[arg(long)]
        rating: RatingName,
        /// What you say with it; the unit that received it reads it, and nobody else.
        #[arg(long, default_value = "", hide_default_value = true)]
        comment: String,
    },
    /// As an officer, read what applicants think, newest first; who is of no unit sees no comments.
    Ratings(Ratings),
    /// Print a form of Circular 03/2025/TT-VPCP about an application as PDF: by the codes of its receipt, or, as an officer, by its id.
    Form {
        /// Official dossier code, or `app_…`.
        application: String,
        /// The receipt's check code; an id needs none.
        check_code: Option<String>,
        /// Which form.
        #[arg(long)]
        form: FormName,
        /// The file to write; `-`: to the standard output.
        #[arg(long, value_name = "FILE")]
        out: String,
    },
    /// Print the register of what a unit received on some days as PDF (form 07).
    Register {
        /// Official code of the unit; yours by default.
        #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
        received_at: String,
        /// The first day, e.g. 2026-11-01.
        #[arg(long, value_name = "DAY")]
        from: String,
        /// The last day.
        #[arg(long, value_name = "DAY")]
        to: String,
        /// The file to write; `-`: to the standard output.
        #[arg(long, value_name = "FILE")]
        out: String,
    },
    /// Applications, newest first.
    List(List),
    /// One application with its applicant.
    Show {
        /// `app_…`, or the official dossier code.
        application: String,
    },
}

#[derive(Args)]
pub(crate) struct Submit {
    #[command(flatten)]
    pub(crate) dossier: Dossier,
    /// Idempotency key: give the same one again after a dropped line. Made and printed by default.
    #[arg(long)]
    pub(crate) key: Option<String>,
    /// Keep it in this folder until it was answered, with a code that was reserved for it (`phidia code reserve`): nothing is lost when
    /// the line drops, and `phidia spool send` hands it over when it is back.
    #[arg(id = "spool", long = "spool", env = "PHIDIA_SPOOL", value_name = "DIR")]
    pub(crate) folder: Option<std::path::PathBuf>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum FormName {
    /// 01: Giấy tiếp nhận hồ sơ và hẹn trả kết quả.
    Receipt,
    /// 02: Phiếu yêu cầu bổ sung, hoàn thiện hồ sơ.
    Supplement,
    /// 03: Phiếu từ chối tiếp nhận giải quyết hồ sơ.
    Refusal,
    /// 04: Văn bản xin lỗi và đề nghị gia hạn thời gian giải quyết.
    Apology,
    /// 05: Thông báo dừng giải quyết hồ sơ.
    Stop,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum PaymentWayName {
    Cash,
    Transfer,
    /// Over the national portal's payments.
    Online,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum RatingName {
    Satisfied,
    Neither,
    Dissatisfied,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChannelName {
    Direct,
    Online,
    Post,
}

#[derive(Args)]
pub(crate) struct Ratings {
    /// Only these.
    #[arg(long)]
    pub(crate) rating: Option<RatingName>,
    /// Only of what was received at the unit with this code.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) received_at: String,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=500))]
    pub(crate) limit: i32,
    /// Go on after the page that ended with this token.
    #[arg(long, value_name = "TOKEN", default_value = "", hide_default_value = true)]
    pub(crate) after: String,
}

#[derive(Args)]
pub(crate) struct List {
    /// Only those received at the unit with this code.
    #[arg(long = "at", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) received_at: String,
    /// Only those whose official dossier code is this or begins with it: also those that are worked on at your unit, or handed out there.
    #[arg(long = "dossier", value_name = "CODE", default_value = "", hide_default_value = true)]
    pub(crate) dossier_code: String,
    /// At most so many.
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(i32).range(1..=1000))]
    pub(crate) limit: i32,
}

/// What somebody says of a way of being told.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ChoiceName {
    /// They agree to it.
    Yes,
    /// They do not want it.
    No,
}
