//! What the national portal knows, is told and brings.

mod arrivals;
mod dossiers;
mod messages;

use phidia_runtime::failure::Failure;
use serde::de::DeserializeOwned;
use serde_json::Value;

pub(crate) use self::{
    arrivals::{arrival, arrivals, is_awaited, keep_arrival},
    dossiers::{News, application, code_of, follow, handed_in_at, know, knows},
    messages::{
        Backlog, MessageFilter, Told, backlog, claim, due, has_later, leave_out, messages, replay,
        replay_refused, settle,
    },
};
use super::from_json;

fn read<T: DeserializeOwned>(name: String) -> Result<T, Failure> {
    from_json(Value::String(name))
}

fn number(value: i32) -> Result<u32, Failure> {
    value.try_into().map_err(Failure::broken)
}

fn integer(value: u32) -> Result<i32, Failure> {
    value.try_into().map_err(Failure::broken)
}
