//! `ticket`: numbers that were drawn, until they are old.

use sea_orm::entity::prelude::*;

/// A ticket.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "ticket")]
pub(crate) struct Model {
    /// Code of the province.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    /// `tkt_…`.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) id: Uuid,
    /// Of its hall.
    pub(crate) unit: Uuid,
    /// Of its hall.
    pub(crate) point: String,
    /// Local day on which it was drawn.
    pub(crate) day: String,
    /// SHA-256 of who drew it: to be compared with who comes.
    pub(crate) holder: String,
    /// Letter of the kind for which it waits.
    pub(crate) kind: String,
    /// How it stands.
    pub(crate) state: String,
    /// When it ended.
    pub(crate) ended_at: Option<DateTimeUtc>,
    /// Whether it is in the sums of its day.
    pub(crate) summed: bool,
    /// The ticket.
    pub(crate) body: Json,
}

impl ActiveModelBehavior for ActiveModel {}
