//! What the tests share: the workspace as data, a real `phidia` process, callers by role, waiting.

pub mod client;
pub mod process;
pub mod province;
pub mod wait;
pub mod workspace;
