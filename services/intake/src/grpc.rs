//! The gRPC face of intake: converts, asks a use case, converts back.

pub(crate) mod applications;
pub(crate) mod attachments;
pub(crate) mod catalogue;
pub(crate) mod drafts;
pub(crate) mod equipment;
pub(crate) mod faq;
pub(crate) mod feedback;
pub(crate) mod numbering;
pub(crate) mod portal;
mod procedure;
mod process;
pub(crate) mod queue;
pub(crate) mod receipts;
pub(crate) mod reception;
mod whole_catalogue;
