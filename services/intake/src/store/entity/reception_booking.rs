//! `reception_booking`: who has booked which time.

use sea_orm::entity::prelude::*;

/// A booking.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "reception_booking")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// Its number, which people name it by.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) number: String,
    /// With the number it is theirs.
    pub(crate) check_code: String,
    /// The unit.
    pub(crate) unit: Uuid,
    /// The local day of its time.
    pub(crate) date: String,
    /// Its time.
    pub(crate) starts_at: DateTimeUtc,
    /// What became of it.
    pub(crate) state: String,
    /// Stands for their telephone number.
    pub(crate) telephone: Vec<u8>,
    /// Whose key seals who they are.
    pub(crate) person: Uuid,
    /// Who they are and what it is about, sealed.
    pub(crate) said: Vec<u8>,
    /// What came of it, sealed under the same key.
    pub(crate) outcome: Option<Vec<u8>>,
    /// The feedback that came of it.
    pub(crate) feedback_number: Option<String>,
    /// Local day on which it was booked.
    pub(crate) day: String,
    /// Stands for whoever booked, on that day only.
    pub(crate) caller: Vec<u8>,
    /// Stands for all that they asked for, on that day only.
    pub(crate) same: Vec<u8>,
}

impl ActiveModelBehavior for ActiveModel {}
