//! The gRPC face of intake: converts, asks a use case, converts back.

pub(crate) mod applications;
pub(crate) mod catalogue;
pub(crate) mod equipment;
pub(crate) mod feedback;
mod process;
pub(crate) mod queue;
