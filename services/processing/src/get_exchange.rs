//! Boundary-free work: which unit received what, and which unit works on it.

use std::collections::BTreeMap;

use phidia_domain::{
    caller::Caller,
    id::{Id as _, UnitId},
    report::Figures,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    selection::{Asked, Chosen},
    store::{self, Dimension, Key},
};

/// Who received, and who works; none: nobody has it yet.
pub(crate) type Pair = (UnitId, Option<UnitId>);

/// Cases that a unit gives away and takes in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Flow {
    /// Received and worked on here.
    pub(crate) kept: u64,
    /// Received here, worked on elsewhere.
    pub(crate) out: u64,
    /// Received here, and nobody has it yet.
    pub(crate) unassigned: u64,
    /// Received elsewhere, worked on here.
    pub(crate) taken_in: u64,
}

/// The exchange of a period.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) chosen: Chosen,
    pub(crate) cells: Vec<(Pair, Figures)>,
    pub(crate) flows: BTreeMap<UnitId, Flow>,
}

impl Processing {
    /// Counts who works for whom. Whoever belongs to a unit sees the flow of that one alone.
    ///
    /// # Errors
    /// Those of [`Processing::chosen`].
    pub(crate) async fn get_exchange(&self, caller: &Caller, asked: &Asked) -> Result<Exchange, Failure> {
        let chosen = self.chosen(caller, asked).await?;
        let db = self.outbox.database().read();
        let by = [Dimension::ReceivedAt, Dimension::WorkedAt];
        let counted = store::count(db, &chosen.selection, chosen.window, &by).await?;
        let cells: Vec<_> =
            counted.into_iter().filter_map(|(keys, figures)| Some((pair(&keys)?, figures))).collect();
        let mut flows = flows(&cells);
        flows.retain(|unit, _| chosen.own.is_none_or(|own| own == *unit));
        Ok(Exchange { chosen, cells, flows })
    }
}

fn pair(keys: &[Key]) -> Option<Pair> {
    match keys {
        [Key::Id(Some(received)), Key::Id(worked)] => {
            Some((UnitId::from_uuid(*received), worked.map(UnitId::from_uuid)))
        }
        _ => None,
    }
}

fn flows(cells: &[(Pair, Figures)]) -> BTreeMap<UnitId, Flow> {
    let mut flows: BTreeMap<UnitId, Flow> = BTreeMap::new();
    for ((received, worked), figures) in cells {
        let cases = figures.cases();
        let from = flows.entry(*received).or_default();
        match worked {
            None => from.unassigned += cases,
            Some(worked) if worked == received => from.kept += cases,
            Some(worked) => {
                from.out += cases;
                flows.entry(*worked).or_default().taken_in += cases;
            }
        }
    }
    flows
}
