//! Placeholder while the workspace is being raised.
