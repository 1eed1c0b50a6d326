//! What the feed says with every event of an application, and filters look at.

use sea_orm::entity::prelude::*;

#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "feed_subject")]
pub(crate) struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) province: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub(crate) application_id: Uuid,
    /// Empty: it was accepted before this was kept.
    pub(crate) procedure_code: String,
    /// Units that have to do with it, in the order in which they came to, `ctr_…`.
    pub(crate) units: Json,
}

#[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
pub(crate) enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
