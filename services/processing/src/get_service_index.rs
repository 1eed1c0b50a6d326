//! The index of Decision 766/QĐ-TTg, as far as cases tell of it, and the places of the commune centres.

use phidia_domain::{
    caller::Caller,
    id::{Id as _, UnitId},
    report::{
        Figures,
        index::{Measure, ranking},
    },
    unit::UnitKind,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    selection::{Asked, Chosen},
    store::{self, Dimension, Key},
};

/// The index of a period.
#[derive(Clone, Debug)]
pub(crate) struct ServiceIndex {
    pub(crate) chosen: Chosen,
    /// None: there is no case to judge by.
    pub(crate) total: Option<Measure>,
    /// Best first: place, unit, measure.
    pub(crate) ranking: Vec<(u32, UnitId, Measure)>,
    /// How many have a place.
    pub(crate) ranked: usize,
}

impl Processing {
    /// Measures all units whose cases they are, and ranks the commune centres among them. Whoever belongs to a unit sees
    /// that one alone, and its place among all.
    ///
    /// # Errors
    /// Those of [`Processing::chosen`].
    pub(crate) async fn get_service_index(
        &self,
        caller: &Caller,
        asked: &Asked,
        by: Dimension,
    ) -> Result<ServiceIndex, Failure> {
        let mut chosen = self.chosen(caller, asked).await?;
        chosen.selection.concerns = None;
        let db = self.outbox.database().read();
        let counted = store::count(db, &chosen.selection, chosen.window, &[by]).await?;
        let units = |key: &Key| match key {
            Key::Id(unit) => unit.map(UnitId::from_uuid),
            Key::Name(_) => None,
        };
        let counted: Vec<_> =
            counted.iter().map(|(keys, figures)| (keys.first().and_then(units), figures)).collect();
        let seen = counted.iter().filter(|(unit, _)| chosen.own.is_none() || *unit == chosen.own);
        let total = seen.fold(Figures::default(), |total, (_, figures)| total.and(figures));

        let centre = |unit: &UnitId| {
            let unit = chosen.today.value.units.get(unit);
            unit.filter(|unit| unit.kind == UnitKind::CommuneCentre)
        };
        let measures = counted.iter().filter_map(|(unit, figures)| {
            let unit = unit.as_ref().and_then(centre)?;
            Some(((unit.code.as_str(), unit.id), Measure::of(figures)?))
        });
        let ranking = ranking(measures);
        let ranked = ranking.len();
        let ranking = ranking.into_iter().map(|(place, (_, unit), measure)| (place, unit, measure));
        let ranking = ranking.filter(|(_, unit, _)| chosen.own.is_none_or(|own| own == *unit)).collect();
        Ok(ServiceIndex { total: Measure::of(&total), ranking, ranked, chosen })
    }
}
