//! How a hall stands, and how long somebody will wait there.

use std::collections::BTreeMap;

use phidia_domain::{
    id::{Id as _, TicketId},
    province::Province,
    queue::{Hall, Letter, Outlook, Pace},
};
use phidia_runtime::failure::Failure;
use uuid::Uuid;

use super::held::{assemble, check_point};
use crate::{
    Intake,
    store::{
        halls::{self, Place},
        tickets::{self, TicketRecord},
    },
};

/// A hall, with what somebody who comes now may expect.
pub(crate) struct Seen {
    pub(crate) hall: Hall,
    /// Whether nothing was set up.
    pub(crate) usual: bool,
    /// By kind.
    pub(crate) outlooks: BTreeMap<Letter, Outlook>,
}

impl Intake {
    /// A hall as it is now.
    ///
    /// # Errors
    /// `NOT_FOUND` for a reception point that nobody has set up.
    pub(crate) async fn see_hall(&self, place: &Place) -> Result<Seen, Failure> {
        let today = self.versions.active().await?;
        let (conn, now) = (self.outbox.database().read(), self.business.now());
        let day = today.value.clock.local_date(now);
        let kept = halls::find(conn, &today.value.code, place, day).await?;
        check_point(place, &kept)?;
        let hall = assemble(conn, &today.value, place, day, &kept).await?;
        let paces = self.paces(&today.value, place, &hall).await?;
        let mut outlooks = BTreeMap::new();
        for kind in hall.arrangement.kinds.keys() {
            // As though they drew a number: it is given to nobody.
            let id = TicketId::from_uuid(Uuid::max());
            let mut hall = hall.clone();
            if hall.take(id, *kind, None, None, now).is_ok() {
                outlooks.extend(hall.outlook(id, &paces, now).map(|outlook| (*kind, outlook)));
            }
        }
        Ok(Seen { hall, usual: kept.arrangement.is_none(), outlooks })
    }

    /// What the holder of a ticket may expect; none where it does not wait.
    pub(crate) async fn outlook(&self, record: &TicketRecord) -> Result<Option<Outlook>, Failure> {
        let today = self.versions.active().await?;
        let (conn, now) = (self.outbox.database().read(), self.business.now());
        let day = today.value.clock.local_date(now);
        if record.day != day.to_string() {
            return Ok(None);
        }
        let kept = halls::find(conn, &today.value.code, &record.place, day).await?;
        let hall = assemble(conn, &today.value, &record.place, day, &kept).await?;
        let paces = self.paces(&today.value, &record.place, &hall).await?;
        Ok(hall.outlook(record.ticket.id, &paces, now))
    }

    /// How long each kind takes there.
    async fn paces(
        &self,
        province: &Province,
        place: &Place,
        hall: &Hall,
    ) -> Result<BTreeMap<Letter, Pace>, Failure> {
        let conn = self.outbox.database().read();
        let mut paces = BTreeMap::new();
        for (kind, business) in &hall.arrangement.kinds {
            let served = tickets::last_served(conn, &province.code, place, *kind).await?;
            paces.insert(*kind, Pace::of(business.usual_minutes, &served));
        }
        Ok(paces)
    }
}
