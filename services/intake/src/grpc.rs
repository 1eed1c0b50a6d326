//! The gRPC face of intake: converts, asks a use case, converts back.

pub(crate) mod applications;
pub(crate) mod catalogue;
pub(crate) mod feedback;
mod procedure;
mod process;
mod whole_catalogue;
