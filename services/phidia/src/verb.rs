//! The client verbs: one file per noun. Each asks one RPC and shows its answer.

pub(crate) mod application;
pub(crate) mod case;
pub(crate) mod conservation;
pub(crate) mod message;
pub(crate) mod province;
pub(crate) mod route;

use phidia_domain::work_item::WorkItem;
use phidia_proto::types::v1 as types;

/// `application/step/attempt`; step and attempt are 1 when left out.
fn work_item(text: &str) -> anyhow::Result<types::WorkItem> {
    let mut parts = text.split('/');
    let application = parts.next().unwrap_or_default().parse().map_err(anyhow::Error::from)?;
    let mut number = |name| match parts.next() {
        None => Ok(1),
        Some(part) => part
            .parse()
            .map_err(|_| anyhow::anyhow!("{name} of a work item is a number: application/step/attempt")),
    };
    let item = WorkItem { application, step: number("step")?, attempt: number("attempt")? };
    Ok(phidia_proto::convert::wire_work_item(item))
}

/// `residence=14701`.
fn place(text: &str) -> anyhow::Result<types::Place> {
    let (key, code) = text
        .split_once('=')
        .ok_or_else(|| anyhow::anyhow!("a place is KEY=CODE, e.g. residence=14701, not {text}"))?;
    let key = match key {
        "residence" => types::CompetenceKey::Residence,
        "land" => types::CompetenceKey::Land,
        "head_office" => types::CompetenceKey::HeadOffice,
        "register" => types::CompetenceKey::Register,
        _ => anyhow::bail!("a place is for residence, land, head_office or register, not {key}"),
    };
    Ok(types::Place { key: key.into(), commune_code: code.to_owned() })
}

fn places(texts: &[String]) -> anyhow::Result<Vec<types::Place>> {
    texts.iter().map(|text| place(text)).collect()
}
