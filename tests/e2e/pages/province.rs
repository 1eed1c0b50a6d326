//! Whoever looks after the province.
