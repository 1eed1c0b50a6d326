//! How the applications of each centre stand, for anybody.

use jiff::civil::Date;
use phidia_domain::{
    Rejection, application::Status, conservation::Published, id::UnitId, province::Province,
};
use phidia_runtime::failure::Failure;

use crate::{
    Intake,
    store::receipts::{self as store, Which},
};

impl Intake {
    /// The sums of all receipts, or of those in the tree of a day.
    ///
    /// # Errors
    /// `NOT_FOUND` for a day that is not closed.
    pub(crate) async fn centre_sums(&self, day: Option<Date>) -> Result<Published, Failure> {
        let (version, conn) = (self.versions.active().await?, self.outbox.database().read());
        let province = &version.value;
        if let Some(day) = day
            && store::day(conn, &province.code, day).await?.is_none()
        {
            return Err(Rejection::not_found("UNKNOWN_DAY", "this day is not closed").into());
        }
        let which = day.map_or(Which::All, Which::Of);
        Ok(published(province, store::sums(conn, &province.code, which).await?))
    }
}

/// What was counted, by the codes of today. A unit that is no more keeps its id.
pub(super) fn published(
    province: &Province,
    counted: impl IntoIterator<Item = (UnitId, Option<Status>, u64)>,
) -> Published {
    let mut published = Published::default();
    for (unit, status, many) in counted {
        let code = province.units.get(&unit).map_or_else(|| unit.to_string(), |unit| unit.code.clone());
        published.0.entry(code).or_default().count(status, many);
    }
    published
}
