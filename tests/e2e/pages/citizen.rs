//! A citizen finds, follows and checks.
