//! What a provider said of a message that it had taken; also before we have written down that it did.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "receipt")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider: String,
    /// What the provider calls the message.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) provider_ref: String,
    /// One of each kind: that it comes twice changes nothing.
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) kind: String,
    /// The code that came with it; may be empty.
    pub(crate) code: String,
    /// Real time at which it came first.
    pub(crate) seen_at: DateTimeUtc,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
