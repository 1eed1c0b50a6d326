//! Dates that move without the application coming any further.

use jiff::Timestamp;
use phidia_domain::{
    Rejection,
    id::{ApplicationId, Id as _},
};
use phidia_runtime::{database::to_db, failure::Failure};
use sea_orm::{
    ActiveValue::{NotSet, Set},
    ConnectionTrait,
    entity::prelude::*,
};

use super::entity::application::{ActiveModel, Column, Entity};

/// What an application is told of its dates; what is none stays as it is.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Dates {
    /// The promised instant.
    pub(crate) due_at: Option<Timestamp>,
    /// The new appointment.
    pub(crate) appointment_at: Option<Timestamp>,
}

/// Writes them down.
///
/// # Errors
/// `NOT_FOUND` for an unknown application.
pub(crate) async fn save<C: ConnectionTrait>(
    tx: &C,
    province: &str,
    id: ApplicationId,
    dates: Dates,
) -> Result<(), Failure> {
    let set = |at: Option<Timestamp>| at.map_or(NotSet, |at| Set(Some(to_db(at))));
    let row = ActiveModel {
        due_at: set(dates.due_at),
        appointment_at: set(dates.appointment_at),
        ..Default::default()
    };
    let own = Entity::update_many().filter(Column::Province.eq(province)).filter(Column::Id.eq(id.uuid()));
    match own.set(row).exec(tx).await?.rows_affected {
        0 => Err(Rejection::not_found("UNKNOWN_APPLICATION", "no application has this id").into()),
        _ => Ok(()),
    }
}
