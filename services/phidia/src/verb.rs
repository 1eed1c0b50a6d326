//! The client verbs: one file per noun. Each asks one RPC and shows its answer.

pub(crate) mod application;
pub(crate) mod attachment;
pub(crate) mod case;
pub(crate) mod catalogue;
pub(crate) mod code;
pub(crate) mod conservation;
pub(crate) mod counter;
pub(crate) mod deadline;
mod document;
mod dossier;
pub(crate) mod draft;
pub(crate) mod equipment;
pub(crate) mod event;
pub(crate) mod faq;
pub(crate) mod feedback;
pub(crate) mod message;
pub(crate) mod officer;
pub(crate) mod outbox;
pub(crate) mod plan;
pub(crate) mod policy;
pub(crate) mod portal;
pub(crate) mod province;
pub(crate) mod receipt;
pub(crate) mod reception;
pub(crate) mod referral;
pub(crate) mod report;
pub(crate) mod route;
pub(crate) mod spool;
pub(crate) mod subscription;
pub(crate) mod template;
pub(crate) mod ticket;
pub(crate) mod unit;

use phidia_domain::{Rejection, caller::Role, work_item::WorkItem};
use phidia_proto::types::v1 as types;
use phidia_runtime::peer::Peer;

use crate::client::Client;

/// The endpoints of an operator: those that they name, or the one for everybody.
async fn endpoints(client: &Client<'_>, named: &[String]) -> anyhow::Result<Vec<Peer>> {
    if named.is_empty() {
        return Ok(vec![client.peer(Role::Operator).await?]);
    }
    let mut peers = Vec::with_capacity(named.len());
    for endpoint in named {
        peers.push(client.peer_at(endpoint, Role::Operator).await?);
    }
    Ok(peers)
}

/// Whoever asks about their own house: an officer and a supervisor name their unit; whoever names none asks for the province.
fn staff(client: &Client<'_>) -> Role {
    match (client.is_officer(), client.own_unit().is_empty()) {
        (true, _) => Role::Officer,
        (false, false) => Role::Supervisor,
        (false, true) => Role::Operator,
    }
}

/// Whoever decides for their house: a supervisor names their unit; whoever names none decides for the province.
fn moderator(client: &Client<'_>) -> Role {
    if client.own_unit().is_empty() { Role::Operator } else { Role::Supervisor }
}

/// `application/step/attempt`; step and attempt are 1 when left out.
fn work_item(text: &str) -> Result<types::WorkItem, Rejection> {
    let wrong = || {
        let expected = "expected application/step/attempt, step and attempt being numbers";
        Rejection::invalid("MALFORMED_WORK_ITEM", "WORK_ITEM", expected)
    };
    let mut parts = text.split('/');
    let application = parts.next().unwrap_or_default().parse()?;
    let mut number = || parts.next().map_or(Ok(1), |part| part.parse().map_err(|_| wrong()));
    let item = WorkItem { application, step: number()?, attempt: number()? };
    if parts.next().is_some() {
        return Err(wrong());
    }
    Ok(phidia_proto::convert::wire_work_item(item))
}

/// `residence=14701`.
fn place(text: &str) -> Result<types::Place, Rejection> {
    let (key, code) = text.split_once('=').unwrap_or_default();
    let key = match key {
        "residence" => types::CompetenceKey::Residence,
        "land" => types::CompetenceKey::Land,
        "head_office" => types::CompetenceKey::HeadOffice,
        "register" => types::CompetenceKey::Register,
        _ => {
            let expected = "expected KEY=CODE, where KEY is residence, land, head_office or register";
            return Err(Rejection::invalid("MALFORMED_PLACE", "--place", expected));
        }
    };
    Ok(types::Place { key: key.into(), commune_code: code.to_owned() })
}

fn places(texts: &[String]) -> Result<Vec<types::Place>, Rejection> {
    texts.iter().map(|text| place(text)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_item_is_read_as_it_is_shown() {
        let id = "app_01a20a772f7474c7aa7aa61552e55ff1";
        for (text, step, attempt) in
            [(id.to_owned(), 1, 1), (format!("{id}/2"), 2, 1), (format!("{id}/2/3"), 2, 3)]
        {
            let item = work_item(&text).unwrap();
            assert_eq!((item.application_id.as_str(), item.step, item.attempt), (id, step, attempt));
        }
        for wrong in ["x", "", &format!("{id}/x"), &format!("{id}/1/"), &format!("{id}/1/1/1")] {
            assert!(work_item(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_place_names_its_key() {
        assert_eq!(place("land=13285").unwrap().commune_code, "13285");
        assert!(place("13285").is_err() && place("house=13285").is_err());
    }
}
