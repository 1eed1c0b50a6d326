//! The contract's face of the use cases: conversion in, use case, conversion out.

mod answer;
mod live;
mod log;
mod overtime;
mod policy;
mod registry;
mod routing;
mod simulation;

pub(crate) use policy::PolicyServer;
pub(crate) use registry::RegistryServer;
pub(crate) use routing::RoutingServer;
