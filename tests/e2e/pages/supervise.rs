//! Whoever answers for a centre.
