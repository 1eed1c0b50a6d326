//! A counter takes an application in.
