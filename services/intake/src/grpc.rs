//! The gRPC face of intake: converts, asks a use case, converts back.

pub(crate) mod applications;
pub(crate) mod attachments;
pub(crate) mod catalogue;
pub(crate) mod drafts;
pub(crate) mod feedback;
mod process;
