//! The figures of a period, and of each group that it is divided into.

use std::collections::BTreeMap;

use phidia_domain::{caller::Caller, report::Figures};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    selection::{Asked, Chosen},
    store::{self, Dimension, Key},
};

/// What a report says.
#[derive(Clone, Debug)]
pub(crate) struct Report {
    pub(crate) chosen: Chosen,
    pub(crate) total: Figures,
    pub(crate) groups: Vec<(Key, Figures)>,
}

impl Processing {
    /// Counts. The total is the sum of the groups.
    ///
    /// # Errors
    /// Those of [`Processing::chosen`].
    pub(crate) async fn get_report(
        &self,
        caller: &Caller,
        asked: &Asked,
        by: Option<Dimension>,
    ) -> Result<Report, Failure> {
        let mut chosen = self.chosen(caller, asked).await?;
        if by == Some(Dimension::Officer) {
            chosen.selection.works = chosen.own;
        }
        let (db, selection, window) = (self.outbox.database().read(), &chosen.selection, chosen.window);
        let counted = store::count(db, selection, window, by.as_slice()).await?;
        let mut total = counted.iter().fold(Figures::default(), |total, (_, figures)| total.and(figures));
        let whole = store::percentiles(db, selection, window, None).await?;
        total.percentiles = whole.first().map(|(_, percentiles)| *percentiles);
        let mut groups = Vec::new();
        if by.is_some() {
            let percentiles: BTreeMap<_, _> =
                store::percentiles(db, selection, window, by).await?.into_iter().collect();
            for (mut key, mut figures) in counted {
                figures.percentiles = percentiles.get(&key).copied();
                groups.extend(key.pop().map(|key| (key, figures)));
            }
        }
        Ok(Report { chosen, total, groups })
    }
}
