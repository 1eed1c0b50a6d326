//! The contract's face of the use cases: conversion in, use case, conversion out.

mod answer;
mod registry;
mod routing;

pub(crate) use registry::RegistryServer;
pub(crate) use routing::RoutingServer;
