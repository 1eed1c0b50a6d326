//! What is said of an application on the command line, handed in at once or kept as a draft. Everything may be left out: what is missing
//! the server says, all of it at once.

use clap::{Args, ValueEnum};

use super::application::ChannelName;

#[derive(Args)]
#[command(next_help_heading = "What is handed in")]
pub(crate) struct Dossier {
    /// Code of the procedure.
    #[arg(long, value_name = "CODE")]
    pub(crate) procedure: Option<String>,
    /// Official code of the unit that receives it.
    #[arg(long = "at", value_name = "CODE")]
    pub(crate) received_at: Option<String>,
    /// Official code of the unit where the result is to be collected; by default where it was received.
    #[arg(long, value_name = "CODE")]
    pub(crate) return_at: Option<String>,
    /// How the result is wanted; at a counter by default.
    #[arg(long, value_name = "WAY")]
    pub(crate) result_by: Option<ResultByName>,
    /// A place that names a competent authority, e.g. `residence=14701` or `land=13285`; repeatable.
    #[arg(long = "place", value_name = "KEY=CODE")]
    pub(crate) places: Vec<String>,
    /// Official code of a unit that must not take it, because it has a conflict of interest; repeatable.
    #[arg(long = "not-at", value_name = "CODE")]
    pub(crate) not_at: Vec<String>,
    /// How it came in; at a counter by default.
    #[arg(long)]
    pub(crate) channel: Option<ChannelName>,
    /// Through what it came in online.
    #[arg(long)]
    pub(crate) entrance: Option<EntranceName>,
    /// All its papers were scanned, or taken over, and signed where it was received; what comes online is digital from the first.
    #[arg(long)]
    pub(crate) digitised: bool,
    /// When it was handed in, if before now (RFC 3339).
    #[arg(long, value_name = "TIME")]
    pub(crate) handed_in_at: Option<jiff::Timestamp>,
    /// The answers to the form: a file with a JSON object; `-`: from the standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<String>,
    /// One answer, e.g. `child.full_name=Nguyễn An`; with `:=` another JSON value, e.g. `copies:=2`. Repeatable.
    #[arg(long = "answer", value_name = "PATH=TEXT")]
    pub(crate) answer: Vec<String>,
    /// A paper: its part, how many (1 by default) of original (by default), copy or electronic, and its files, uploaded before or
    /// here, e.g. `1`, `2=3 copies`, `4=electronic:att_…`, `4=electronic:scan.pdf`. Repeatable; those of before are replaced.
    #[arg(long = "document", value_name = "PART[=FORM[:FILE,…]]")]
    pub(crate) documents: Vec<String>,
    #[command(flatten)]
    pub(crate) applicant: ApplicantOptions,
}

#[derive(Args)]
#[command(next_help_heading = "Who applies")]
pub(crate) struct ApplicantOptions {
    /// Full name of the applicant, or name of the organisation or household business.
    #[arg(long = "applicant", value_name = "NAME")]
    pub(crate) name: Option<String>,
    /// Number of the identity card; of an organisation that of who represents it.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) identity_number: Option<String>,
    /// E-mail address.
    #[arg(long)]
    pub(crate) email: Option<String>,
    /// Telephone number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) telephone: Option<String>,
    /// An organisation applies, with this tax or registration code.
    #[arg(long, value_name = "NUMBER", conflicts_with = "household")]
    pub(crate) organisation: Option<String>,
    /// A household business applies, with this tax or registration code.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) household: Option<String>,
    /// Who represents the organisation or household business.
    #[arg(long, value_name = "NAME")]
    pub(crate) representative: Option<String>,
    /// House, street, hamlet.
    #[arg(long)]
    pub(crate) address: Option<String>,
    /// Official code of the commune of permanent residence.
    #[arg(long, value_name = "CODE")]
    pub(crate) permanent: Option<String>,
    /// Official code of the commune of temporary residence.
    #[arg(long, value_name = "CODE")]
    pub(crate) temporary: Option<String>,
    /// Where post reaches them.
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) postal_address: Option<String>,
    /// Who hands in for them.
    #[arg(long, value_name = "NAME")]
    pub(crate) proxy: Option<String>,
    /// By what they may.
    #[arg(long, value_name = "GROUND")]
    pub(crate) proxy_by: Option<ProxyByName>,
    /// Number of their identity card.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) proxy_identity_number: Option<String>,
    /// Their e-mail address: they are told what the applicant is told.
    #[arg(long, value_name = "EMAIL")]
    pub(crate) proxy_email: Option<String>,
    /// Their telephone number.
    #[arg(long, value_name = "NUMBER")]
    pub(crate) proxy_telephone: Option<String>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ResultByName {
    Counter,
    Post,
    Electronic,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum EntranceName {
    NationalPortal,
    Vneid,
}

#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum ProxyByName {
    Written,
    ByLaw,
    PublicPost,
}
