//! The index of Decision 766/QĐ-TTg, as far as cases tell of it, and the places of the commune centres.

use std::collections::{BTreeMap, BTreeSet};

use phidia_domain::{
    caller::Caller,
    id::{Id as _, UnitId},
    procedure::Procedure,
    report::{
        Figure, Figures,
        index::{Measure, ranking},
        online::{offered, used},
        shares::{Share, Shares},
    },
    unit::UnitKind,
};
use phidia_runtime::failure::Failure;

use crate::{
    Processing,
    selection::{Asked, Chosen},
    store::{self, Dimension, Key, Selection},
};

/// The index of a period.
#[derive(Clone, Debug)]
pub(crate) struct ServiceIndex {
    pub(crate) chosen: Chosen,
    /// None: there is no case to judge by.
    pub(crate) total: Option<Measure>,
    pub(crate) online: Online,
    pub(crate) shares: Shares,
    /// Criterion 3.1: by the catalogue, on the last day of the period.
    pub(crate) offered: Share,
    /// Criterion 3.2; none for a part of the province: its services are not its own.
    pub(crate) used: Option<Share>,
    /// Best first.
    pub(crate) ranking: Vec<Ranked>,
    /// How many have a place.
    pub(crate) ranked: usize,
}

/// A centre in the ranking.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub(crate) place: u32,
    pub(crate) unit: UnitId,
    pub(crate) measure: Measure,
    pub(crate) online: Online,
    pub(crate) shares: Shares,
}

/// How much came in online (criterion 3.3), of what is known how it came in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Online {
    pub(crate) stated: u64,
    pub(crate) online: u64,
}

impl From<&Figures> for Online {
    fn from(figures: &Figures) -> Self {
        Self { stated: figures.stated(), online: figures.count(Figure::ReceivedOnline) }
    }
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
        let db = self.outbox.database().read();
        let of_services = store::count(db, &chosen.selection, chosen.window, &[Dimension::Procedure]).await?;
        let came_in_online: BTreeSet<_> = of_services
            .into_iter()
            .filter(|(_, figures)| figures.count(Figure::ReceivedOnline) > 0)
            .filter_map(|(keys, _)| match keys.into_iter().next() {
                Some(Key::Name(code)) => Some(code),
                _ => None,
            })
            .collect();
        let (province, day) = (&chosen.today.value, chosen.period.to());
        let Selection { received_at, worked_at, field, procedure_code, officer, works, .. } =
            &chosen.selection;
        let is_asked_for = |procedure: &Procedure| {
            field.as_ref().is_none_or(|field| *field == procedure.field.vi)
                && procedure_code.as_ref().is_none_or(|code| *code == procedure.code)
        };
        let is_part = chosen.own.is_some()
            || received_at.is_some()
            || worked_at.is_some()
            || officer.is_some()
            || works.is_some();
        let used = used(province, day, is_asked_for, |code| came_in_online.contains(code));
        let used = Some(used).filter(|_| !is_part);
        let offered = offered(province, day, is_asked_for);
        chosen.selection.concerns = None;
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
        let beside: BTreeMap<_, _> = counted
            .iter()
            .filter_map(|(unit, figures)| Some(((*unit)?, (Online::from(*figures), Shares::from(*figures)))))
            .collect();
        let measures = counted.iter().filter_map(|(unit, figures)| {
            let unit = unit.as_ref().and_then(centre)?;
            Some(((unit.code.as_str(), unit.id), Measure::of(figures)?))
        });
        let ranking = ranking(measures);
        let ranked = ranking.len();
        let ranking = ranking.into_iter().map(|(place, (_, unit), measure)| {
            let (online, shares) = beside[&unit];
            Ranked { place, unit, measure, online, shares }
        });
        let ranking = ranking.filter(|one| chosen.own.is_none_or(|own| own == one.unit)).collect();
        let (online, shares) = (Online::from(&total), Shares::from(&total));
        let total = Measure::of(&total);
        Ok(ServiceIndex { total, online, shares, offered, used, ranking, ranked, chosen })
    }
}
